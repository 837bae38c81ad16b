/* Paths over small random journeys against the plain second implementation (oracle/path_oracle.c):
 * every row of the table in its order, cut and uncut; counts that add up at every branch; the
 * layers; and that paths agree to the unit with the graph's transitions and with what a funnel says
 * came next.  2,000 graphs by default; SOJOURN_LONG asks for more. */
#include "oracle/path_oracle.h"
#include "property/alike.h"

enum { PATHS_ROUNDS = 2000 };

typedef struct paths_counts {
    uint64_t rows, paths, by_way[4], by_occurrence[3], cut, distinct, sessions, collapsed, edges,
        next;
} paths_counts;

typedef struct paths_asked {
    const sj_graph *graph;
    const sj_path_options *options;
} paths_asked;

static int paths_meets(void *user, const sj_moment *moment, int which)
{
    const paths_asked *asked = user;
    return alike_is(asked->graph, which ? asked->options->to : asked->options->from, moment);
}

static sj_path_options paths_question(alike *random, paths_counts *counts)
{
    const uint64_t way = alike_below(random, 4);
    sj_path_options options = {.struct_size = sizeof options};
    if (way & 1)
        options.from = alike_conditions[alike_below(random, ALIKE_CONDITIONS)];
    if (way & 2)
        options.to = alike_conditions[alike_below(random, ALIKE_CONDITIONS)];
    options.depth = (int32_t[]){0, 1, 2, 5, 64}[alike_below(random, 5)];
    options.occurrence = (int32_t)alike_below(random, 4);
    options.count = (int32_t)alike_below(random, 3);
    options.collapse = alike_below(random, 2) ? 7 : 0;
    options.session_gap = (int64_t[]){0, SJ_INSTANT, SJ_UNLIMITED, 2 * random->unit,
                                      5 * random->unit}[alike_below(random, 5)];
    options.top = (int64_t[]){0, 1, 2, 1000}[alike_below(random, 4)];
    counts->by_way[way]++;
    counts->by_occurrence[options.occurrence ? options.occurrence - 1 : 0]++;
    counts->cut += options.top == 1 || options.top == 2;
    counts->collapsed += options.collapse != 0;
    counts->sessions += options.session_gap != 0 && options.session_gap != SJ_UNLIMITED;
    return options;
}

static void paths_compare(const sj_table *table, const path_oracle_answer *wanted)
{
    const int64_t *depth = sj_table_integers(table, "depth"),
                  *count = sj_table_integers(table, "count");
    const double *share = sj_table_reals(table, "share");
    assert_int_equal(sj_table_rows(table), wanted->n_rows);
    for (size_t i = 0; i < wanted->n_rows; i++) {
        assert_string_equal(sj_table_text(table, "path", i), wanted->rows[i].path);
        assert_int_equal(depth[i], wanted->rows[i].depth);
        assert_int_equal(count[i], wanted->rows[i].count);
        if (wanted->rows[0].count)
            assert_true(share[i] == (double)count[i] / (double)wanted->rows[0].count);
    }
}

/* What goes into a node of a layer comes out of it, but for ends and the last layer; the first
 * comes from the anchor. */
static void paths_check_layers(const sj_table *table, const path_oracle_answer *wanted,
                               const sj_path_options *options)
{
    const int64_t *layer = sj_table_integers(table, "layer"),
                  *count = sj_table_integers(table, "count");
    const int backwards = options->to && !options->from;
    const char *near = backwards ? "to" : "from", *far = backwards ? "from" : "to";
    const int64_t depth = options->depth ? options->depth : 5, last = depth < 5 ? depth : 5;
    int64_t first = 0;
    for (size_t i = 0; i < sj_table_rows(table); i++) {
        const char *name = sj_table_text(table, far, i);
        int64_t in = 0, out = 0;
        assert_in_range(layer[i], 1, last);
        assert_true(count[i] > 0);
        first += layer[i] == 1 ? count[i] : 0;
        if (layer[i] == last || (name[0] == '(' && strcmp(name, "(other)") != 0))
            continue;
        for (size_t k = 0; k < sj_table_rows(table); k++) {
            in += layer[k] == layer[i] && strcmp(sj_table_text(table, far, k), name) == 0 ? count[k]
                                                                                          : 0;
            out += layer[k] == layer[i] + 1 && strcmp(sj_table_text(table, near, k), name) == 0
                       ? count[k]
                       : 0;
        }
        assert_int_equal(in, out);
    }
    assert_int_equal(first, wanted->rows[0].count);
}

static void paths_round(const sj_graph *graph, const sj_path_options *options, paths_counts *counts)
{
    paths_asked asked = {graph, options};
    const path_oracle_question question = {options, paths_meets, &asked};
    const sj_run run = {.struct_size = sizeof run, .threads = 1 + (int64_t)(counts->rows % 3)};
    const int adds_up =
        options->occurrence != SJ_OCCURRENCE_EVERY || options->count == SJ_COUNT_OCCURRENCES;
    path_oracle_answer wanted;
    sj_result *result = NULL;
    sj_error error = {0};
    alike_must(sj_path_compute(graph, options, &run, &result, &error), &error);
    path_oracle_ask(graph, &question, &wanted);
    paths_compare(sj_result_find(result, "paths"), &wanted);
    if (adds_up) {
        assert_true(wanted.adds_up);
        paths_check_layers(sj_result_find(result, "layers"), &wanted, options);
    }
    counts->distinct += !adds_up;
    counts->rows += wanted.n_rows;
    counts->paths += wanted.n_paths;
    path_oracle_free(&wanted);
    sj_result_free(result);
}

/* ---- agreement with the rest of the library ---- */

/* The count of a child of the anchor; `name` as shown. */
static int64_t paths_child(const sj_result *result, const char *anchor, const char *name)
{
    const sj_table *table = sj_result_find(result, "paths");
    char path[256];
    (void)snprintf(path, sizeof path, "%s > %s", anchor, name);
    for (size_t i = 0; i < sj_table_rows(table); i++)
        if (strcmp(sj_table_text(table, "path", i), path) == 0)
            return sj_table_integers(table, "count")[i];
    return 0;
}

/* Every event at a touchpoint, one step on: the graph's transitions from it, and the journeys that
 * end there. */
static void paths_meet_transitions(const sj_graph *graph, paths_counts *counts)
{
    const uint64_t n = sj_graph_count(graph, SJ_KIND_TOUCHPOINTS);
    for (uint64_t t = 0; t < n; t++) {
        char condition[64], anchor[64], shown[64];
        const char *name = sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, t);
        int64_t ends = 0;
        sj_result *result = NULL;
        sj_error error = {0};
        (void)snprintf(condition, sizeof condition, "touchpoint = '%s%s'",
                       name[0] == '\'' ? "'" : "", name);
        const sj_path_options options = {.struct_size = sizeof options,
                                         .from = condition,
                                         .depth = 1,
                                         .occurrence = SJ_OCCURRENCE_EVERY,
                                         .count = SJ_COUNT_OCCURRENCES,
                                         .top = 100};
        alike_must(sj_path_compute(graph, &options, NULL, &result, &error), &error);
        path_oracle_show(name, anchor, sizeof anchor);
        for (uint64_t to = 0; to < n; to++) {
            sj_transition edge;
            path_oracle_show(sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, to), shown, sizeof shown);
            assert_int_equal(paths_child(result, anchor, shown),
                             sj_graph_transition(graph, t, to, &edge) ? (int64_t)edge.count : 0);
            counts->edges++;
        }
        for (uint64_t c = 0; c < sj_graph_count(graph, SJ_KIND_CUSTOMERS); c++) {
            sj_moment last;
            assert_true(sj_graph_event(graph, c, sj_graph_length(graph, c) - 1, &last));
            ends += last.touchpoint == t;
        }
        assert_int_equal(paths_child(result, anchor, "(end)"), ends);
        sj_result_free(result);
    }
}

/* A funnel from x to what never comes drops everybody at x: what came next is what the tree from
 * the first x says. */
static void paths_meet_funnel(const sj_graph *graph, const char *from, paths_counts *counts)
{
    const sj_step steps[] = {{.condition = from}, {.condition = "never"}};
    const sj_funnel_options funnel = {.struct_size = sizeof funnel,
                                      .steps = steps,
                                      .n_steps = 2,
                                      .step_size = sizeof *steps,
                                      .top = 100};
    const sj_path_options options = {
        .struct_size = sizeof options, .from = from, .depth = 1, .top = 100};
    sj_result *dropped = NULL, *tree = NULL;
    sj_error error = {0};
    alike_must(sj_funnel_compute(graph, &funnel, NULL, &dropped, &error), &error);
    alike_must(sj_path_compute(graph, &options, NULL, &tree, &error), &error);
    const sj_table *next = sj_result_find(dropped, "next"), *paths = sj_result_find(tree, "paths");
    assert_int_equal(sj_table_integers(sj_result_find(dropped, "steps"), "reached")[0],
                     sj_table_integers(paths, "count")[0]);
    assert_int_equal(sj_table_rows(next) + 1, sj_table_rows(paths));
    for (size_t i = 0; i < sj_table_rows(next); i++) {
        assert_int_equal(sj_table_integers(next, "units")[i],
                         paths_child(tree, sj_table_text(paths, "path", 0),
                                     sj_table_text(next, "touchpoint", i)));
        counts->next++;
    }
    sj_result_free(dropped);
    sj_result_free(tree);
}

static void library_and_plain_implementation_agree(void **state)
{
    const uint64_t rounds = alike_rounds(PATHS_ROUNDS);
    paths_counts counts = {0};
    alike random = {.state = 20260202};
    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        sj_graph *graph = alike_graph(&random);
        for (int k = 0; k < 2; k++) {
            const sj_path_options options = paths_question(&random, &counts);
            paths_round(graph, &options, &counts);
        }
        if (i % 4 == 0) {
            paths_meet_transitions(graph, &counts);
            paths_meet_funnel(graph, alike_conditions[i / 4 % 5], &counts);
        }
        sj_graph_free(graph);
    }
    print_message(
        "# %llu rows of %llu paths; ways %llu %llu %llu %llu, first %llu, last %llu, every "
        "%llu; cut %llu, sessions %llu, collapsed %llu, not additive %llu; %llu edges, "
        "%llu rows of next; %.0f%% of %llu events tied\n",
        (unsigned long long)counts.rows, (unsigned long long)counts.paths,
        (unsigned long long)counts.by_way[0], (unsigned long long)counts.by_way[1],
        (unsigned long long)counts.by_way[2], (unsigned long long)counts.by_way[3],
        (unsigned long long)counts.by_occurrence[0], (unsigned long long)counts.by_occurrence[1],
        (unsigned long long)counts.by_occurrence[2], (unsigned long long)counts.cut,
        (unsigned long long)counts.sessions, (unsigned long long)counts.collapsed,
        (unsigned long long)counts.distinct, (unsigned long long)counts.edges,
        (unsigned long long)counts.next, 100 * (double)random.tied / (double)random.events,
        (unsigned long long)random.events);
    assert_true(random.tied * 5 >= random.events);
    for (int i = 0; i < 4; i++)
        assert_true(counts.by_way[i] > rounds / 8);
    for (int i = 0; i < 3; i++)
        assert_true(counts.by_occurrence[i] > rounds / 8);
    assert_true(counts.rows > 10 * rounds && counts.cut > rounds / 8 &&
                counts.distinct > rounds / 16 && counts.edges > rounds && counts.next > rounds / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(library_and_plain_implementation_agree)};
    return cmocka_run_group_tests_name("path_random", tests, NULL, NULL);
}
