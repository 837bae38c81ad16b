/* What io/csv.c needs of a builder beyond the public header. */
#ifndef SJ__JOURNEY_BUILDER_H
#define SJ__JOURNEY_BUILDER_H

#include "base/options.h"
#include "journey/map.h"

extern const sj__struct sj__builder_options_struct, sj__selection_struct, sj__event_struct,
    sj__events_struct, sj__column_struct;

const sj_allocator *sj__builder_allocator(const sj_builder *builder);

/* A point to which a builder can go back: a file is added whole or not at all.  Marks nest. */
typedef struct sj__builder_mark sj__builder_mark;
sj_status sj__builder_set_mark(sj_builder *builder, sj__builder_mark **out, sj_error *error);
void sj__builder_rollback(sj_builder *builder, const sj__builder_mark *mark);
void sj__builder_mark_free(sj_builder *builder, sj__builder_mark *mark);

/* Counters that the graph reports: rows left out, times that lost digits. */
void sj__builder_count(sj_builder *builder, uint64_t skipped, uint64_t digits_cut);

/* Type of a declared attribute, 0 if there is none of that name; *of_customers where it is not
 * NULL. */
int32_t sj__builder_attribute(const sj_builder *builder, const char *name, size_t n,
                              int32_t *of_customers);

/* Both ends of observation, where the options gave them. */
const int64_t *sj__builder_observed_from(const sj_builder *builder);
const int64_t *sj__builder_observed_until(const sj_builder *builder);

#endif
