/* Numbers to text and back, exactly and without the locale. */
#ifndef SJ__BASE_NUMBER_H
#define SJ__BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 sj__i128;
__extension__ typedef unsigned __int128 sj__u128;

enum { SJ__READ_OK = 0, SJ__READ_BAD = 1, SJ__READ_RANGE = 2 };

/* The whole of s must be the number; no blanks, no locale, no hexadecimal, no inf or nan.  *out is
 * written on READ_OK only. */
int sj__read_integer(const char *s, size_t n, int64_t *out); /* [+-]digits */
int sj__read_i128(const char *s, size_t n, sj__i128 *out);
/* [+-]digits[.digits][e[+-]digits], a digit on at least one side of the point, to the nearest
 * 10^-6, halves to even; RANGE where that is beyond ±9.2·10^12. */
int sj__read_fixed6(const char *s, size_t n, int64_t *out);
/* The same grammar, to the nearest double; RANGE where that is infinite. */
int sj__read_real(const char *s, size_t n, double *out);

/* Bytes written; no NUL.  Room needed: 20, 20, 40, 32. */
size_t sj__write_integer(char *to, int64_t v);
size_t sj__write_unsigned(char *to, uint64_t v);
size_t sj__write_i128(char *to, sj__i128 v);
/* The shortest text that reads back as v, of those the nearest: "0.1", "12", "-0.000001"; below
 * 10^-6 and from 10^16 on "1.5e-7", "1e+300"; -0 as "0".  "nan", "inf", "-inf" do not read back. */
size_t sj__write_real(char *to, double v);

/* double to 10^-6, halves to even; BAD for NaN, RANGE for what does not fit (beyond ±9.2·10^12). */
int sj__fixed6_from_real(double v, int64_t *out);
/* The double nearest to v / 10^6. */
double sj__fixed6_to_real(sj__i128 v);
/* The double nearest to sum / count, halves to even; count from 1 to 2^63. */
double sj__mean(sj__u128 sum, uint64_t count);

#endif
