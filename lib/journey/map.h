/* The journey map and the vocabulary: stages, touchpoints, channels, micro-conversions, expected
 * transitions, attributes. A builder fills one; a graph holds a finished one, in which numbers are
 * final. */
#ifndef SJ__JOURNEY_MAP_H
#define SJ__JOURNEY_MAP_H

#include <sojourn/journey.h>

#include "base/text.h"
#include "journey/intern.h"

#define SJ__NO_ID UINT32_MAX

/* Limits (docs/abi.md). */
#define SJ__LIMIT_NAME 65535
#define SJ__LIMIT_STAGES 65534
#define SJ__LIMIT_CHANNELS 65534
#define SJ__LIMIT_ATTRIBUTES 4096
#define SJ__LIMIT_CONVERSIONS 4096
#define SJ__LIMIT_CATEGORY (16 << 20) /* bytes of a category's value */

/* Numbers in the order in which they were declared, which is not always that of the numbers: an
 * event may come first. */
typedef struct sj__map_list {
    uint32_t *item;
    size_t n, capacity;
} sj__map_list;

typedef struct sj__map_touchpoint {
    uint32_t stage;   /* SJ__NO_ID: none */
    uint32_t channel; /* of events that bring none; SJ__NO_ID: none */
    int32_t declared;
} sj__map_touchpoint;

typedef struct sj__map_conversion {
    char *condition; /* as given */
    size_t size;
    int64_t worth; /* 10^-6, where has_worth */
    int32_t has_worth;
} sj__map_conversion;

typedef struct sj__map_expected {
    uint32_t from, to; /* touchpoints, or stages where of_stages */
    int32_t of_stages;
    double share; /* 0: not said */
} sj__map_expected;

typedef struct sj__map_attribute {
    int32_t type; /* SJ_ATTRIBUTE_… */
    int32_t of_customers;
    int32_t declared;
    sj__intern values; /* categories */
} sj__map_attribute;

typedef struct sj__map {
    const sj_allocator *allocator; /* the owner's */
    sj__intern stages, touchpoints, channels, conversions, attributes;
    sj__map_touchpoint *touchpoint; /* by number */
    size_t touchpoint_capacity;
    uint8_t *channel_declared;
    size_t channel_capacity;
    sj__map_conversion *conversion;
    size_t conversion_capacity;
    sj__map_expected *expected;
    size_t n_expected, expected_capacity;
    sj__index expected_index; /* by both ends */
    sj__map_attribute *attribute;
    size_t attribute_capacity;
    sj__map_list declared_touchpoints, declared_channels, declared_attributes;
} sj__map;

void sj__map_init(sj__map *map, const sj_allocator *allocator);
void sj__map_free(sj__map *map);
sj_status sj__map_copy(sj__map *to, const sj__map *from, const sj_allocator *allocator,
                       sj_error *error);

/* Name checks that all additions share: 1 … 65,535 bytes, UTF-8, no NUL; `what` is "touchpoint" ….
 * SJ_ERR_UTF8 with the byte as index, SJ_ERR_LIMIT, SJ_ERR_NAME for an empty one. */
sj_status sj__map_check_name(const char *what, const char *name, size_t n, sj_error *error);

/* SJ_ERR_NAME at `place`: "unknown touchpoint 'crat'; the nearest known one is 'cart'". */
sj_status sj__map_unknown(const sj__intern *known, const char *what, const char *name, size_t n,
                          sj__place place, sj_error *error);
/* At most SJ__SHORT_NAME - 1 bytes of a text, cut between characters, with a NUL: for messages. */
#define SJ__SHORT_NAME 128
void sj__map_shorten(char *to, const char *name, size_t n);
/* Without the blanks and line ends around it. */
const char *sj__map_trim(const char *text, size_t *n);

/* Additions; each all or nothing.  An equal declaration again is no error, a different one is
 * SJ_ERR_DUPLICATE. */
sj_status sj__map_add_stage(sj__map *map, const char *name, size_t n, sj_error *error);
/* stage, channel: NULL or name; the stage must exist, the channel is added.  A touchpoint that
 * exists undeclared becomes declared. */
sj_status sj__map_add_touchpoint(sj__map *map, const char *name, const char *stage,
                                 const char *channel, sj_error *error);
sj_status sj__map_add_channel(sj__map *map, const char *name, size_t n, sj_error *error);
sj_status sj__map_add_conversion(sj__map *map, const char *name, const char *condition,
                                 const double *value, sj_error *error);
sj_status sj__map_add_expected(sj__map *map, const char *from, const char *to, double share,
                               sj_error *error);
/* The same with the worth in 10^-6; NULL: the event's own value. */
sj_status sj__map_set_conversion(sj__map *map, const char *name, const char *condition,
                                 const int64_t *worth, sj_error *error);
sj_status sj__map_add_attribute(sj__map *map, const char *name, size_t n, int32_t type,
                                int32_t of_customers, sj_error *error);

/* The same between numbers; only an equal one may be there. */
sj_status sj__map_expect(sj__map *map, const sj__map_expected *expected, sj_error *error);

/* The steps that additions of touchpoints are made of, for map_flow.c and map_finish.c: room first,
 * then the number of a name, new ones undeclared, then the declaration, which cannot fail. */
sj_status sj__map_reserve_touchpoints(sj__map *map, size_t more, sj_error *error);
sj_status sj__map_enter_touchpoint(sj__map *map, const char *name, size_t n, uint32_t *out,
                                   sj_error *error);
void sj__map_declare_touchpoint(sj__map *map, uint32_t touchpoint);

/* From events: the number of a touchpoint or channel, added undeclared where it is new; of an
 * attribute, added undeclared as a category of events where it is new (one that is known is given
 * whatever its type); of an attribute's category. */
sj_status sj__map_see_touchpoint(sj__map *map, const char *name, size_t n, uint32_t *out,
                                 sj_error *error);
sj_status sj__map_see_channel(sj__map *map, const char *name, size_t n, uint32_t *out,
                              sj_error *error);
sj_status sj__map_see_attribute(sj__map *map, const char *name, size_t n, uint32_t *out,
                                sj_error *error);
sj_status sj__map_see_category(sj__map *map, uint32_t attribute, const char *value, size_t n,
                               uint32_t *out, sj_error *error);

/* What sj__map_rollback takes back: everything that "see" and add_attribute added since (never
 * declarations of the rest). */
typedef struct sj__map_mark {
    uint32_t touchpoints, channels, attributes;
    uint32_t *values; /* categories per attribute at the mark; owned by the mark */
} sj__map_mark;
sj_status sj__map_set_mark(const sj__map *map, sj__map_mark *mark, sj_error *error);
void sj__map_rollback(sj__map *map, const sj__map_mark *mark);
void sj__map_mark_free(const sj__map *map, sj__map_mark *mark);

/* Everything of `from` that is declared, and all of its names, into `to`: an equal declaration
 * again is no error, a different one SJ_ERR_DUPLICATE; stage lists must be equal or one a prefix of
 * the other.  On failure `to` may be half done: work on a copy. */
sj_status sj__map_merge(sj__map *to, const sj__map *from, sj_error *error);

/* A finished map: touchpoints declared ones first in their order, then by name; channels,
 * categories by name; stages, conversions in their order; attributes declared ones first, then by
 * name.  new_… [old number] = new number; the arrays (allocated here with map->allocator, counts as
 * in `map`; new_values[attribute] an array per attribute, indexed by OLD attribute number) are
 * freed by sj__map_renumber_free.  `keep_touchpoint` … are not filtered here: all names stay. */
typedef struct sj__map_renumber {
    uint32_t *touchpoints, *channels, *attributes;
    uint32_t **values;
} sj__map_renumber;
sj_status sj__map_finish(const sj__map *map, const sj_allocator *allocator, sj__map *out,
                         sj__map_renumber *numbers, sj_error *error);
void sj__map_renumber_free(const sj__map *map, sj__map_renumber *numbers);

/* Parses a map in text (grammar: docs/map.md) and adds it to `map`; on failure (SJ_ERR_MAP … with
 * line and column) `map` may be half done: work on a copy. */
sj_status sj__map_parse(sj__map *map, const char *text, size_t size, sj_error *error);

/* The map in canonical text, the same for every order of rows and every shard: declared things
 * only, in the map grammar, a line each (stages with their touchpoints by name, default channels,
 * micro-conversions in order with their condition as given, expectations by name). Part of a
 * tally's text. */
void sj__map_write(const sj__map *map, sj__text *text);

/* Checks each micro-conversion's condition against the finished map.  SJ_ERR_NAME,
 * SJ_ERR_CONDITION. */
sj_status sj__map_check_conversions(const sj__map *map, sj_error *error);

#endif
