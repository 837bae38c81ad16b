/* The second pass of building: each part is put in order and packed, its journeys first, then
 * column by column, so that the scratch is that of one part and one column. */
#include "journey/build.h"

#include <string.h>

#include "base/bitmap.h"

static sj_status build_allocate(sj__build *b, sj_error *error)
{
    const sj_allocator *a = b->allocator;
    size_t n = b->most_events > b->most_customers ? b->most_events : b->most_customers;
    b->most_events = n;
    b->time = sj__alloc(a, n, sizeof *b->time);
    b->touchpoint = sj__alloc(a, n, sizeof *b->touchpoint);
    b->target = sj__alloc(a, n, sizeof *b->target);
    b->codes = sj__alloc(a, n, sizeof *b->codes);
    b->words = sj__alloc(a, n, sizeof *b->words);
    b->present = sj__alloc(a, sj__bitmap_words(n), sizeof *b->present);
    return b->time && b->touchpoint && b->target && b->codes && b->words && b->present
               ? SJ_OK
               : sj__fail_nomem(error);
}

/* Times, touchpoints and, where some column needs them, targets of a part that has been ordered;
 * returns how many events are left. */
static size_t build_place(sj__build *b, size_t p)
{
    const sj__pair *pairs = b->order.pairs;
    const uint32_t *touchpoints = b->numbers.touchpoints;
    size_t n = 0;
    for (uint32_t k = b->part_first[p]; k < b->part_first[p + 1]; k++) {
        n += b->length[k];
    }
    for (size_t i = 0; i < n; i++) {
        b->time[i] = (int64_t)(pairs[i].key ^ UINT64_C(1) << 63);
        b->touchpoint[i] = touchpoints[pairs[i].number >> 32];
    }
    for (size_t i = 0; i < n; i++) {
        b->target[(uint32_t)pairs[i].number] = (uint32_t)i;
    }
    return n;
}

static sj_status build_fill_journeys(sj__build *b, size_t p, sj_error *error)
{
    sj_status status = SJ_OK;
    size_t from = 0;
    for (uint32_t k = b->part_first[p]; !status && k < b->part_first[p + 1]; k++) {
        if (b->length[k]) {
            size_t n;
            const char *key = sj__intern_name(&b->builder->customers, b->member[k], &n);
            status = sj__pack_journey(b->pack, key, n, b->time + from, b->touchpoint + from,
                                      b->length[k], error);
            from += b->length[k];
        }
    }
    return status;
}

/* Finished code of a column. */
static uint32_t build_code(const sj__build *b, size_t column, uint32_t code)
{
    return 1 + (column == SJ__CHANNEL_COLUMN
                    ? b->numbers.channels[code - 1]
                    : b->numbers.values[column - SJ__ATTRIBUTE_COLUMN][code - 1]);
}

static void build_fill_codes(sj__build *b, size_t p, size_t column, size_t n)
{
    const sj__part *part = &b->builder->parts.part[p];
    const sj__map *map = sj__pack_map(b->pack);
    for (size_t i = 0; i < n; i++) {
        b->codes[i] = column == SJ__CHANNEL_COLUMN ? map->touchpoint[b->touchpoint[i]].channel + 1
                                                   : 0; /* none + 1 is 0 */
    }
    for (size_t c = 0; c < part->n_chunks; c++) {
        sj__chunk *chunk = part->chunks[c];
        if (column >= chunk->n_columns || !chunk->columns[column].codes) {
            continue;
        }
        for (uint32_t i = 0; i < chunk->n; i++) {
            uint32_t code = sj__spot_code((sj__spot){chunk, i}, column);
            if (code && (!b->dropped[p] || !sj__bit(b->dropped[p], chunk->start + i))) {
                b->codes[b->target[chunk->start + i]] = build_code(b, column, code);
            }
        }
    }
    sj__pack_codes(b->pack, sj__build_finished_column(b, column), b->codes, n);
}

static void build_fill_numbers(sj__build *b, size_t p, size_t column, size_t n)
{
    const sj__part *part = &b->builder->parts.part[p];
    memset(b->present, 0, sj__bitmap_words(n) * sizeof *b->present);
    for (size_t c = 0; c < part->n_chunks; c++) {
        const sj__chunk *chunk = part->chunks[c];
        const sj__staged_column *staged =
            column < chunk->n_columns ? &chunk->columns[column] : NULL;
        uint32_t k = 0;
        for (uint32_t i = 0; staged && staged->present && k < staged->n; i++) {
            if (sj__bit(staged->present, i)) {
                uint64_t word = staged->numbers[k++];
                if (!b->dropped[p] || !sj__bit(b->dropped[p], chunk->start + i)) {
                    sj__bit_set(b->present, b->target[chunk->start + i]);
                    b->words[b->target[chunk->start + i]] = word;
                }
            }
        }
    }
    sj__pack_numbers(b->pack, sj__build_finished_column(b, column), b->present, b->words, n);
}

/* An attribute of the part's customers. */
static void build_fill_settings(sj__build *b, size_t p, uint32_t attribute)
{
    int codes = b->builder->map.attribute[attribute].type == SJ_ATTRIBUTE_CATEGORY;
    size_t column = SJ__ATTRIBUTE_COLUMN + (size_t)attribute, n = 0;
    size_t *at = &b->setting_at[attribute];
    memset(b->present, 0,
           sj__bitmap_words(b->part_first[p + 1] - b->part_first[p]) * sizeof *b->present);
    for (uint32_t k = b->part_first[p]; k < b->part_first[p + 1]; k++) {
        uint64_t key = (uint64_t)attribute << 32 | k, word = 0;
        int set = 0;
        /* Behind those of customers without events, whose part may have been left out. */
        for (; *at < b->builder->n_settings && b->settings[*at].key <= key; ++*at) {
            set = b->settings[*at].key == key;
            word = b->builder->settings[b->settings[*at].number].word;
        }
        if (b->length[k]) {
            b->codes[n] = codes && set ? build_code(b, column, (uint32_t)word) : 0;
            b->words[n] = word;
            if (set) {
                sj__bit_set(b->present, n);
            }
            n++;
        }
    }
    if (codes) {
        sj__pack_codes(b->pack, sj__build_finished_column(b, column), b->codes, n);
    } else {
        sj__pack_numbers(b->pack, sj__build_finished_column(b, column), b->present, b->words, n);
    }
}

static sj_status build_fill_part(sj__build *b, size_t p, sj_error *error)
{
    const sj__part *part = &b->builder->parts.part[p];
    const sj__map *map = &b->builder->map;
    uint32_t first = b->part_first[p];
    size_t n, columns = sj__build_columns(b);
    sj_status status = sj__order_part(&b->order, part, b->rank, b->length + first,
                                      b->part_first[p + 1] - first, b->dropped[p], error);
    if (status) {
        return status;
    }
    n = build_place(b, p);
    status = build_fill_journeys(b, p, error);
    if (status) {
        return status;
    }
    for (size_t c = 0; c < columns; c++) {
        if (sj__column_of_customers(map, c)) {
            build_fill_settings(b, p, (uint32_t)(c - SJ__ATTRIBUTE_COLUMN));
        } else if (c == SJ__CHANNEL_COLUMN ? !b->shape.has_channels : !b->counted[c]) {
            continue;
        } else if (sj__column_has_codes(map, c)) {
            build_fill_codes(b, p, c, n);
        } else {
            build_fill_numbers(b, p, c, n);
        }
    }
    return sj__build_progress(b, part->events, error);
}

sj_status sj__build_fill(sj__build *b, sj_error *error)
{
    sj_status status = build_allocate(b, error);
    for (size_t p = 0; !status && p < SJ__PARTS; p++) {
        if (b->builder->parts.part[p].events) {
            status = build_fill_part(b, p, error);
        }
    }
    return status;
}
