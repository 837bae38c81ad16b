/* What a builder holds; only builder*.c, build.c and column.c include this. */
#ifndef SJ__JOURNEY_BUILDER_STATE_H
#define SJ__JOURNEY_BUILDER_STATE_H

#include "journey/builder.h"
#include "journey/keycache.h"
#include "journey/parts.h"

/* An attribute of a customer, as it was set: the last one counts. */
typedef struct sj__setting {
    uint64_t word; /* category + 1, or the bits of a number */
    uint32_t customer;
    uint32_t attribute;
} sj__setting;

/* An end of observation that is known. */
typedef struct sj__bound {
    int64_t time;
    int32_t given;
} sj__bound;

/* What a failed call puts back, beside names and events. */
typedef struct sj__counted {
    uint64_t skipped, digits_cut;
    uint64_t
        dropped; /* doubles that are not among the events: left out of graphs that were added */
    sj__bound from, until; /* observation of graphs that were added */
} sj__counted;

struct sj_builder {
    sj_allocator allocator;
    int32_t ties;
    int32_t drop_doubles;
    sj__bound from, until; /* from the options */
    sj__map map;
    sj__intern customers;
    sj__keycache keys; /* customers whose key is a small whole number */
    uint8_t *part;     /* by customer */
    size_t part_capacity;
    sj__parts parts;
    sj__setting *settings;
    size_t n_settings, settings_capacity;
    sj__counted counted;
    sj__text filter; /* of graphs that were added */
};

struct sj__builder_mark {
    uint32_t events[SJ__PARTS];
    sj__map_mark map;
    uint32_t customers;
    size_t settings;
    sj__counted counted;
};

/* A mark that lies in the caller's hands: free it with sj__builder_mark_drop. */
sj_status sj__builder_mark_take(const sj_builder *builder, sj__builder_mark *mark, sj_error *error);
void sj__builder_mark_drop(const sj_builder *builder, sj__builder_mark *mark);

/* As new, with the same options. */
void sj__builder_clear(sj_builder *builder);

/* Number of a customer, added where it is new (its part with it): checks the key. */
sj_status sj__builder_customer(sj_builder *builder, const char *key, size_t n, uint32_t *out,
                               sj_error *error);
/* The same by the key's hash (sj__hash_key). */
sj_status sj__builder_customer_hashed(sj_builder *builder, uint64_t hash, const char *key, size_t n,
                                      uint32_t *out, sj_error *error);
/* The same by a whole number, which stands for its decimal text. */
sj_status sj__builder_customer_number(sj_builder *builder, int64_t key, uint32_t *out,
                                      sj_error *error);
/* Whether an event may be at `time`: SJ_ERR_TIME outside of the observation that the options give.
 */
sj_status sj__builder_check_time(const sj_builder *builder, int64_t time, sj_error *error);
sj_status sj__builder_set(sj_builder *builder, sj__setting setting, sj_error *error);

/* An attribute's text: *word is 0 for a category that is absent, *present 0 for a number. */
sj_status sj__builder_read_text(sj_builder *builder, uint32_t attribute, const char *text, size_t n,
                                int *present, uint64_t *word, sj_error *error);
/* The bits of a real: SJ_ERR_VALUE for NaN and infinities. */
sj_status sj__builder_real(double v, uint64_t *word, sj_error *error);
/* 10^-6 of a value; SJ_ERR_VALUE. */
sj_status sj__builder_value(double v, int64_t *out, sj_error *error);

#endif
