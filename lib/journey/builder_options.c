/* The tables of the structs that a builder and a selection take. */
#include "journey/builder.h"

static const sj__field builder_options_fields[] = {
    SJ__FIELD(sj_builder_options, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_builder_options, allocator, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "malloc"),
    SJ__FIELD(sj_builder_options, observed_from, SJ__KIND_TIME, SJ__ROLE_READ,
              .fallback = "earliest event"),
    SJ__FIELD(sj_builder_options, observed_until, SJ__KIND_TIME, SJ__ROLE_READ,
              .fallback = "latest event"),
    SJ__FIELD(sj_builder_options, ties, SJ__KIND_CHOICE, SJ__ROLE_READ, .values = "arrival name",
              .fallback = "arrival"),
    SJ__FIELD(sj_builder_options, drop_doubles, SJ__KIND_FLAG, SJ__ROLE_READ, .fallback = "off"),
};

const sj__struct sj__builder_options_struct = {.name = "sj_builder_options",
                                               .fields = builder_options_fields,
                                               .n_fields = sizeof builder_options_fields /
                                                           sizeof(sj__field),
                                               .size = sizeof(sj_builder_options),
                                               .least = sizeof(sj_builder_options)};

static const sj__field builder_selection_fields[] = {
    SJ__FIELD(sj_selection, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_selection, from, SJ__KIND_TIME, SJ__ROLE_READ, .fallback = "the graph's"),
    SJ__FIELD(sj_selection, to, SJ__KIND_TIME, SJ__ROLE_READ, .fallback = "the graph's"),
    SJ__FIELD(sj_selection, events, SJ__KIND_TEXT, SJ__ROLE_READ, .fallback = "all"),
    SJ__FIELD(sj_selection, customers, SJ__KIND_TEXT, SJ__ROLE_READ, .fallback = "all"),
    SJ__FIELD(sj_selection, include, SJ__KIND_NUMBERS, SJ__ROLE_READ, .fallback = "all",
              .count_field = "n_include"),
    SJ__FIELD(sj_selection, n_include, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_selection, exclude, SJ__KIND_NUMBERS, SJ__ROLE_READ, .fallback = "none",
              .count_field = "n_exclude"),
    SJ__FIELD(sj_selection, n_exclude, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
};

const sj__struct sj__selection_struct = {.name = "sj_selection",
                                         .fields = builder_selection_fields,
                                         .n_fields =
                                             sizeof builder_selection_fields / sizeof(sj__field),
                                         .size = sizeof(sj_selection),
                                         .least = sizeof(sj_selection)};

static const sj__field builder_event_fields[] = {
    SJ__FIELD(sj_event, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_event, customer, SJ__KIND_TEXT, SJ__ROLE_READ),
    SJ__FIELD(sj_event, touchpoint, SJ__KIND_TEXT, SJ__ROLE_READ),
    SJ__FIELD(sj_event, time, SJ__KIND_INTEGER, SJ__ROLE_READ),
    SJ__FIELD(sj_event, channel, SJ__KIND_TEXT, SJ__ROLE_READ,
              .fallback = "the touchpoint's own, or none"),
    SJ__FIELD(sj_event, value, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "none"),
    SJ__FIELD(sj_event, attributes, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "none"),
    SJ__FIELD(sj_event, n_attributes, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
};

const sj__struct sj__event_struct = {.name = "sj_event",
                                     .fields = builder_event_fields,
                                     .n_fields = sizeof builder_event_fields / sizeof(sj__field),
                                     .size = sizeof(sj_event),
                                     .least = sizeof(sj_event)};

static const sj__field builder_column_fields[] = {
    SJ__FIELD(sj_column, name, SJ__KIND_TEXT, SJ__ROLE_READ),
    SJ__FIELD(sj_column, data, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "no such column"),
    SJ__FIELD(sj_column, offsets, SJ__KIND_OBJECT, SJ__ROLE_READ),
    SJ__FIELD(sj_column, validity, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "all rows"),
    SJ__FIELD(sj_column, type, SJ__KIND_CHOICE, SJ__ROLE_READ,
              .values = "text text32 strings int64 int32 uint64 uint32 uint16 uint8 double"),
};

const sj__struct sj__column_struct = {.name = "sj_column",
                                      .fields = builder_column_fields,
                                      .n_fields = sizeof builder_column_fields / sizeof(sj__field),
                                      .size = sizeof(sj_column),
                                      .least = sizeof(sj_column)};

static const sj__field builder_events_fields[] = {
    SJ__FIELD(sj_events, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_events, n_events, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sj_events, customer, SJ__KIND_OBJECT, SJ__ROLE_READ),
    SJ__FIELD(sj_events, touchpoint, SJ__KIND_OBJECT, SJ__ROLE_READ),
    SJ__FIELD(sj_events, time, SJ__KIND_OBJECT, SJ__ROLE_READ),
    SJ__FIELD(sj_events, channel, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "none"),
    SJ__FIELD(sj_events, value, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "none"),
    SJ__FIELD(sj_events, attributes, SJ__KIND_STRUCTS, SJ__ROLE_READ, .fallback = "none",
              .count_field = "n_attributes", .element = &sj__column_struct),
    SJ__FIELD(sj_events, n_attributes, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
};

const sj__struct sj__events_struct = {.name = "sj_events",
                                      .fields = builder_events_fields,
                                      .n_fields = sizeof builder_events_fields / sizeof(sj__field),
                                      .size = sizeof(sj_events),
                                      .least = sizeof(sj_events)};
