/* Ledgers: rows of additive counters, found by a key.
 *
 * Counters lie in one array per kind, so a row costs no allocation of its own; rows are found by a
 * hash of their key and never move while a scan counts.  A row: O(length of key). */
#include "tally/ledger.h"

#include <string.h>

#include "base/checked.h"

typedef struct ledger_key {
    const sj__ledger *ledger;
    const int32_t *parts;
    size_t n;
} ledger_key;

static size_t ledger_words(const char *names)
{
    size_t n = 0;
    for (size_t i = 0; names[i] != '\0'; i++)
        n += names[i] != ' ' && (i == 0 || names[i - 1] == ' ');
    return n;
}

void sj__ledger_init(sj__ledger *ledger, const sj__ledger_spec *spec, const sj_allocator *allocator)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->spec = spec;
    ledger->allocator = allocator;
    ledger->n_counts = ledger_words(spec->counts);
    ledger->n_sums = ledger_words(spec->sums);
    ledger->n_spreads = ledger_words(spec->spreads);
    sj__index_init(&ledger->index, allocator);
}

void sj__ledger_free(sj__ledger *ledger)
{
    const sj_allocator *a = ledger->allocator;
    if (a == NULL)
        return;
    for (size_t i = 0; ledger->spreads != NULL && i < ledger->n_rows * ledger->n_spreads; i++)
        sj__spread_free(&ledger->spreads[i], a);
    sj__free(a, ledger->parts, ledger->parts_capacity, sizeof *ledger->parts);
    sj__free(a, ledger->key_end, ledger->key_capacity, sizeof *ledger->key_end);
    sj__free(a, ledger->counts, ledger->counts_capacity, sizeof *ledger->counts);
    sj__free(a, ledger->sums, ledger->sums_capacity, sizeof *ledger->sums);
    sj__free(a, ledger->spreads, ledger->spreads_capacity, sizeof *ledger->spreads);
    sj__index_free(&ledger->index);
    memset(ledger, 0, sizeof *ledger);
}

/* --------------------------------------------------------------------------------------- keys --
 */

char sj__ledger_part(const sj__ledger_spec *spec, size_t i)
{
    size_t letters = strlen(spec->key);
    if (letters > 0 && spec->key[letters - 1] == '*') {
        if (i + 1 >= letters)
            i = letters - 2;
        return spec->key[i];
    }
    return spec->key[i < letters ? i : letters];
}

int sj__ledger_takes(const sj__ledger_spec *spec, size_t n)
{
    size_t letters = strlen(spec->key);
    if (letters > 0 && spec->key[letters - 1] == '*')
        return n + 2 >= letters; /* the letter before the star may be left out */
    return n == letters;
}

const int32_t *sj__ledger_key(const sj__ledger *ledger, size_t row, size_t *n)
{
    size_t from = row == 0 ? 0 : (size_t)ledger->key_end[row - 1];
    *n = (size_t)ledger->key_end[row] - from;
    return ledger->parts + from;
}

static int ledger_compare_keys(const int32_t *a, size_t na, const int32_t *b, size_t nb)
{
    for (size_t i = 0; i < na && i < nb; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return (na > nb) - (na < nb);
}

int sj__ledger_compare(const sj__ledger *ledger, size_t row, size_t other)
{
    size_t na, nb;
    const int32_t *a = sj__ledger_key(ledger, row, &na);
    const int32_t *b = sj__ledger_key(ledger, other, &nb);
    return ledger_compare_keys(a, na, b, nb);
}

static uint64_t ledger_hash(const int32_t *key, size_t n)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = sj__hash_mix(h ^ (uint32_t)key[i]);
    return h;
}

static int ledger_same(const void *user, uint32_t position, const void *wanted)
{
    const ledger_key *key = wanted;
    size_t n;
    const int32_t *parts = sj__ledger_key(user, position, &n);
    return n == key->n && (n == 0 || memcmp(parts, key->parts, n * sizeof *parts) == 0);
}

size_t sj__ledger_find(const sj__ledger *ledger, const int32_t *key, size_t n)
{
    const ledger_key wanted = {ledger, key, n};
    uint32_t row =
        sj__index_find(&ledger->index, ledger_hash(key, n), ledger_same, ledger, &wanted);
    return row == SJ__ABSENT ? SIZE_MAX : row;
}

/* --------------------------------------------------------------------------------------- rows --
 */

/* Room for `rows` in all and `parts` in all. */
static sj_status ledger_room(sj__ledger *ledger, size_t rows, size_t parts, sj_error *error)
{
    const sj_allocator *a = ledger->allocator;
    size_t counts, sums, spreads;
    if (rows == 0)
        return SJ_OK;
    if (!sj__size_multiply(rows, ledger->n_counts, &counts) ||
        !sj__size_multiply(rows, ledger->n_sums, &sums) ||
        !sj__size_multiply(rows, ledger->n_spreads, &spreads))
        return sj__fail_nomem(error);
    sj_status status = sj__grow(a, &ledger->parts, &ledger->parts_capacity, parts, error);
    if (status == SJ_OK)
        status = sj__grow(a, &ledger->key_end, &ledger->key_capacity, rows, error);
    if (status == SJ_OK && counts > 0)
        status = sj__grow(a, &ledger->counts, &ledger->counts_capacity, counts, error);
    if (status == SJ_OK && sums > 0)
        status = sj__grow(a, &ledger->sums, &ledger->sums_capacity, sums, error);
    if (status == SJ_OK && spreads > 0)
        status = sj__grow(a, &ledger->spreads, &ledger->spreads_capacity, spreads, error);
    return status;
}

sj_status sj__ledger_reserve(sj__ledger *ledger, size_t rows, size_t parts, sj_error *error)
{
    if (!sj__size_add(ledger->n_rows, rows, &rows) || !sj__size_add(ledger->n_parts, parts, &parts))
        return sj__fail_nomem(error);
    sj_status status = ledger_room(ledger, rows, parts, error);
    return status == SJ_OK ? sj__index_reserve(&ledger->index, rows - ledger->n_rows, error)
                           : status;
}

size_t sj__ledger_append(sj__ledger *ledger, const int32_t *key, size_t n)
{
    size_t row = ledger->n_rows++;
    if (n > 0)
        memcpy(ledger->parts + ledger->n_parts, key, n * sizeof *key);
    ledger->n_parts += n;
    ledger->key_end[row] = ledger->n_parts;
    if (ledger->n_counts > 0)
        memset(sj__ledger_counts(ledger, row), 0, ledger->n_counts * sizeof *ledger->counts);
    if (ledger->n_sums > 0)
        memset(sj__ledger_sums(ledger, row), 0, ledger->n_sums * sizeof *ledger->sums);
    if (ledger->n_spreads > 0)
        memset(sj__ledger_spreads(ledger, row), 0, ledger->n_spreads * sizeof *ledger->spreads);
    sj__index_insert(&ledger->index, ledger_hash(key, n), (uint32_t)row);
    return row;
}

sj_status sj__ledger_row(sj__ledger *ledger, const int32_t *key, size_t n, size_t *row,
                         sj_error *error)
{
    *row = sj__ledger_find(ledger, key, n);
    if (*row != SIZE_MAX)
        return SJ_OK;
    if (SJ__NEVER(!sj__ledger_takes(ledger->spec, n)))
        return sj__fail(error, SJ_ERR_ARGUMENT, "a key of %u parts is none of ledger %q",
                        (uint64_t)n, ledger->spec->name);
    if (ledger->n_rows >= UINT32_MAX - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "ledger %q has no room above 4294967294 rows",
                        ledger->spec->name);
    sj_status status = sj__ledger_reserve(ledger, 1, n, error);
    if (status == SJ_OK)
        *row = sj__ledger_append(ledger, key, n);
    return status;
}

sj_status sj__ledger_spread(sj__ledger *ledger, size_t row, size_t spread, int64_t v,
                            sj_error *error)
{
    return sj__spread_add(&sj__ledger_spreads(ledger, row)[spread], ledger->allocator,
                          sj__spread_bucket(v), 1, v < 0 ? 0 : v, error);
}

int sj__ledger_negative(const sj__ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_rows * ledger->n_counts; i++) {
        if (ledger->counts[i] < 0)
            return 1;
    }
    for (size_t i = 0; i < ledger->n_rows * ledger->n_spreads; i++) {
        const sj__spread *spread = &ledger->spreads[i];
        for (size_t j = 0; spread->sorted && j < spread->used; j++) {
            if (spread->cells[j].count < 0)
                return 1;
        }
    }
    return 0;
}
