/* The journey map: declarations, names from events, finishing, merging, and its text. */
#include "failing.h"

#include <math.h>
#include <string.h>

#include "journey/map.h"

typedef struct fixture {
    failing memory;
    sj_allocator allocator;
    sj__map map;
    sj_error error;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->allocator = failing_allocator(&f->memory);
    sj__map_init(&f->map, &f->allocator);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    sj__map_free(&f->map);
    failing_check(&f->memory);
    free(f);
    return 0;
}

static void parse(sj__map *map, const char *text)
{
    sj_error error = {0};
    if (sj__map_parse(map, text, strlen(text), &error) != SJ_OK)
        fail_msg("%s", error.message);
}

/* The canonical text of a map. */
static void assert_map(const sj__map *map, const char *expected)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__text text;
    sj__text_init(&text, &a);
    sj__map_write(map, &text);
    assert_int_equal(sj__text_status(&text, NULL), SJ_OK);
    assert_string_equal(sj__text_data(&text), expected);
    sj__text_free(&text);
}

static const char *name_of(const sj__intern *names, uint32_t i)
{
    return i == SJ__NO_ID ? "-" : sj__intern_name(names, i, NULL);
}

static const char *stage_of(const sj__map *map, const char *touchpoint)
{
    const uint32_t t = sj__intern_find(&map->touchpoints, touchpoint, strlen(touchpoint));
    return name_of(&map->stages, map->touchpoint[t].stage);
}

static const char *channel_of(const sj__map *map, const char *touchpoint)
{
    const uint32_t t = sj__intern_find(&map->touchpoints, touchpoint, strlen(touchpoint));
    return name_of(&map->channels, map->touchpoint[t].channel);
}

/* -------------------------------------------------------------------------------- declarations --
 */

static void a_touchpoint_is_declared_field_by_field(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    assert_int_equal(sj__map_add_stage(map, "early", 5, &f->error), SJ_OK);
    assert_int_equal(sj__map_add_stage(map, "late", 4, &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "ad", "early", NULL, &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "ad", NULL, "paid", &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "mail", NULL, "email", &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "mail", "late", NULL, &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "ad", NULL, NULL, &f->error), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "ad", "early", "paid", &f->error), SJ_OK);
    assert_string_equal(stage_of(map, "ad"), "early");
    assert_string_equal(channel_of(map, "ad"), "paid");
    assert_string_equal(stage_of(map, "mail"), "late");
    assert_string_equal(channel_of(map, "mail"), "email");
    assert_int_equal(f->error.code, 0);
}

static void what_was_said_of_a_touchpoint_cannot_be_changed(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    parse(map, "stage early: ad\nstage late:\nchannel paid: ad\n");
    assert_int_equal(sj__map_add_touchpoint(map, "ad", "late", NULL, &f->error), SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message,
                        "touchpoint 'ad' is in stage 'early' already and cannot be in 'late' too");
    assert_int_equal(sj__map_add_touchpoint(map, "ad", NULL, "mail", &f->error), SJ_ERR_DUPLICATE);
    assert_string_equal(
        f->error.message,
        "touchpoint 'ad' has the channel 'paid' already and cannot have 'mail' too");
    assert_int_equal(map->channels.count, 1);
    assert_string_equal(stage_of(map, "ad"), "early");
}

static void a_touchpoint_needs_a_stage_that_exists(void **state)
{
    fixture *f = *state;
    assert_int_equal(sj__map_add_touchpoint(&f->map, "ad", "early", NULL, &f->error), SJ_ERR_NAME);
    assert_string_equal(f->error.message, "unknown stage 'early'; there is no stage");
    assert_int_equal(sj__map_add_stage(&f->map, "early", 5, NULL), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(&f->map, "ad", "erly", NULL, &f->error), SJ_ERR_NAME);
    assert_string_equal(f->error.message, "unknown stage 'erly'; the nearest known one is 'early'");
    assert_int_equal(sj__map_add_touchpoint(&f->map, "ad", "xx", NULL, NULL), SJ_ERR_NAME);
    assert_int_equal(f->map.touchpoints.count, 0);
}

static void names_are_checked_on_the_way_in(void **state)
{
    fixture *f = *state;
    char *long_name = calloc(1, 65537);
    memset(long_name, 'x', 65536);
    assert_int_equal(sj__map_check_name("stage", "", 0, &f->error), SJ_ERR_NAME);
    assert_string_equal(f->error.message, "the name of a stage is empty");
    assert_int_equal(sj__map_check_name("stage", "ab\xFF", 3, &f->error), SJ_ERR_UTF8);
    assert_int_equal(f->error.index, 2);
    assert_int_equal(sj__map_check_name("stage", "a\0b", 3, &f->error), SJ_ERR_UTF8);
    assert_int_equal(f->error.index, 1);
    assert_int_equal(sj__map_check_name("stage", long_name, 65535, &f->error), SJ_OK);
    assert_int_equal(sj__map_check_name("stage", long_name, 65536, &f->error), SJ_ERR_LIMIT);
    assert_int_equal(sj__map_add_touchpoint(&f->map, long_name, NULL, NULL, NULL), SJ_ERR_LIMIT);
    assert_int_equal(sj__map_add_touchpoint(&f->map, "a", NULL, "", NULL), SJ_ERR_NAME);
    assert_int_equal(sj__map_add_channel(&f->map, "", 0, NULL), SJ_ERR_NAME);
    assert_int_equal(sj__map_add_conversion(&f->map, "", "x", NULL, NULL), SJ_ERR_NAME);
    assert_int_equal(sj__map_add_expected(&f->map, "", "x", 0, NULL), SJ_ERR_NAME);
    assert_int_equal(f->map.touchpoints.count, 0);
    free(long_name);
}

static void an_attribute_keeps_its_type(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    uint32_t number = 9;
    assert_int_equal(sj__map_add_attribute(map, "load", 4, SJ_ATTRIBUTE_REAL, 0, NULL), SJ_OK);
    assert_int_equal(sj__map_add_attribute(map, "load", 4, SJ_ATTRIBUTE_REAL, 0, NULL), SJ_OK);
    assert_int_equal(sj__map_add_attribute(map, "load", 4, SJ_ATTRIBUTE_REAL, 1, &f->error),
                     SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message,
                        "attribute 'load' is there already, as one of real numbers of events");
    assert_int_equal(sj__map_add_attribute(map, "load", 4, SJ_ATTRIBUTE_INTEGER, 0, NULL),
                     SJ_ERR_DUPLICATE);
    assert_int_equal(sj__map_add_attribute(map, "x", 1, 4, 0, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj__map_see_attribute(map, "load", 4, &number, NULL), SJ_OK);
    assert_int_equal(number, 0);
    assert_int_equal(sj__map_see_attribute(map, "device", 6, &number, NULL), SJ_OK);
    assert_int_equal(map->attribute[number].type, SJ_ATTRIBUTE_CATEGORY);
    assert_int_equal(map->attribute[number].declared, 0);
    assert_int_equal(sj__map_add_attribute(map, "device", 6, SJ_ATTRIBUTE_REAL, 0, NULL),
                     SJ_ERR_DUPLICATE);
    assert_int_equal(sj__map_add_attribute(map, "device", 6, SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    assert_int_equal(map->attribute[number].declared, 1);
    assert_int_equal(map->attributes.count, 2);
}

static void there_are_limits(void **state)
{
    fixture *f = *state;
    char name[6] = "aaaaa";
    sj_status stages = SJ_OK, channels = SJ_OK, attributes = SJ_OK, conversions = SJ_OK;
    for (int i = 0; i < 65535; i++) {
        for (int k = 0, left = i; k < 4; k++, left /= 17)
            name[k] = (char)('a' + left % 17);
        stages = sj__map_add_stage(&f->map, name, 4, &f->error);
        channels = sj__map_add_channel(&f->map, name, 4, NULL);
        if (i < 4097) {
            attributes = sj__map_add_attribute(&f->map, name, 4, SJ_ATTRIBUTE_REAL, 0, NULL);
            conversions = sj__map_add_conversion(&f->map, name, "x = 1", NULL, NULL);
        }
        assert_int_equal(stages, i < 65534 ? SJ_OK : SJ_ERR_LIMIT);
        assert_int_equal(channels, i < 65534 ? SJ_OK : SJ_ERR_LIMIT);
        assert_int_equal(attributes, i < 4096 ? SJ_OK : SJ_ERR_LIMIT);
        assert_int_equal(conversions, i < 4096 ? SJ_OK : SJ_ERR_LIMIT);
    }
    assert_string_equal(f->error.message, "there are more than 65534 stages");
    assert_int_equal(sj__map_add_channel(&f->map, "aaaa", 4, NULL), SJ_OK);
}

/* --------------------------------------------------------------------------- flow of journeys --
 */

static void a_micro_conversion_has_one_condition_and_worth(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    const double worth = 12.5, other = 12.500001, none = NAN, huge = 1e13;
    assert_int_equal(sj__map_add_conversion(map, "buy", " purchase ", &worth, NULL), SJ_OK);
    assert_int_equal(sj__map_add_conversion(map, "buy", "purchase", &worth, &f->error), SJ_OK);
    assert_int_equal(f->error.code, 0);
    assert_int_equal(map->conversion[0].worth, 12500000);
    assert_int_equal(sj__map_add_conversion(map, "buy", "purchase", &other, NULL),
                     SJ_ERR_DUPLICATE);
    assert_int_equal(sj__map_add_conversion(map, "buy", "purchase", NULL, NULL), SJ_ERR_DUPLICATE);
    assert_int_equal(sj__map_add_conversion(map, "buy", "purchases", &worth, &f->error),
                     SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message,
                        "micro-conversion 'buy' has another condition or worth already");
    assert_int_equal(sj__map_add_conversion(map, "b", "x", &none, NULL), SJ_ERR_VALUE);
    assert_int_equal(sj__map_add_conversion(map, "b", "x", &huge, NULL), SJ_ERR_VALUE);
    assert_int_equal(map->conversions.count, 1);
}

static void a_micro_conversions_grammar_is_checked_at_once(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    assert_int_equal(sj__map_add_conversion(map, "b", "device = ios", NULL, &f->error),
                     SJ_ERR_CONDITION);
    assert_int_equal(f->error.index, 9);
    assert_int_equal(sj__map_add_conversion(map, "b", "  ", NULL, NULL), SJ_ERR_CONDITION);
    assert_int_equal(sj__map_add_conversion(map, "b", "a\xFF", NULL, &f->error), SJ_ERR_UTF8);
    assert_int_equal(f->error.index, 1);
    /* names may come later, and a name may look like anything */
    assert_int_equal(sj__map_add_conversion(map, "b", "not yet known", NULL, NULL), SJ_OK);
    assert_int_equal(sj__map_add_touchpoint(map, "a = b", NULL, NULL, NULL), SJ_OK);
    assert_int_equal(sj__map_add_conversion(map, "c", "a = b", NULL, NULL), SJ_OK);
    assert_int_equal(map->conversions.count, 2);
}

static void an_expectation_is_between_touchpoints_or_between_stages(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    parse(map, "stage early: ad\nstage late: buy\nstage both: both\n");
    assert_int_equal(sj__map_add_expected(map, "early", "late", 0, NULL), SJ_OK);
    assert_int_equal(map->expected[0].of_stages, 1);
    assert_int_equal(sj__map_add_expected(map, "ad", "new", 0.25, NULL), SJ_OK);
    assert_int_equal(map->expected[1].of_stages, 0);
    assert_string_equal(stage_of(map, "new"), "-");
    assert_int_equal(sj__map_add_expected(map, "early", "buy", 0, &f->error), SJ_ERR_MAP);
    assert_string_equal(f->error.message,
                        "'early' is a stage and 'buy' is none; an expectation is between two "
                        "touchpoints or between two stages");
    assert_int_equal(sj__map_add_expected(map, "ad", "both", 0, &f->error), SJ_ERR_NAME);
    assert_string_equal(f->error.message, "'both' is a stage and a touchpoint, so what is expected "
                                          "is not clear; rename one of them");
    assert_int_equal(map->n_expected, 2);
}

static void an_expectation_has_one_share(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    assert_int_equal(sj__map_add_expected(map, "a", "b", 0.25, NULL), SJ_OK);
    assert_int_equal(sj__map_add_expected(map, "a", "b", 0.25, NULL), SJ_OK);
    assert_int_equal(sj__map_add_expected(map, "b", "a", 1, NULL), SJ_OK);
    assert_int_equal(sj__map_add_expected(map, "a", "b", 0.5, &f->error), SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message, "'a' -> 'b' is expected already, with another share");
    assert_int_equal(sj__map_add_expected(map, "a", "c", -0.1, NULL), SJ_ERR_VALUE);
    assert_int_equal(sj__map_add_expected(map, "a", "c", 1.1, NULL), SJ_ERR_VALUE);
    assert_int_equal(sj__map_add_expected(map, "a", "c", NAN, NULL), SJ_ERR_VALUE);
    assert_int_equal(map->n_expected, 2);
    assert_int_equal(map->touchpoints.count, 2);
}

/* ------------------------------------------------------------------- events, marks, finishing --
 */

/* What rows of events add. */
static void see(sj__map *map, const char *touchpoint, const char *channel, const char *device)
{
    uint32_t number = 0, value = 0;
    assert_int_equal(sj__map_see_touchpoint(map, touchpoint, strlen(touchpoint), &number, NULL),
                     SJ_OK);
    assert_int_equal(sj__map_see_channel(map, channel, strlen(channel), &number, NULL), SJ_OK);
    assert_int_equal(sj__map_see_attribute(map, "device", 6, &number, NULL), SJ_OK);
    assert_int_equal(sj__map_see_category(map, number, device, strlen(device), &value, NULL),
                     SJ_OK);
}

static void rolling_back_takes_away_what_events_brought(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    sj__map_mark first, second;
    parse(map, "stage early: ad\nchannel paid: ad\n");
    assert_int_equal(sj__map_set_mark(map, &first, NULL), SJ_OK);
    see(map, "x", "mail", "ios");
    assert_int_equal(sj__map_set_mark(map, &second, NULL), SJ_OK);
    see(map, "y", "web", "android");
    assert_int_equal(sj__map_add_attribute(map, "load", 4, SJ_ATTRIBUTE_REAL, 0, NULL), SJ_OK);
    sj__map_rollback(map, &second);
    assert_int_equal(map->touchpoints.count, 2);
    assert_int_equal(map->channels.count, 2);
    assert_int_equal(map->attributes.count, 1);
    assert_int_equal(map->declared_attributes.n, 0);
    assert_int_equal(map->attribute[0].values.count, 1);
    assert_int_equal(sj__intern_find(&map->touchpoints, "y", 1), SJ__ABSENT);
    see(map, "y", "web", "android");
    sj__map_rollback(map, &first);
    assert_int_equal(map->touchpoints.count, 1);
    assert_int_equal(map->channels.count, 1);
    assert_int_equal(map->attributes.count, 0);
    assert_int_equal(map->declared_touchpoints.n, 1);
    assert_string_equal(channel_of(map, "ad"), "paid");
    see(map, "z", "web", "android");
    assert_string_equal(channel_of(map, "z"), "-");
    sj__map_mark_free(map, &second);
    sj__map_mark_free(map, &first);
}

static void bad_names_of_events_are_refused(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    uint32_t number = 0;
    assert_int_equal(sj__map_see_touchpoint(map, "", 0, &number, NULL), SJ_ERR_NAME);
    assert_int_equal(sj__map_see_channel(map, "\xC0", 1, &number, NULL), SJ_ERR_UTF8);
    assert_int_equal(sj__map_see_attribute(map, "", 0, &number, NULL), SJ_ERR_NAME);
    assert_int_equal(sj__map_see_attribute(map, "device", 6, &number, NULL), SJ_OK);
    assert_int_equal(sj__map_see_category(map, number, "\xFF", 1, &number, NULL), SJ_ERR_UTF8);
    assert_int_equal(map->attribute[0].values.count, 0);
}

static void final_numbers_do_not_depend_on_the_order_of_events(void **state)
{
    static const char *const order[2][3] = {{"x", "b", "m"}, {"m", "x", "b"}};
    fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        sj__map map, out;
        sj__map_renumber numbers;
        sj__map_init(&map, &f->allocator);
        for (int k = 0; k < 3; k++)
            see(&map, order[i][k], order[i][2 - k], order[i][k]);
        parse(&map, "stage s: m, a\nchannel z: a\n");
        assert_int_equal(sj__map_add_attribute(&map, "q", 1, SJ_ATTRIBUTE_REAL, 0, NULL), SJ_OK);
        assert_int_equal(sj__map_finish(&map, &f->allocator, &out, &numbers, &f->error), SJ_OK);
        assert_string_equal(name_of(&out.touchpoints, 0), "m");
        assert_string_equal(name_of(&out.touchpoints, 1), "a");
        assert_string_equal(name_of(&out.touchpoints, 2), "b");
        assert_string_equal(name_of(&out.touchpoints, 3), "x");
        for (uint32_t t = 0; t < 4; t++)
            assert_string_equal(name_of(&out.touchpoints, numbers.touchpoints[t]),
                                name_of(&map.touchpoints, t));
        assert_string_equal(name_of(&out.channels, 0), "b");
        assert_string_equal(name_of(&out.channels, 3), "z");
        assert_string_equal(channel_of(&out, "a"), "z");
        assert_int_equal(out.channel_declared[3], 1);
        assert_int_equal(out.declared_channels.item[0], 3);
        assert_string_equal(name_of(&out.attributes, 0), "q");
        assert_int_equal(out.attribute[0].type, SJ_ATTRIBUTE_REAL);
        assert_string_equal(name_of(&out.attribute[1].values, 0), "b");
        assert_int_equal(numbers.attributes[0], 1);
        for (uint32_t v = 0; v < 3; v++)
            assert_string_equal(name_of(&out.attribute[1].values, numbers.values[0][v]),
                                name_of(&map.attribute[0].values, v));
        sj__map_renumber_free(&map, &numbers);
        sj__map_free(&map);
        sj__map_free(&out);
    }
}

static const char shop[] = "# a shop\n"
                           "stage awareness: ad, landing\n"
                           "stage consideration: product view, compare # not the list\n"
                           "stage decision: add_to_cart, purchase\r\n"
                           "\n"
                           "channel paid: ad\n"
                           "micro-conversion buyer = touchpoint = 'purchase' worth value\n"
                           "micro-conversion looker = product view worth 0.50\n"
                           "expect landing -> product view 33.3%\n"
                           "expect awareness -> consideration\n"
                           "expect ad -> landing\n";

static const char shop_written[] = "stage awareness: ad, landing\n"
                                   "stage consideration: compare, product view\n"
                                   "stage decision: add_to_cart, purchase\n"
                                   "channel paid: ad\n"
                                   "micro-conversion buyer = touchpoint = 'purchase' worth value\n"
                                   "micro-conversion looker = product view worth 0.5\n"
                                   "expect ad -> landing\n"
                                   "expect landing -> product view 33.3%\n"
                                   "expect awareness -> consideration\n";

static void a_finished_map_keeps_everything_that_is_declared(void **state)
{
    fixture *f = *state;
    sj__map out;
    sj__map_renumber numbers;
    see(&f->map, "landing", "web", "ios");
    parse(&f->map, shop);
    assert_int_equal(sj__map_finish(&f->map, &f->allocator, &out, &numbers, NULL), SJ_OK);
    sj__map_renumber_free(&f->map, &numbers);
    assert_map(&out, shop_written);
    assert_string_equal(name_of(&out.touchpoints, 0), "ad");
    assert_string_equal(name_of(&out.touchpoints, 1), "landing");
    sj__map_free(&out);
}

static void a_copy_is_equal_and_independent(void **state)
{
    fixture *f = *state;
    sj__map copy;
    see(&f->map, "x", "web", "ios");
    parse(&f->map, shop);
    assert_int_equal(sj__map_copy(&copy, &f->map, &f->allocator, NULL), SJ_OK);
    assert_map(&copy, shop_written);
    assert_int_equal(sj__intern_find(&copy.touchpoints, "x", 1), 0);
    parse(&copy, "stage awareness: more\nexpect ad -> more\n");
    assert_int_equal(sj__map_add_expected(&copy, "ad", "landing", 0.5, NULL), SJ_ERR_DUPLICATE);
    assert_map(&f->map, shop_written);
    sj__map_free(&copy);
}

/* ------------------------------------------------------------------------------------- merging --
 */

/* Merges the second text's map into the first one's. */
static sj_status merge(fixture *f, const char *to, const char *from)
{
    sj__map other;
    sj_status status = SJ_OK;
    sj__map_free(&f->map);
    sj__map_init(&other, &f->allocator);
    parse(&f->map, to);
    parse(&other, from);
    status = sj__map_merge(&f->map, &other, &f->error);
    sj__map_free(&other);
    return status;
}

static void equal_maps_merge_into_the_same(void **state)
{
    fixture *f = *state;
    assert_int_equal(merge(f, shop, shop), SJ_OK);
    assert_map(&f->map, shop_written);
    assert_int_equal(merge(f, "", shop), SJ_OK);
    assert_map(&f->map, shop_written);
    assert_int_equal(merge(f, shop, ""), SJ_OK);
    assert_map(&f->map, shop_written);
}

static void one_list_of_stages_must_begin_with_the_other(void **state)
{
    fixture *f = *state;
    assert_int_equal(merge(f, "stage a:\nstage b:\n", "stage a:\nstage b:\nstage c:\n"), SJ_OK);
    assert_map(&f->map, "stage a:\nstage b:\nstage c:\n");
    assert_int_equal(merge(f, "stage a:\nstage b:\nstage c:\n", "stage a:\n"), SJ_OK);
    assert_map(&f->map, "stage a:\nstage b:\nstage c:\n");
    assert_int_equal(merge(f, "stage a:\nstage b:\n", "stage b:\n"), SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message, "stage 1 is 'a' here and 'b' there; one list of stages "
                                          "must begin with the other");
    assert_int_equal(merge(f, "stage a:\n", "stage b:\nstage a:\n"), SJ_ERR_DUPLICATE);
}

static void different_declarations_do_not_merge(void **state)
{
    fixture *f = *state;
    assert_int_equal(merge(f, "stage a: x\nstage b:\n", "stage a:\nstage b: x\n"),
                     SJ_ERR_DUPLICATE);
    assert_int_equal(merge(f, "channel a: x\n", "channel b: x\n"), SJ_ERR_DUPLICATE);
    assert_int_equal(merge(f, "expect a -> b 10%\n", "expect a -> b 20%\n"), SJ_ERR_DUPLICATE);
    assert_int_equal(merge(f, "micro-conversion m = a\n", "micro-conversion m = b\n"),
                     SJ_ERR_DUPLICATE);
    assert_int_equal(merge(f, "stage a: x\n", "channel b: x\n"), SJ_OK);
    assert_map(&f->map, "stage a: x\nchannel b: x\n");
}

static void names_of_events_merge_with_anything_but_another_type(void **state)
{
    fixture *f = *state;
    sj__map other;
    sj__map_init(&other, &f->allocator);
    see(&f->map, "x", "web", "ios");
    see(&other, "y", "mail", "android");
    see(&other, "x", "web", "ios");
    assert_int_equal(sj__map_merge(&f->map, &other, NULL), SJ_OK);
    assert_int_equal(f->map.touchpoints.count, 2);
    assert_int_equal(f->map.channels.count, 2);
    assert_int_equal(f->map.attribute[0].values.count, 2);
    assert_int_equal(f->map.declared_touchpoints.n, 0);
    sj__map_free(&f->map);
    assert_int_equal(sj__map_add_attribute(&f->map, "device", 6, SJ_ATTRIBUTE_CATEGORY, 1, NULL),
                     SJ_OK);
    assert_int_equal(sj__map_merge(&f->map, &other, &f->error), SJ_ERR_DUPLICATE);
    sj__map_free(&other);
}

/* ---------------------------------------------------------------------------------------- text --
 */

static void a_map_in_text_says_what_the_functions_say(void **state)
{
    fixture *f = *state;
    sj__map *map = &f->map;
    parse(map, shop);
    assert_map(map, shop_written);
    assert_int_equal(map->touchpoints.count, 6);
    assert_int_equal(map->conversion[0].has_worth, 0);
    assert_int_equal(map->conversion[1].worth, 500000);
    assert_string_equal(map->conversion[1].condition, "product view");
    assert_true(map->expected[0].share == 0.333);
    parse(map, shop);
    assert_map(map, shop_written);
}

static void canonical_text_reads_back_to_itself(void **state)
{
    fixture *f = *state;
    parse(&f->map, shop_written);
    assert_map(&f->map, shop_written);
}

static void names_can_be_quoted(void **state)
{
    fixture *f = *state;
    parse(&f->map,
          "stage 'a: b' : 'it''s', ' blank ',c-d,\tsave 20%\n"
          "channel '#1':'it''s'\n"
          "expect 'it''s'->c-d 7 %\n"
          "expect c-d -> '40%' 100%\n"
          "expect c-d -> save 20% 5%\n"
          "micro-conversion 'x = y'=touchpoint = 'a#b' and (n in (1, 2)) worth 3 # five\n");
    assert_map(&f->map, "stage 'a: b': ' blank ', c-d, 'it''s', 'save 20%'\n"
                        "channel '#1': 'it''s'\n"
                        "micro-conversion 'x = y' = touchpoint = 'a#b' and (n in (1, 2)) worth 3\n"
                        "expect c-d -> '40%' 100%\n"
                        "expect c-d -> 'save 20%' 5%\n"
                        "expect 'it''s' -> c-d 7%\n");
}

static void the_last_worth_outside_quotes_and_parentheses_ends_a_condition(void **state)
{
    fixture *f = *state;
    parse(&f->map, "micro-conversion a = net worth worth 7\n"
                   "micro-conversion b = x = 'worth 1' worth 2.25\n"
                   "micro-conversion c = (worth = 'a') worth value\n"
                   "micro-conversion d = networth\n"
                   "micro-conversion e = (x = 'a')worth -3\n");
    assert_map(&f->map, "micro-conversion a = net worth worth 7\n"
                        "micro-conversion b = x = 'worth 1' worth 2.25\n"
                        "micro-conversion c = (worth = 'a') worth value\n"
                        "micro-conversion d = networth worth value\n"
                        "micro-conversion e = (x = 'a') worth -3\n");
}

static void lines_of_a_written_map_stay_lines(void **state)
{
    fixture *f = *state;
    assert_int_equal(sj__map_add_stage(&f->map, "a\nb\\c", 5, NULL), SJ_OK);
    assert_map(&f->map, "stage 'a\\nb\\\\c':\n");
}

static void blank_maps_are_maps(void **state)
{
    fixture *f = *state;
    parse(&f->map, "");
    parse(&f->map, "\xEF\xBB\xBF# only this");
    parse(&f->map, "\n\r\n  \t\n#\n");
    parse(&f->map, "\xEF\xBB\xBFstage a:");
    assert_map(&f->map, "stage a:\n");
}

typedef struct wrong_map {
    const char *text;
    sj_status code;
    int64_t line;
    int32_t column;
    const char *message;
} wrong_map;

static const wrong_map wrong_maps[] = {
    {"stages a: b", SJ_ERR_MAP, 1, 1,
     "a line begins with stage, channel, micro-conversion, expect or #, not with 'stages'"},
    {"\n\n  hello", SJ_ERR_MAP, 3, 3,
     "a line begins with stage, channel, micro-conversion, expect or #, not with 'hello'"},
    {"stage", SJ_ERR_MAP, 1, 6, "the line ends where the name of a stage is expected"},
    {"stage # x", SJ_ERR_MAP, 1, 7, "the line ends where the name of a stage is expected"},
    {"stage : a", SJ_ERR_MAP, 1, 7, "':' stands where the name of a stage is expected"},
    {"stage a, b", SJ_ERR_MAP, 1, 8,
     "',' stands where the colon behind a stage's name is expected"},
    {"stage a: b,", SJ_ERR_MAP, 1, 12, "the line ends where the name of a touchpoint is expected"},
    {"stage a: b,, c", SJ_ERR_MAP, 1, 12, "',' stands where the name of a touchpoint is expected"},
    {"stage a: b: c", SJ_ERR_MAP, 1, 11,
     "':' stands where a comma or the end of the line is expected"},
    {"stage \xC3\xA9\xC3\xA9: 'b", SJ_ERR_MAP, 1, 11,
     "this quote never closes; a quote inside is written twice"},
    {"stage a: it's", SJ_ERR_MAP, 1, 12,
     "a name with a quote in it is written in single quotes, doubled inside"},
    {"stage a: ''", SJ_ERR_NAME, 1, 10, "the name of a touchpoint is empty"},
    {"stage a: x\nstage b: y, x", SJ_ERR_DUPLICATE, 2, 13,
     "touchpoint 'x' is in stage 'a' already and cannot be in 'b' too"},
    {"channel a: x\nchannel b: x", SJ_ERR_DUPLICATE, 2, 12,
     "touchpoint 'x' has the channel 'a' already and cannot have 'b' too"},
    {"channel a", SJ_ERR_MAP, 1, 10,
     "the line ends where the colon behind a channel's name is expected"},
    {"micro-conversion a", SJ_ERR_MAP, 1, 19,
     "the line ends where the = behind a micro-conversion's name is expected"},
    {"micro-conversion a =  # x", SJ_ERR_MAP, 1, 23, "the line ends where a condition is expected"},
    {"micro-conversion a = worth 5", SJ_ERR_MAP, 1, 22, "a condition is expected before worth"},
    {"micro-conversion a = b worth", SJ_ERR_MAP, 1, 29,
     "the line ends where an amount, or value, is expected"},
    {"micro-conversion a = b worth 5 EUR", SJ_ERR_MAP, 1, 30,
     "worth is followed by an amount or by the word value, not by '5 EUR'"},
    {"micro-conversion a = b worth 1e13", SJ_ERR_VALUE, 1, 30, "a worth lies within ±9.2e12"},
    {"micro-conversion a = don't", SJ_ERR_MAP, 1, 25,
     "this quote never closes; a name with a quote in it is written as in touchpoint = 'it''s'"},
    {"micro-conversion \xC3\xA9 =  x = y", SJ_ERR_CONDITION, 1, 27,
     "at byte 4 of the condition 'y' stands where a number, or a text in single quotes, is "
     "expected"},
    {"micro-conversion a = b\nmicro-conversion a = c", SJ_ERR_DUPLICATE, 2, 18,
     "micro-conversion 'a' has another condition or worth already"},
    {"expect a", SJ_ERR_MAP, 1, 9, "the line ends where the arrow -> is expected"},
    {"expect a ->", SJ_ERR_MAP, 1, 12,
     "the line ends where the name of a touchpoint or stage is expected"},
    {"expect a -> b -> c", SJ_ERR_MAP, 1, 15,
     "'-' stands where a share, as in 40%, or the end of the line is expected"},
    {"expect a -> 'b' c", SJ_ERR_MAP, 1, 17,
     "'c' stands where a share, as in 40%, or the end of the line is expected"},
    {"expect a -> 'b' c 4%", SJ_ERR_MAP, 1, 17,
     "'c' stands where a share, as in 40%, or the end of the line is expected"},
    {"expect a -> 40%", SJ_ERR_MAP, 1, 13,
     "a name is expected before the share; in single quotes if this is one"},
    {"expect a -> b 101%", SJ_ERR_VALUE, 1, 15,
     "a share is more than 0% and at most 100%; leave it out where nothing is said"},
    {"expect a -> b 0%", SJ_ERR_VALUE, 1, 15,
     "a share is more than 0% and at most 100%; leave it out where nothing is said"},
    {"expect a -> b 1e1%", SJ_ERR_MAP, 1, 15, "a share is a number and %, as in 40%"},
    {"expect a -> b 5%\nexpect a -> b", SJ_ERR_DUPLICATE, 2, 8,
     "'a' -> 'b' is expected already, with another share"},
    {"stage s:\nexpect s -> b", SJ_ERR_MAP, 2, 8,
     "'s' is a stage and 'b' is none; an expectation is between two touchpoints or between two "
     "stages"},
    {"stage s: s\nexpect s -> b", SJ_ERR_NAME, 2, 8,
     "'s' is a stage and a touchpoint, so what is expected is not clear; rename one of them"},
    {"stage s:\n# \xC3\xA9 \xFF", SJ_ERR_UTF8, 2, 5, "the map is not UTF-8 here, or has a NUL"},
};

static void a_wrong_map_is_told_with_line_and_column(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof wrong_maps / sizeof *wrong_maps; i++) {
        const wrong_map *wrong = &wrong_maps[i];
        sj_status status = SJ_OK;
        f->error = (sj_error){0};
        sj__map_free(&f->map);
        status = sj__map_parse(&f->map, wrong->text, strlen(wrong->text), &f->error);
        if (status != wrong->code || f->error.line != wrong->line ||
            f->error.column != wrong->column || strcmp(f->error.message, wrong->message) != 0)
            fail_msg("%s\n  %d at %d:%d %s", wrong->text, status, (int)f->error.line,
                     f->error.column, f->error.message);
        assert_int_equal(sj__map_parse(&f->map, wrong->text, strlen(wrong->text), NULL),
                         wrong->code);
    }
}

static void the_byte_of_a_wrong_map_is_that_in_the_whole_text(void **state)
{
    fixture *f = *state;
    const char *text = "stage a: b\nexpect c";
    assert_int_equal(sj__map_parse(&f->map, text, strlen(text), &f->error), SJ_ERR_MAP);
    assert_int_equal(f->error.index, 19);
    assert_int_equal(sj__map_parse(&f->map, "# a\0b", 5, &f->error), SJ_ERR_UTF8);
    assert_int_equal(f->error.index, 3);
}

static void stages_in_text_follow_those_of_the_map(void **state)
{
    fixture *f = *state;
    parse(&f->map, "stage a: x\nstage b:\n");
    parse(&f->map, "stage a: y\nstage b:\nstage c:\nstage a: z\n");
    assert_map(&f->map, "stage a: x, y, z\nstage b:\nstage c:\n");
    assert_int_equal(sj__map_parse(&f->map, "stage b:", 8, &f->error), SJ_ERR_DUPLICATE);
    assert_string_equal(f->error.message, "the stage 'b' stands where the map has 'a' already; "
                                          "stages are named in their order");
    assert_int_equal(sj__map_parse(&f->map, "stage a:\nstage d:", 17, &f->error), SJ_ERR_DUPLICATE);
    assert_int_equal(f->error.line, 2);
}

/* ------------------------------------------------------------------------------ out of memory --
 */

/* Everything that a map can do, once; stops at the first failure. */
static sj_status do_everything(sj__map *map, const sj_allocator *a, sj_error *error)
{
    sj__map copy, finished;
    sj__map_mark mark = {0};
    sj__map_renumber numbers = {0};
    sj__text text;
    uint32_t number = 0;
    sj_status status = SJ_OK;
    sj__map_init(&copy, a);
    sj__map_init(&finished, a);
    sj__text_init(&text, a);
    if ((status = sj__map_parse(map, shop, sizeof shop - 1, error)) ||
        (status = sj__map_set_mark(map, &mark, error)) ||
        (status = sj__map_see_touchpoint(map, "new", 3, &number, error)) ||
        (status = sj__map_see_channel(map, "new", 3, &number, error)) ||
        (status = sj__map_see_attribute(map, "new", 3, &number, error)) ||
        (status = sj__map_see_category(map, number, "new", 3, &number, error)) ||
        (status = sj__map_add_attribute(map, "n", 1, SJ_ATTRIBUTE_REAL, 1, error)) ||
        (status = sj__map_copy(&copy, map, a, error)) ||
        (status = sj__map_merge(&copy, map, error)) ||
        (status = sj__map_finish(&copy, a, &finished, &numbers, error)))
        goto out;
    sj__map_renumber_free(&copy, &numbers);
    sj__map_write(&finished, &text);
    if ((status = sj__text_status(&text, error)))
        goto out;
    assert_string_equal(sj__text_data(&text), shop_written);
    status = sj__map_check_conversions(&finished, error);
out:
    if (mark.values)
        sj__map_rollback(map, &mark);
    sj__map_mark_free(map, &mark);
    sj__map_free(&copy);
    sj__map_free(&finished);
    sj__text_free(&text);
    return status;
}

static void every_failed_allocation_is_told_and_leaves_no_memory(void **state)
{
    uint64_t k = 1;
    (void)state;
    for (sj_status status = SJ_ERR_NOMEM; status != SJ_OK; k++) {
        for (int from = 0; from < 2; from++) {
            failing memory = {.fail_at = from ? 0 : k, .fail_from = from ? k : 0};
            const sj_allocator a = failing_allocator(&memory);
            sj_error error = {0};
            sj__map map;
            sj__map_init(&map, &a);
            status = do_everything(&map, &a, &error);
            assert_int_equal(status, memory.failures ? SJ_ERR_NOMEM : SJ_OK);
            assert_int_equal(error.code, status);
            sj__map_free(&map);
            failing_check(&memory);
        }
    }
    assert_true(k > 100);
}

/* A failed addition leaves the map as it was: the same addition succeeds afterwards, and gives what
 * it would have. */
static void a_failed_addition_can_be_repeated(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 30; k++) {
        failing memory = {0};
        const sj_allocator a = failing_allocator(&memory);
        sj__map map;
        const double worth = 1;
        int failed = 0;
        sj__map_init(&map, &a);
        memory.fail_at = k;
        for (int i = 0; i < 2; i++) {
            const sj_status status[] = {sj__map_add_stage(&map, "s", 1, NULL),
                                        sj__map_add_touchpoint(&map, "t", NULL, "c", NULL),
                                        sj__map_add_conversion(&map, "m", "t", &worth, NULL),
                                        sj__map_add_expected(&map, "t", "u", 0, NULL)};
            for (int j = 0; j < 4; j++)
                failed += status[j] != SJ_OK;
        }
        assert_int_equal(failed, memory.failures);
        memory.fail_at = 0; /* the order of names, for writing, is the map's memory too */
        assert_map(&map, "stage s:\nchannel c: t\nmicro-conversion m = t worth 1\nexpect t -> u\n");
        assert_int_equal(map.declared_touchpoints.n, 2);
        assert_int_equal(map.declared_channels.n, 1);
        sj__map_free(&map);
        failing_check(&memory);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_touchpoint_is_declared_field_by_field),
        TEST(what_was_said_of_a_touchpoint_cannot_be_changed),
        TEST(a_touchpoint_needs_a_stage_that_exists),
        TEST(names_are_checked_on_the_way_in),
        TEST(an_attribute_keeps_its_type),
        TEST(there_are_limits),
        TEST(a_micro_conversion_has_one_condition_and_worth),
        TEST(a_micro_conversions_grammar_is_checked_at_once),
        TEST(an_expectation_is_between_touchpoints_or_between_stages),
        TEST(an_expectation_has_one_share),
        TEST(rolling_back_takes_away_what_events_brought),
        TEST(bad_names_of_events_are_refused),
        TEST(final_numbers_do_not_depend_on_the_order_of_events),
        TEST(a_finished_map_keeps_everything_that_is_declared),
        TEST(a_copy_is_equal_and_independent),
        TEST(equal_maps_merge_into_the_same),
        TEST(one_list_of_stages_must_begin_with_the_other),
        TEST(different_declarations_do_not_merge),
        TEST(names_of_events_merge_with_anything_but_another_type),
        TEST(a_map_in_text_says_what_the_functions_say),
        TEST(canonical_text_reads_back_to_itself),
        TEST(names_can_be_quoted),
        TEST(the_last_worth_outside_quotes_and_parentheses_ends_a_condition),
        TEST(lines_of_a_written_map_stay_lines),
        TEST(blank_maps_are_maps),
        TEST(a_wrong_map_is_told_with_line_and_column),
        TEST(the_byte_of_a_wrong_map_is_that_in_the_whole_text),
        TEST(stages_in_text_follow_those_of_the_map),
        TEST(every_failed_allocation_is_told_and_leaves_no_memory),
        TEST(a_failed_addition_can_be_repeated)};
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
