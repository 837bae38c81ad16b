/* Intervals and tests for rates, against published figures and figures worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kernel/stats.h"
#include "unit/near.h"

static void a_rate_over_nothing_is_absent(void **state)
{
    (void)state;
    assert_true(isnan(sj__rate(0, 0)));
    assert_true(isnan(sj__wilson(0, 0).low));
    assert_true(isnan(sj__wilson(0, 0).high));
    assert_true(isnan(sj__compare_rates(1, 2, 0, 0).value));
    assert_true(isnan(sj__compare_rates(0, 0, 1, 2).interval.low));
    assert_near(sj__rate(1, 4), 0.25, 0);
}

/* Newcombe's examples, Statistics in Medicine 17 (1998), 857–872. */
static void wilson_intervals_are_those_of_newcombe_s_paper(void **state)
{
    static const struct {
        int64_t x, n;
        double low, high;
    } cases[] = {{81, 263, 0.255289, 0.366210},
                 {15, 148, 0.062386, 0.160487},
                 {0, 20, 0, 0.161125},
                 {1, 29, 0.006113, 0.171755}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const sj__interval found = sj__wilson(cases[i].x, cases[i].n);
        assert_near(found.low, cases[i].low, cases[i].low > 0 ? 1e-4 : 0);
        assert_near(found.high, cases[i].high, 1e-5);
    }
}

static void wilson_ends_are_exactly_0_and_1_where_all_or_none_are_hits(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 2000; n++) {
        assert_true(sj__wilson(0, n).low == 0.0);
        assert_true(sj__wilson(n, n).high == 1.0);
        assert_near(sj__wilson(n, n).low, 1 - sj__wilson(0, n).high, 1e-12);
    }
}

/* The bounds are the p at which the test gives exactly z: (x − np)² = z² n p (1 − p). */
static void wilson_bounds_solve_the_score_equation(void **state)
{
    const double z2 = 1.9599639845400545 * 1.9599639845400545;
    (void)state;
    for (int64_t n = 1; n <= 60; n++) {
        for (int64_t x = 0; x <= n; x++) {
            const sj__interval found = sj__wilson(x, n);
            const double bounds[2] = {found.low, found.high};
            for (size_t i = 0; i < 2; i++) {
                const double p = bounds[i], off = (double)x - (double)n * p;
                assert_true(p >= 0 && p <= 1);
                assert_true(fabs(off * off - z2 * (double)n * p * (1 - p)) < 1e-9 * (double)n);
            }
        }
    }
}

static void newcombe_s_difference_is_that_of_his_paper(void **state)
{
    const sj__difference found = sj__compare_rates(56, 70, 48, 80);
    (void)state;
    assert_near(found.value, 0.2, 1e-12);
    assert_near(found.interval.low, 0.052431, 1e-4);
    assert_near(found.interval.high, 0.333873, 1e-5);
}

static void two_proportions_give_z_and_p(void **state)
{
    const sj__difference found = sj__compare_rates(200, 1000, 250, 1000);
    (void)state;
    assert_near(found.value, -0.05, 1e-12);
    assert_near(found.z, -2.677398, 1e-6);
    assert_near(found.p, 0.00741965, 1e-6);
}

static void turned_round_a_difference_changes_its_sign_only(void **state)
{
    const sj__difference a = sj__compare_rates(7, 31, 12, 29), b = sj__compare_rates(12, 29, 7, 31);
    (void)state;
    assert_near(a.value, -b.value, 1e-15);
    assert_near(a.interval.low, -b.interval.high, 1e-15);
    assert_near(a.interval.high, -b.interval.low, 1e-15);
    assert_near(a.z, -b.z, 1e-15);
    assert_near(a.p, b.p, 1e-15);
}

static void without_hits_or_misses_there_is_no_z(void **state)
{
    (void)state;
    assert_true(isnan(sj__compare_rates(0, 10, 0, 10).z));
    assert_true(isnan(sj__compare_rates(10, 10, 9, 9).p));
    assert_near(sj__compare_rates(0, 10, 0, 10).value, 0, 0);
    assert_near(sj__compare_rates(3, 10, 3, 10).z, 0, 0);
    assert_near(sj__compare_rates(3, 10, 3, 10).p, 1, 1e-15);
}

static void the_normal_tail_has_its_known_values(void **state)
{
    (void)state;
    assert_near(sj__normal_above(0), 0.5, 1e-15);
    assert_near(sj__normal_above(1.9599639845400545), 0.025, 1e-12);
    assert_near(sj__normal_above(-1.6448536269514722), 0.95, 1e-12);
    assert_near(sj__normal_above(8), 6.220960574271785e-16, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_over_nothing_is_absent),
        cmocka_unit_test(wilson_intervals_are_those_of_newcombe_s_paper),
        cmocka_unit_test(wilson_ends_are_exactly_0_and_1_where_all_or_none_are_hits),
        cmocka_unit_test(wilson_bounds_solve_the_score_equation),
        cmocka_unit_test(newcombe_s_difference_is_that_of_his_paper),
        cmocka_unit_test(two_proportions_give_z_and_p),
        cmocka_unit_test(turned_round_a_difference_changes_its_sign_only),
        cmocka_unit_test(without_hits_or_misses_there_is_no_z),
        cmocka_unit_test(the_normal_tail_has_its_known_values),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
