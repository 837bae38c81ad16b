/* The library's own logarithm against libm's. */
#include <float.h>
#include <math.h>

#include "near.h"

#include "base/log2.h"

static void powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int e = -1022; e < 1024; e++)
        assert_true(sj__log2(ldexp(1.0, e)) == e);
    assert_true(sj__log2(ldexp(1.0, -1074)) == -1074);
}

static void every_octave_agrees_with_the_mathematics_library(void **state)
{
    uint64_t random = 7;
    (void)state;
    for (int i = 0; i < 400000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const double m = 1 + (double)(random >> 12) * 0x1p-52;
        const double x = ldexp(m, (int)(random % 2098) - 1074);
        const double wanted = log2(x);
        /* 2 units in the last place of the larger of the result and the exponent's fraction */
        assert_true(fabs(sj__log2(x) - wanted) <= 2 * DBL_EPSILON * fmax(fabs(wanted), 0.5));
    }
}

static void numbers_next_to_one_keep_their_digits(void **state)
{
    (void)state;
    for (int k = 1; k < 52; k++) {
        const double x = 1 + ldexp(1.0, -k), y = 1 - ldexp(1.0, -k - 1);
        assert_near(sj__log2(x), log2(x), 4 * DBL_EPSILON);
        assert_near(sj__log2(y), log2(y), 4 * DBL_EPSILON);
    }
    assert_true(sj__log2(1) == 0);
}

static void what_has_no_logarithm_gives_nothing(void **state)
{
    (void)state;
    assert_true(sj__log2(0) == 0);
    assert_true(sj__log2(-1) == 0);
    assert_true(sj__log2(INFINITY) == 0);
    assert_true(sj__log2(NAN) == 0);
    assert_near(sj__log2(DBL_MAX), 1024, 1e-15);
}

/* The same bits on every machine: as another program, in another language, has them by the same
 * steps. */
static void the_bits_are_always_the_same(void **state)
{
    (void)state;
    assert_true(sj__log2(10) == 0x1.a934f0979a371p+1);
    assert_true(sj__log2(3) == 0x1.95c01a39fbd69p+0);
    assert_true(sj__log2(0.1) == -0x1.a934f0979a371p+1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_two_are_exact),
        cmocka_unit_test(every_octave_agrees_with_the_mathematics_library),
        cmocka_unit_test(numbers_next_to_one_keep_their_digits),
        cmocka_unit_test(what_has_no_logarithm_gives_nothing),
        cmocka_unit_test(the_bits_are_always_the_same),
    };
    return cmocka_run_group_tests_name("log2", tests, NULL, NULL);
}
