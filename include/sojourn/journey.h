/**
 * @file
 * Building a journey graph and looking at it.
 */
#ifndef SOJOURN_JOURNEY_H
#define SOJOURN_JOURNEY_H

#include <sojourn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Collects the map and the events, in any order. */
typedef struct sj_builder sj_builder;

/** All journeys and the map they are read by. */
typedef struct sj_graph sj_graph;

/* sj_builder_options.ties: events of one customer at one time stand in order of … */
enum {
    SJ_TIES_ARRIVAL = 1, /**< … arrival.  Default. */
    SJ_TIES_NAME = 2     /**< … name, channel, value, attributes: row order has no effect. */
};

/** How a builder keeps events. */
typedef struct sj_builder_options {
    size_t struct_size;            /**< sizeof(sj_builder_options). */
    const sj_allocator *allocator; /**< NULL: malloc. */
    const int64_t *observed_from;  /**< When observation began.  NULL: earliest event. */
    const int64_t *observed_until; /**< When it ended (for shards the same).  NULL: latest event. */
    int32_t ties;                  /**< SJ_TIES_…  0: arrival. */
    int32_t drop_doubles;          /**< Other than 0: events equal in everything count once. */
} sj_builder_options;

/** An empty builder. */
SJ_API sj_status sj_builder_new(const sj_builder_options *options, sj_builder **out,
                                sj_error *error);
/** NULL is fine. */
SJ_API void sj_builder_free(sj_builder *builder);

/* ---------------------------------------------------------------------------------- the map -- */

/** Adds the next stage, in the order of the journey. */
SJ_API sj_status sj_builder_add_stage(sj_builder *builder, const char *name, sj_error *error);

/** Declares a touchpoint; one not declared is added, without stage, when its first event comes.
 *  `stage` must exist or be NULL; `channel` is that of events that bring none, or NULL. */
SJ_API sj_status sj_builder_add_touchpoint(sj_builder *builder, const char *name, const char *stage,
                                           const char *channel, sj_error *error);

/** Declares a channel; those not declared are added when their first event comes. */
SJ_API sj_status sj_builder_add_channel(sj_builder *builder, const char *name, sj_error *error);

/** Names a micro-conversion: any event that meets `condition`, worth `value`, or the event's own
 *  where that is NULL. */
SJ_API sj_status sj_builder_add_micro_conversion(sj_builder *builder, const char *name,
                                                 const char *condition, const double *value,
                                                 sj_error *error);

/** Says that the map expects `to` right after `from`; touchpoints, or stages on both sides.
 *  `share` of those who leave `from`, 0 to 1; 0: not said. */
SJ_API sj_status sj_builder_add_expected(sj_builder *builder, const char *from, const char *to,
                                         double share, sj_error *error);

/** Adds everything that a map in text says (grammar: docs/map.md), or nothing. */
SJ_API sj_status sj_builder_add_map(sj_builder *builder, const char *text, size_t size,
                                    sj_error *error);

/* type of an attribute */
enum { SJ_ATTRIBUTE_CATEGORY = 1, SJ_ATTRIBUTE_INTEGER = 2, SJ_ATTRIBUTE_REAL = 3 };

/** Declares an attribute of events, or with `of_customers` other than 0 of customers. */
SJ_API sj_status sj_builder_add_attribute(sj_builder *builder, const char *name, int32_t type,
                                          int32_t of_customers, sj_error *error);

/* ---------------------------------------------------------------------------------- events -- */

/** One event. */
typedef struct sj_event {
    size_t struct_size;            /**< sizeof(sj_event). */
    const char *customer;          /**< Key: 1 to 65,535 bytes. */
    const char *touchpoint;        /**< Name: 1 to 65,535 bytes. */
    int64_t time;                  /**< Microseconds since 1970-01-01 UTC. */
    const char *channel;           /**< NULL: the touchpoint's own, or none. */
    const double *value;           /**< NULL: none. */
    const char *const *attributes; /**< name, text, name, text …; numbers as text. */
    size_t n_attributes;           /**< Pairs. */
} sj_event;

/** Adds one event, or on failure none. */
SJ_API sj_status sj_builder_add_event(sj_builder *builder, const sj_event *event, sj_error *error);

/* sj_column.type */
enum {
    SJ_ARRAY_TEXT = 1,   /**< data: bytes; offsets: n + 1 positions in them (Arrow's large_utf8). */
    SJ_ARRAY_TEXT32 = 2, /**< The same with int32_t offsets (Arrow's utf8). */
    SJ_ARRAY_STRINGS = 3, /**< data: n pointers to NUL-terminated text. */
    SJ_ARRAY_INT64 = 4,
    SJ_ARRAY_INT32 = 5,
    SJ_ARRAY_UINT64 = 6,
    SJ_ARRAY_UINT32 = 7,
    SJ_ARRAY_UINT16 = 8,
    SJ_ARRAY_UINT8 = 9,
    SJ_ARRAY_DOUBLE = 10
};

/** A borrowed array.  Whole numbers as customers stand for their decimal text, as touchpoints and
 *  channels for positions in the order in which they were declared. */
typedef struct sj_column {
    const char *name;        /**< Of the attribute; else ignored. */
    const void *data;        /**< NULL: there is no such column. */
    const void *offsets;     /**< SJ_ARRAY_TEXT, SJ_ARRAY_TEXT32 only. */
    const uint8_t *validity; /**< Bit i, lowest first: row i has a value.  NULL: all have. */
    int64_t type;            /**< SJ_ARRAY_… */
} sj_column;

/** Events in columns. */
typedef struct sj_events {
    size_t struct_size;          /**< sizeof(sj_events). */
    size_t n_events;             /**< Rows. */
    sj_column customer;          /**< Keys. */
    sj_column touchpoint;        /**< Names, or positions. */
    sj_column time;              /**< Microseconds since 1970-01-01 UTC, SJ_ARRAY_INT64. */
    sj_column channel;           /**< Optional. */
    sj_column value;             /**< Optional. */
    const sj_column *attributes; /**< By declared name. */
    size_t n_attributes;         /**< Of them. */
} sj_events;

/** Adds all events, or on failure none; `error->index` is the first offending row. */
SJ_API sj_status sj_builder_add_events(sj_builder *builder, const sj_events *events,
                                       sj_error *error);

/** Sets attributes of customers; `events` with customer and attribute columns only. */
SJ_API sj_status sj_builder_set_customers(sj_builder *builder, const sj_events *events,
                                          sj_error *error);

/** Adds a graph's map and events, to go on from a snapshot or to join shards. */
SJ_API sj_status sj_builder_add_graph(sj_builder *builder, const sj_graph *graph, sj_error *error);

/** Sorts and packs everything into a graph and leaves the builder as sj_builder_new made it; on
 *  failure the builder is as before.  O(events log events), in practice O(events). */
SJ_API sj_status sj_builder_build(sj_builder *builder, const sj_run *run, sj_graph **out,
                                  sj_error *error);

/* ------------------------------------------------------------------------------------ graph -- */

/** NULL is fine. */
SJ_API void sj_graph_free(sj_graph *graph);

/* what a graph has, for count, name and find */
enum {
    SJ_KIND_EVENTS = 1,      /**< count only */
    SJ_KIND_CUSTOMERS = 2,   /**< in an order that only the keys decide */
    SJ_KIND_TOUCHPOINTS = 3, /**< declared ones first, then by name */
    SJ_KIND_STAGES = 4,      /**< in the order of the journey */
    SJ_KIND_CHANNELS = 5,    /**< by name */
    SJ_KIND_MICRO_CONVERSIONS = 6,
    SJ_KIND_ATTRIBUTES = 7,
    SJ_KIND_BYTES = 8 /**< count only: memory at rest */
};

/** How many; 0 for a `kind` that there is not. */
SJ_API uint64_t sj_graph_count(const sj_graph *graph, int32_t kind);

/** Name or key of the `i`-th; NULL out of range. */
SJ_API const char *sj_graph_name(const sj_graph *graph, int32_t kind, uint64_t i);

/** Position by name or key; SJ_NONE if there is none. */
SJ_API uint64_t sj_graph_find(const sj_graph *graph, int32_t kind, const char *name);

/** Stage of a touchpoint; SJ_NONE if it has none. */
SJ_API uint64_t sj_graph_stage(const sj_graph *graph, uint64_t touchpoint);
/** Channel of events there that bring none; SJ_NONE if it has none. */
SJ_API uint64_t sj_graph_channel(const sj_graph *graph, uint64_t touchpoint);

/** A transition: an edge of the graph, walked or expected.  Frozen. */
typedef struct sj_transition {
    uint64_t from;         /**< Touchpoint. */
    uint64_t to;           /**< Touchpoint. */
    uint64_t count;        /**< Times that an event at `to` came directly after one at `from`. */
    double dwell_mean;     /**< Mean time between the two, microseconds; 0 where count is. */
    int64_t expected;      /**< Other than 0: the map expects it. */
    double expected_share; /**< What the map expects of those who leave `from`; 0: not said. */
} sj_transition;

/** How many transitions lead out of a touchpoint. */
SJ_API uint64_t sj_graph_transitions(const sj_graph *graph, uint64_t from);
/** The `i`-th of them, by `to`; O(1).  0 out of range, else 1. */
SJ_API int32_t sj_graph_transition_at(const sj_graph *graph, uint64_t from, uint64_t i,
                                      sj_transition *out);
/** The one from `from` to `to`; O(log).  0 if it was neither walked nor expected, else 1. */
SJ_API int32_t sj_graph_transition(const sj_graph *graph, uint64_t from, uint64_t to,
                                   sj_transition *out);

/** One event of a journey, as sj_graph_event gives it.  Frozen. */
typedef struct sj_moment {
    int64_t time;        /**< Microseconds since 1970-01-01 UTC. */
    uint64_t touchpoint; /**< Position among the touchpoints. */
    uint64_t channel;    /**< SJ_NONE: none. */
    double value;        /**< 0 where has_value is 0. */
    int64_t has_value;   /**< Other than 0: it carries a value. */
} sj_moment;

/** Events of a customer. */
SJ_API uint64_t sj_graph_length(const sj_graph *graph, uint64_t customer);
/** The `i`-th event of a customer's journey, from 0; O(1).  0 out of range, else 1. */
SJ_API int32_t sj_graph_event(const sj_graph *graph, uint64_t customer, uint64_t i, sj_moment *out);

/** What to keep of a graph; NULL everywhere keeps all. */
typedef struct sj_selection {
    size_t struct_size;  /**< sizeof(sj_selection). */
    const int64_t *from; /**< Keep events from here on.  NULL: the graph's. */
    const int64_t *to;  /**< Keep events before this; observation ended here.  NULL: the graph's. */
    const char *events; /**< Condition: keep only events that meet it. */
    const char *customers;   /**< Condition: only customers with an event that meets it. */
    const uint64_t *include; /**< Keep only these customers. */
    size_t n_include;        /**< Of them; 0 with a pointer keeps nobody. */
    const uint64_t *exclude; /**< Forget these customers. */
    size_t n_exclude;        /**< Of them. */
} sj_selection;

/** A smaller graph with the same map and, but for `from` and `to`, both ends of observation: a
 *  segment, a period, one customer, all but one.  The customers' condition is judged on whole
 *  journeys, before events are left out.  O(events kept) where only `include` is given, else
 *  O(events). */
SJ_API sj_status sj_graph_select(const sj_graph *graph, const sj_selection *selection,
                                 const sj_run *run, sj_graph **out, sj_error *error);

/** Checks every invariant of the layout; for tests.  O(events). */
SJ_API sj_status sj_graph_check(const sj_graph *graph, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
