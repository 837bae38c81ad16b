/* The analyses that keep tallies, and the one door that must know them all: a tally read from
 * bytes. */
#include "analysis/table.h"

#include <string.h>

static const sj__analysis *const analysis_table[] = {&sj__funnel_analysis,
                                                     &sj__transition_analysis,
                                                     &sj__path_analysis,
                                                     &sj__variant_analysis,
                                                     &sj__friction_analysis,
                                                     &sj__match_analysis,
                                                     NULL};

const sj__analysis *sj__analysis_at(size_t i)
{
    size_t n = 0;
    while (n < i && analysis_table[n] != NULL)
        n++;
    return analysis_table[n];
}

const sj__analysis *sj__analysis_find(const char *name, size_t n)
{
    const sj__analysis *found;
    for (size_t i = 0; (found = sj__analysis_at(i)) != NULL; i++) {
        if (strlen(found->name) == n && memcmp(found->name, name, n) == 0)
            return found;
    }
    return NULL;
}

sj_status sj_tally_read(const void *bytes, size_t size, const sj_allocator *allocator,
                        sj_tally **out, sj_error *error)
{
    return sj__tally_read(sj__analysis_find, bytes, size, allocator, out, error);
}
