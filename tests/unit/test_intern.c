/* Names to numbers and back. */
#include "failing.h"

#include <string.h>

#include "journey/intern.h"

static void add(sj__intern *names, const char *name, uint32_t expected)
{
    sj_error error = {0};
    uint32_t number = 77;
    assert_int_equal(sj__intern_add(names, name, strlen(name), &number, &error), SJ_OK);
    assert_int_equal(number, expected);
    assert_int_equal(error.code, 0);
}

static uint32_t find(const sj__intern *names, const char *name)
{
    return sj__intern_find(names, name, strlen(name));
}

static void names_get_numbers_in_order_of_arrival(void **state)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    sj__intern names;
    size_t n = 0;
    (void)state;
    sj__intern_init(&names, &a);
    assert_int_equal(find(&names, "cart"), SJ__ABSENT);
    add(&names, "cart", 0);
    add(&names, "view", 1);
    add(&names, "", 2);
    add(&names, "cart", 0);
    add(&names, "car", 3);
    assert_int_equal(names.count, 4);
    assert_int_equal(find(&names, "view"), 1);
    assert_int_equal(find(&names, ""), 2);
    assert_int_equal(find(&names, "c"), SJ__ABSENT);
    assert_string_equal(sj__intern_name(&names, 3, &n), "car");
    assert_int_equal(n, 3);
    assert_string_equal(sj__intern_name(&names, 2, &n), "");
    assert_int_equal(n, 0);
    assert_string_equal(sj__intern_name(&names, 0, NULL), "cart");
    assert_true(sj__intern_hash(&names, 1) == sj__hash_key("view", 4));
    sj__intern_free(&names);
    failing_check(&memory);
}

/* "n0" … , of lengths that differ. */
static size_t numbered(char *to, uint32_t i)
{
    size_t n = 0;
    to[n++] = 'n';
    do {
        to[n++] = (char)('0' + i % 10);
    } while ((i /= 10) != 0);
    to[n] = '\0';
    return n;
}

static void fill(sj__intern *names, uint32_t from, uint32_t to)
{
    char name[16];
    uint32_t number = 0;
    for (uint32_t i = from; i < to; i++) {
        assert_int_equal(sj__intern_add(names, name, numbered(name, i), &number, NULL), SJ_OK);
        assert_int_equal(number, i);
    }
}

static void truncation_forgets_the_names_from_a_number_on(void **state)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    sj__intern names;
    char name[16];
    (void)state;
    sj__intern_init(&names, &a);
    fill(&names, 0, 1000);
    sj__intern_truncate(&names, 300);
    assert_int_equal(names.count, 300);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(sj__intern_find(&names, name, numbered(name, i)),
                         i < 300 ? i : SJ__ABSENT);
    fill(&names, 300, 400);
    sj__intern_truncate(&names, 0);
    assert_int_equal(names.size, 0);
    assert_int_equal(find(&names, "n0"), SJ__ABSENT);
    fill(&names, 0, 10);
    sj__intern_truncate(&names, 10);
    sj__intern_truncate(&names, 20);
    assert_int_equal(names.count, 10);
    sj__intern_free(&names);
    failing_check(&memory);
}

static void a_copy_has_the_same_numbers_and_its_own_memory(void **state)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    sj__intern names, copy;
    char name[16];
    (void)state;
    sj__intern_init(&names, &a);
    assert_int_equal(sj__intern_copy(&copy, &names, &a, NULL), SJ_OK);
    assert_int_equal(copy.count, 0);
    sj__intern_free(&copy);
    fill(&names, 0, 500);
    assert_int_equal(sj__intern_copy(&copy, &names, &a, NULL), SJ_OK);
    sj__intern_free(&names);
    for (uint32_t i = 0; i < 500; i++) {
        numbered(name, i);
        assert_int_equal(find(&copy, name), i);
        assert_string_equal(sj__intern_name(&copy, i, NULL), name);
    }
    fill(&copy, 500, 600);
    sj__intern_free(&copy);
    failing_check(&memory);
}

static void order_is_bytewise_and_a_prefix_comes_first(void **state)
{
    static const char *const given[] = {"purchase_b", "ab", "\xC3\xA9t\xC3\xA9", "a",
                                        "purchase_a", "B",  "purchase",          "",
                                        "purchase_",  "a b"};
    static const char *const sorted[] = {
        "",         "B",         "a",          "a b",        "ab",
        "purchase", "purchase_", "purchase_a", "purchase_b", "\xC3\xA9t\xC3\xA9"};
    const sj_allocator a = sj__allocator(NULL);
    sj__intern names;
    uint32_t order[10];
    (void)state;
    sj__intern_init(&names, &a);
    assert_int_equal(sj__intern_order(&names, order, NULL), SJ_OK);
    for (uint32_t i = 0; i < 10; i++)
        add(&names, given[i], i);
    assert_int_equal(sj__intern_order(&names, order, NULL), SJ_OK);
    for (uint32_t i = 0; i < 10; i++)
        assert_string_equal(sj__intern_name(&names, order[i], NULL), sorted[i]);
    sj__intern_free(&names);
}

static void order_of_many_is_a_sorted_permutation(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__intern names;
    uint32_t order[777];
    uint8_t seen[777] = {0};
    (void)state;
    sj__intern_init(&names, &a);
    fill(&names, 0, 777);
    assert_int_equal(sj__intern_order(&names, order, NULL), SJ_OK);
    for (uint32_t i = 0; i < 777; i++) {
        assert_int_equal(seen[order[i]]++, 0);
        if (i > 0)
            assert_true(strcmp(sj__intern_name(&names, order[i - 1], NULL),
                               sj__intern_name(&names, order[i], NULL)) < 0);
    }
    sj__intern_free(&names);
}

static void the_nearest_name_is_within_a_third_of_the_length(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__intern names;
    (void)state;
    sj__intern_init(&names, &a);
    assert_null(sj__intern_nearest(&names, "cart", 4));
    add(&names, "view", 0);
    add(&names, "cart", 1);
    add(&names, "card", 2);
    add(&names, "checkout", 3);
    assert_string_equal(sj__intern_nearest(&names, "crat", 4), "cart");
    assert_string_equal(sj__intern_nearest(&names, "cart", 4), "cart");
    assert_string_equal(sj__intern_nearest(&names, "chekout", 7), "checkout");
    assert_string_equal(sj__intern_nearest(&names, "chkout", 6), "checkout");
    assert_null(sj__intern_nearest(&names, "chkut", 5)); /* three away, a third is one */
    assert_string_equal(sj__intern_nearest(&names, "car", 3),
                        "card"); /* of equals the first by bytes */
    assert_null(sj__intern_nearest(&names, "xyz", 3));
    assert_null(sj__intern_nearest(&names, "", 0));
    sj__intern_free(&names);
}

static void long_names_have_no_nearest_but_the_really_near(void **state)
{
    const sj_allocator a = sj__allocator(NULL);
    sj__intern names;
    char long_name[400];
    uint32_t number = 0;
    (void)state;
    sj__intern_init(&names, &a);
    memset(long_name, 'a', sizeof long_name);
    assert_int_equal(sj__intern_add(&names, long_name, 100, &number, NULL), SJ_OK);
    assert_non_null(sj__intern_nearest(&names, long_name, 115));
    assert_null(sj__intern_nearest(&names, long_name, 116));
    assert_null(sj__intern_nearest(&names, long_name, 400));
    sj__intern_free(&names);
}

/* Whatever allocation fails, the names are as before the call that failed. */
static void a_failed_addition_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 40; k++) {
        failing memory = {.fail_at = k};
        const sj_allocator a = failing_allocator(&memory);
        sj__intern names, copy;
        char name[16];
        uint32_t number = 0, good = 0, order[200];
        sj_error error = {0};
        sj__intern_init(&names, &a);
        for (uint32_t i = 0; i < 200; i++) {
            const size_t n = numbered(name, i);
            if (sj__intern_add(&names, name, n, &number, &error) != SJ_OK) {
                assert_int_equal(error.code, SJ_ERR_NOMEM);
                assert_int_equal(names.count, good);
                assert_int_equal(sj__intern_find(&names, name, n), SJ__ABSENT);
                assert_int_equal(sj__intern_add(&names, name, n, &number, NULL), SJ_OK);
            }
            assert_int_equal(number, i);
            good++;
        }
        memory.fail_at = memory.requests + k;
        if (sj__intern_copy(&copy, &names, &a, NULL) != SJ_OK)
            assert_int_equal(copy.count, 0);
        sj__intern_free(&copy);
        memory.fail_at = memory.requests + 1;
        assert_int_equal(sj__intern_order(&names, order, NULL), SJ_ERR_NOMEM);
        sj__intern_free(&names);
        failing_check(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_get_numbers_in_order_of_arrival),
        cmocka_unit_test(truncation_forgets_the_names_from_a_number_on),
        cmocka_unit_test(a_copy_has_the_same_numbers_and_its_own_memory),
        cmocka_unit_test(order_is_bytewise_and_a_prefix_comes_first),
        cmocka_unit_test(order_of_many_is_a_sorted_permutation),
        cmocka_unit_test(the_nearest_name_is_within_a_third_of_the_length),
        cmocka_unit_test(long_names_have_no_nearest_but_the_really_near),
        cmocka_unit_test(a_failed_addition_changes_nothing)};
    return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
