/* How well does friction's finding fit what the friction costs? For one seed after the other: the
 * demo shop with the friction, and the same shop without it; the purchases that are missing, beside
 * what the analysis says of the first shop alone.
 *
 *     demo_shop_compare [SEEDS [CUSTOMERS]]          default: 20 seeds of 31,500 customers
 *
 * The analysis is told which events are purchases and errors, and nothing of how the shop was made.
 */
#include <sojourn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shop.h"

typedef struct shelf {
    sj_builder *builder; /* NULL: only count */
    int64_t purchases;
    sj_error error;
} shelf;

static int take_event(void *user, const shop_event *event)
{
    shelf *to = user;
    char key[32];
    const sj_event row = {.struct_size = sizeof row,
                          .customer = key,
                          .touchpoint = shop_touchpoint(event->touchpoint),
                          .channel = shop_channel(event->channel),
                          .time = event->time * 1000};

    to->purchases += event->touchpoint == SHOP_PURCHASE;
    if (!to->builder)
        return 0;
    (void)snprintf(key, sizeof key, "c%lld", (long long)event->customer);
    return sj_builder_add_event(to->builder, &row, &to->error) != SJ_OK;
}

static int walk_all(uint64_t seed, int64_t customers, int planted, shelf *to)
{
    shop_model model;
    int stop = 0;

    shop_prepare(&model, planted);
    for (int64_t c = 1; c <= customers && !stop; c++)
        stop = shop_walk(&model, seed, c, take_event, to);
    return stop;
}

/* What is said of errors: the worst place, and the conversions lost by it. */
typedef struct finding {
    char place[32];
    long long rank;
    double lost, least, most;
} finding;

static sj_status find(sj_builder *builder, finding *out, sj_error *error)
{
    const sj_friction_options options = {.struct_size = sizeof options,
                                         .conversion = "purchase",
                                         .error = "error",
                                         .horizon = SJ_UNLIMITED};
    sj_graph *graph = NULL;
    sj_result *result = NULL;
    sj_status status = sj_builder_build(builder, NULL, &graph, error);

    if (!status)
        status = sj_friction_compute(graph, &options, NULL, &result, error);
    if (!status) {
        const sj_table *table = sj_result_find(result, "friction");
        for (size_t i = 0; i < sj_table_rows(table); i++) {
            const double visits = (double)sj_table_integers(table, "affected_visits")[i];

            if (strcmp(sj_table_text(table, "signal", i), "error") != 0)
                continue;
            (void)snprintf(out->place, sizeof out->place, "%s", sj_table_text(table, "place", i));
            out->rank = (long long)sj_table_integers(table, "rank")[i];
            out->lost = -visits * sj_table_reals(table, "lift")[i];
            out->least = -visits * sj_table_reals(table, "high")[i];
            out->most = -visits * sj_table_reals(table, "low")[i];
            break;
        }
    }
    sj_result_free(result);
    sj_graph_free(graph);
    return status;
}

static int compare(uint64_t seed, int64_t customers, double sums[2], int *within)
{
    shelf with = {0}, without = {0};
    finding found = {.place = "nothing"};
    int failed = sj_builder_new(NULL, &with.builder, &with.error) != SJ_OK ||
                 walk_all(seed, customers, 1, &with) || walk_all(seed, customers, 0, &without) ||
                 find(with.builder, &found, &with.error) != SJ_OK;

    sj_builder_free(with.builder);
    if (failed) {
        fprintf(stderr, "demo_shop_compare: %s\n", with.error.message);
        return 1;
    }
    const double lost = (double)(without.purchases - with.purchases);
    printf("%4llu  %9lld  %12lld  %6.0f  error at %-8s  %4lld  %6.0f  (%.0f to %.0f)\n",
           (unsigned long long)seed, (long long)with.purchases, (long long)without.purchases, lost,
           found.place, found.rank, found.lost, found.least, found.most);
    sums[0] += lost;
    sums[1] += found.lost;
    *within += found.least <= lost && lost <= found.most;
    return 0;
}

int main(int argc, char **argv)
{
    const long seeds = argc > 1 ? strtol(argv[1], NULL, 10) : 20;
    const long customers = argc > 2 ? strtol(argv[2], NULL, 10) : 31500;
    double sums[2] = {0, 0};
    int within = 0;

    if (argc > 3 || seeds < 1 || seeds > 100000 || customers < 1 || customers > 10000000) {
        fprintf(stderr, "usage: demo_shop_compare [SEEDS [CUSTOMERS]]\n");
        return 2;
    }
    printf("seed  purchases  without      lost    what the analysis finds  lost\n"
           "                 friction             worst of errors    rank\n");
    for (long seed = 1; seed <= seeds; seed++) {
        if (compare((uint64_t)seed, customers, sums, &within))
            return 1;
    }
    printf("all: %.0f purchases lost, %.0f found (%.1f %%); inside the interval %d of %ld times\n",
           sums[0], sums[1], 100 * sums[1] / sums[0], within, seeds);
    return 0;
}
