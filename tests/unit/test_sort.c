/* The radix sort. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "near.h"

enum { MOST = 3000 };

static uint64_t random_next(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *x ^ *x >> 29;
}

/* Keys ascend, equal ones by number (they came in order of number), and nothing is lost. */
static void check_sorted(const sj__pair *pairs, const sj__pair *before, size_t n)
{
    static unsigned char seen[MOST];

    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            assert_true(pairs[i - 1].key <= pairs[i].key);
            assert_true(pairs[i - 1].key < pairs[i].key || pairs[i - 1].number < pairs[i].number);
        }
        assert_true(pairs[i].number < n);
        assert_true(pairs[i].key == before[pairs[i].number].key);
        assert_int_equal(seen[pairs[i].number]++, 0);
    }
}

static void check(size_t n, uint64_t mask, uint64_t seed)
{
    static sj__pair pairs[MOST];
    static sj__pair before[MOST];
    static sj__pair scratch[MOST];

    for (size_t i = 0; i < n; i++)
        pairs[i] = before[i] = (sj__pair){.key = random_next(&seed) & mask, .number = i};
    sj__sort_pairs(pairs, scratch, n);
    check_sorted(pairs, before, n);
}

static void every_length_is_sorted(void **state)
{
    (void)state;
    for (size_t n = 0; n < 200; n++)
        check(n, UINT64_MAX, n + 1);
    check(MOST, UINT64_MAX, 3);
}

static void equal_keys_keep_their_order(void **state)
{
    (void)state;
    for (size_t n = 2; n < 200; n += 7)
        check(n, 3, n);
    check(MOST, 15, 5);
    check(MOST, 0, 5);
}

/* An even and an odd number of passes, on low, middle and high bytes. */
static void bytes_that_all_share_do_not_matter(void **state)
{
    (void)state;
    for (int byte = 0; byte < 8; byte++) {
        check(500, UINT64_C(0xFF) << (8 * byte), 9);
        check(500, UINT64_C(0xFFFF) << (8 * byte), 9);
    }
}

static void what_is_in_order_is_left_alone(void **state)
{
    static sj__pair pairs[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        pairs[i] = (sj__pair){.key = i / 3, .number = i};
    sj__sort_pairs(pairs, NULL, MOST); /* no scratch: it must not be touched */
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(pairs[i].number, i);
    sj__sort_pairs(NULL, NULL, 0);
}

static void descending_is_the_worst_and_fine(void **state)
{
    static sj__pair pairs[MOST];
    static sj__pair scratch[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        pairs[i] = (sj__pair){.key = UINT64_MAX - i, .number = i};
    sj__sort_pairs(pairs, scratch, MOST);
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(pairs[i].number, MOST - 1 - i);
}

static void keys_of_times_keep_their_order(void **state)
{
    (void)state;
    assert_true(sj__sort_key(INT64_MIN) == 0);
    assert_true(sj__sort_key(INT64_MAX) == UINT64_MAX);
    assert_true(sj__sort_key(-1) < sj__sort_key(0));
    assert_true(sj__sort_key(0) < sj__sort_key(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_sorted),
        cmocka_unit_test(equal_keys_keep_their_order),
        cmocka_unit_test(bytes_that_all_share_do_not_matter),
        cmocka_unit_test(what_is_in_order_is_left_alone),
        cmocka_unit_test(descending_is_the_worst_and_fine),
        cmocka_unit_test(keys_of_times_keep_their_order),
    };

    return cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
