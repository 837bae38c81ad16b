/* Stable sort by 64-bit keys: least significant byte first radix sort (Knuth, volume 3, 5.2.5) with
 * one pass that counts all eight bytes, O(n); insertion sort for few, where counting would cost
 * more than sorting. */
#include "base/sort.h"

#include <string.h>

enum { SORT_FEW = 64, SORT_BYTES = 8 };

static void sort_insert(sj__pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sj__pair moved = pairs[i];
        size_t k = i;

        for (; k > 0 && pairs[k - 1].key > moved.key; k--)
            pairs[k] = pairs[k - 1];
        pairs[k] = moved;
    }
}

/* One pass over one byte; `counts` becomes the positions. */
static void sort_pass(const sj__pair *from, sj__pair *to, size_t n, int shift, size_t *counts)
{
    size_t start = 0;

    for (size_t i = 0; i < 256; i++) {
        size_t count = counts[i];

        counts[i] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++)
        to[counts[from[i].key >> shift & 0xFF]++] = from[i];
}

void sj__sort_pairs(sj__pair *pairs, sj__pair *scratch, size_t n)
{
    size_t counts[SORT_BYTES][256];
    sj__pair *from = pairs;
    sj__pair *to = scratch;
    size_t ordered = 1;

    while (ordered < n && pairs[ordered - 1].key <= pairs[ordered].key)
        ordered++;
    if (ordered >= n)
        return;
    if (n <= SORT_FEW) {
        sort_insert(pairs, n);
        return;
    }
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        for (int byte = 0; byte < SORT_BYTES; byte++)
            counts[byte][pairs[i].key >> (8 * byte) & 0xFF]++;
    }
    for (int byte = 0; byte < SORT_BYTES; byte++) {
        sj__pair *swapped = from;

        if (counts[byte][pairs[0].key >> (8 * byte) & 0xFF] == n)
            continue;
        sort_pass(from, to, n, 8 * byte, counts[byte]);
        from = to;
        to = swapped;
    }
    if (from != pairs)
        memcpy(pairs, from, n * sizeof *pairs);
}
