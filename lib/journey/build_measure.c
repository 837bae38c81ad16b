/* The first pass of building: how many events each customer has, how long journeys are, what the
 * resolution of time is, which columns hold how much.  Where doubles are dropped their parts are
 * ordered here once more, to know which they are. */
#include "journey/build.h"

#include "base/bitmap.h"
#include "base/checked.h"

#ifndef SJ__LIMIT_JOURNEY
#define SJ__LIMIT_JOURNEY (UINT32_MAX - 1) /* events of one customer */
#endif

/* Lengths, spans and resolution.  The differences to the earliest time so far connect all events of
 * a customer, so their divisor is that of all differences. */
static sj_status build_measure_times(sj__build *b, const sj__part *part, uint32_t *length,
                                     sj_error *error)
{
    uint64_t resolution = b->shape.resolution;
    for (size_t c = 0; c < part->n_chunks; c++) {
        const sj__chunk *chunk = part->chunks[c];
        for (uint32_t i = 0; i < chunk->n; i++) {
            uint32_t k = b->rank[chunk->customer[i]];
            int64_t time = chunk->time[i];
            uint64_t since;
            if (length[k] == 0) {
                b->low[k] = b->high[k] = time;
            }
            if (length[k]++ >= SJ__LIMIT_JOURNEY) {
                return sj__fail(error, SJ_ERR_LIMIT, "a customer has more than %u events",
                                (uint64_t)SJ__LIMIT_JOURNEY);
            }
            since = time > b->low[k] ? sj__time_since(time, b->low[k])
                                     : sj__time_since(b->low[k], time);
            if (resolution != 1 && since && (resolution == 0 || since % resolution)) {
                resolution = sj__pack_divisor(resolution, since);
            }
            b->low[k] = time < b->low[k] ? time : b->low[k];
            b->high[k] = time > b->high[k] ? time : b->high[k];
        }
    }
    b->shape.resolution = resolution;
    return SJ_OK;
}

/* Whether some event of a chunk has another channel than its touchpoint's. */
static int build_has_channels(const sj__build *b, sj__chunk *chunk)
{
    if (chunk->n_columns <= SJ__CHANNEL_COLUMN || !chunk->columns[SJ__CHANNEL_COLUMN].codes) {
        return 0;
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        sj__spot spot = {chunk, i};
        uint32_t channel = sj__spot_code(spot, SJ__CHANNEL_COLUMN);
        if (channel &&
            channel - 1 != b->builder->map.touchpoint[sj__spot_touchpoint(spot)].channel) {
            return 1;
        }
    }
    return 0;
}

static uint64_t build_count_column(const sj__chunk *chunk, const sj__staged_column *column,
                                   const uint64_t *skip)
{
    uint64_t n = 0;
    if (!skip && column->present) {
        return column->n;
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (!skip || !sj__bit(skip, chunk->start + i)) {
            n += column->present ? (uint64_t)sj__bit(column->present, i)
                 : column->codes ? sj__narrow_get(column->codes, column->width, i) != 0
                                 : 0;
        }
    }
    return n;
}

static void build_measure_columns(sj__build *b, const sj__part *part, const uint64_t *skip)
{
    for (size_t c = 0; c < part->n_chunks; c++) {
        sj__chunk *chunk = part->chunks[c];
        b->shape.has_channels = b->shape.has_channels || build_has_channels(b, chunk);
        for (size_t column = SJ__VALUE_COLUMN; column < chunk->n_columns; column++) {
            b->counted[column] += build_count_column(chunk, &chunk->columns[column], skip);
        }
    }
}

/* Finds the doubles of a part that are to be dropped, and takes them out of the lengths. */
static sj_status build_drop(sj__build *b, size_t p, uint32_t *length, sj_error *error)
{
    const sj__part *part = &b->builder->parts.part[p];
    size_t customers = b->part_first[p + 1] - b->part_first[p];
    sj_status status;
    b->dropped[p] =
        sj__alloc_zeroed(b->allocator, sj__bitmap_words(part->events), sizeof *b->dropped[p]);
    if (!b->dropped[p]) {
        return sj__fail_nomem(error);
    }
    b->order.dropped = b->dropped[p];
    status = sj__order_part(&b->order, part, b->rank, length, customers, NULL, error);
    b->order.dropped = NULL;
    for (size_t c = 0; !status && c < part->n_chunks; c++) {
        for (uint32_t i = 0; i < part->chunks[c]->n; i++) {
            length[b->rank[part->chunks[c]->customer[i]]] -=
                (uint32_t)sj__bit(b->dropped[p], part->chunks[c]->start + i);
        }
    }
    return status;
}

static sj_status build_measure_part(sj__build *b, size_t p, sj_error *error)
{
    const sj__part *part = &b->builder->parts.part[p];
    uint32_t *length = b->length + b->part_first[p];
    size_t customers = b->part_first[p + 1] - b->part_first[p];
    sj_status status = build_measure_times(b, part, length, error);
    if (!status && b->builder->drop_doubles) {
        status = build_drop(b, p, length, error);
    }
    if (status) {
        return status;
    }
    build_measure_columns(b, part, b->dropped[p]);
    for (size_t k = 0; k < customers; k++) {
        size_t n = 0;
        if (length[k]) {
            uint64_t span = sj__time_since(b->high[k], b->low[k]);
            sj__intern_name(&b->builder->customers, b->member[b->part_first[p] + k], &n);
            if (b->shape.customers++ == 0) {
                b->shape.first_time = b->low[k];
                b->shape.last_time = b->high[k];
            }
            b->shape.first_time = b->low[k] < b->shape.first_time ? b->low[k] : b->shape.first_time;
            b->shape.last_time = b->high[k] > b->shape.last_time ? b->high[k] : b->shape.last_time;
            b->shape.key_bytes += n + 1;
            b->shape.events += length[k];
            b->shape.longest = length[k] > b->shape.longest ? length[k] : b->shape.longest;
            b->shape.longest_span = span > b->shape.longest_span ? span : b->shape.longest_span;
        }
    }
    b->most_events = part->events > b->most_events ? (size_t)part->events : b->most_events;
    return sj__build_progress(b, part->events, error);
}

/* Customers' attributes, by attribute and place; of several settings of one the last stands last.
 */
static sj_status build_measure_settings(sj__build *b, sj_error *error)
{
    const sj_builder *builder = b->builder;
    const sj_allocator *a = b->allocator;
    size_t n = builder->n_settings, attributes = builder->map.attributes.count;
    sj__pair *scratch = sj__alloc(a, n, sizeof *scratch);
    b->settings = sj__alloc(a, n, sizeof *b->settings);
    b->setting_at = sj__alloc_zeroed(a, attributes + 1, sizeof *b->setting_at);
    if (scratch && b->settings && b->setting_at) {
        for (size_t i = 0; i < n; i++) {
            const sj__setting *s = &builder->settings[i];
            uint64_t place =
                (uint64_t)b->part_first[builder->part[s->customer]] + b->rank[s->customer];
            b->settings[i] = (sj__pair){(uint64_t)s->attribute << 32 | place, i};
            b->setting_at[s->attribute + 1]++;
        }
        sj__sort_pairs(b->settings, scratch, n);
        for (size_t i = 0; i < attributes; i++) {
            b->setting_at[i + 1] += b->setting_at[i];
        }
        for (size_t i = 0; i < n; i++) {
            int last = i + 1 == n || b->settings[i + 1].key != b->settings[i].key;
            uint64_t place = b->settings[i].key & UINT32_MAX;
            b->counted[SJ__ATTRIBUTE_COLUMN + (b->settings[i].key >> 32)] +=
                last && b->length[place];
        }
    }
    sj__free(a, scratch, n, sizeof *scratch);
    return scratch && b->settings && b->setting_at ? SJ_OK : sj__fail_nomem(error);
}

sj_status sj__build_measure(sj__build *b, sj_error *error)
{
    const sj_allocator *a = b->allocator;
    size_t columns = sj__build_columns(b);
    sj_status status = SJ_OK;
    b->counted = sj__alloc_zeroed(a, columns, sizeof *b->counted);
    b->shape.numbers = sj__alloc_zeroed(a, columns, sizeof *b->shape.numbers);
    b->low = sj__alloc(a, b->most_customers, sizeof *b->low);
    b->high = sj__alloc(a, b->most_customers, sizeof *b->high);
    if (!b->counted || !b->shape.numbers || !b->low || !b->high) {
        return sj__fail_nomem(error);
    }
    status = sj__build_progress(b, 0, error);
    for (size_t p = 0; !status && p < SJ__PARTS; p++) {
        if (b->builder->parts.part[p].events) {
            status = build_measure_part(b, p, error);
        }
    }
    if (!status) {
        status = build_measure_settings(b, error);
    }
    for (size_t c = 0; c < columns; c++) {
        b->shape.numbers[sj__build_finished_column(b, c)] = b->counted[c];
    }
    return status;
}
