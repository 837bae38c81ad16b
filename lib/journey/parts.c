/* Staged events in chunks.  A part's chunks begin small and grow with it up to 4,096 events, so
 * that a builder of a few events stays small, and at most about an eighth of what is allocated is
 * not used.  Adding is O(1); nothing moves but codes that outgrow their width. */
#include "journey/parts.h"

#include <string.h>

#include "base/bitmap.h"

#define PARTS_FIRST_CHUNK 8
#define PARTS_FIRST_NUMBERS 8

void sj__parts_init(sj__parts *parts, const sj_allocator *allocator)
{
    memset(parts, 0, sizeof *parts);
    parts->allocator = allocator;
}

static void parts_free_column(const sj_allocator *a, sj__staged_column *column, uint32_t capacity)
{
    sj__free(a, column->codes, capacity, (size_t)column->width);
    sj__free(a, column->present, sj__bitmap_words(capacity), sizeof *column->present);
    sj__free(a, column->numbers, column->capacity, sizeof *column->numbers);
    memset(column, 0, sizeof *column);
}

static void parts_free_chunk(const sj_allocator *a, sj__chunk *chunk)
{
    for (size_t c = 0; c < chunk->n_columns; c++) {
        parts_free_column(a, &chunk->columns[c], chunk->capacity);
    }
    sj__free(a, chunk->columns, chunk->columns_room, sizeof *chunk->columns);
    parts_free_column(a, &chunk->touchpoint, chunk->capacity);
    sj__free(a, chunk->customer, chunk->capacity, sizeof *chunk->customer);
    sj__free(a, chunk->time, chunk->capacity, sizeof *chunk->time);
    sj__free(a, chunk, 1, sizeof *chunk);
}

void sj__parts_free(sj__parts *parts)
{
    for (size_t p = 0; p < SJ__PARTS; p++) {
        sj__part *part = &parts->part[p];
        for (size_t i = 0; i < part->n_chunks; i++) {
            parts_free_chunk(parts->allocator, part->chunks[i]);
        }
        sj__free(parts->allocator, part->chunks, part->capacity, sizeof *part->chunks);
    }
    sj__parts_init(parts, parts->allocator);
}

/* A new last chunk of a part. */
static sj_status parts_add_chunk(const sj_allocator *a, sj__part *part, sj_error *error)
{
    sj__chunk *chunk;
    uint32_t capacity = PARTS_FIRST_CHUNK;
    sj_status status = sj__grow(a, &part->chunks, &part->capacity, part->n_chunks + 1, error);
    if (status) {
        return status;
    }
    while (capacity < SJ__CHUNK_EVENTS && capacity < part->events / 8) {
        capacity *= 2;
    }
    chunk = sj__alloc_zeroed(a, 1, sizeof *chunk);
    if (!chunk) {
        return sj__fail_nomem(error);
    }
    chunk->capacity = capacity;
    chunk->start = part->events;
    chunk->time = sj__alloc(a, capacity, sizeof *chunk->time);
    chunk->customer = sj__alloc(a, capacity, sizeof *chunk->customer);
    chunk->touchpoint.width = 1;
    chunk->touchpoint.codes = sj__alloc(a, capacity, 1);
    if (!chunk->time || !chunk->customer || !chunk->touchpoint.codes) {
        parts_free_chunk(a, chunk);
        return sj__fail_nomem(error);
    }
    part->chunks[part->n_chunks++] = chunk;
    return SJ_OK;
}

/* Makes a chunk's codes wide enough for `code`. */
static sj_status parts_widen(const sj_allocator *a, const sj__chunk *chunk,
                             sj__staged_column *column, uint32_t code, sj_error *error)
{
    int32_t width = sj__narrow_width(code);
    void *codes;
    if (column->codes && width <= column->width) {
        return SJ_OK;
    }
    codes = sj__alloc_zeroed(a, chunk->capacity, (size_t)width);
    if (!codes) {
        return sj__fail_nomem(error);
    }
    for (uint32_t i = 0; column->codes && i < chunk->n; i++) {
        sj__narrow_put(codes, width, i, sj__narrow_get(column->codes, column->width, i));
    }
    sj__free(a, column->codes, chunk->capacity, (size_t)column->width);
    column->codes = codes;
    column->width = width;
    return SJ_OK;
}

/* The last chunk of a part, with room for an event at least. */
static sj_status parts_open(sj__parts *parts, sj__part *part, sj__chunk **out, sj_error *error)
{
    sj_status status = SJ_OK;
    if (!part->n_chunks ||
        part->chunks[part->n_chunks - 1]->n == part->chunks[part->n_chunks - 1]->capacity) {
        if (parts->events > SJ__LIMIT_EVENTS - SJ__CHUNK_EVENTS ||
            part->events > SJ__LIMIT_PART - SJ__CHUNK_EVENTS) {
            return sj__fail(error, SJ_ERR_LIMIT,
                            "a builder holds at most 2^40 events, and 2^32 - 1 of keys whose hash "
                            "begins alike");
        }
        status = parts_add_chunk(parts->allocator, part, error);
    }
    *out = status ? NULL : part->chunks[part->n_chunks - 1];
    return status;
}

sj_status sj__parts_append_rows(sj__parts *parts, uint32_t part_number, const uint16_t *rows,
                                size_t n, const uint32_t *customer, const int64_t *time,
                                const uint32_t *touchpoint, sj__spot *spots, sj_error *error)
{
    sj__part *part = &parts->part[part_number];
    for (size_t i = 0; i < n;) {
        sj__chunk *chunk = NULL;
        uint32_t at, most = 0;
        size_t room, from = i;
        sj_status status = parts_open(parts, part, &chunk, error);
        if (status) {
            return status;
        }
        room = chunk->capacity - chunk->n;
        room = room < n - i ? room : n - i;
        for (; i < from + room; i++) {
            most = touchpoint[rows[i]] > most ? touchpoint[rows[i]] : most;
        }
        status = parts_widen(parts->allocator, chunk, &chunk->touchpoint, most, error);
        if (status) {
            return status;
        }
        at = chunk->n;
        for (i = from; i < from + room; i++, at++) {
            chunk->time[at] = time[rows[i]];
            chunk->customer[at] = customer[rows[i]];
            sj__narrow_put(chunk->touchpoint.codes, chunk->touchpoint.width, at,
                           touchpoint[rows[i]]);
        }
        for (size_t k = 0; spots && k < room; k++) {
            spots[rows[from + k]] = (sj__spot){chunk, chunk->n + (uint32_t)k};
        }
        chunk->n += (uint32_t)room;
        part->events += (uint32_t)room;
        parts->events += room;
    }
    return SJ_OK;
}

sj_status sj__parts_append(sj__parts *parts, uint32_t part, uint32_t customer, int64_t time,
                           uint32_t touchpoint, sj__spot *out, sj_error *error)
{
    static const uint16_t first[] = {0};
    return sj__parts_append_rows(parts, part, first, 1, &customer, &time, &touchpoint, out, error);
}

/* The chunk's column, made where there is none yet. */
static sj_status parts_column(const sj_allocator *a, sj__chunk *chunk, size_t column,
                              sj__staged_column **out, sj_error *error)
{
    if (column >= chunk->columns_room) {
        sj__staged_column *columns = sj__alloc_zeroed(a, column + 1, sizeof *columns);
        if (!columns) {
            return sj__fail_nomem(error);
        }
        if (chunk->n_columns) {
            memcpy(columns, chunk->columns, chunk->n_columns * sizeof *columns);
        }
        sj__free(a, chunk->columns, chunk->columns_room, sizeof *columns);
        chunk->columns = columns;
        chunk->columns_room = column + 1;
    }
    if (column >= chunk->n_columns) { /* those between are all zero */
        chunk->n_columns = column + 1;
    }
    *out = &chunk->columns[column];
    return SJ_OK;
}

sj_status sj__parts_put_code(const sj__parts *parts, sj__spot spot, size_t column, uint32_t code,
                             sj_error *error)
{
    sj__staged_column *c = NULL;
    sj_status status = parts_column(parts->allocator, spot.chunk, column, &c, error);
    if (!status) {
        status = parts_widen(parts->allocator, spot.chunk, c, code, error);
    }
    if (!status) {
        sj__narrow_put(c->codes, c->width, spot.row, code);
    }
    return status;
}

sj_status sj__parts_put_number(const sj__parts *parts, sj__spot spot, size_t column, uint64_t bits,
                               sj_error *error)
{
    const sj_allocator *a = parts->allocator;
    sj__staged_column *c = NULL;
    sj_status status = parts_column(a, spot.chunk, column, &c, error);
    if (status) {
        return status;
    }
    if (!c->present) {
        c->present =
            sj__alloc_zeroed(a, sj__bitmap_words(spot.chunk->capacity), sizeof *c->present);
        if (!c->present) {
            return sj__fail_nomem(error);
        }
    }
    if (c->n == c->capacity) {
        size_t need = c->n ? (size_t)c->n + 1 : PARTS_FIRST_NUMBERS;
        status = sj__grow(a, &c->numbers, &c->capacity, need, error);
        if (status) {
            return status;
        }
    }
    sj__bit_set(c->present, spot.row);
    c->numbers[c->n++] = bits;
    return SJ_OK;
}

/* Forgets what an optional column has from row `n` on. */
static void parts_cut_column(sj__staged_column *column, uint32_t n, uint32_t capacity)
{
    if (column->codes) {
        size_t width = (size_t)column->width;
        memset((char *)column->codes + n * width, 0, (capacity - n) * width);
    }
    if (column->present) {
        size_t words = sj__bitmap_words(capacity);
        column->n = (uint32_t)sj__bitmap_count(column->present, 0, n);
        for (size_t w = n / 64; w < words; w++) {
            uint64_t keep = w == n / 64 ? (UINT64_C(1) << n % 64) - 1 : 0;
            column->present[w] &= keep;
        }
    }
}

void sj__parts_truncate(sj__parts *parts, const uint32_t *events, size_t n_columns)
{
    const sj_allocator *a = parts->allocator;
    for (size_t p = 0; p < SJ__PARTS; p++) {
        sj__part *part = &parts->part[p];
        parts->events -= part->events - events[p];
        part->events = events[p];
        while (part->n_chunks && part->chunks[part->n_chunks - 1]->start >= events[p]) {
            parts_free_chunk(a, part->chunks[--part->n_chunks]);
        }
        if (part->n_chunks) {
            sj__chunk *chunk = part->chunks[part->n_chunks - 1];
            chunk->n = events[p] - chunk->start;
            for (size_t c = 0; c < chunk->n_columns; c++) {
                if (c < n_columns) {
                    parts_cut_column(&chunk->columns[c], chunk->n, chunk->capacity);
                } else {
                    parts_free_column(a, &chunk->columns[c], chunk->capacity);
                }
            }
            chunk->n_columns = chunk->n_columns < n_columns ? chunk->n_columns : n_columns;
        }
    }
}

sj__spot sj__part_find(const sj__part *part, uint32_t event)
{
    size_t low = 0, high = part->n_chunks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (part->chunks[middle]->start <= event) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (sj__spot){part->chunks[low], event - part->chunks[low]->start};
}

int sj__spot_number(sj__spot spot, size_t column, uint64_t *bits)
{
    const sj__staged_column *c =
        column < spot.chunk->n_columns ? &spot.chunk->columns[column] : NULL;
    if (!c || !c->present || !sj__bit(c->present, spot.row)) {
        return 0;
    }
    *bits = c->numbers[sj__bitmap_count(c->present, 0, spot.row)];
    return 1;
}
