/* Bits and their ranks. */
#include <stdlib.h>

#include "base/bitmap.h"
#include "near.h"

static void bits_need_words(void **state)
{
    (void)state;
    assert_int_equal(sj__bitmap_words(0), 0);
    assert_int_equal(sj__bitmap_words(1), 1);
    assert_int_equal(sj__bitmap_words(64), 1);
    assert_int_equal(sj__bitmap_words(65), 2);
    assert_true(sj__bitmap_words(UINT64_MAX) == UINT64_C(1) << 58);
}

static void a_bit_that_is_set_is_one(void **state)
{
    uint64_t words[2] = {0, 0};

    (void)state;
    sj__bit_set(words, 0);
    sj__bit_set(words, 63);
    sj__bit_set(words, 64);
    assert_true(words[0] == (UINT64_C(1) << 63 | 1));
    assert_true(words[1] == 1);
    assert_int_equal(sj__bit(words, 63), 1);
    assert_int_equal(sj__bit(words, 62), 0);
    assert_int_equal(sj__bit(words, 64), 1);
    assert_int_equal(sj__bit(words, 65), 0);
}

/* The blocks are exactly as long as they must be, so that the sanitiser sees a read behind them. */
static void check(uint64_t bits, uint64_t step)
{
    size_t n = sj__bitmap_words(bits);
    uint64_t *words = calloc(n + (n == 0), sizeof *words);
    uint64_t *rank = calloc(bits / 512 + 1, sizeof *rank);
    uint64_t *ones = calloc(bits + 1, sizeof *ones); /* before each bit */

    assert_true(words != NULL && rank != NULL && ones != NULL);
    for (uint64_t i = 0; i < bits; i++) {
        int one = i * i % step == 1 || step == 1;

        if (one)
            sj__bit_set(words, i);
        ones[i + 1] = ones[i] + (uint64_t)one;
    }
    if (bits % 64 != 0) /* bits behind the end must not count */
        words[n - 1] |= UINT64_MAX << (bits % 64);
    assert_int_equal(sj__bitmap_build_rank(words, bits, rank), ones[bits]);
    for (uint64_t i = 0; i <= bits; i++)
        assert_true(sj__bitmap_rank(words, rank, i) == ones[i]);
    for (uint64_t from = 0; from <= bits; from += 1 + from / 9) {
        for (uint64_t to = from; to <= bits; to += 1 + (to - from) / 3)
            assert_true(sj__bitmap_count(words, from, to) == ones[to] - ones[from]);
    }
    free(words);
    free(rank);
    free(ones);
}

static void ranks_count_the_ones_before(void **state)
{
    const uint64_t sizes[] = {0,   1,   2,    63,   64,   65,   127,  128,  511,
                              512, 513, 1023, 1024, 1025, 1536, 1600, 2048, 3000};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check(sizes[i], 1);
        check(sizes[i], 3);
        check(sizes[i], 97);
    }
}

static void an_empty_stretch_has_no_ones(void **state)
{
    const uint64_t words[1] = {UINT64_MAX};

    (void)state;
    assert_int_equal(sj__bitmap_count(words, 5, 5), 0);
    assert_int_equal(sj__bitmap_count(words, 6, 5), 0);
    assert_int_equal(sj__bitmap_count(words, 64, 64), 0);
    assert_int_equal(sj__bitmap_count(words, 3, 10), 7);
    assert_int_equal(sj__bitmap_count(words, 0, 64), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_need_words),
        cmocka_unit_test(a_bit_that_is_set_is_one),
        cmocka_unit_test(ranks_count_the_ones_before),
        cmocka_unit_test(an_empty_stretch_has_no_ones),
    };

    return cmocka_run_group_tests_name("bitmap", tests, NULL, NULL);
}
