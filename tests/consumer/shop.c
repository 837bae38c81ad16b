/* A program of somebody who uses the library, for C and for C++: two customers, one of whom buys.
 */
#include <sojourn.h>
#include <stdio.h>
#include <string.h>

static sj_status shop_fill(sj_builder *builder, sj_error *error)
{
    static const char *const customers[] = {"ann", "ann", "bob"};
    static const char *const touchpoints[] = {"view", "buy", "view"};
    sj_event event;
    sj_status status = SJ_OK;
    size_t i;

    for (i = 0; i < 3 && status == SJ_OK; i++) {
        memset(&event, 0, sizeof event);
        event.struct_size = sizeof event;
        event.customer = customers[i];
        event.touchpoint = touchpoints[i];
        event.time = (int64_t)i * SJ_SECOND;
        status = sj_builder_add_event(builder, &event, error);
    }
    return status;
}

static sj_status shop_ask(const sj_graph *graph, sj_result **out, sj_error *error)
{
    sj_step steps[2];
    sj_funnel_options options;

    memset(steps, 0, sizeof steps);
    steps[0].condition = "view";
    steps[1].condition = "buy";
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.steps = steps;
    options.n_steps = 2;
    options.step_size = sizeof *steps;
    return sj_funnel_compute(graph, &options, NULL, out, error);
}

int main(void)
{
    sj_builder *builder = NULL;
    sj_graph *graph = NULL;
    sj_result *result = NULL;
    sj_error error;
    const sj_table *table;
    const int64_t *reached = NULL;
    int right = 0;

    memset(&error, 0, sizeof error);
    if (sj_builder_new(NULL, &builder, &error) == SJ_OK && shop_fill(builder, &error) == SJ_OK &&
        sj_builder_build(builder, NULL, &graph, &error) == SJ_OK &&
        shop_ask(graph, &result, &error) == SJ_OK) {
        table = sj_result_find(result, "steps");
        reached = sj_table_integers(table, "reached");
        right = reached && sj_table_rows(table) == 2 && reached[0] == 2 && reached[1] == 1;
    }
    printf("%s %s%s\n", sj_version(),
           right ? "2 viewed, 1 bought" : "wrong: ", right ? "" : error.message);
    sj_result_free(result);
    sj_graph_free(graph);
    sj_builder_free(builder);
    return right ? 0 : 1;
}
