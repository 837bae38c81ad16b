/* Events and columns that are broken in every way; see hostile.h. */
#include "fault/hostile.h"

#include <math.h>

/* ---- events ---- */

static void events_that_are_none_are_refused(void **state)
{
    static const double values[] = {9.3e12, -9.3e12, 1e300, -1e300};
    static const char *const pairs[][4] = {{"load", "seven", NULL, NULL},
                                           {"load", "7.5", NULL, NULL},
                                           {"load", "9223372036854775808", NULL, NULL},
                                           {"weight", "nan", NULL, NULL},
                                           {"weight", "inf", NULL, NULL},
                                           {"weight", "1e999", NULL, NULL},
                                           {"weight", "0x1", NULL, NULL},
                                           {"country", "NL", NULL, NULL},
                                           {"device", "ios", "device", "ios"},
                                           {"", "ios", NULL, NULL},
                                           {"\xff", "ios", NULL, NULL},
                                           {"device", "\xff", NULL, NULL},
                                           {"device", "ios", NULL, "ios"}};
    sj_builder *builder = hostile_builder();
    char *large = hostile_long(HOSTILE_NAME_ROOM + 1, 'k');
    const double nan_value = NAN, infinite = INFINITY;
    sj_event event = {.struct_size = sizeof event, .customer = "dot", .touchpoint = "new"};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        event.value = &values[i];
        REFUSE(SJ_ERR_VALUE, sj_builder_add_event, builder, &event);
    }
    event.value = &nan_value;
    REFUSE(SJ_ERR_VALUE, sj_builder_add_event, builder, &event);
    event.value = &infinite;
    REFUSE(SJ_ERR_VALUE, sj_builder_add_event, builder, &event);
    event.value = NULL;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        event.attributes = pairs[i];
        event.n_attributes = pairs[i][3] ? 2 : 1;
        REFUSE(HOSTILE_FAILS, sj_builder_add_event, builder, &event);
    }
    event.n_attributes = 0;
    for (size_t i = 0; i < 3; i++) {
        event.customer = i == 0 ? large : "dot";
        event.touchpoint = i == 1 ? large : "new";
        event.channel = i == 2 ? large : NULL;
        REFUSE(HOSTILE_FAILS, sj_builder_add_event, builder, &event);
        event.customer = i == 0 ? "\xff" : "dot";
        event.touchpoint = i == 1 ? "\xff" : "new";
        event.channel = i == 2 ? "\xff" : NULL;
        REFUSE(SJ_ERR_UTF8, sj_builder_add_event, builder, &event);
    }
    event.channel = NULL;
    event.customer = "";
    REFUSE(HOSTILE_FAILS, sj_builder_add_event, builder, &event);
    event.customer = "dot";
    event.touchpoint = "";
    REFUSE(HOSTILE_FAILS, sj_builder_add_event, builder, &event);
    free(large);
    hostile_unspoilt(builder);
}

static void events_outside_of_the_time_of_observation_are_refused(void **state)
{
    const int64_t early = -5, late = 5, all[] = {INT64_MIN, -6, 6, INT64_MAX};
    sj_builder_options options = {.struct_size = sizeof options,
                                  .allocator = &hostile_world.allocator,
                                  .observed_from = &late,
                                  .observed_until = &early};
    sj_event event = {.struct_size = sizeof event, .customer = "dot", .touchpoint = "new"};
    sj_builder *builder;
    sj_graph *graph;

    (void)state;
    REFUSE_OUT(SJ_ERR_OPTIONS, builder, sj_builder_new, &options, &builder);
    options.observed_from = &early;
    options.observed_until = &late;
    ACCEPT(sj_builder_new, &options, &builder);
    for (size_t i = 0; i < 4; i++) {
        const sj_events events = {
            .struct_size = sizeof events,
            .n_events = 1,
            .customer = {.data = &event.customer, .type = SJ_ARRAY_STRINGS},
            .touchpoint = {.data = &event.touchpoint, .type = SJ_ARRAY_STRINGS},
            .time = {.data = &all[i], .type = SJ_ARRAY_INT64}};

        event.time = all[i];
        REFUSE(SJ_ERR_TIME, sj_builder_add_event, builder, &event);
        REFUSE(SJ_ERR_TIME, sj_builder_add_events, builder, &events);
        CLAIM(hostile_told()->index == 0 || hostile_told()->code == SJ_ERR_TIME);
    }
    ACCEPT(sj_builder_build, builder, NULL, &graph);
    CLAIM(sj_graph_count(graph, SJ_KIND_CUSTOMERS) == 0);
    CALLED(sj_graph_free)(graph);
    CALLED(sj_builder_free)(builder);
}

/* ---- columns ---- */

/* Three rows that any type of column can be read from: 8 bytes each, offsets that ascend, pointers
 * to texts. */
static const int64_t event_words[4] = {0, 1, 0, 1};
static const int64_t event_offsets[4] = {0, 1, 2, 3};
static const int32_t event_offsets32[4] = {0, 1, 2, 3};
static const char *const event_strings[4] = {"a", "b", "7", "7"};
static const char event_bytes[] = "abc";

static sj_column event_column(int64_t type)
{
    const int text = type == SJ_ARRAY_TEXT || type == SJ_ARRAY_TEXT32;

    return (sj_column){.data = text                       ? (const void *)event_bytes
                               : type == SJ_ARRAY_STRINGS ? (const void *)event_strings
                                                          : (const void *)event_words,
                       .offsets = type == SJ_ARRAY_TEXT32 ? (const void *)event_offsets32
                                                          : (const void *)event_offsets,
                       .type = type};
}

static const sj_column *const event_no_columns;

static sj_events event_events(void)
{
    return (sj_events){.struct_size = sizeof(sj_events),
                       .n_events = 3,
                       .customer = event_column(SJ_ARRAY_STRINGS),
                       .touchpoint = event_column(SJ_ARRAY_STRINGS),
                       .time = event_column(SJ_ARRAY_INT64),
                       .attributes = event_no_columns};
}

/* The k-th column of all that events can have, the fifth and sixth of them attributes. */
static sj_column *event_pick(sj_events *events, sj_column attributes[2], size_t k)
{
    sj_column *const columns[] = {&events->customer, &events->touchpoint, &events->time,
                                  &events->channel,  &events->value,      &attributes[0],
                                  &attributes[1]};

    return columns[k];
}

static sj_status event_add(const sj_events *events)
{
    sj_builder *builder = hostile_builder();
    const sj_status status = JUDGED(HOSTILE_EITHER, sj_builder_add_events, builder, events);

    CLAIM(CALLED(sj_builder_add_events)(builder, events, NULL) == status);
    if (status == SJ_OK)
        hostile_sound(builder);
    else
        hostile_unspoilt(builder);
    return status;
}

static void columns_of_any_type_in_any_place_are_read_or_refused(void **state)
{
    static const int64_t no_types[] = {0, -1, 11, 255, INT32_MAX, INT64_MAX, INT64_MIN};
    static const char *const names[] = {"device", "load", "weight"};
    size_t fine = 0;

    (void)state;
    for (size_t k = 0; k < 7; k++)
        for (size_t name = 0; name < 3; name++)
            for (int64_t type = SJ_ARRAY_TEXT; type <= SJ_ARRAY_DOUBLE + 7; type++) {
                sj_column attributes[2] = {{.name = names[name]}, {.name = "device"}};
                sj_events events = event_events();
                sj_column *column = event_pick(&events, attributes, k);
                const char *kept = column->name;
                const int none = type > SJ_ARRAY_DOUBLE;

                if (name > 0 && k != 5)
                    continue;
                *column = event_column(none ? no_types[type - SJ_ARRAY_DOUBLE - 1] : type);
                column->name = kept;
                events.attributes = attributes;
                events.n_attributes = k > 4 ? 2 : 0;
                if (none)
                    CLAIM(event_add(&events) == SJ_ERR_OPTIONS);
                else
                    fine += event_add(&events) == SJ_OK;
            }
    CLAIM(fine > 20);
}

static void columns_without_data_or_offsets_are_refused_where_they_must_be(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        sj_events events = event_events();

        event_pick(&events, NULL, k)->data = NULL;
        CLAIM(event_add(&events) == SJ_ERR_ARGUMENT);
    }
    for (size_t k = 0; k < 5; k++)
        for (int64_t type = SJ_ARRAY_TEXT; type <= SJ_ARRAY_TEXT32; type++) {
            sj_events events = event_events();
            sj_column *column = event_pick(&events, NULL, k);

            *column = event_column(type);
            column->offsets = NULL;
            CLAIM(event_add(&events) == SJ_ERR_ARGUMENT);
        }
}

static void offsets_that_do_not_ascend_are_refused(void **state)
{
    static const int64_t wrong[][4] = {{-1, 1, 2, 3},        {0, 2, 1, 3},         {0, 1, 2, 1},
                                       {INT64_MIN, 1, 2, 3}, {0, INT64_MIN, 2, 3}, {3, 2, 1, 0},
                                       {0, 1, 2, -1},        {INT64_MAX, 0, 1, 2}};

    (void)state;
    for (size_t k = 0; k < 7; k++)
        for (size_t i = 0; k != 2 && i < sizeof wrong / sizeof *wrong; i++)
            for (int64_t type = SJ_ARRAY_TEXT; type <= SJ_ARRAY_TEXT32; type++) {
                sj_column attributes[2] = {{0}};
                sj_events events = event_events();
                sj_column *column = event_pick(&events, attributes, k);
                int32_t narrow[4];

                for (size_t r = 0; r < 4; r++)
                    narrow[r] = wrong[i][r] == INT64_MIN   ? INT32_MIN
                                : wrong[i][r] == INT64_MAX ? INT32_MAX
                                                           : (int32_t)wrong[i][r];
                *column = event_column(type);
                column->data = "717";
                column->name = "device";
                column->offsets = type == SJ_ARRAY_TEXT ? (const void *)wrong[i] : narrow;
                events.attributes = attributes;
                events.n_attributes = k > 4 ? 2 : 0;
                CLAIM(event_add(&events) == SJ_ERR_ARGUMENT);
                CLAIM(hostile_told()->code != SJ_ERR_ARGUMENT || hostile_told()->index >= 0);
            }
}

static void a_bad_row_is_named(void **state)
{
    static const char *const texts[][3] = {{"a", "b", "\xff"}, {"a", "", "c"}, {NULL, "b", "c"}};
    static const double reals[][3] = {{1, 2, 9.3e12}, {1, -9.3e12, 3}, {1e300, 2, 3}};
    static const uint64_t huge[][3] = {
        {0, 1, UINT64_MAX}, {0, UINT64_MAX, 1}, {UINT64_C(1) << 63, 0, 1}};
    static const uint8_t absent[] = {3, 5, 6}; /* the rows that are there, in bits */

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const int64_t row = (int64_t)(2 - i);
        sj_events events = event_events();

        events.customer.data = texts[i];
        CLAIM(event_add(&events) != SJ_OK && hostile_told()->index == row);
        events = event_events();
        events.touchpoint.data = texts[i];
        CLAIM(event_add(&events) != SJ_OK && hostile_told()->index == row);
        events = event_events();
        events.value = (sj_column){.data = reals[i], .type = SJ_ARRAY_DOUBLE};
        CLAIM(event_add(&events) == SJ_ERR_VALUE && hostile_told()->index == row);
        events.value = (sj_column){.data = huge[i], .type = SJ_ARRAY_UINT64};
        CLAIM(event_add(&events) == SJ_ERR_VALUE && hostile_told()->index == row);
        events = event_events();
        events.time = (sj_column){.data = huge[i], .type = SJ_ARRAY_UINT64};
        CLAIM(event_add(&events) == SJ_ERR_TIME && hostile_told()->index == row);
        events = event_events();
        events.touchpoint = (sj_column){.data = huge[i], .type = SJ_ARRAY_UINT64};
        CLAIM(event_add(&events) == SJ_ERR_NAME && hostile_told()->index == row);
        events = event_events();
        events.channel = (sj_column){.data = huge[i], .type = SJ_ARRAY_UINT64};
        CLAIM(event_add(&events) != SJ_OK);
        for (size_t k = 0; k < 3; k++) {
            events = event_events();
            event_pick(&events, NULL, k)->validity = &absent[i];
            CLAIM(event_add(&events) != SJ_OK && hostile_told()->index == row);
        }
    }
}

/* What is not a number, what is too long, and what is no text is refused in the last of three rows.
 */
static void a_row_that_fits_no_field_is_named(void **state)
{
    const double reals[] = {1, 2, NAN}, large[] = {1, 2, -INFINITY};
    char *longer = hostile_long(HOSTILE_NAME_ROOM + 3, 'k');
    const char *texts[][3] = {{"a", "b", longer}, {"a", "b", "b\xed\xa0\x80"}, {"7", "7", "7.5"}};
    const int64_t offsets[] = {0, 1, 2, HOSTILE_NAME_ROOM + 3};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sj_column attribute = {
            .name = "weight", .data = i ? reals : large, .type = SJ_ARRAY_DOUBLE};
        sj_events events = event_events();

        events.value = attribute;
        CLAIM(event_add(&events) == SJ_ERR_VALUE && hostile_told()->index == 2);
        events.value.data = NULL;
        events.attributes = &attribute;
        events.n_attributes = 1;
        CLAIM(event_add(&events) == SJ_ERR_VALUE && hostile_told()->index == 2);
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 6; k++) {
            sj_column attributes[2] = {{.name = i < 2 ? "device" : "load"}, {0}};
            sj_events events = event_events();
            sj_column *column = event_pick(&events, attributes, k);

            /* Names fit no number; 7.5 fits any name; an attribute's text may be longer. */
            if (k == 2 || (i == 2 && k < 5) || (i < 2 && k == 4) || (i == 0 && k == 5))
                continue;
            column->data = texts[i];
            column->type = SJ_ARRAY_STRINGS;
            events.attributes = attributes;
            events.n_attributes = k == 5;
            CLAIM(event_add(&events) != SJ_OK && hostile_told()->index == 2);
            if (i > 0)
                continue;
            column->data = longer;
            column->offsets = offsets;
            column->type = SJ_ARRAY_TEXT;
            CLAIM(event_add(&events) != SJ_OK);
        }
    free(longer);
}

static void the_text_of_an_attribute_may_be_long_but_not_without_end(void **state)
{
    enum { EVENT_TEXT = 16 << 20 };
    sj_builder *builder = hostile_builder();
    char *text = hostile_long(EVENT_TEXT + 1, 't');
    const char *const attributes[] = {"device", text};
    const sj_event event = {.struct_size = sizeof event,
                            .customer = "dot",
                            .touchpoint = "new",
                            .attributes = attributes,
                            .n_attributes = 1};

    (void)state;
    REFUSE(SJ_ERR_LIMIT, sj_builder_add_event, builder, &event);
    hostile_unspoilt(builder);
    builder = hostile_builder();
    text[EVENT_TEXT] = 0;
    ACCEPT(sj_builder_add_event, builder, &event);
    free(text);
    hostile_sound(builder);
}

static sj_status event_set(const sj_events *events)
{
    sj_builder *builder = hostile_builder();
    const sj_status status = JUDGED(HOSTILE_EITHER, sj_builder_set_customers, builder, events);

    CLAIM(CALLED(sj_builder_set_customers)(builder, events, NULL) == status);
    if (status == SJ_OK)
        hostile_sound(builder);
    else
        hostile_unspoilt(builder);
    return status;
}

static void customers_are_set_all_or_none(void **state)
{
    static const char *const texts[][3] = {
        {"ann", "bob", "\xff"}, {"ann", "", "new"}, {NULL, "ann", "bob"}, {"ann", "ann", "new"}};
    static const int64_t backwards[] = {0, 2, 1, 3};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sj_column country = {.name = "country", .data = event_strings, .type = SJ_ARRAY_STRINGS};
        sj_events events = {.struct_size = sizeof events,
                            .n_events = 3,
                            .customer = {.data = texts[i], .type = SJ_ARRAY_STRINGS},
                            .attributes = &country,
                            .n_attributes = 1};

        CLAIM((event_set(&events) == SJ_OK) == (i == 3));
        if (i < 3)
            CLAIM(hostile_told()->index == (int64_t)(2 - i));
        events.customer.data = event_strings;
        country.data = texts[i];
        CLAIM((event_set(&events) == SJ_OK) == (i > 0));
        country = event_column(SJ_ARRAY_TEXT);
        country.name = "country";
        country.offsets = backwards;
        CLAIM(event_set(&events) == SJ_ERR_ARGUMENT);
        country.type = SJ_ARRAY_DOUBLE;
        CLAIM(event_set(&events) == SJ_ERR_ARGUMENT);
        events.customer.type = SJ_ARRAY_DOUBLE;
        CLAIM(event_set(&events) == SJ_ERR_ARGUMENT);
        events.customer.data = NULL;
        CLAIM(event_set(&events) == SJ_ERR_ARGUMENT);
    }
}

static void attributes_that_are_none_are_refused(void **state)
{
    static const char *const names[] = {NULL, "", "\xff", "no such thing", "country", "Device"};
    sj_builder *builder = hostile_builder();
    char *large = hostile_long(HOSTILE_NAME_ROOM + 1, 'z');
    sj_column twice[2] = {event_column(SJ_ARRAY_STRINGS), event_column(SJ_ARRAY_STRINGS)};
    sj_events events = event_events();

    (void)state;
    events.attributes = twice;
    for (size_t i = 0; i < 7; i++) {
        events.n_attributes = 1;
        twice[0].name = i < 6 ? names[i] : large;
        REFUSE(HOSTILE_FAILS, sj_builder_add_events, builder, &events);
        if (i == 4)
            twice[0].name = "device";
        REFUSE(HOSTILE_FAILS, sj_builder_set_customers, builder, &events);
    }
    twice[0].name = twice[1].name = "device";
    events.n_attributes = 2;
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_events, builder, &events);
    twice[0].name = twice[1].name = "country";
    REFUSE(HOSTILE_FAILS, sj_builder_set_customers, builder, &events);
    free(large);
    hostile_unspoilt(builder);
}

static void no_events_are_fine_whatever_stands_beside(void **state)
{
    sj_builder *builder = hostile_builder();
    sj_events events = {.struct_size = sizeof events};

    (void)state;
    ACCEPT(sj_builder_add_events, builder, &events);
    ACCEPT(sj_builder_set_customers, builder, &events);
    events = event_events();
    events.n_events = 0;
    ACCEPT(sj_builder_add_events, builder, &events);
    hostile_unspoilt(builder);
}

const struct CMUnitTest hostile_event_tests[] = {
    cmocka_unit_test(events_that_are_none_are_refused),
    cmocka_unit_test(events_outside_of_the_time_of_observation_are_refused),
    cmocka_unit_test(columns_of_any_type_in_any_place_are_read_or_refused),
    cmocka_unit_test(columns_without_data_or_offsets_are_refused_where_they_must_be),
    cmocka_unit_test(offsets_that_do_not_ascend_are_refused),
    cmocka_unit_test(a_bad_row_is_named),
    cmocka_unit_test(a_row_that_fits_no_field_is_named),
    cmocka_unit_test(the_text_of_an_attribute_may_be_long_but_not_without_end),
    cmocka_unit_test(customers_are_set_all_or_none),
    cmocka_unit_test(attributes_that_are_none_are_refused),
    cmocka_unit_test(no_events_are_fine_whatever_stands_beside)};
const size_t n_hostile_event_tests = sizeof hostile_event_tests / sizeof *hostile_event_tests;
