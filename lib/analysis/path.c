/* Paths: the tree of what comes after, before or between anchors.
 *
 * A customer's journey is a list of events (with `collapse`, of visits), cut into sessions where
 * there is a gap to cut at. From an anchor a path goes on event by event, `depth` of them at most,
 * inside the session; where it ends sooner, an end is its last step.  Each worker keeps a trie of
 * the paths it has met (kernel/trie.c) and counts every node that a path goes through; the trie
 * becomes the rows of the one ledger:
 *     paths    names of the path, the one next to the anchor first    count
 * so that the tally holds each node once, and a node's count is that of its children.  Nothing is
 * left out before the conclusion (path_conclude.c).  O(events + anchors · depth). */
#include "analysis/path.h"

#include <string.h>

#include "base/checked.h"
#include "journey/legs.h"

/* Steps of the trie that are no touchpoint: behind them. */
enum { PATH_STEP_END = 0, PATH_STEP_LOST = 1, PATH_STEP_ENDS = 2 };

/* One worker's room. */
typedef struct path_scratch {
    sj__trie trie;
    uint8_t *marks;  /* by event: SJ__PATH_… bits */
    uint32_t *steps; /* by event that counts */
    uint64_t *ends;  /* by session: behind its last event that counts */
    size_t marks_capacity, steps_capacity, ends_capacity;
    size_t n_steps, n_sessions;
    uint32_t stamp; /* of the customer */
    int32_t *names; /* by touchpoint: its number in the tally */
} path_scratch;

/* ---- plan ---- */

static void path_describe(const sj__path *path, sj__text *text)
{
    const char *where = path->has_from ? (path->has_to ? "between anchors" : "from anchors")
                        : path->has_to ? "backwards from anchors"
                                       : "from the start of journeys";
    sj__text_add(text, "trie of paths ");
    sj__text_add(text, where);
    sj__text_add(text, " on decoded journeys, at most ");
    sj__text_unsigned(text, path->depth);
    sj__text_add(text, " events each");
}

static sj_status path_ask(sj_plan *plan, const void *options, sj_error *error)
{
    const sj_graph *graph = plan->graph;
    sj_path_options resolved;
    sj__path *path = NULL;
    sj_status status = sj__path_options_resolve(options, &resolved, error);
    if (status == SJ_OK)
        status = sj__path_new(graph, &resolved, &path, error);
    if (status != SJ_OK)
        return status;
    plan->question = path;
    memset(plan->wanted, 1, plan->n_wanted);
    path_describe(path, &plan->text);
    sj__path_write(path, &resolved, &plan->counted);
    return SJ_OK;
}

/* ---- scan ---- */

static sj_status path_begin(sj__counting *counting, sj_error *error)
{
    const sj__path *path = counting->question;
    const sj_allocator *a = &counting->allocator;
    path_scratch *scratch = sj__alloc_zeroed(a, 1, sizeof *scratch);
    if (scratch == NULL)
        return sj__fail_nomem(error);
    counting->scratch = scratch;
    sj__trie_init(&scratch->trie, path->n_touchpoints + PATH_STEP_ENDS, a);
    scratch->names = sj__alloc(a, path->n_touchpoints, sizeof *scratch->names);
    if (scratch->names == NULL)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < path->n_touchpoints; t++)
        scratch->names[t] = SJ__NOT_NAMED;
    return sj__trie_root(&scratch->trie, error);
}

static void path_drop(sj__counting *counting)
{
    const sj__path *path = counting->question;
    const sj_allocator *a = &counting->allocator;
    path_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__trie_free(&scratch->trie);
    sj__free(a, scratch->marks, scratch->marks_capacity, sizeof *scratch->marks);
    sj__free(a, scratch->steps, scratch->steps_capacity, sizeof *scratch->steps);
    sj__free(a, scratch->ends, scratch->ends_capacity, sizeof *scratch->ends);
    sj__free(a, scratch->names, path->n_touchpoints, sizeof *scratch->names);
    sj__free(a, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

/* The journey as steps with marks and sessions.  A visit has the marks of all of its events. */
static sj_status path_read(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    const sj__path *path = counting->question;
    const sj_allocator *a = &counting->allocator;
    path_scratch *scratch = counting->scratch;
    size_t n = 0, sessions = 0;
    sj_status status = sj__grow(a, &scratch->marks, &scratch->marks_capacity, journey->n, error);
    if (status == SJ_OK)
        status = sj__grow(a, &scratch->steps, &scratch->steps_capacity, journey->n, error);
    if (status == SJ_OK)
        status = sj__grow(a, &scratch->ends, &scratch->ends_capacity, journey->n, error);
    if (status != SJ_OK)
        return status;
    if (path->has_from || path->has_to)
        sj__marks_put(&path->marks, counting->graph, journey, journey->n, scratch->marks);
    else
        memset(scratch->marks, 0, journey->n);
    for (size_t i = 0; i < journey->n; i++) {
        const uint32_t step = sj__journey_touchpoint(journey, i);
        const int begins =
            i == 0 || (path->gap != SJ__NO_LIMIT &&
                       sj__time_since(journey->time[i], journey->time[i - 1]) > path->gap);
        if (begins && i > 0)
            scratch->ends[sessions++] = n;
        if (path->collapse && !begins && scratch->steps[n - 1] == step) {
            scratch->marks[n - 1] |= scratch->marks[i];
            continue;
        }
        scratch->marks[n] = scratch->marks[i];
        scratch->steps[n++] = step;
    }
    scratch->ends[sessions++] = n;
    scratch->n_steps = n;
    scratch->n_sessions = sessions;
    return SJ_OK;
}

/* One more step of a path. */
static sj_status path_go(path_scratch *scratch, uint32_t *node, uint32_t step, sj_error *error)
{
    const sj_status status = sj__trie_child(&scratch->trie, *node, step, node, error);
    if (status == SJ_OK)
        sj__trie_count(&scratch->trie, *node, scratch->stamp);
    return status;
}

/* With `from` and `to`: how many steps to the first that meets `to`; 0 where none of the next
 * `most` does. */
static size_t path_reach(const path_scratch *scratch, size_t first, size_t most)
{
    for (size_t k = 0; k < most; k++) {
        if ((scratch->marks[first + k] >> SJ__PATH_TO & 1) != 0)
            return k + 1;
    }
    return 0;
}

/* A path whose steps begin at `first` and of which there are `left` in the session, going by `way`
 * (1 or −1). */
static sj_status path_walk(const sj__path *path, path_scratch *scratch, size_t first, size_t left,
                           int way, sj_error *error)
{
    const uint32_t end = path->n_touchpoints + PATH_STEP_END;
    size_t n = left < path->depth ? left : path->depth;
    uint32_t node = 0;
    sj_status status = SJ_OK;
    sj__trie_count(&scratch->trie, 0, scratch->stamp);
    if (path->has_from && path->has_to) {
        n = path_reach(scratch, first, n);
        if (n == 0)
            return path_go(scratch, &node, path->n_touchpoints + PATH_STEP_LOST, error);
    }
    for (size_t k = 0; k < n && status == SJ_OK; k++)
        status = path_go(scratch, &node, scratch->steps[way > 0 ? first + k : first - k], error);
    if (status == SJ_OK && n < path->depth)
        status = path_go(scratch, &node, end, error);
    return status;
}

/* The paths from step `at` of the session [low, high) where it is an anchor; adds one to *found for
 * each. */
static sj_status path_try(const sj__path *path, path_scratch *scratch, size_t low, size_t high,
                          size_t at, uint64_t *found, sj_error *error)
{
    const int anchor = path->has_from ? SJ__PATH_FROM : SJ__PATH_TO;
    if (!path->has_from && !path->has_to) {
        if (at != low)
            return SJ_OK;
        ++*found;
        return path_walk(path, scratch, low, high - low, 1, error);
    }
    if ((scratch->marks[at] >> anchor & 1) == 0)
        return SJ_OK;
    ++*found;
    if (path->has_from)
        return path_walk(path, scratch, at + 1, high - at - 1, 1, error);
    return path_walk(path, scratch, at - 1, at - low, -1, error);
}

static sj_status path_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    const sj__path *path = counting->question;
    path_scratch *scratch = counting->scratch;
    const int backwards = path->occurrence == SJ_OCCURRENCE_LAST;
    const int every = path->occurrence == SJ_OCCURRENCE_EVERY;
    uint64_t found = 0;
    sj_status status = path_read(counting, journey, error);
    scratch->stamp = (uint32_t)journey->customer + 1;
    for (size_t i = 0; i < scratch->n_sessions && status == SJ_OK && (every || !found); i++) {
        const size_t s = backwards ? scratch->n_sessions - 1 - i : i;
        const size_t low = s > 0 ? (size_t)scratch->ends[s - 1] : 0;
        const size_t high = (size_t)scratch->ends[s];
        for (size_t k = low; k < high && status == SJ_OK && (every || !found); k++)
            status = path_try(path, scratch, low, high, backwards ? low + high - 1 - k : k, &found,
                              error);
    }
    return status;
}

/* ---- from the trie to the ledger ---- */

/* A node of the trie as a row. */
static sj_status path_end_row(void *user, const sj__trie_node *node, const uint32_t *steps,
                              size_t n, sj_error *error)
{
    sj__counting *counting = user;
    const sj__path *path = counting->question;
    const path_scratch *scratch = counting->scratch;
    sj__ledger *ledger = &counting->tally->ledgers[SJ__PATH_NODES];
    int32_t key[SJ__PATH_DEPTH];
    size_t row = 0;
    sj_status status = SJ_OK;
    if (node->count == 0)
        return SJ_OK;
    for (size_t i = 0; i < n && status == SJ_OK; i++) {
        if (steps[i] < path->n_touchpoints)
            status = sj__counting_touchpoint(counting, scratch->names, steps[i], &key[i], error);
        else
            key[i] = steps[i] == path->n_touchpoints + PATH_STEP_END ? SJ__PATH_END : SJ__PATH_LOST;
    }
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, n, &row, error);
    if (status == SJ_OK)
        sj__ledger_counts(ledger, row)[0] +=
            path->count == SJ_COUNT_CUSTOMERS ? node->customers : node->count;
    return status;
}

/* Rows are put down in the order in which they will lie in the settled tally: by names, what is
 * none before them. */
static sj_status path_end(sj__counting *counting, sj_error *error)
{
    const sj__path *path = counting->question;
    const path_scratch *scratch = counting->scratch;
    const sj_allocator *a = &counting->allocator;
    const size_t n = (size_t)path->n_touchpoints + PATH_STEP_ENDS;
    uint32_t *order = sj__alloc(a, n, sizeof *order);
    if (order == NULL)
        return sj__fail_nomem(error);
    order[0] = path->n_touchpoints + PATH_STEP_LOST;
    order[1] = path->n_touchpoints + PATH_STEP_END;
    sj_status status = sj__intern_order(&sj__graph_map(counting->graph)->touchpoints,
                                        order + PATH_STEP_ENDS, error);
    if (status == SJ_OK)
        status =
            sj__trie_each(&scratch->trie, order, SJ__PATH_DEPTH, path_end_row, counting, error);
    sj__free(a, order, n, sizeof *order);
    return status;
}

/* ---- the analysis ---- */

static const sj__ledger_spec path_ledgers[SJ__PATH_LEDGERS] = {
    [SJ__PATH_NODES] = {"paths", "n*", "count", "", ""},
};

static sj_status path_conclude_any(const sj_tally *tally, const void *options, sj_result **out,
                                   sj_error *error)
{
    return sj_path_conclude(tally, options, out, error);
}

const sj__analysis sj__path_analysis = {
    .name = "path",
    .summary = "where journeys go after, before or between events",
    .revision = 1,
    .options = &sj__path_options_struct,
    .ledgers = path_ledgers,
    .n_ledgers = SJ__PATH_LEDGERS,
    .ask = path_ask,
    .conclude = path_conclude_any,
    .begin = path_begin,
    .visit = path_visit,
    .end = path_end,
    .drop = path_drop,
    .free = sj__path_free,
};

sj_status sj_path_plan(const sj_graph *graph, const sj_path_options *options, sj_plan **out,
                       sj_error *error)
{
    return sj__plan_make(&sj__path_analysis, graph, options, out, error);
}

sj_status sj_path_compute(const sj_graph *graph, const sj_path_options *options, const sj_run *run,
                          sj_result **out, sj_error *error)
{
    return sj__compute(&sj__path_analysis, graph, options, run, out, error);
}
