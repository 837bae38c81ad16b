/* Which transitions the map expects, as a question that is quick to ask. */
#ifndef SJ__JOURNEY_EXPECTED_H
#define SJ__JOURNEY_EXPECTED_H

#include "base/sort.h"
#include "journey/map.h"

typedef struct sj__expected {
    sj_allocator allocator;
    const sj__map *map;
    sj__pair *pairs; /* touchpoints' ends, then stages'; each ascending; twice the room */
    size_t n_pairs;
    size_t n_touchpoints, n_stages; /* of them */
} sj__expected;

/* `map` must outlive it; free in any case.  SJ_ERR_NOMEM. */
sj_status sj__expected_init(sj__expected *expected, const sj__map *map,
                            const sj_allocator *allocator, sj_error *error);
void sj__expected_free(sj__expected *expected);
/* Whether the map expects the transition between two touchpoints, by the rule of the graph's edges.
 */
int sj__expected_has(const sj__expected *expected, uint32_t from, uint32_t to);

#endif
