/* What a tally's bytes must not depend on: threads, order of rows, batches, shards and how they
 * were merged, what else a scan was asked, whether it was written and read; and that subtraction
 * undoes addition.  Every analysis, several sets of options each.
 *
 * With --print the program prints a hash of each question's bytes instead: two builds of the
 * library that differ in how they scan must print the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "property/journeys.h"
#include "property/questions.h"

enum { BYTES_CUSTOMERS = 160, BYTES_LONGEST = 90, BYTES_QUESTIONS = 128 };

/* The journeys of one seed as graphs, with the reference bytes of each question on each of them. */
typedef struct bytes_world {
    journeys journeys;
    sj_graph *graph; /* ties by arrival */
    sj_graph *named; /* ties by name */
    size_t n_questions, n_later;
    int later[BYTES_QUESTIONS];
    sj_buffer *wanted[BYTES_QUESTIONS];
    sj_buffer *wanted_named[BYTES_QUESTIONS];
} bytes_world;

static bytes_world bytes_here;

/* NULL where the question is not built yet. */
static sj_tally *bytes_tally(size_t question, const sj_graph *graph, int64_t threads)
{
    const sj_run run = {.struct_size = sizeof run, .threads = threads};
    sj_error error = {0};
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_status status = questions_plan(question, graph, &plan, &error);

    if (questions_later(status, &error))
        return NULL;
    journeys_must(status, &error, questions_name(question));
    journeys_must(sj_scan(&plan, 1, &run, &tally, &error), &error, questions_name(question));
    sj_plan_free(plan);
    return tally;
}

static sj_buffer *bytes_of(const sj_tally *tally)
{
    sj_error error = {0};
    sj_buffer *buffer = NULL;

    journeys_must(sj_tally_write(tally, &buffer, &error), &error, "writing a tally");
    return buffer;
}

/* Frees both arguments' right-hand side: the tally is used up. */
static void bytes_expect(size_t question, sj_tally *tally, const sj_buffer *wanted,
                         const char *what)
{
    sj_buffer *found = bytes_of(tally);

    if (sj_buffer_size(found) != sj_buffer_size(wanted) ||
        memcmp(sj_buffer_data(found), sj_buffer_data(wanted), sj_buffer_size(wanted)) != 0)
        fail_msg("%s: %s: other bytes (%zu, %zu)", questions_name(question), what,
                 sj_buffer_size(found), sj_buffer_size(wanted));
    sj_buffer_free(found);
    sj_tally_free(tally);
}

static sj_graph *bytes_build(const journeys *j, int32_t ties, size_t batch, uint64_t declare_seed)
{
    const journeys_how how = {.ties = ties, .batch = batch, .declare_seed = declare_seed};

    return journeys_graph(j, &how);
}

static void bytes_reference(bytes_world *world)
{
    for (size_t q = 0; questions_name(q); q++) {
        sj_tally *tally = bytes_tally(q, world->graph, 1);

        world->n_questions = q + 1;
        world->later[q] = tally == NULL;
        if (!tally) {
            world->n_later++;
            continue;
        }
        world->wanted[q] = bytes_of(tally);
        sj_tally_free(tally);
        tally = bytes_tally(q, world->named, 1);
        world->wanted_named[q] = bytes_of(tally);
        sj_tally_free(tally);
    }
}

static void bytes_open(bytes_world *world, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    journeys_make(&world->journeys, seed, BYTES_CUSTOMERS, BYTES_LONGEST);
    world->graph = bytes_build(&world->journeys, SJ_TIES_ARRIVAL, 0, 0);
    world->named = bytes_build(&world->journeys, SJ_TIES_NAME, 0, 0);
    bytes_reference(world);
}

static void bytes_close(bytes_world *world)
{
    for (size_t q = 0; q < world->n_questions; q++) {
        sj_buffer_free(world->wanted[q]);
        sj_buffer_free(world->wanted_named[q]);
    }
    sj_graph_free(world->graph);
    sj_graph_free(world->named);
    journeys_drop(&world->journeys);
}

/* Compares every question's bytes on `graph`, and gives the graph back. */
static void bytes_expect_all(sj_graph *graph, sj_buffer *const *wanted, int64_t threads,
                             const char *what)
{
    for (size_t q = 0; q < bytes_here.n_questions; q++)
        if (!bytes_here.later[q])
            bytes_expect(q, bytes_tally(q, graph, threads), wanted[q], what);
    sj_graph_free(graph);
}

static int bytes_setup(void **state)
{
    (void)state;
    bytes_open(&bytes_here, 20260101);
    return 0;
}

static int bytes_teardown(void **state)
{
    (void)state;
    bytes_close(&bytes_here);
    return 0;
}

/* ---- tests ---- */

static void a_fifth_of_the_events_are_tied_and_lengths_are_unequal(void **state)
{
    uint64_t longest = 0, customers = sj_graph_count(bytes_here.graph, SJ_KIND_CUSTOMERS);

    (void)state;
    for (uint64_t c = 0; c < customers; c++)
        if (sj_graph_length(bytes_here.graph, c) > longest)
            longest = sj_graph_length(bytes_here.graph, c);
    print_message(
        "# %zu rows, %.0f%% of them tied, longest journey %u; %zu questions, %zu not built yet\n",
        bytes_here.journeys.n_rows, 100 * journeys_tied(&bytes_here.journeys), (unsigned)longest,
        bytes_here.n_questions, bytes_here.n_later);
    assert_true(journeys_tied(&bytes_here.journeys) >= 0.2);
    assert_true(longest * customers > 4 * bytes_here.journeys.n_rows);
    /* Ranges of 64 events: there are many. */
    assert_true(bytes_here.journeys.n_rows > 20 * 64);
    assert_true(bytes_here.n_questions - bytes_here.n_later >= 8);
}

static void questions_have_answers_worth_comparing(void **state)
{
    (void)state;
    for (size_t q = 0; q < bytes_here.n_questions; q++) {
        sj_tally *tally;

        if (bytes_here.later[q])
            continue;
        tally = bytes_tally(q, bytes_here.graph, 1);
        assert_int_equal(sj_tally_customers(tally),
                         (int64_t)sj_graph_count(bytes_here.graph, SJ_KIND_CUSTOMERS));
        assert_true(sj_buffer_size(bytes_here.wanted[q]) > strlen(sj_tally_text(tally)));
        for (size_t other = 0; other < q; other++)
            if (!bytes_here.later[other] &&
                sj_buffer_size(bytes_here.wanted[q]) == sj_buffer_size(bytes_here.wanted[other]))
                assert_memory_not_equal(sj_buffer_data(bytes_here.wanted[q]),
                                        sj_buffer_data(bytes_here.wanted[other]),
                                        sj_buffer_size(bytes_here.wanted[q]));
        sj_tally_free(tally);
    }
}

static void threads_change_no_byte(void **state)
{
    static const int64_t counts[] = {1, 2, 7};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t q = 0; q < bytes_here.n_questions; q++)
            if (!bytes_here.later[q])
                bytes_expect(q, bytes_tally(q, bytes_here.graph, counts[i]), bytes_here.wanted[q],
                             "threads");
}

static void batches_and_order_of_declaration_change_no_byte(void **state)
{
    (void)state;
    bytes_expect_all(bytes_build(&bytes_here.journeys, SJ_TIES_ARRIVAL, 1, 5), bytes_here.wanted, 1,
                     "event by event");
    bytes_expect_all(bytes_build(&bytes_here.journeys, SJ_TIES_ARRIVAL, 37, 6), bytes_here.wanted,
                     2, "batches of 37");
}

static void rows_shuffled_across_customers_change_no_byte(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        journeys_shuffle(&bytes_here.journeys, 0);
        bytes_expect_all(bytes_build(&bytes_here.journeys, SJ_TIES_ARRIVAL, 100, 0),
                         bytes_here.wanted, 1, "across customers");
    }
}

static void all_rows_shuffled_change_no_byte_where_ties_go_by_name(void **state)
{
    journeys copy = bytes_here.journeys;

    (void)state;
    copy.rows = malloc(copy.n_rows * sizeof *copy.rows);
    assert_non_null(copy.rows);
    memcpy(copy.rows, bytes_here.journeys.rows, copy.n_rows * sizeof *copy.rows);
    for (int i = 0; i < 3; i++) {
        journeys_shuffle(&copy, 1);
        bytes_expect_all(bytes_build(&copy, SJ_TIES_NAME, 0, (uint64_t)i), bytes_here.wanted_named,
                         1, "all rows");
    }
    journeys_drop(&copy);
}

/* Splits the customers at random into shards, each with a vocabulary of its own, and adds their
 * tallies in a random tree. */
static void bytes_merge_tree(size_t question, sj_graph **shards, size_t n, uint64_t *random)
{
    sj_tally *tallies[16];
    sj_error error = {0};

    for (size_t i = 0; i < n; i++)
        tallies[i] = bytes_tally(question, shards[i], 1);
    while (n > 1) {
        size_t to = (size_t)(journeys_random(random) % n),
               from = (size_t)(journeys_random(random) % (n - 1));

        from += from >= to;
        journeys_must(sj_tally_merge(tallies[to], tallies[from], &error), &error,
                      questions_name(question));
        sj_tally_free(tallies[from]);
        tallies[from] = tallies[--n];
    }
    bytes_expect(question, tallies[0], bytes_here.wanted[question], "merged shards");
}

static void bytes_check_shards(size_t n, uint64_t *random)
{
    sj_graph *shards[16];
    uint8_t *shard = malloc(BYTES_CUSTOMERS), *keep = malloc(BYTES_CUSTOMERS);
    int differ = 0;

    assert_non_null(shard);
    assert_non_null(keep);
    for (size_t c = 0; c < BYTES_CUSTOMERS; c++)
        shard[c] = (uint8_t)(journeys_random(random) % n);
    for (size_t s = 0; s < n; s++) {
        const journeys_how how = {
            .ties = SJ_TIES_ARRIVAL, .keep = keep, .batch = 50, .declare_seed = s + 1};

        for (size_t c = 0; c < BYTES_CUSTOMERS; c++)
            keep[c] = shard[c] == s;
        shards[s] = journeys_graph(&bytes_here.journeys, &how);
        differ |= s > 0 && strcmp(sj_graph_name(shards[s], SJ_KIND_TOUCHPOINTS, 0),
                                  sj_graph_name(shards[0], SJ_KIND_TOUCHPOINTS, 0)) != 0;
    }
    assert_true(differ);
    for (size_t q = 0; q < bytes_here.n_questions; q++)
        if (!bytes_here.later[q])
            bytes_merge_tree(q, shards, n, random);
    for (size_t s = 0; s < n; s++)
        sj_graph_free(shards[s]);
    free(shard);
    free(keep);
}

static void shards_merge_to_the_bytes_of_the_whole(void **state)
{
    uint64_t random = 99;

    (void)state;
    bytes_check_shards(3, &random);
    bytes_check_shards(16, &random);
}

static sj_graph *bytes_select(const sj_selection *selection)
{
    sj_error error = {0};
    sj_graph *graph = NULL;

    journeys_must(sj_graph_select(bytes_here.graph, selection, NULL, &graph, &error), &error,
                  "selecting");
    return graph;
}

static void bytes_subtract(size_t question, sj_tally *tally, sj_graph *graph)
{
    sj_error error = {0};
    sj_tally *part = bytes_tally(question, graph, 1);

    journeys_must(sj_tally_subtract(tally, part, &error), &error, questions_name(question));
    sj_tally_free(part);
}

static void customers_subtracted_one_by_one_leave_the_rest_and_then_nothing(void **state)
{
    uint64_t customers = sj_graph_count(bytes_here.graph, SJ_KIND_CUSTOMERS), half = customers / 2;
    uint64_t *gone = malloc(customers * sizeof *gone);
    sj_graph **single = malloc(customers * sizeof *single);
    sj_graph *rest, *nobody;

    (void)state;
    assert_non_null(gone);
    assert_non_null(single);
    for (uint64_t c = 0; c < customers; c++) {
        gone[c] = c;
        single[c] = bytes_select(&(sj_selection){
            .struct_size = sizeof(sj_selection), .include = &gone[c], .n_include = 1});
    }
    rest = bytes_select(
        &(sj_selection){.struct_size = sizeof(sj_selection), .exclude = gone, .n_exclude = half});
    nobody = bytes_select(
        &(sj_selection){.struct_size = sizeof(sj_selection), .include = gone, .n_include = 0});
    assert_int_equal(sj_graph_count(nobody, SJ_KIND_CUSTOMERS), 0);
    for (size_t q = 0; q < bytes_here.n_questions; q++) {
        sj_buffer *wanted_rest, *wanted_none;
        sj_tally *tally, *other;
        sj_error error = {0};

        if (bytes_here.later[q])
            continue;
        wanted_rest = bytes_of(other = bytes_tally(q, rest, 1));
        sj_tally_free(other);
        wanted_none = bytes_of(other = bytes_tally(q, nobody, 1));
        tally = bytes_tally(q, bytes_here.graph, 1);
        for (uint64_t c = 0; c < half; c++)
            bytes_subtract(q, tally, single[c]);
        /* A copy of what is left, by way of the empty tally. */
        journeys_must(sj_tally_merge(other, tally, &error), &error, questions_name(q));
        bytes_expect(q, other, wanted_rest, "half subtracted");
        for (uint64_t c = half; c < customers; c++)
            bytes_subtract(q, tally, single[c]);
        assert_int_equal(sj_tally_customers(tally), 0);
        bytes_expect(q, tally, wanted_none, "all subtracted");
        sj_buffer_free(wanted_rest);
        sj_buffer_free(wanted_none);
    }
    for (uint64_t c = 0; c < customers; c++)
        sj_graph_free(single[c]);
    sj_graph_free(rest);
    sj_graph_free(nobody);
    free(single);
    free(gone);
}

static void a_difference_below_zero_is_a_tally_but_no_answer(void **state)
{
    (void)state;
    for (size_t q = 0; q < bytes_here.n_questions; q++) {
        sj_error error = {0};
        sj_result *result = NULL;
        sj_tally *tally, *twice;

        if (bytes_here.later[q])
            continue;
        tally = bytes_tally(q, bytes_here.graph, 1);
        twice = bytes_tally(q, bytes_here.graph, 1);
        journeys_must(sj_tally_merge(twice, tally, &error), &error, "adding");
        journeys_must(sj_tally_subtract(tally, twice, &error), &error, "subtracting");
        assert_true(sj_tally_customers(tally) < 0);
        assert_int_equal(questions_conclude(q, tally, &result, &error), SJ_ERR_NEGATIVE);
        assert_null(result);
        journeys_must(sj_tally_merge(tally, twice, &error), &error, "adding back");
        sj_tally_free(twice);
        bytes_expect(q, tally, bytes_here.wanted[q], "there and back");
    }
}

static void all_questions_in_one_scan_get_the_bytes_of_each_alone(void **state)
{
    static const int64_t counts[] = {1, 7};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const sj_run run = {.struct_size = sizeof run, .threads = counts[i]};
        sj_plan *plans[BYTES_QUESTIONS];
        sj_tally *tallies[BYTES_QUESTIONS];
        size_t number[BYTES_QUESTIONS], n = 0;
        sj_error error = {0};

        for (size_t q = 0; q < bytes_here.n_questions; q++) {
            if (bytes_here.later[q])
                continue;
            journeys_must(questions_plan(q, bytes_here.graph, &plans[n], &error), &error,
                          questions_name(q));
            number[n++] = q;
        }
        journeys_must(sj_scan(plans, n, &run, tallies, &error), &error, "one scan for all");
        for (size_t k = 0; k < n; k++) {
            bytes_expect(number[k], tallies[k], bytes_here.wanted[number[k]], "one scan for all");
            sj_plan_free(plans[k]);
        }
    }
}

static void a_tally_read_back_is_the_tally_that_was_written(void **state)
{
    (void)state;
    for (size_t q = 0; q < bytes_here.n_questions; q++) {
        sj_error error = {0};
        sj_tally *tally = NULL, *scanned;

        if (bytes_here.later[q])
            continue;
        scanned = bytes_tally(q, bytes_here.graph, 1);
        journeys_must(sj_tally_read(sj_buffer_data(bytes_here.wanted[q]),
                                    sj_buffer_size(bytes_here.wanted[q]), NULL, &tally, &error),
                      &error, questions_name(q));
        assert_string_equal(sj_tally_text(tally), sj_tally_text(scanned));
        assert_int_equal(sj_tally_customers(tally), sj_tally_customers(scanned));
        sj_tally_free(scanned);
        bytes_expect(q, tally, bytes_here.wanted[q], "written and read");
    }
}

/* FNV-1a */
static uint64_t bytes_hash(const sj_buffer *buffer)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const char *data = sj_buffer_data(buffer);

    for (size_t i = 0; i < sj_buffer_size(buffer); i++)
        hash = (hash ^ (uint8_t)data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static int bytes_print(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        bytes_open(&bytes_here, seed);
        for (size_t q = 0; q < bytes_here.n_questions; q++)
            if (!bytes_here.later[q])
                printf("%u %s: %016llx %016llx\n", (unsigned)seed, questions_name(q),
                       (unsigned long long)bytes_hash(bytes_here.wanted[q]),
                       (unsigned long long)bytes_hash(bytes_here.wanted_named[q]));
        bytes_close(&bytes_here);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fifth_of_the_events_are_tied_and_lengths_are_unequal),
        cmocka_unit_test(questions_have_answers_worth_comparing),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(batches_and_order_of_declaration_change_no_byte),
        cmocka_unit_test(rows_shuffled_across_customers_change_no_byte),
        cmocka_unit_test(all_rows_shuffled_change_no_byte_where_ties_go_by_name),
        cmocka_unit_test(shards_merge_to_the_bytes_of_the_whole),
        cmocka_unit_test(customers_subtracted_one_by_one_leave_the_rest_and_then_nothing),
        cmocka_unit_test(a_difference_below_zero_is_a_tally_but_no_answer),
        cmocka_unit_test(all_questions_in_one_scan_get_the_bytes_of_each_alone),
        cmocka_unit_test(a_tally_read_back_is_the_tally_that_was_written),
    };

    if (argc > 1 && strcmp(argv[1], "--print") == 0)
        return bytes_print();
    return cmocka_run_group_tests_name("bytes", tests, bytes_setup, bytes_teardown);
}
