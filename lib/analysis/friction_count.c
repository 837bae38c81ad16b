/* Counting friction: the visits of one customer after the other into whole numbers.
 *
 * An index visit is the customer's first at a place (or first over a transition); it is settled
 * where it lies at least the horizon before as_of, else open and counted apart.  Its outcome is the
 * first conversion behind its last event, at most the horizon later; where legs are cut at pauses,
 * only one of its own leg.  Counts lie in a table by number, and, where there are few touchpoints,
 * in a dense array, and move into the tally's ledgers at the end. */
#include "analysis/friction.h"

#include <string.h>

#include "base/checked.h"

#define FRICTION_DENSE 512 /* most touchpoints of the dense array */
#define FRICTION_NOT_NAMED (-2)

/* A row of `manners` while counting. */
typedef struct friction_cell {
    uint64_t key; /* + 1; 0: free */
    int64_t counts[SJ__COUNTS];
} friction_cell;

/* A transition between visits while counting. */
typedef struct friction_step {
    uint64_t key;      /* both touchpoints, + 1; 0: free */
    uint64_t customer; /* the last who made it */
    int64_t counts[SJ__POSITION_BUCKETS][SJ__RATE_COUNTS];
} friction_step;

typedef struct friction_scratch {
    sj__friction_reader reader;
    uint64_t customer; /* 1, 2 … in the order of this worker */
    uint64_t *visited; /* by touchpoint: the last customer who has been there */
    int32_t *names;    /* by touchpoint: its number in the tally; FRICTION_NOT_NAMED */
    size_t n_touchpoints;
    friction_cell *cells; /* open addressing */
    size_t cell_capacity, n_cells;
    friction_step *steps; /* open addressing */
    size_t step_capacity, n_steps;
    int64_t *rates; /* signal, touchpoint, bucket; NULL: too many touchpoints */
    size_t n_rates;
    int64_t seen[SJ__FRICTION_SIGNALS][3]; /* open, first conversions, late ones */
} friction_scratch;

/* ---- begin, drop ---- */

static sj_status friction_allocate(sj__counting *counting, friction_scratch *scratch,
                                   sj_error *error)
{
    const sj_allocator *a = &counting->allocator;
    const sj__friction *friction = counting->question;
    const size_t n = friction->map->touchpoints.count;
    scratch->n_touchpoints = n;
    scratch->visited = sj__alloc_zeroed(a, n, sizeof *scratch->visited);
    scratch->names = sj__alloc(a, n, sizeof *scratch->names);
    if (scratch->visited == NULL || scratch->names == NULL)
        return sj__fail_nomem(error);
    for (size_t t = 0; t < n; t++)
        scratch->names[t] = FRICTION_NOT_NAMED;
    if (n <= FRICTION_DENSE) {
        scratch->n_rates = (size_t)(SJ__FRICTION_SIGNALS - SJ__FRICTION_EFFECTS) * n *
                           SJ__POSITION_BUCKETS * SJ__RATE_COUNTS;
        scratch->rates = sj__alloc_zeroed(a, scratch->n_rates, sizeof *scratch->rates);
        if (scratch->rates == NULL)
            return sj__fail_nomem(error);
    }
    return sj__friction_reader_init(&scratch->reader, friction, counting->graph, a, error);
}

sj_status sj__friction_begin(sj__counting *counting, sj_error *error)
{
    friction_scratch *scratch = sj__alloc_zeroed(&counting->allocator, 1, sizeof *scratch);
    counting->scratch = scratch;
    return scratch != NULL ? friction_allocate(counting, scratch, error) : sj__fail_nomem(error);
}

void sj__friction_drop(sj__counting *counting)
{
    const sj_allocator *a = &counting->allocator;
    friction_scratch *scratch = counting->scratch;
    if (scratch == NULL)
        return;
    sj__friction_reader_free(&scratch->reader);
    sj__free(a, scratch->visited, scratch->n_touchpoints, sizeof *scratch->visited);
    sj__free(a, scratch->names, scratch->n_touchpoints, sizeof *scratch->names);
    sj__free(a, scratch->cells, scratch->cell_capacity, sizeof *scratch->cells);
    sj__free(a, scratch->steps, scratch->step_capacity, sizeof *scratch->steps);
    sj__free(a, scratch->rates, scratch->n_rates, sizeof *scratch->rates);
    sj__free(a, scratch, 1, sizeof *scratch);
    counting->scratch = NULL;
}

/* ---- tables ---- */

static friction_cell *friction_slot(friction_cell *cells, size_t capacity, uint64_t key)
{
    size_t i = (size_t)sj__hash_mix(key) & (capacity - 1);
    while (cells[i].key != 0 && cells[i].key != key)
        i = (i + 1) & (capacity - 1);
    return &cells[i];
}

/* The counts of a key; room for one more is made first. */
static sj_status friction_cell_of(sj__counting *counting, uint64_t key, int64_t **out,
                                  sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    if (4 * (scratch->n_cells + 1) > 3 * scratch->cell_capacity) {
        const size_t capacity = scratch->cell_capacity > 0 ? 2 * scratch->cell_capacity : 256;
        friction_cell *cells = sj__alloc_zeroed(&counting->allocator, capacity, sizeof *cells);
        if (cells == NULL)
            return sj__fail_nomem(error);
        for (size_t i = 0; i < scratch->cell_capacity; i++) {
            if (scratch->cells[i].key != 0)
                *friction_slot(cells, capacity, scratch->cells[i].key) = scratch->cells[i];
        }
        sj__free(&counting->allocator, scratch->cells, scratch->cell_capacity, sizeof *cells);
        scratch->cells = cells;
        scratch->cell_capacity = capacity;
    }
    friction_cell *cell = friction_slot(scratch->cells, scratch->cell_capacity, key + 1);
    scratch->n_cells += cell->key == 0;
    cell->key = key + 1;
    *out = cell->counts;
    return SJ_OK;
}

static friction_step *friction_step_slot(friction_step *steps, size_t capacity, uint64_t key)
{
    size_t i = (size_t)sj__hash_mix(key) & (capacity - 1);
    while (steps[i].key != 0 && steps[i].key != key)
        i = (i + 1) & (capacity - 1);
    return &steps[i];
}

static sj_status friction_step_of(sj__counting *counting, uint32_t from, uint32_t to,
                                  friction_step **out, sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const uint64_t key = ((uint64_t)from << 32 | to) + 1;
    if (2 * (scratch->n_steps + 1) > scratch->step_capacity) {
        const size_t capacity = scratch->step_capacity > 0 ? 2 * scratch->step_capacity : 64;
        friction_step *steps = sj__alloc_zeroed(&counting->allocator, capacity, sizeof *steps);
        if (steps == NULL)
            return sj__fail_nomem(error);
        for (size_t i = 0; i < scratch->step_capacity; i++) {
            if (scratch->steps[i].key != 0)
                *friction_step_slot(steps, capacity, scratch->steps[i].key) = scratch->steps[i];
        }
        sj__free(&counting->allocator, scratch->steps, scratch->step_capacity, sizeof *steps);
        scratch->steps = steps;
        scratch->step_capacity = capacity;
    }
    *out = friction_step_slot(scratch->steps, scratch->step_capacity, key);
    scratch->n_steps += (*out)->key == 0;
    (*out)->key = key;
    return SJ_OK;
}

static sj_status friction_name(sj__counting *counting, uint32_t touchpoint, int32_t *out,
                               sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const sj__friction *friction = counting->question;
    sj_status status = SJ_OK;
    if (scratch->names[touchpoint] == FRICTION_NOT_NAMED) {
        size_t n;
        const char *name = sj__intern_name(&friction->map->touchpoints, touchpoint, &n);
        status = sj__tally_name(counting->tally, name, n, &scratch->names[touchpoint], error);
    }
    *out = scratch->names[touchpoint];
    return status;
}

/* ---- effects ---- */

/* The event behind the visit, where it counts for the visit's dwell. */
static int friction_next_event(const friction_scratch *scratch, const sj__visit *visit,
                               int64_t *time)
{
    const size_t next = (size_t)visit->last + 1;
    if (next >= scratch->reader.legs.n_events)
        return 0;
    *time = scratch->reader.journey->time[next];
    return sj__time_since(*time, visit->end) <= scratch->reader.friction->rules.session_gap;
}

static void friction_see(friction_scratch *scratch, int32_t signal, const sj__friction_here *here,
                         int64_t settled)
{
    const sj__leg_rules *rules = &scratch->reader.friction->rules;
    int64_t *seen = scratch->seen[signal];
    if (sj__legs_is_open(rules, settled)) {
        seen[0]++;
    } else if (here->converts) {
        seen[1]++;
        seen[2] += sj__time_since(here->conversion, settled) > rules->horizon;
    }
}

/* Open and late index visits, by signal. */
static void friction_see_effects(friction_scratch *scratch, const sj__friction_here *here,
                                 int32_t manner, int has_next, int64_t next)
{
    const uint32_t signals = scratch->reader.friction->signals;
    for (int32_t s = 0; s < SJ__FRICTION_EFFECTS; s++) {
        const int at_risk = s == SJ__FRICTION_SLOW      ? has_next
                            : s == SJ__FRICTION_REPEAT  ? (manner & SJ__MANNER_RAGE) == 0
                            : s == SJ__FRICTION_HANDOFF ? (manner & SJ__MANNER_CAME_FROM) != 0
                                                        : 1;
        if (at_risk && sj__friction_has(signals, s))
            friction_see(scratch, s, here, s == SJ__FRICTION_SLOW ? next : here->visit->end);
    }
}

static sj_status friction_count_manner(sj__counting *counting, const sj__friction_here *here,
                                       sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const sj__friction *friction = counting->question;
    const sj__leg_rules *rules = &friction->rules;
    const int32_t manner = sj__friction_manner(&scratch->reader, here->number);
    const int asks_dwell = sj__friction_has(friction->signals, SJ__FRICTION_SLOW);
    int64_t next = 0, *counts = NULL;
    const int has_next = asks_dwell && friction_next_event(scratch, here->visit, &next);
    int32_t cell = 0;
    if (here->is_first)
        friction_see_effects(scratch, here, manner, has_next, next);
    if (here->is_open)
        return SJ_OK;
    if (has_next && !sj__legs_is_open(rules, next))
        cell = sj__dwell_cell(sj__time_since(next, here->visit->start));
    const uint64_t place =
        (uint64_t)here->visit->touchpoint * SJ__POSITION_BUCKETS + (uint64_t)here->bucket;
    const sj_status status = friction_cell_of(
        counting, (place * SJ__MANNERS + (uint64_t)manner) * SJ__DWELL_CELLS + (uint64_t)cell,
        &counts, error);
    if (status != SJ_OK)
        return status;
    counts[SJ__COUNT_VISITS]++;
    if (here->is_first) {
        counts[SJ__COUNT_INDEX]++;
        counts[SJ__COUNT_CONVERTED] += here->in_time;
        counts[SJ__COUNT_CONVERTED_NEXT] +=
            cell > 0 && here->converts && sj__time_since(here->conversion, next) <= rules->horizon;
    }
    return SJ_OK;
}

/* ---- rates ---- */

static void friction_add_verdict(int64_t *counts, const sj__friction_verdict *verdict)
{
    counts[SJ__RATE_VISITS]++;
    counts[SJ__RATE_AFFECTED_VISITS] += verdict->affected;
    if (!verdict->is_unit)
        return;
    counts[SJ__RATE_UNITS]++;
    counts[SJ__RATE_AFFECTED] += verdict->affected;
    counts[verdict->affected ? SJ__RATE_CONVERTED_AFFECTED : SJ__RATE_CONVERTED] +=
        verdict->converted;
}

/* The row of a rate in the tally; `second` SJ__NO_ID: none. */
static sj_status friction_rate_row(sj__counting *counting, int32_t signal, uint32_t place,
                                   uint32_t second, int32_t bucket, int64_t **out, sj_error *error)
{
    const sj__friction *friction = counting->question;
    sj__ledger *ledger = &counting->tally->ledgers[SJ__FRICTION_RATES];
    const uint32_t stage = friction->map->touchpoint[place].stage;
    const int is_place = second == SJ__NO_ID;
    int32_t key[5] = {signal, 0, -1, bucket,
                      is_place && stage != SJ__NO_ID ? (int32_t)stage + 1 : 0};
    size_t row = 0;
    sj_status status = friction_name(counting, place, &key[1], error);
    if (status == SJ_OK && !is_place)
        status = friction_name(counting, second, &key[2], error);
    if (status == SJ_OK)
        status = sj__ledger_row(ledger, key, 5, &row, error);
    if (status == SJ_OK)
        *out = sj__ledger_counts(ledger, row);
    return status;
}

static int64_t *friction_dense_row(const friction_scratch *scratch, int32_t signal, uint32_t place,
                                   int32_t bucket)
{
    const size_t at = ((size_t)(signal - SJ__FRICTION_EFFECTS) * scratch->n_touchpoints + place) *
                          SJ__POSITION_BUCKETS +
                      (size_t)bucket;
    return scratch->rates + at * SJ__RATE_COUNTS;
}

/* Open and late units; what is open counts nowhere else. */
static void friction_see_rate(friction_scratch *scratch, int32_t signal,
                              const sj__friction_here *here, const sj__friction_verdict *verdict)
{
    int64_t *seen = scratch->seen[signal];
    if (!verdict->is_unit)
        return;
    seen[0] += verdict->is_open;
    if (!verdict->is_open && here->converts && signal != SJ__FRICTION_DROP_OFF) {
        seen[1]++;
        seen[2] += !here->in_time;
    }
}

static sj_status friction_count_rate(sj__counting *counting, int32_t signal,
                                     const sj__friction_here *here, sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const sj__friction_verdict verdict = sj__friction_judge(&scratch->reader, signal, here);
    int64_t *counts = NULL;
    sj_status status = SJ_OK;
    if (!verdict.at_risk)
        return SJ_OK;
    friction_see_rate(scratch, signal, here, &verdict);
    if (verdict.is_open)
        return SJ_OK;
    if (scratch->rates != NULL)
        counts = friction_dense_row(scratch, signal, here->visit->touchpoint, here->bucket);
    else
        status = friction_rate_row(counting, signal, here->visit->touchpoint, SJ__NO_ID,
                                   here->bucket, &counts, error);
    if (status == SJ_OK)
        friction_add_verdict(counts, &verdict);
    return status;
}

/* Ping-pong, over the transition that leads to the visit. */
static sj_status friction_count_step(sj__counting *counting, const sj__friction_here *here,
                                     sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    sj__friction_verdict verdict =
        sj__friction_judge(&scratch->reader, SJ__FRICTION_PING_PONG, here);
    friction_step *step = NULL;
    if (here->visit->position == 1)
        return SJ_OK;
    const sj_status status = friction_step_of(counting, (here->visit - 1)->touchpoint,
                                              here->visit->touchpoint, &step, error);
    if (status != SJ_OK)
        return status;
    verdict.is_unit = step->customer != scratch->customer;
    step->customer = scratch->customer;
    if (!verdict.at_risk)
        return SJ_OK;
    friction_see_rate(scratch, SJ__FRICTION_PING_PONG, here, &verdict);
    if (!verdict.is_open)
        friction_add_verdict(step->counts[here->bucket], &verdict);
    return SJ_OK;
}

/* ---- a customer ---- */

static sj_status friction_count_visit(sj__counting *counting, const sj__friction_here *here,
                                      sj_error *error)
{
    const sj__friction *friction = counting->question;
    const uint32_t effects = (UINT32_C(1) << SJ__FRICTION_EFFECTS) - 1;
    sj_status status = SJ_OK;
    if (friction->signals & effects)
        status = friction_count_manner(counting, here, error);
    for (int32_t s = SJ__FRICTION_EFFECTS; s < SJ__FRICTION_SIGNALS && status == SJ_OK; s++) {
        if (!sj__friction_has(friction->signals, s))
            continue;
        status = s == SJ__FRICTION_PING_PONG ? friction_count_step(counting, here, error)
                                             : friction_count_rate(counting, s, here, error);
    }
    return status;
}

static sj_status friction_count_leg(sj__counting *counting, const sj__leg *leg,
                                    const sj__leg *converting, sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const sj__friction *friction = counting->question;
    sj_status status = SJ_OK;
    for (uint32_t v = leg->visit; v < leg->visit_to && status == SJ_OK; v++) {
        const sj__visit *visit = &scratch->reader.legs.visits[v];
        sj__friction_here here = {.visit = visit,
                                  .leg = leg,
                                  .look = &scratch->reader.looks[v],
                                  .number = v,
                                  .bucket = sj__position_bucket(visit->position),
                                  .is_open = sj__legs_is_open(&friction->rules, visit->end),
                                  .converts = converting != NULL};
        here.is_first = scratch->visited[visit->touchpoint] != scratch->customer;
        scratch->visited[visit->touchpoint] = scratch->customer;
        if (converting != NULL) {
            here.conversion = converting->end;
            here.in_time = sj__time_since(converting->end, visit->end) <= friction->rules.horizon;
        }
        status = friction_count_visit(counting, &here, error);
    }
    return status;
}

sj_status sj__friction_visit(sj__counting *counting, const sj__journey *journey, sj_error *error)
{
    friction_scratch *scratch = counting->scratch;
    const sj__friction *friction = counting->question;
    const sj__legs *legs = &scratch->reader.legs;
    const int own_leg = friction->rules.session_gap != SJ__NO_LIMIT;
    size_t c = 0; /* the next leg that converts */
    sj_status status = sj__friction_read(&scratch->reader, journey, error);
    scratch->customer++;
    for (size_t l = 0; l < legs->n_legs && status == SJ_OK; l++) {
        const sj__leg *converting = NULL;
        for (c = c < l ? l : c; c < legs->n_legs && legs->legs[c].ending != SJ__LEG_CONVERTS;)
            c++;
        if (c < legs->n_legs && (c == l || !own_leg))
            converting = &legs->legs[c];
        status = friction_count_leg(counting, &legs->legs[l], converting, error);
    }
    return status;
}

/* ---- end ---- */

static sj_status friction_end_manners(sj__counting *counting, sj_error *error)
{
    const friction_scratch *scratch = counting->scratch;
    sj__ledger *ledger = &counting->tally->ledgers[SJ__FRICTION_MANNERS];
    sj_status status = SJ_OK;
    for (size_t i = 0; i < scratch->cell_capacity && status == SJ_OK; i++) {
        const friction_cell *cell = &scratch->cells[i];
        uint64_t rest = cell->key - 1;
        int32_t key[4];
        size_t row;
        if (cell->key == 0)
            continue;
        key[3] = (int32_t)(rest % SJ__DWELL_CELLS);
        key[2] = (int32_t)((rest /= SJ__DWELL_CELLS) % SJ__MANNERS);
        key[1] = (int32_t)((rest /= SJ__MANNERS) % SJ__POSITION_BUCKETS);
        status = friction_name(counting, (uint32_t)(rest / SJ__POSITION_BUCKETS), &key[0], error);
        if (status == SJ_OK)
            status = sj__ledger_row(ledger, key, 4, &row, error);
        for (size_t k = 0; k < SJ__COUNTS && status == SJ_OK; k++)
            sj__ledger_counts(ledger, row)[k] += cell->counts[k];
    }
    return status;
}

static sj_status friction_end_rates(sj__counting *counting, sj_error *error)
{
    const friction_scratch *scratch = counting->scratch;
    sj_status status = SJ_OK;
    if (scratch->rates == NULL)
        return SJ_OK;
    for (int32_t s = SJ__FRICTION_EFFECTS; s < SJ__FRICTION_SIGNALS; s++) {
        for (uint32_t t = 0; t < scratch->n_touchpoints; t++) {
            for (int32_t b = 0; b < SJ__POSITION_BUCKETS; b++) {
                const int64_t *counts = friction_dense_row(scratch, s, t, b);
                int64_t *to;
                if (counts[SJ__RATE_VISITS] == 0)
                    continue;
                status = friction_rate_row(counting, s, t, SJ__NO_ID, b, &to, error);
                if (status != SJ_OK)
                    return status;
                for (size_t k = 0; k < SJ__RATE_COUNTS; k++)
                    to[k] += counts[k];
            }
        }
    }
    return status;
}

static sj_status friction_end_steps(sj__counting *counting, sj_error *error)
{
    const friction_scratch *scratch = counting->scratch;
    for (size_t i = 0; i < scratch->step_capacity; i++) {
        const friction_step *step = &scratch->steps[i];
        const uint64_t pair = step->key - 1;
        for (int32_t b = 0; b < SJ__POSITION_BUCKETS && step->key != 0; b++) {
            int64_t *to = NULL;
            if (step->counts[b][SJ__RATE_VISITS] == 0)
                continue;
            const sj_status status =
                friction_rate_row(counting, SJ__FRICTION_PING_PONG, (uint32_t)(pair >> 32),
                                  (uint32_t)pair, b, &to, error);
            if (status != SJ_OK)
                return status;
            for (size_t k = 0; k < SJ__RATE_COUNTS; k++)
                to[k] += step->counts[b][k];
        }
    }
    return SJ_OK;
}

sj_status sj__friction_end(sj__counting *counting, sj_error *error)
{
    const friction_scratch *scratch = counting->scratch;
    sj__ledger *seen = &counting->tally->ledgers[SJ__FRICTION_SEEN];
    sj_status status = friction_end_manners(counting, error);
    if (status == SJ_OK)
        status = friction_end_rates(counting, error);
    if (status == SJ_OK)
        status = friction_end_steps(counting, error);
    for (int32_t s = 0; s < SJ__FRICTION_SIGNALS && status == SJ_OK; s++) {
        size_t row;
        status = sj__ledger_row(seen, &s, 1, &row, error);
        for (size_t k = 0; k < 3 && status == SJ_OK; k++)
            sj__ledger_counts(seen, row)[k] += scratch->seen[s][k];
    }
    return status;
}
