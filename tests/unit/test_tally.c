/* Tallies: adding up in any order, taking away, bytes, and bytes that nobody should trust. */
#include "failing.h"
#include "near.h"

#include "tally/plan.h"

/* ----------------------------------------------------------------------------- a toy to count --
 */

static const sj__ledger_spec toy_ledgers[] = {{"steps", "i", "reached", "worth", "wait"},
                                              {"paths", "in*", "count", "", ""},
                                              {"all", "", "events", "", ""}};
static const sj__analysis toy = {
    .name = "toy", .summary = "Counts.", .revision = 3, .ledgers = toy_ledgers, .n_ledgers = 3};
static const sj__analysis other = {
    .name = "other", .summary = "Counts.", .revision = 1, .ledgers = toy_ledgers, .n_ledgers = 1};

static const sj__analysis *toy_find(const char *name, size_t n)
{
    return n == 3 && memcmp(name, "toy", 3) == 0 ? &toy : NULL;
}

#define TOY_TEXT "analysis toy 3\nwindow 86400000000\nstep 'a'\n"

static sj_tally *new_tally(const char *text, const sj_allocator *a)
{
    sj_tally *tally = NULL;
    assert_int_equal(sj__tally_new(&toy, text, strlen(text), a, &tally, NULL), SJ_OK);
    return tally;
}

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return sj__hash_mix(*state);
}

/* What customer c adds; the same whoever counts. */
static sj_status count_customer(sj_tally *tally, uint64_t c, sj_error *error)
{
    uint64_t random = c;
    sj_status status = SJ_OK;
    size_t row;
    int32_t key[8];
    uint64_t n = next_random(&random) % 5;
    for (uint64_t i = 0; i < n && status == SJ_OK; i++) {
        int64_t worth = (int64_t)(next_random(&random) % 2001) - 1000;
        key[0] = (int32_t)(next_random(&random) % 6) - 1;
        status = sj__ledger_row(&tally->ledgers[0], key, 1, &row, error);
        if (status != SJ_OK)
            return status;
        sj__ledger_counts(&tally->ledgers[0], row)[0]++;
        sj__ledger_sums(&tally->ledgers[0], row)[0] += worth;
        status = sj__ledger_spread(&tally->ledgers[0], row, 0,
                                   (int64_t)(next_random(&random) % 100000), error);
    }
    key[0] = (int32_t)n;
    for (uint64_t i = 0; i < n && status == SJ_OK; i++) {
        char name[] = "name a";
        name[5] = (char)('a' + (char)(next_random(&random) % 20));
        status = sj__tally_name(tally, name, 6, &key[1 + i], error);
    }
    if (status == SJ_OK)
        status = sj__ledger_row(&tally->ledgers[1], key, 1 + (size_t)n, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(&tally->ledgers[1], row)[0]++;
    if (status == SJ_OK)
        status = sj__ledger_row(&tally->ledgers[2], NULL, 0, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(&tally->ledgers[2], row)[0] += (int64_t)n;
    tally->customers++;
    return status;
}

/* Settled tally of customers from, from + 1 … to − 1. */
static sj_tally *count(uint64_t from, uint64_t to)
{
    sj_tally *tally = new_tally(TOY_TEXT, NULL);
    for (uint64_t c = from; c < to; c++)
        assert_int_equal(count_customer(tally, c, NULL), SJ_OK);
    assert_int_equal(sj__tally_settle(tally, NULL), SJ_OK);
    return tally;
}

static sj_buffer *bytes_of(const sj_tally *tally)
{
    sj_buffer *buffer = NULL;
    assert_int_equal(sj_tally_write(tally, &buffer, NULL), SJ_OK);
    return buffer;
}

static int same(const sj_tally *a, const sj_tally *b)
{
    sj_buffer *x = bytes_of(a), *y = bytes_of(b);
    int equal = sj_buffer_size(x) == sj_buffer_size(y) &&
                memcmp(sj_buffer_data(x), sj_buffer_data(y), sj_buffer_size(x)) == 0;
    sj_buffer_free(x);
    sj_buffer_free(y);
    return equal;
}

/* ------------------------------------------------------------------------------------ algebra --
 */

static void any_tree_of_merges_gives_the_same_bytes(void **state)
{
    (void)state;
    uint64_t random = 1;
    sj_tally *expected = count(0, 60);
    for (int round = 0; round < 20; round++) {
        sj_tally *shards[60];
        size_t n = 0;
        for (uint64_t at = 0; at < 60;) {
            uint64_t to = at + 1 + next_random(&random) % 15;
            to = to > 60 ? 60 : to;
            shards[n++] = count(at, to);
            at = to;
        }
        while (n > 1) {
            size_t i = (size_t)(next_random(&random) % n);
            size_t j = (size_t)(next_random(&random) % (n - 1));
            j += j >= i;
            assert_int_equal(sj_tally_merge(shards[i], shards[j], NULL), SJ_OK);
            sj_tally_free(shards[j]);
            shards[j] = shards[--n];
        }
        assert_true(same(shards[0], expected));
        assert_int_equal(sj_tally_customers(shards[0]), 60);
        sj_tally_free(shards[0]);
    }
    sj_tally_free(expected);
}

static void subtracting_some_leaves_the_tally_of_the_rest(void **state)
{
    (void)state;
    sj_tally *all = count(0, 40), *some = count(10, 25), *left = count(0, 10),
             *more = count(25, 40);
    assert_int_equal(sj_tally_merge(left, more, NULL), SJ_OK);
    assert_false(same(all, left));
    assert_int_equal(sj_tally_subtract(all, some, NULL), SJ_OK);
    assert_true(same(all, left));
    sj_tally_free(all);
    sj_tally_free(some);
    sj_tally_free(left);
    sj_tally_free(more);
}

static void subtracting_everyone_one_by_one_leaves_the_empty_tally(void **state)
{
    (void)state;
    sj_tally *all = count(0, 30), *empty = count(0, 0);
    for (uint64_t c = 0; c < 30; c++) {
        sj_tally *one = count((c * 7 + 3) % 30, (c * 7 + 3) % 30 + 1);
        assert_int_equal(sj_tally_subtract(all, one, NULL), SJ_OK);
        sj_tally_free(one);
    }
    assert_int_equal(all->names.count, 0);
    assert_int_equal(sj_tally_customers(all), 0);
    assert_true(same(all, empty));
    sj_tally_free(all);
    sj_tally_free(empty);
}

static void a_difference_may_be_negative_and_cannot_be_concluded(void **state)
{
    (void)state;
    sj_tally *some = count(0, 5), *more = count(0, 12), *rest = count(5, 12), *none = count(0, 0);
    sj_error error = {0};
    assert_int_equal(sj__tally_check(some, &toy, NULL), SJ_OK);
    assert_int_equal(sj_tally_subtract(some, more, NULL), SJ_OK);
    assert_int_equal(sj_tally_customers(some), -7);
    assert_int_equal(sj__tally_check(some, &toy, &error), SJ_ERR_NEGATIVE);
    assert_int_equal(error.code, SJ_ERR_NEGATIVE);
    assert_int_equal(sj_tally_merge(some, rest, NULL), SJ_OK);
    assert_true(same(some, none));
    sj_tally_free(some);
    sj_tally_free(more);
    sj_tally_free(rest);
    sj_tally_free(none);
}

static void a_tally_can_be_merged_with_itself(void **state)
{
    (void)state;
    sj_tally *one = count(0, 9), *twice = count(0, 9), *again = count(0, 9), *none = count(0, 0);
    assert_int_equal(sj_tally_merge(one, again, NULL), SJ_OK);
    assert_int_equal(sj_tally_merge(twice, twice, NULL), SJ_OK);
    assert_true(same(one, twice));
    assert_int_equal(sj_tally_subtract(twice, twice, NULL), SJ_OK);
    assert_true(same(twice, none));
    sj_tally_free(one);
    sj_tally_free(twice);
    sj_tally_free(again);
    sj_tally_free(none);
}

static void names_are_settled_in_bytewise_order_and_unused_ones_dropped(void **state)
{
    (void)state;
    sj_tally *tally = new_tally(TOY_TEXT, NULL);
    static const char *const names[] = {"b", "unused", "", "a", "\xc3\xa9"};
    int32_t number;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(sj__tally_name(tally, names[i], strlen(names[i]), &number, NULL), SJ_OK);
        assert_int_equal(number, i);
    }
    static const int32_t used[][3] = {{0, 4, 0}, {0, 3, 2}};
    size_t row;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sj__ledger_row(&tally->ledgers[1], used[i], 3, &row, NULL), SJ_OK);
        sj__ledger_counts(&tally->ledgers[1], row)[0] = 1;
    }
    assert_int_equal(sj__tally_settle(tally, NULL), SJ_OK);
    assert_int_equal(tally->names.count, 4);
    assert_string_equal(sj__intern_name(&tally->names, 0, NULL), "");
    assert_string_equal(sj__intern_name(&tally->names, 2, NULL), "b");
    static const int32_t expected[] = {0, 1, 0, 0, 3, 2};
    assert_memory_equal(tally->ledgers[1].parts, expected, sizeof expected);
    sj_tally_free(tally);
}

static void an_overflow_leaves_both_tallies_as_they_were(void **state)
{
    (void)state;
    sj_tally *a = count(0, 9), *b = count(0, 9), *before = count(0, 9);
    sj_error error = {0};
    b->customers = INT64_MAX - 3;
    a->customers = before->customers = 4;
    assert_int_equal(sj_tally_merge(a, b, &error), SJ_ERR_OVERFLOW);
    assert_int_equal(error.code, SJ_ERR_OVERFLOW);
    assert_true(same(a, before));
    sj__ledger_counts(&b->ledgers[2], 0)[0] = INT64_MAX;
    b->customers = 0;
    assert_int_equal(sj_tally_merge(a, b, &error), SJ_ERR_OVERFLOW);
    assert_non_null(strstr(error.message, "'all'"));
    assert_true(same(a, before));
    sj_tally_free(a);
    sj_tally_free(b);
    sj_tally_free(before);
}

/* ---------------------------------------------------------------------------------- mismatches --
 */

static void expect_mismatch(const char *here, const char *there, const char *message)
{
    sj_tally *a = new_tally(here, NULL), *b = new_tally(there, NULL);
    sj_error error = {0};
    assert_int_equal(sj_tally_merge(a, b, &error), SJ_ERR_MISMATCH);
    assert_string_equal(error.message, message);
    assert_int_equal(sj_tally_subtract(a, b, NULL), SJ_ERR_MISMATCH);
    sj_tally_free(a);
    sj_tally_free(b);
}

static void a_mismatch_names_the_first_line_that_differs(void **state)
{
    (void)state;
    expect_mismatch("analysis toy 3\nwindow 86400000000\n", "analysis toy 3\nwindow 3600000000\n",
                    "the tallies do not count the same thing: window 86400000000 here, 3600000000 "
                    "there");
    expect_mismatch("analysis toy 3\norder any\nwindow 5\n", "analysis toy 3\nwindow 5\n",
                    "the tallies do not count the same thing: order any here, not there");
    expect_mismatch("analysis toy 3\nwindow 5\n", "analysis toy 3\norder any\nwindow 5\n",
                    "the tallies do not count the same thing: order any there, not here");
    expect_mismatch("analysis toy 3\nwindow 5\n", "analysis toy 3\n",
                    "the tallies do not count the same thing: window 5 here, not there");
    expect_mismatch("analysis toy 3\n", "analysis toy 3\nwindow 5\n",
                    "the tallies do not count the same thing: window 5 there, not here");
    expect_mismatch("analysis toy 3\nsurvival\n", "analysis toy 3\nsurvival 1\n",
                    "the tallies do not count the same thing: survival here, 1 there");
}

static void a_comparison_may_differ_in_who_and_when(void **state)
{
    (void)state;
    sj_tally *a = new_tally("analysis toy 3\nobserved_from 1\nobserved_until 2\nfilter x\nas_of 1\n"
                            "window 5\n",
                            NULL);
    sj_tally *b =
        new_tally("analysis toy 3\nobserved_until 3\nwindow 5\nentry_from 7\nentry_to 8\n", NULL);
    sj_tally *c = new_tally("analysis toy 3\nobserved_until 3\nwindow 6\nentry_from 7\n", NULL);
    sj_error error = {0};
    assert_int_equal(sj__tally_comparable(a, b, &error), SJ_OK);
    assert_int_equal(sj__tally_comparable(b, a, &error), SJ_OK);
    assert_int_equal(error.code, SJ_OK);
    assert_int_equal(sj__tally_comparable(a, c, &error), SJ_ERR_MISMATCH);
    assert_non_null(strstr(error.message, "window 5 here, 6 there"));
    sj_tally_free(a);
    sj_tally_free(b);
    sj_tally_free(c);
}

static void a_tally_of_another_analysis_is_a_mismatch(void **state)
{
    (void)state;
    sj_tally *tally = count(0, 3);
    sj_error error = {0};
    assert_int_equal(sj__tally_check(tally, &other, &error), SJ_ERR_MISMATCH);
    assert_string_equal(error.message, "this is a tally of toy, not of other");
    assert_int_equal(sj__tally_check(NULL, &toy, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_tally_merge(tally, NULL, NULL), SJ_ERR_ARGUMENT);
    assert_int_equal(sj_tally_subtract(NULL, tally, NULL), SJ_ERR_ARGUMENT);
    sj_tally_free(tally);
    sj_tally_free(NULL);
    assert_int_equal(sj_tally_customers(NULL), 0);
    assert_null(sj_tally_text(NULL));
}

/* --------------------------------------------------------------------------------------- bytes --
 */

static void what_is_written_reads_back_to_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 40; n += 13) {
        sj_tally *tally = count(0, n), *more = count(50, 55), *back = NULL;
        sj_buffer *buffer = bytes_of(tally);
        assert_int_equal(sj__tally_read(toy_find, sj_buffer_data(buffer), sj_buffer_size(buffer),
                                        NULL, &back, NULL),
                         SJ_OK);
        assert_true(same(tally, back));
        assert_string_equal(sj_tally_text(back), TOY_TEXT);
        assert_int_equal(sj_tally_customers(back), n);
        assert_int_equal(sj_tally_merge(back, more, NULL), SJ_OK);
        assert_int_equal(sj_tally_merge(tally, back, NULL), SJ_OK);
        assert_int_equal(sj_tally_subtract(tally, more, NULL), SJ_OK);
        assert_int_equal(sj_tally_customers(tally), 2 * n);
        sj_buffer_free(buffer);
        sj_tally_free(tally);
        sj_tally_free(more);
        sj_tally_free(back);
    }
}

static void extreme_counters_read_back(void **state)
{
    (void)state;
    sj_tally *tally = new_tally(TOY_TEXT, NULL), *back = NULL;
    size_t row;
    const sj__i128 least = -(sj__i128)INT64_MAX * INT64_MAX * 2 - INT64_MAX;
    assert_int_equal(sj__ledger_row(&tally->ledgers[0], (int32_t[]){INT32_MIN}, 1, &row, NULL),
                     SJ_OK);
    sj__ledger_counts(&tally->ledgers[0], row)[0] = INT64_MIN;
    sj__ledger_sums(&tally->ledgers[0], row)[0] = least;
    assert_int_equal(sj__ledger_row(&tally->ledgers[0], (int32_t[]){INT32_MAX}, 1, &row, NULL),
                     SJ_OK);
    sj__ledger_counts(&tally->ledgers[0], row)[0] = INT64_MAX;
    sj__ledger_sums(&tally->ledgers[0], row)[0] = -least;
    assert_int_equal(sj__ledger_spread(&tally->ledgers[0], row, 0, INT64_MAX, NULL), SJ_OK);
    assert_int_equal(sj__tally_settle(tally, NULL), SJ_OK);
    sj_buffer *buffer = bytes_of(tally);
    assert_int_equal(
        sj__tally_read(toy_find, sj_buffer_data(buffer), sj_buffer_size(buffer), NULL, &back, NULL),
        SJ_OK);
    assert_true(sj__ledger_sums(&back->ledgers[0], 0)[0] == least);
    assert_true(sj__ledger_counts(&back->ledgers[0], 0)[0] == INT64_MIN);
    assert_true(sj__ledger_counts(&back->ledgers[0], 1)[0] == INT64_MAX);
    assert_true(same(tally, back));
    sj_buffer_free(buffer);
    sj_tally_free(tally);
    sj_tally_free(back);
}

/* A forger: bytes with a checksum that agrees. */
typedef struct forged {
    unsigned char bytes[1024];
    size_t n;
} forged;

static void forge(forged *to, const void *bytes, size_t n)
{
    assert_true(to->n + n + 8 <= sizeof to->bytes);
    memcpy(to->bytes + to->n, bytes, n);
    to->n += n;
}

static void forge_text(forged *to, const char *text)
{
    unsigned char n = (unsigned char)strlen(text);
    forge(to, &n, 1);
    forge(to, text, n);
}

static void forge_about(forged *to, size_t ledger)
{
    forge_text(to, toy_ledgers[ledger].name);
    forge_text(to, toy_ledgers[ledger].key);
    forge_text(to, toy_ledgers[ledger].counts);
    forge_text(to, toy_ledgers[ledger].sums);
    forge_text(to, toy_ledgers[ledger].spreads);
}

static void forge_checksum(forged *to)
{
    uint64_t sum = sj__hash_key(to->bytes, to->n);
    for (size_t i = 0; i < 8; i++)
        to->bytes[to->n++] = (unsigned char)(sum >> (8 * i));
}

/* A tally of 1 customer with these names and rows; every piece is bytes with its length. */
static sj_status read_forged(const char *text, const char *names, size_t n_names, const char *steps,
                             size_t n_steps, const char *paths, size_t n_paths, const char *tail,
                             sj_error *error)
{
    forged it = {.n = 0};
    sj_tally *tally = NULL;
    forge(&it, "\x89SJtally\x01\0\0\0", 12);
    forge_text(&it, text);
    forge(&it, "\x02", 1);
    forge(&it, names, n_names);
    forge_about(&it, 0);
    forge(&it, steps, n_steps);
    forge_about(&it, 1);
    forge(&it, paths, n_paths);
    forge_about(&it, 2);
    forge(&it, tail, strlen(tail) + 1); /* its NUL: no rows */
    forge_checksum(&it);
    sj_status status = sj__tally_read(toy_find, it.bytes, it.n, NULL, &tally, error);
    assert_true((status == SJ_OK) == (tally != NULL));
    if (tally != NULL) {
        sj_buffer *buffer = bytes_of(tally);
        assert_int_equal(sj_buffer_size(buffer), it.n);
        assert_memory_equal(sj_buffer_data(buffer), it.bytes, it.n);
        sj_buffer_free(buffer);
    }
    sj_tally_free(tally);
    return status;
}

#define NAMES_AB                                                                                   \
    "\x02\x01"                                                                                     \
    "a"                                                                                            \
    "\x01"                                                                                         \
    "b"
#define PATHS_AB "\x01\x03\x00\x00\x02\x02" /* one row: 3 parts 0, 0, 1; count 1 */

static void expect_forged(const char *names, size_t n_names, const char *steps, size_t n_steps,
                          const char *paths, size_t n_paths, const char *message)
{
    sj_error error = {0};
    sj_status status =
        read_forged(TOY_TEXT, names, n_names, steps, n_steps, paths, n_paths, "", &error);
    if (message == NULL) {
        assert_int_equal(status, SJ_OK);
        return;
    }
    assert_int_equal(status, SJ_ERR_FORMAT);
    assert_string_equal(error.message, message);
    assert_true(error.index > 0);
}

#define BYTES(text) text, sizeof(text) - 1

static void only_the_canonical_form_is_read(void **state)
{
    (void)state;
    expect_forged(BYTES(NAMES_AB), BYTES("\0"), BYTES(PATHS_AB), NULL);
    /* one step: key 1; reached 2, worth -1, wait 1 cell: bucket 5, count 1, sum 5 */
    expect_forged(BYTES(NAMES_AB), BYTES("\x01\x01\x02\x04\x01\x01\x05\x02\x0a"), BYTES(PATHS_AB),
                  NULL);
    expect_forged(BYTES("\x02\x01"
                        "b"
                        "\x01"
                        "a"),
                  BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: its names are not in order");
    expect_forged(BYTES("\x02\x01"
                        "a"
                        "\x01"
                        "a"),
                  BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: its names are not in order");
    expect_forged(BYTES("\x02\x02"
                        "aa"
                        "\x01"
                        "a"),
                  BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: its names are not in order");
    expect_forged(BYTES("\x02\x01"
                        "a"
                        "\x01"
                        "\xff"),
                  BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: its names are not in order");
    expect_forged(BYTES("\x03\x01"
                        "a"
                        "\x01"
                        "b"
                        "\x01"
                        "c"),
                  BYTES("\0"), BYTES(PATHS_AB),
                  "the tally is damaged: it has a name that no row uses");
    expect_forged(BYTES(NAMES_AB), BYTES("\0"), BYTES("\x01\x03\x00\x00\x04\x02"),
                  "the tally is damaged: a number is out of range");
    expect_forged(BYTES(NAMES_AB), BYTES("\0"), BYTES("\x01\x03\x00\x00\x02\x00"),
                  "the tally is damaged: a row says nothing");
    expect_forged(BYTES(NAMES_AB), BYTES("\0"), BYTES("\x02\x02\x00\x02\x02\x02\x00\x00\x02"),
                  "the tally is damaged: its rows are not in order");
    expect_forged(BYTES(NAMES_AB), BYTES("\0"),
                  BYTES("\x02\x03\x00\x00\x02\x02\x03\x00\x00\x02\x02"),
                  "the tally is damaged: its rows are not in order");
    expect_forged(BYTES(NAMES_AB), BYTES("\0"), BYTES("\x01\x00\x02"),
                  "the tally is damaged: a key has too many parts or too few");
    expect_forged(BYTES(NAMES_AB), BYTES("\x01\x02\x02\x02\x02\x02\x00"), BYTES(PATHS_AB),
                  "the tally is damaged: a key has too many parts or too few");
    /* numbers longer than need be, or longer than can be */
    expect_forged(BYTES("\x82\x00\x01"
                        "a"
                        "\x01"
                        "b"),
                  BYTES("\0"), BYTES(PATHS_AB),
                  "the tally is damaged: a number is longer than it need be");
    expect_forged(
        BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x07"),
        BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: a number is too large");
    expect_forged(
        BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        BYTES("\0"), BYTES(PATHS_AB), "the tally is damaged: a number is too large");
    expect_forged(BYTES("\xff\xff\xff\x7f"), BYTES("\0"), BYTES(PATHS_AB),
                  "the tally is damaged: it ends too early");
    /* spreads: a bucket twice, one that there is not, one that says nothing */
    expect_forged(BYTES(NAMES_AB), BYTES("\x01\x01\x02\x04\x01\x02\x05\x02\x0a\x00\x02\x0a"),
                  BYTES(PATHS_AB), "the tally is damaged: a distribution is not in order");
    expect_forged(BYTES(NAMES_AB), BYTES("\x01\x01\x02\x04\x01\x01\xff\x7f\x02\x0a"),
                  BYTES(PATHS_AB), "the tally is damaged: a distribution is not in order");
    expect_forged(BYTES(NAMES_AB), BYTES("\x01\x01\x02\x04\x01\x01\x05\x00\x00"), BYTES(PATHS_AB),
                  "the tally is damaged: a distribution is not in order");
    /* more rows than there are bytes */
    expect_forged(BYTES(NAMES_AB), BYTES("\xff\xff\x7f"), BYTES(PATHS_AB),
                  "the tally is damaged: it ends too early");
}

static sj_status read_text(const char *text, sj_error *error)
{
    return read_forged(text, BYTES(NAMES_AB), BYTES("\0"), BYTES(PATHS_AB), "", error);
}

static void the_text_must_name_an_analysis_that_is_known(void **state)
{
    (void)state;
    sj_error error = {0};
    assert_int_equal(read_text("analysis toy 3\n", NULL), SJ_OK);
    assert_int_equal(read_text("analysis toy 2\n", NULL), SJ_OK);
    assert_int_equal(read_text("analysis toy 4\n", &error), SJ_ERR_VERSION);
    assert_non_null(strstr(error.message, "newer library"));
    assert_int_equal(read_text("analysis tay 3\n", &error), SJ_ERR_FORMAT);
    assert_non_null(strstr(error.message, "analysis that this library does not know"));
    static const char *const wrong[] = {"",
                                        "\n",
                                        "analysis toy 3",
                                        "analysis \n",
                                        "analysis toy\n",
                                        "analysis toy x\n",
                                        "analysis toy 3\nx",
                                        "toy 3\n",
                                        "analysis toy 3 \n",
                                        "analysis toy 3\n\xff\n",
                                        "analysis\n toy 3\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(read_text(wrong[i], &error), SJ_ERR_FORMAT);
        assert_non_null(strstr(error.message, "does not name an analysis"));
    }
}

static void what_follows_the_end_is_refused(void **state)
{
    (void)state;
    sj_error error = {0};
    forged it = {.n = 0};
    sj_tally *tally = NULL;
    sj_tally *small = count(0, 1);
    sj_buffer *buffer = bytes_of(small);
    forge(&it, sj_buffer_data(buffer), sj_buffer_size(buffer) - 8);
    forge(&it, "\0", 1);
    forge_checksum(&it);
    assert_int_equal(sj__tally_read(toy_find, it.bytes, it.n, NULL, &tally, &error), SJ_ERR_FORMAT);
    assert_non_null(strstr(error.message, "something follows its end"));
    sj_buffer_free(buffer);
    sj_tally_free(small);
}

static void a_newer_format_is_another_version(void **state)
{
    (void)state;
    sj_tally *tally = count(0, 3), *back = tally;
    sj_buffer *buffer = bytes_of(tally);
    size_t n = sj_buffer_size(buffer);
    char *bytes = malloc(n);
    sj_error error = {0};
    memcpy(bytes, sj_buffer_data(buffer), n);
    bytes[8] = 2;
    assert_int_equal(sj__tally_read(toy_find, bytes, n, NULL, &back, &error), SJ_ERR_VERSION);
    assert_null(back);
    bytes[8] = 0;
    assert_int_equal(sj__tally_read(toy_find, bytes, n, NULL, &back, &error), SJ_ERR_FORMAT);
    bytes[0] = 'x';
    assert_int_equal(sj__tally_read(toy_find, bytes, n, NULL, &back, &error), SJ_ERR_FORMAT);
    assert_string_equal(error.message, "these bytes are no tally");
    assert_int_equal(sj__tally_read(toy_find, NULL, 0, NULL, &back, &error), SJ_ERR_FORMAT);
    assert_int_equal(sj__tally_read(toy_find, bytes, n, NULL, NULL, &error), SJ_ERR_ARGUMENT);
    sj_buffer_free(buffer);
    assert_int_equal(sj_tally_write(NULL, &buffer, &error), SJ_ERR_ARGUMENT);
    assert_null(buffer);
    free(bytes);
    sj_tally_free(tally);
}

static void every_flipped_bit_and_every_cut_is_noticed(void **state)
{
    (void)state;
    sj_tally *tally = count(0, 12), *back = NULL;
    sj_buffer *buffer = bytes_of(tally);
    size_t n = sj_buffer_size(buffer);
    unsigned char *bytes = malloc(n);
    for (size_t i = 0; i < 8 * n; i++) {
        memcpy(bytes, sj_buffer_data(buffer), n);
        bytes[i / 8] = (unsigned char)(bytes[i / 8] ^ 1u << (i % 8));
        sj_status status = sj__tally_read(toy_find, bytes, n, NULL, &back, NULL);
        assert_true(status == SJ_ERR_FORMAT ||
                    (status == SJ_ERR_VERSION && i / 8 >= 8 && i / 8 < 12));
        assert_null(back);
    }
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *exact = malloc(cut > 0 ? cut : 1);
        memcpy(exact, sj_buffer_data(buffer), cut);
        assert_int_equal(sj__tally_read(toy_find, exact, cut, NULL, &back, NULL), SJ_ERR_FORMAT);
        free(exact);
    }
    free(bytes);
    sj_buffer_free(buffer);
    sj_tally_free(tally);
}

/* ------------------------------------------------------------------------- forged and hungry -- */

typedef struct watched {
    size_t now, most;
} watched;

static void *watched_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    watched *memory = user;
    if (new_size == 0) {
        memory->now -= old_size;
        free(ptr);
        return NULL;
    }
    if (memory->now + new_size > memory->most) /* while both blocks are there */
        memory->most = memory->now + new_size;
    memory->now += new_size - old_size;
    return realloc(ptr, new_size);
}

/* Bytes that are changed at random, but for the checksum, either are refused or are a tally in
 * canonical form; and they never cost more than 64 times their size. */
static void forged_bytes_are_refused_or_canonical_and_never_hungry(void **state)
{
    (void)state;
    uint64_t random = 7;
    size_t read = 0;
    for (int round = 0; round < 30000; round++) {
        uint64_t customers = next_random(&random) % 4;
        static sj_buffer *originals[4];
        if (originals[customers] == NULL) {
            sj_tally *tally = count(0, customers * 3);
            originals[customers] = bytes_of(tally);
            sj_tally_free(tally);
        }
        const sj_buffer *original = originals[customers];
        size_t n = sj_buffer_size(original);
        unsigned char *bytes = malloc(n);
        memcpy(bytes, sj_buffer_data(original), n);
        for (uint64_t k = next_random(&random) % 3; k < 3; k++)
            bytes[12 + next_random(&random) % (n - 20)] =
                (unsigned char)(next_random(&random) % 2 ? next_random(&random) & 7
                                                         : next_random(&random));
        uint64_t sum = sj__hash_key(bytes, n - 8);
        for (size_t i = 0; i < 8; i++)
            bytes[n - 8 + i] = (unsigned char)(sum >> (8 * i));
        watched memory = {0, 0};
        sj_allocator a = {watched_resize, &memory};
        sj_tally *back = NULL;
        if (sj__tally_read(toy_find, bytes, n, &a, &back, NULL) == SJ_OK) {
            sj_buffer *again = bytes_of(back);
            assert_int_equal(sj_buffer_size(again), n);
            assert_memory_equal(sj_buffer_data(again), bytes, n);
            sj_buffer_free(again);
            sj_tally_free(back);
            read++;
        }
        assert_int_equal(memory.now, 0);
        assert_in_range(memory.most, 0, 64 * n);
        free(bytes);
        if (round == 29999) {
            for (size_t i = 0; i < 4; i++)
                sj_buffer_free(originals[i]);
        }
    }
    assert_true(read > 100);
}

static void put_varint(sj__text *to, uint64_t v)
{
    for (; v > 127; v >>= 7)
        sj__text_char(to, (char)(unsigned char)(v | 128));
    sj__text_char(to, (char)v);
}

/* As many rows as fit into few bytes: what costs most to read. */
static void the_densest_bytes_stay_within_64_times_their_size(void **state)
{
    (void)state;
    static const char *const about[][5] = {{"steps", "i", "reached", "worth", "wait"},
                                           {"paths", "in*", "count", "", ""},
                                           {"all", "", "events", "", ""}};
    sj_allocator heap = sj__allocator(NULL);
    for (uint64_t rows = 100; rows <= 10000; rows *= 10) {
        sj__text text;
        sj__text_init(&text, &heap);
        sj__text_bytes(&text, "\x89SJtally\x01\0\0\0", 12);
        put_varint(&text, strlen(TOY_TEXT));
        sj__text_add(&text, TOY_TEXT);
        sj__text_bytes(&text, "\0\0", 2); /* customers, names */
        for (size_t ledger = 0; ledger < 3; ledger++) {
            for (size_t i = 0; i < 5; i++) {
                put_varint(&text, strlen(about[ledger][i]));
                sj__text_add(&text, about[ledger][i]);
            }
            put_varint(&text, ledger == 2 ? 0 : rows);
            for (uint64_t row = 0; row < rows && ledger < 2; row++) {
                sj__text_char(&text, 1);
                put_varint(&text, 2 * row);
                sj__text_char(&text, 2);
                if (ledger == 0)
                    sj__text_bytes(&text, "\0\x01\0\0\x01", row % 2 ? 5 : 2);
                if (ledger == 0 && row % 2 == 0)
                    text.data[text.size - 1] = 0; /* no cells */
            }
        }
        uint64_t sum = sj__hash_key(text.data, text.size);
        for (size_t i = 0; i < 8; i++)
            sj__text_char(&text, (char)(unsigned char)(sum >> (8 * i)));
        watched memory = {0, 0};
        sj_allocator a = {watched_resize, &memory};
        sj_tally *back = NULL;
        assert_int_equal(sj__tally_read(toy_find, text.data, text.size, &a, &back, NULL), SJ_OK);
        assert_in_range(memory.most, 0, 64 * text.size);
        sj_tally_free(back);
        sj__text_free(&text);
    }
}

static void a_claim_of_more_rows_than_there_is_room_for_costs_nothing(void **state)
{
    (void)state;
    static char zeros[5000];
    sj_allocator heap = sj__allocator(NULL);
    sj__text text;
    sj__text_init(&text, &heap);
    sj__text_bytes(&text, "\x89SJtally\x01\0\0\0", 12);
    put_varint(&text, strlen(TOY_TEXT));
    sj__text_add(&text, TOY_TEXT);
    sj__text_bytes(&text, "\0\0\x05steps\x01i\x07reached\x05worth\x04wait", 29);
    put_varint(&text, sizeof zeros);
    sj__text_bytes(&text, zeros, sizeof zeros);
    uint64_t sum = sj__hash_key(text.data, text.size);
    for (size_t i = 0; i < 8; i++)
        sj__text_char(&text, (char)(unsigned char)(sum >> (8 * i)));
    watched memory = {0, 0};
    sj_allocator a = {watched_resize, &memory};
    sj_tally *back = NULL;
    sj_error error = {0};
    assert_int_equal(sj__tally_read(toy_find, text.data, text.size, &a, &back, &error),
                     SJ_ERR_FORMAT);
    assert_non_null(strstr(error.message, "ends too early"));
    assert_in_range(memory.most, 0, text.size);
    sj__text_free(&text);
}

/* ---------------------------------------------------------------------------- without memory -- */

/* Bytes of a tally, with allocations that neither fail nor count. */
static sj_buffer *look(const sj_tally *tally, failing *memory)
{
    uint64_t requests = memory->requests, fail_at = memory->fail_at;
    memory->fail_at = 0;
    sj_buffer *buffer = bytes_of(tally);
    memory->requests = requests;
    memory->fail_at = fail_at;
    return buffer;
}

static sj_status merge_watched(sj_tally *to, const sj_tally *from, failing *memory, sj_error *error)
{
    sj_buffer *before = look(to, memory);
    sj_status status = sj_tally_merge(to, from, error);
    sj_buffer *after = look(to, memory);
    if (status != SJ_OK) {
        assert_int_equal(sj_buffer_size(before), sj_buffer_size(after));
        assert_memory_equal(sj_buffer_data(before), sj_buffer_data(after), sj_buffer_size(after));
    }
    sj_buffer_free(before);
    sj_buffer_free(after);
    return status;
}

static sj_status merge_and_back(failing *memory, const sj_buffer *bytes, sj_error *error)
{
    sj_allocator a = failing_allocator(memory);
    sj_tally *tally = NULL, *back = NULL;
    sj_buffer *buffer = NULL;
    sj_status status = sj__tally_new(&toy, TOY_TEXT, strlen(TOY_TEXT), &a, &tally, error);
    for (uint64_t c = 0; c < 8 && status == SJ_OK; c++)
        status = count_customer(tally, c, error);
    if (status == SJ_OK)
        status = sj__tally_settle(tally, error);
    if (status == SJ_OK)
        status = sj__tally_read(toy_find, sj_buffer_data(bytes), sj_buffer_size(bytes), &a, &back,
                                error);
    if (status == SJ_OK)
        status = merge_watched(back, tally, memory, error);
    if (status == SJ_OK)
        status = sj_tally_write(back, &buffer, error);
    sj_buffer_free(buffer);
    sj_tally_free(tally);
    sj_tally_free(back);
    return status;
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    sj_tally *some = count(4, 14);
    sj_buffer *bytes = bytes_of(some);
    failing counted = {0};
    assert_int_equal(merge_and_back(&counted, bytes, NULL), SJ_OK);
    failing_check(&counted);
    assert_true(counted.requests > 50);
    for (uint64_t k = 1; k <= counted.requests; k++) {
        failing once = {.fail_at = k};
        sj_error error = {0};
        assert_int_equal(merge_and_back(&once, bytes, &error), SJ_ERR_NOMEM);
        assert_int_equal(error.code, SJ_ERR_NOMEM);
        failing_check(&once);
    }
    sj_buffer_free(bytes);
    sj_tally_free(some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_tree_of_merges_gives_the_same_bytes),
        cmocka_unit_test(subtracting_some_leaves_the_tally_of_the_rest),
        cmocka_unit_test(subtracting_everyone_one_by_one_leaves_the_empty_tally),
        cmocka_unit_test(a_difference_may_be_negative_and_cannot_be_concluded),
        cmocka_unit_test(a_tally_can_be_merged_with_itself),
        cmocka_unit_test(names_are_settled_in_bytewise_order_and_unused_ones_dropped),
        cmocka_unit_test(an_overflow_leaves_both_tallies_as_they_were),
        cmocka_unit_test(a_mismatch_names_the_first_line_that_differs),
        cmocka_unit_test(a_comparison_may_differ_in_who_and_when),
        cmocka_unit_test(a_tally_of_another_analysis_is_a_mismatch),
        cmocka_unit_test(what_is_written_reads_back_to_the_same_bytes),
        cmocka_unit_test(extreme_counters_read_back),
        cmocka_unit_test(only_the_canonical_form_is_read),
        cmocka_unit_test(the_text_must_name_an_analysis_that_is_known),
        cmocka_unit_test(what_follows_the_end_is_refused),
        cmocka_unit_test(a_newer_format_is_another_version),
        cmocka_unit_test(every_flipped_bit_and_every_cut_is_noticed),
        cmocka_unit_test(forged_bytes_are_refused_or_canonical_and_never_hungry),
        cmocka_unit_test(the_densest_bytes_stay_within_64_times_their_size),
        cmocka_unit_test(a_claim_of_more_rows_than_there_is_room_for_costs_nothing),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
