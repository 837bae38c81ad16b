/* Scans: any number of plans answered in one pass over the customers of their graph.
 *
 * Customers are cut into ranges of about equally many events; whoever is free takes the next
 * range. Every worker counts into tallies of its own, which are added up and settled at the end,
 * so neither ranges nor threads show in the bytes.  In a range each plan with a range door first
 * settles what the packed arrays alone decide; a customer whom some plan still has to see is
 * decoded once, with the events that those plans want, and shown to each of them.  O(events) and
 * what the plans do. */
#include <string.h>

#include "base/bitmap.h"
#include "tally/plan.h"

#ifndef SJ__RANGE_EVENTS
#define SJ__RANGE_EVENTS 65536
#endif

/* One plan in the hands of one worker. */
typedef struct scan_seat {
    sj__counting counting;
    int32_t begun;
    uint64_t *left; /* bit per customer of the range: to be visited */
} scan_seat;

typedef struct scan_worker {
    sj__decoder decoder;
    sj__bits rows;
    scan_seat *seats; /* by plan; NULL: the worker has not begun */
    uint64_t *any;    /* customers that some plan has to see */
    uint64_t *ranged; /* customers that a plan behind a range door has to see */
    uint64_t *bits;   /* one block for all bitmaps */
    size_t bits_capacity;
} scan_worker;

typedef struct scan_job {
    sj_plan *const *plans;
    size_t n_plans;
    const sj_graph *graph;
    sj_allocator allocator;
    uint8_t *wanted; /* by the plans that are shown every customer, then by all: n_wanted each */
    size_t n_wanted;
    scan_worker *workers;
    size_t n_workers;
} scan_job;

/* Whether the plan settles what it can in the packed arrays. */
static int scan_has_range(const sj_plan *plan)
{
#ifdef SJ__WITHOUT_RANGE
    (void)plan;
    return 0;
#else
    return plan->use_range && plan->analysis->range != NULL;
#endif
}

/* ------------------------------------------------------------------------------------- workers --
 */

static sj_status scan_seat_open(scan_seat *seat, const sj_plan *plan, sj__bits *rows,
                                sj_error *error)
{
    sj__counting *counting = &seat->counting;
    counting->plan = plan;
    counting->question = plan->question;
    counting->graph = plan->graph;
    counting->allocator = plan->allocator;
    counting->bits = rows;
    sj_status status = sj__tally_new(plan->analysis, sj__text_data(&plan->counted),
                                     plan->counted.size, &plan->allocator, &counting->tally, error);
    if (status != SJ_OK || plan->analysis->begin == NULL)
        return status;
    seat->begun = 1;
    return plan->analysis->begin(counting, error);
}

/* A worker that failed half way is closed like any other. */
static sj_status scan_worker_open(const scan_job *job, scan_worker *worker, sj_error *error)
{
    worker->seats = sj__alloc_zeroed(&job->allocator, job->n_plans, sizeof *worker->seats);
    if (worker->seats == NULL)
        return sj__fail_nomem(error);
    sj__bits_init(&worker->rows, &job->allocator);
    sj_status status = sj__decoder_init(&worker->decoder, job->graph, error);
    if (status != SJ_OK)
        worker->decoder = (sj__decoder){0};
    for (size_t i = 0; i < job->n_plans && status == SJ_OK; i++)
        status = scan_seat_open(&worker->seats[i], job->plans[i], &worker->rows, error);
    return status;
}

/* Frees all that the worker has; its tallies go to `out` where that is not NULL. */
static void scan_worker_close(const scan_job *job, scan_worker *worker, sj_tally **out)
{
    if (worker->seats == NULL)
        return;
    for (size_t i = 0; i < job->n_plans; i++) {
        sj__counting *counting = &worker->seats[i].counting;
        if (worker->seats[i].begun && counting->plan->analysis->drop != NULL)
            counting->plan->analysis->drop(counting);
        if (out != NULL)
            out[i] = counting->tally;
        else
            sj_tally_free(counting->tally);
    }
    if (worker->decoder.graph != NULL)
        sj__decoder_free(&worker->decoder);
    sj__bits_free(&worker->rows);
    sj__free(&job->allocator, worker->bits, worker->bits_capacity, sizeof *worker->bits);
    sj__free(&job->allocator, worker->seats, job->n_plans, sizeof *worker->seats);
}

/* --------------------------------------------------------------------------------------- ranges --
 */

/* The customer whose event it is; behind the last event: the number of customers. */
static uint64_t scan_customer_from(const sj_graph *graph, uint64_t event)
{
    if (event >= sj__graph_events(graph))
        return sj__graph_customers(graph);
    return sj__graph_customer_of(graph, event);
}

/* Bitmaps for so many customers, all 0. */
static sj_status scan_clear_bits(const scan_job *job, scan_worker *worker, uint64_t customers,
                                 sj_error *error)
{
    size_t words = sj__bitmap_words(customers);
    size_t all = words * (job->n_plans + 2);
    sj_status status = sj__grow(&job->allocator, &worker->bits, &worker->bits_capacity, all, error);
    if (status != SJ_OK)
        return status;
    memset(worker->bits, 0, all * sizeof *worker->bits);
    worker->any = worker->bits;
    worker->ranged = worker->bits + words;
    for (size_t i = 0; i < job->n_plans; i++)
        worker->seats[i].left = worker->bits + words * (i + 2);
    return SJ_OK;
}

/* The rows of bits that plans have asked for: of codes of one byte. */
static sj_status scan_load_rows(scan_worker *worker, const sj__packed *packed, sj_error *error)
{
    const sj__bits_events events = {.codes = packed->touchpoint,
                                    .border = packed->border,
                                    .ticks = packed->delta,
                                    .tick = packed->tick,
                                    .exact = packed->exact,
                                    .from = packed->event_from,
                                    .to = packed->event_to};
    return packed->width == 1 ? sj__bits_load(&worker->rows, &events, error) : SJ_OK;
}

/* What the packed arrays decide; then who is left, for each plan and for all together. */
static sj_status scan_range_doors(const scan_job *job, scan_worker *worker, uint64_t from,
                                  uint64_t to, sj_error *error)
{
    sj__packed packed;
    size_t words = sj__bitmap_words(to - from);
    sj_status status = SJ_OK;
    sj__graph_packed(job->graph, from, to, &packed);
    status = scan_load_rows(worker, &packed, error);
    for (size_t i = 0; i < job->n_plans && status == SJ_OK; i++) {
        scan_seat *seat = &worker->seats[i];
        int has_range = scan_has_range(job->plans[i]);
        if (has_range)
            status = job->plans[i]->analysis->range(&seat->counting, &packed, seat->left, error);
        else
            memset(seat->left, 0xff, words * sizeof *seat->left);
        for (size_t w = 0; w < words; w++) {
            worker->any[w] |= seat->left[w];
            worker->ranged[w] |= has_range ? seat->left[w] : 0;
        }
    }
    return status;
}

static sj_status scan_visit(const scan_job *job, scan_worker *worker, uint64_t customer,
                            uint64_t bit, sj_error *error)
{
    sj__journey journey;
    const uint8_t *wanted = job->wanted + (sj__bit(worker->ranged, bit) ? job->n_wanted : 0);
    sj__decode(&worker->decoder, customer, wanted, &journey);
    if (journey.n == 0)
        return SJ_OK;
    sj_status status = SJ_OK;
    for (size_t i = 0; i < job->n_plans && status == SJ_OK; i++) {
        scan_seat *seat = &worker->seats[i];
        if (sj__bit(seat->left, bit))
            status = job->plans[i]->analysis->visit(&seat->counting, &journey, error);
    }
    return status;
}

/* One item: from the customer of its first event to the one of the next item's. */
static sj_status scan_item(void *user, size_t number, uint64_t item, sj_error *error)
{
    const scan_job *job = user;
    scan_worker *worker = &job->workers[number];
    uint64_t from = scan_customer_from(job->graph, item * SJ__RANGE_EVENTS);
    uint64_t to = scan_customer_from(job->graph, (item + 1) * SJ__RANGE_EVENTS);
    if (from == to)
        return SJ_OK;
    sj_status status = worker->seats == NULL ? scan_worker_open(job, worker, error) : SJ_OK;
    if (status == SJ_OK)
        status = scan_clear_bits(job, worker, to - from, error);
    if (status == SJ_OK)
        status = scan_range_doors(job, worker, from, to, error);
    for (size_t w = 0; w < sj__bitmap_words(to - from) && status == SJ_OK; w++) {
        uint64_t bits = worker->any[w];
        for (; bits != 0 && status == SJ_OK; bits &= bits - 1) {
            uint64_t bit = 64 * (uint64_t)w + (uint64_t)__builtin_ctzll(bits);
            if (from + bit >= to)
                break;
            status = scan_visit(job, worker, from + bit, bit, error);
        }
    }
    return status;
}

/* ---- a scan ---- */

static sj_status scan_check(sj_plan *const *plans, size_t n_plans, sj_error *error)
{
    for (size_t i = 0; i < n_plans; i++) {
        const sj__place place = {.index = (int64_t)i};
        if (plans[i] == NULL)
            return sj__fail_at(error, SJ_ERR_ARGUMENT, place, "plan %u is NULL", (uint64_t)i);
        if (plans[i]->graph != plans[0]->graph)
            return sj__fail_at(error, SJ_ERR_ARGUMENT, place,
                               "plan %u was made for another graph than plan 0", (uint64_t)i);
    }
    return SJ_OK;
}

/* The masks: by the plans that are shown every customer, and by all. */
static sj_status scan_mask(scan_job *job, sj_error *error)
{
    job->n_wanted = job->plans[0]->n_wanted;
    job->wanted = sj__alloc_zeroed(&job->allocator, 2 * job->n_wanted, 1);
    if (job->wanted == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < job->n_plans; i++) {
        const sj_plan *plan = job->plans[i];
        for (size_t j = 0; j < job->n_wanted; j++) {
            job->wanted[job->n_wanted + j] |= plan->wanted[j];
            job->wanted[j] |= scan_has_range(plan) ? 0 : plan->wanted[j];
        }
    }
    return SJ_OK;
}

/* Everybody's counts of plan `i` into the first worker's tally, settled. */
static sj_status scan_conclude(scan_job *job, size_t i, sj_error *error)
{
    const sj__analysis *analysis = job->plans[i]->analysis;
    sj_tally *tally = job->workers[0].seats[i].counting.tally;
    sj_status status = SJ_OK;
    for (size_t w = 0; w < job->n_workers && status == SJ_OK; w++) {
        if (job->workers[w].seats == NULL)
            continue;
        sj__counting *counting = &job->workers[w].seats[i].counting;
        if (analysis->end != NULL)
            status = analysis->end(counting, error);
        if (status == SJ_OK && w > 0)
            status = sj__tally_add(tally, counting->tally, 1, error);
    }
    if (status != SJ_OK)
        return status;
    tally->customers = (int64_t)sj__graph_customers(job->graph);
    return sj__tally_settle(tally, error);
}

static sj_status scan_run(scan_job *job, const sj_run *run, sj_error *error)
{
    uint64_t events = sj__graph_events(job->graph);
    uint64_t n_items = events / SJ__RANGE_EVENTS + (events % SJ__RANGE_EVENTS != 0);
    sj_run used = *run;
    if (used.threads < 1 || n_items <= 1)
        used.threads = 1;
    else if ((uint64_t)used.threads > n_items)
        used.threads = (int64_t)n_items;
    job->n_workers = (size_t)used.threads;
    job->workers = sj__alloc_zeroed(&job->allocator, job->n_workers, sizeof *job->workers);
    if (job->workers == NULL)
        return sj__fail_nomem(error);
    sj_status status = scan_mask(job, error);
    if (status == SJ_OK) /* also where there is nothing to visit */
        status = scan_worker_open(job, &job->workers[0], error);
    if (status == SJ_OK)
        status = sj__run_items(&used, &job->allocator, n_items, events, scan_item, job, error);
    for (size_t i = 0; i < job->n_plans && status == SJ_OK; i++)
        status = scan_conclude(job, i, error);
    return status;
}

sj_status sj_scan(sj_plan *const *plans, size_t n_plans, const sj_run *run, sj_tally **out,
                  sj_error *error)
{
    for (size_t i = 0; out != NULL && i < n_plans; i++)
        out[i] = NULL;
    if (n_plans > 0 && (plans == NULL || out == NULL))
        return sj__fail(error, SJ_ERR_ARGUMENT, "plans or out is NULL");
    sj_run loaded;
    sj_status status = sj__run_load(run, &loaded, error);
    if (status == SJ_OK)
        status = scan_check(plans, n_plans, error);
    if (status != SJ_OK || n_plans == 0)
        return status;
    scan_job job = {.plans = plans,
                    .n_plans = n_plans,
                    .graph = plans[0]->graph,
                    .allocator = plans[0]->allocator};
    status = scan_run(&job, &loaded, error);
    for (size_t w = 0; job.workers != NULL && w < job.n_workers; w++)
        scan_worker_close(&job, &job.workers[w], w == 0 && status == SJ_OK ? out : NULL);
    sj__free(&job.allocator, job.workers, job.n_workers, sizeof *job.workers);
    sj__free(&job.allocator, job.wanted, 2 * job.n_wanted, 1);
    return status;
}
