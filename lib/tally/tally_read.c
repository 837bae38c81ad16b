/* Tallies from bytes (tally_format.h) that need not be trusted.
 *
 * No length is believed beyond the bytes that are left, every array is reserved at its own size,
 * and what is not in canonical form is refused, so equal tallies have equal bytes even where
 * somebody else wrote them.  O(size), in memory too. */
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "tally/plan.h"
#include "tally/tally_format.h"

typedef struct tally_reader {
    const unsigned char *bytes;
    size_t at, end;    /* the checksum stands behind `end` */
    const char *wrong; /* NULL: nothing yet; else what is, at `at` */
    sj_error *error;
} tally_reader;

static int tally_wrong(tally_reader *reader, const char *what)
{
    if (reader->wrong == NULL)
        reader->wrong = what;
    return 0;
}

static size_t tally_left(const tally_reader *reader)
{
    return reader->end - reader->at;
}

static int tally_read_varint(tally_reader *reader, sj__u128 *out)
{
    sj__u128 v = 0;
    for (unsigned shift = 0; reader->at < reader->end; shift += 7) {
        unsigned byte = reader->bytes[reader->at++];
        sj__u128 part = (sj__u128)(byte & 127) << shift;
        if (part >> shift != (byte & 127))
            return tally_wrong(reader, "a number is too large");
        v |= part;
        if (byte < 128) {
            *out = v;
            return (byte != 0 || shift == 0) ||
                   tally_wrong(reader, "a number is longer than it need be");
        }
        if (shift >= 126)
            return tally_wrong(reader, "a number is too large");
    }
    return tally_wrong(reader, "it ends too early");
}

static int tally_read_sum(tally_reader *reader, sj__i128 *out)
{
    sj__u128 v = 0;
    if (!tally_read_varint(reader, &v))
        return 0;
    *out = (v & 1) ? -(sj__i128)(v >> 1) - 1 : (sj__i128)(v >> 1);
    return 1;
}

static int tally_read_signed(tally_reader *reader, int64_t least, int64_t most, int64_t *out)
{
    sj__i128 v = 0;
    if (!tally_read_sum(reader, &v))
        return 0;
    if (v < least || v > most)
        return tally_wrong(reader, "a number is out of range");
    *out = (int64_t)v;
    return 1;
}

/* A number of things that take at least `bytes` bytes each. */
static int tally_read_count(tally_reader *reader, size_t bytes, size_t *out)
{
    sj__u128 v = 0;
    if (!tally_read_varint(reader, &v))
        return 0;
    if (v > tally_left(reader) / bytes)
        return tally_wrong(reader, "it ends too early");
    *out = (size_t)v;
    return 1;
}

static int tally_read_bytes(tally_reader *reader, const char **out, size_t *n)
{
    if (!tally_read_count(reader, 1, n))
        return 0;
    *out = (const char *)reader->bytes + reader->at;
    reader->at += *n;
    return 1;
}

/* What the reader found wrong, or else `status`. */
static sj_status tally_read_status(const tally_reader *reader, sj_status status)
{
    if (reader->wrong == NULL)
        return status;
    return sj__fail_at(reader->error, SJ_ERR_FORMAT, (sj__place){.index = (int64_t)reader->at},
                       "the tally is damaged: %s", reader->wrong);
}

static uint64_t tally_read_fixed(const unsigned char *bytes, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)bytes[i] << (8 * i);
    return v;
}

/* Magic, format, checksum; sets what lies between. */
static sj_status tally_read_frame(tally_reader *reader, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    if (bytes == NULL || size < SJ__TALLY_HEAD || memcmp(at, SJ__TALLY_MAGIC, 8) != 0)
        return sj__fail(reader->error, SJ_ERR_FORMAT, "these bytes are no tally");
    if (tally_read_fixed(at + 8, 4) > SJ__TALLY_FORMAT)
        return sj__fail(reader->error, SJ_ERR_VERSION,
                        "the tally was written by a newer library: its format is %u, known is %u",
                        tally_read_fixed(at + 8, 4), (uint64_t)SJ__TALLY_FORMAT);
    reader->bytes = at;
    reader->at = SJ__TALLY_HEAD;
    reader->end = size < SJ__TALLY_HEAD + SJ__TALLY_TAIL ? SJ__TALLY_HEAD : size - SJ__TALLY_TAIL;
    if (tally_read_fixed(at + 8, 4) != SJ__TALLY_FORMAT)
        tally_wrong(reader, "its format is none that there was");
    else if (size < SJ__TALLY_HEAD + SJ__TALLY_TAIL)
        tally_wrong(reader, "it ends too early");
    else if (tally_read_fixed(at + reader->end, SJ__TALLY_TAIL) != sj__hash_key(at, reader->end))
        tally_wrong(reader, "its checksum does not agree");
    return tally_read_status(reader, SJ_OK);
}

/* "analysis NAME REVISION" is the first line of the text. */
static sj_status tally_read_analysis(tally_reader *reader, sj__analysis_finder find,
                                     const char *text, size_t n, const sj__analysis **out)
{
    static const char word[] = "analysis ";
    const char *end = n == 0 ? NULL : memchr(text, '\n', n);
    if (end == NULL || text[n - 1] != '\n' || sj__utf8_check(text, n) != n || n < sizeof word - 1 ||
        memcmp(text, word, sizeof word - 1) != 0) {
        tally_wrong(reader, "its text does not name an analysis");
        return tally_read_status(reader, SJ_OK);
    }
    const char *name = text + sizeof word - 1;
    const char *blank = name >= end ? NULL : memchr(name, ' ', (size_t)(end - name));
    int64_t revision = 0;
    if (blank == NULL ||
        sj__read_integer(blank + 1, (size_t)(end - blank - 1), &revision) != SJ__READ_OK) {
        tally_wrong(reader, "its text does not name an analysis");
        return tally_read_status(reader, SJ_OK);
    }
    *out = find(name, (size_t)(blank - name));
    if (*out == NULL)
        return sj__fail(reader->error, SJ_ERR_FORMAT,
                        "the tally is of an analysis that this library does not know");
    if (revision > (*out)->revision)
        return sj__fail(reader->error, SJ_ERR_VERSION,
                        "the tally was written by a newer library: %s is revision %i, known is %i",
                        (*out)->name, revision, (int64_t)(*out)->revision);
    return SJ_OK;
}

/* Names in strictly rising order; that all are used shows only at the end. */
static sj_status tally_read_names(tally_reader *reader, sj_tally *tally)
{
    size_t count = 0;
    const char *before = NULL;
    size_t n_before = 0;
    if (!tally_read_count(reader, 1, &count))
        return tally_read_status(reader, SJ_OK);
    sj_status status = sj__index_reserve(&tally->names.index, count, reader->error);
    for (size_t i = 0; i < count && status == SJ_OK; i++) {
        const char *name = NULL;
        size_t n = 0;
        int32_t number;
        if (!tally_read_bytes(reader, &name, &n))
            break;
        int order = before == NULL ? -1 : memcmp(before, name, n_before < n ? n_before : n);
        if (sj__utf8_check(name, n) != n || order > 0 || (order == 0 && n_before >= n)) {
            tally_wrong(reader, "its names are not in order");
            break;
        }
        before = name;
        n_before = n;
        status = sj__tally_name(tally, name, n, &number, reader->error);
    }
    return tally_read_status(reader, status);
}

/* Cells in no more memory than they need, ready sorted. */
static sj_status tally_read_spread(tally_reader *reader, const sj_allocator *a, sj__spread *spread)
{
    size_t n = 0;
    if (!tally_read_count(reader, 3, &n) || n == 0)
        return SJ_OK;
    size_t capacity = 1; /* a power of two, as spreads have it */
    while (capacity < n)
        capacity *= 2;
    spread->cells = sj__alloc_zeroed(a, capacity, sizeof *spread->cells);
    if (spread->cells == NULL)
        return sj__fail_nomem(reader->error);
    spread->capacity = capacity;
    spread->used = n;
    spread->sorted = 1;
    uint32_t before = 0;
    const uint32_t last = SJ__SPREAD_BUCKETS - 1;
    for (size_t i = 0; i < n; i++) {
        sj__spread_cell *cell = &spread->cells[i];
        sj__u128 step = 0;
        if (!tally_read_varint(reader, &step) ||
            !tally_read_signed(reader, INT64_MIN, INT64_MAX, &cell->count) ||
            !tally_read_sum(reader, &cell->sum))
            return SJ_OK;
        if ((i > 0 && step == 0) || step > last - before || (cell->count == 0 && cell->sum == 0)) {
            tally_wrong(reader, "a distribution is not in order");
            return SJ_OK;
        }
        cell->bucket = before + (uint32_t)step;
        before = cell->bucket;
    }
    return SJ_OK;
}

/* The parts of a key; names must be there, and are marked as used. */
static int tally_read_key(tally_reader *reader, const sj__ledger_spec *spec, int32_t *key, size_t n,
                          uint32_t n_names, uint8_t *used)
{
    if (!sj__ledger_takes(spec, n))
        return tally_wrong(reader, "a key has too many parts or too few");
    for (size_t i = 0; i < n; i++) {
        int64_t part = 0;
        int is_name = sj__ledger_part(spec, i) == 'n';
        if (!tally_read_signed(reader, INT32_MIN, is_name ? (int64_t)n_names - 1 : INT32_MAX,
                               &part))
            return 0;
        key[i] = (int32_t)part;
        if (is_name && part >= 0)
            used[part] = 1;
    }
    return 1;
}

static sj_status tally_read_counters(tally_reader *reader, sj__ledger *ledger, size_t row)
{
    sj_status status = SJ_OK;
    int any = 0;
    for (size_t i = 0; i < ledger->n_counts; i++) {
        int64_t *count = &sj__ledger_counts(ledger, row)[i];
        if (!tally_read_signed(reader, INT64_MIN, INT64_MAX, count))
            return SJ_OK;
        any |= *count != 0;
    }
    for (size_t i = 0; i < ledger->n_sums; i++) {
        sj__i128 *sum = &sj__ledger_sums(ledger, row)[i];
        if (!tally_read_sum(reader, sum))
            return SJ_OK;
        any |= *sum != 0;
    }
    for (size_t i = 0; i < ledger->n_spreads && status == SJ_OK; i++) {
        sj__spread *spread = &sj__ledger_spreads(ledger, row)[i];
        status = tally_read_spread(reader, ledger->allocator, spread);
        any |= spread->used != 0;
    }
    if (!any)
        tally_wrong(reader, "a row says nothing");
    return status;
}

static sj_status tally_read_row(tally_reader *reader, sj_tally *tally, sj__ledger *ledger,
                                int32_t **key, size_t *capacity, uint8_t *used)
{
    size_t n = 0, row = 0;
    if (!tally_read_count(reader, 1, &n))
        return SJ_OK;
    sj_status status = sj__grow(ledger->allocator, key, capacity, n, reader->error);
    if (status != SJ_OK || !tally_read_key(reader, ledger->spec, *key, n, tally->names.count, used))
        return status;
    size_t before = ledger->n_rows;
    status = sj__ledger_row(ledger, *key, n, &row, reader->error);
    if (status != SJ_OK)
        return status;
    if (row != before || (row > 0 && sj__ledger_compare(ledger, row - 1, row) >= 0)) {
        tally_wrong(reader, "its rows are not in order");
        return SJ_OK;
    }
    return tally_read_counters(reader, ledger, row);
}

/* Whether the ledger was written by one who means the same by it. */
static int tally_read_about(tally_reader *reader, const sj__ledger_spec *spec)
{
    const char *const about[] = {spec->name, spec->key, spec->counts, spec->sums, spec->spreads};
    for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
        const char *text = NULL;
        size_t n = 0;
        if (!tally_read_bytes(reader, &text, &n))
            return 0;
        if (n != strlen(about[i]) || memcmp(text, about[i], n) != 0)
            return tally_wrong(reader, "a ledger is not as this analysis keeps it");
    }
    return 1;
}

static sj_status tally_read_ledger(tally_reader *reader, sj_tally *tally, sj__ledger *ledger,
                                   uint8_t *used)
{
    size_t n_rows = 0;
    size_t least = 1 + ledger->n_counts + ledger->n_sums + ledger->n_spreads;
    size_t parts = strlen(ledger->spec->key);
    if (parts > 0 && ledger->spec->key[parts - 1] == '*')
        parts -= 2;
    if (!tally_read_about(reader, ledger->spec) ||
        !tally_read_count(reader, least + parts, &n_rows))
        return tally_read_status(reader, SJ_OK);
    int32_t *key = NULL;
    size_t capacity = 0;
    sj_status status = sj__ledger_reserve(ledger, n_rows, 0, reader->error);
    for (size_t i = 0; i < n_rows && status == SJ_OK && reader->wrong == NULL; i++)
        status = tally_read_row(reader, tally, ledger, &key, &capacity, used);
    sj__free(ledger->allocator, key, capacity, sizeof *key);
    return tally_read_status(reader, status);
}

/* Everything behind the text. */
static sj_status tally_read_rest(tally_reader *reader, sj_tally *tally)
{
    uint8_t *used = NULL;
    size_t n_names = 0;
    if (!tally_read_signed(reader, INT64_MIN, INT64_MAX, &tally->customers))
        return tally_read_status(reader, SJ_OK);
    sj_status status = tally_read_names(reader, tally);
    if (status != SJ_OK)
        return status;
    n_names = tally->names.count;
    used = sj__alloc_zeroed(&tally->allocator, n_names, 1);
    if (used == NULL)
        return sj__fail_nomem(reader->error);
    for (size_t i = 0; i < tally->analysis->n_ledgers && status == SJ_OK; i++)
        status = tally_read_ledger(reader, tally, &tally->ledgers[i], used);
    if (status == SJ_OK && tally_left(reader) > 0)
        tally_wrong(reader, "something follows its end");
    for (size_t i = 0; i < n_names && status == SJ_OK; i++) {
        if (!used[i])
            tally_wrong(reader, "it has a name that no row uses");
    }
    sj__free(&tally->allocator, used, n_names, 1);
    return status == SJ_OK ? tally_read_status(reader, SJ_OK) : status;
}

sj_status sj__tally_read(sj__analysis_finder find, const void *bytes, size_t size,
                         const sj_allocator *allocator, sj_tally **out, sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (bytes == NULL && size > 0)
        return sj__fail(error, SJ_ERR_ARGUMENT, "bytes is NULL");
    tally_reader reader = {.error = error};
    const sj__analysis *analysis = NULL;
    sj_tally *tally = NULL;
    const char *text = NULL;
    size_t n = 0;
    sj_status status = tally_read_frame(&reader, bytes, size);
    if (status != SJ_OK)
        return status;
    if (!tally_read_bytes(&reader, &text, &n))
        return tally_read_status(&reader, SJ_OK);
    status = tally_read_analysis(&reader, find, text, n, &analysis);
    if (status == SJ_OK)
        status = sj__tally_new(analysis, text, n, allocator, &tally, error);
    if (status == SJ_OK)
        status = tally_read_rest(&reader, tally);
    if (status == SJ_OK)
        *out = tally;
    else
        sj_tally_free(tally);
    return status;
}
