/* Spreads: buckets, adding and subtracting, quantiles. */
#include <string.h>

#include "base/spread.h"
#include "failing.h"
#include "near.h"

static void small_numbers_have_a_bucket_each(void **state)
{
    (void)state;
    assert_int_equal(sj__spread_bucket(INT64_MIN), 0);
    assert_int_equal(sj__spread_bucket(-1), 0);
    for (int64_t v = 0; v < 256; v++)
        assert_int_equal(sj__spread_bucket(v), v); /* from 128 to 255 parts are still of 1 */
    assert_int_equal(sj__spread_bucket(256), 256);
    assert_int_equal(sj__spread_bucket(257), 256);
    assert_int_equal(sj__spread_bucket(258), 257);
    assert_int_equal(sj__spread_bucket(511), 383);
    assert_int_equal(sj__spread_bucket(512), 384);
    assert_int_equal(sj__spread_bucket(INT64_MAX), SJ__SPREAD_BUCKETS - 1);
}

static void buckets_follow_each_other_without_gaps(void **state)
{
    int64_t next = 0;

    (void)state;
    for (uint32_t bucket = 0; bucket < SJ__SPREAD_BUCKETS; bucket++) {
        int64_t low;
        int64_t high;

        sj__spread_bounds(bucket, &low, &high);
        assert_true(low == next);
        assert_true(high >= low);
        assert_int_equal(sj__spread_bucket(low), bucket);
        assert_int_equal(sj__spread_bucket(high), bucket);
        assert_true((high - low) <= low / 128);
        next = high < INT64_MAX ? high + 1 : 0;
    }
    assert_int_equal(next, 0);
}

static void add(sj__spread *spread, const sj_allocator *a, int64_t v)
{
    assert_int_equal(sj__spread_add(spread, a, sj__spread_bucket(v), 1, v, NULL), SJ_OK);
}

/* Equal to the byte, as far as it is read. */
static void check_same(sj__spread *one, sj__spread *other)
{
    sj__spread_sort(one);
    sj__spread_sort(other);
    assert_int_equal(one->used, other->used);
    for (size_t i = 0; i < one->used; i++) {
        assert_int_equal(one->cells[i].bucket, other->cells[i].bucket);
        assert_true(one->cells[i].count == other->cells[i].count);
        assert_true(one->cells[i].sum == other->cells[i].sum);
    }
}

static void a_spread_counts_and_sums(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj__spread spread = {.used = 0};
    sj__i128 sum = 0;

    (void)state;
    assert_int_equal(sj__spread_count(&spread), 0);
    for (int64_t v = 20000; v >= 1; v--) {
        add(&spread, &a, v);
        sum += v;
    }
    assert_int_equal(sj__spread_count(&spread), 20000);
    assert_true(sj__spread_sum(&spread) == sum);
    sj__spread_sort(&spread);
    assert_int_equal(sj__spread_count(&spread), 20000);
    assert_true(sj__spread_sum(&spread) == sum);
    assert_int_equal(spread.used, sj__spread_bucket(20000)); /* buckets 1 and up */
    for (size_t i = 0; i < spread.used; i++)
        assert_int_equal(spread.cells[i].bucket, i + 1);
    sj__spread_free(&spread, &a);
    assert_int_equal(spread.used, 0);
    failing_check(&memory);
}

static void a_sorted_spread_takes_more(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj__spread one = {.used = 0};
    sj__spread other = {.used = 0};

    (void)state;
    sj__spread_sort(&one);
    assert_int_equal(one.used, 0);
    for (int64_t v = 0; v < 300; v++) {
        add(&one, &a, v * v * v);
        add(&other, &a, v * v * v);
        if (v % 10 == 0)
            sj__spread_sort(&one);
    }
    check_same(&one, &other);
    sj__spread_free(&one, &a);
    sj__spread_free(&other, &a);
    failing_check(&memory);
}

/* all = even + odd; all − even = odd; what falls to zero is gone. */
static void spreads_add_and_subtract(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj__spread all = {.used = 0};
    sj__spread even = {.used = 0};
    sj__spread odd = {.used = 0};
    sj__spread joined = {.used = 0};

    (void)state;
    for (int64_t v = 0; v < 1000; v++) {
        add(&all, &a, v * 37);
        add(v % 2 ? &odd : &even, &a, v * 37);
    }
    sj__spread_sort(&odd);
    assert_int_equal(sj__spread_merge(&joined, &a, &even, 1, NULL), SJ_OK);
    assert_int_equal(sj__spread_merge(&joined, &a, &odd, 1, NULL), SJ_OK);
    check_same(&joined, &all);
    assert_int_equal(sj__spread_merge(&joined, &a, &even, -1, NULL), SJ_OK);
    check_same(&joined, &odd);
    assert_int_equal(sj__spread_merge(&joined, &a, &odd, -1, NULL), SJ_OK);
    sj__spread_sort(&joined);
    assert_int_equal(joined.used, 0);
    sj__spread_free(&all, &a);
    sj__spread_free(&even, &a);
    sj__spread_free(&odd, &a);
    sj__spread_free(&joined, &a);
    failing_check(&memory);
}

static void a_difference_may_be_negative(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj__spread none = {.used = 0};
    sj__spread some = {.used = 0};

    (void)state;
    add(&some, &a, 5);
    add(&some, &a, 7);
    assert_int_equal(sj__spread_merge(&none, &a, &some, -1, NULL), SJ_OK);
    assert_int_equal(sj__spread_count(&none), -2);
    assert_true(sj__spread_sum(&none) == -12);
    sj__spread_free(&none, &a);
    sj__spread_free(&some, &a);
}

static void a_spread_can_be_merged_with_itself(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj__spread s = {.used = 0};

    (void)state;
    for (int64_t v = 1; v <= 100; v++)
        add(&s, &a, v * 1000);
    sj__spread_sort(&s);
    assert_int_equal(sj__spread_merge(&s, &a, &s, 1, NULL), SJ_OK);
    assert_int_equal(sj__spread_count(&s), 200);
    assert_int_equal(sj__spread_merge(&s, &a, &s, -1, NULL), SJ_OK);
    sj__spread_sort(&s);
    assert_int_equal(s.used, 0);
    sj__spread_free(&s, &a);
}

/* Counts cancel, sums do not: such a cell is not nothing. */
static void a_cell_is_dropped_only_where_both_are_zero(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj__spread s = {.used = 0};

    (void)state;
    assert_int_equal(sj__spread_add(&s, &a, 300, 1, 345, NULL), SJ_OK);
    assert_int_equal(sj__spread_add(&s, &a, 300, -1, -344, NULL), SJ_OK);
    assert_int_equal(sj__spread_add(&s, &a, 0, 1, 0, NULL), SJ_OK);
    sj__spread_sort(&s);
    assert_int_equal(s.used, 2);
    assert_int_equal(sj__spread_add(&s, &a, 300, 0, -1, NULL), SJ_OK);
    sj__spread_sort(&s);
    assert_int_equal(s.used, 1);
    assert_int_equal(s.cells[0].bucket, 0);
    sj__spread_free(&s, &a);
}

static double quantile_of(const int64_t *numbers, size_t n, double q)
{
    sj_allocator a = sj__allocator(NULL);
    sj__spread s = {.used = 0};
    double v;

    for (size_t i = 0; i < n; i++)
        add(&s, &a, numbers[i]);
    sj__spread_sort(&s);
    v = sj__spread_quantile(&s, q);
    sj__spread_free(&s, &a);
    return v;
}

static void a_quantile_is_the_number_of_its_rank(void **state)
{
    const int64_t ten[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    int64_t hundred[100];

    (void)state;
    assert_near(quantile_of(ten, 10, 0.0), 1, 0);
    assert_near(quantile_of(ten, 10, 0.1), 1, 0);
    assert_near(quantile_of(ten, 10, 0.11), 2, 0);
    assert_near(quantile_of(ten, 10, 0.5), 5, 0);
    assert_near(quantile_of(ten, 10, 0.9), 9, 0);
    assert_near(quantile_of(ten, 10, 0.99), 10, 0);
    assert_near(quantile_of(ten, 10, 1.0), 10, 0);
    assert_near(quantile_of(ten, 10, 7.0), 10, 0);
    assert_near(quantile_of(ten, 10, (double)NAN), 1, 0);
    assert_near(quantile_of(ten, 1, 0.5), 10, 0);
    for (int64_t i = 0; i < 100; i++)
        hundred[i] = i + 1;
    for (int64_t i = 1; i <= 100; i++) /* 0.07 × 100 is above 7 in doubles */
        assert_near(quantile_of(hundred, 100, (double)i / 100), (double)i, 0);
}

static void equal_numbers_read_exactly(void **state)
{
    const int64_t same[] = {86400000001, 86400000001, 86400000001};
    const int64_t great[] = {INT64_MAX, INT64_MAX};

    (void)state;
    assert_near(quantile_of(same, 3, 0.5), 86400000001.0, 0);
    assert_near(quantile_of(great, 2, 0.5), 9223372036854775807.0, 0);
}

static void a_quantile_is_the_mean_of_its_bucket(void **state)
{
    const int64_t numbers[] = {1000, 1001, 1003, 5000}; /* 1000 … 1003 share a bucket of 4 */
    int64_t squares[500];

    (void)state;
    assert_near(quantile_of(numbers, 4, 0.5), 3004.0 / 3, 1e-15);
    assert_near(quantile_of(numbers, 4, 1.0), 5000, 0);
    for (int64_t i = 0; i < 500; i++)
        squares[i] = 1000 + i * i;
    for (int64_t i = 1; i <= 500; i += 7)
        assert_near(quantile_of(squares, 500, (double)i / 500), (double)squares[i - 1], 1.0 / 128);
}

static void a_sum_that_leaves_its_range_changes_nothing(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj__spread s = {.used = 0};
    sj__spread more = {.used = 0};
    sj_error error;

    (void)state;
    assert_int_equal(sj__spread_add(&s, &a, 9, INT64_MAX, 9, NULL), SJ_OK);
    assert_int_equal(sj__spread_add(&s, &a, 9, 1, 9, &error), SJ_ERR_OVERFLOW);
    assert_int_equal(error.code, SJ_ERR_OVERFLOW);
    assert_int_equal(sj__spread_add(&more, &a, 3, 1, 3, NULL), SJ_OK);
    assert_int_equal(sj__spread_add(&more, &a, 9, 1, 9, NULL), SJ_OK);
    assert_int_equal(sj__spread_merge(&s, &a, &more, 1, &error), SJ_ERR_OVERFLOW);
    sj__spread_sort(&s);
    assert_int_equal(s.used, 1);
    assert_true(s.cells[0].count == INT64_MAX);
    assert_true(s.cells[0].sum == 9);
    sj__spread_free(&s, &a);
    sj__spread_free(&more, &a);
}

/* Each allocation failed once: the numbers held are those before, and the next try goes on. */
static void a_failed_allocation_changes_nothing(void **state)
{
    uint64_t k = 0;
    uint64_t failures;

    (void)state;
    do {
        failing memory = {.fail_at = ++k};
        sj_allocator a = failing_allocator(&memory);
        sj__spread s = {.used = 0};
        sj__spread sum = {.used = 0};

        for (int64_t v = 0; v < 100; v++) {
            sj_status status = sj__spread_add(&s, &a, sj__spread_bucket(v * v), 1, v * v, NULL);

            assert_int_equal(sj__spread_count(&s), status == SJ_OK ? v + 1 : v);
            if (status != SJ_OK)
                add(&s, &a, v * v);
        }
        if (sj__spread_merge(&sum, &a, &s, 1, NULL) != SJ_OK) {
            assert_int_equal(sj__spread_count(&sum), 0);
            assert_int_equal(sj__spread_merge(&sum, &a, &s, 1, NULL), SJ_OK);
        }
        check_same(&s, &sum);
        sj__spread_free(&s, &a);
        sj__spread_free(&sum, &a);
        failing_check(&memory);
        failures = memory.failures;
    } while (failures > 0);
    assert_true(k > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_numbers_have_a_bucket_each),
        cmocka_unit_test(buckets_follow_each_other_without_gaps),
        cmocka_unit_test(a_spread_counts_and_sums),
        cmocka_unit_test(a_sorted_spread_takes_more),
        cmocka_unit_test(spreads_add_and_subtract),
        cmocka_unit_test(a_difference_may_be_negative),
        cmocka_unit_test(a_spread_can_be_merged_with_itself),
        cmocka_unit_test(a_cell_is_dropped_only_where_both_are_zero),
        cmocka_unit_test(a_quantile_is_the_number_of_its_rank),
        cmocka_unit_test(equal_numbers_read_exactly),
        cmocka_unit_test(a_quantile_is_the_mean_of_its_bucket),
        cmocka_unit_test(a_sum_that_leaves_its_range_changes_nothing),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
    };

    return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
