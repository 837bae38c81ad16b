/* Natural numbers of fixed room, for exact conversions between doubles and decimals. */
#ifndef SJ__BASE_BIG_H
#define SJ__BASE_BIG_H

#include <stdint.h>

enum { SJ__BIG_WORDS = 48 }; /* 3,072 bits; the longest number of real.c has under 2,800 */

/* Lowest word first; words[n - 1] is not 0, and 0 has no words.  Nothing here checks for room: who
 * calls knows its bounds. */
typedef struct sj__big {
    uint64_t words[SJ__BIG_WORDS];
    int n;
} sj__big;

void sj__big_set(sj__big *a, uint64_t v);
void sj__big_multiply(sj__big *a, uint64_t factor, uint64_t more); /* a = a × factor + more */
void sj__big_multiply_five(sj__big *a, int power);                 /* a = a × 5^power */
void sj__big_shift_left(sj__big *a, int bits);
int sj__big_bits(const sj__big *a);                      /* length; 0 for 0 */
int sj__big_compare(const sj__big *a, const sj__big *b); /* -1, 0, 1 */
void sj__big_subtract(sj__big *a, const sj__big *b);     /* a >= b */
void sj__big_add(sj__big *a, const sj__big *b);

#endif
