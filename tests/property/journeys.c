/* Random journeys; see journeys.h.  Times stand on a grid of half minutes and often do not move at
 * all, so that a good part of the events are tied; a few customers have most of the events. */
#include "property/journeys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const journeys_touchpoints[JOURNEYS_TOUCHPOINTS] = {
    "view", "cart", "buy", "search",        "help",    "home",
    "pay",  "mail", "ad",  "rare \xc3\xa9", "rare, b", "rare 'c'"};
static const char *const journeys_channels[JOURNEYS_CHANNELS] = {"web", "app", "shop"};
static const char *const journeys_devices[JOURNEYS_DEVICES] = {"ios", "android", "desk"};
static const char *const journeys_countries[4] = {"NL", "BE", "DE", NULL};

static const int64_t journeys_from = INT64_C(1700000000000000);
static const int64_t journeys_until = INT64_C(1703000000000000);

/* splitmix64 */
uint64_t journeys_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void journeys_must(sj_status status, const sj_error *error, const char *what)
{
    if (status != SJ_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, sj_status_name(status), error->message);
        exit(1);
    }
}

static void *journeys_block(size_t n, size_t size)
{
    void *block = calloc(n ? n : 1, size);

    if (!block)
        exit(1);
    return block;
}

static uint32_t journeys_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)((journeys_random(state) >> 32) % limit);
}

static journeys_row journeys_draw(uint64_t *state, uint32_t customer, int64_t time)
{
    journeys_row row = {.customer = customer,
                        .time = time,
                        .channel = -1,
                        .device = -1,
                        .load = -1,
                        .in_cents = INT32_MIN};
    /* Lower numbers are likelier, the last three rare. */
    uint32_t a = journeys_below(state, 10), b = journeys_below(state, 10);

    row.touchpoint = a < b ? a : b;
    if (row.touchpoint == 9)
        row.touchpoint += journeys_below(state, 3);
    if (journeys_below(state, 3) > 0)
        row.channel = (int32_t)journeys_below(state, JOURNEYS_CHANNELS);
    if (journeys_below(state, 8) > 0)
        row.device = (int32_t)journeys_below(state, JOURNEYS_DEVICES);
    if (journeys_below(state, 2) > 0)
        row.load = (int32_t)journeys_below(state, 100);
    if (row.touchpoint == 2 || journeys_below(state, 20) == 0)
        row.in_cents = (int32_t)journeys_below(state, 20000) - 2000;
    return row;
}

void journeys_make(journeys *j, uint64_t seed, size_t n_customers, size_t longest)
{
    size_t capacity = n_customers * longest;
    int64_t time;

    *j = (journeys){.random = seed, .n_customers = n_customers};
    j->rows = journeys_block(capacity, sizeof *j->rows);
    for (size_t c = 0; c < n_customers; c++) {
        uint32_t length = journeys_below(&j->random, (uint32_t)longest);

        /* Most are short. */
        if (c % 8 != 0)
            length = length / 8;
        time = journeys_from + (int64_t)journeys_below(&j->random, 20 * 24 * 60) * SJ_MINUTE;
        for (uint32_t i = 0; i <= length && j->n_rows < capacity; i++) {
            uint32_t pause = journeys_below(&j->random, 10);

            if (pause > 3)
                time += pause < 9 ? (int64_t)journeys_below(&j->random, 40) * 30 * SJ_SECOND
                                  : (int64_t)journeys_below(&j->random, 30) * SJ_HOUR;
            if (time <= journeys_until)
                j->rows[j->n_rows++] = journeys_draw(&j->random, (uint32_t)c, time);
        }
    }
}

void journeys_drop(journeys *j)
{
    free(j->rows);
    j->rows = NULL;
}

/* A random order of the numbers below n. */
static uint32_t *journeys_order(uint64_t *state, size_t n)
{
    uint32_t *order = journeys_block(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(journeys_random(state) % i);
        uint32_t swap = order[i - 1];

        order[i - 1] = order[k];
        order[k] = swap;
    }
    return order;
}

/* Turns an order of rows into one that says only whose turn it is: each customer's rows come in
 * their own order. */
static void journeys_take_turns(const journeys *j, uint32_t *order)
{
    size_t *next = journeys_block(j->n_customers + 1, sizeof *next);
    uint32_t *rows = journeys_block(j->n_rows, sizeof *rows);

    for (size_t i = 0; i < j->n_rows; i++)
        next[j->rows[i].customer + 1]++;
    for (size_t c = 0; c < j->n_customers; c++)
        next[c + 1] += next[c];
    for (size_t i = 0; i < j->n_rows; i++)
        rows[next[j->rows[i].customer]++] = (uint32_t)i;
    for (size_t c = j->n_customers; c > 0; c--)
        next[c] = next[c - 1];
    next[0] = 0;
    for (size_t i = 0; i < j->n_rows; i++)
        order[i] = rows[next[j->rows[order[i]].customer]++];
    free(rows);
    free(next);
}

void journeys_shuffle(journeys *j, int within)
{
    uint32_t *order = journeys_order(&j->random, j->n_rows);
    journeys_row *rows = journeys_block(j->n_rows, sizeof *rows);

    if (!within)
        journeys_take_turns(j, order);
    for (size_t i = 0; i < j->n_rows; i++)
        rows[i] = j->rows[order[i]];
    free(j->rows);
    j->rows = rows;
    free(order);
}

static int journeys_compare(const void *left, const void *right)
{
    const journeys_row *a = left, *b = right;

    if (a->customer != b->customer)
        return a->customer < b->customer ? -1 : 1;
    return (a->time > b->time) - (a->time < b->time);
}

double journeys_tied(const journeys *j)
{
    journeys_row *sorted = journeys_block(j->n_rows, sizeof *sorted);
    size_t tied = 0;

    memcpy(sorted, j->rows, j->n_rows * sizeof *sorted);
    qsort(sorted, j->n_rows, sizeof *sorted, journeys_compare);
    for (size_t i = 0; i < j->n_rows; i++)
        tied += (i > 0 && journeys_compare(&sorted[i - 1], &sorted[i]) == 0) ||
                (i + 1 < j->n_rows && journeys_compare(&sorted[i], &sorted[i + 1]) == 0);
    free(sorted);
    return (double)tied / (double)j->n_rows;
}

/* ---- to a builder ---- */

static sj_status journeys_declare_touchpoints(sj_builder *builder, uint64_t seed, sj_error *error)
{
    uint32_t *order = journeys_order(&seed, JOURNEYS_NAMED);
    sj_status status = SJ_OK;

    for (uint32_t i = 0; i < JOURNEYS_NAMED && !status; i++) {
        const char *stage = order[i] == 0 || order[i] == 3 ? "look"
                            : order[i] == 1                ? "pay up"
                                                           : NULL;

        status =
            sj_builder_add_touchpoint(builder, journeys_touchpoints[order[i]], stage, NULL, error);
    }
    free(order);
    return status;
}

static sj_status journeys_declare(sj_builder *builder, uint64_t seed, sj_error *error)
{
    sj_status status;

    if ((status = sj_builder_add_stage(builder, "look", error)) ||
        (status = sj_builder_add_stage(builder, "pay up", error)) ||
        (status = journeys_declare_touchpoints(builder, seed, error)) ||
        (status = sj_builder_add_channel(builder, "app", error)) || /* conditions name these two */
        (status = sj_builder_add_channel(builder, "shop", error)) ||
        (status = sj_builder_add_attribute(builder, "device", SJ_ATTRIBUTE_CATEGORY, 0, error)) ||
        (status = sj_builder_add_attribute(builder, "load", SJ_ATTRIBUTE_INTEGER, 0, error)) ||
        (status = sj_builder_add_attribute(builder, "share", SJ_ATTRIBUTE_REAL, 0, error)) ||
        (status = sj_builder_add_attribute(builder, "country", SJ_ATTRIBUTE_CATEGORY, 1, error)))
        return status;
    return sj_builder_add_micro_conversion(builder, "big buy",
                                           "touchpoint = 'buy' and value >= 100", NULL, error);
}

static void journeys_key(char *key, uint32_t customer)
{
    snprintf(key, 16, "c%u", (unsigned)customer);
}

static sj_status journeys_add_one(sj_builder *builder, const journeys_row *row, sj_error *error)
{
    char key[16], load[16], share[16];
    const char *attributes[6];
    double value = (double)row->in_cents / 100;
    sj_event event = {
        .struct_size = sizeof event, .customer = key, .time = row->time, .attributes = attributes};
    size_t n = 0;

    journeys_key(key, row->customer);
    event.touchpoint = journeys_touchpoints[row->touchpoint];
    event.channel = row->channel < 0 ? NULL : journeys_channels[row->channel];
    event.value = row->in_cents == INT32_MIN ? NULL : &value;
    if (row->device >= 0) {
        attributes[n++] = "device";
        attributes[n++] = journeys_devices[row->device];
    }
    if (row->load >= 0) {
        snprintf(load, sizeof load, "%d", (int)row->load);
        snprintf(share, sizeof share, "%.3f", (double)row->load / 8);
        attributes[n++] = "load";
        attributes[n++] = load;
        attributes[n++] = "share";
        attributes[n++] = share;
    }
    event.n_attributes = n / 2;
    return sj_builder_add_event(builder, &event, error);
}

/* Columns of up to so many rows, reused from batch to batch. */
typedef struct journeys_columns {
    char (*keys)[16];
    const char **customer, **touchpoint, **channel, **device;
    int64_t *time, *load;
    double *value, *share;
    uint8_t *has_channel, *has_device, *has_load, *has_value;
} journeys_columns;

static void journeys_open(journeys_columns *c, size_t n)
{
    c->keys = journeys_block(n, sizeof *c->keys);
    c->customer = journeys_block(n, sizeof *c->customer);
    c->touchpoint = journeys_block(n, sizeof *c->touchpoint);
    c->channel = journeys_block(n, sizeof *c->channel);
    c->device = journeys_block(n, sizeof *c->device);
    c->time = journeys_block(n, sizeof *c->time);
    c->load = journeys_block(n, sizeof *c->load);
    c->value = journeys_block(n, sizeof *c->value);
    c->share = journeys_block(n, sizeof *c->share);
    c->has_channel = journeys_block(n, 1);
    c->has_device = journeys_block(n, 1);
    c->has_load = journeys_block(n, 1);
    c->has_value = journeys_block(n, 1);
}

static void journeys_close(journeys_columns *c)
{
    free(c->keys);
    free(c->customer);
    free(c->touchpoint);
    free(c->channel);
    free(c->device);
    free(c->time);
    free(c->load);
    free(c->value);
    free(c->share);
    free(c->has_channel);
    free(c->has_device);
    free(c->has_load);
    free(c->has_value);
}

static void journeys_bit(uint8_t *bits, size_t i, int holds)
{
    bits[i / 8] = (uint8_t)((bits[i / 8] & ~(1u << (i % 8))) | (holds ? 1u << (i % 8) : 0u));
}

static void journeys_set(journeys_columns *c, size_t i, const journeys_row *row)
{
    journeys_key(c->keys[i], row->customer);
    c->customer[i] = c->keys[i];
    c->touchpoint[i] = journeys_touchpoints[row->touchpoint];
    c->time[i] = row->time;
    c->channel[i] = row->channel < 0 ? "" : journeys_channels[row->channel];
    c->device[i] = row->device < 0 ? "" : journeys_devices[row->device];
    c->load[i] = row->load;
    c->share[i] = (double)row->load / 8;
    c->value[i] = (double)row->in_cents / 100;
    journeys_bit(c->has_channel, i, row->channel >= 0);
    journeys_bit(c->has_device, i, row->device >= 0);
    journeys_bit(c->has_load, i, row->load >= 0);
    journeys_bit(c->has_value, i, row->in_cents != INT32_MIN);
}

static sj_status journeys_flush(sj_builder *builder, journeys_columns *c, size_t n, sj_error *error)
{
    const sj_column attributes[3] = {
        {.name = "device", .type = SJ_ARRAY_STRINGS, .data = c->device, .validity = c->has_device},
        {.name = "load", .type = SJ_ARRAY_INT64, .data = c->load, .validity = c->has_load},
        {.name = "share", .type = SJ_ARRAY_DOUBLE, .data = c->share, .validity = c->has_load}};
    const sj_events events = {
        .struct_size = sizeof events,
        .n_events = n,
        .customer = {.type = SJ_ARRAY_STRINGS, .data = c->customer},
        .touchpoint = {.type = SJ_ARRAY_STRINGS, .data = c->touchpoint},
        .time = {.type = SJ_ARRAY_INT64, .data = c->time},
        .channel = {.type = SJ_ARRAY_STRINGS, .data = c->channel, .validity = c->has_channel},
        .value = {.type = SJ_ARRAY_DOUBLE, .data = c->value, .validity = c->has_value},
        .attributes = attributes,
        .n_attributes = 3};

    return sj_builder_add_events(builder, &events, error);
}

static sj_status journeys_add_rows(sj_builder *builder, const journeys *j, const journeys_how *how,
                                   sj_error *error)
{
    size_t room = how->batch ? how->batch : j->n_rows, n = 0;
    journeys_columns columns = {0};
    sj_status status = SJ_OK;

    journeys_open(&columns, room);
    for (size_t i = 0; i < j->n_rows && !status; i++) {
        if (how->keep && !how->keep[j->rows[i].customer])
            continue;
        if (how->batch == 1) {
            status = journeys_add_one(builder, &j->rows[i], error);
            continue;
        }
        journeys_set(&columns, n++, &j->rows[i]);
        if (n == room) {
            status = journeys_flush(builder, &columns, n, error);
            n = 0;
        }
    }
    if (!status && n)
        status = journeys_flush(builder, &columns, n, error);
    journeys_close(&columns);
    return status;
}

/* A country each, but for every fourth. */
static sj_status journeys_add_countries(sj_builder *builder, const journeys *j,
                                        const journeys_how *how, sj_error *error)
{
    journeys_columns columns = {0};
    sj_status status;
    size_t n = 0;

    journeys_open(&columns, j->n_customers);
    for (uint32_t c = 0; c < j->n_customers; c++) {
        const char *country = journeys_countries[c % 4];

        if ((how->keep && !how->keep[c]) || !country)
            continue;
        journeys_key(columns.keys[n], c);
        columns.customer[n] = columns.keys[n];
        columns.device[n++] = country;
    }
    {
        const sj_column attribute = {
            .name = "country", .type = SJ_ARRAY_STRINGS, .data = columns.device};
        const sj_events events = {.struct_size = sizeof events,
                                  .n_events = n,
                                  .customer = {.type = SJ_ARRAY_STRINGS, .data = columns.customer},
                                  .attributes = &attribute,
                                  .n_attributes = 1};

        status = sj_builder_set_customers(builder, &events, error);
    }
    journeys_close(&columns);
    return status;
}

sj_status journeys_builder(const journeys *j, const journeys_how *how, sj_builder **out,
                           sj_error *error)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = how->allocator,
                                        .observed_from = &journeys_from,
                                        .observed_until = &journeys_until,
                                        .ties = how->ties};
    sj_builder *builder = NULL;
    sj_status status = sj_builder_new(&options, &builder, error);

    *out = NULL;
    if (status || (status = journeys_declare(builder, how->declare_seed, error)) ||
        (status = journeys_add_rows(builder, j, how, error)) ||
        (status = journeys_add_countries(builder, j, how, error))) {
        sj_builder_free(builder);
        return status;
    }
    *out = builder;
    return SJ_OK;
}

sj_graph *journeys_graph(const journeys *j, const journeys_how *how)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};

    journeys_must(journeys_builder(j, how, &builder, &error), &error, "filling a builder");
    journeys_must(sj_builder_build(builder, NULL, &graph, &error), &error, "building");
    journeys_must(sj_graph_check(graph, &error), &error, "checking");
    sj_builder_free(builder);
    return graph;
}
