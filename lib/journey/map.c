/* The journey map while it is filled: every addition is checked, made room for, and only then done,
 * so that one that fails leaves the map as it was.
 *
 * A touchpoint is declared by field: its stage and its channel may be said apart and in either
 * order, but what was said once cannot be changed.  Micro-conversions and expected transitions are
 * in map_flow.c. */
#include "journey/map.h"

#include <string.h>

#include "base/utf8.h"

void sj__map_init(sj__map *map, const sj_allocator *allocator)
{
    *map = (sj__map){.allocator = allocator};
    sj__intern_init(&map->stages, allocator);
    sj__intern_init(&map->touchpoints, allocator);
    sj__intern_init(&map->channels, allocator);
    sj__intern_init(&map->conversions, allocator);
    sj__intern_init(&map->attributes, allocator);
    sj__index_init(&map->expected_index, allocator);
}

static void map_free_list(const sj_allocator *a, sj__map_list *list)
{
    sj__free(a, list->item, list->capacity, sizeof *list->item);
}

void sj__map_free(sj__map *map)
{
    const sj_allocator *a = map->allocator;
    for (uint32_t i = 0; i < map->conversions.count; i++)
        sj__free(a, map->conversion[i].condition, map->conversion[i].size + 1, 1);
    for (uint32_t i = 0; i < map->attributes.count; i++)
        sj__intern_free(&map->attribute[i].values);
    sj__free(a, map->touchpoint, map->touchpoint_capacity, sizeof *map->touchpoint);
    sj__free(a, map->channel_declared, map->channel_capacity, sizeof *map->channel_declared);
    sj__free(a, map->conversion, map->conversion_capacity, sizeof *map->conversion);
    sj__free(a, map->expected, map->expected_capacity, sizeof *map->expected);
    sj__free(a, map->attribute, map->attribute_capacity, sizeof *map->attribute);
    map_free_list(a, &map->declared_touchpoints);
    map_free_list(a, &map->declared_channels);
    map_free_list(a, &map->declared_attributes);
    sj__index_free(&map->expected_index);
    sj__intern_free(&map->stages);
    sj__intern_free(&map->touchpoints);
    sj__intern_free(&map->channels);
    sj__intern_free(&map->conversions);
    sj__intern_free(&map->attributes);
    sj__map_init(map, a);
}

/* ------------------------------------------------------------------------------- messages -- */

void sj__map_shorten(char *to, const char *name, size_t n)
{
    const size_t cut = n < SJ__SHORT_NAME ? n : sj__utf8_cut(name, n, SJ__SHORT_NAME - 1);
    if (cut)
        memcpy(to, name, cut);
    to[cut] = '\0';
}

static int map_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *sj__map_trim(const char *text, size_t *n)
{
    for (; *n && map_is_blank(*text); --*n)
        text++;
    while (*n && map_is_blank(text[*n - 1]))
        --*n;
    return text;
}

sj_status sj__map_unknown(const sj__intern *known, const char *what, const char *name, size_t n,
                          sj__place place, sj_error *error)
{
    const char *nearest = sj__intern_nearest(known, name, n);
    char text[SJ__SHORT_NAME];
    sj__map_shorten(text, name, n);
    if (nearest)
        return sj__fail_at(error, SJ_ERR_NAME, place, "unknown %s %q; the nearest known one is %q",
                           what, text, nearest);
    if (known->count == 0)
        return sj__fail_at(error, SJ_ERR_NAME, place, "unknown %s %q; there is no %s", what, text,
                           what);
    return sj__fail_at(error, SJ_ERR_NAME, place,
                       "unknown %s %q; no known one is near, the first of %u is %q", what, text,
                       (uint64_t)known->count, sj__intern_name(known, 0, NULL));
}

static sj_status map_check_text(const char *what, const char *text, size_t n, size_t limit,
                                sj_error *error)
{
    const size_t bad = n > limit ? n : sj__utf8_check(text, n);
    if (n > limit)
        return sj__fail(error, SJ_ERR_LIMIT, "a %s is longer than %u bytes", what, (uint64_t)limit);
    if (bad < n)
        return sj__fail_at(error, SJ_ERR_UTF8, (sj__place){.index = (int64_t)bad},
                           text[bad] ? "the name of a %s is not UTF-8 at byte %u"
                                     : "the name of a %s has a NUL at byte %u",
                           what, (uint64_t)bad);
    return SJ_OK;
}

sj_status sj__map_check_name(const char *what, const char *name, size_t n, sj_error *error)
{
    if (n == 0)
        return sj__fail(error, SJ_ERR_NAME, "the name of a %s is empty", what);
    return map_check_text(what, name, n, SJ__LIMIT_NAME, error);
}

/* ----------------------------------------------------------------------- making room, adding -- */

static sj_status map_reserve_list(const sj_allocator *a, sj__map_list *list, size_t more,
                                  sj_error *error)
{
    return sj__grow(a, &list->item, &list->capacity, list->n + more, error);
}

sj_status sj__map_reserve_touchpoints(sj__map *map, size_t more, sj_error *error)
{
    const sj_status status = sj__grow(map->allocator, &map->touchpoint, &map->touchpoint_capacity,
                                      (size_t)map->touchpoints.count + more, error);
    return status ? status
                  : map_reserve_list(map->allocator, &map->declared_touchpoints, more, error);
}

static sj_status map_reserve_channels(sj__map *map, size_t more, sj_error *error)
{
    const sj_status status = sj__grow(map->allocator, &map->channel_declared,
                                      &map->channel_capacity, map->channels.count + more, error);
    return status ? status : map_reserve_list(map->allocator, &map->declared_channels, more, error);
}

sj_status sj__map_enter_touchpoint(sj__map *map, const char *name, size_t n, uint32_t *out,
                                   sj_error *error)
{
    const uint32_t before = map->touchpoints.count;
    const sj_status status = sj__intern_add(&map->touchpoints, name, n, out, error);
    if (!status && *out == before)
        map->touchpoint[before] = (sj__map_touchpoint){.stage = SJ__NO_ID, .channel = SJ__NO_ID};
    return status;
}

static sj_status map_enter_channel(sj__map *map, const char *name, size_t n, uint32_t *out,
                                   sj_error *error)
{
    const uint32_t before = map->channels.count;
    sj_status status = SJ_OK;
    if (before >= SJ__LIMIT_CHANNELS && sj__intern_find(&map->channels, name, n) == SJ__ABSENT)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than %i channels",
                        (int64_t)SJ__LIMIT_CHANNELS);
    status = sj__intern_add(&map->channels, name, n, out, error);
    if (!status && *out == before)
        map->channel_declared[before] = 0;
    return status;
}

void sj__map_declare_touchpoint(sj__map *map, uint32_t touchpoint)
{
    if (!map->touchpoint[touchpoint].declared)
        map->declared_touchpoints.item[map->declared_touchpoints.n++] = touchpoint;
    map->touchpoint[touchpoint].declared = 1;
}

static void map_declare_channel(sj__map *map, uint32_t channel)
{
    if (!map->channel_declared[channel])
        map->declared_channels.item[map->declared_channels.n++] = channel;
    map->channel_declared[channel] = 1;
}

/* ---------------------------------------------------------------------------- declarations -- */

sj_status sj__map_add_stage(sj__map *map, const char *name, size_t n, sj_error *error)
{
    uint32_t number = 0;
    const sj_status status = sj__map_check_name("stage", name, n, error);
    if (status)
        return status;
    if (map->stages.count >= SJ__LIMIT_STAGES &&
        sj__intern_find(&map->stages, name, n) == SJ__ABSENT)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than %i stages",
                        (int64_t)SJ__LIMIT_STAGES);
    return sj__intern_add(&map->stages, name, n, &number, error);
}

/* What a touchpoint's declaration would change is free or the same. */
static sj_status map_check_touchpoint(const sj__map *map, const char *name, uint32_t stage,
                                      const char *channel, sj_error *error)
{
    const uint32_t number = sj__intern_find(&map->touchpoints, name, strlen(name));
    const sj__map_touchpoint *row = number == SJ__ABSENT ? NULL : &map->touchpoint[number];
    const char *other = NULL;
    if (row && stage != SJ__NO_ID && row->stage != SJ__NO_ID && row->stage != stage)
        return sj__fail(error, SJ_ERR_DUPLICATE,
                        "touchpoint %q is in stage %q already and cannot be in %q too", name,
                        sj__intern_name(&map->stages, row->stage, NULL),
                        sj__intern_name(&map->stages, stage, NULL));
    if (!row || !channel || row->channel == SJ__NO_ID)
        return SJ_OK;
    other = sj__intern_name(&map->channels, row->channel, NULL);
    if (strcmp(other, channel) != 0)
        return sj__fail(error, SJ_ERR_DUPLICATE,
                        "touchpoint %q has the channel %q already and cannot have %q too", name,
                        other, channel);
    return SJ_OK;
}

static sj_status map_find_stage(const sj__map *map, const char *stage, uint32_t *out,
                                sj_error *error)
{
    *out = stage ? sj__intern_find(&map->stages, stage, strlen(stage)) : SJ__NO_ID;
    if (stage && *out == SJ__ABSENT)
        return sj__map_unknown(&map->stages, "stage", stage, strlen(stage), SJ__NOWHERE, error);
    return SJ_OK;
}

sj_status sj__map_add_touchpoint(sj__map *map, const char *name, const char *stage,
                                 const char *channel, sj_error *error)
{
    const uint32_t channels = map->channels.count;
    uint32_t s = SJ__NO_ID, c = SJ__NO_ID, t = 0;
    sj_status status = SJ_OK;
    if ((status = sj__map_check_name("touchpoint", name, strlen(name), error)) ||
        (channel && (status = sj__map_check_name("channel", channel, strlen(channel), error))) ||
        (status = map_find_stage(map, stage, &s, error)) ||
        (status = map_check_touchpoint(map, name, s, channel, error)) ||
        (status = sj__map_reserve_touchpoints(map, 1, error)) ||
        (status = map_reserve_channels(map, 1, error)) ||
        (channel && (status = map_enter_channel(map, channel, strlen(channel), &c, error))))
        return status;
    if ((status = sj__map_enter_touchpoint(map, name, strlen(name), &t, error))) {
        sj__intern_truncate(&map->channels, channels);
        return status;
    }
    if (s != SJ__NO_ID)
        map->touchpoint[t].stage = s;
    if (c != SJ__NO_ID) {
        map->touchpoint[t].channel = c;
        map_declare_channel(map, c);
    }
    sj__map_declare_touchpoint(map, t);
    return SJ_OK;
}

sj_status sj__map_add_channel(sj__map *map, const char *name, size_t n, sj_error *error)
{
    uint32_t number = 0;
    sj_status status = SJ_OK;
    if ((status = sj__map_check_name("channel", name, n, error)) ||
        (status = map_reserve_channels(map, 1, error)) ||
        (status = map_enter_channel(map, name, n, &number, error)))
        return status;
    map_declare_channel(map, number);
    return SJ_OK;
}

sj_status sj__map_add_attribute(sj__map *map, const char *name, size_t n, int32_t type,
                                int32_t of_customers, sj_error *error)
{
    uint32_t number = 0;
    sj__map_attribute *row = NULL;
    sj_status status = SJ_OK;
    if (type < SJ_ATTRIBUTE_CATEGORY || type > SJ_ATTRIBUTE_REAL)
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "the type of an attribute is SJ_ATTRIBUTE_…, not %i", (int64_t)type);
    if ((status = map_reserve_list(map->allocator, &map->declared_attributes, 1, error)))
        return status;
    number = sj__intern_find(&map->attributes, name, n);
    if (number == SJ__ABSENT) {
        if ((status = sj__map_see_attribute(map, name, n, &number, error)))
            return status;
        map->attribute[number].type = type;
        map->attribute[number].of_customers = of_customers != 0;
    }
    row = &map->attribute[number];
    if (row->type != type || row->of_customers != (of_customers != 0))
        return sj__fail(error, SJ_ERR_DUPLICATE,
                        "attribute %q is there already, as one of %s of %s",
                        sj__intern_name(&map->attributes, number, NULL),
                        row->type == SJ_ATTRIBUTE_CATEGORY  ? "categories"
                        : row->type == SJ_ATTRIBUTE_INTEGER ? "whole numbers"
                                                            : "real numbers",
                        row->of_customers ? "customers" : "events");
    if (!row->declared)
        map->declared_attributes.item[map->declared_attributes.n++] = number;
    row->declared = 1;
    return SJ_OK;
}

/* ----------------------------------------------------------------------------- from events -- */

sj_status sj__map_see_touchpoint(sj__map *map, const char *name, size_t n, uint32_t *out,
                                 sj_error *error)
{
    sj_status status = SJ_OK;
    *out = sj__intern_find(&map->touchpoints, name, n);
    if (*out != SJ__ABSENT)
        return SJ_OK;
    if ((status = sj__map_check_name("touchpoint", name, n, error)) ||
        (status = sj__map_reserve_touchpoints(map, 1, error)))
        return status;
    return sj__map_enter_touchpoint(map, name, n, out, error);
}

sj_status sj__map_see_channel(sj__map *map, const char *name, size_t n, uint32_t *out,
                              sj_error *error)
{
    sj_status status = SJ_OK;
    *out = sj__intern_find(&map->channels, name, n);
    if (*out != SJ__ABSENT)
        return SJ_OK;
    if ((status = sj__map_check_name("channel", name, n, error)) ||
        (status = map_reserve_channels(map, 1, error)))
        return status;
    return map_enter_channel(map, name, n, out, error);
}

sj_status sj__map_see_attribute(sj__map *map, const char *name, size_t n, uint32_t *out,
                                sj_error *error)
{
    sj_status status = SJ_OK;
    *out = sj__intern_find(&map->attributes, name, n);
    if (*out != SJ__ABSENT)
        return SJ_OK;
    if ((status = sj__map_check_name("attribute", name, n, error)))
        return status;
    if (map->attributes.count >= SJ__LIMIT_ATTRIBUTES)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than %i attributes",
                        (int64_t)SJ__LIMIT_ATTRIBUTES);
    if ((status = sj__grow(map->allocator, &map->attribute, &map->attribute_capacity,
                           (size_t)map->attributes.count + 1, error)) ||
        (status = sj__intern_add(&map->attributes, name, n, out, error)))
        return status;
    map->attribute[*out] = (sj__map_attribute){.type = SJ_ATTRIBUTE_CATEGORY};
    sj__intern_init(&map->attribute[*out].values, map->allocator);
    return SJ_OK;
}

sj_status sj__map_see_category(sj__map *map, uint32_t attribute, const char *value, size_t n,
                               uint32_t *out, sj_error *error)
{
    sj__intern *values = &map->attribute[attribute].values;
    sj_status status = SJ_OK;
    *out = sj__intern_find(values, value, n);
    if (*out != SJ__ABSENT)
        return SJ_OK;
    if ((status = map_check_text("category", value, n, SJ__LIMIT_CATEGORY, error)))
        return status;
    return sj__intern_add(values, value, n, out, error);
}

/* ---------------------------------------------------------------------------------- going back --
 */

sj_status sj__map_set_mark(const sj__map *map, sj__map_mark *mark, sj_error *error)
{
    *mark = (sj__map_mark){.touchpoints = map->touchpoints.count,
                           .channels = map->channels.count,
                           .attributes = map->attributes.count};
    mark->values = sj__alloc(map->allocator, mark->attributes, sizeof *mark->values);
    if (!mark->values)
        return sj__fail_nomem(error);
    for (uint32_t i = 0; i < mark->attributes; i++)
        mark->values[i] = map->attribute[i].values.count;
    return SJ_OK;
}

/* Takes numbers from `count` on out of a list. */
static void map_truncate_list(sj__map_list *list, uint32_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->item[i] < count)
            list->item[kept++] = list->item[i];
    }
    list->n = kept;
}

void sj__map_rollback(sj__map *map, const sj__map_mark *mark)
{
    for (uint32_t i = mark->attributes; i < map->attributes.count; i++)
        sj__intern_free(&map->attribute[i].values);
    for (uint32_t i = 0; i < mark->attributes; i++)
        sj__intern_truncate(&map->attribute[i].values, mark->values[i]);
    sj__intern_truncate(&map->touchpoints, mark->touchpoints);
    sj__intern_truncate(&map->channels, mark->channels);
    sj__intern_truncate(&map->attributes, mark->attributes);
    map_truncate_list(&map->declared_touchpoints, mark->touchpoints);
    map_truncate_list(&map->declared_channels, mark->channels);
    map_truncate_list(&map->declared_attributes, mark->attributes);
}

void sj__map_mark_free(const sj__map *map, sj__map_mark *mark)
{
    sj__free(map->allocator, mark->values, mark->attributes, sizeof *mark->values);
    mark->values = NULL;
}
