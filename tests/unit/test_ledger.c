/* Ledgers: rows, keys, addition, settling. */
#include "failing.h"
#include "near.h"

#include "tally/ledger.h"

static const sj__ledger_spec wide = {"wide", "in", "a b", "s", "t u"};
static const sj__ledger_spec list = {"list", "in*", "n", "", ""};
static const sj__ledger_spec plain = {"plain", "", "n", "", ""};

static sj_allocator heap(void)
{
    return sj__allocator(NULL);
}

static size_t row_of(sj__ledger *ledger, const int32_t *key, size_t n)
{
    size_t row = SIZE_MAX;
    assert_int_equal(sj__ledger_row(ledger, key, n, &row, NULL), SJ_OK);
    return row;
}

static void a_key_has_the_parts_that_its_letters_say(void **state)
{
    (void)state;
    assert_int_equal(sj__ledger_part(&wide, 0), 'i');
    assert_int_equal(sj__ledger_part(&wide, 1), 'n');
    assert_int_equal(sj__ledger_part(&wide, 2), 0);
    assert_true(sj__ledger_takes(&wide, 2));
    assert_false(sj__ledger_takes(&wide, 1));
    assert_false(sj__ledger_takes(&wide, 3));
    assert_true(sj__ledger_takes(&plain, 0));
    assert_false(sj__ledger_takes(&plain, 1));
}

static void a_star_repeats_the_letter_before_it_or_leaves_it_out(void **state)
{
    (void)state;
    assert_int_equal(sj__ledger_part(&list, 0), 'i');
    assert_int_equal(sj__ledger_part(&list, 1), 'n');
    assert_int_equal(sj__ledger_part(&list, 9), 'n');
    assert_false(sj__ledger_takes(&list, 0));
    assert_true(sj__ledger_takes(&list, 1));
    assert_true(sj__ledger_takes(&list, 100));
    const sj__ledger_spec all = {"all", "n*", "n", "", ""};
    assert_int_equal(sj__ledger_part(&all, 0), 'n');
    assert_true(sj__ledger_takes(&all, 0));
}

static void a_new_row_is_all_zero_and_keeps_its_number(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger ledger;
    sj__ledger_init(&ledger, &wide, &a);
    assert_int_equal(ledger.n_counts, 2);
    assert_int_equal(ledger.n_sums, 1);
    assert_int_equal(ledger.n_spreads, 2);
    for (int32_t i = 0; i < 1000; i++)
        assert_int_equal(row_of(&ledger, (int32_t[]){i * 7, -i}, 2), i);
    for (int32_t i = 0; i < 1000; i++) {
        const int32_t key[] = {i * 7, -i};
        size_t n;
        assert_int_equal(row_of(&ledger, key, 2), i);
        assert_int_equal(sj__ledger_find(&ledger, key, 2), i);
        assert_memory_equal(sj__ledger_key(&ledger, (size_t)i, &n), key, sizeof key);
        assert_int_equal(n, 2);
        assert_int_equal(sj__ledger_counts(&ledger, (size_t)i)[1], 0);
        assert_true(sj__ledger_sums(&ledger, (size_t)i)[0] == 0);
        assert_int_equal(sj__ledger_spreads(&ledger, (size_t)i)[1].used, 0);
    }
    assert_true(sj__ledger_find(&ledger, (int32_t[]){1, 1}, 2) == SIZE_MAX);
    assert_int_equal(ledger.n_rows, 1000);
    sj__ledger_free(&ledger);
}

static void keys_of_different_lengths_are_different_rows(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger ledger;
    sj__ledger_init(&ledger, &list, &a);
    const int32_t key[] = {0, 0, 0, 0};
    for (size_t n = 1; n <= 4; n++)
        assert_int_equal(row_of(&ledger, key, n), n - 1);
    assert_int_equal(sj__ledger_compare(&ledger, 0, 1), -1);
    assert_int_equal(sj__ledger_compare(&ledger, 3, 2), 1);
    assert_int_equal(sj__ledger_compare(&ledger, 2, 2), 0);
    sj__ledger_free(&ledger);
}

static void a_ledger_without_a_key_has_one_row(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger ledger;
    sj__ledger_init(&ledger, &plain, &a);
    assert_int_equal(row_of(&ledger, NULL, 0), 0);
    assert_int_equal(row_of(&ledger, NULL, 0), 0);
    assert_int_equal(ledger.n_rows, 1);
    sj__ledger_free(&ledger);
}

static void addition_renumbers_names_and_adds_every_counter(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger to, from;
    sj__ledger_init(&to, &wide, &a);
    sj__ledger_init(&from, &wide, &a);
    size_t row = row_of(&to, (int32_t[]){1, 0}, 2);
    sj__ledger_counts(&to, row)[0] = 5;
    row = row_of(&from, (int32_t[]){1, 3}, 2);
    sj__ledger_counts(&from, row)[0] = 7;
    sj__ledger_counts(&from, row)[1] = 1;
    sj__ledger_sums(&from, row)[0] = (sj__i128)INT64_MAX * 4;
    assert_int_equal(sj__ledger_spread(&from, row, 1, 1000, NULL), SJ_OK);
    row_of(&from, (int32_t[]){1, -1}, 2);
    const int32_t names[] = {9, 9, 9, 0};
    assert_int_equal(sj__ledger_add(&to, &from, names, 1, NULL), SJ_OK);
    assert_int_equal(sj__ledger_add(&to, &from, names, 1, NULL), SJ_OK);
    assert_int_equal(sj__ledger_add(&to, &from, names, -1, NULL), SJ_OK);
    assert_int_equal(to.n_rows, 2);
    assert_int_equal(sj__ledger_counts(&to, 0)[0], 12);
    assert_int_equal(sj__ledger_counts(&to, 0)[1], 1);
    assert_true(sj__ledger_sums(&to, 0)[0] == (sj__i128)INT64_MAX * 4);
    assert_int_equal(sj__spread_count(&sj__ledger_spreads(&to, 0)[1]), 1);
    assert_int_equal(sj__ledger_find(&to, (int32_t[]){1, -1}, 2), 1);
    sj__ledger_free(&to);
    sj__ledger_free(&from);
}

static void a_sum_that_does_not_fit_is_an_overflow(void **state)
{
    (void)state;
    sj_allocator a = heap();
    for (int which = 0; which < 4; which++) {
        sj__ledger to, from;
        sj_error error = {0};
        sj__ledger_init(&to, &wide, &a);
        sj__ledger_init(&from, &wide, &a);
        const sj__i128 large = (sj__i128)INT64_MAX * INT64_MAX;
        size_t i = row_of(&to, (int32_t[]){1, -1}, 2), j = row_of(&from, (int32_t[]){1, -1}, 2);
        int sign = which == 1 ? -1 : 1;
        sj__ledger_counts(&to, i)[0] = which < 2 ? sign * (INT64_MAX - 1) : 0;
        sj__ledger_counts(&from, j)[0] = which < 2 ? 3 : 0;
        sj__ledger_sums(&to, i)[0] = which == 2 ? large + large : 0;
        sj__ledger_sums(&from, j)[0] = which == 2 ? large : 0;
        sj__spread_add(&sj__ledger_spreads(&to, i)[0], &a, 0, INT64_MAX, 0, NULL);
        sj__spread_add(&sj__ledger_spreads(&from, j)[0], &a, 0, which == 3 ? 1 : 0, 0, NULL);
        sj_status expected = SJ_ERR_OVERFLOW;
        assert_int_equal(sj__ledger_add(&to, &from, NULL, sign, &error), expected);
        assert_int_equal(error.code, SJ_ERR_OVERFLOW);
        sj__ledger_free(&to);
        sj__ledger_free(&from);
    }
}

static void settling_sorts_rows_and_drops_those_that_are_zero(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger from, to;
    sj__ledger_init(&from, &list, &a);
    sj__ledger_init(&to, &list, &a);
    /* names 0 and 1 change places, name 2 is used by a row of zeros only */
    static const int32_t keys[][3] = {{1, 0, 0}, {1, 1, 0}, {-1, 0, 1}, {1, 2, 2}, {1, 0, 1}};
    static const size_t sizes[] = {2, 2, 3, 3, 1};
    for (size_t i = 0; i < 5; i++)
        sj__ledger_counts(&from, row_of(&from, keys[i], sizes[i]))[0] = i == 3 ? 0 : (int64_t)i + 1;
    uint8_t used[3] = {0, 0, 0};
    sj__ledger_tidy(&from, used);
    assert_int_equal(used[0], 1);
    assert_int_equal(used[1], 1);
    assert_int_equal(used[2], 0);
    const int32_t numbers[] = {1, 0, 0};
    assert_int_equal(sj__ledger_settle(&from, numbers, &to, NULL), SJ_OK);
    static const int32_t expected[] = {-1, 1, 0, 1, 1, 0, 1, 1};
    static const int64_t counts[] = {3, 5, 2, 1};
    assert_int_equal(to.n_rows, 4);
    assert_int_equal(to.n_parts, 8);
    assert_memory_equal(to.parts, expected, sizeof expected);
    assert_memory_equal(to.counts, counts, sizeof counts);
    assert_int_equal(sj__ledger_find(&to, (int32_t[]){1, 0}, 2), 2);
    sj__ledger_free(&to);
    sj__ledger_free(&from);
}

static void any_counter_but_zero_keeps_a_row(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger from, to;
    sj__ledger_init(&from, &wide, &a);
    sj__ledger_init(&to, &wide, &a);
    for (int32_t i = 0; i < 6; i++)
        row_of(&from, (int32_t[]){i, -1}, 2);
    sj__ledger_counts(&from, 0)[0] = -1;
    sj__ledger_counts(&from, 1)[1] = 1;
    sj__ledger_sums(&from, 2)[0] = 1;
    assert_int_equal(sj__ledger_spread(&from, 4, 0, 0, NULL), SJ_OK);
    assert_int_equal(sj__ledger_spread(&from, 5, 1, 7, NULL), SJ_OK);
    sj__ledger_tidy(&from, NULL);
    assert_int_equal(sj__ledger_settle(&from, NULL, &to, NULL), SJ_OK);
    assert_int_equal(to.n_rows, 5);
    assert_true(sj__ledger_find(&to, (int32_t[]){3, -1}, 2) == SIZE_MAX);
    sj__ledger_forget_spreads(&from);
    sj__ledger_free(&from);
    sj__ledger_free(&to);
}

static void settling_sorts_as_many_rows_as_there_are(void **state)
{
    (void)state;
    sj_allocator a = heap();
    for (size_t n = 0; n < 70; n++) {
        sj__ledger from, to;
        sj__ledger_init(&from, &wide, &a);
        sj__ledger_init(&to, &wide, &a);
        for (size_t i = 0; i < n; i++) {
            const int32_t key[] = {(int32_t)(i * 37 % 101) - 50, -1};
            sj__ledger_counts(&from, row_of(&from, key, 2))[1] = key[0] * 2 + 1;
        }
        sj__ledger_tidy(&from, NULL);
        assert_int_equal(sj__ledger_settle(&from, NULL, &to, NULL), SJ_OK);
        assert_int_equal(to.n_rows, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || sj__ledger_compare(&to, i - 1, i) < 0);
            size_t parts;
            int64_t first = sj__ledger_key(&to, i, &parts)[0];
            assert_int_equal(sj__ledger_counts(&to, i)[1], first * 2 + 1);
        }
        sj__ledger_free(&to);
        sj__ledger_free(&from);
    }
}

static void a_spread_goes_with_its_row(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger from, to;
    sj__ledger_init(&from, &wide, &a);
    sj__ledger_init(&to, &wide, &a);
    for (int32_t i = 9; i >= 0; i--) {
        size_t row = row_of(&from, (int32_t[]){i, -1}, 2);
        for (int32_t k = 0; k < i; k++)
            assert_int_equal(sj__ledger_spread(&from, row, 0, k * 1000, NULL), SJ_OK);
    }
    sj__ledger_tidy(&from, NULL);
    assert_int_equal(sj__ledger_settle(&from, NULL, &to, NULL), SJ_OK);
    sj__ledger_forget_spreads(&from);
    sj__ledger_free(&from);
    assert_int_equal(to.n_rows, 9); /* the row without numbers says nothing */
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(sj__spread_count(sj__ledger_spreads(&to, i)), i + 1);
    sj__ledger_free(&to);
}

static void a_negative_count_shows(void **state)
{
    (void)state;
    sj_allocator a = heap();
    sj__ledger ledger;
    sj__ledger_init(&ledger, &wide, &a);
    size_t row = row_of(&ledger, (int32_t[]){1, -1}, 2);
    sj__ledger_sums(&ledger, row)[0] = -5; /* a sum may be */
    assert_false(sj__ledger_negative(&ledger));
    sj__ledger_counts(&ledger, row)[1] = -1;
    assert_true(sj__ledger_negative(&ledger));
    sj__ledger_counts(&ledger, row)[1] = 0;
    sj__spread_add(&sj__ledger_spreads(&ledger, row)[1], &a, 3, -1, -3, NULL);
    sj__ledger_tidy(&ledger, NULL);
    assert_true(sj__ledger_negative(&ledger));
    sj__ledger_free(&ledger);
}

static sj_status grow_and_settle(const sj_allocator *a, sj_error *error)
{
    sj__ledger from, to;
    sj_status status = SJ_OK;
    sj__ledger_init(&from, &wide, a);
    sj__ledger_init(&to, &wide, a);
    for (int32_t i = 20; i > 0 && status == SJ_OK; i--) {
        size_t row;
        status = sj__ledger_row(&from, (int32_t[]){i, -1}, 2, &row, error);
        if (status == SJ_OK)
            status = sj__ledger_spread(&from, row, 0, i, error);
    }
    if (status == SJ_OK)
        status = sj__ledger_add(&to, &from, NULL, 1, error);
    sj__ledger_free(&to);
    sj__ledger_init(&to, &wide, a);
    sj__ledger_tidy(&from, NULL);
    if (status == SJ_OK)
        status = sj__ledger_settle(&from, NULL, &to, error);
    sj__ledger_forget_spreads(&to);
    sj__ledger_free(&to);
    sj__ledger_free(&from);
    return status;
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    failing counted = {0};
    sj_allocator a = failing_allocator(&counted);
    assert_int_equal(grow_and_settle(&a, NULL), SJ_OK);
    failing_check(&counted);
    for (uint64_t k = 1; k <= counted.requests; k++) {
        failing once = {.fail_at = k};
        sj_error error = {0};
        a = failing_allocator(&once);
        assert_int_equal(grow_and_settle(&a, &error), SJ_ERR_NOMEM);
        assert_int_equal(error.code, SJ_ERR_NOMEM);
        failing_check(&once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_the_parts_that_its_letters_say),
        cmocka_unit_test(a_star_repeats_the_letter_before_it_or_leaves_it_out),
        cmocka_unit_test(a_new_row_is_all_zero_and_keeps_its_number),
        cmocka_unit_test(keys_of_different_lengths_are_different_rows),
        cmocka_unit_test(a_ledger_without_a_key_has_one_row),
        cmocka_unit_test(addition_renumbers_names_and_adds_every_counter),
        cmocka_unit_test(a_sum_that_does_not_fit_is_an_overflow),
        cmocka_unit_test(settling_sorts_rows_and_drops_those_that_are_zero),
        cmocka_unit_test(any_counter_but_zero_keeps_a_row),
        cmocka_unit_test(settling_sorts_as_many_rows_as_there_are),
        cmocka_unit_test(a_spread_goes_with_its_row),
        cmocka_unit_test(a_negative_count_shows),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
