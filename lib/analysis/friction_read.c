/* From a decoded journey to visits, their manner and what comes after them. */
#include "analysis/friction.h"

#include <string.h>

#include "base/checked.h"

#define FRICTION_RAGE_EVENTS 3
#define FRICTION_RAGE_GAP ((uint64_t)SJ_SECOND) /* gaps are below it */

sj_status sj__friction_reader_init(sj__friction_reader *reader, const sj__friction *friction,
                                   const sj_graph *graph, const sj_allocator *allocator,
                                   sj_error *error)
{
    *reader = (sj__friction_reader){.friction = friction, .graph = graph, .allocator = *allocator};
    sj__legs_init(&reader->legs, allocator);
    reader->n_seen = friction->map->touchpoints.count;
    reader->seen = sj__alloc_zeroed(allocator, reader->n_seen, sizeof *reader->seen);
    return reader->seen != NULL ? SJ_OK : sj__fail_nomem(error);
}

void sj__friction_reader_free(sj__friction_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (reader->friction == NULL)
        return;
    sj__legs_free(&reader->legs);
    sj__free(a, reader->marks, reader->marks_capacity, sizeof *reader->marks);
    sj__free(a, reader->looks, reader->looks_capacity, sizeof *reader->looks);
    sj__free(a, reader->stack, reader->stack_capacity, sizeof *reader->stack);
    sj__free(a, reader->seen, reader->n_seen, sizeof *reader->seen);
    *reader = (sj__friction_reader){0};
}

/* What comes after the visits of one leg, from the last to the first.  The next visit of a higher
 * stage by a stack on which stages rise towards the bottom: what is not above the visit at hand can
 * serve no earlier one either. */
static void friction_look_ahead(sj__friction_reader *reader, const sj__leg *leg)
{
    const sj__map *map = reader->friction->map;
    size_t depth = 0;
    uint32_t staged = SJ__NO_ID;
    for (uint32_t v = leg->visit_to; v-- > leg->visit;) {
        const uint32_t touchpoint = reader->legs.visits[v].touchpoint;
        const uint32_t stage = map->touchpoint[touchpoint].stage;
        const uint32_t seen = reader->seen[touchpoint]; /* + 1; 0: no later visit there */
        sj__friction_look *look = &reader->looks[v];
        look->staged = staged;
        look->higher = SJ__NO_ID;
        look->same = seen > 0 ? seen - 1 : SJ__NO_ID;
        reader->seen[touchpoint] = v + 1;
        if (stage == SJ__NO_ID)
            continue;
        while (depth > 0 &&
               map->touchpoint[reader->legs.visits[reader->stack[depth - 1]].touchpoint].stage <=
                   stage)
            depth--;
        if (depth > 0)
            look->higher = reader->stack[depth - 1];
        reader->stack[depth++] = v;
        staged = v;
    }
}

/* The next leg begins with no touchpoint seen. */
static void friction_forget(sj__friction_reader *reader, const sj__leg *leg)
{
    for (uint32_t v = leg->visit; v < leg->visit_to; v++)
        reader->seen[reader->legs.visits[v].touchpoint] = 0;
}

sj_status sj__friction_read(sj__friction_reader *reader, const sj__journey *journey,
                            sj_error *error)
{
    const sj__friction *friction = reader->friction;
    const sj_allocator *a = &reader->allocator;
    reader->journey = journey;
    sj_status status = sj__grow(a, &reader->marks, &reader->marks_capacity, journey->n, error);
    if (status != SJ_OK)
        return status;
    sj__marks_put(&friction->marks, reader->graph, journey, journey->n, reader->marks);
    status = sj__legs_cut(&reader->legs, &friction->rules, journey, reader->marks, error);
    if (status == SJ_OK)
        status = sj__grow(a, &reader->looks, &reader->looks_capacity, reader->legs.n_visits, error);
    if (status == SJ_OK)
        status = sj__grow(a, &reader->stack, &reader->stack_capacity, reader->legs.n_visits, error);
    for (size_t l = 0; l < reader->legs.n_legs && status == SJ_OK; l++) {
        friction_look_ahead(reader, &reader->legs.legs[l]);
        friction_forget(reader, &reader->legs.legs[l]);
    }
    return status;
}

/* ---- manner ---- */

/* Errors, rage and custom events of a visit, in one walk over its events. */
static int32_t friction_manner_of_events(const sj__friction_reader *reader, const sj__visit *visit)
{
    const int64_t *time = reader->journey->time;
    const uint64_t error_span = reader->friction->error_span;
    int64_t own = visit->start; /* the last event that is no error */
    uint32_t quick = 1;         /* events in a row with gaps below the limit */
    int32_t manner = 0;
    for (uint32_t i = visit->first; i <= visit->last; i++) {
        if (reader->marks[i] >> SJ__FRICTION_MARK_CUSTOM & 1)
            manner |= SJ__MANNER_CUSTOM;
        if (reader->marks[i] & SJ__MARK_ERROR && i != visit->first) {
            if (sj__time_since(time[i], own) <= error_span)
                manner |= SJ__MANNER_ERROR;
        } else if (i != visit->first) {
            quick = sj__time_since(time[i], own) < FRICTION_RAGE_GAP ? quick + 1 : 1;
            if (quick >= FRICTION_RAGE_EVENTS)
                manner |= SJ__MANNER_RAGE;
            own = time[i];
        }
    }
    return manner;
}

/* SJ__NO_ID: none. */
static uint32_t friction_channel(const sj__friction_reader *reader, const sj__visit *visit)
{
    if (!reader->friction->own_channels)
        return reader->friction->map->touchpoint[visit->touchpoint].channel;
    return sj__graph_channel(reader->graph,
                             reader->journey->base + reader->journey->position[visit->first]);
}

int32_t sj__friction_manner(const sj__friction_reader *reader, uint32_t v)
{
    const sj__friction *friction = reader->friction;
    const sj__visit *visit = &reader->legs.visits[v];
    int32_t manner = 0;
    if (visit->first != visit->last || friction->marks.conditions[SJ__FRICTION_MARK_CUSTOM] != NULL)
        manner = friction_manner_of_events(reader, visit);
    if (visit->events >= 2 && (manner & SJ__MANNER_RAGE) == 0)
        manner |= SJ__MANNER_REPEAT;
    if (sj__friction_has(friction->signals, SJ__FRICTION_HANDOFF) && visit->position > 1) {
        const uint32_t here = friction_channel(reader, visit);
        const uint32_t before = friction_channel(reader, visit - 1);
        if (here != SJ__NO_ID && before != SJ__NO_ID)
            manner |= SJ__MANNER_CAME_FROM | (here != before ? SJ__MANNER_HANDOFF : 0);
    }
    if (!sj__friction_has(friction->signals, SJ__FRICTION_ERROR))
        manner &= ~SJ__MANNER_ERROR;
    if (!sj__friction_has(friction->signals, SJ__FRICTION_RAGE) &&
        !sj__friction_has(friction->signals, SJ__FRICTION_REPEAT))
        manner &= ~SJ__MANNER_RAGE;
    if (!sj__friction_has(friction->signals, SJ__FRICTION_REPEAT))
        manner &= ~SJ__MANNER_REPEAT;
    return manner;
}

int32_t sj__dwell_cell(uint64_t dwell)
{
    const uint64_t v = dwell > INT64_MAX ? INT64_MAX : dwell;
    if (v < 16)
        return 1 + (int32_t)v;
    const int octave = 63 - __builtin_clzll(v) - 4;
    return 1 + 16 * octave + (int32_t)(v >> octave);
}
