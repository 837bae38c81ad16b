/* Putting a part's events in order: customers by hash and key, within a customer by time, then as
 * `ties` says. */
#ifndef SJ__JOURNEY_ORDER_H
#define SJ__JOURNEY_ORDER_H

#include "base/sort.h"
#include "journey/map.h"
#include "journey/parts.h"

typedef struct sj__order_row sj__order_row;

typedef struct sj__order {
    const sj_allocator *allocator;
    const sj__map *map;              /* the builder's */
    const sj__map_renumber *numbers; /* to the finished one's */
    int32_t by_name;                 /* ties */
    uint32_t *touchpoint_rank;       /* by the builder's number: place by name */
    uint32_t *attributes;            /* the builder's numbers, by name */
    sj__pair *pairs,
        *scratch; /* of the part last ordered: sort key of the time; touchpoint << 32 | event of the part */
    size_t pairs_capacity, scratch_capacity;
    sj__order_row *rows, *rows_scratch; /* of the longest run of one time */
    size_t rows_capacity, rows_scratch_capacity;
    uint64_t *dropped; /* NULL, or where to set a bit for each double: by event of the part */
    uint64_t doubles;  /* so far: events equal to an earlier one in everything */
} sj__order;

/* `order` is zeroed but for allocator, map, numbers, by_name. */
sj_status sj__order_init(sj__order *order, sj_error *error);
void sj__order_free(sj__order *order);

/* Orders a part's events into order->pairs: customer `rank[number]` of the part has length[rank] of
 * them.  Events whose bit in `skip` (may be NULL) is set are left out.  SJ_ERR_NOMEM. */
sj_status sj__order_part(sj__order *order, const sj__part *part, const uint32_t *rank,
                         const uint32_t *length, size_t customers, const uint64_t *skip,
                         sj_error *error);

#endif
