// The same library from C++17: objects freed by their owners, errors as exceptions, and, as C++17 has no designated
// initialisers, options filled field by field.
//
// By hand (5 events, view -> buy within an hour): ann buys after 10 minutes, bob after 70, cem only looks: 3 and 1.
#include <sojourn.h>

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace
{

struct Free {
    void operator()(sj_builder *builder) const
    {
        sj_builder_free(builder);
    }
    void operator()(sj_graph *graph) const
    {
        sj_graph_free(graph);
    }
    void operator()(sj_result *result) const
    {
        sj_result_free(result);
    }
};

template <class T> using Owner = std::unique_ptr<T, Free>;

void check(sj_status status, const sj_error &error)
{
    if (status != SJ_OK)
        throw std::runtime_error(std::string(sj_status_name(status)) + ": " + error.message);
}

Owner<sj_graph> build()
{
    static const struct {
        const char *customer, *touchpoint;
        int64_t minute;
    } visits[] = {{"ann", "view", 0},
                  {"bob", "view", 5},
                  {"ann", "buy", 10},
                  {"cem", "view", 20},
                  {"bob", "buy", 75}};
    sj_error error{};
    sj_builder *made = nullptr;
    check(sj_builder_new(nullptr, &made, &error), error);
    const Owner<sj_builder> builder(made);

    for (const auto &visit : visits) {
        sj_event event{};
        event.struct_size = sizeof event;
        event.customer = visit.customer;
        event.touchpoint = visit.touchpoint;
        event.time = visit.minute * SJ_MINUTE;
        check(sj_builder_add_event(builder.get(), &event, &error), error);
    }
    sj_graph *graph = nullptr;
    check(sj_builder_build(builder.get(), nullptr, &graph, &error), error);
    return Owner<sj_graph>(graph);
}

Owner<sj_result> funnel(const sj_graph *graph, int64_t window)
{
    sj_step steps[2] = {};
    steps[0].condition = "view";
    steps[1].condition = "buy";
    sj_funnel_options options{};
    options.struct_size = sizeof options;
    options.steps = steps;
    options.n_steps = 2;
    options.step_size = sizeof *steps;
    options.window = window;
    sj_result *out = nullptr;
    sj_error error{};
    check(sj_funnel_compute(graph, &options, nullptr, &out, &error), error);
    return Owner<sj_result>(out);
}

} // namespace

int main()
{
    try {
        const Owner<sj_graph> graph = build();
        const Owner<sj_result> result = funnel(graph.get(), SJ_HOUR);
        const sj_table *steps = sj_result_find(result.get(), "steps");
        const int64_t *reached = sj_table_integers(steps, "reached");

        for (std::size_t i = 0; i < sj_table_rows(steps); i++)
            std::printf("%-5s %" PRId64 "\n", sj_table_text(steps, "name", i), reached[i]);
        return 0;
    } catch (const std::exception &failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
