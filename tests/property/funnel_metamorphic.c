/* What must not change a funnel, or change it in one direction only: the order of rows, a shift of
 * all times, an event that matches nothing, other names, a split into shards, a wider window, more
 * freedom of choice.  Random questions with random options; nothing here knows what the answer is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_meta.h"

/* ---- rows ---- */

static void meta_check_same(sj_graph *a, sj_graph *b)
{
    sj_tally *x = meta_tally(a), *y = meta_tally(b);
    meta_check_bytes(x, y);
    sj_tally_free(x);
    sj_tally_free(y);
    sj_graph_free(a);
    sj_graph_free(b);
}

static size_t meta_shuffle(world_row rows[WORLD_ROWS], int within)
{
    world *w = &meta_world;
    const size_t n = world_rows(w, rows);
    size_t next[WORLD_CUSTOMERS] = {0};
    for (size_t i = n; i > 1; i--) {
        const size_t j = world_below(w, i);
        const world_row row = rows[j];
        rows[j] = rows[i - 1];
        rows[i - 1] = row;
    }
    for (size_t i = 0; i < n && !within; i++)
        rows[i].event = next[rows[i].customer]++;
    return n;
}

static void a_shuffle_across_customers_changes_no_byte(void **state)
{
    static world_row rows[WORLD_ROWS];
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        meta_draw(meta_rounds, 0);
        const world_build how = {.rows = rows, .n_rows = meta_shuffle(rows, 0)};
        meta_check_same(world_graph(&meta_world), world_graph_of(&meta_world, &how));
    }
}

static void a_shuffle_of_all_rows_changes_no_byte_with_ties_by_name(void **state)
{
    static world_row rows[WORLD_ROWS], shuffled[WORLD_ROWS];
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        meta_draw(meta_rounds, 0);
        const world_build plain = {
            .ties = SJ_TIES_NAME, .rows = rows, .n_rows = world_rows(&meta_world, rows)};
        const world_build how = {
            .ties = SJ_TIES_NAME, .rows = shuffled, .n_rows = meta_shuffle(shuffled, 1)};
        meta_check_same(world_graph_of(&meta_world, &plain), world_graph_of(&meta_world, &how));
    }
}

/* Level, times and reason need no order of rows at all, unless tie is input.  Replays with optional
 * steps are left out: where as many of these can be filled at one time in several ways, the lowest
 * rows decide, and so which of them are filled. */
static void a_shuffle_of_all_rows_changes_no_level_time_or_reason(void **state)
{
    static world_row rows[WORLD_ROWS];
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++) {
        meta_draw(meta_rounds, UINT64_C(1) << WORLD_TIE_INPUT | UINT64_C(1) << WORLD_OF_VALUES |
                                   UINT64_C(1) << WORLD_HOLD | UINT64_C(1) << WORLD_HOLD_TWO);
        const uint64_t found = world_features(&meta_world);
        if ((found >> WORLD_OPTIONAL & (found >> WORLD_FIRST | found >> WORLD_EACH) & 1) != 0)
            continue;
        meta_used++;
        sj_graph *graph = world_graph(&meta_world);
        const world_build how = {.rows = rows, .n_rows = meta_shuffle(rows, 1)};
        meta_check_lists(graph, meta_list(graph), world_graph_of(&meta_world, &how), 0);
    }
}

/* Each customer goes to one of three shards. */
static void shards_merge_into_the_whole(void **state)
{
    static world_row rows[WORLD_ROWS], part[WORLD_ROWS];
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        sj_error error = {0};
        meta_draw(meta_rounds, 0);
        const size_t n = world_rows(&meta_world, rows);
        sj_graph *graph = world_graph(&meta_world);
        sj_tally *whole = meta_tally(graph), *merged = NULL;
        const size_t turn = world_below(&meta_world, 5);
        sj_graph_free(graph);
        for (size_t shard = 0; shard < 3; shard++) {
            world_build how = {.rows = part};
            for (size_t i = 0; i < n; i++)
                if ((rows[i].customer * (1 + turn) + rows[i].customer / 3) % 3 == shard)
                    part[how.n_rows++] = rows[i];
            graph = world_graph_of(&meta_world, &how);
            sj_tally *tally = meta_tally(graph);
            sj_graph_free(graph);
            if (merged == NULL) {
                merged = tally;
                continue;
            }
            meta_must(sj_tally_merge(merged, tally, &error), &error);
            sj_tally_free(tally);
        }
        meta_check_bytes(whole, merged);
        sj_tally_free(whole);
        sj_tally_free(merged);
    }
}

/* ---- times and names ---- */

static void a_shift_of_all_times_shifts_the_answer(void **state)
{
    world *w = &meta_world;
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        meta_draw(meta_rounds, UINT64_C(1) << WORLD_TREND);
        const int64_t shift = ((int64_t)world_below(w, 2000001) - 1000000) * (SJ_MINUTE + 1);
        sj_graph *graph = world_graph(w);
        sj_result *list = meta_list(graph);
        for (size_t c = 0; c < w->n_customers; c++)
            for (size_t i = 0; i < w->n_events[c]; i++)
                w->events[c][i].time += shift;
        w->base += shift, w->last += shift;
        w->as_of += shift, w->entry_from += shift, w->entry_to += shift;
        meta_check_lists(graph, list, world_graph(w), shift);
    }
}

/* A condition that says with other names what a step's says: its touchpoints, and its values. */
static void meta_rename(const world_condition *condition, char text[256])
{
    size_t used = (size_t)snprintf(text, 256, "touchpoint in (");
    for (const char *letter = condition->letters; *letter != '\0'; letter++)
        used += (size_t)snprintf(text + used, 256 - used, "%s'x%s'",
                                 letter > condition->letters ? ", " : "",
                                 *letter == '(' ? "(z" : (char[]){*letter, '\0'});
    used += (size_t)snprintf(text + used, 256 - used, ")");
    if (condition->needs_value)
        (void)snprintf(text + used, 256 - used, " and value >= %d and value < %d",
                       (int)condition->least, (int)condition->below);
}

static void names_are_only_names(void **state)
{
    static world_row rows[WORLD_ROWS];
    static char texts[WORLD_STEPS + WORLD_EXCLUSIONS][256];
    world *w = &meta_world;
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        meta_draw(meta_rounds, 0);
        const world_build how = {.rows = rows, .n_rows = world_rows(w, rows), .prefix = "x"};
        sj_graph *graph = world_graph(w);
        sj_result *list = meta_list(graph);
        for (size_t k = 0; k < w->options.n_steps; k++) {
            meta_rename(w->conditions[k], texts[k]);
            w->steps[k].condition = texts[k];
        }
        for (size_t x = 0; x < w->options.n_exclusions; x++) {
            meta_rename(w->excluded[x], texts[WORLD_STEPS + x]);
            w->exclusions[x].condition = texts[WORLD_STEPS + x];
        }
        meta_check_lists(graph, list, world_graph_of(w, &how), 0);
    }
}

/* ---- an event that matches nothing ---- */

static int meta_is_idle(const world *w, const world_event *event)
{
    for (size_t k = 0; k < w->options.n_steps; k++)
        if (world_meets(w->conditions[k], event))
            return 0;
    for (size_t x = 0; x < w->options.n_exclusions; x++)
        if (world_meets(w->excluded[x], event))
            return 0;
    return 1;
}

/* A touchpoint where an event without value matches nothing; 0: there is none. */
static int meta_idle_event(world *w, world_event *out)
{
    for (int t = 0; t < WORLD_TOUCHPOINTS; t++) {
        *out = (world_event){.time = w->base + (int64_t)world_below(w, w->spread) * w->unit,
                             .touchpoint = t,
                             .held = -1};
        if (out->time <= w->last && meta_is_idle(w, out))
            return 1;
    }
    return 0;
}

static void an_event_that_matches_nothing_changes_nothing(void **state)
{
    const uint64_t without = UINT64_C(1) << WORLD_ORDER_ADJACENT | UINT64_C(1) << WORLD_ADJACENT |
                             UINT64_C(1) << WORLD_STOP | UINT64_C(1) << WORLD_SESSION_GAP |
                             UINT64_C(1) << WORLD_OF_SESSIONS;
    world *w = &meta_world;
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++) {
        int inserted = 0;
        meta_draw(meta_rounds, without);
        w->options.as_of = &w->as_of;
        sj_graph *graph = world_graph(w);
        sj_result *list = meta_list(graph);
        for (size_t c = 0; c < w->n_customers; c++) {
            world_event event;
            if (w->n_events[c] == WORLD_EVENTS || !meta_idle_event(w, &event))
                continue;
            size_t i = w->n_events[c]++;
            for (; i > 0 && w->events[c][i - 1].time > event.time; i--)
                w->events[c][i] = w->events[c][i - 1];
            w->events[c][i] = event;
            inserted = 1;
        }
        meta_used += (uint64_t)inserted;
        meta_check_lists(graph, list, world_graph(w), 0);
    }
}

/* ---- more freedom ---- */

/* Highest level of each customer, by its number in the graph. */
static void meta_levels(const sj_graph *graph, int64_t levels[WORLD_CUSTOMERS])
{
    sj_result *list = meta_list(graph);
    const sj_table *table = sj_result_find(list, "levels");
    memset(levels, 0, WORLD_CUSTOMERS * sizeof *levels);
    for (size_t row = 0; row < sj_table_rows(table); row++) {
        const char *key = sj_table_text(table, "customer", row);
        const size_t c = strtoul(key + strcspn(key, "0123456789"), NULL, 10);
        if (sj_table_integers(table, "level")[row] > levels[c])
            levels[c] = sj_table_integers(table, "level")[row];
    }
    sj_result_free(list);
}

static void meta_check_not_lower(const int64_t low[WORLD_CUSTOMERS],
                                 const int64_t high[WORLD_CUSTOMERS], const char *what)
{
    for (size_t c = 0; c < WORLD_CUSTOMERS; c++)
        if (low[c] > high[c]) {
            world_show(&meta_world, c);
            fail_msg("%s: level %d is lower than %d", what, (int)high[c], (int)low[c]);
        }
}

/* With enter_anywhere it is the number of steps passed that grows, not the level. */
static void a_wider_window_never_lowers_a_level(void **state)
{
    world *w = &meta_world;
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++, meta_used++) {
        int64_t narrow[WORLD_CUSTOMERS], wide[WORLD_CUSTOMERS];
        meta_draw(meta_rounds, UINT64_C(1) << WORLD_EACH | UINT64_C(1) << WORLD_OF_ATTEMPTS |
                                   UINT64_C(1) << WORLD_REMOVE | UINT64_C(1) << WORLD_ANYWHERE);
        sj_graph *graph = world_graph(w);
        w->options.window = SJ_INSTANT;
        meta_levels(graph, narrow);
        for (int i = 1; i < 12; i++) {
            w->options.window = i == 11 ? 0 : (i * i / 2 + 1) * w->unit;
            meta_levels(graph, wide);
            meta_check_not_lower(narrow, wide, "a wider window");
            memcpy(narrow, wide, sizeof narrow);
        }
        sj_graph_free(graph);
    }
}

static void best_is_not_below_each_nor_each_below_first(void **state)
{
    world *w = &meta_world;
    (void)state;
    for (; meta_rounds < meta_count(); meta_rounds++) {
        int64_t levels[3][WORLD_CUSTOMERS];
        int asked = 0;
        meta_draw(meta_rounds, UINT64_C(1) << WORLD_OF_ATTEMPTS | UINT64_C(1) << WORLD_REMOVE |
                                   UINT64_C(1) << WORLD_ANYWHERE | UINT64_C(1) << WORLD_STOP);
        sj_graph *graph = world_graph(w);
        for (int32_t attempt = SJ_ATTEMPT_FIRST; attempt <= SJ_ATTEMPT_EACH + 1; attempt++) {
            w->options.attempt = attempt > SJ_ATTEMPT_EACH ? SJ_ATTEMPT_BEST : attempt;
            const int built = attempt > SJ_ATTEMPT_EACH ||
                              (meta_built >> (WORLD_FIRST + attempt - SJ_ATTEMPT_FIRST) & 1) != 0;
            if (!built || world_refusal(w) != NULL)
                continue;
            meta_levels(graph, levels[asked++]);
            if (asked > 1)
                meta_check_not_lower(levels[asked - 2], levels[asked - 1], "first, each, best");
        }
        meta_used += asked > 1;
        sj_graph_free(graph);
    }
    if ((meta_built >> WORLD_FIRST & meta_built >> WORLD_EACH & 1) == 0)
        meta_used = meta_rounds; /* nothing to compare yet */
}

#define META_TEST(f) cmocka_unit_test_setup_teardown(f, meta_begin, meta_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        META_TEST(a_shuffle_across_customers_changes_no_byte),
        META_TEST(a_shuffle_of_all_rows_changes_no_byte_with_ties_by_name),
        META_TEST(a_shuffle_of_all_rows_changes_no_level_time_or_reason),
        META_TEST(shards_merge_into_the_whole),
        META_TEST(a_shift_of_all_times_shifts_the_answer),
        META_TEST(names_are_only_names),
        META_TEST(an_event_that_matches_nothing_changes_nothing),
        META_TEST(a_wider_window_never_lowers_a_level),
        META_TEST(best_is_not_below_each_nor_each_below_first),
    };
    return cmocka_run_group_tests_name("funnel_metamorphic", tests, meta_all_built, NULL);
}
