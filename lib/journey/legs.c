/* Visits and legs of one journey.
 *
 * A leg begins at the first event and at the first event behind the leg before; it ends with a
 * conversion, before an event that is more than `horizon` after its start, or before a pause above
 * `session_gap`.  Without a conversion it ends in (null), or, where the horizon cut it and the next
 * event follows its last within the horizon, in (continues).  So every event and every conversion
 * is in exactly one leg.  A visit is a longest series of neighbouring events at one touchpoint
 * inside a leg; an error belongs to the visit before it, and the same touchpoint right after it
 * goes on with that visit. One pass, O(events). */
#include "journey/legs.h"

#include "base/checked.h"

void sj__legs_init(sj__legs *legs, const sj_allocator *allocator)
{
    *legs = (sj__legs){.allocator = *allocator};
}

void sj__legs_free(sj__legs *legs)
{
    if (legs->allocator.resize == NULL)
        return;
    sj__free(&legs->allocator, legs->visits, legs->visit_capacity, sizeof *legs->visits);
    sj__free(&legs->allocator, legs->legs, legs->leg_capacity, sizeof *legs->legs);
    *legs = (sj__legs){0};
}

int sj__legs_is_open(const sj__leg_rules *rules, int64_t time)
{
    return rules->horizon != SJ__NO_LIMIT && sj__time_since(rules->as_of, time) < rules->horizon;
}

int32_t sj__position_bucket(uint32_t position)
{
    return position >= 16 ? 4 : position >= 8 ? 3 : position >= 4 ? 2 : position >= 2;
}

int64_t sj__horizon(int64_t given, const sj__graph_facts *facts, int64_t as_of, int *cut)
{
    const int is_short = !facts->has_observed || as_of <= facts->observed_from ||
                         sj__time_since(as_of, facts->observed_from) < (uint64_t)(60 * SJ_DAY);
    if (cut != NULL)
        *cut = given == 0 && is_short;
    return given != 0 ? given : is_short ? SJ_UNLIMITED : 30 * SJ_DAY;
}

uint64_t sj__span_limit(int64_t span)
{
    return span == 0 || span == SJ_UNLIMITED ? SJ__NO_LIMIT
           : span == SJ_INSTANT              ? 0
                                             : (uint64_t)span;
}

/* Room for as many visits and legs as there are events: then nothing below can fail. */
static sj_status legs_reserve(sj__legs *legs, size_t n, sj_error *error)
{
    sj_status status = sj__grow(&legs->allocator, &legs->visits, &legs->visit_capacity, n, error);
    if (status == SJ_OK)
        status = sj__grow(&legs->allocator, &legs->legs, &legs->leg_capacity, n, error);
    return status;
}

static void legs_begin(sj__legs *legs, const sj__leg_rules *rules, uint32_t event, int64_t time)
{
    const uint32_t visit = (uint32_t)legs->n_visits;
    legs->legs[legs->n_legs++] = (sj__leg){.start = time,
                                           .end = time,
                                           .first = event,
                                           .to = event + 1,
                                           .visit = visit,
                                           .visit_to = visit,
                                           .ending = SJ__LEG_NULL,
                                           .open = sj__legs_is_open(rules, time)};
}

/* Whether the event at `time` lies behind the leg; settles how the leg ends then. */
static int legs_is_behind(const sj__leg_rules *rules, sj__leg *leg, int64_t time)
{
    const uint64_t pause = sj__time_since(time, leg->end);
    if (leg->ending == SJ__LEG_CONVERTS || pause > rules->session_gap)
        return 1;
    if (sj__time_since(time, leg->start) <= rules->horizon)
        return 0;
    if (pause <= rules->horizon)
        leg->ending = SJ__LEG_CONTINUES;
    return 1;
}

/* An event of the leg that is no conversion. */
static void legs_add(sj__legs *legs, sj__leg *leg, uint32_t event, uint32_t touchpoint,
                     int64_t time, int is_error)
{
    sj__visit *visit = legs->n_visits > leg->visit ? &legs->visits[legs->n_visits - 1] : NULL;
    if (is_error || (visit != NULL && visit->touchpoint == touchpoint)) {
        if (visit == NULL)
            return; /* an error before the first visit is one of (start) */
        visit->events += !is_error;
        visit->end = time;
        visit->last = event;
        return;
    }
    legs->visits[legs->n_visits++] = (sj__visit){.start = time,
                                                 .end = time,
                                                 .touchpoint = touchpoint,
                                                 .leg = (uint32_t)legs->n_legs - 1,
                                                 .position = leg->visit_to - leg->visit + 1,
                                                 .events = 1,
                                                 .first = event,
                                                 .last = event};
    leg->visit_to++;
}

sj_status sj__legs_cut(sj__legs *legs, const sj__leg_rules *rules, const sj__journey *journey,
                       const uint8_t *marks, sj_error *error)
{
    legs->n_visits = legs->n_legs = legs->n_events = 0;
    const sj_status status = legs_reserve(legs, journey->n, error);
    if (status != SJ_OK)
        return status;
    for (uint32_t i = 0; i < journey->n && journey->time[i] <= rules->as_of; i++) {
        const int64_t time = journey->time[i];
        const uint8_t mark = marks != NULL ? marks[i] : 0;
        if (legs->n_legs == 0 || legs_is_behind(rules, &legs->legs[legs->n_legs - 1], time))
            legs_begin(legs, rules, i, time);
        sj__leg *leg = &legs->legs[legs->n_legs - 1];
        leg->end = time;
        leg->to = i + 1;
        if (mark & SJ__MARK_CONVERSION)
            leg->ending = SJ__LEG_CONVERTS;
        else
            legs_add(legs, leg, i, sj__journey_touchpoint(journey, i), time, mark & SJ__MARK_ERROR);
        legs->n_events++;
    }
    return SJ_OK;
}
