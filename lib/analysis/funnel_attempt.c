/* What all methods share: their use by a worker, and instants. */
#include "analysis/funnel_attempt.h"

#include "base/checked.h"

sj_status sj__funnel_finder_init(sj__funnel_finder *finder, const sj__funnel_method *method,
                                 const sj__funnel_path_rules *rules, const sj_allocator *allocator,
                                 sj_error *error)
{
    *finder = (sj__funnel_finder){.method = method, .rules = rules, .allocator = allocator};
    finder->filled = sj__alloc(allocator, (size_t)rules->n_steps + 1, sizeof *finder->filled);
    return finder->filled == NULL ? sj__fail_nomem(error) : method->init(finder, error);
}

void sj__funnel_finder_free(sj__funnel_finder *finder)
{
    if (finder->method == NULL)
        return;
    const sj_allocator *a = finder->allocator;
    finder->method->free(finder);
    sj__free(a, finder->found, finder->found_capacity, sizeof *finder->found);
    sj__free(a, finder->filled, (size_t)finder->rules->n_steps + 1, sizeof *finder->filled);
    *finder = (sj__funnel_finder){0};
}

sj_status sj__funnel_finder_add(sj__funnel_finder *finder, const sj__funnel_attempt *attempt,
                                sj_error *error)
{
    const sj_status status = sj__grow(finder->allocator, &finder->found, &finder->found_capacity,
                                      finder->n_found + 1, error);
    if (status == SJ_OK)
        finder->found[finder->n_found++] = *attempt;
    return status;
}

size_t sj__funnel_instant(const sj__funnel_path_rules *rules, const sj__funnel_moment *moments,
                          size_t i, size_t n)
{
    size_t j = i + 1;
    while (!rules->by_row && j < n && moments[j].time == moments[i].time)
        j++;
    return j - i;
}
