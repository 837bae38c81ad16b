/* Which of the events at one time fill which steps: an assignment of distinct events to consecutive
 * steps. */
#ifndef SJ__KERNEL_ASSIGN_H
#define SJ__KERNEL_ASSIGN_H

#include "base/alloc.h"

typedef struct
    sj__assign_offer { /* one event that could fill a step; a list per step, events ascending */
    uint32_t event;
    uint32_t next; /* its number + 1; 0: the last */
} sj__assign_offer;

typedef struct sj__assign_step {
    uint32_t first, last; /* its offers, + 1; 0: none */
    uint32_t offers;
    uint32_t event; /* the event that fills it, + 1; 0: none */
} sj__assign_step;

typedef struct sj__assign_event {
    uint32_t step;   /* the step that it fills; 0: none */
    uint32_t parent; /* during a search: the step from which it was found */
    uint32_t search; /* the last search that saw it */
} sj__assign_event;

/* Steps are 1 … n_steps, events 0, 1, … within the instant. */
typedef struct sj__assign {
    const sj_allocator *allocator;
    uint32_t n_steps;
    sj__assign_step *steps; /* n_steps + 1 */
    uint64_t *offered;      /* bit per step: it has offers */
    uint32_t *queue;        /* n_steps */
    uint32_t n_queue;       /* steps that the last search has seen */
    sj__assign_offer *offers;
    size_t n_offers, offers_capacity;
    sj__assign_event *events;
    size_t events_capacity;
    uint32_t search;
} sj__assign;

/* `allocator` must outlive it.  SJ_ERR_NOMEM. */
sj_status sj__assign_init(sj__assign *assign, uint32_t n_steps, const sj_allocator *allocator,
                          sj_error *error);
void sj__assign_free(sj__assign *assign);

/* Forgets the instant before, and makes ready for n_events events.  O(n_events + steps offered
 * before). */
sj_status sj__assign_begin(sj__assign *assign, size_t n_events, sj_error *error);
/* `event` could fill `step`; events in ascending order.  Of a step's offers the first n_steps are
 * enough to keep the answer exact, so that later ones are not kept. */
sj_status sj__assign_add(sj__assign *assign, uint32_t step, uint32_t event, sj_error *error);

/* The first step >= `step` that has offers; n_steps + 1 if there is none. */
uint32_t sj__assign_next(const sj__assign *assign, uint32_t step);
/* Fills `step` too, without leaving any filled step empty (others may change their event).  1 if
 * that can be. */
int sj__assign_extend(sj__assign *assign, uint32_t step);
/* Likewise, but steps up to `fixed` keep their events. */
int sj__assign_extend_above(sj__assign *assign, uint32_t step, uint32_t fixed);
/* Fills `step`, which is empty, with an event that fills none. */
void sj__assign_put(sj__assign *assign, uint32_t step, uint32_t event);
/* The event, which fills none, is gone for every step but step 1. */
void sj__assign_take(sj__assign *assign, uint32_t event);
/* Directly after sj__assign_extend(step) has failed: fills `step` in place of one that may go
 * (may_go[step] is 1) other than `keep`.  1 if that can be. */
int sj__assign_exchange(sj__assign *assign, uint32_t step, const uint8_t *may_go, uint32_t keep);
/* Empties a filled step. */
void sj__assign_drop(sj__assign *assign, uint32_t step);
/* Steps from … to are filled: gives each in turn the lowest event that leaves the later ones
 * filled. */
void sj__assign_lowest(sj__assign *assign, uint32_t from, uint32_t to);

/* The lowest event offered to a step that has offers. */
static inline uint32_t sj__assign_lowest_offer(const sj__assign *assign, uint32_t step)
{
    return assign->offers[assign->steps[step].first - 1].event;
}

/* The event that fills a filled step. */
static inline uint32_t sj__assign_event_of(const sj__assign *assign, uint32_t step)
{
    return assign->steps[step].event - 1;
}

#endif
