/**
 * @file
 * What a graph holds, as tables.
 */
#ifndef SOJOURN_SUMMARY_H
#define SOJOURN_SUMMARY_H

#include <sojourn/journey.h>
#include <sojourn/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Tables `summary`: events, customers, touchpoints, channels, first_time, last_time,
 *  bytes_per_event, skipped, doubles, digits_cut (the builder counted them) · `touchpoints`: name,
 *  stage, channel, events · `stages`, `channels`: name, events · `micro_conversions`: name,
 *  condition, value, events, customers · `expected`: from, to, share · `attributes`: name, type,
 *  of. */
SJ_API sj_status sj_summary_compute(const sj_graph *graph, const sj_run *run, sj_result **out,
                                    sj_error *error);

/** Table `events` of some customers, in order: customer, time, touchpoint, channel, value,
 *  attributes. */
SJ_API sj_status sj_summary_list(const sj_graph *graph, const uint64_t *customers,
                                 size_t n_customers, sj_result **out, sj_error *error);

#ifdef __cplusplus
}
#endif
#endif
