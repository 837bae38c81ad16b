/* A map as a whole: copied, and finished, which gives every name its final number.
 *
 * Final numbers depend on names and declarations only, never on the order of events: touchpoints
 * and attributes stand declared ones first, in the order of their declarations, then by name;
 * channels and categories by name.  A copy is the same work with numbers unchanged.  O(names · log
 * names). */
#include "journey/map.h"

/* -------------------------------------------------------------------------------- rebuilding -- */

static uint32_t finish_number(const uint32_t *numbers, uint32_t old)
{
    return numbers && old != SJ__NO_ID ? numbers[old] : old;
}

/* order[new number] = old one; NULL on failure.  `numbers` NULL: they stay. */
static uint32_t *finish_invert(const sj_allocator *a, const uint32_t *numbers, uint32_t n)
{
    uint32_t *order = sj__alloc(a, n, sizeof *order);
    for (uint32_t i = 0; order && i < n; i++)
        order[finish_number(numbers, i)] = i;
    return order;
}

static sj_status finish_intern(sj__intern *to, const sj__intern *from, const uint32_t *numbers,
                               sj_error *error)
{
    const sj_allocator *a = to->allocator;
    const uint32_t n = from->count;
    uint32_t *order = NULL, number = 0;
    sj_status status = SJ_OK;
    if (!numbers)
        return sj__intern_copy(to, from, a, error);
    if (!(order = finish_invert(a, numbers, n)))
        return sj__fail_nomem(error);
    for (uint32_t i = 0; !status && i < n; i++) {
        size_t size = 0;
        const char *name = sj__intern_name(from, order[i], &size);
        status = sj__intern_add(to, name, size, &number, error);
    }
    sj__free(a, order, n, sizeof *order);
    return status;
}

static sj_status finish_list(const sj_allocator *a, sj__map_list *to, const sj__map_list *from,
                             const uint32_t *numbers, sj_error *error)
{
    const sj_status status = sj__grow(a, &to->item, &to->capacity, from->n, error);
    for (size_t i = 0; !status && i < from->n; i++)
        to->item[i] = finish_number(numbers, from->item[i]);
    to->n = status ? 0 : from->n;
    return status;
}

static sj_status finish_touchpoints(sj__map *to, const sj__map *from, const sj__map_renumber *by,
                                    sj_error *error)
{
    const uint32_t n = from->touchpoints.count, n_channels = from->channels.count;
    sj_status status = SJ_OK;
    if ((status = sj__grow(to->allocator, &to->touchpoint, &to->touchpoint_capacity, n, error)) ||
        (status = sj__grow(to->allocator, &to->channel_declared, &to->channel_capacity, n_channels,
                           error)))
        return status;
    for (uint32_t i = 0; i < n; i++) {
        sj__map_touchpoint row = from->touchpoint[i];
        row.channel = finish_number(by->channels, row.channel);
        to->touchpoint[finish_number(by->touchpoints, i)] = row;
    }
    for (uint32_t i = 0; i < n_channels; i++)
        to->channel_declared[finish_number(by->channels, i)] = from->channel_declared[i];
    return SJ_OK;
}

static sj_status finish_conversions(sj__map *to, const sj__map *from, sj_error *error)
{
    const uint32_t n = from->conversions.count;
    sj_status status = sj__grow(to->allocator, &to->conversion, &to->conversion_capacity, n, error);
    for (uint32_t i = 0; !status && i < n; i++) {
        const sj__map_conversion *row = &from->conversion[i];
        size_t size = 0;
        uint32_t number = 0;
        const char *name = sj__intern_name(&from->conversions, i, &size);
        char *copy = sj__copy_text(to->allocator, row->condition, row->size);
        status = copy ? sj__intern_add(&to->conversions, name, size, &number, error)
                      : sj__fail_nomem(error);
        if (status) {
            sj__free(to->allocator, copy, row->size + 1, 1);
        } else {
            to->conversion[i] = *row;
            to->conversion[i].condition = copy;
        }
    }
    return status;
}

static sj_status finish_expected(sj__map *to, const sj__map *from, const sj__map_renumber *by,
                                 sj_error *error)
{
    sj_status status =
        sj__grow(to->allocator, &to->expected, &to->expected_capacity, from->n_expected, error);
    for (size_t i = 0; !status && i < from->n_expected; i++) {
        sj__map_expected row = from->expected[i];
        if (!row.of_stages) {
            row.from = finish_number(by->touchpoints, row.from);
            row.to = finish_number(by->touchpoints, row.to);
        }
        status = sj__map_expect(to, &row, error);
    }
    return status;
}

static sj_status finish_attributes(sj__map *to, const sj__map *from, const sj__map_renumber *by,
                                   sj_error *error)
{
    const uint32_t n = from->attributes.count;
    uint32_t *order = finish_invert(to->allocator, by->attributes, n);
    sj_status status =
        order ? sj__grow(to->allocator, &to->attribute, &to->attribute_capacity, n, error)
              : sj__fail_nomem(error);
    for (uint32_t i = 0; !status && i < n; i++) {
        const uint32_t old = order[i];
        size_t size = 0;
        uint32_t number = 0;
        const char *name = sj__intern_name(&from->attributes, old, &size);
        status = sj__intern_add(&to->attributes, name, size, &number, error);
        if (status)
            break;
        to->attribute[i] = from->attribute[old];
        sj__intern_init(&to->attribute[i].values, to->allocator);
        status = finish_intern(&to->attribute[i].values, &from->attribute[old].values,
                               by->values ? by->values[old] : NULL, error);
    }
    sj__free(to->allocator, order, n, sizeof *order);
    return status;
}

/* Makes `to` a copy of `from` with the numbers that `by` gives. */
static sj_status finish_rebuild(sj__map *to, const sj__map *from, const sj_allocator *allocator,
                                const sj__map_renumber *by, sj_error *error)
{
    sj_status status = SJ_OK;
    sj__map_init(to, allocator);
    if ((status = finish_touchpoints(to, from, by, error)) ||
        (status = finish_intern(&to->stages, &from->stages, NULL, error)) ||
        (status = finish_intern(&to->touchpoints, &from->touchpoints, by->touchpoints, error)) ||
        (status = finish_intern(&to->channels, &from->channels, by->channels, error)) ||
        (status = finish_conversions(to, from, error)) ||
        (status = finish_expected(to, from, by, error)) ||
        (status = finish_attributes(to, from, by, error)) ||
        (status = finish_list(allocator, &to->declared_touchpoints, &from->declared_touchpoints,
                              by->touchpoints, error)) ||
        (status = finish_list(allocator, &to->declared_channels, &from->declared_channels,
                              by->channels, error)) ||
        (status = finish_list(allocator, &to->declared_attributes, &from->declared_attributes,
                              by->attributes, error)))
        sj__map_free(to);
    return status;
}

sj_status sj__map_copy(sj__map *to, const sj__map *from, const sj_allocator *allocator,
                       sj_error *error)
{
    const sj__map_renumber same = {0};
    return finish_rebuild(to, from, allocator, &same, error);
}

/* ------------------------------------------------------------------------------ final numbers --
 */

/* Those of the list first, in its order, then the others by name.  NULL on failure. */
static uint32_t *finish_numbers(const sj__intern *names, const sj__map_list *first,
                                const sj_allocator *a, sj_error *error)
{
    const uint32_t n = names->count;
    uint32_t *numbers = sj__alloc(a, n, sizeof *numbers);
    uint32_t *order = sj__alloc(a, n, sizeof *order);
    uint32_t next = 0;
    int failed = !numbers || !order;
    if (failed) {
        sj__fail_nomem(error);
    } else {
        failed = sj__intern_order(names, order, error) != SJ_OK;
    }
    if (failed) {
        sj__free(a, numbers, n, sizeof *numbers);
        numbers = NULL;
        goto out;
    }
    for (uint32_t i = 0; i < n; i++)
        numbers[i] = SJ__NO_ID;
    for (size_t i = 0; first && i < first->n; i++)
        numbers[first->item[i]] = next++;
    for (uint32_t i = 0; i < n; i++) {
        if (numbers[order[i]] == SJ__NO_ID)
            numbers[order[i]] = next++;
    }
out:
    sj__free(a, order, n, sizeof *order);
    return numbers;
}

static sj_status finish_values(const sj__map *map, sj__map_renumber *numbers, sj_error *error)
{
    const uint32_t n = map->attributes.count;
    numbers->values = sj__alloc_zeroed(map->allocator, n, sizeof *numbers->values);
    if (!numbers->values)
        return sj__fail_nomem(error);
    for (uint32_t i = 0; i < n; i++) {
        numbers->values[i] = finish_numbers(&map->attribute[i].values, NULL, map->allocator, error);
        if (!numbers->values[i])
            return SJ_ERR_NOMEM;
    }
    return SJ_OK;
}

sj_status sj__map_finish(const sj__map *map, const sj_allocator *allocator, sj__map *out,
                         sj__map_renumber *numbers, sj_error *error)
{
    const sj_allocator *a = map->allocator;
    sj_status status = SJ_OK;
    *numbers = (sj__map_renumber){0};
    sj__map_init(out, allocator);
    numbers->touchpoints = finish_numbers(&map->touchpoints, &map->declared_touchpoints, a, error);
    if (!numbers->touchpoints)
        return SJ_ERR_NOMEM;
    numbers->channels = finish_numbers(&map->channels, NULL, a, error);
    if (numbers->channels)
        numbers->attributes = finish_numbers(&map->attributes, &map->declared_attributes, a, error);
    status = numbers->attributes ? finish_values(map, numbers, error) : SJ_ERR_NOMEM;
    if (!status)
        status = finish_rebuild(out, map, allocator, numbers, error);
    if (status)
        sj__map_renumber_free(map, numbers);
    return status;
}

void sj__map_renumber_free(const sj__map *map, sj__map_renumber *numbers)
{
    const sj_allocator *a = map->allocator;
    const uint32_t n = map->attributes.count;
    for (uint32_t i = 0; numbers->values && i < n; i++)
        sj__free(a, numbers->values[i], map->attribute[i].values.count, sizeof **numbers->values);
    sj__free(a, numbers->values, n, sizeof *numbers->values);
    sj__free(a, numbers->touchpoints, map->touchpoints.count, sizeof *numbers->touchpoints);
    sj__free(a, numbers->channels, map->channels.count, sizeof *numbers->channels);
    sj__free(a, numbers->attributes, n, sizeof *numbers->attributes);
    *numbers = (sj__map_renumber){0};
}
