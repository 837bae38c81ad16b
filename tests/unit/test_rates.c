/* Compared rates, many tests at once, Student's t: figures of the literature and cases worked by
 * hand. */
#include "kernel/rates.h"
#include "near.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Admissions at Berkeley in 1973, six departments, men against women. */
static const sj__stratum admissions[] = {{512, 825, 89, 108},  {353, 560, 17, 25},
                                         {120, 325, 202, 593}, {138, 417, 131, 375},
                                         {53, 191, 94, 393},   {22, 373, 24, 341}};

static void admissions_differ_no_more_than_chance_within_departments(void **state)
{
    const sj__rates found = sj__compare_strata(admissions, COUNT(admissions));
    (void)state;
    assert_near(found.value, -.018425196, 1e-7);
    assert_near(found.interval.low, -.046343524, 1e-7);
    assert_near(found.interval.high, .010819399, 1e-7);
    assert_near(found.z, -1.234749635, 1e-9);
    assert_near(found.p, .216923697, 1e-8);
    assert_near(found.mantel_fleiss, 375.357166583, 1e-11);
    assert_near(found.robustness, 1, 0); /* 0 lies inside */
    assert_int_equal(found.n1, 825 + 560 + 325 + 417 + 191 + 373);
    assert_int_equal(sj__rates_are_few(&found, 30), 0);
}

static void three_strata_give_the_known_figures(void **state)
{
    static const sj__stratum strata[] = {{3, 40, 60, 400}, {10, 80, 90, 300}, {9, 20, 50, 90}};
    const sj__rates found = sj__compare_strata(strata, COUNT(strata));
    (void)state;
    assert_near(found.value, -.133815029, 1e-8);
    assert_near(found.interval.low, -.189483175, 1e-8);
    assert_near(found.interval.high, -.057663277, 1e-8);
    assert_near(found.z, -3.395533778, 1e-9);
    assert_near(found.p, .000684949, 1e-6);
    /* bound -.057663277 beside 22/140: ratio 1.366948126, E-value 1.366948126 + √(1.366948126 ×
     * .366948126) */
    assert_near(found.robustness, 2.0751848, 1e-7);
    assert_int_equal(sj__rates_are_few(&found, 30), 0);
    assert_int_equal(sj__rates_are_few(&found, 141), 1);
}

static void sparse_strata_are_too_few(void **state)
{
    static const sj__stratum strata[] = {{0, 1, 1, 3}, {1, 2, 0, 1}, {0, 2, 2, 2}, {1, 1, 1, 4}};
    const sj__rates found = sj__compare_strata(strata, COUNT(strata));
    (void)state;
    assert_near(found.value, -.098445596, 1e-8);
    assert_near(found.p, .749435251, 1e-8);
    assert_near(found.mantel_fleiss, 2.316666667, 1e-9);
    assert_int_equal(sj__rates_are_few(&found, 1), 1);
}

static void one_stratum_is_newcombes_interval(void **state)
{
    static const sj__stratum stratum = {56, 70, 48, 80};
    const sj__rates found = sj__compare_strata(&stratum, 1);
    const sj__difference plain = sj__compare_rates(56, 70, 48, 80);
    (void)state;
    assert_near(found.interval.low, .052431, 1e-5);
    assert_near(found.interval.high, .333873, 1e-5);
    assert_near(found.value, plain.value, 1e-15);
    assert_near(found.interval.low, plain.interval.low, 1e-13);
    /* both tests differ by √((N − 1)/N) only */
    assert_near(found.z, plain.z * sqrt(149.0 / 150), 1e-13);
}

static void strata_with_an_empty_side_count_nowhere(void **state)
{
    static const sj__stratum strata[] = {{5, 9, 0, 0}, {56, 70, 48, 80}, {0, 0, 7, 7}};
    const sj__rates all = sj__compare_strata(strata, 3), one = sj__compare_strata(strata + 1, 1);
    const sj__rates none = sj__compare_strata(strata, 1);
    (void)state;
    assert_near(all.value, one.value, 0);
    assert_near(all.p, one.p, 0);
    assert_int_equal(all.n1, 70);
    assert_true(isnan(none.value) && isnan(none.p) && isnan(none.interval.low));
    assert_int_equal(sj__rates_are_few(&none, 0), 1);
}

static void equal_outcomes_cannot_be_tested(void **state)
{
    static const sj__stratum all = {50, 50, 60, 60};
    const sj__rates found = sj__compare_strata(&all, 1);
    (void)state;
    assert_true(isnan(found.p));
    assert_near(found.value, 0, 0);
    assert_int_equal(sj__rates_are_few(&found, 30), 1);
}

static void the_e_value_of_twice_the_rate_is_known(void **state)
{
    (void)state;
    assert_near(sj__e_value(2), 3.414213562, 1e-9);
    assert_near(sj__e_value(.5), 3.414213562, 1e-9);
    assert_near(sj__e_value(1), 1, 0);
    assert_true(isnan(sj__e_value(0)) && isnan(sj__e_value(-1)) && isnan(sj__e_value(NAN)));
    assert_true(isnan(sj__e_value(INFINITY)));
}

static void the_bound_nearer_zero_is_zero_where_zero_lies_inside(void **state)
{
    (void)state;
    assert_near(sj__nearer_bound((sj__interval){.1, .3}), .1, 0);
    assert_near(sj__nearer_bound((sj__interval){-.3, -.1}), -.1, 0);
    assert_near(sj__nearer_bound((sj__interval){-.3, .1}), 0, 0);
    assert_near(sj__nearer_bound((sj__interval){NAN, NAN}), 0, 0);
}

static void fifteen_tests_reject_four(void **state)
{
    static const double p[] = {.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                               .0459, .3240, .4262, .5719, .6528, .7590, 1};
    sj__pair room[2 * COUNT(p)];
    double q[COUNT(p)], shuffled[COUNT(p)], back[COUNT(p)];
    int rejected = 0;
    (void)state;
    sj__adjust(p, COUNT(p), 0, room, q);
    for (size_t i = 0; i < COUNT(p); i++)
        rejected += q[i] <= .05;
    assert_int_equal(rejected, 4);
    assert_near(q[0], .0015, 1e-12);
    assert_near(q[1], .003, 1e-12);
    assert_near(q[2], .0095, 1e-12);
    assert_near(q[3], .035625, 1e-12);
    assert_near(q[14], 1, 0);
    for (size_t i = 0; i < COUNT(p); i++)
        shuffled[i] = p[i * 7 % COUNT(p)];
    sj__adjust(shuffled, COUNT(p), 0, room, back);
    for (size_t i = 0; i < COUNT(p); i++)
        assert_near(back[i], q[i * 7 % COUNT(p)], 0);
}

static void dependent_tests_pay_the_harmonic_number(void **state)
{
    static const double p[] = {.01, .04, .03};
    sj__pair room[6];
    double q[3];
    (void)state;
    sj__adjust(p, 3, 0, room, q);
    assert_near(q[0], .03, 1e-12);
    assert_near(q[1], .04, 1e-12);
    assert_near(q[2], .04, 1e-12); /* .03 × 3/2 is above the next, .04 × 3/3 */
    sj__adjust(p, 3, 1, room, q);
    assert_near(q[0], .03 * 11 / 6, 1e-12);
    assert_near(q[1], .04 * 11 / 6, 1e-12);
    sj__adjust(p, 0, 0, room, q); /* nothing to do */
}

static void students_tail_meets_its_closed_forms_and_tables(void **state)
{
    (void)state;
    /* 1 degree: Cauchy, 1 − 2/π atan t; 2 degrees: 1 − t/√(2 + t²) */
    assert_near(sj__student_beyond(1, 1), .5, 1e-14);
    assert_near(sj__student_beyond(-12.706204736174698, 1), .05, 1e-12);
    assert_near(sj__student_beyond(1, 2), 1 - 1 / sqrt(3), 1e-13);
    assert_near(sj__student_beyond(3, 2), 1 - 3 / sqrt(11), 1e-13);
    assert_near(sj__student_beyond(2.7764451051977987, 4), .05, 1e-12);
    assert_near(sj__student_beyond(2.0395134463964077, 31), .05, 1e-12);
    assert_near(sj__student_beyond(1e-9, 5), 1, 1e-8);
    assert_near(sj__student_beyond(0, 5), 1, 0);
    assert_near(sj__student_beyond(INFINITY, 5), 0, 0);
    /* far out with 2 degrees: 1/t² to first order, and no cancellation */
    assert_near(sj__student_beyond(1e6, 2), 1e-12, 1e-9);
    /* many degrees are nearly normal */
    assert_near(sj__student_beyond(1.959963984540054, 1000000), .05, 1e-5);
    assert_true(isnan(sj__student_beyond(1, 0)) && isnan(sj__student_beyond(NAN, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admissions_differ_no_more_than_chance_within_departments),
        cmocka_unit_test(three_strata_give_the_known_figures),
        cmocka_unit_test(sparse_strata_are_too_few),
        cmocka_unit_test(one_stratum_is_newcombes_interval),
        cmocka_unit_test(strata_with_an_empty_side_count_nowhere),
        cmocka_unit_test(equal_outcomes_cannot_be_tested),
        cmocka_unit_test(the_e_value_of_twice_the_rate_is_known),
        cmocka_unit_test(the_bound_nearer_zero_is_zero_where_zero_lies_inside),
        cmocka_unit_test(fifteen_tests_reject_four),
        cmocka_unit_test(dependent_tests_pay_the_harmonic_number),
        cmocka_unit_test(students_tail_meets_its_closed_forms_and_tables),
    };
    return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}
