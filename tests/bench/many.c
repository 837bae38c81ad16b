/* See many.h.  Four steps each, by a rule: of the six most frequent touchpoints, of all, and of the
 * rarer ones in turn; a quarter within a day, a quarter within a week, half in whatever time; or
 * all of them within an hour, a day, a week. */
#include "bench/many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/reference.h"

enum { MANY_STEPS = 4 };

static void many_must(sj_status status, const sj_error *error)
{
    if (status) {
        fprintf(stderr, "bench: %s: %s\n", sj_status_name(status), error->message);
        exit(1);
    }
}

static uint64_t many_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void many_draw(size_t i, uint64_t *state, sj_step steps[MANY_STEPS])
{
    static const size_t first[] = {0, 0, 8}, count[] = {6, REFERENCE_TOUCHPOINTS, 32};

    for (size_t k = 0; k < MANY_STEPS;) {
        size_t before = 0;

        steps[k].condition =
            reference_touchpoints[first[i % 3] + many_random(state) % count[i % 3]];
        while (before < k && steps[before].condition != steps[k].condition)
            before++;
        k += before == k;
    }
}

void many_plan(const sj_graph *graph, int mix, int64_t figures, sj_plan *plans[MANY_FUNNELS])
{
    static const int64_t windows[MANY_MIXES][4] = {
        [MANY_MIXED] = {SJ_DAY, 7 * SJ_DAY, SJ_UNLIMITED, 0},
        [MANY_WINDOWED] = {SJ_HOUR, SJ_DAY, SJ_DAY, 7 * SJ_DAY}};
    uint64_t state = 1;
    sj_error error = {0};

    for (size_t i = 0; i < MANY_FUNNELS; i++) {
        sj_step steps[MANY_STEPS] = {{0}};
        const sj_funnel_options options = {.struct_size = sizeof options,
                                           .steps = steps,
                                           .n_steps = MANY_STEPS,
                                           .step_size = sizeof *steps,
                                           .window = windows[mix][i % 4],
                                           .figures = figures};

        many_draw(i, &state, steps);
        many_must(sj_funnel_plan(graph, &options, &plans[i], &error), &error);
    }
}

void many_free(sj_plan *plans[MANY_FUNNELS])
{
    for (size_t i = 0; i < MANY_FUNNELS; i++)
        sj_plan_free(plans[i]);
}

void many_scan(sj_plan *const *plans, const sj_run *run)
{
    sj_tally *tallies[MANY_FUNNELS];
    sj_error error = {0};

    many_must(sj_scan(plans, MANY_FUNNELS, run, tallies, &error), &error);
    for (size_t i = 0; i < MANY_FUNNELS; i++)
        sj_tally_free(tallies[i]);
}

static int many_same(const sj_tally *a, const sj_tally *b)
{
    sj_buffer *of_a = NULL, *of_b = NULL;
    sj_error error = {0};

    many_must(sj_tally_write(a, &of_a, &error), &error);
    many_must(sj_tally_write(b, &of_b, &error), &error);
    const int same = sj_buffer_size(of_a) == sj_buffer_size(of_b) &&
                     memcmp(sj_buffer_data(of_a), sj_buffer_data(of_b), sj_buffer_size(of_a)) == 0;
    sj_buffer_free(of_a);
    sj_buffer_free(of_b);
    return same;
}

int many_check(const sj_graph *graph, const sj_run *run)
{
    static const struct {
        int mix;
        int64_t figures;
    } asked[] = {
        {MANY_MIXED, SJ_FIGURE_COUNTS}, {MANY_WINDOWED, SJ_FIGURE_COUNTS}, {MANY_MIXED, 0}};
    sj_plan *plans[MANY_FUNNELS];
    sj_tally *together[MANY_FUNNELS], *alone;
    sj_error error = {0};
    int right = 1;

    for (size_t f = 0; f < sizeof asked / sizeof *asked; f++) {
        many_plan(graph, asked[f].mix, asked[f].figures, plans);
        many_must(sj_scan(plans, MANY_FUNNELS, run, together, &error), &error);
        for (size_t i = 0; i < MANY_FUNNELS; i++) {
            many_must(sj_scan(&plans[i], 1, run, &alone, &error), &error);
            if (!many_same(together[i], alone)) {
                printf("wrong: funnel %zu of many\n", i);
                right = 0;
            }
            sj_tally_free(together[i]);
            sj_tally_free(alone);
        }
        many_free(plans);
    }
    return right;
}
