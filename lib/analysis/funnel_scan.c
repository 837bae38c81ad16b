/* The two strict scans of ClickHouse's windowFunnel (strict_order, strict_deduplication, as
 * released since March 2026): one pass over rows, no attempts.
 *
 * A row is an event and one step that it meets; rows stand in order of time, then step.  start[k]
 * is where the chain began that last reached step k:
 *     step 1
 *     start[1] = this row, within the entry range; a chain that went on keeps its own start
 *     step k > 1        start[k] = start[k − 1], if that is set and lies within the window
 *     step n_steps      reached: the scan is over
 *     dedup             a row of a step k > 1 that is reached already ends the scan
 *     order
 *     once start[1] is set, a row of an event that meets no step ends the scan, and so does a row of a step
 *                       whose predecessor is not reached; the level then counts the steps before the first not reached one
 * Else the level is the highest step reached.  A scan fills no steps: of the unit it knows the
 * level and the entry of the chain that gave it.  O(events · steps). */
#include "analysis/funnel_attempt.h"
#include "analysis/funnel_preset.h"
#include "base/checked.h"

typedef struct scan_state {
    uint32_t *start;  /* by step: a moment, SJ__FUNNEL_NO_MOMENT: not reached; n_steps + 1 */
    uint8_t *n_rows;  /* by step: rows of the instant at hand, 2 for more; n_steps + 1 */
    uint32_t level;   /* where the scan has ended before its rows */
    int32_t is_ended; /* it has */
} scan_state;

static sj_status scan_init(sj__funnel_finder *finder, sj_error *error)
{
    const size_t rows = (size_t)finder->rules->n_steps + 1;
    scan_state *scan = sj__alloc_zeroed(finder->allocator, 1, sizeof *scan);
    finder->state = scan;
    if (scan == NULL)
        return sj__fail_nomem(error);
    scan->start = sj__alloc(finder->allocator, rows, sizeof *scan->start);
    scan->n_rows = sj__alloc_zeroed(finder->allocator, rows, sizeof *scan->n_rows);
    return scan->start != NULL && scan->n_rows != NULL ? SJ_OK : sj__fail_nomem(error);
}

static void scan_free(sj__funnel_finder *finder)
{
    const size_t rows = (size_t)finder->rules->n_steps + 1;
    scan_state *scan = finder->state;
    if (scan == NULL)
        return;
    sj__free(finder->allocator, scan->start, rows, sizeof *scan->start);
    sj__free(finder->allocator, scan->n_rows, rows, sizeof *scan->n_rows);
    sj__free(finder->allocator, scan, 1, sizeof *scan);
}

static int scan_has(const scan_state *scan, uint32_t step)
{
    return scan->start[step] != SJ__FUNNEL_NO_MOMENT;
}

/* The scan is over: all steps up to `level` are reached. */
static void scan_end(scan_state *scan, uint32_t level)
{
    scan->is_ended = 1;
    scan->level = level;
}

static uint32_t scan_highest(const scan_state *scan, uint32_t n_steps)
{
    while (n_steps > 0 && !scan_has(scan, n_steps))
        n_steps--;
    return n_steps;
}

/* How many steps are reached from the first on. */
static uint32_t scan_unbroken(const scan_state *scan)
{
    uint32_t level = 0;
    while (scan_has(scan, level + 1))
        level++;
    return level;
}

static int scan_may_enter(const sj__funnel_path_rules *rules, int64_t time)
{
    return (!rules->has_entry_from || time >= rules->entry_from) &&
           (!rules->has_entry_to || time < rules->entry_to);
}

/* A row: an event at moments[i], and a step that it meets. */
static void scan_row(const sj__funnel_path_rules *rules, scan_state *scan,
                     const sj__funnel_moment *moments, uint32_t step, size_t i)
{
    const int64_t time = moments[i].time;
    if (step == 1) {
        if (scan_may_enter(rules, time))
            scan->start[1] = (uint32_t)i;
    } else if (rules->scan == SJ__FUNNEL_SCAN_DEDUP && scan_has(scan, step)) {
        scan_end(scan, scan_highest(scan, rules->n_steps));
    } else if (!scan_has(scan, step - 1)) {
        if (rules->scan == SJ__FUNNEL_SCAN_ORDER && scan_has(scan, 1))
            scan_end(scan, scan_unbroken(scan));
    } else if (sj__time_since(time, moments[scan->start[step - 1]].time) <= rules->window) {
        scan->start[step] = scan->start[step - 1];
    }
    if (!scan->is_ended && scan_has(scan, rules->n_steps))
        scan_end(scan, rules->n_steps);
}

/* The n > 1 events of one time: their rows step by step.  More than two rows of a step say what two
 * say. */
static void scan_instant(const sj__funnel_path_rules *rules, scan_state *scan,
                         const sj__funnel_moment *moments, size_t i, size_t n)
{
    size_t entry = i + n;
    for (size_t e = i; e < i + n; e++) {
        for (uint32_t k = 0; k < moments[e].n_steps; k++) {
            const uint32_t step = moments[e].steps[k];
            entry = step == 1 && entry == i + n ? e : entry;
            scan->n_rows[step] = (uint8_t)(scan->n_rows[step] == 0 ? 1 : 2);
        }
    }
    for (uint32_t step = 1; step <= rules->n_steps; step++) {
        for (uint8_t row = 0; row < scan->n_rows[step] && !scan->is_ended; row++)
            scan_row(rules, scan, moments, step, step == 1 ? entry : i);
        scan->n_rows[step] = 0;
    }
}

/* Whether one of n events meets no step. */
static int scan_has_stranger(const sj__funnel_moment *moments, size_t i, size_t n)
{
    for (size_t e = i; e < i + n; e++)
        if (moments[e].n_steps == 0)
            return 1;
    return 0;
}

static sj_status scan_find(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                           sj_error *error)
{
    const sj__funnel_path_rules *rules = finder->rules;
    scan_state *scan = finder->state;
    scan->is_ended = 0;
    for (uint32_t k = 0; k <= rules->n_steps; k++)
        scan->start[k] = SJ__FUNNEL_NO_MOMENT;
    for (size_t i = 0, at; i < n && !scan->is_ended; i += at) {
        at = sj__funnel_instant(rules, moments, i, n);
        if (rules->scan == SJ__FUNNEL_SCAN_ORDER && scan_has(scan, 1) &&
            scan_has_stranger(moments, i, at))
            break;
        if (at > 1)
            scan_instant(rules, scan, moments, i, at);
        for (uint32_t k = 0; at == 1 && k < moments[i].n_steps && !scan->is_ended; k++)
            scan_row(rules, scan, moments, moments[i].steps[k], i);
    }
    const uint32_t level = scan->is_ended ? scan->level : scan_highest(scan, rules->n_steps);
    if (level == 0)
        return SJ_OK;
    const sj__funnel_attempt found = {.level = level,
                                      .entered = 1,
                                      .entry = scan->start[level],
                                      .at = scan->start[level],
                                      .fills = 1};
    return sj__funnel_finder_add(finder, &found, error);
}

/* Of the chain only its entry is known. */
static sj_status scan_trace(sj__funnel_finder *finder, const sj__funnel_moment *moments, size_t n,
                            const sj__funnel_attempt *attempt, sj_error *error)
{
    (void)moments;
    (void)n;
    (void)error;
    for (uint32_t k = 0; k <= finder->rules->n_steps; k++)
        finder->filled[k] = SJ__FUNNEL_NO_MOMENT;
    finder->filled[1] = attempt->entry;
    return SJ_OK;
}

const sj__funnel_method sj__funnel_scan_method = {
    .text = "a scan of rows by time and step, without attempts",
    .init = scan_init,
    .free = scan_free,
    .find = scan_find,
    .trace = scan_trace,
};
