/* From a decoded journey to the moments that the matcher sees, and what is said about the attempt it finds. */
#include "analysis/funnel.h"

#include "base/checked.h"

sj_status sj__funnel_reader_init(sj__funnel_reader *reader, const sj__funnel *funnel,
                                 const sj_graph *graph, const sj_allocator *allocator,
                                 sj_error *error)
{
    *reader = (sj__funnel_reader){.funnel = funnel, .graph = graph, .allocator = *allocator};
    const sj_status status =
        sj__funnel_matcher_init(&reader->matcher, &funnel->rules, &reader->allocator, error);
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

sj_status sj__funnel_read(sj__funnel_reader *reader, const sj__journey *journey, sj_error *error)
{
    const sj__funnel *funnel = reader->funnel;
    const sj_status status = funnel_reserve(reader, journey, error);
    if (status != SJ_OK)
        return status;
    uint32_t *met = reader->met;
    size_t n = 0;
    for (size_t i = 0; i < journey->n; i++) {
        const uint32_t t = sj__journey_touchpoint(journey, i);
        const uint64_t first = funnel->first[t];
        if (funnel->cut && journey->time[i] > funnel->as_of)
            break;
        sj__funnel_moment moment = {.time = journey->time[i],
                                    .position = journey->position[i],
                                    .steps = funnel->hits + first,
                                    .n_steps = (uint32_t)(funnel->first[t + 1] - first)};
        if (funnel->looks[t]) {
            moment.steps = met;
            moment.n_steps = funnel_look(reader, journey, i, t, met);
            met += moment.n_steps;
        }
        reader->moments[n] = moment;
        n += moment.n_steps > 0;
    }
    reader->n_moments = n;
    return sj__funnel_match(&reader->matcher, reader->moments, n, error);
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
