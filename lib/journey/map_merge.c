/* One map merged into another, by names: for going on from a graph, and for joining shards.
 *
 * What is declared in both must be declared alike, and of the two lists of stages one must begin
 * with the other.  The name of an event's touchpoint, channel or category is no declaration and
 * merges with anything.  O(names). */
#include "journey/map.h"

#include <string.h>

static sj_status merge_stages(sj__map *to, const sj__map *from, sj_error *error)
{
    sj_status status = SJ_OK;
    for (uint32_t i = 0; !status && i < from->stages.count; i++) {
        size_t n = 0;
        const char *name = sj__intern_name(&from->stages, i, &n);
        if (i < to->stages.count && strcmp(sj__intern_name(&to->stages, i, NULL), name) != 0)
            return sj__fail(error, SJ_ERR_DUPLICATE,
                            "stage %u is %q here and %q there; one list of stages must begin with "
                            "the other",
                            (uint64_t)i + 1, sj__intern_name(&to->stages, i, NULL), name);
        status = sj__map_add_stage(to, name, n, error);
    }
    return status;
}

static sj_status merge_channels(sj__map *to, const sj__map *from, sj_error *error)
{
    uint32_t number = 0;
    sj_status status = SJ_OK;
    for (size_t i = 0; !status && i < from->declared_channels.n; i++) {
        size_t n = 0;
        const char *name = sj__intern_name(&from->channels, from->declared_channels.item[i], &n);
        status = sj__map_add_channel(to, name, n, error);
    }
    for (uint32_t i = 0; !status && i < from->channels.count; i++) {
        size_t n = 0;
        const char *name = sj__intern_name(&from->channels, i, &n);
        status = sj__map_see_channel(to, name, n, &number, error);
    }
    return status;
}

static const char *merge_name(const sj__intern *names, uint32_t number)
{
    return number == SJ__NO_ID ? NULL : sj__intern_name(names, number, NULL);
}

static sj_status merge_touchpoints(sj__map *to, const sj__map *from, sj_error *error)
{
    uint32_t number = 0;
    sj_status status = SJ_OK;
    for (size_t i = 0; !status && i < from->declared_touchpoints.n; i++) {
        const uint32_t t = from->declared_touchpoints.item[i];
        const sj__map_touchpoint *row = &from->touchpoint[t];
        status = sj__map_add_touchpoint(to, sj__intern_name(&from->touchpoints, t, NULL),
                                        merge_name(&from->stages, row->stage),
                                        merge_name(&from->channels, row->channel), error);
    }
    for (uint32_t i = 0; !status && i < from->touchpoints.count; i++) {
        size_t n = 0;
        const char *name = sj__intern_name(&from->touchpoints, i, &n);
        status = sj__map_see_touchpoint(to, name, n, &number, error);
    }
    return status;
}

/* Numbers of `from` are looked up by name: stages and touchpoints are all in `to` by now. */
static sj_status merge_expected(sj__map *to, const sj__map *from, sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = 0; !status && i < from->n_expected; i++) {
        sj__map_expected row = from->expected[i];
        const sj__intern *old = row.of_stages ? &from->stages : &from->touchpoints;
        const sj__intern *names = row.of_stages ? &to->stages : &to->touchpoints;
        size_t n_from = 0, n_to = 0;
        const char *name_from = sj__intern_name(old, row.from, &n_from);
        const char *name_to = sj__intern_name(old, row.to, &n_to);
        row.from = sj__intern_find(names, name_from, n_from);
        row.to = sj__intern_find(names, name_to, n_to);
        status = sj__map_expect(to, &row, error);
    }
    return status;
}

static sj_status merge_attribute(sj__map *to, const sj__map *from, uint32_t attribute,
                                 sj_error *error)
{
    const sj__map_attribute *row = &from->attribute[attribute];
    size_t n = 0;
    const char *name = sj__intern_name(&from->attributes, attribute, &n);
    uint32_t number = 0, value = 0;
    sj_status status = SJ_OK;
    if (row->declared &&
        (status = sj__map_add_attribute(to, name, n, row->type, row->of_customers, error)))
        return status;
    if ((status = sj__map_see_attribute(to, name, n, &number, error)))
        return status;
    if (to->attribute[number].type != row->type ||
        to->attribute[number].of_customers != row->of_customers)
        return sj__fail(error, SJ_ERR_DUPLICATE, "attribute %q is of another type there", name);
    for (uint32_t i = 0; !status && i < row->values.count; i++) {
        size_t size = 0;
        const char *text = sj__intern_name(&row->values, i, &size);
        status = sj__map_see_category(to, number, text, size, &value, error);
    }
    return status;
}

static sj_status merge_attributes(sj__map *to, const sj__map *from, sj_error *error)
{
    sj_status status = SJ_OK;
    for (size_t i = 0; !status && i < from->declared_attributes.n; i++)
        status = merge_attribute(to, from, from->declared_attributes.item[i], error);
    for (uint32_t i = 0; !status && i < from->attributes.count; i++) {
        if (!from->attribute[i].declared)
            status = merge_attribute(to, from, i, error);
    }
    return status;
}

static sj_status merge_conversions(sj__map *to, const sj__map *from, sj_error *error)
{
    sj_status status = SJ_OK;
    for (uint32_t i = 0; !status && i < from->conversions.count; i++) {
        const sj__map_conversion *row = &from->conversion[i];
        status = sj__map_set_conversion(to, sj__intern_name(&from->conversions, i, NULL),
                                        row->condition, row->has_worth ? &row->worth : NULL, error);
    }
    return status;
}

sj_status sj__map_merge(sj__map *to, const sj__map *from, sj_error *error)
{
    sj_status status = SJ_OK;
    if ((status = merge_stages(to, from, error)) || (status = merge_channels(to, from, error)) ||
        (status = merge_touchpoints(to, from, error)) ||
        (status = merge_conversions(to, from, error)) || (status = merge_expected(to, from, error)))
        return status;
    return merge_attributes(to, from, error);
}
