/* Maps and conditions that are broken in every way; see hostile.h. */
#include "fault/hostile.h"

#include <math.h>
#include <stdio.h>

enum { MAP_BABBLES = 3000 };

/* ---- the map ---- */

static void names_that_are_none_are_refused(void **state)
{
    static const char *const none[] = {
        "", "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80"};
    sj_builder *builder = hostile_builder();
    char *large = hostile_long(HOSTILE_NAME_ROOM + 1, 'n');

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none + 1; i++) {
        const char *name = i < sizeof none / sizeof *none ? none[i] : large;

        REFUSE(HOSTILE_FAILS, sj_builder_add_stage, builder, name);
        REFUSE(HOSTILE_FAILS, sj_builder_add_channel, builder, name);
        REFUSE(HOSTILE_FAILS, sj_builder_add_touchpoint, builder, name, NULL, NULL);
        REFUSE(HOSTILE_FAILS, sj_builder_add_touchpoint, builder, "new", name, NULL);
        REFUSE(HOSTILE_FAILS, sj_builder_add_micro_conversion, builder, name, "view", NULL);
        REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, name, "view", 0);
        REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "view", name, 0);
        REFUSE(HOSTILE_FAILS, sj_builder_add_attribute, builder, name, SJ_ATTRIBUTE_REAL, 0);
    }
    for (size_t i = 1; i < sizeof none / sizeof *none; i++)
        REFUSE(HOSTILE_FAILS, sj_builder_add_touchpoint, builder, "new", NULL, none[i]);
    REFUSE(HOSTILE_FAILS, sj_builder_add_touchpoint, builder, "new", NULL, large);
    free(large);
    hostile_unspoilt(builder);
}

static void a_map_that_contradicts_itself_is_refused(void **state)
{
    static const double shares[] = {-0.0001, 1.0000001, -1, 1e300, -1e300};
    sj_builder *builder = hostile_builder();
    const double values[] = {NAN, INFINITY, -INFINITY, 9.3e12, -9.3e12, 1e300};

    (void)state;
    ACCEPT(sj_builder_add_stage, builder, "look"); /* saying the same again is no error */
    REFUSE(SJ_ERR_NAME, sj_builder_add_touchpoint, builder, "new", "no stage", NULL);
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_touchpoint, builder, "view", "pay", NULL);
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_touchpoint, builder, "letter", NULL, "web");
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_micro_conversion, builder, "big", "view", NULL);
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_attribute, builder, "device", SJ_ATTRIBUTE_REAL, 0);
    REFUSE(SJ_ERR_DUPLICATE, sj_builder_add_attribute, builder, "device", SJ_ATTRIBUTE_CATEGORY, 1);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, builder, "new", 0, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, builder, "new", -1, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, builder, "new", 4, 0);
    REFUSE(SJ_ERR_ARGUMENT, sj_builder_add_attribute, builder, "new", INT32_MAX, 1);
    REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "look", "cart", 0);
    REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "view", "cart", 0.25);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "cart", "view", shares[i]);
    REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "cart", "view", (double)NAN);
    REFUSE(HOSTILE_FAILS, sj_builder_add_expected, builder, "cart", "view", (double)INFINITY);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        REFUSE(SJ_ERR_VALUE, sj_builder_add_micro_conversion, builder, "new", "view", &values[i]);
    for (size_t i = 0; hostile_texts[i]; i++) {
        sj_builder *other = hostile_builder();

        /* A condition is read when it comes, its names when the graph is built: either may refuse
         * it. */
        if (JUDGED(HOSTILE_EITHER, sj_builder_add_micro_conversion, other, "new", hostile_texts[i],
                   NULL)) {
            hostile_unspoilt(other);
        } else {
            sj_status status;

            EITHER_OUT(status, sj_graph, sj_graph_free, sj_builder_build, other, NULL);
            (void)status;
            CALLED(sj_builder_free)(other);
        }
    }
    hostile_unspoilt(builder);
}

/* A builder that could not be built keeps all that it had. */
static void a_map_that_cannot_be_built_stays(void **state)
{
    sj_builder *builder = hostile_builder();
    sj_graph *graph;

    (void)state;
    ACCEPT(sj_builder_add_micro_conversion, builder, "late", "touchpoint = 'late'", NULL);
    REFUSE_OUT(SJ_ERR_NAME, graph, sj_builder_build, builder, NULL, &graph);
    ACCEPT(sj_builder_add_touchpoint, builder, "late", NULL, NULL);
    ACCEPT(sj_builder_build, builder, NULL, &graph);
    CLAIM(sj_graph_count(graph, SJ_KIND_EVENTS) == 4);
    CLAIM(sj_graph_find(graph, SJ_KIND_MICRO_CONVERSIONS, "late") == 1);
    ACCEPT(sj_graph_check, graph);
    CALLED(sj_graph_free)(graph);
    hostile_sound(builder);
}

static const char map_good[] =
    "# all there is\nstage look: view, search\r\nstage 'it''s': x\nchannel paid: ad, 'a, b'\n"
    "micro-conversion m = touchpoint = 'ad' and (value > 1 or device in ('a')) worth 0.5\n"
    "micro-conversion n = view worth value\nexpect look -> 'it''s'\nexpect view -> ad 33.3%\n";

/* Adds a map of exactly n bytes to a builder without one; on failure the place must be in the text.
 */
static sj_status map_add(const char *text, size_t n)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = &hostile_world.allocator};
    char *exact = malloc(n ? n : 1);
    sj_builder *builder;
    sj_status status;
    sj_graph *graph;

    CLAIM(exact != NULL);
    memcpy(exact, text, n);
    ACCEPT(sj_builder_new, &options, &builder);
    status = JUDGED(HOSTILE_EITHER, sj_builder_add_map, builder, exact, n);
    if (status) {
        CLAIM(hostile_told()->index >= 0 && (uint64_t)hostile_told()->index <= n);
        CLAIM(hostile_told()->line >= 1 && hostile_told()->column >= 1);
        ACCEPT(sj_builder_build, builder, NULL, &graph);
        for (int32_t kind = SJ_KIND_EVENTS; kind < SJ_KIND_BYTES; kind++)
            CLAIM(sj_graph_count(graph, kind) == 0);
        CALLED(sj_graph_free)(graph);
    } else {
        sj_status built;

        EITHER_OUT(built, sj_graph, sj_graph_free, sj_builder_build, builder, NULL);
        (void)built;
    }
    CALLED(sj_builder_free)(builder);
    free(exact);
    return status;
}

static void maps_cut_short_and_maps_with_a_byte_changed_are_read_or_refused(void **state)
{
    static const char changes[] = {0, '\n', '\'', ':', ',', '=', '%', '#', '\xff', ' '};
    const size_t n = sizeof map_good - 1;
    char text[sizeof map_good];

    (void)state;
    CLAIM(map_add(map_good, n) == SJ_OK);
    for (size_t cut = 0; cut < n; cut++)
        map_add(map_good, cut);
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < sizeof changes; i++) {
            memcpy(text, map_good, n);
            text[at] = changes[i];
            if (text[at] == 0 || text[at] == '\xff')
                CLAIM(map_add(text, n) != SJ_OK);
            else if (i == at % sizeof changes)
                map_add(text, n);
        }
}

static void babbled_maps_are_read_or_refused(void **state)
{
    static const char words[] =
        "stage |channel |micro-conversion |expect |\n|:|,|a|b|view|'|''|->| "
        "|=|worth |value|5|%|#|touchpoint = 'a'|\r\n|\xc3\xa9|(|)|not |0.5|"
        "99999999999999999999|-|\t|and |or |in ";
    char text[512];
    uint64_t random = 1;
    size_t fine = 0;

    (void)state;
    for (size_t i = 0; i < hostile_often(MAP_BABBLES); i++)
        fine += map_add(text, hostile_babble(&random, words, 24, text, sizeof text)) == SJ_OK;
    print_message("# %zu of %zu babbled maps were maps\n", fine, hostile_often(MAP_BABBLES));
    CLAIM(fine > 0 && fine < hostile_often(MAP_BABBLES));
}

/* ---- conditions ---- */

static sj_status map_ask(const char *condition)
{
    sj_step steps[2];
    const sj_funnel_options options = hostile_funnel("view", condition, steps);
    const sj_selection selection = {.struct_size = sizeof selection, .events = condition};
    sj_status status, other;

    EITHER_OUT(status, sj_result, sj_result_free, sj_funnel_compute, hostile_world.graph, &options,
               NULL);
    if (status)
        CLAIM(hostile_told()->index >= -1 && hostile_told()->index <= (int64_t)strlen(condition));
    EITHER_OUT(other, sj_graph, sj_graph_free, sj_graph_select, hostile_world.graph, &selection,
               NULL);
    CLAIM(other == status);
    return status;
}

static void babbled_conditions_are_read_or_refused(void **state)
{
    static const char words[] =
        "touchpoint|stage|channel|conversion|customer|value|time|device|load| | | |=|!=|<|>=|in|"
        "not|and|or|is|null|(|)|,|'view'|'look'|'web'|'big buy'|7|-.5|1e3|1e999|'2026-03-04'|'|\"|"
        "'it''s'|\"load\"|view|\xc3\xa9|9223372036854775808|''|'9999999-01-01'|country|'NL'|"
        "value > 1|touchpoint = 'view'|device in ('ios')| and | or |not |value > 1 and not (|"
        "load is null or |stage = 'look'|time < '2026-03-04'|) or |conversion = 'big buy'";
    char text[513];
    uint64_t random = 2;
    size_t fine = 0;

    (void)state;
    for (size_t i = 0; i < hostile_often(MAP_BABBLES); i++) {
        text[hostile_babble(&random, words, 1 + i % 10, text, sizeof text - 1)] = 0;
        fine += map_ask(text) == SJ_OK;
    }
    print_message("# %zu of %zu babbled conditions were conditions\n", fine,
                  hostile_often(MAP_BABBLES));
    CLAIM(fine > 0 && fine < hostile_often(MAP_BABBLES));
}

/* `n` times `begin`, then `middle`, then `n` times `end`.  Free it. */
static char *map_repeat(size_t n, const char *begin, const char *middle, const char *end)
{
    const size_t b = strlen(begin), m = strlen(middle), e = strlen(end);
    char *text = malloc(n * (b + e) + m + 1), *at = text;

    CLAIM(text != NULL);
    for (size_t i = 0; i < n; i++, at += b)
        memcpy(at, begin, b);
    memcpy(at, middle, m);
    at += m;
    for (size_t i = 0; i < n; i++, at += e)
        memcpy(at, end, e);
    *at = 0;
    return text;
}

static void conditions_may_be_long_but_not_deep(void **state)
{
    static const struct {
        const char *begin, *middle, *end;
        int64_t expected;
    } shapes[] = {{"(", "value > 1", ")", SJ_ERR_LIMIT},
                  {"not (", "value > 1", ")", SJ_ERR_LIMIT},
                  {"not ", "value > 1", "", HOSTILE_FAILS},
                  {"(", "", "", HOSTILE_FAILS},
                  {"value > 1 and ", "value > 1", "", HOSTILE_EITHER},
                  {"value > 1 or ", "value > 1", "", HOSTILE_EITHER},
                  {"value > 1 or value < 1 and ", "value > 1", "", HOSTILE_EITHER},
                  {"touchpoint in ('view", "", "')", HOSTILE_FAILS},
                  {" ", "view", " ", SJ_OK}};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t n = 300; n <= 30000; n *= 100) {
            char *text = map_repeat(n, shapes[i].begin, shapes[i].middle, shapes[i].end);
            const sj_status status = map_ask(text);

            CLAIM(shapes[i].expected == HOSTILE_EITHER ||
                  (shapes[i].expected == HOSTILE_FAILS ? status != SJ_OK
                                                       : status == shapes[i].expected));
            free(text);
        }
}

/* Each micro-conversion asks twice for the one before: whoever follows them all takes 2^n steps. */
static void micro_conversions_that_lean_on_each_other_cost_no_more_than_they_are(void **state)
{
    enum { TOWER = 200 };
    sj_builder *builder = hostile_builder();
    char name[16], condition[96];
    sj_graph *graph;
    sj_result *result;
    sj_step steps[2];
    sj_funnel_options options;

    (void)state;
    ACCEPT(sj_builder_add_micro_conversion, builder, "m0", "value > 1", NULL);
    for (int i = 1; i <= TOWER; i++) {
        snprintf(name, sizeof name, "m%d", i);
        snprintf(condition, sizeof condition, "conversion = 'm%d' and not conversion != 'm%d'",
                 i - 1, i - 1);
        if (JUDGED(HOSTILE_EITHER, sj_builder_add_micro_conversion, builder, name, condition, NULL))
            break;
    }
    if (JUDGED(HOSTILE_EITHER, sj_builder_build, builder, NULL, &graph) == SJ_OK) {
        snprintf(condition, sizeof condition, "conversion = 'm%d'", TOWER);
        options = hostile_funnel("view", condition, steps);
        EITHER_OUT(*(sj_status[1]){0}, sj_result, sj_result_free, sj_funnel_compute, graph,
                   &options, NULL);
        ACCEPT(sj_summary_compute, graph, NULL, &result);
        CALLED(sj_result_free)(result);
        CALLED(sj_graph_free)(graph);
    }
    CALLED(sj_builder_free)(builder);
}

const struct CMUnitTest hostile_map_tests[] = {
    cmocka_unit_test(names_that_are_none_are_refused),
    cmocka_unit_test(a_map_that_contradicts_itself_is_refused),
    cmocka_unit_test(a_map_that_cannot_be_built_stays),
    cmocka_unit_test(maps_cut_short_and_maps_with_a_byte_changed_are_read_or_refused),
    cmocka_unit_test(babbled_maps_are_read_or_refused),
    cmocka_unit_test(babbled_conditions_are_read_or_refused),
    cmocka_unit_test(conditions_may_be_long_but_not_deep),
    cmocka_unit_test(micro_conversions_that_lean_on_each_other_cost_no_more_than_they_are)};
const size_t n_hostile_map_tests = sizeof hostile_map_tests / sizeof *hostile_map_tests;
