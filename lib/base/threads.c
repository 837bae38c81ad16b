/* Work in items, on one or more threads.
 *
 * Workers claim the next item from one atomic counter.  A worker looks for a failure before it
 * claims, never after, so every item below one that failed has been claimed and is done to its end:
 * the failure of the lowest item is the same one whatever the number of threads. */
#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/number.h"

static const sj__field threads_run_fields[] = {
    SJ__FIELD(sj_run, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE, .option = ""),
    SJ__FIELD(sj_run, progress, SJ__KIND_OBJECT, SJ__ROLE_READ, .fallback = "not called",
              .option = ""),
    SJ__FIELD(sj_run, user, SJ__KIND_OBJECT, SJ__ROLE_READ, .option = ""),
    SJ__FIELD(sj_run, threads, SJ__KIND_COUNT, SJ__ROLE_READ, .fallback = "1"),
};

const sj__struct sj__run_struct = {.name = "sj_run",
                                   .fields = threads_run_fields,
                                   .n_fields =
                                       sizeof threads_run_fields / sizeof *threads_run_fields,
                                   .size = sizeof(sj_run),
                                   .least = sizeof(sj_run)};

sj_status sj__run_load(const sj_run *run, sj_run *out, sj_error *error)
{
    sj_status status = sj__options_load(&sj__run_struct, run, out, error);

    if (status != SJ_OK)
        return status;
    if (out->threads == 0)
        out->threads = 1;
    if (out->threads > SJ__THREADS_MOST)
        out->threads = SJ__THREADS_MOST;
    return SJ_OK;
}

/* What all workers share. */
typedef struct threads_work {
    const sj_run *run;
    sj__task task;
    void *user;
    uint64_t n_items;
    uint64_t total;
    _Atomic uint64_t next;
    _Atomic uint64_t done;
    _Atomic int stop;
    int cancelled; /* worker 0 alone writes it */
} threads_work;

typedef struct threads_worker {
    threads_work *work;
    size_t number;
    uint64_t failed_item;
    pthread_t thread;
    sj_status status;
    sj_error error;
} threads_worker;

static void threads_progress(threads_work *work, uint64_t items)
{
    uint64_t done = work->total;

    if (work->run->progress == NULL || work->cancelled)
        return;
    if (items < work->n_items)
        done = (uint64_t)((sj__u128)work->total * items / work->n_items);
    if (work->run->progress(work->run->user, done, work->total) != 0) {
        work->cancelled = 1;
        atomic_store(&work->stop, 1);
    }
}

static void *threads_run(void *argument)
{
    threads_worker *worker = argument;
    threads_work *work = worker->work;

    while (!atomic_load(&work->stop)) {
        uint64_t item = atomic_fetch_add(&work->next, 1);

        if (item >= work->n_items)
            break;
        worker->status = work->task(work->user, worker->number, item, &worker->error);
        if (worker->status != SJ_OK) {
            worker->failed_item = item;
            atomic_store(&work->stop, 1);
            break;
        }
        item = atomic_fetch_add(&work->done, 1) + 1;
        if (worker->number == 0 && item < work->n_items)
            threads_progress(work, item);
    }
    return NULL;
}

/* Starts workers 1 … n − 1; how many there are then, the caller with them. */
static size_t threads_start(threads_worker *workers, size_t n)
{
    size_t started = 1;

    for (; started < n; started++) {
        workers[started] = (threads_worker){.work = workers[0].work, .number = started};
        if (pthread_create(&workers[started].thread, NULL, threads_run, &workers[started]) != 0)
            break;
    }
    return started;
}

static sj_status threads_finish(threads_work *work, const threads_worker *workers, size_t n,
                                sj_error *error)
{
    const threads_worker *failed = NULL;

    for (size_t i = 0; i < n; i++) {
        if (workers[i].status != SJ_OK &&
            (failed == NULL || workers[i].failed_item < failed->failed_item))
            failed = &workers[i];
    }
    if (failed != NULL) {
        if (error != NULL)
            *error = failed->error;
        return failed->status;
    }
    if (!work->cancelled)
        threads_progress(work, work->n_items);
    if (work->cancelled)
        return sj__fail(error, SJ_ERR_CANCELLED, "progress asked to stop");
    return SJ_OK;
}

sj_status sj__run_items(const sj_run *run, const sj_allocator *a, uint64_t n_items, uint64_t total,
                        sj__task task, void *user, sj_error *error)
{
    threads_work work = {
        .run = run, .task = task, .user = user, .n_items = n_items, .total = total};
    threads_worker alone = {.work = &work};
    threads_worker *workers = NULL;
    size_t n = (uint64_t)run->threads < n_items ? (size_t)run->threads : (size_t)n_items;
    size_t started = 1;
    sj_status status;

    threads_progress(&work, 0);
    if (n > 1 && !work.cancelled)
        workers = sj__alloc(a, n, sizeof *workers);
    if (workers != NULL) {
        workers[0] = alone;
        started = threads_start(workers, n);
    }
    threads_run(workers != NULL ? &workers[0] : &alone);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    status = threads_finish(&work, workers != NULL ? workers : &alone, started, error);
    sj__free(a, workers, n, sizeof *workers);
    return status;
}
