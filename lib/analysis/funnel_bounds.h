/* How far customers get in a funnel, by bits, 64 events at a time: a lower and an upper bound
 * (method: funnel_bounds.c). */
#ifndef SJ__ANALYSIS_FUNNEL_BOUNDS_H
#define SJ__ANALYSIS_FUNNEL_BOUNDS_H

#include "analysis/funnel.h"

/* Words that are worked on together; what they come to stays in the nearest cache. */
#define SJ__FUNNEL_BLOCK 64

/* A range of customers.  Steps count from 0, words from the range's first; a bit is an event. */
typedef struct sj__funnel_bounds {
    uint32_t n_steps;
    int32_t overlap; /* some event matches two steps, and may fill only one */
    int32_t tied;    /* some events of the block may be at one time */
    const uint64_t *masks[SJ__FUNNEL_DOOR_STEPS]; /* events that match the step */
    const uint64_t *pass, *last;                  /* no customer begins; last of a customer */
    const uint64_t *same;                         /* at the time of the event before */
    const uint64_t *on, *kept, *within; /* rows of the window (kernel/bits.h); NULL without one */
    /* What is carried from word to word, by step a bit each. */
    uint64_t high[SJ__FUNNEL_DOOR_STEPS];   /* by the upper bound, up to the next cut */
    uint64_t low[SJ__FUNNEL_DOOR_STEPS];    /* by the lower one */
    uint64_t sure[SJ__FUNNEL_DOOR_STEPS];   /* by the lower one, to the customer's end */
    uint64_t above[SJ__FUNNEL_DOOR_STEPS];  /* by the upper one only, likewise */
    uint64_t parted[SJ__FUNNEL_DOOR_STEPS]; /* of a word: what only the upper bound fills */
    uint64_t tie, trouble;                  /* of events at one time that match steps */
    /* The block: SJ__FUNNEL_BLOCK words each. */
    uint64_t *reached;  /* by step: certainly reached by the event's customer so far */
    uint64_t *perhaps;  /* by step, where unsure but not troubled: by the upper bound only */
    uint64_t *unsure;   /* last events of customers who are not settled by `reached` */
    uint64_t *troubled; /* of these, if `tied`: two events at one time match steps */
    uint64_t *settled;  /* last events of the others */
} sj__funnel_bounds;

/* Words of room for blocks of so many steps. */
static inline size_t sj__funnel_bounds_room(uint32_t n_steps)
{
    return ((size_t)n_steps * 2 + 3) * SJ__FUNNEL_BLOCK;
}

/* Hands out the room. */
void sj__funnel_bounds_lay(sj__funnel_bounds *bounds, uint64_t *room);

/* Words [from, from + n), n ≤ SJ__FUNNEL_BLOCK, behind those of the block before.  0: nobody has
 * entered, and nothing is written. */
int sj__funnel_bounds_block(sj__funnel_bounds *bounds, size_t from, size_t n);

#endif
