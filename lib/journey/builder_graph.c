/* Adding a graph: its map is merged into a copy of the builder's, its events are staged under the
 * merged numbers, and only then does the copy take the place of the builder's map.  O(events of the
 * graph). */
#include <string.h>

#include "journey/builder_state.h"
#include "journey/graph.h"

/* A graph being added: from its numbers to those of the merged map. */
typedef struct adding {
    sj_builder *builder;
    const sj_graph *graph;
    const sj__map *from;
    sj__map merged;
    uint32_t *touchpoints, *channels, *attributes;
    uint32_t **values; /* by attribute of the graph; NULL where it has no categories */
} adding;

static uint32_t *adding_translate(const adding *add, const sj__intern *from, const sj__intern *to)
{
    uint32_t *numbers = sj__alloc(&add->builder->allocator, from->count, sizeof *numbers);
    for (uint32_t i = 0; numbers && i < from->count; i++) {
        size_t n;
        const char *name = sj__intern_name(from, i, &n);
        numbers[i] = sj__intern_find(to, name, n);
    }
    return numbers;
}

static sj_status adding_translate_all(adding *add, sj_error *error)
{
    const sj__map *from = add->from, *to = &add->merged;
    uint32_t n = from->attributes.count;
    add->touchpoints = adding_translate(add, &from->touchpoints, &to->touchpoints);
    add->channels = adding_translate(add, &from->channels, &to->channels);
    add->attributes = adding_translate(add, &from->attributes, &to->attributes);
    add->values = sj__alloc_zeroed(&add->builder->allocator, n, sizeof *add->values);
    if (!add->touchpoints || !add->channels || !add->attributes || !add->values) {
        return sj__fail_nomem(error);
    }
    for (uint32_t i = 0; i < n; i++) {
        const sj__map_attribute *was = &from->attribute[i],
                                *is = &to->attribute[add->attributes[i]];
        if (was->type != is->type || was->of_customers != is->of_customers) {
            return sj__fail(error, SJ_ERR_DUPLICATE,
                            "the attribute %q is of another type in the graph",
                            sj__intern_name(&from->attributes, i, NULL));
        }
        add->values[i] = adding_translate(add, &was->values, &is->values);
        if (!add->values[i]) {
            return sj__fail_nomem(error);
        }
    }
    return SJ_OK;
}

static void adding_free(adding *add)
{
    const sj_allocator *a = &add->builder->allocator;
    const sj__map *from = add->from;
    for (uint32_t i = 0; add->values && i < from->attributes.count; i++) {
        sj__free(a, add->values[i], from->attribute[i].values.count, sizeof **add->values);
    }
    sj__free(a, add->values, from->attributes.count, sizeof *add->values);
    sj__free(a, add->attributes, from->attributes.count, sizeof *add->attributes);
    sj__free(a, add->channels, from->channels.count, sizeof *add->channels);
    sj__free(a, add->touchpoints, from->touchpoints.count, sizeof *add->touchpoints);
    sj__map_free(&add->merged);
}

/* The word of an attribute in a row of the graph, codes translated; 0 where it has none. */
static int adding_word(const adding *add, uint32_t attribute, uint64_t row, uint64_t *word)
{
    int has = sj__graph_word(add->graph, SJ__ATTRIBUTE_COLUMN + (size_t)attribute, row, word);
    if (has && add->from->attribute[attribute].type == SJ_ATTRIBUTE_CATEGORY) {
        *word = (uint64_t)add->values[attribute][*word - 1] + 1;
    }
    return has;
}

static sj_status adding_stage_attributes(const adding *add, uint64_t event, sj__spot spot,
                                         sj_error *error)
{
    const sj__parts *parts = &add->builder->parts;
    sj_status status = SJ_OK;
    for (uint32_t i = 0; !status && i < add->from->attributes.count; i++) {
        size_t column = SJ__ATTRIBUTE_COLUMN + (size_t)add->attributes[i];
        uint64_t word;
        if (add->from->attribute[i].of_customers || !adding_word(add, i, event, &word)) {
            continue;
        }
        status = add->from->attribute[i].type == SJ_ATTRIBUTE_CATEGORY
                     ? sj__parts_put_code(parts, spot, column, (uint32_t)word, error)
                     : sj__parts_put_number(parts, spot, column, word, error);
    }
    return status;
}

static sj_status adding_stage(const adding *add, uint32_t customer, uint64_t place, uint64_t event,
                              sj_error *error)
{
    sj_builder *builder = add->builder;
    uint32_t touchpoint = sj__graph_touchpoint(add->graph, event);
    uint32_t channel = sj__graph_channel(add->graph, event);
    int64_t time = sj__graph_time(add->graph, place, event), value;
    sj__spot spot;
    sj_status status = sj__builder_check_time(builder, time, error);
    if (!status) {
        status = sj__parts_append(&builder->parts, builder->part[customer], customer, time,
                                  add->touchpoints[touchpoint], &spot, error);
    }
    if (!status && channel != SJ__NO_ID && channel != add->from->touchpoint[touchpoint].channel) {
        status = sj__parts_put_code(&builder->parts, spot, SJ__CHANNEL_COLUMN,
                                    add->channels[channel] + 1, error);
    }
    if (!status && sj__graph_value(add->graph, event, &value)) {
        status =
            sj__parts_put_number(&builder->parts, spot, SJ__VALUE_COLUMN, (uint64_t)value, error);
    }
    return status ? status : adding_stage_attributes(add, event, spot, error);
}

static sj_status adding_customer(const adding *add, uint64_t place, sj_error *error)
{
    size_t n;
    const char *key = sj__graph_key(add->graph, place, &n);
    sj__setting setting = {0};
    sj_status status = sj__builder_customer(add->builder, key, n, &setting.customer, error);
    uint64_t to = sj__graph_first(add->graph, place + 1);
    for (uint64_t e = sj__graph_first(add->graph, place); !status && e < to; e++) {
        status = adding_stage(add, setting.customer, place, e, error);
    }
    for (uint32_t i = 0; !status && i < add->from->attributes.count; i++) {
        if (add->from->attribute[i].of_customers && adding_word(add, i, place, &setting.word)) {
            setting.attribute = add->attributes[i];
            status = sj__builder_set(add->builder, setting, error);
        }
    }
    return status;
}

/* What was left out of the events of either must be the same; a builder without events takes the
 * graph's filter over. */
static sj_status adding_filter(const adding *add, sj__text *taken, sj_error *error)
{
    const sj_builder *builder = add->builder;
    const char *mine = sj__text_data(&builder->filter),
               *filter = sj__graph_get_facts(add->graph)->filter;
    if (strcmp(mine, filter) == 0) {
        return SJ_OK;
    }
    if (builder->parts.events == 0) {
        sj__text_add(taken, filter);
        return sj__text_status(taken, error);
    }
    return sj__graph_events(add->graph) == 0
               ? SJ_OK
               : sj__fail(
                     error, SJ_ERR_MISMATCH,
                     "the graph's events were selected by another condition than the builder's");
}

static void adding_count(sj_builder *builder, const sj__graph_facts *facts)
{
    sj__counted *c = &builder->counted;
    c->skipped += facts->skipped;
    c->dropped += facts->dropped;
    c->digits_cut += facts->digits_cut;
    if (facts->has_observed) {
        int earlier = !c->from.given || facts->observed_from < c->from.time;
        int later = !c->until.given || facts->observed_until > c->until.time;
        c->from = earlier ? (sj__bound){facts->observed_from, 1} : c->from;
        c->until = later ? (sj__bound){facts->observed_until, 1} : c->until;
    }
}

/* Stages everything, or takes it back. */
static sj_status adding_events(adding *add, sj_error *error)
{
    sj_builder *builder = add->builder;
    sj__builder_mark mark;
    sj_status status = sj__builder_mark_take(builder, &mark, error);
    if (status) {
        return status;
    }
    for (uint64_t c = 0; !status && c < sj__graph_customers(add->graph); c++) {
        status = adding_customer(add, c, error);
    }
    if (status) {
        sj__builder_rollback(builder, &mark);
    }
    sj__builder_mark_drop(builder, &mark);
    return status;
}

sj_status sj_builder_add_graph(sj_builder *builder, const sj_graph *graph, sj_error *error)
{
    adding add = {.builder = builder, .graph = graph};
    sj__text taken;
    sj_status status;
    if (!builder || !graph) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", builder ? "graph" : "builder");
    }
    add.from = sj__graph_map(graph);
    sj__text_init(&taken, &builder->allocator);
    status = sj__map_copy(&add.merged, &builder->map, &builder->allocator, error);
    if (status) {
        return status;
    }
    status = sj__map_merge(&add.merged, add.from, error);
    if (!status) {
        status = adding_translate_all(&add, error);
    }
    if (!status) {
        status = adding_filter(&add, &taken, error);
    }
    if (!status) {
        status = adding_events(&add, error);
    }
    if (!status) {
        sj__map old = builder->map;
        builder->map = add.merged;
        add.merged = old;
        adding_count(builder, sj__graph_get_facts(graph));
    }
    if (!status && sj__text_data(&taken)[0]) {
        sj__text old = builder->filter;
        builder->filter = taken;
        taken = old;
    }
    sj__text_free(&taken);
    adding_free(&add);
    return status;
}
