/* Events and customers from columns: the table is checked, a mark is set, the rows are read, and a
 * failure takes the whole call back. */
#include <string.h>

#include "journey/builder_rows.h"

static int32_t events_attribute_takes(int32_t type)
{
    return type == SJ_ATTRIBUTE_REAL ? SJ__TAKES_TEXT | SJ__TAKES_WHOLE | SJ__TAKES_REAL
                                     : SJ__TAKES_TEXT | SJ__TAKES_WHOLE;
}

static sj_status events_find_attribute(const sj_builder *builder, const sj_column *c,
                                       int32_t of_customers, uint32_t *out, sj_error *error)
{
    const sj__intern *names = &builder->map.attributes;
    if (!c->name) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "the column of an attribute has no name");
    }
    *out = sj__intern_find(names, c->name, strlen(c->name));
    if (*out == SJ__ABSENT) {
        return sj__map_unknown(names, "attribute", c->name, strlen(c->name), SJ__NOWHERE, error);
    }
    if (builder->map.attribute[*out].of_customers != of_customers) {
        return sj__fail(error, SJ_ERR_NAME, "%q is an attribute of %s, not of %s", c->name,
                        of_customers ? "events" : "customers",
                        of_customers ? "customers" : "events");
    }
    return sj__column_check(c, c->name, events_attribute_takes(builder->map.attribute[*out].type),
                            error);
}

/* Numbers of the attributes that the columns are; free with n_attributes. */
static sj_status events_find_attributes(const sj_builder *builder, const sj_events *events,
                                        int32_t of_customers, uint32_t **out, sj_error *error)
{
    const sj_allocator *a = &builder->allocator;
    uint32_t *numbers = sj__alloc(a, events->n_attributes, sizeof *numbers);
    uint8_t *seen = sj__alloc_zeroed(a, builder->map.attributes.count, 1);
    sj_status status = numbers && seen ? SJ_OK : sj__fail_nomem(error);
    for (size_t c = 0; !status && c < events->n_attributes; c++) {
        if (events->attributes[c].data) {
            status = events_find_attribute(builder, &events->attributes[c], of_customers,
                                           &numbers[c], error);
            if (!status && seen[numbers[c]]++) {
                status = sj__fail(error, SJ_ERR_DUPLICATE, "the attribute %q has two columns",
                                  events->attributes[c].name);
            }
        }
    }
    sj__free(a, seen, builder->map.attributes.count, 1);
    if (status) {
        sj__free(a, numbers, events->n_attributes, sizeof *numbers);
        numbers = NULL;
    }
    *out = numbers;
    return status;
}

static sj_status events_check(const sj_events *events, sj_error *error)
{
    sj_status status =
        sj__column_check(&events->customer, "customer", SJ__TAKES_TEXT | SJ__TAKES_WHOLE, error);
    if (!status) {
        status = sj__column_check(&events->touchpoint, "touchpoint",
                                  SJ__TAKES_TEXT | SJ__TAKES_WHOLE, error);
    }
    if (!status) {
        status = sj__column_check(&events->time, "time", SJ__TAKES_WHOLE, error);
    }
    if (!status && events->channel.data) {
        status =
            sj__column_check(&events->channel, "channel", SJ__TAKES_TEXT | SJ__TAKES_WHOLE, error);
    }
    if (!status && events->value.data) {
        status = sj__column_check(&events->value, "value",
                                  SJ__TAKES_TEXT | SJ__TAKES_WHOLE | SJ__TAKES_REAL, error);
    }
    return status;
}

static sj_status events_load(const sj_builder *builder, const sj_events *given, sj_events *events,
                             sj_error *error)
{
    if (!builder || !given) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", builder ? "events" : "builder");
    }
    return sj__options_load(&sj__events_struct, given, events, error);
}

sj_status sj_builder_add_events(sj_builder *builder, const sj_events *given, sj_error *error)
{
    sj__builder_mark mark;
    sj_events events;
    uint32_t *attributes = NULL;
    sj_status status = events_load(builder, given, &events, error);
    if (status || events.n_events == 0) {
        return status;
    }
    status = events_check(&events, error);
    if (!status) {
        status = events_find_attributes(builder, &events, 0, &attributes, error);
    }
    if (status) {
        return status;
    }
    status = sj__builder_mark_take(builder, &mark, error);
    if (!status) {
        status = sj__rows_add(builder, &events, attributes, error);
        if (status) {
            sj__builder_rollback(builder, &mark);
        }
        sj__builder_mark_drop(builder, &mark);
    }
    sj__free(&builder->allocator, attributes, events.n_attributes, sizeof *attributes);
    return status;
}

/* ---------------------------------------------------------------------------------- customers --
 */

static sj_status events_set_row(sj_builder *builder, const sj_events *events,
                                const uint32_t *attributes, size_t row, sj_error *error)
{
    sj__setting setting = {0};
    sj_status status = sj__rows_customer(builder, &events->customer, row, &setting.customer, error);
    for (size_t c = 0; !status && c < events->n_attributes; c++) {
        int present = 0;
        setting.attribute = attributes[c];
        if (events->attributes[c].data) {
            status = sj__rows_attribute(builder, setting.attribute, &events->attributes[c], row,
                                        &present, &setting.word, error);
        }
        if (!status && present) {
            status = sj__builder_set(builder, setting, error);
        }
    }
    return sj__rows_blame(status, row, error);
}

static sj_status events_check_customers(const sj_events *events, sj_error *error)
{
    if (events->touchpoint.data || events->time.data || events->channel.data ||
        events->value.data) {
        return sj__fail(error, SJ_ERR_ARGUMENT,
                        "customers have no touchpoint, time, channel or value");
    }
    return sj__column_check(&events->customer, "customer", SJ__TAKES_TEXT | SJ__TAKES_WHOLE, error);
}

sj_status sj_builder_set_customers(sj_builder *builder, const sj_events *given, sj_error *error)
{
    sj__builder_mark mark;
    sj_events events;
    uint32_t *attributes = NULL;
    sj_status status = events_load(builder, given, &events, error);
    if (status || events.n_events == 0) {
        return status;
    }
    status = events_check_customers(&events, error);
    if (!status) {
        status = events_find_attributes(builder, &events, 1, &attributes, error);
    }
    if (status) {
        return status;
    }
    status = sj__builder_mark_take(builder, &mark, error);
    if (!status) {
        for (size_t row = 0; !status && row < events.n_events; row++) {
            status = events_set_row(builder, &events, attributes, row, error);
        }
        if (status) {
            sj__builder_rollback(builder, &mark);
        }
        sj__builder_mark_drop(builder, &mark);
    }
    sj__free(&builder->allocator, attributes, events.n_attributes, sizeof *attributes);
    return status;
}
