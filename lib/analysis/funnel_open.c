/* Open funnels (enter_anywhere) as a method: attempt best, begun at any required step.
 *
 * The matcher of funnel_paths.c runs once per step begun; what differs is the step it takes as
 * entry, and that an exclusion whose range holds this step counts from the entry.  The longest
 * attempts of all runs compete; a step too near the end to give one is left out.  Those begun at
 * different steps that tie so far are traced and compared by funnel_units.c, where the higher
 * level is the last word.
 *
 * With violation stop an instant is used where any run uses it, so all runs are walked once more
 * before to see where the journey ends.  K runs (twice with stop) for K steps, each linear in the
 * events; memory as of one run. */
#include <string.h>

#include "analysis/funnel_paths.h"
#include "base/checked.h"

typedef struct funnel_open {
    sj__funnel_paths paths;
    uint8_t *used; /* by moment: its instant was used */
    size_t used_capacity;
} funnel_open;

static sj_status open_init(sj__funnel_finder *finder, sj_error *error)
{
    funnel_open *open = sj__alloc_zeroed(finder->allocator, 1, sizeof *open);
    finder->state = open;
    if (open == NULL)
        return sj__fail_nomem(error);
    const sj_status status =
        sj__funnel_paths_init(&open->paths, finder->rules, finder->allocator, error);
    open->paths.stops = 0; /* one run cannot tell */
    return status;
}

static void open_free(sj__funnel_finder *finder)
{
    funnel_open *open = finder->state;
    if (open == NULL)
        return;
    sj__funnel_paths_free(&open->paths);
    sj__free(finder->allocator, open->used, open->used_capacity, sizeof *open->used);
    sj__free(finder->allocator, open, 1, sizeof *open);
}

/* How many moments come before the stop: the first instant after an entry that no run uses. */
static sj_status open_find_stop(sj__funnel_finder *finder, const sj__funnel_moment *moments,
                                size_t n, sj_error *error)
{
    funnel_open *open = finder->state;
    const sj__funnel_path_rules *rules = finder->rules;
    int entered = 0;
    finder->n_seen = n;
    sj_status status = sj__grow(finder->allocator, &open->used, &open->used_capacity, n, error);
    if (status != SJ_OK || n == 0)
        return status;
    memset(open->used, 0, n * sizeof *open->used);
    open->paths.used = open->used;
    for (uint32_t k = 1; k <= rules->n_steps && status == SJ_OK; k++) {
        if (rules->steps[k].optional)
            continue;
        sj__funnel_paths_begin(&open->paths, k);
        status = sj__funnel_paths_find(&open->paths, moments, n, error);
    }
    open->paths.used = NULL;
    for (size_t i = 0; i < n; i += sj__funnel_instant(rules, moments, i, n)) {
        if (entered && !open->used[i]) {
            finder->n_seen = i;
            break;
        }
        entered |= open->used[i];
    }
    return status;
}

static sj_status open_find(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                           sj_error *error)
{
    funnel_open *open = finder->state;
    sj__funnel_paths *paths = &open->paths;
    const uint32_t n_steps = finder->rules->n_steps;
    uint32_t longest = 0;
    sj_status status = SJ_OK;
    finder->n_seen = n;
    if (finder->rules->stop)
        status = open_find_stop(finder, moments, n, error);
    for (uint32_t k = 1; k <= n_steps && n_steps - k + 1 >= longest && status == SJ_OK; k++) {
        if (finder->rules->steps[k].optional)
            continue;
        sj__funnel_paths_begin(paths, k);
        status = sj__funnel_paths_find(paths, moments, finder->n_seen, error);
        if (status != SJ_OK || paths->level == 0 || paths->level - k + 1 < longest)
            continue;
        if (paths->level - k + 1 > longest)
            finder->n_found = 0;
        longest = paths->level - k + 1;
        for (size_t i = 0; i < paths->n_ends && status == SJ_OK; i++)
            status = sj__funnel_finder_add(finder, &paths->ends[i], error);
    }
    return status;
}

static sj_status open_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                            const sj__funnel_attempt *attempt, sj_error *error)
{
    funnel_open *open = finder->state;
    sj__funnel_paths *paths = &open->paths;
    sj__funnel_paths_begin(paths, attempt->entered);
    const sj_status status =
        sj__funnel_paths_trace(paths, moments, n, attempt->level, attempt, error);
    memcpy(finder->filled, paths->filled,
           ((size_t)finder->rules->n_steps + 1) * sizeof *finder->filled);
    return status;
}

static sj_status open_resolve(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                              sj__funnel_attempt *attempt, sj_error *error)
{
    funnel_open *open = finder->state;
    sj__funnel_paths_begin(&open->paths, attempt->entered);
    return sj__funnel_paths_resolve(&open->paths, moments, n, attempt, error);
}

const sj__funnel_method sj__funnel_open_method = {
    .text =
        "general matcher on decoded journeys, once per step at which attempts may begin: a queue "
        "per step",
    .init = open_init,
    .free = open_free,
    .find = open_find,
    .trace = open_trace,
    .resolve = open_resolve,
};
