/* Visits and legs, worked by hand.  A journey is written as a text: a letter per event, `!` an
 * error, `$` a conversion, each followed by its time in minutes. */
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "journey/legs.h"
#include "near.h"

#define LONGEST 64

typedef struct world {
    int64_t time[LONGEST];
    uint8_t touchpoint[LONGEST], marks[LONGEST];
    uint32_t position[LONGEST];
    sj__journey journey;
    sj__legs legs;
} world;

static const sj__leg_rules open_end = {SJ__NO_LIMIT, SJ__NO_LIMIT, INT64_MAX};

static void read_journey(world *w, const char *text)
{
    uint32_t n = 0;
    while (*text != '\0') {
        const char c = *text++;
        char *end;
        if (c == ' ')
            continue;
        w->marks[n] = c == '$' ? SJ__MARK_CONVERSION : c == '!' ? SJ__MARK_ERROR : 0;
        w->touchpoint[n] = (uint8_t)(c == '$' ? 30 : c == '!' ? 31 : c - 'A');
        w->time[n] = strtol(text, &end, 10) * SJ_MINUTE;
        w->position[n] = n;
        text = end;
        n++;
    }
    w->journey = (sj__journey){.length = n,
                               .n = n,
                               .position = w->position,
                               .time = w->time,
                               .touchpoint = w->touchpoint,
                               .width = 1};
}

static world *cut(void **state, const char *text, const sj__leg_rules *rules)
{
    world *w = *state;
    read_journey(w, text);
    assert_int_equal(sj__legs_cut(&w->legs, rules, &w->journey, w->marks, NULL), SJ_OK);
    return w;
}

static void check_leg(const world *w, size_t i, uint32_t first, uint32_t to, uint32_t visits,
                      int32_t ending)
{
    const sj__leg *leg = &w->legs.legs[i];
    assert_true(i < w->legs.n_legs);
    assert_int_equal(leg->first, first);
    assert_int_equal(leg->to, to);
    assert_int_equal(leg->visit_to - leg->visit, visits);
    assert_int_equal(leg->ending, ending);
    assert_true(leg->start == w->time[first]);
    assert_true(leg->end == w->time[to - 1]);
}

static void check_visit(const world *w, size_t i, char touchpoint, uint32_t first, uint32_t last,
                        uint32_t events, uint32_t position)
{
    const sj__visit *visit = &w->legs.visits[i];
    assert_true(i < w->legs.n_visits);
    assert_int_equal(visit->touchpoint, touchpoint - 'A');
    assert_int_equal(visit->first, first);
    assert_int_equal(visit->last, last);
    assert_int_equal(visit->events, events);
    assert_int_equal(visit->position, position);
    assert_true(visit->start == w->time[first] && visit->end == w->time[last]);
}

static void neighbours_at_one_touchpoint_are_a_visit(void **state)
{
    const world *w = cut(state, "A0 A1 B2 A3", &open_end);
    assert_int_equal(w->legs.n_legs, 1);
    assert_int_equal(w->legs.n_visits, 3);
    check_leg(w, 0, 0, 4, 3, SJ__LEG_NULL);
    check_visit(w, 0, 'A', 0, 1, 2, 1);
    check_visit(w, 1, 'B', 2, 2, 1, 2);
    check_visit(w, 2, 'A', 3, 3, 1, 3);
}

static void a_conversion_ends_its_leg_and_is_no_visit(void **state)
{
    const world *w = cut(state, "A0 $1 A2 $3 $4", &open_end);
    assert_int_equal(w->legs.n_legs, 3);
    check_leg(w, 0, 0, 2, 1, SJ__LEG_CONVERTS);
    check_leg(w, 1, 2, 4, 1, SJ__LEG_CONVERTS);
    check_leg(w, 2, 4, 5, 0, SJ__LEG_CONVERTS); /* only a conversion */
    assert_int_equal(w->legs.n_visits, 2);
    check_visit(w, 1, 'A', 2, 2, 1, 1);
    assert_int_equal(w->legs.visits[1].leg, 1);
}

static void a_leg_takes_what_is_horizon_after_its_start_and_no_more(void **state)
{
    const sj__leg_rules rules = {(uint64_t)(10 * SJ_MINUTE), SJ__NO_LIMIT, INT64_MAX};
    const world *w = cut(state, "A0 B10 C11 D31 E42", &rules);
    assert_int_equal(w->legs.n_legs, 4);
    check_leg(w, 0, 0, 2, 2, SJ__LEG_CONTINUES); /* C follows B after 1 */
    check_leg(w, 1, 2, 3, 1, SJ__LEG_NULL);      /* D follows C after 20, E follows D after 11 */
    check_leg(w, 2, 3, 4, 1, SJ__LEG_NULL);
    check_leg(w, 3, 4, 5, 1, SJ__LEG_NULL);
    w = cut(state, "A0 B8 C18 $19", &rules);
    check_leg(w, 0, 0, 2, 2, SJ__LEG_CONTINUES); /* exactly the horizon after its last */
    check_leg(w, 1, 2, 4, 1, SJ__LEG_CONVERTS);
}

static void a_visit_is_cut_where_its_leg_is(void **state)
{
    const sj__leg_rules rules = {(uint64_t)(10 * SJ_MINUTE), SJ__NO_LIMIT, INT64_MAX};
    const world *w = cut(state, "A0 A9 A18", &rules);
    assert_int_equal(w->legs.n_visits, 2);
    check_visit(w, 0, 'A', 0, 1, 2, 1);
    check_visit(w, 1, 'A', 2, 2, 1, 1);
}

static void a_pause_above_the_session_gap_is_an_exit(void **state)
{
    const sj__leg_rules rules = {(uint64_t)(100 * SJ_MINUTE), (uint64_t)(30 * SJ_MINUTE),
                                 INT64_MAX};
    const world *w = cut(state, "A0 A30 A61 B90 B120 C150 C161", &rules);
    assert_int_equal(w->legs.n_legs, 2);
    check_leg(w, 0, 0, 2, 1, SJ__LEG_NULL); /* the gap itself still belongs to it */
    check_leg(w, 1, 2, 7, 3, SJ__LEG_NULL); /* C161 is the horizon after its start */
    w = cut(state, "A0 A30 A60 A90 A120", &rules);
    check_leg(w, 0, 0, 4, 1, SJ__LEG_CONTINUES); /* the horizon, no gap */
    w = cut(state, "A0 A30 A60 A90 A121", &rules);
    check_leg(w, 0, 0, 4, 1, SJ__LEG_NULL); /* both: the gap decides */
}

static void an_error_belongs_to_the_visit_before_it(void **state)
{
    const world *w = cut(state, "A0 !1 A2 !3 B4 !5 !6", &open_end);
    assert_int_equal(w->legs.n_visits, 2);
    check_visit(w, 0, 'A', 0, 3, 2, 1);
    check_visit(w, 1, 'B', 4, 6, 1, 2);
    check_leg(w, 0, 0, 7, 2, SJ__LEG_NULL);
}

static void an_error_before_the_first_visit_of_a_leg_is_no_visit(void **state)
{
    const world *w = cut(state, "!0 A1 $2 !3 A4", &open_end);
    assert_int_equal(w->legs.n_legs, 2);
    assert_int_equal(w->legs.n_visits, 2);
    check_leg(w, 1, 3, 5, 1, SJ__LEG_NULL);
    check_visit(w, 0, 'A', 1, 1, 1, 1);
    check_visit(w, 1, 'A', 4, 4, 1, 1);
}

static void a_conversion_that_is_an_error_too_is_a_conversion(void **state)
{
    world *w = *state;
    read_journey(w, "A0 $1 B2");
    w->marks[1] = SJ__MARK_CONVERSION | SJ__MARK_ERROR;
    assert_int_equal(sj__legs_cut(&w->legs, &open_end, &w->journey, w->marks, NULL), SJ_OK);
    assert_int_equal(w->legs.n_legs, 2);
    check_leg(w, 0, 0, 2, 1, SJ__LEG_CONVERTS);
}

static void events_after_as_of_are_not_seen(void **state)
{
    const sj__leg_rules rules = {(uint64_t)(10 * SJ_MINUTE), SJ__NO_LIMIT, 12 * SJ_MINUTE};
    const world *w = cut(state, "A0 B9 C12 D13", &rules);
    assert_int_equal(w->legs.n_events, 3);
    assert_int_equal(w->legs.n_legs, 2);
    check_leg(w, 1, 2, 3, 1, SJ__LEG_NULL);
}

static void a_leg_is_open_where_it_starts_after_as_of_minus_the_horizon(void **state)
{
    const sj__leg_rules rules = {(uint64_t)(10 * SJ_MINUTE), SJ__NO_LIMIT, 30 * SJ_MINUTE};
    const sj__leg_rules without = {SJ__NO_LIMIT, SJ__NO_LIMIT, 30 * SJ_MINUTE};
    assert_int_equal(cut(state, "A20 B30", &rules)->legs.legs[0].open, 0);
    assert_int_equal(cut(state, "A21 $22", &rules)->legs.legs[0].open, 1); /* converted or not */
    assert_int_equal(cut(state, "A30", &without)->legs.legs[0].open, 0);
}

static void times_may_lie_at_the_ends_of_their_range(void **state)
{
    const sj__leg_rules rules = {(uint64_t)SJ_DAY, (uint64_t)SJ_DAY, INT64_MAX};
    world *w = *state;
    read_journey(w, "A0 A0 B0");
    w->time[0] = INT64_MIN;
    w->time[2] = w->time[1] = INT64_MAX;
    assert_int_equal(sj__legs_cut(&w->legs, &rules, &w->journey, w->marks, NULL), SJ_OK);
    assert_int_equal(w->legs.n_legs, 2);
    assert_int_equal(w->legs.legs[0].open, 0);
    assert_int_equal(w->legs.legs[1].open, 1);
}

static void positions_fall_into_five_buckets(void **state)
{
    static const uint32_t first[] = {1, 2, 4, 8, 16}, last[] = {1, 3, 7, 15, UINT32_MAX};
    (void)state;
    for (int32_t b = 0; b < SJ__POSITION_BUCKETS; b++) {
        assert_int_equal(sj__position_bucket(first[b]), b);
        assert_int_equal(sj__position_bucket(last[b]), b);
    }
}

static void the_horizon_is_thirty_days_where_sixty_are_observed(void **state)
{
    const sj__graph_facts facts = {.observed_from = -5, .has_observed = 1};
    const sj__graph_facts none = {.has_observed = 0};
    int is_cut;
    (void)state;
    assert_true(sj__horizon(0, &facts, 60 * SJ_DAY - 5, &is_cut) == 30 * SJ_DAY);
    assert_int_equal(is_cut, 0);
    assert_true(sj__horizon(0, &facts, 60 * SJ_DAY - 6, &is_cut) == SJ_UNLIMITED);
    assert_int_equal(is_cut, 1);
    assert_true(sj__horizon(7, &facts, 0, &is_cut) == 7);
    assert_int_equal(is_cut, 0);
    assert_true(sj__horizon(0, &facts, -6, NULL) == SJ_UNLIMITED);
    assert_true(sj__horizon(0, &none, 100 * SJ_DAY, NULL) == SJ_UNLIMITED);
    assert_true(sj__span_limit(SJ_UNLIMITED) == SJ__NO_LIMIT);
    assert_true(sj__span_limit(0) == SJ__NO_LIMIT);
    assert_true(sj__span_limit(SJ_INSTANT) == 0);
    assert_true(sj__span_limit(5) == 5);
}

static void no_events_give_no_legs(void **state)
{
    const world *w = cut(state, "", &open_end);
    assert_int_equal(w->legs.n_legs, 0);
    assert_int_equal(w->legs.n_visits, 0);
}

static int setup(void **state)
{
    static world w;
    const sj_allocator a = sj__allocator(NULL);
    memset(&w, 0, sizeof w);
    sj__legs_init(&w.legs, &a);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sj__legs_free(&w->legs);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(neighbours_at_one_touchpoint_are_a_visit),
        CASE(a_conversion_ends_its_leg_and_is_no_visit),
        CASE(a_leg_takes_what_is_horizon_after_its_start_and_no_more),
        CASE(a_visit_is_cut_where_its_leg_is),
        CASE(a_pause_above_the_session_gap_is_an_exit),
        CASE(an_error_belongs_to_the_visit_before_it),
        CASE(an_error_before_the_first_visit_of_a_leg_is_no_visit),
        CASE(a_conversion_that_is_an_error_too_is_a_conversion),
        CASE(events_after_as_of_are_not_seen),
        CASE(a_leg_is_open_where_it_starts_after_as_of_minus_the_horizon),
        CASE(times_may_lie_at_the_ends_of_their_range),
        CASE(positions_fall_into_five_buckets),
        CASE(the_horizon_is_thirty_days_where_sixty_are_observed),
        CASE(no_events_give_no_legs),
    };
    return cmocka_run_group_tests_name("legs", tests, NULL, NULL);
}
