/* A funnel over two shards that never meet: each counts its own customers, the tallies are merged,
 * and then one customer is erased without counting again.
 *
 * By hand (10 events, view -> cart -> buy within 20 minutes): ann converts, bob stops at the cart,
 * cem never has one, dee buys 26 minutes after looking, too late.  Merged 4 3 1; without ann 3 2 0.
 */
#include <sojourn.h>

#include <inttypes.h>
#include <stdio.h>

typedef struct visit {
    const char *customer, *touchpoint;
    int64_t minute;
} visit;

static const visit NORTH[] = {{"ann", "view", 0},
                              {"ann", "cart", 5},
                              {"ann", "buy", 9},
                              {"bob", "view", 1},
                              {"bob", "cart", 3}};
static const visit SOUTH[] = {{"cem", "view", 2},
                              {"cem", "buy", 8},
                              {"dee", "view", 4},
                              {"dee", "cart", 6},
                              {"dee", "buy", 30}};

static const char *const TOUCHPOINTS[] = {"view", "cart", "buy"};

/* Shards that are to be merged are told the same ends of observation and declare the same
 * touchpoints. */
static sj_status build(const visit *visits, size_t n, sj_graph **out, sj_error *error)
{
    const int64_t from = 0, until = SJ_HOUR;
    const sj_builder_options options = {
        .struct_size = sizeof options, .observed_from = &from, .observed_until = &until};
    sj_builder *builder = NULL;
    sj_status status = sj_builder_new(&options, &builder, error);

    for (size_t i = 0; !status && i < 3; i++)
        status = sj_builder_add_touchpoint(builder, TOUCHPOINTS[i], NULL, NULL, error);
    for (size_t i = 0; !status && i < n; i++) {
        const sj_event event = {.struct_size = sizeof event,
                                .customer = visits[i].customer,
                                .touchpoint = visits[i].touchpoint,
                                .time = visits[i].minute * SJ_MINUTE};

        status = sj_builder_add_event(builder, &event, error);
    }
    if (!status)
        status = sj_builder_build(builder, NULL, out, error);
    sj_builder_free(builder);
    return status;
}

static sj_status count(const sj_graph *graph, const sj_funnel_options *options, sj_tally **out,
                       sj_error *error)
{
    sj_plan *plan = NULL;
    sj_status status = sj_funnel_plan(graph, options, &plan, error);

    if (!status)
        status = sj_scan(&plan, 1, NULL, out, error);
    sj_plan_free(plan);
    return status;
}

static sj_status show(const char *what, const sj_tally *tally, const sj_funnel_options *options,
                      sj_error *error)
{
    sj_result *result = NULL;
    sj_status status = sj_funnel_conclude(tally, options, &result, error);

    if (!status) {
        const sj_table *steps = sj_result_find(result, "steps");
        const int64_t *reached = sj_table_integers(steps, "reached");

        printf("%-12s %" PRId64 " customers:", what, sj_tally_customers(tally));
        for (size_t i = 0; i < sj_table_rows(steps); i++)
            printf(" %s %" PRId64, sj_table_text(steps, "name", i), reached[i]);
        printf("\n");
    }
    sj_result_free(result);
    return status;
}

/* Takes one customer's counts out of a tally. */
static sj_status erase(sj_tally *tally, const sj_graph *graph, const char *key,
                       const sj_funnel_options *options, sj_error *error)
{
    const uint64_t position = sj_graph_find(graph, SJ_KIND_CUSTOMERS, key);
    const sj_selection selection = {
        .struct_size = sizeof selection, .include = &position, .n_include = 1};
    sj_graph *one = NULL;
    sj_tally *theirs = NULL;
    sj_status status = sj_graph_select(graph, &selection, NULL, &one, error);

    if (!status)
        status = count(one, options, &theirs, error);
    if (!status)
        status = sj_tally_subtract(tally, theirs, error);
    sj_tally_free(theirs);
    sj_graph_free(one);
    return status;
}

int main(void)
{
    const sj_step steps[] = {{.condition = "view"}, {.condition = "cart"}, {.condition = "buy"}};
    const sj_funnel_options options = {.struct_size = sizeof options,
                                       .steps = steps,
                                       .n_steps = 3,
                                       .step_size = sizeof *steps,
                                       .window = 20 * SJ_MINUTE};
    sj_graph *north = NULL, *south = NULL;
    sj_tally *sum = NULL, *other = NULL;
    sj_error error = {0};

    if (build(NORTH, sizeof NORTH / sizeof *NORTH, &north, &error) ||
        build(SOUTH, sizeof SOUTH / sizeof *SOUTH, &south, &error) ||
        count(north, &options, &sum, &error) || count(south, &options, &other, &error) ||
        show("north", sum, &options, &error) || show("south", other, &options, &error) ||
        sj_tally_merge(sum, other, &error) || show("merged", sum, &options, &error) ||
        erase(sum, north, "ann", &options, &error) || show("without ann", sum, &options, &error))
        fprintf(stderr, "%s: %s\n", sj_status_name(error.code), error.message);
    sj_tally_free(other);
    sj_tally_free(sum);
    sj_graph_free(south);
    sj_graph_free(north);
    return error.code != SJ_OK;
}
