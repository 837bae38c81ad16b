/* Nearest names: Damerau–Levenshtein distance, the first of those that are equally near. */
#include "report/nearest.h"

#include <string.h>

#include "base/utf8.h"

#define NEAREST_MOST 15

sj__nearest sj__nearest_begin(const char *wanted)
{
    size_t most = strlen(wanted) / 3;
    if (most > NEAREST_MOST)
        most = NEAREST_MOST;
    return (sj__nearest){wanted, NULL, (most > 0 ? most : 1) + 1};
}

void sj__nearest_offer(sj__nearest *nearest, const char *name)
{
    size_t distance = sj__text_distance(nearest->wanted, strlen(nearest->wanted), name,
                                        strlen(name), nearest->limit);
    if (distance >= nearest->limit)
        return;
    nearest->best = name;
    nearest->limit = distance;
}
