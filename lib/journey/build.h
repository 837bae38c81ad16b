/* What the files of building share: build.c, build_measure.c, build_fill.c. */
#ifndef SJ__JOURNEY_BUILD_H
#define SJ__JOURNEY_BUILD_H

#include "base/threads.h"
#include "journey/builder_state.h"
#include "journey/order.h"
#include "journey/pack.h"

typedef struct sj__build {
    sj_builder *builder;
    const sj_allocator *allocator; /* the builder's */
    sj_run run;
    uint64_t done;
    sj__pack *pack;
    sj__map_renumber numbers;
    uint32_t n_customers;
    uint32_t *member;                   /* customers by part, there by hash and key */
    uint32_t part_first[SJ__PARTS + 1]; /* of a part, in `member` */
    uint32_t *rank;                     /* by customer: place in its part */
    uint32_t *length;                   /* as `member`: events */
    sj__shape shape;
    uint64_t *counted; /* shape.numbers, by the builder's columns */
    uint64_t *dropped[SJ__PARTS];
    sj__order order;
    sj__pair *
        settings; /* of customers' attributes: attribute << 32 | place in `member`, number of the setting */
    size_t *setting_at; /* by attribute: next in `settings` */
    /* Scratch of one part. */
    size_t most_events, most_customers;
    int64_t *time;
    uint32_t *touchpoint;
    uint32_t *target; /* by event of the part: its place in order */
    uint32_t *codes;
    uint64_t *words;
    uint64_t *present;
    int64_t *low, *high; /* by customer of the part */
} sj__build;

/* Optional columns of the builder, and the number of one in the finished map. */
size_t sj__build_columns(const sj__build *b);
size_t sj__build_finished_column(const sj__build *b, size_t column);
/* Tells `progress` that so many more events are done.  SJ_ERR_CANCELLED. */
sj_status sj__build_progress(sj__build *b, uint64_t more, sj_error *error);

/* First pass: the shape, and where doubles are dropped which; needs customers in order. */
sj_status sj__build_measure(sj__build *b, sj_error *error);
/* Second pass: a planned pack. */
sj_status sj__build_fill(sj__build *b, sj_error *error);

#endif
