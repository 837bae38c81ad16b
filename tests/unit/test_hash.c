/* Hashes and the table of positions. */
#include <string.h>

#include "base/hash.h"
#include "failing.h"

static uint64_t key(const char *s)
{
    return sj__hash_key(s, strlen(s));
}

static void keys_have_their_published_hash(void **state)
{
    (void)state;
    assert_true(key("NA") == UINT64_C(0xE190A020E8CC7C1C));
    assert_true(key("customer_1") == UINT64_C(0x5E29C7034D197FEB));
    assert_true(key("42") == UINT64_C(0xA428CE5471163B02));
    assert_int_equal(key("NA") >> 59, 28);
    assert_int_equal(key("customer_1") >> 59, 11);
    assert_int_equal(key("42") >> 59, 20);
    assert_int_equal(key("") >> 59, 30);
}

static void the_finaliser_keeps_zero_and_tells_others_apart(void **state)
{
    (void)state;
    assert_true(sj__hash_mix(0) == 0);
    for (uint64_t i = 1; i < 1000; i++)
        assert_true(sj__hash_mix(i) != sj__hash_mix(i - 1));
}

/* Things of the table: numbers, by position. */
typedef struct things {
    uint64_t of[5000];
} things;

static int same(const void *user, uint32_t position, const void *wanted)
{
    return ((const things *)user)->of[position] == *(const uint64_t *)wanted;
}

static uint32_t find(const sj__index *index, const things *t, uint64_t thing, uint64_t hash)
{
    return sj__index_find(index, hash, same, t, &thing);
}

static void an_empty_index_has_nothing(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sj__index index;
    uint64_t thing = 1;

    (void)state;
    sj__index_init(&index, &a);
    assert_true(sj__index_find(&index, 5, same, NULL, &thing) == SJ__ABSENT);
    sj__index_remove(&index, 5, 0);
    sj__index_free(&index);
}

static void what_was_inserted_is_found(void **state)
{
    static things t;
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj__index index;

    (void)state;
    sj__index_init(&index, &a);
    for (uint32_t i = 0; i < 5000; i++) {
        t.of[i] = i * UINT64_C(7919);
        assert_true(find(&index, &t, t.of[i], sj__hash_mix(t.of[i])) == SJ__ABSENT);
        assert_int_equal(sj__index_reserve(&index, 1, NULL), SJ_OK);
        sj__index_insert(&index, sj__hash_mix(t.of[i]), i);
    }
    assert_int_equal(index.count, 5000);
    assert_true(index.capacity <= 16384);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(find(&index, &t, t.of[i], sj__hash_mix(t.of[i])), i);
    assert_true(find(&index, &t, 1, sj__hash_mix(1)) == SJ__ABSENT);
    sj__index_free(&index);
    failing_check(&memory);
}

static void reserved_room_needs_no_memory(void **state)
{
    failing memory = {.fail_from = 2};
    sj_allocator a = failing_allocator(&memory);
    sj__index index;

    (void)state;
    sj__index_init(&index, &a);
    assert_int_equal(sj__index_reserve(&index, 1000, NULL), SJ_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(sj__index_reserve(&index, 1, NULL), SJ_OK);
        sj__index_insert(&index, sj__hash_mix(i), i);
    }
    assert_int_equal(memory.requests, 1);
    sj__index_free(&index);
    failing_check(&memory);
}

static void equal_hashes_are_told_apart(void **state)
{
    static things t;
    sj_allocator a = sj__allocator(NULL);
    sj__index index;

    (void)state;
    sj__index_init(&index, &a);
    assert_int_equal(sj__index_reserve(&index, 50, NULL), SJ_OK);
    for (uint32_t i = 0; i < 50; i++) {
        t.of[i] = 100 + i;
        sj__index_insert(&index, 0, i);
    }
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(find(&index, &t, 100 + i, 0), i);
    assert_true(find(&index, &t, 99, 0) == SJ__ABSENT);
    sj__index_free(&index);
}

/* Every order in which few things with homes that collide and wrap round can be taken out. */
static void removal_keeps_the_others(void **state)
{
    const uint64_t homes[] = {14, 15, 15, 0, 14, 1}; /* of 16 slots: the run is 14 15 0 1 2 3 */
    sj_allocator a = sj__allocator(NULL);

    (void)state;
    for (uint32_t order = 0; order < 6 * 6 * 6; order++) {
        static things t;
        sj__index index;
        uint32_t out[3] = {order % 6, order / 6 % 6, order / 36};
        int gone[6] = {0};

        sj__index_init(&index, &a);
        assert_int_equal(sj__index_reserve(&index, 6, NULL), SJ_OK);
        assert_int_equal(index.capacity, 16);
        for (uint32_t i = 0; i < 6; i++) {
            t.of[i] = i;
            sj__index_insert(&index, homes[i] << 32, i);
        }
        for (int k = 0; k < 3; k++) {
            if (!gone[out[k]])
                sj__index_remove(&index, homes[out[k]] << 32, out[k]);
            gone[out[k]] = 1;
            for (uint32_t i = 0; i < 6; i++)
                assert_true(find(&index, &t, i, homes[i] << 32) == (gone[i] ? SJ__ABSENT : i));
        }
        sj__index_free(&index);
    }
}

static void growth_that_fails_changes_nothing(void **state)
{
    static things t;
    failing memory = {.fail_at = 2};
    sj_allocator a = failing_allocator(&memory);
    sj__index index;
    sj_error error;

    (void)state;
    sj__index_init(&index, &a);
    assert_int_equal(sj__index_reserve(&index, 10, &error), SJ_OK);
    for (uint32_t i = 0; i < 10; i++) {
        t.of[i] = i;
        sj__index_insert(&index, sj__hash_mix(i), i);
    }
    assert_int_equal(sj__index_reserve(&index, 100, &error), SJ_ERR_NOMEM);
    assert_int_equal(error.code, SJ_ERR_NOMEM);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(find(&index, &t, i, sj__hash_mix(i)), i);
    sj__index_free(&index);
    failing_check(&memory);
}

static void too_many_things_are_refused(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    sj__index index;

    (void)state;
    sj__index_init(&index, &a);
    assert_int_equal(sj__index_reserve(&index, UINT32_MAX, NULL), SJ_ERR_LIMIT);
    assert_int_equal(sj__index_reserve(&index, SIZE_MAX, NULL), SJ_ERR_LIMIT);
    assert_int_equal(memory.requests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_their_published_hash),
        cmocka_unit_test(the_finaliser_keeps_zero_and_tells_others_apart),
        cmocka_unit_test(an_empty_index_has_nothing),
        cmocka_unit_test(what_was_inserted_is_found),
        cmocka_unit_test(reserved_room_needs_no_memory),
        cmocka_unit_test(equal_hashes_are_told_apart),
        cmocka_unit_test(removal_keeps_the_others),
        cmocka_unit_test(growth_that_fails_changes_nothing),
        cmocka_unit_test(too_many_things_are_refused),
    };

    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
