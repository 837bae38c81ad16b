/* What select.c, select_lists.c and select_columns.c share. */
#ifndef SJ__JOURNEY_SELECT_H
#define SJ__JOURNEY_SELECT_H

#include "base/sort.h"
#include "journey/graph.h"
#include "journey/pack.h"
#include "journey/parts.h"

/* Numbers of customers, ascending, each once. */
typedef struct sj__select_list {
    sj__pair *pairs;
    size_t capacity, n;
} sj__select_list;

/* The customers that the lists of a selection leave. */
typedef struct sj__select_lists {
    const sj_graph *graph;
    int32_t includes; /* 0: all but the excluded */
    sj__select_list include, exclude;
} sj__select_lists;

typedef struct sj__select_walk {
    uint64_t next;   /* of the included, or of all */
    size_t excluded; /* next of them */
} sj__select_walk;

/* SJ_ERR_ARGUMENT with the index of a number that no customer has.  Free in any case. */
sj_status sj__select_lists_init(sj__select_lists *lists, const sj_graph *graph,
                                const sj_selection *selection, sj_error *error);
void sj__select_lists_free(sj__select_lists *lists);
/* Customers before excluding. */
uint64_t sj__select_lists_count(const sj__select_lists *lists);
/* The next customer of a walk that began zeroed; 0 at the end. */
int sj__select_lists_next(const sj__select_lists *lists, sj__select_walk *walk, uint64_t *customer);

/* A journey that is kept: its events, and what was read of them. */
typedef struct sj__kept_journey {
    uint64_t customer;
    size_t n;
    uint64_t *event;
    int64_t *time;
    uint32_t *touchpoint;
} sj__kept_journey;

/* The optional columns of a selection. */
typedef struct sj__select_columns {
    const sj_graph *graph;
    const sj_allocator *allocator;
    size_t n;
    /* By column of categories, by the old number + 1: while measuring 1 at those that are used,
     * then their new number + 1. */
    uint32_t **code;
    uint32_t *codes; /* scratch: rows of a journey */
    uint64_t *words, *present;
    size_t room;
} sj__select_columns;

/* `room`: events of the longest journey.  Free in any case. */
sj_status sj__select_columns_init(sj__select_columns *columns, const sj_graph *graph, size_t room,
                                  sj_error *error);
void sj__select_columns_free(sj__select_columns *columns);
/* Counts what a journey has into a shape. */
void sj__select_columns_measure(sj__select_columns *columns, const sj__kept_journey *journey,
                                sj__shape *shape);
/* Fills a map with the graph's, without categories that nothing kept has. */
sj_status sj__select_columns_map(sj__select_columns *columns, sj__map *map,
                                 const sj_allocator *allocator, sj_error *error);
void sj__select_columns_pack(sj__select_columns *columns, const sj__kept_journey *journey,
                             sj__pack *pack);

#endif
