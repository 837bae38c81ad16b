/* What the functions under fault are called with: inputs made in good health, and the failing
 * allocator. */
#ifndef WORLD_H
#define WORLD_H

#include <sojourn.h>

#include "property/journeys.h"
#include "unit/failing.h"

/* Lets the `at`-th allocation from now fail, with `onward` all behind it too; 0: none. */
void world_arm(failing *memory, uint64_t at, int onward);

enum { /* what an operation makes or changes */
       WORLD_NOTHING = 0,
       WORLD_BUILDER = 1,
       WORLD_GRAPH = 2,
       WORLD_PLAN = 3,
       WORLD_TALLY = 4,
       WORLD_RESULT = 5,
       WORLD_BUFFER = 6
};

typedef struct world {
    failing memory;
    sj_allocator allocator;
    const journeys *journeys;
    size_t question;
    sj_builder *builder; /* filled, not yet built */
    sj_graph *graph;
    sj_plan *plan;
    sj_tally *tally; /* of the graph */
    sj_tally *other; /* of one customer */
    sj_result *result;
    sj_buffer *bytes; /* of the tally */
    union {
        void *any;
        sj_builder *builder;
        sj_graph *graph;
        sj_plan *plan;
        sj_tally *tally;
        sj_result *result;
        sj_buffer *buffer;
    } out; /* what the operation made */
} world;

/* Makes everything while no allocation fails.  0 where the question is not built yet. */
int world_open(world *w, const journeys *j, size_t question);
void world_close(world *w);
/* Makes anew what an operation changed. */
void world_restore(world *w, int kind);
/* Frees something of a kind; NULL is fine. */
void world_drop(int kind, void *thing);
/* A hash of all that can be seen of a thing; of a builder by building it, after which it is empty.
 */
uint64_t world_digest(int kind, void *thing);

#endif
