/* From a decoded journey to the moments that the matcher sees, and what is said about the attempt
 * it finds. */
#include "analysis/funnel.h"

#include "base/checked.h"

sj_status sj__funnel_reader_init(sj__funnel_reader *reader, const sj__funnel *funnel,
                                 const sj_graph *graph, const sj_allocator *allocator,
                                 sj_error *error)
{
    *reader = (sj__funnel_reader){.funnel = funnel, .graph = graph, .allocator = *allocator};
    const sj_status status =
        funnel->general
            ? sj__funnel_units_init(reader, error)
            : sj__funnel_matcher_init(&reader->matcher, &funnel->rules, &reader->allocator, error);
    if (status != SJ_OK)
        sj__funnel_reader_free(reader);
    return status;
}

void sj__funnel_reader_free(sj__funnel_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (reader->funnel == NULL)
        return;
    sj__funnel_matcher_free(&reader->matcher);
    sj__funnel_units_free(reader);
    sj__free(a, reader->moments, reader->moments_capacity, sizeof *reader->moments);
    sj__free(a, reader->met, reader->met_capacity, sizeof *reader->met);
    *reader = (sj__funnel_reader){0};
}

/* The steps of an event whose touchpoint does not decide, put down at `met`; how many. */
static uint32_t funnel_look(const sj__funnel_reader *reader, const sj__journey *journey, size_t i,
                            uint32_t touchpoint, uint32_t *met)
{
    const sj__funnel *funnel = reader->funnel;
    const uint64_t event = journey->base + journey->position[i];
    uint32_t n = 0;
    for (uint64_t h = funnel->first[touchpoint]; h < funnel->first[touchpoint + 1]; h++) {
        const uint32_t step = funnel->hits[h];
        if (!funnel->look[h] || sj__condition_met(funnel->conditions[step - 1], reader->graph,
                                                  journey->customer, event))
            met[n++] = step;
    }
    return n;
}

/* Room for the moments, and for the steps of those that must be looked at. */
static sj_status funnel_reserve(sj__funnel_reader *reader, const sj__journey *journey,
                                sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    uint64_t looked = 0;
    sj_status status = sj__grow(&reader->allocator, &reader->moments, &reader->moments_capacity,
                                journey->n, error);
    if (status != SJ_OK || !funnel->any_look)
        return status;
    for (size_t i = 0; i < journey->n; i++) {
        const uint32_t t = sj__journey_touchpoint(journey, i);
        if (funnel->looks[t])
            looked += funnel->first[t + 1] - funnel->first[t];
    }
    return sj__grow(&reader->allocator, &reader->met, &reader->met_capacity, looked, error);
}

/* The i-th event shown; steps of one that is looked at are put down at *met, which moves on. */
static inline sj__funnel_moment funnel_moment(const sj__funnel_reader *reader,
                                              const sj__journey *journey, size_t i, uint32_t **met)
{
    const sj__funnel *funnel = reader->funnel;
    const uint32_t t = sj__journey_touchpoint(journey, i);
    const uint64_t first = funnel->first[t];
    sj__funnel_moment moment = {.time = journey->time[i],
                                .position = journey->position[i],
                                .steps = funnel->hits + first,
                                .n_steps = (uint32_t)(funnel->first[t + 1] - first)};
    if (funnel->looks[t]) {
        moment.steps = *met;
        moment.n_steps = funnel_look(reader, journey, i, t, *met);
        *met += moment.n_steps;
    }
    return moment;
}

/* Begins a session with the next moment, at a position of the journey. */
static sj_status funnel_begin_session(sj__funnel_reader *reader, uint64_t position, sj_error *error)
{
    const sj_status status = sj__grow(&reader->allocator, &reader->sessions,
                                      &reader->sessions_capacity, reader->n_sessions + 1, error);
    if (status != SJ_OK)
        return status;
    if (reader->n_sessions > 0)
        reader->sessions[reader->n_sessions - 1].end = position;
    reader->sessions[reader->n_sessions++] =
        (sj__funnel_session){.first = reader->n_moments, .end = reader->length};
    return SJ_OK;
}

/* For the general matcher: moments, cut into sessions. */
static sj_status funnel_read_general(sj__funnel_reader *reader, const sj__journey *journey,
                                     sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    uint32_t *met = reader->met;
    sj_status status = SJ_OK;
    reader->n_moments = reader->n_sessions = 0;
    for (size_t i = 0; i < journey->n && status == SJ_OK; i++) {
        const int64_t time = journey->time[i];
        if (funnel->cut && time > funnel->as_of)
            break;
        if (i == 0 || sj__time_since(time, journey->time[i - 1]) > funnel->session_gap)
            status = funnel_begin_session(reader, journey->position[i], error);
        if (status != SJ_OK)
            return status;
        const sj__funnel_moment moment = funnel_moment(reader, journey, i, &met);
        sj__funnel_session *session = &reader->sessions[reader->n_sessions - 1];
        session->last_time = time;
        if (moment.n_steps == 0 && !funnel->keeps_all)
            continue;
        reader->moments[reader->n_moments++] = moment;
        session->n++;
    }
    return status == SJ_OK ? sj__funnel_split(reader, error) : status;
}

sj_status sj__funnel_read(sj__funnel_reader *reader, const sj__journey *journey, sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    const sj_status status = funnel_reserve(reader, journey, error);
    if (status != SJ_OK)
        return status;
    reader->customer = journey->customer;
    reader->base = journey->base;
    reader->length = journey->length;
    reader->next_part = reader->next_found = reader->finder.n_found = 0;
    if (funnel->general)
        return funnel_read_general(reader, journey, error);
    uint32_t *met = reader->met;
    size_t n = 0;
    for (size_t i = 0; i < journey->n; i++) {
        if (funnel->cut && journey->time[i] > funnel->as_of)
            break;
        reader->moments[n] = funnel_moment(reader, journey, i, &met);
        n += reader->moments[n].n_steps > 0;
    }
    reader->n_moments = n;
    return sj__funnel_match(&reader->matcher, reader->moments, n, error);
}

/* A plain funnel has one unit to a customer. */
static sj_status funnel_next_plain(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                                   sj_error *error)
{
    const sj__funnel_matcher *found = &reader->matcher;
    sj_status status = SJ_OK;
    *unit = (sj__funnel_unit){0};
    if (reader->next_part++ > 0 || found->level == 0)
        return SJ_OK;
    if (asked & SJ__FUNNEL_TRACED)
        status = sj__funnel_trace(&reader->matcher, reader->moments, reader->n_moments, error);
    *unit = (sj__funnel_unit){.level = found->level,
                              .entered = 1,
                              .entry = found->entry,
                              .end = reader->length,
                              .moments = reader->moments,
                              .n_moments = reader->n_moments,
                              .filled = found->filled,
                              .ranked = found->filled};
    if (asked & SJ__FUNNEL_REASONED)
        unit->reason = sj__funnel_reason(reader);
    unit->can_go_on =
        unit->reason == SJ__FUNNEL_OPEN ||
        (unit->reason == SJ__FUNNEL_NONE && reader->funnel->rules.window == UINT64_MAX);
    return status;
}

sj_status sj__funnel_next_unit(sj__funnel_reader *reader, int asked, sj__funnel_unit *unit,
                               sj_error *error)
{
    return reader->funnel->general ? sj__funnel_next_general(reader, asked, unit, error)
                                   : funnel_next_plain(reader, asked, unit, error);
}

int32_t sj__funnel_reason(const sj__funnel_reader *reader)
{
    const sj__funnel *funnel = reader->funnel;
    const sj__funnel_matcher *found = &reader->matcher;
    const uint64_t window = funnel->rules.window;
    if (found->level == funnel->rules.n_steps)
        return SJ__FUNNEL_CONVERTED;
    if (window != UINT64_MAX && sj__time_since(funnel->as_of, found->entry) < window)
        return SJ__FUNNEL_OPEN;
    return found->beyond ? SJ__FUNNEL_WINDOW : SJ__FUNNEL_NONE;
}

const char *sj__funnel_reason_name(int32_t reason)
{
    static const char *const names[] = {"converted", "excluded", "order", "open",
                                        "held",      "window",   "gap",   "none"};
    return reason >= SJ__FUNNEL_CONVERTED && reason <= SJ__FUNNEL_NONE ? names[reason - 1] : NULL;
}
