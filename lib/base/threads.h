/* Work in items, on the calling thread and as many more as `run` allows. */
#ifndef SJ__BASE_THREADS_H
#define SJ__BASE_THREADS_H

#include "base/options.h"

enum { SJ__THREADS_MOST = 256 };

extern const sj__struct sj__run_struct;

/* Checks `run` (NULL: one thread, silent) and copies it with `threads` 1 to SJ__THREADS_MOST; more
 * are taken as so many. */
sj_status sj__run_load(const sj_run *run, sj_run *out, sj_error *error);

/* One item of work; `worker` is 0 … threads − 1, one item at a time per worker. */
typedef sj_status (*sj__task)(void *user, size_t worker, uint64_t item, sj_error *error);

/* Does items 0 … n_items − 1, each once, in an order that nobody may rely on.  The calling thread
 * is worker 0 and alone calls run->progress: at the start, between its items and at the end, with
 * total × items done / n_items and `total`.  After a failure no new item begins; of the failures
 * the one of the lowest item is returned, the same with any number of threads.  SJ_ERR_CANCELLED
 * where progress returned other than 0.  Where threads cannot be started, fewer do the work.  `run`
 * must be loaded. */
sj_status sj__run_items(const sj_run *run, const sj_allocator *a, uint64_t n_items, uint64_t total,
                        sj__task task, void *user, sj_error *error);

#endif
