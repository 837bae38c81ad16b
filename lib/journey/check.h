/* What check.c and check_edges.c share. */
#ifndef SJ__JOURNEY_CHECK_H
#define SJ__JOURNEY_CHECK_H

#include "journey/graph.h"

/* The edges of a graph against its events and its map.  SJ_ERR_FORMAT, SJ_ERR_NOMEM. */
sj_status sj__check_edges(const sj_graph *graph, sj_error *error);

#endif
