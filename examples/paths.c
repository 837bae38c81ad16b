/* Where do customers go after they look at a product, and how do journeys look as a whole?  Of
 * data/events.csv, by hand: ann goes view, add, checkout, purchase; bob view, add, checkout; cem
 * view, view, add; dee add, view.  So four look first at a product: two add it then, cem looks
 * again, dee is gone; of the journeys no two are alike. */
#include <sojourn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const sj_csv_options csv = {.struct_size = sizeof csv,
                                .path = argc > 1 ? argv[1] : "events.csv",
                                .customer = "customer",
                                .time = "time",
                                .touchpoint = "touchpoint"};
    const sj_path_options from_view = {
        .struct_size = sizeof from_view, .from = "product_view", .depth = 2};
    const sj_variant_options to_purchase = {.struct_size = sizeof to_purchase,
                                            .conversion = "purchase"};
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *paths = NULL, *variants = NULL;
    sj_error error = {0};

    if (sj_builder_new(NULL, &builder, &error) || sj_csv_read(builder, &csv, NULL, NULL, &error) ||
        sj_builder_build(builder, NULL, &graph, &error) ||
        sj_path_compute(graph, &from_view, NULL, &paths, &error) ||
        sj_variant_compute(graph, &to_purchase, NULL, &variants, &error)) {
        fprintf(stderr, "%s\n", error.message);
    } else {
        const sj_table *tree = sj_result_find(paths, "paths");
        const sj_table *rows = sj_result_find(variants, "variants");
        for (size_t i = 0; i < sj_table_rows(tree); i++)
            printf("%lld %5.1f %%  %s\n", (long long)sj_table_integers(tree, "count")[i],
                   100 * sj_table_reals(tree, "share")[i], sj_table_text(tree, "path", i));
        printf("\n");
        for (size_t i = 0; i < sj_table_rows(rows); i++)
            printf("%lld %5.1f %%  %s\n", (long long)sj_table_integers(rows, "count")[i],
                   100 * sj_table_reals(rows, "conversion_rate")[i],
                   sj_table_text(rows, "path", i));
    }
    sj_result_free(paths);
    sj_result_free(variants);
    sj_graph_free(graph);
    sj_builder_free(builder);
    return error.code != SJ_OK;
}
