/* Which options the library has: those that it does not have are refused by a message that says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "property/funnel_world.h"

static int world_is_built(const world *w)
{
    sj_plan *plan = NULL;
    sj_error error = {0};
    sj_graph *graph = world_graph(w);
    const sj_status status = sj_funnel_plan(graph, &w->options, &plan, &error);
    sj_plan_free(plan);
    sj_graph_free(graph);
    return status == SJ_OK || strstr(error.message, "not built yet") == NULL;
}

uint64_t world_built(void)
{
    static world w;
    uint64_t built = 0;
    for (int f = 0; f < WORLD_FEATURES; f++) {
        int good = 1;
        w.state = (uint64_t)f;
        for (int i = 0; i < 16 && good; i++) {
            world_draw_question(&w, UINT64_C(1) << f, UINT64_MAX, 0);
            world_draw_journeys(&w, 1, 3);
            good = world_is_built(&w);
        }
        built |= (uint64_t)good << f;
        if (!good)
            print_message("# not built yet, so left out: %s\n", world_feature(f));
        assert_true(good || !WORLD_ALL_BUILT);
    }
    return built;
}
