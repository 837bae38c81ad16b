/* Events from columns, in blocks: each field of a block is read down its column, and a row that
 * cannot be read makes the block end there for the fields that follow, so the failure that is left
 * is that of the first bad row.  Rows are staged part by part, so that a part's chunk is written a
 * run at a time. */
#include "journey/builder_rows.h"

#include <string.h>

#include "base/number.h"

#define ROWS_BLOCK 4096

sj_status sj__rows_blame(sj_status status, size_t row, sj_error *error)
{
    if (status && status != SJ_ERR_NOMEM && error) {
        error->index = (int64_t)row;
    }
    return status;
}

void sj__rows_end(sj__rows_block *block, size_t i, sj_status status, sj_error *error)
{
    block->status = sj__rows_blame(status, block->from + i, error);
    block->n = i;
}

/* ----------------------------------------------------------------------------- where and when --
 */

/* The declared thing at a position. */
static sj_status rows_position(int64_t position, const sj__map_list *declared, const char *what,
                               uint32_t *out, sj_error *error)
{
    if (position < 0 || (uint64_t)position >= declared->n) {
        return sj__fail(error, SJ_ERR_NAME,
                        "a %s is given by a number, but only 0 to less than %u are declared", what,
                        (uint64_t)declared->n);
    }
    *out = declared->item[position];
    return SJ_OK;
}

static sj_status rows_touchpoint(sj__map *map, const sj_column *c, size_t row, uint32_t *out,
                                 sj_error *error)
{
    char digits[SJ__DIGITS];
    const char *text;
    size_t n;
    sj_status status = sj__column_text(c, row, digits, &text, &n, error);
    if (status) {
        return status;
    }
    *out = sj__intern_find(&map->touchpoints, text, n);
    return *out != SJ__ABSENT ? SJ_OK : sj__map_see_touchpoint(map, text, n, out, error);
}

static void rows_read_touchpoints(sj__rows_block *block, sj_error *error)
{
    const sj_column *c = &block->events->touchpoint;
    sj__map *map = &block->builder->map;
    int whole = sj__column_gives(c) == SJ__TAKES_WHOLE;
    size_t wholes = whole ? sj__column_wholes(c, block->from, block->n, block->whole) : 0;
    for (size_t i = 0; i < block->n; i++) {
        size_t row = block->from + i;
        sj_status status;
        if (!sj__column_has(c, row)) {
            status = sj__fail(error, SJ_ERR_NAME, "an event has no touchpoint");
        } else if (whole) {
            status =
                rows_position(i < wholes ? block->whole[i] : INT64_MAX, &map->declared_touchpoints,
                              "touchpoint", &block->touchpoint[i], error);
        } else {
            status = rows_touchpoint(map, c, row, &block->touchpoint[i], error);
        }
        if (status) {
            sj__rows_end(block, i, status, error);
        }
    }
}

static void rows_read_times(sj__rows_block *block, sj_error *error)
{
    const sj_column *c = &block->events->time;
    const sj_builder *builder = block->builder;
    size_t wholes = sj__column_wholes(c, block->from, block->n, block->time);
    if (wholes == block->n && !c->validity && !builder->from.given && !builder->until.given) {
        return;
    }
    for (size_t i = 0; i < block->n; i++) {
        sj_status status;
        if (!sj__column_has(c, block->from + i)) {
            status = sj__fail(error, SJ_ERR_TIME, "an event has no time");
        } else if (!sj__column_whole(c, block->from + i, &block->time[i])) {
            status = sj__fail(error, SJ_ERR_TIME, "a time does not fit 64 bits");
        } else {
            status = sj__builder_check_time(builder, block->time[i], error);
        }
        if (status) {
            sj__rows_end(block, i, status, error);
        }
    }
}

static void rows_find_parts(sj__rows_block *block)
{
    const uint8_t *part = block->builder->part;
    for (size_t i = 0; i < block->n; i++) {
        if (i + SJ__ROWS_AHEAD < block->n) {
            __builtin_prefetch(&part[block->customer[i + SJ__ROWS_AHEAD]]);
        }
        block->part[i] = part[block->customer[i]];
    }
}

/* Stages the rows, a run for each part; a failure is no row's. */
static sj_status rows_stage(sj__rows_block *block, sj_error *error)
{
    const uint8_t *part = block->part;
    uint16_t next[SJ__PARTS + 1] = {0};
    size_t from = 0;
    int spots =
        block->events->channel.data || block->events->value.data || block->events->n_attributes;
    sj_status status = SJ_OK;
    rows_find_parts(block);
    for (size_t i = 0; i < block->n; i++) {
        next[part[i] + 1]++;
    }
    for (size_t p = 0; p < SJ__PARTS; p++) {
        next[p + 1] = (uint16_t)(next[p + 1] + next[p]);
    }
    for (size_t i = 0; i < block->n; i++) {
        block->by_part[next[part[i]]++] = (uint16_t)i;
    }
    for (uint32_t p = 0; !status && p < SJ__PARTS; p++) {
        status = sj__parts_append_rows(&block->builder->parts, p, block->by_part + from,
                                       next[p] - from, block->customer, block->time,
                                       block->touchpoint, spots ? block->spot : NULL, error);
        from = next[p];
    }
    return status;
}

/* ----------------------------------------------------------------------------- optional columns --
 */

/* What an optional column does with a row that has something. */
typedef sj_status (*rows_reader)(sj__rows_block *block, const sj_column *c, size_t i, size_t number,
                                 sj_error *error);

static void rows_read(sj__rows_block *block, const sj_column *c, size_t number, rows_reader reader,
                      sj_error *error)
{
    for (size_t i = 0; c->data && i < block->n; i++) {
        sj_status status =
            sj__column_has(c, block->from + i) ? reader(block, c, i, number, error) : SJ_OK;
        if (status) {
            sj__rows_end(block, i, status, error);
        }
    }
}

static sj_status rows_read_channel(sj__rows_block *block, const sj_column *c, size_t i,
                                   size_t number, sj_error *error)
{
    sj__map *map = &block->builder->map;
    size_t row = block->from + i, n = 0;
    char digits[SJ__DIGITS];
    const char *text;
    int64_t position = -1;
    uint32_t channel;
    sj_status status;
    if (sj__column_gives(c) == SJ__TAKES_WHOLE) {
        if (!sj__column_whole(c, row, &position)) {
            position = -1;
        }
        status = rows_position(position, &map->declared_channels, "channel", &channel, error);
    } else {
        status = sj__column_text(c, row, digits, &text, &n, error);
        if (status || n == 0) {
            return status;
        }
        channel = sj__intern_find(&map->channels, text, n);
        if (channel == SJ__ABSENT) {
            status = sj__map_see_channel(map, text, n, &channel, error);
        }
    }
    return status ? status
                  : sj__parts_put_code(&block->builder->parts, block->spot[i], number, channel + 1,
                                       error);
}

static sj_status rows_convert_value(const sj_column *c, size_t row, int *present, int64_t *value,
                                    sj_error *error)
{
    char digits[SJ__DIGITS];
    const char *text;
    size_t n;
    int64_t whole;
    sj_status status;
    *present = 1;
    switch (sj__column_gives(c)) {
    case SJ__TAKES_REAL:
        return sj__builder_value(sj__column_real(c, row), value, error);
    case SJ__TAKES_WHOLE:
        if (!sj__column_whole(c, row, &whole) || whole > 9200000000000 || whole < -9200000000000) {
            return sj__fail(error, SJ_ERR_VALUE, "a value must be a number from -9.2e12 to 9.2e12");
        }
        *value = whole * 1000000;
        return SJ_OK;
    default:
        status = sj__column_text(c, row, digits, &text, &n, error);
        *present = n > 0;
        if (!status && n > 0 && sj__read_fixed6(text, n, value) != SJ__READ_OK) {
            return sj__fail(error, SJ_ERR_VALUE,
                            "a value must be a decimal number from -9.2e12 to 9.2e12");
        }
        return status;
    }
}

static sj_status rows_read_value(sj__rows_block *block, const sj_column *c, size_t i, size_t number,
                                 sj_error *error)
{
    int present = 0;
    int64_t value = 0;
    sj_status status = rows_convert_value(c, block->from + i, &present, &value, error);
    if (status || !present) {
        return status;
    }
    return sj__parts_put_number(&block->builder->parts, block->spot[i], number, (uint64_t)value,
                                error);
}

sj_status sj__rows_attribute(sj_builder *builder, uint32_t attribute, const sj_column *c,
                             size_t row, int *present, uint64_t *word, sj_error *error)
{
    int32_t type = builder->map.attribute[attribute].type;
    int32_t gives = sj__column_gives(c);
    char digits[SJ__DIGITS];
    const char *text;
    size_t n;
    int64_t whole;
    sj_status status;
    *present = sj__column_has(c, row);
    if (!*present) {
        return SJ_OK;
    }
    if (gives == SJ__TAKES_REAL) {
        return sj__builder_real(sj__column_real(c, row), word, error);
    }
    if (gives == SJ__TAKES_WHOLE && type != SJ_ATTRIBUTE_CATEGORY) {
        if (!sj__column_whole(c, row, &whole)) {
            return sj__fail(error, SJ_ERR_VALUE,
                            "the attribute %q takes numbers of 64 bits with a sign", c->name);
        }
        if (type == SJ_ATTRIBUTE_REAL) {
            return sj__builder_real((double)whole, word, error);
        }
        *word = (uint64_t)whole;
        return SJ_OK;
    }
    status = sj__column_text(c, row, digits, &text, &n, error);
    return status ? status
                  : sj__builder_read_text(builder, attribute, text, n, present, word, error);
}

static sj_status rows_read_attribute(sj__rows_block *block, const sj_column *c, size_t i,
                                     size_t number, sj_error *error)
{
    sj_builder *builder = block->builder;
    uint32_t attribute = block->attributes[number];
    size_t to = SJ__ATTRIBUTE_COLUMN + (size_t)attribute;
    int present = 0;
    uint64_t word = 0;
    sj_status status =
        sj__rows_attribute(builder, attribute, c, block->from + i, &present, &word, error);
    if (status || !present) {
        return status;
    }
    return builder->map.attribute[attribute].type == SJ_ATTRIBUTE_CATEGORY
               ? sj__parts_put_code(&builder->parts, block->spot[i], to, (uint32_t)word, error)
               : sj__parts_put_number(&builder->parts, block->spot[i], to, word, error);
}

/* ------------------------------------------------------------------------------------- blocks --
 */

static sj_status rows_add_block(sj__rows_block *block, sj_error *error)
{
    const sj_events *events = block->events;
    sj_status status;
    block->status = SJ_OK;
    sj__rows_read_customers(block, error);
    rows_read_touchpoints(block, error);
    rows_read_times(block, error);
    status = rows_stage(block, error);
    if (status) {
        return status;
    }
    rows_read(block, &events->channel, SJ__CHANNEL_COLUMN, rows_read_channel, error);
    rows_read(block, &events->value, SJ__VALUE_COLUMN, rows_read_value, error);
    for (size_t c = 0; c < events->n_attributes; c++) {
        rows_read(block, &events->attributes[c], c, rows_read_attribute, error);
    }
    return block->status;
}

sj_status sj__rows_add(sj_builder *builder, const sj_events *events, const uint32_t *attributes,
                       sj_error *error)
{
    const sj_allocator *a = &builder->allocator;
    sj__rows_block block = {.builder = builder, .events = events, .attributes = attributes};
    size_t room = events->n_events < ROWS_BLOCK ? events->n_events : ROWS_BLOCK;
    sj_status status = SJ_OK;
    block.customer = sj__alloc(a, room, sizeof *block.customer);
    block.touchpoint = sj__alloc(a, room, sizeof *block.touchpoint);
    block.time = sj__alloc(a, room, sizeof *block.time);
    block.whole = sj__alloc(a, room, sizeof *block.whole);
    block.hash = sj__alloc(a, room, sizeof *block.hash);
    block.part = sj__alloc(a, room, sizeof *block.part);
    block.by_part = sj__alloc(a, room, sizeof *block.by_part);
    block.spot = sj__alloc(a, room, sizeof *block.spot);
    if (!block.customer || !block.touchpoint || !block.time || !block.whole || !block.hash ||
        !block.part || !block.by_part || !block.spot) {
        status = sj__fail_nomem(error);
    }
    while (!status && block.from < events->n_events) {
        size_t left = events->n_events - block.from;
        block.n = left < ROWS_BLOCK ? left : ROWS_BLOCK;
        status = rows_add_block(&block, error);
        block.from += block.n;
    }
    sj__free(a, block.spot, room, sizeof *block.spot);
    sj__free(a, block.by_part, room, sizeof *block.by_part);
    sj__free(a, block.part, room, sizeof *block.part);
    sj__free(a, block.hash, room, sizeof *block.hash);
    sj__free(a, block.whole, room, sizeof *block.whole);
    sj__free(a, block.time, room, sizeof *block.time);
    sj__free(a, block.touchpoint, room, sizeof *block.touchpoint);
    sj__free(a, block.customer, room, sizeof *block.customer);
    return status;
}
