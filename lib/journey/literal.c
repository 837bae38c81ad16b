/* Decimal literals: the one spelling of a number, and how whole numbers see it, exactly and without
 * rounding. */
#include "journey/literal.h"

/* Longest run of zeros at either end before an exponent says it shorter. */
enum { LITERAL_ZEROS = 20 };

static void literal_write_digits(const char **digits, int64_t n, sj__text *text)
{
    for (int64_t i = 0; i < n; i++)
        sj__text_char(text, (char)('0' + sj__decimal_next(digits)));
}

static void literal_write_zeros(int64_t n, sj__text *text)
{
    for (int64_t i = 0; i < n; i++)
        sj__text_char(text, '0');
}

void sj__decimal_write(const sj__decimal *decimal, sj__text *text)
{
    const char *digits = decimal->digits;
    const int64_t n = (int64_t)decimal->n, point = decimal->point;
    if (decimal->negative && n)
        sj__text_char(text, '-');
    if (n == 0) {
        sj__text_char(text, '0');
    } else if (point >= n && point <= n + LITERAL_ZEROS) {
        literal_write_digits(&digits, n, text);
        literal_write_zeros(point - n, text);
    } else if (point > 0 && point < n) {
        literal_write_digits(&digits, point, text);
        sj__text_char(text, '.');
        literal_write_digits(&digits, n - point, text);
    } else if (point <= 0 && point >= -LITERAL_ZEROS) {
        sj__text_add(text, "0.");
        literal_write_zeros(-point, text);
        literal_write_digits(&digits, n, text);
    } else {
        literal_write_digits(&digits, n, text);
        sj__text_char(text, 'e');
        sj__text_integer(text, point - n);
    }
}

sj__whole sj__decimal_whole(const sj__decimal *decimal)
{
    const char *digits = decimal->digits;
    const int64_t n = (int64_t)decimal->n;
    const int64_t point = n ? decimal->point : 0; /* digits before the point */
    const sj__whole beyond = {.beyond = decimal->negative ? -1 : 1};
    sj__whole out = {.fraction = point < n};
    uint64_t size = 0;
    if (point > 19)
        return beyond;
    for (int64_t i = 0; i < point; i++)
        size = size * 10 + (i < n ? sj__decimal_next(&digits) : 0);
    if (decimal->negative)
        size += (uint64_t)out.fraction;
    if (size > (uint64_t)INT64_MAX + (uint64_t)(decimal->negative != 0))
        return beyond;
    if (decimal->negative) {
        out.floor = size ? -(int64_t)(size - 1) - 1 : 0;
    } else {
        out.floor = (int64_t)size;
    }
    return out;
}
