/* Ledgers put together: one added to another, and one settled, so that equal counts lie in equal
 * rows. Add: O(size of the other); settle: O(rows log rows). */
#include <string.h>

#include "tally/ledger.h"

/* ---------------------------------------------------------------------------------- additions --
 */

/* The letters of a ledger's keys, so that no key asks for them again. */
typedef struct ledger_letters {
    const char *key;
    size_t last; /* the letter of this part and, with a star, of all behind it */
} ledger_letters;

static ledger_letters ledger_letters_of(const sj__ledger *ledger)
{
    const char *key = ledger->spec->key;
    const size_t n = strlen(key);
    return (ledger_letters){key, n > 1 && key[n - 1] == '*' ? n - 2 : n};
}

static int ledger_is_name(ledger_letters letters, size_t i)
{
    return letters.key[i < letters.last ? i : letters.last] == 'n';
}

/* Copies a key with its names renumbered. */
static void ledger_rename(const sj__ledger *ledger, ledger_letters letters, size_t row,
                          const int32_t *names, int32_t *to)
{
    size_t n;
    const int32_t *key = sj__ledger_key(ledger, row, &n);
    for (size_t i = 0; i < n; i++)
        to[i] = ledger_is_name(letters, i) && key[i] >= 0 ? names[key[i]] : key[i];
}

static size_t ledger_longest_key(const sj__ledger *ledger)
{
    size_t longest = 0;
    for (size_t row = 0; row < ledger->n_rows; row++) {
        size_t n;
        sj__ledger_key(ledger, row, &n);
        longest = n > longest ? n : longest;
    }
    return longest;
}

static sj_status ledger_overflow(const sj__ledger *ledger, sj_error *error)
{
    return sj__fail(error, SJ_ERR_OVERFLOW, "a counter of ledger %q leaves the range of its type",
                    ledger->spec->name);
}

/* row `into` of `to` += sign * row `row` of `from` */
static sj_status ledger_add_row(sj__ledger *to, size_t into, const sj__ledger *from, size_t row,
                                int sign, sj_error *error)
{
    for (size_t i = 0; i < to->n_counts; i++) {
        int64_t *count = &sj__ledger_counts(to, into)[i];
        int64_t more = sj__ledger_counts(from, row)[i];
        if (sign > 0 ? __builtin_add_overflow(*count, more, count)
                     : __builtin_sub_overflow(*count, more, count))
            return ledger_overflow(to, error);
    }
    for (size_t i = 0; i < to->n_sums; i++) {
        sj__i128 *sum = &sj__ledger_sums(to, into)[i];
        sj__i128 more = sj__ledger_sums(from, row)[i];
        if (sign > 0 ? __builtin_add_overflow(*sum, more, sum)
                     : __builtin_sub_overflow(*sum, more, sum))
            return ledger_overflow(to, error);
    }
    sj_status status = SJ_OK;
    for (size_t i = 0; i < to->n_spreads && status == SJ_OK; i++)
        status = sj__spread_merge(&sj__ledger_spreads(to, into)[i], to->allocator,
                                  &sj__ledger_spreads(from, row)[i], sign, error);
    return status;
}

sj_status sj__ledger_add(sj__ledger *to, const sj__ledger *from, const int32_t *names, int sign,
                         sj_error *error)
{
    sj_status status = SJ_OK;
    const ledger_letters letters = ledger_letters_of(from);
    size_t longest = ledger_longest_key(from);
    int32_t *key = sj__alloc(to->allocator, longest, sizeof *key);
    if (key == NULL)
        return sj__fail_nomem(error);
    for (size_t row = 0; row < from->n_rows && status == SJ_OK; row++) {
        size_t n, into;
        sj__ledger_key(from, row, &n);
        ledger_rename(from, letters, row, names, key);
        status = sj__ledger_row(to, key, n, &into, error);
        if (status == SJ_OK)
            status = ledger_add_row(to, into, from, row, sign, error);
    }
    sj__free(to->allocator, key, longest, sizeof *key);
    return status;
}

/* ----------------------------------------------------------------------------------- settling --
 */

static int ledger_is_zero(const sj__ledger *ledger, size_t row)
{
    for (size_t i = 0; i < ledger->n_counts; i++) {
        if (sj__ledger_counts(ledger, row)[i] != 0)
            return 0;
    }
    for (size_t i = 0; i < ledger->n_sums; i++) {
        if (sj__ledger_sums(ledger, row)[i] != 0)
            return 0;
    }
    for (size_t i = 0; i < ledger->n_spreads; i++) {
        if (sj__ledger_spreads(ledger, row)[i].used != 0)
            return 0;
    }
    return 1;
}

void sj__ledger_tidy(sj__ledger *ledger, uint8_t *used)
{
    const ledger_letters letters = ledger_letters_of(ledger);
    for (size_t i = 0; i < ledger->n_rows * ledger->n_spreads; i++) {
        sj__spread *spread = &ledger->spreads[i];
        sj__spread_sort(spread);
        if (spread->used == 0) {
            sj__spread_free(spread, ledger->allocator);
            *spread = (sj__spread){0};
        }
    }
    for (size_t row = 0; row < ledger->n_rows; row++) {
        size_t n;
        const int32_t *key = sj__ledger_key(ledger, row, &n);
        if (ledger_is_zero(ledger, row))
            continue;
        for (size_t i = 0; i < n; i++) {
            if (ledger_is_name(letters, i) && key[i] >= 0)
                used[key[i]] = 1;
        }
    }
}

/* Where the rising run that begins at `low` ends. */
static size_t ledger_run(const sj__ledger *ledger, const uint32_t *rows, size_t low, size_t n)
{
    size_t high = low + 1;
    while (high < n && sj__ledger_compare(ledger, rows[high - 1], rows[high]) <= 0)
        high++;
    return high < n ? high : n;
}

/* Sorts rows by key: merges neighbouring runs until there is one, so that rows which an analysis
 * puts down in order, and a settled tally with another behind it, cost a pass or two.  Allocates
 * nothing but `scratch`. */
static uint32_t *ledger_sort(const sj__ledger *ledger, uint32_t *rows, uint32_t *scratch, size_t n)
{
    while (n > 1 && ledger_run(ledger, rows, 0, n) < n) {
        for (size_t low = 0, middle, high; low < n; low = high) {
            middle = ledger_run(ledger, rows, low, n);
            high = middle < n ? ledger_run(ledger, rows, middle, n) : n;
            size_t a = low, b = middle;
            for (size_t i = low; i < high; i++) {
                int left =
                    a < middle && (b == high || sj__ledger_compare(ledger, rows[a], rows[b]) <= 0);
                scratch[i] = left ? rows[a++] : rows[b++];
            }
        }
        uint32_t *swap = rows;
        rows = scratch;
        scratch = swap;
    }
    return rows;
}

/* Renamed keys of the rows of `from` that are not zero, into `keys`; origin[i] is the row that
 * the i-th came from. */
static sj_status ledger_rename_all(const sj__ledger *from, const int32_t *names, sj__ledger *keys,
                                   uint32_t *origin, sj_error *error)
{
    const sj_allocator *a = keys->allocator;
    const ledger_letters letters = ledger_letters_of(from);
    sj_status status = sj__grow(a, &keys->parts, &keys->parts_capacity, from->n_parts, error);
    if (status == SJ_OK)
        status = sj__grow(a, &keys->key_end, &keys->key_capacity, from->n_rows, error);
    for (size_t row = 0; row < from->n_rows && status == SJ_OK; row++) {
        if (ledger_is_zero(from, row))
            continue;
        size_t n;
        sj__ledger_key(from, row, &n);
        ledger_rename(from, letters, row, names, keys->parts + keys->n_parts);
        keys->n_parts += n;
        keys->key_end[keys->n_rows] = keys->n_parts;
        origin[keys->n_rows++] = (uint32_t)row;
    }
    return status;
}

/* Row `row` of `from` becomes the last of `to`, which borrows its spreads; there is room. */
static void ledger_take_row(sj__ledger *to, const int32_t *key, size_t n, const sj__ledger *from,
                            size_t row)
{
    size_t into = sj__ledger_append(to, key, n);
    if (to->n_counts > 0)
        memcpy(sj__ledger_counts(to, into), sj__ledger_counts(from, row),
               to->n_counts * sizeof *to->counts);
    if (to->n_sums > 0)
        memcpy(sj__ledger_sums(to, into), sj__ledger_sums(from, row),
               to->n_sums * sizeof *to->sums);
    if (to->n_spreads > 0)
        memcpy(sj__ledger_spreads(to, into), sj__ledger_spreads(from, row),
               to->n_spreads * sizeof *to->spreads);
}

sj_status sj__ledger_settle(const sj__ledger *from, const int32_t *names, sj__ledger *to,
                            sj_error *error)
{
    const sj_allocator *a = to->allocator;
    size_t n_rows = from->n_rows;
    sj__ledger keys;
    uint32_t *origin = sj__alloc(a, n_rows, sizeof *origin);
    uint32_t *order = sj__alloc(a, n_rows, sizeof *order);
    uint32_t *scratch = sj__alloc(a, n_rows, sizeof *scratch);
    sj_status status = SJ_OK;
    sj__ledger_init(&keys, from->spec, a);
    if (origin == NULL || order == NULL || scratch == NULL) {
        status = sj__fail_nomem(error);
        goto out;
    }
    status = ledger_rename_all(from, names, &keys, origin, error);
    if (status == SJ_OK)
        status = sj__ledger_reserve(to, keys.n_rows, keys.n_parts, error);
    if (status == SJ_OK) {
        for (size_t i = 0; i < keys.n_rows; i++)
            order[i] = (uint32_t)i;
        const uint32_t *sorted = ledger_sort(&keys, order, scratch, keys.n_rows);
        for (size_t i = 0; i < keys.n_rows; i++) {
            size_t n;
            const int32_t *key = sj__ledger_key(&keys, sorted[i], &n);
            ledger_take_row(to, key, n, from, origin[sorted[i]]);
        }
    }
out:
    sj__free(a, origin, n_rows, sizeof *origin);
    sj__free(a, order, n_rows, sizeof *order);
    sj__free(a, scratch, n_rows, sizeof *scratch);
    sj__ledger_free(&keys);
    return status;
}

void sj__ledger_forget_spreads(sj__ledger *ledger)
{
    if (ledger->spreads != NULL)
        memset(ledger->spreads, 0, ledger->n_rows * ledger->n_spreads * sizeof *ledger->spreads);
}
