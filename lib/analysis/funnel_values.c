/* Values of a breakdown as names of the tally.  Channels, stages and categories have small numbers,
 * and a table by number remembers their names; of integers and reals, which become names in their
 * shortest form, the last seen are remembered by their bits. */
#include "analysis/funnel.h"

#include <string.h>

#include "journey/parts.h"

#define VALUES_NOT_NAMED (-2) /* neither a name nor SJ__GROUP_NONE */

/* The names that a channel, stage or category has; NULL: the attribute is of numbers. */
static const sj__intern *values_known(const sj__funnel_values *values)
{
    const sj__map *map = sj__graph_map(values->graph);
    const sj__funnel_breakdown *breakdown = values->breakdown;
    if (breakdown->kind == SJ__BREAKDOWN_CHANNEL)
        return &map->channels;
    if (breakdown->kind == SJ__BREAKDOWN_STAGE)
        return &map->stages;
    const sj__map_attribute *about = &map->attribute[breakdown->attribute];
    return about->type == SJ_ATTRIBUTE_CATEGORY ? &about->values : NULL;
}

sj_status sj__funnel_values_init(sj__funnel_values *values, const sj__funnel_breakdown *breakdown,
                                 const sj_graph *graph, sj_tally *tally,
                                 const sj_allocator *allocator, sj_error *error)
{
    *values = (sj__funnel_values){
        .breakdown = breakdown, .graph = graph, .tally = tally, .allocator = *allocator};
    sj__text_init(&values->text, &values->allocator);
    const sj__intern *known = values_known(values);
    values->n_names = known != NULL ? known->count : SJ__VALUE_CACHE;
    values->names = sj__alloc(allocator, values->n_names, sizeof *values->names);
    if (known == NULL)
        values->words = sj__alloc_zeroed(allocator, SJ__VALUE_CACHE, sizeof *values->words);
    if (values->names == NULL || (known == NULL && values->words == NULL))
        return sj__fail_nomem(error);
    for (size_t i = 0; i < values->n_names; i++)
        values->names[i] = VALUES_NOT_NAMED;
    return SJ_OK;
}

void sj__funnel_values_free(sj__funnel_values *values)
{
    const sj_allocator *a = &values->allocator;
    if (values->breakdown == NULL)
        return;
    sj__free(a, values->names, values->n_names, sizeof *values->names);
    sj__free(a, values->words, SJ__VALUE_CACHE, sizeof *values->words);
    sj__text_free(&values->text);
    *values = (sj__funnel_values){0};
}

static sj_status values_by_number(sj__funnel_values *values, uint32_t number, int32_t *name,
                                  sj_error *error)
{
    size_t n;
    *name = SJ__GROUP_NONE;
    if (number == SJ__NO_ID)
        return SJ_OK;
    *name = values->names[number];
    if (*name != VALUES_NOT_NAMED)
        return SJ_OK;
    const char *text = sj__intern_name(values_known(values), number, &n);
    const sj_status status = sj__tally_name(values->tally, text, n, name, error);
    if (status == SJ_OK)
        values->names[number] = *name;
    return status;
}

/* A number by its bits; the text is the shortest that reads back as it. */
static sj_status values_by_word(sj__funnel_values *values, uint64_t word, int is_real,
                                int32_t *name, sj_error *error)
{
    const size_t slot = (size_t)(sj__hash_mix(word) % SJ__VALUE_CACHE);
    double real;
    *name = values->names[slot];
    if (values->words[slot] == word && *name != VALUES_NOT_NAMED)
        return SJ_OK;
    values->text.size = 0;
    memcpy(&real, &word, sizeof real);
    if (is_real)
        sj__text_real(&values->text, real);
    else
        sj__text_integer(&values->text, (int64_t)word);
    sj_status status = sj__text_status(&values->text, error);
    if (status == SJ_OK)
        status = sj__tally_name(values->tally, sj__text_data(&values->text), values->text.size,
                                name, error);
    if (status == SJ_OK) {
        values->words[slot] = word;
        values->names[slot] = *name;
    }
    return status;
}

static sj_status values_of_attribute(sj__funnel_values *values, uint64_t row, int32_t *name,
                                     sj_error *error)
{
    const uint32_t attribute = values->breakdown->attribute;
    const int32_t type = sj__graph_map(values->graph)->attribute[attribute].type;
    uint64_t word;
    *name = SJ__GROUP_NONE;
    if (!sj__graph_word(values->graph, SJ__ATTRIBUTE_COLUMN + (size_t)attribute, row, &word))
        return SJ_OK;
    return type == SJ_ATTRIBUTE_CATEGORY
               ? values_by_number(values, (uint32_t)word - 1, name, error)
               : values_by_word(values, word, type == SJ_ATTRIBUTE_REAL, name, error);
}

sj_status sj__funnel_value(sj__funnel_values *values, uint64_t customer, uint64_t event,
                           int32_t *name, sj_error *error)
{
    const sj__funnel_breakdown *breakdown = values->breakdown;
    if (breakdown->kind == SJ__BREAKDOWN_CHANNEL)
        return values_by_number(values, sj__graph_channel(values->graph, event), name, error);
    if (breakdown->kind == SJ__BREAKDOWN_STAGE) {
        const uint32_t touchpoint = sj__graph_touchpoint(values->graph, event);
        return values_by_number(values, sj__graph_map(values->graph)->touchpoint[touchpoint].stage,
                                name, error);
    }
    return values_of_attribute(values, breakdown->of_customers ? customer : event, name, error);
}
