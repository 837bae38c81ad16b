/* How many customers who look at a product buy it within a day? Of data/events.csv, by hand: 4
 * look; 3 add (cem in time for the second look, dee only before the first); bob checks out too
 * late. */
#include <sojourn.h>
#include <stdio.h>
/* clang-format off */
int main(int argc, char **argv)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *funnel = NULL;
    sj_error error = {0};

    const sj_csv_options csv = {.struct_size = sizeof csv, .path = argc > 1 ? argv[1] : "events.csv",
                                .customer = "customer", .time = "time", .touchpoint = "touchpoint"};
    const sj_step steps[] = {{.condition = "product_view"}, {.condition = "add_to_cart"},
                             {.condition = "checkout"}, {.condition = "purchase"}};
    const sj_funnel_options options = {.struct_size = sizeof options, .steps = steps, .n_steps = 4,
                                       .step_size = sizeof *steps, .window = SJ_DAY};

    if (sj_builder_new(NULL, &builder, &error) || sj_csv_read(builder, &csv, NULL, NULL, &error) ||
        sj_builder_build(builder, NULL, &graph, &error) ||
        sj_funnel_compute(graph, &options, NULL, &funnel, &error)) {
        fprintf(stderr, "%s\n", error.message);
    } else {
        const sj_table *table = sj_result_find(funnel, "steps");
        const int64_t *reached = sj_table_integers(table, "reached");
        const double *rate = sj_table_reals(table, "rate_overall");
        for (size_t i = 0; i < sj_table_rows(table); i++)
            printf("%-14s %9lld %6.1f %%\n", sj_table_text(table, "name", i), (long long)reached[i],
                   100 * rate[i]);
    }
    sj_result_free(funnel);
    sj_graph_free(graph);
    sj_builder_free(builder);
    return error.code != SJ_OK;
}
