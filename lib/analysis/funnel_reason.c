/* Why a unit of the general matcher stopped: the first of the following that holds.
 *
 *     converted   the last step is filled
 *     excluded    an exclusion ended the attempt up to and with its limit
 *     order       a later event did, while all steps that may come next are adjacent
 *     open        the limit lies behind as_of, and so does the end of the session
 *     held        an event of another value (or none) would have filled a step that may come next
 *     window, order, gap   the first later event that matches such a step: beyond the window; kept out by adjacency alone; else
 *     none        there is no such event
 * The limit is the earlier of entry + window and the latest of last filled + max_gap over the steps
 * that may come next. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"

/* The attempt about which is asked. */
typedef struct reason_frame {
    const sj__funnel_reader *reader;
    const sj__funnel_path_rules *rules;
    const sj__funnel_unit *unit;
    const sj__funnel_moment *last; /* a moment of the instant that completed it */
    size_t behind;                 /* the first moment of its part behind that instant */
} reason_frame;

static uint64_t reason_gap(const reason_frame *frame, int64_t time)
{
    return sj__time_since(time, frame->last->time);
}

static int reason_in_window(const reason_frame *frame, int64_t time)
{
    return time < frame->unit->entry || /* as grace allows */
           sj__time_since(time, frame->unit->entry) <= frame->rules->window;
}

static int reason_is_broken(const reason_frame *frame)
{
    const sj__funnel_step *level = &frame->rules->steps[frame->unit->level];
    if (!level->onward_adjacent || frame->behind == frame->unit->n_moments)
        return 0;
    const int64_t time = frame->unit->moments[frame->behind].time;
    return reason_in_window(frame, time) && reason_gap(frame, time) <= level->onward_gap;
}

static int reason_is_open(const reason_frame *frame)
{
    const sj__funnel *funnel = frame->reader->funnel;
    const sj__funnel_part *part = &frame->reader->parts[frame->unit->part];
    const uint64_t gap = frame->rules->steps[frame->unit->level].onward_gap;
    const int64_t ended = frame->reader->sessions[part->session].last_time;
    if (frame->rules->window == UINT64_MAX && gap == UINT64_MAX)
        return 0;
    return sj__time_since(funnel->as_of, frame->unit->entry) < frame->rules->window &&
           reason_gap(frame, funnel->as_of) < gap &&
           (funnel->session_gap == UINT64_MAX ||
            sj__time_since(funnel->as_of, ended) < funnel->session_gap);
}

/* Not ended by anything: open, or without a limit while its session lasts. */
static int reason_can_go_on(const reason_frame *frame, int32_t reason)
{
    const sj__funnel *funnel = frame->reader->funnel;
    const sj__funnel_part *part = &frame->reader->parts[frame->unit->part];
    const int64_t ended = frame->reader->sessions[part->session].last_time;
    return reason == SJ__FUNNEL_OPEN ||
           (frame->rules->window == UINT64_MAX &&
            frame->rules->steps[frame->unit->level].onward_gap == UINT64_MAX &&
            (funnel->session_gap == UINT64_MAX ||
             sj__time_since(funnel->as_of, ended) < funnel->session_gap));
}

/* ---- held ---- */

/* Puts the moments of a session down by step, each with where the next one of another part stands.
 */
static sj_status reason_list_steps(sj__funnel_reader *reader, size_t number, sj_error *error)
{
    const sj__funnel_session *session = &reader->sessions[number];
    const uint32_t n_steps = reader->funnel->rules.n_steps;
    size_t *first = reader->step_first;
    memset(first, 0, ((size_t)n_steps + 2) * sizeof *first);
    for (size_t i = session->first; i < session->first + session->n; i++) {
        const sj__funnel_moment *moment = &reader->moments[i];
        for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= n_steps; k++)
            first[moment->steps[k] + 1]++;
    }
    for (uint32_t k = 1; k <= n_steps + 1; k++)
        first[k] += first[k - 1];
    const sj_status status = sj__grow(&reader->allocator, &reader->listed, &reader->listed_capacity,
                                      first[n_steps + 1], error);
    if (status != SJ_OK)
        return status;
    for (size_t i = session->first; i < session->first + session->n; i++) {
        const sj__funnel_moment *moment = &reader->moments[i];
        for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= n_steps; k++)
            reader->listed[first[moment->steps[k]]++] = (sj__funnel_listed){i, 0};
    }
    for (uint32_t k = n_steps + 1; k > 0; k--) /* each has run on to where the next step begins */
        first[k] = first[k - 1];
    for (uint32_t k = 1; k <= n_steps; k++) {
        for (size_t i = first[k + 1]; i-- > first[k];) {
            sj__funnel_listed *at = &reader->listed[i];
            const int same = i + 1 < first[k + 1] &&
                             reader->part_of[at[1].moment] == reader->part_of[at->moment];
            at->other = same ? at[1].other : i + 1;
        }
    }
    reader->listed_session = number;
    return SJ_OK;
}

/* Whether a moment is early enough behind the last fill to be of no use for the step; true up to
 * some moment, then false. */
static int reason_is_early(const reason_frame *frame, const sj__funnel_moment *moment,
                           uint32_t step)
{
    if (moment->time < frame->last->time)
        return !frame->rules->has_grace ||
               sj__time_since(frame->last->time, moment->time) > frame->rules->grace;
    return (frame->rules->by_row && moment->position < frame->last->position) ||
           (frame->rules->strict && moment->time == frame->last->time) ||
           reason_gap(frame, moment->time) < frame->rules->steps[step].min_gap;
}

/* The same at the other end; adjacency counts the events of the attempt's own part. */
static int reason_is_late(const reason_frame *frame, const sj__funnel_moment *moment, uint32_t step)
{
    const sj__funnel_unit *unit = frame->unit;
    const sj__funnel_step *rules = &frame->rules->steps[step];
    if (!reason_in_window(frame, moment->time) || reason_gap(frame, moment->time) > rules->max_gap)
        return 1;
    if (!rules->adjacent || frame->behind == unit->n_moments)
        return 0;
    const sj__funnel_moment *own = &unit->moments[frame->behind];
    return frame->rules->by_row ? own->position < moment->position : own->time < moment->time;
}

/* Whether an event of another part could have filled a step that may come next.  O(log n) per step.
 */
static int reason_is_held(const reason_frame *frame)
{
    const sj__funnel_reader *reader = frame->reader;
    const uint32_t level = frame->unit->level;
    for (uint32_t k = sj__funnel_next_from(frame->rules, level);
         k <= frame->rules->steps[level].next; k++) {
        if (!sj__funnel_is_next(frame->rules, level, frame->unit->filled, k))
            continue;
        const size_t end = reader->step_first[k + 1];
        size_t low = reader->step_first[k], high = end;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (reason_is_early(frame, &reader->moments[reader->listed[middle].moment], k))
                low = middle + 1;
            else
                high = middle;
        }
        if (low < end && reader->part_of[reader->listed[low].moment] == frame->unit->part)
            low = reader->listed[low].other;
        if (low < end && !reason_is_late(frame, &reader->moments[reader->listed[low].moment], k))
            return 1;
    }
    return 0;
}

/* ---- all reasons ---- */

/* What a later event of its own part says that matches a step that may come next; 0: it matches
 * none. */
static int32_t reason_of_event(const reason_frame *frame, const sj__funnel_moment *moment)
{
    const uint32_t level = frame->unit->level, next = frame->rules->steps[level].next;
    const uint64_t gap = reason_gap(frame, moment->time);
    int matches = 0, fits = 0, all_adjacent = 1;
    for (uint32_t k = 0; k < moment->n_steps && moment->steps[k] <= next; k++) {
        const sj__funnel_step *step = &frame->rules->steps[moment->steps[k]];
        if (!sj__funnel_is_next(frame->rules, level, frame->unit->filled, moment->steps[k]))
            continue;
        matches = 1;
        if (gap < step->min_gap || gap > step->max_gap)
            continue;
        fits = 1;
        all_adjacent = all_adjacent && step->adjacent;
    }
    if (!matches)
        return 0;
    if (!reason_in_window(frame, moment->time))
        return SJ__FUNNEL_WINDOW;
    return fits && all_adjacent ? SJ__FUNNEL_ORDER : SJ__FUNNEL_GAP;
}

static int reason_matches(const sj__funnel_moment *moment, uint32_t step)
{
    uint32_t k = 0;
    while (k < moment->n_steps && moment->steps[k] < step)
        k++;
    return k < moment->n_steps && moment->steps[k] == step;
}

/* The first later event that matches a step that may come next, where the attempts of a part are
 * asked about in turn: no event is looked at twice for one step. */
static size_t reason_first_match(const reason_frame *frame)
{
    const sj__funnel_moment *moments = frame->unit->moments;
    const uint32_t level = frame->unit->level;
    size_t first = frame->unit->n_seen;
    for (uint32_t k = sj__funnel_next_from(frame->rules, level);
         k <= frame->rules->steps[level].next; k++) {
        size_t *seen = &frame->reader->step_seen[k];
        if (!sj__funnel_is_next(frame->rules, level, frame->unit->filled, k))
            continue;
        *seen = *seen > frame->behind ? *seen : frame->behind;
        while (*seen < first && !reason_matches(&moments[*seen], k))
            ++*seen;
        first = *seen < first ? *seen : first;
    }
    return first;
}

/* What holds behind the limit. */
static int32_t reason_behind(const reason_frame *frame)
{
    if (frame->reader->funnel->unit == SJ_UNIT_ATTEMPTS) {
        const size_t first = reason_first_match(frame);
        return first < frame->unit->n_seen ? reason_of_event(frame, &frame->unit->moments[first])
                                           : SJ__FUNNEL_NONE;
    }
    for (size_t i = frame->behind; i < frame->unit->n_seen; i++) {
        const int32_t reason = reason_of_event(frame, &frame->unit->moments[i]);
        if (reason != 0)
            return reason;
    }
    return SJ__FUNNEL_NONE;
}

sj_status sj__funnel_general_reason(sj__funnel_reader *reader, sj__funnel_unit *unit,
                                    const sj__funnel_attempt *attempt, int32_t *out,
                                    sj_error *error)
{
    const sj__funnel_path_rules *rules = &reader->funnel->path;
    const size_t session = reader->parts[unit->part].session;
    const reason_frame frame = {
        reader, rules, unit, &unit->moments[attempt->at],
        attempt->at + sj__funnel_instant(rules, unit->moments, attempt->at, unit->n_moments)};
    sj_status status = SJ_OK;
    int ended = 1;
    if (unit->level == rules->n_steps) {
        *out = SJ__FUNNEL_CONVERTED;
    } else if (rules->scan != SJ__FUNNEL_NO_SCAN) { /* which no limit and no later event explains */
        *out = SJ__FUNNEL_NONE;
    } else if (attempt->how == SJ__FUNNEL_BARRED) {
        *out = SJ__FUNNEL_EXCLUDED;
    } else if (attempt->how == SJ__FUNNEL_BROKEN || reason_is_broken(&frame)) {
        *out = SJ__FUNNEL_ORDER;
    } else if (reason_is_open(&frame)) {
        *out = SJ__FUNNEL_OPEN;
        ended = 0;
    } else {
        const int holds = reader->funnel->n_hold > 0;
        ended = 0;
        if (holds && reader->listed_session != session)
            status = reason_list_steps(reader, session, error);
        if (status == SJ_OK)
            *out = holds && reason_is_held(&frame) ? SJ__FUNNEL_HELD : reason_behind(&frame);
    }
    unit->can_go_on = status == SJ_OK && !ended && reason_can_go_on(&frame, *out);
    return status;
}
