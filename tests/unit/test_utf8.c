/* UTF-8 and the distance of names. */
#include <string.h>

#include "base/utf8.h"
#include "near.h"

static void check(const char *s, size_t n, size_t expected)
{
    /* Behind 0 … 8 ASCII bytes too, so that the bad byte falls on every place of an eight-byte
     * step. */
    char text[64];

    for (size_t before = 0; before <= 8; before++) {
        memset(text, 'a', sizeof text);
        memcpy(text + before, s, n);
        assert_int_equal(sj__utf8_check(text, before + n), before + expected);
    }
}

static void well_formed_text_passes(void **state)
{
    (void)state;
    assert_int_equal(sj__utf8_check("", 0), 0);
    check("plain ASCII, long enough for two steps", 38, 38);
    check("\x7F", 1, 1);
    check("\xC2\x80\xDF\xBF", 4, 4);
    check("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", 12, 12);
    check("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8, 8);
}

static void malformed_text_is_found_at_its_byte(void **state)
{
    (void)state;
    check("ab\0cdefghijk", 12, 2);
    check("a\x80", 2, 1);
    check("a\xBF", 2, 1);
    check("\xC0\x80", 2, 0);
    check("\xC1\xBF", 2, 0);
    check("\xE0\x9F\xBF", 3, 0);
    check("\xED\xA0\x80", 3, 0); /* a surrogate */
    check("\xF0\x8F\xBF\xBF", 4, 0);
    check("\xF4\x90\x80\x80", 4, 0); /* beyond U+10FFFF */
    check("\xF5\x80\x80\x80", 4, 0);
    check("\xFF", 1, 0);
    check("\xC3\xA4\xC3\x41", 4, 2);
    check("\xE2\x82\x41", 3, 0);
    check("\xF0\x9F\x98\x41", 4, 0);
}

static void text_that_ends_within_a_character_is_malformed(void **state)
{
    (void)state;
    check("x\xC3", 2, 1);
    check("x\xE2\x82", 3, 1);
    check("x\xF0\x9F\x98", 4, 1);
}

static void a_cut_falls_between_characters(void **state)
{
    const char *s = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"; /* 1, 2, 3, 4 bytes */
    const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

    (void)state;
    for (size_t limit = 0; limit < 12; limit++)
        assert_int_equal(sj__utf8_cut(s, 10, limit), expected[limit]);
    assert_int_equal(sj__utf8_cut("", 0, 0), 0);
}

static void width_counts_columns(void **state)
{
    (void)state;
    assert_int_equal(sj__utf8_width("", 0), 0);
    assert_int_equal(sj__utf8_width("abc", 3), 3);
    assert_int_equal(sj__utf8_width("\xC3\xA4", 2), 1);
    assert_int_equal(sj__utf8_width("a\xCC\x88", 3), 1); /* a and a combining diaeresis */
    assert_int_equal(sj__utf8_width("\xE6\x97\xA5\xE6\x9C\xAC", 6), 4); /* two wide characters */
    assert_int_equal(sj__utf8_width("\xF0\x9F\x98\x80", 4), 2);
    assert_int_equal(sj__utf8_width("\xE2\x82\xAC", 3), 1);
    assert_int_equal(sj__utf8_width("\xFF"
                                    "a",
                                    2),
                     2);
}

static size_t distance(const char *a, const char *b, size_t limit)
{
    size_t there = sj__text_distance(a, strlen(a), b, strlen(b), limit);

    assert_int_equal(there, sj__text_distance(b, strlen(b), a, strlen(a), limit));
    return there;
}

static void distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(distance("", "", 9), 0);
    assert_int_equal(distance("cart", "cart", 9), 0);
    assert_int_equal(distance("cart", "card", 9), 1);
    assert_int_equal(distance("cart", "carts", 9), 1);
    assert_int_equal(distance("cart", "crt", 9), 1);
    assert_int_equal(distance("cart", "crat", 9), 1);
    assert_int_equal(distance("ac", "ca", 9), 1);
    assert_int_equal(distance("", "abc", 9), 3);
    assert_int_equal(distance("kitten", "sitting", 9), 3);
    assert_int_equal(distance("ca", "abc", 9), 3); /* no part is edited twice */
    assert_int_equal(distance("product_view", "prodcut_veiw", 9), 2);
}

static void distance_stops_at_its_limit(void **state)
{
    (void)state;
    assert_int_equal(distance("kitten", "sitting", 3), 3);
    assert_int_equal(distance("kitten", "sitting", 2), 2);
    assert_int_equal(distance("abc", "xyz", 1), 1);
    assert_int_equal(distance("abc", "abc", 0), 0);
    assert_int_equal(distance("abc", "abd", 0), 0);
    assert_int_equal(distance("a", "abcdefgh", 4), 4);
    assert_int_equal(distance("aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb", 1000), 16);
}

/* The same by the whole table, for every pair of texts of up to 5 letters of {a, b}. */
static size_t whole_table(const char *a, size_t na, const char *b, size_t nb)
{
    size_t d[8][8];

    for (size_t i = 0; i <= na; i++) {
        for (size_t j = 0; j <= nb; j++) {
            size_t best = i == 0 ? j : j == 0 ? i : d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

            if (i > 0 && j > 0) {
                best = best < d[i - 1][j] + 1 ? best : d[i - 1][j] + 1;
                best = best < d[i][j - 1] + 1 ? best : d[i][j - 1] + 1;
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = best < d[i - 2][j - 2] + 1 ? best : d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[na][nb];
}

static void the_band_agrees_with_the_whole_table(void **state)
{
    (void)state;
    for (unsigned x = 1; x < 64; x++) {
        for (unsigned y = 1; y < 64; y++) {
            char a[8];
            char b[8];
            size_t na = 0;
            size_t nb = 0;

            for (unsigned v = x; v > 1; v >>= 1)
                a[na++] = v & 1 ? 'a' : 'b';
            for (unsigned v = y; v > 1; v >>= 1)
                b[nb++] = v & 1 ? 'a' : 'b';
            for (size_t limit = 1; limit <= 6; limit++) {
                size_t d = whole_table(a, na, b, nb);

                assert_int_equal(sj__text_distance(a, na, b, nb, limit), d < limit ? d : limit);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_passes),
        cmocka_unit_test(malformed_text_is_found_at_its_byte),
        cmocka_unit_test(text_that_ends_within_a_character_is_malformed),
        cmocka_unit_test(a_cut_falls_between_characters),
        cmocka_unit_test(width_counts_columns),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(distance_stops_at_its_limit),
        cmocka_unit_test(the_band_agrees_with_the_whole_table),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
