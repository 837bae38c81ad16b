/* One event.  Most events bring no name that is not known yet; for the others, and only for them, a
 * mark is set. */
#include <string.h>

#include "journey/builder_state.h"

/* An event being added. */
typedef struct event_row {
    uint32_t customer, touchpoint;
    uint32_t channel; /* SJ__NO_ID: none */
    int64_t value;    /* where it has one */
} event_row;

static sj_status event_load(const sj_builder *builder, const sj_event *given, sj_event *event,
                            sj_error *error)
{
    sj_status status = SJ_OK;
    if (!builder || !given) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", builder ? "event" : "builder");
    }
    if (given->struct_size == sizeof *given) {
        *event = *given;
    } else {
        status = sj__options_load(&sj__event_struct, given, event, error);
    }
    if (status) {
        return status;
    }
    if (!event->customer || !event->touchpoint) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL",
                        event->customer ? "touchpoint" : "customer");
    }
    if (event->n_attributes && !event->attributes) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "attributes is NULL but n_attributes is not 0");
    }
    return sj__builder_check_time(builder, event->time, error);
}

/* Whether adding the event can add a name. */
static int event_is_news(const sj_builder *builder, const sj_event *event)
{
    const sj__map *map = &builder->map;
    if (event->n_attributes ||
        sj__intern_find(&builder->customers, event->customer, strlen(event->customer)) ==
            SJ__ABSENT ||
        sj__intern_find(&map->touchpoints, event->touchpoint, strlen(event->touchpoint)) ==
            SJ__ABSENT) {
        return 1;
    }
    return event->channel && event->channel[0] &&
           sj__intern_find(&map->channels, event->channel, strlen(event->channel)) == SJ__ABSENT;
}

static sj_status event_read(sj_builder *builder, const sj_event *event, event_row *row,
                            sj_error *error)
{
    sj_status status = sj__builder_customer(builder, event->customer, strlen(event->customer),
                                            &row->customer, error);
    row->channel = SJ__NO_ID;
    if (!status) {
        status = sj__map_see_touchpoint(&builder->map, event->touchpoint, strlen(event->touchpoint),
                                        &row->touchpoint, error);
    }
    if (!status && event->channel && event->channel[0]) {
        status = sj__map_see_channel(&builder->map, event->channel, strlen(event->channel),
                                     &row->channel, error);
    }
    if (!status && event->value) {
        status = sj__builder_value(*event->value, &row->value, error);
    }
    return status;
}

/* Whether one of the pairs before `i` has the same name. */
static int event_has_twice(const sj_event *event, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(event->attributes[2 * j], event->attributes[2 * i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static sj_status event_put_attribute(sj_builder *builder, const sj_event *event, size_t i,
                                     sj__spot spot, sj_error *error)
{
    const char *name = event->attributes[2 * i], *text = event->attributes[2 * i + 1];
    uint32_t attribute;
    uint64_t word;
    int present;
    size_t column;
    sj_status status;
    if (!name) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "the name of an attribute is NULL");
    }
    if (event_has_twice(event, i)) {
        return sj__fail(error, SJ_ERR_DUPLICATE, "an event has the attribute %q twice", name);
    }
    if (!text || !text[0]) {
        return SJ_OK;
    }
    status = sj__map_see_attribute(&builder->map, name, strlen(name), &attribute, error);
    if (!status && builder->map.attribute[attribute].of_customers) {
        status =
            sj__fail(error, SJ_ERR_NAME, "%q is an attribute of customers, not of events", name);
    }
    if (!status) {
        status =
            sj__builder_read_text(builder, attribute, text, strlen(text), &present, &word, error);
    }
    if (status) {
        return status;
    }
    column = SJ__ATTRIBUTE_COLUMN + (size_t)attribute;
    return builder->map.attribute[attribute].type == SJ_ATTRIBUTE_CATEGORY
               ? sj__parts_put_code(&builder->parts, spot, column, (uint32_t)word, error)
               : sj__parts_put_number(&builder->parts, spot, column, word, error);
}

/* Adds the event; on failure it may be half there. */
static sj_status event_add(sj_builder *builder, const sj_event *event, sj_error *error)
{
    event_row row = {0};
    sj__spot spot;
    sj_status status = event_read(builder, event, &row, error);
    if (!status) {
        status = sj__parts_append(&builder->parts, builder->part[row.customer], row.customer,
                                  event->time, row.touchpoint, &spot, error);
    }
    if (!status && row.channel != SJ__NO_ID) {
        status =
            sj__parts_put_code(&builder->parts, spot, SJ__CHANNEL_COLUMN, row.channel + 1, error);
    }
    if (!status && event->value) {
        status = sj__parts_put_number(&builder->parts, spot, SJ__VALUE_COLUMN, (uint64_t)row.value,
                                      error);
    }
    for (size_t i = 0; !status && i < event->n_attributes; i++) {
        status = event_put_attribute(builder, event, i, spot, error);
    }
    return status;
}

sj_status sj_builder_add_event(sj_builder *builder, const sj_event *given, sj_error *error)
{
    sj_event event;
    sj__builder_mark mark;
    int64_t value;
    sj_status status = event_load(builder, given, &event, error);
    if (status) {
        return status;
    }
    if (!event_is_news(builder, &event) && !event.value && !event.channel) {
        return event_add(builder, &event, error); /* one step, which cannot be half done */
    }
    if (event.value && (status = sj__builder_value(*event.value, &value, error))) {
        return status;
    }
    status = sj__builder_mark_take(builder, &mark, error);
    if (!status) {
        status = event_add(builder, &event, error);
        if (status) {
            sj__builder_rollback(builder, &mark);
        }
        sj__builder_mark_drop(builder, &mark);
    }
    return status;
}
