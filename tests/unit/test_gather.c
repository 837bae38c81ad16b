/* Numbers gathered for a spread: the same cells as one by one, whatever their number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/gather.h"
#include "unit/failing.h"

static uint64_t gather_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 1; /* of every size: a shift follows */
}

/* The i-th of a series of numbers of very unequal size. */
static int64_t gather_number(uint64_t *state)
{
    const uint64_t v = gather_next(state);
    return (int64_t)(v >> (v % 63 + 1) << (v % 3));
}

static void gather_same(const sj__spread *a, const sj__spread *b)
{
    assert_int_equal(a->used, b->used);
    for (size_t i = 0; i < a->used; i++) {
        assert_int_equal(a->cells[i].bucket, b->cells[i].bucket);
        assert_int_equal(a->cells[i].count, b->cells[i].count);
        assert_true(a->cells[i].sum == b->cells[i].sum);
    }
}

static void gather_try(size_t n, uint64_t seed, int into_another)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    sj__gather gather = {0};
    sj__spread wanted = {0}, found = {0};
    uint64_t state = seed;
    if (into_another) {
        assert_int_equal(sj__spread_add(&found, &a, 500, 3, 9999, NULL), SJ_OK);
        assert_int_equal(sj__spread_add(&wanted, &a, 500, 3, 9999, NULL), SJ_OK);
    }
    for (size_t i = 0; i < n; i++) {
        const int64_t v = gather_number(&state);
        assert_int_equal(sj__gather_add(&gather, &a, v, NULL), SJ_OK);
        assert_int_equal(sj__spread_add(&wanted, &a, sj__spread_bucket(v), 1, v, NULL), SJ_OK);
    }
    assert_int_equal(sj__gather_into(&gather, &a, &found, &a, NULL), SJ_OK);
    /* what comes out goes on as any spread does */
    assert_int_equal(sj__spread_merge(&found, &a, &wanted, 1, NULL), SJ_OK);
    assert_int_equal(sj__spread_merge(&found, &a, &wanted, -1, NULL), SJ_OK);
    sj__spread_sort(&found);
    sj__spread_sort(&wanted);
    assert_int_equal(sj__spread_count(&found), n + (into_another ? 3 : 0));
    gather_same(&found, &wanted);
    sj__gather_free(&gather, &a);
    sj__spread_free(&found, &a);
    sj__spread_free(&wanted, &a);
    failing_check(&memory);
}

static void a_gather_gives_the_cells_of_one_by_one(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 2047, 2048, 2049, 5000, 40000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        gather_try(sizes[i], 7 + i, 0);
        gather_try(sizes[i], 90 + i, 1);
    }
}

/* 3 × 2^62 above the bottom of the last bucket but some: the sum leaves 64 bits many times. */
static void sums_beyond_64_bits_are_carried(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__gather gather = {0};
    sj__spread found = {0};
    (void)state;
    for (int i = 0; i < 5000; i++)
        assert_int_equal(sj__gather_add(&gather, &a, INT64_MAX, NULL), SJ_OK);
    assert_int_equal(sj__gather_into(&gather, &a, &found, &a, NULL), SJ_OK);
    assert_true(sj__spread_sum(&found) == (sj__i128)INT64_MAX * 5000);
    assert_int_equal(sj__spread_count(&found), 5000);
    sj__gather_free(&gather, &a);
    sj__spread_free(&found, &a);
}

static void a_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    for (uint64_t at = 1, met = 1; met; at++) {
        failing memory = {.fail_at = at};
        const sj_allocator a = failing_allocator(&memory);
        sj__gather gather = {0};
        sj__spread found = {0};
        uint64_t series = 3;
        sj_status status = SJ_OK;
        for (size_t i = 0; i < 5000 && status == SJ_OK; i++)
            status = sj__gather_add(&gather, &a, gather_number(&series), NULL);
        if (status == SJ_OK)
            status = sj__gather_into(&gather, &a, &found, &a, NULL);
        met = memory.failures;
        assert_int_equal(status, met ? SJ_ERR_NOMEM : SJ_OK);
        sj__gather_free(&gather, &a);
        sj__spread_free(&found, &a);
        failing_check(&memory);
    }
}

static void many_at_once_are_the_same_as_one_by_one(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__spread one = {0}, many = {0};
    int64_t numbers[1000];
    uint64_t series = 11;
    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        numbers[i] = i % 50 == 0 ? -5 : gather_number(&series);
        assert_int_equal(sj__spread_add(&one, &a, sj__spread_bucket(numbers[i]), 1,
                                        numbers[i] < 0 ? 0 : numbers[i], NULL),
                         SJ_OK);
    }
    assert_int_equal(sj__spread_add_all(&many, &a, numbers, 7, NULL), SJ_OK);
    assert_int_equal(sj__spread_add_all(&many, &a, numbers + 7, 993, NULL), SJ_OK);
    sj__spread_sort(&one);
    sj__spread_sort(&many);
    gather_same(&one, &many);
    sj__spread_free(&one, &a);
    sj__spread_free(&many, &a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gather_gives_the_cells_of_one_by_one),
        cmocka_unit_test(sums_beyond_64_bits_are_carried),
        cmocka_unit_test(a_failed_allocation_is_one_clean_error),
        cmocka_unit_test(many_at_once_are_the_same_as_one_by_one),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
