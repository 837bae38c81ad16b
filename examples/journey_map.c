/* A journey map in text, four customers, and a walk over the graph that they make: stages,
 * touchpoints, transitions, micro-conversions, one journey.  No analysis is run: the graph holds
 * all of it.
 *
 * By hand (11 events): touchpoints stand in the order in which the map declares them.  Transitions:
 * ad -> product_view ann, 3 min expected (awareness -> consideration) ad -> purchase dee, 1 min not
 * expected (awareness -> decision) landing -> product_view bob, 1 min expected product_view ->
 * landing bob, 38 min not expected (consideration -> awareness) product_view -> compare cem, 1 min
 * expected (stays in its stage) product_view -> purchase ann, 6 min expected (consideration ->
 * decision) compare -> add_to_cart cem, 14 min expected */
#include <sojourn.h>

#include <inttypes.h>
#include <stdio.h>

static const char MAP[] = "stage awareness: ad, landing\n"
                          "stage consideration: product_view, compare\n"
                          "stage decision: add_to_cart, purchase\n"
                          "channel paid: ad\n"
                          "micro-conversion buyer = touchpoint = 'purchase' worth value\n"
                          "expect awareness -> consideration\n"
                          "expect consideration -> decision\n";

static const struct {
    const char *customer, *touchpoint;
    int64_t minute;
    double value;
} EVENTS[] = {
    {"ann", "ad", 0, 0},           {"ann", "product_view", 3, 0}, {"ann", "purchase", 9, 49.90},
    {"bob", "landing", 1, 0},      {"bob", "product_view", 2, 0}, {"bob", "landing", 40, 0},
    {"cem", "product_view", 5, 0}, {"cem", "compare", 6, 0},      {"cem", "add_to_cart", 20, 0},
    {"dee", "ad", 7, 0},           {"dee", "purchase", 8, 12.00},
};

static sj_status fill(sj_builder *builder, sj_error *error)
{
    sj_status status = sj_builder_add_map(builder, MAP, sizeof MAP - 1, error);

    for (size_t i = 0; !status && i < sizeof EVENTS / sizeof *EVENTS; i++) {
        const sj_event event = {.struct_size = sizeof event,
                                .customer = EVENTS[i].customer,
                                .touchpoint = EVENTS[i].touchpoint,
                                .time = EVENTS[i].minute * SJ_MINUTE,
                                .value = EVENTS[i].value > 0 ? &EVENTS[i].value : NULL};

        status = sj_builder_add_event(builder, &event, error);
    }
    return status;
}

static const char *name_or(const sj_graph *graph, int32_t kind, uint64_t i, const char *otherwise)
{
    return i == SJ_NONE ? otherwise : sj_graph_name(graph, kind, i);
}

static void show_map(const sj_graph *graph)
{
    printf("touchpoints\n");
    for (uint64_t i = 0; i < sj_graph_count(graph, SJ_KIND_TOUCHPOINTS); i++)
        printf("  %-14s %-14s %s\n", sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, i),
               name_or(graph, SJ_KIND_STAGES, sj_graph_stage(graph, i), "no stage"),
               name_or(graph, SJ_KIND_CHANNELS, sj_graph_channel(graph, i), "no channel"));
    printf("micro-conversions\n");
    for (uint64_t i = 0; i < sj_graph_count(graph, SJ_KIND_MICRO_CONVERSIONS); i++)
        printf("  %s\n", sj_graph_name(graph, SJ_KIND_MICRO_CONVERSIONS, i));
}

static void show_transitions(const sj_graph *graph)
{
    sj_transition edge;

    printf("transitions\n");
    for (uint64_t from = 0; from < sj_graph_count(graph, SJ_KIND_TOUCHPOINTS); from++) {
        for (uint64_t i = 0; sj_graph_transition_at(graph, from, i, &edge); i++)
            printf("  %-14s -> %-14s %" PRIu64 " in %4.1f min, %s\n",
                   sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, edge.from),
                   sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, edge.to), edge.count,
                   edge.dwell_mean / (double)SJ_MINUTE,
                   edge.expected ? "expected" : "not expected");
    }
}

static void show_journey(const sj_graph *graph, const char *key)
{
    const uint64_t customer = sj_graph_find(graph, SJ_KIND_CUSTOMERS, key);
    sj_moment event;

    printf("journey of %s\n", key);
    for (uint64_t i = 0; sj_graph_event(graph, customer, i, &event); i++) {
        printf("  minute %2" PRId64 "  %s", event.time / SJ_MINUTE,
               sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, event.touchpoint));
        if (event.has_value)
            printf(", worth %.2f", event.value);
        printf("\n");
    }
}

int main(void)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_error error = {0};

    if (sj_builder_new(NULL, &builder, &error) || fill(builder, &error) ||
        sj_builder_build(builder, NULL, &graph, &error)) {
        fprintf(stderr, "%s: %s\n", sj_status_name(error.code), error.message);
    } else {
        printf("%" PRIu64 " customers, %" PRIu64 " events\n",
               sj_graph_count(graph, SJ_KIND_CUSTOMERS), sj_graph_count(graph, SJ_KIND_EVENTS));
        show_map(graph);
        show_transitions(graph);
        show_journey(graph, "ann");
    }
    sj_graph_free(graph);
    sj_builder_free(builder);
    return error.code != SJ_OK;
}
