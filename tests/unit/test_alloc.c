/* Memory through the caller's allocator. */
#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "failing.h"

static void null_means_malloc(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    char *block = sj__alloc(&a, 100, 1);

    (void)state;
    assert_non_null(block);
    memset(block, 1, 100);
    sj__free(&a, block, 100, 1);
}

static void a_given_allocator_is_copied(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator given = failing_allocator(&memory);
    sj_allocator a = sj__allocator(&given);
    void *block = sj__alloc(&a, 3, 8);

    (void)state;
    assert_int_equal(memory.bytes, 24);
    sj__free(&a, block, 3, 8);
    failing_check(&memory);
}

static void a_block_of_nothing_can_be_freed(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    void *block = sj__alloc(&a, 0, 8);
    void *zeroed = sj__alloc_zeroed(&a, 8, 0);

    (void)state;
    assert_non_null(block);
    assert_non_null(zeroed);
    sj__free(&a, block, 0, 8);
    sj__free(&a, zeroed, 8, 0);
    sj__free(&a, NULL, 5, 8);
    failing_check(&memory);
}

static void a_zeroed_block_is_zero(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    unsigned char *block = sj__alloc_zeroed(&a, 10, 3);

    (void)state;
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(block[i], 0);
    sj__free(&a, block, 10, 3);
    failing_check(&memory);
}

static void sizes_that_overflow_are_refused_unasked(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    uint64_t *list = NULL;
    size_t capacity = 0;
    sj_error error;

    (void)state;
    assert_null(sj__alloc(&a, SIZE_MAX / 2, 3));
    assert_null(sj__alloc_zeroed(&a, 3, SIZE_MAX / 2));
    assert_null(sj__copy_text(&a, "x", SIZE_MAX));
    assert_int_equal(sj__grow(&a, &list, &capacity, SIZE_MAX / 4, &error), SJ_ERR_NOMEM);
    assert_int_equal(error.code, SJ_ERR_NOMEM);
    assert_null(list);
    assert_int_equal(memory.requests, 0);
}

static void a_list_grows_by_half_at_least(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    uint32_t *list = NULL;
    size_t capacity = 0;

    (void)state;
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(sj__grow(&a, &list, &capacity, i + 1, NULL), SJ_OK);
        assert_true(capacity > i);
        list[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(list[i], i);
    /* 1.5^k × 8 reaches 10,000 for k = 18. */
    assert_true(memory.requests <= 19);
    sj__free(&a, list, capacity, sizeof *list);
    failing_check(&memory);
}

static void a_great_need_is_met_at_once(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    char *list = NULL;
    size_t capacity = 0;

    (void)state;
    assert_int_equal(sj__grow(&a, &list, &capacity, 5000, NULL), SJ_OK);
    assert_int_equal(capacity, 5000);
    assert_int_equal(sj__grow(&a, &list, &capacity, 5000, NULL), SJ_OK);
    assert_int_equal(sj__grow(&a, &list, &capacity, 5001, NULL), SJ_OK);
    assert_int_equal(capacity, 7500);
    assert_int_equal(memory.requests, 2);
    sj__free(&a, list, capacity, 1);
    failing_check(&memory);
}

static void a_list_that_cannot_grow_is_as_before(void **state)
{
    failing memory = {.fail_at = 2};
    sj_allocator a = failing_allocator(&memory);
    uint64_t *list = NULL;
    uint64_t *before;
    size_t capacity = 0;
    size_t room;
    sj_error error;

    (void)state;
    assert_int_equal(sj__grow(&a, &list, &capacity, 1, &error), SJ_OK);
    list[0] = 42;
    before = list;
    room = capacity;
    assert_int_equal(sj__grow(&a, &list, &capacity, room + 1, &error), SJ_ERR_NOMEM);
    assert_ptr_equal(list, before);
    assert_int_equal(capacity, room);
    assert_int_equal(list[0], 42);
    sj__free(&a, list, capacity, sizeof *list);
    failing_check(&memory);
}

static void a_list_of_no_room_can_grow(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    int32_t *list = sj__alloc(&a, 0, sizeof *list);
    size_t capacity = 0;

    (void)state;
    assert_int_equal(sj__grow(&a, &list, &capacity, 1, NULL), SJ_OK);
    sj__free(&a, list, capacity, sizeof *list);
    failing_check(&memory);
}

static void a_copy_ends_in_nul(void **state)
{
    failing memory = {.fail_at = 3};
    sj_allocator a = failing_allocator(&memory);
    char *copy = sj__copy_text(&a, "abcdef", 3);
    char *empty = sj__copy_text(&a, NULL, 0);

    (void)state;
    assert_string_equal(copy, "abc");
    assert_string_equal(empty, "");
    assert_null(sj__copy_text(&a, "x", 1));
    sj__free(&a, copy, 4, 1);
    sj__free(&a, empty, 1, 1);
    failing_check(&memory);
}

static void arithmetic_knows_its_range(void **state)
{
    size_t size = 0;
    int64_t v = 0;

    (void)state;
    assert_true(sj__size_add(SIZE_MAX - 1, 1, &size));
    assert_true(size == SIZE_MAX);
    assert_false(sj__size_add(SIZE_MAX, 1, &size));
    assert_true(sj__size_multiply(SIZE_MAX, 1, &size));
    assert_false(sj__size_multiply(SIZE_MAX / 2 + 1, 2, &size));
    assert_true(sj__i64_add(INT64_MAX, INT64_MIN, &v));
    assert_int_equal(v, -1);
    assert_false(sj__i64_add(INT64_MAX, 1, &v));
    assert_false(sj__i64_add(INT64_MIN, -1, &v));
    assert_true(sj__i64_multiply(INT64_MIN / 2, 2, &v));
    assert_true(v == INT64_MIN);
    assert_false(sj__i64_multiply(INT64_MIN, -1, &v));
    assert_true(sj__time_since(INT64_MAX, INT64_MIN) == UINT64_MAX);
    assert_true(sj__time_since(-5, -7) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_means_malloc),
        cmocka_unit_test(a_given_allocator_is_copied),
        cmocka_unit_test(a_block_of_nothing_can_be_freed),
        cmocka_unit_test(a_zeroed_block_is_zero),
        cmocka_unit_test(sizes_that_overflow_are_refused_unasked),
        cmocka_unit_test(a_list_grows_by_half_at_least),
        cmocka_unit_test(a_great_need_is_met_at_once),
        cmocka_unit_test(a_list_that_cannot_grow_is_as_before),
        cmocka_unit_test(a_list_of_no_room_can_grow),
        cmocka_unit_test(a_copy_ends_in_nul),
        cmocka_unit_test(arithmetic_knows_its_range),
    };

    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
