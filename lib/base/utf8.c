/* UTF-8: well-formedness, cutting, width on a terminal, and the distance of two names.
 *
 * Well formed is what table 3-7 of the Unicode standard lists, without NUL; runs of ASCII are
 * checked eight bytes at a time.  The distance is Damerau–Levenshtein in its form where no part is
 * edited twice (optimal string alignment), computed in the band of diagonals around the main one
 * (Ukkonen 1985): O(length × limit), constant memory. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the well-formed character at s, 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t length;

    if (s[0] < 0x80)
        return s[0] != 0;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    length = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (n < length || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

size_t sj__utf8_check(const char *s, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t i = 0;

    while (i < n) {
        uint64_t word;
        size_t length;

        if (n - i >= sizeof word) {
            memcpy(&word, bytes + i, sizeof word);
            if (((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) ==
                0) {
                i += sizeof word;
                continue;
            }
        }
        length = utf8_length(bytes + i, n - i);
        if (length == 0)
            return i;
        i += length;
    }
    return n;
}

size_t sj__utf8_cut(const char *s, size_t n, size_t limit)
{
    if (limit >= n)
        return n;
    while (limit > 0 && ((unsigned char)s[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}

typedef struct utf8_range {
    uint32_t first;
    uint32_t last;
} utf8_range;

static int utf8_within(uint32_t c, const utf8_range *ranges, size_t n)
{
    for (size_t i = 0; i < n && ranges[i].first <= c; i++) {
        if (c <= ranges[i].last)
            return 1;
    }
    return 0;
}

/* Columns of one character.  The blocks are those that names are likely to use, not every entry of
 * the Unicode tables. */
static size_t utf8_columns(uint32_t c)
{
    static const utf8_range combining[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},   {0x064B, 0x065F},
        {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF},
        {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF},   {0x3099, 0x309A},
        {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
    };
    static const utf8_range wide[] = {
        {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2E80, 0x303E},
        {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
        {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE4F},
        {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF}, {0x1B000, 0x1B2FF},
        {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
    };

    if (c < 0x300)
        return 1;
    if (utf8_within(c, combining, sizeof combining / sizeof *combining))
        return 0;
    return utf8_within(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t sj__utf8_width(const char *s, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t width = 0;
    size_t length;

    for (size_t i = 0; i < n; i += length) {
        uint32_t c = bytes[i];

        length = utf8_length(bytes + i, n - i);
        if (length <= 1) {
            length = 1;
            width++;
            continue;
        }
        c &= 0x7Fu >> length;
        for (size_t k = 1; k < length; k++)
            c = c << 6 | (bytes[i + k] & 0x3Fu);
        width += utf8_columns(c);
    }
    return width;
}

enum { UTF8_DISTANCE_LIMIT = 16, UTF8_DISTANCE_BAND = 2 * UTF8_DISTANCE_LIMIT + 3 };

static size_t utf8_distance_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A row of the table, by diagonal: entry k stands for column j = i + k − limit − 1; both ends are
 * walls. */
static size_t utf8_distance_row(const size_t *before, const size_t *last, size_t *row,
                                const char *a, size_t i, const char *b, size_t nb, size_t limit)
{
    size_t best = limit;

    row[0] = row[2 * limit + 2] = limit;
    for (size_t k = 1; k <= 2 * limit + 1; k++) {
        size_t j = i + k - limit - 1;
        size_t d;

        row[k] = limit;
        if (i + k < limit + 1 || j > nb)
            continue;
        if (j == 0) {
            d = i;
        } else {
            d = last[k] + (a[i - 1] != b[j - 1]);
            d = utf8_distance_least(d, utf8_distance_least(last[k + 1], row[k - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = utf8_distance_least(d, before[k] + 1);
        }
        row[k] = utf8_distance_least(d, limit);
        best = utf8_distance_least(best, row[k]);
    }
    return best;
}

size_t sj__text_distance(const char *a, size_t na, const char *b, size_t nb, size_t limit)
{
    size_t rows[3][UTF8_DISTANCE_BAND] = {{0}};
    size_t best = 0;

    limit = utf8_distance_least(limit, UTF8_DISTANCE_LIMIT);
    if ((na > nb ? na - nb : nb - na) >= limit)
        return limit;
    for (size_t k = 0; k <= 2 * limit + 2; k++) {
        size_t j = k - limit - 1; /* row 0: column j costs j insertions */

        rows[0][k] = k >= limit + 1 && j <= nb ? utf8_distance_least(j, limit) : limit;
        rows[2][k] = limit;
    }
    for (size_t i = 1; i <= na; i++) {
        size_t least = utf8_distance_row(rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3], a, i, b,
                                         nb, limit);

        if (least >= limit && best >= limit)
            return limit;
        best = least;
    }
    return rows[na % 3][nb + limit + 1 - na];
}
