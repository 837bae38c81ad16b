/* Random cases with the exhaustive search's answers, a line of JSON each: funnel_cases COUNT SEED.
 * compare_reference.py asks a second reference the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "property/funnel_world.h"

enum { CASES_LONGEST = 7, CASES_BUDGET = 400 };

static void cases_print_unit(const funnel_oracle_unit *unit, size_t n_steps)
{
    printf("{\"level\": %zu, \"entered\": %zu, \"reason\": \"%s\", \"times\": [", unit->level,
           unit->entered, unit->reason);
    for (size_t k = 0; k < n_steps; k++) {
        printf("%s", k > 0 ? ", " : "");
        if (unit->filled[k])
            printf("%" PRId64, unit->times[k]);
        else
            printf("null");
    }
    printf("], \"events\": [");
    for (size_t k = 0; k < n_steps; k++) {
        printf("%s", k > 0 ? ", " : "");
        if (unit->filled[k])
            printf("%zu", unit->events[k]);
        else
            printf("null");
    }
    printf("]}");
}

/* Draws a case that is not refused and not too long to search; two features are sure to be in it,
 * if they go together. */
static size_t cases_draw(world *w, uint64_t number, funnel_oracle_unit *units, size_t *removed)
{
    const uint64_t all = (UINT64_C(1) << WORLD_BREAKDOWN) - 1;
    funnel_oracle_event events[WORLD_EVENTS];
    funnel_oracle_question question;
    for (size_t longest = CASES_LONGEST;; longest -= longest > 1) {
        const uint64_t a = world_below(w, WORLD_BREAKDOWN), b = world_below(w, WORLD_BREAKDOWN);
        const uint64_t features = number % 8 == 0 ? 0 : UINT64_C(1) << a | UINT64_C(1) << b;
        world_draw_question(w, features, all, number % 3 != 0);
        if (world_refusal(w) != NULL || w->options.session_gap == SJ_INSTANT)
            continue;
        world_draw_journeys(w, 1, longest);
        funnel_oracle_ask(&w->options, w->last, &question);
        question.budget = CASES_BUDGET;
        *removed = 0;
        const size_t n =
            funnel_oracle(events, world_journey(w, 0, events), &question, units, removed);
        if (n != SIZE_MAX)
            return n;
    }
}

int main(int argc, char **argv)
{
    const unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    const unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    static world w;
    static funnel_oracle_unit units[ORACLE_EVENTS];
    for (unsigned long long i = 0; i < count; i++) {
        size_t removed;
        w.state = (seed << 32) + i;
        const size_t n = cases_draw(&w, i, units, &removed);
        world_print_case(&w, 0);
        printf(", \"removed\": %zu, \"answer\": [", removed);
        for (size_t u = 0; u < n; u++) {
            printf("%s", u > 0 ? ", " : "");
            cases_print_unit(&units[u], w.options.n_steps);
        }
        printf("]}\n");
    }
    return 0;
}
