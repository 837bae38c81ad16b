/* Indicators of hand-worked sequences. */
#include "near.h"

#include "failing.h"
#include "kernel/indicators.h"

static sj__indicators of(const char *letters)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    sj__indicator_room room;
    sj__indicators found, again;
    uint16_t wide[4096];
    uint32_t widest[4096];
    const size_t n = strlen(letters);
    assert_int_equal(sj__indicator_room_init(&room, 128, &a, NULL), SJ_OK);
    for (size_t i = 0; i < n; i++)
        wide[i] = (uint16_t)(widest[i] = (uint8_t)letters[i]);
    sj__indicators_of(&room, letters, 1, n, &found);
    sj__indicators_of(&room, wide, 2, n, &again);
    assert_memory_equal(&found, &again, sizeof found);
    sj__indicators_of(&room, widest, 4, n, &again);
    assert_memory_equal(&found, &again, sizeof found);
    sj__indicator_room_free(&room);
    failing_check(&memory);
    return found;
}

/* The literature's example, over an alphabet of four. */
static void the_known_figures_come_out(void **state)
{
    const sj__indicators found = of("AABCCC");
    (void)state;
    assert_int_equal(found.n, 6);
    assert_int_equal(found.distinct, 3);
    assert_near(sj__indicator_entropy(found.bits, 4), 0.729573959, 1e-9);
    assert_near(sj__indicator_complexity(found.mixed, 4), 0.540212535, 1e-9);
    assert_near(sj__indicator_volatility(found.changes, 2, 4), 0.533333333, 1e-9);
    assert_near(found.turbulence, 3.847996907, 1e-9);
}

static void one_event_is_nothing_at_all(void **state)
{
    const sj__indicators found = of("A");
    (void)state;
    assert_int_equal(found.n, 1);
    assert_int_equal(found.distinct, 1);
    assert_true(found.bits == 0 && found.changes == 0 && found.mixed == 0 && found.turbulence == 0);
}

/* A A A A: one visit, so that only its two subsequences are left: log2 2. */
static void one_visit_has_no_entropy(void **state)
{
    const sj__indicators found = of("AAAA");
    (void)state;
    assert_true(found.bits == 0 && found.changes == 0 && found.mixed == 0);
    assert_near(found.turbulence, 1, 0);
}

/* A B A: subsequences: none, A, B, AB, BA, AA, ABA: 7.  All lengths are 1, so that nothing else
 * counts. */
static void subsequences_are_counted_once(void **state)
{
    const sj__indicators found = of("ABA");
    (void)state;
    assert_near(found.turbulence, log2(7), 1e-15);
    assert_near(found.bits, log2(3) - 2.0 / 3, 1e-15);
    assert_near(found.changes, 1, 0);
    /* A B A B: 12 (2·7 − 2, of which the last B began at 2) */
    assert_near(of("ABAB").turbulence, log2(12), 1e-15);
}

static void equal_shares_are_exactly_one(void **state)
{
    (void)state;
    assert_true(sj__indicator_entropy(of("ABC").bits, 3) == 1);
    assert_true(sj__indicator_entropy(of("ABCDEFG").bits, 7) == 1);
    assert_near(sj__indicator_complexity(of("AB").mixed, 2), 1, 0);
    assert_near(sj__indicator_volatility(1, 1, 2), 1, 0);
}

static void an_alphabet_of_one_divides_by_nothing(void **state)
{
    (void)state;
    assert_true(sj__indicator_entropy(0.5, 1) == 0);
    assert_true(sj__indicator_complexity(0.5, 1) == 0);
    assert_near(sj__indicator_volatility(0.5, 0, 1), 0.25, 0);
}

/* A B A B …: the numbers of subsequences are one less than Fibonacci's from the fourth on (2, 4, 7,
 * 12, 20 …), so they grow as the golden ratio to the n; 2^512 is passed several times on the way.
 */
static void long_sequences_do_not_overflow(void **state)
{
    static char letters[4001];
    const double golden = (1 + sqrt(5)) / 2;
    (void)state;
    for (int i = 0; i < 4000; i++)
        letters[i] = i % 2 ? 'B' : 'A';
    /* φ(n) = F(n + 3) − 1, F(m) ~ golden^m / √5 */
    assert_near(of(letters).turbulence, 4003 * log2(golden) - log2(sqrt(5)), 1e-13);
    /* All different, again and again: far more than 2^1024 subsequences, and exact in the exponent
     * for one round. */
    for (int i = 0; i < 100; i++)
        letters[i] = (char)(i + 1);
    letters[100] = '\0';
    assert_true(of(letters).turbulence == 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_figures_come_out),
        cmocka_unit_test(one_event_is_nothing_at_all),
        cmocka_unit_test(one_visit_has_no_entropy),
        cmocka_unit_test(subsequences_are_counted_once),
        cmocka_unit_test(equal_shares_are_exactly_one),
        cmocka_unit_test(an_alphabet_of_one_divides_by_nothing),
        cmocka_unit_test(long_sequences_do_not_overflow),
    };
    return cmocka_run_group_tests_name("indicators", tests, NULL, NULL);
}
