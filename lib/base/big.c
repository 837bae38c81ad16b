/* Natural numbers of many words, by the schoolbook methods (Knuth, volume 2, 4.3.1): real.c needs
 * no more than products with one word, shifts, sums and comparisons. */
#include "base/big.h"

#include <string.h>

#include "base/number.h"

enum { BIG_FIVES = 27 }; /* 5^27 is the greatest power of 5 in 64 bits */

void sj__big_set(sj__big *a, uint64_t v)
{
    a->words[0] = v;
    a->n = v != 0;
}

/* a = a × factor + more. */
void sj__big_multiply(sj__big *a, uint64_t factor, uint64_t more)
{
    uint64_t carry = more;

    for (int i = 0; i < a->n; i++) {
        sj__u128 product = (sj__u128)a->words[i] * factor + carry;

        a->words[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry != 0)
        a->words[a->n++] = carry;
}

void sj__big_multiply_five(sj__big *a, int power)
{
    uint64_t factor = 1;

    for (; power >= BIG_FIVES; power -= BIG_FIVES)
        sj__big_multiply(a, UINT64_C(7450580596923828125), 0);
    while (power-- > 0)
        factor *= 5;
    sj__big_multiply(a, factor, 0);
}

void sj__big_shift_left(sj__big *a, int bits)
{
    int words = bits / 64;
    int rest = bits % 64;

    if (a->n == 0)
        return;
    a->words[a->n] = 0;
    for (int i = a->n; i >= 0; i--) {
        uint64_t low = rest > 0 && i > 0 ? a->words[i - 1] >> (64 - rest) : 0;

        a->words[i + words] = a->words[i] << rest | low;
    }
    memset(a->words, 0, (size_t)words * sizeof *a->words);
    a->n += words + 1;
    if (a->words[a->n - 1] == 0)
        a->n--;
}

int sj__big_bits(const sj__big *a)
{
    return a->n == 0 ? 0 : 64 * a->n - __builtin_clzll(a->words[a->n - 1]);
}

int sj__big_compare(const sj__big *a, const sj__big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--) {
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    }
    return 0;
}

/* a −= b, where a >= b. */
void sj__big_subtract(sj__big *a, const sj__big *b)
{
    uint64_t borrow = 0;

    for (int i = 0; i < a->n; i++) {
        sj__u128 part = (sj__u128)(i < b->n ? b->words[i] : 0) + borrow;

        borrow = part > a->words[i];
        a->words[i] -= (uint64_t)part;
    }
    while (a->n > 0 && a->words[a->n - 1] == 0)
        a->n--;
}

void sj__big_add(sj__big *a, const sj__big *b)
{
    uint64_t carry = 0;

    for (int i = 0; i < b->n || carry != 0; i++) {
        sj__u128 sum = carry;

        if (i >= a->n) {
            a->words[i] = 0;
            a->n = i + 1;
        }
        sum += a->words[i];
        sum += i < b->n ? b->words[i] : 0;
        a->words[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}
