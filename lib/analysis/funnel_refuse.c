/* What is refused, all of it: options that exclude each other, that have no effect, or that are out
 * of range.  Each rule is a row, its sentence names both sides; docs/funnel.md has the same list.
 * (What is wrong with one field alone, a value that there is not or a negative span, the loader has
 * found before.)
 *
 * Whether one event can meet two steps is asked of the conditions, not of the events, so that all
 * shards give one answer: for some touchpoint the verdict of neither is "never".  Two conditions
 * that must both look at the event count as met together even where a reader sees that they exclude
 * each other (channel = 'a', channel = 'b'); reuse yes, which then changes nothing, is the way out.
 */
#include "analysis/funnel.h"

typedef struct refuse_frame {
    const sj_funnel_options *options;
    int64_t n_steps;
    int32_t attempt; /* resolved */
    int32_t has_grace;
    int32_t has_block;    /* some steps come in any order */
    int32_t all_adjacent; /* order adjacent, however it is said */
} refuse_frame;

typedef struct refuse_row {
    int holds;
    const char *why;
} refuse_row;

static sj_status refuse_first(const refuse_row *rows, size_t n, sj_error *error)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].holds)
            return sj__fail(error, SJ_ERR_OPTIONS, rows[i].why);
    return SJ_OK;
}

/* Sentences with the number of the step. */
static sj_status refuse_first_of(const refuse_row *rows, size_t n, int64_t step, sj_error *error)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].holds)
            return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = step - 1}, rows[i].why,
                               step);
    return SJ_OK;
}

#define REFUSE_COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* ---- steps ---- */

static sj_step refuse_step(const sj_funnel_options *options, int64_t step)
{
    sj_step out;
    sj__options_element(&sj__step_struct, options->steps, options->step_size, (size_t)step - 1,
                        &out);
    return out;
}

/* Whether two neighbours belong to one block; false where one of them is no step. */
static int refuse_is_joined(const refuse_frame *frame, int64_t step, int64_t next)
{
    const sj_funnel_options *options = frame->options;
    if (step < 1 || next > frame->n_steps)
        return 0;
    if (options->order == SJ_ORDER_ANY)
        return 1;
    const int64_t group = refuse_step(options, step).group;
    return group != 0 && refuse_step(options, next).group == group;
}

static int refuse_is_any_order(const refuse_frame *frame, int64_t step)
{
    return refuse_is_joined(frame, step - 1, step) || refuse_is_joined(frame, step, step + 1);
}

static sj_status refuse_inside_block(const refuse_frame *frame, int64_t exclusion, int64_t step,
                                     sj_error *error)
{
    int64_t first = step, last = step;
    while (refuse_is_joined(frame, first - 1, first))
        first--;
    while (refuse_is_joined(frame, last, last + 1))
        last++;
    return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = exclusion - 1},
                       "exclusion %i ends at step %i, inside steps that come in any "
                       "order: name %i or %i, their first or last number",
                       exclusion, step, first, last);
}

static int refuse_has_max(const sj_step *step)
{
    return step->max_gap != 0 && step->max_gap != SJ_UNLIMITED;
}

static sj_status refuse_steps(const refuse_frame *frame, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const int64_t n = frame->n_steps;
    sj_status status = SJ_OK;
    for (int64_t k = 1; k <= n && status == SJ_OK; k++) {
        const sj_step step = refuse_step(options, k);
        const int has_gap = step.min_gap > 0 || refuse_has_max(&step);
        const int64_t max_gap = step.max_gap == SJ_INSTANT ? 0 : step.max_gap;
        const int ordered = options->order == SJ_ORDER_ADJACENT && k > 1;
        const int adjacent = step.adjacent || ordered, any = refuse_is_any_order(frame, k);
        const refuse_row rows[] = {
            {k == 1 && has_gap, "step %i has a gap: only steps behind another one can have one"},
            {k == 1 && step.adjacent, "step %i is adjacent: only steps behind another one can be"},
            {step.min_gap > 0 && refuse_has_max(&step) && step.min_gap > max_gap,
             "step %i has a min_gap above its max_gap: nothing fits"},
            {step.optional && (k == 1 || k == n),
             "step %i is optional: the first and the last step cannot be"},
            {any && ordered, "step %i has a group, which order adjacent excludes"},
            {any && step.adjacent, "step %i is adjacent, but comes in any order"},
            {any && has_gap, "step %i has a gap, but comes in any order"},
            {any && step.optional, "step %i is optional, but comes in any order"},
            {frame->has_grace && adjacent, "step %i is adjacent, which tie grace excludes"},
            {frame->has_grace && has_gap, "step %i has a gap, which tie grace excludes"},
            {frame->has_grace && step.optional, "step %i is optional, which tie grace excludes"},
            {frame->has_grace && any, "step %i comes in any order, which tie grace excludes"}};
        status = refuse_first_of(rows, REFUSE_COUNT(rows), k, error);
    }
    return status;
}

/* ---- exclusions ---- */

static sj_status refuse_exclusion(const refuse_frame *frame, size_t x, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const sj__place place = {.index = (int64_t)x};
    const int64_t number = (int64_t)x + 1, n = frame->n_steps;
    sj_exclusion given;
    sj__options_element(&sj__exclusion_struct, options->exclusions, options->exclusion_size, x,
                        &given);
    const int64_t from = given.from_step == 0 ? 1 : given.from_step;
    const int64_t to = given.to_step == 0 ? n : given.to_step;
    if (from > n || to > n)
        return sj__fail_at(error, SJ_ERR_OPTIONS, place,
                           "exclusion %i ends at step %i, which there is not", number,
                           from > n ? from : to);
    if (from >= to)
        return sj__fail_at(error, SJ_ERR_OPTIONS, place,
                           "exclusion %i begins at step %i and does not end behind it", number,
                           from);
    for (int i = 0; i < 2; i++) {
        const int64_t end = i == 0 ? from : to;
        if (refuse_step(options, end).optional)
            return sj__fail_at(
                error, SJ_ERR_OPTIONS, place,
                "exclusion %i ends at step %i, which is optional: name a required one", number,
                end);
        if (refuse_is_joined(frame, end - 1, end) && refuse_is_joined(frame, end, end + 1))
            return refuse_inside_block(frame, number, end, error);
    }
    return SJ_OK;
}

static sj_status refuse_exclusions(const refuse_frame *frame, sj_error *error)
{
    const size_t n = frame->options->n_exclusions;
    sj_status status = SJ_OK;
    if (n > 0 && frame->n_steps == 1)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "exclusions on one step: there is nothing between its first and last step");
    if (n > SJ__FUNNEL_STEPS)
        return sj__fail(error, SJ_ERR_LIMIT, "n_exclusions is %u: at most %i are allowed",
                        (uint64_t)n, (int64_t)SJ__FUNNEL_STEPS);
    for (size_t x = 0; x < n && status == SJ_OK; x++)
        status = refuse_exclusion(frame, x, error);
    return status;
}

/* ---- two options ---- */

static sj_status refuse_orders(const refuse_frame *frame, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const int best = frame->attempt == SJ_ATTEMPT_BEST;
    const int stop = options->violation == SJ_VIOLATION_STOP;
    const refuse_row rows[] = {
        {frame->has_block && options->tie == SJ_TIE_STRICT,
         "tie is strict, but steps come in any order: take tie any or input"},
        {frame->has_block && options->enter_anywhere,
         "enter_anywhere, but steps come in any order: only steps in order can be entered at"},
        {frame->has_grace && options->enter_anywhere,
         "enter_anywhere with tie grace: take another tie"},
        {frame->has_grace && best && options->n_exclusions > 0,
         "exclusions with tie grace and attempt best: take attempt first or each"},
        {stop && !frame->all_adjacent,
         "violation is stop without order adjacent: only a breach of adjacency stops"},
        {stop && !best, "violation is stop without attempt best: a replay breaks, or goes on"},
        {options->enter_anywhere && !best,
         "enter_anywhere without attempt best: a replay begins at step 1"}};
    return refuse_first(rows, REFUSE_COUNT(rows), error);
}

static sj_status refuse_units(const refuse_frame *frame, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const int is_cut = options->session_gap != 0 && options->session_gap != SJ_UNLIMITED;
    const refuse_row rows[] = {
        {options->unit == SJ_UNIT_ATTEMPTS && frame->attempt != SJ_ATTEMPT_EACH,
         frame->attempt == SJ_ATTEMPT_BEST
             ? "unit is attempts with attempt best, which is one: take attempt each"
             : "unit is attempts with attempt first, which is one: take attempt each"},
        {options->unit == SJ_UNIT_SESSIONS && !is_cut,
         "unit is sessions without session_gap: say where journeys are cut"},
        {options->unit == SJ_UNIT_VALUES && options->n_hold == 0,
         "unit is values without hold: name the attribute whose values are meant"},
        {options->entry_from != NULL && options->entry_to != NULL &&
             *options->entry_from >= *options->entry_to,
         "entry_from is not before entry_to: no attempt could begin"}};
    return refuse_first(rows, REFUSE_COUNT(rows), error);
}

static sj_status refuse_effects(const refuse_frame *frame, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const int64_t figures = options->figures, both = SJ_FIGURE_TIMES | SJ_FIGURE_REASONS;
    const int is_grace = options->tie == SJ_TIE_GRACE,
              at_step = options->breakdown_at == SJ_AT_STEP;
    const int given = options->grace != 0 && options->grace != SJ_UNLIMITED;
    const refuse_row rows[] = {
        {given && !is_grace, "grace without tie grace has no effect"},
        {is_grace && !given, "tie is grace without grace: say how much earlier a step may be"},
        {options->breakdown_at != 0 && options->breakdown == NULL,
         "breakdown_at without breakdown: name the attribute, channel or stage"},
        {options->breakdown_step != 0 && !at_step,
         "breakdown_step without breakdown_at step has no effect: set both"},
        {at_step && options->breakdown_step == 0,
         "breakdown_at is step without breakdown_step: say which step, from 1"},
        {options->utc_offset != 0 && options->trend == 0,
         "utc_offset without trend has no effect: say hour, day, week or month"},
        {options->survival && figures != 0 && (figures & both) != both,
         "survival with figures that lack times or reasons: it is made of both"},
        {(figures & SJ_FIGURE_COUNTS) != 0 && figures != SJ_FIGURE_COUNTS,
         "figures has counts beside another figure: counts stands for nothing else"}};
    if (options->breakdown_step > frame->n_steps)
        return sj__fail(error, SJ_ERR_OPTIONS, "breakdown_step is %i: there are steps 1 to %i",
                        (int64_t)options->breakdown_step, frame->n_steps);
    if (options->utc_offset <= -24 * 60 || options->utc_offset >= 24 * 60)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "utc_offset is %i: it is in minutes and must be less than a day",
                        (int64_t)options->utc_offset);
    return refuse_first(rows, REFUSE_COUNT(rows), error);
}

/* ---- scans ---- */

/* A scan fills no steps: nothing about attempts, their times or their order applies to it. */
static sj_status refuse_scan(const refuse_frame *frame, sj_error *error)
{
    const sj_funnel_options *options = frame->options;
    const int is_cut = options->session_gap != 0 && options->session_gap != SJ_UNLIMITED;
    const int sessions = options->unit == SJ_UNIT_SESSIONS;
    const struct {
        int holds;
        const char *field;
    } rows[] = {{options->n_exclusions > 0, "exclusions"},
                {options->n_hold > 0, "hold"},
                {options->order != 0, "order"},
                {options->tie != 0, "tie"},
                {options->attempt != 0, "attempt"},
                {options->violation != 0, "violation"},
                {options->reuse != 0, "reuse"},
                {options->unit != 0 && options->unit != SJ_UNIT_CUSTOMERS && !sessions, "unit"},
                {is_cut && !sessions, "session_gap without unit sessions"},
                {options->enter_anywhere, "enter_anywhere"},
                {options->breakdown_at == SJ_AT_STEP, "breakdown_at step"},
                {options->survival, "survival"},
                {(options->figures & ~(int64_t)SJ_FIGURE_COUNTS) != 0, "figures beyond counts"}};
    for (size_t i = 0; i < REFUSE_COUNT(rows); i++)
        if (rows[i].holds)
            return sj__fail(error, SJ_ERR_OPTIONS, "preset %s is a scan of rows, which excludes %s",
                            options->preset, rows[i].field);
    for (int64_t k = 1; k <= frame->n_steps; k++) {
        const sj_step step = refuse_step(options, k);
        if (step.min_gap > 0 || refuse_has_max(&step) || step.optional || step.adjacent ||
            step.group != 0)
            return sj__fail_at(error, SJ_ERR_OPTIONS, (sj__place){.index = k - 1},
                               "preset %s is a scan of rows, which excludes rules of step %i",
                               options->preset, k);
    }
    return SJ_OK;
}

/* ---- all of them ---- */

static refuse_frame refuse_look(const sj_funnel_options *options)
{
    refuse_frame frame = {.options = options, .n_steps = (int64_t)options->n_steps};
    int64_t adjacent = 0;
    frame.attempt = options->attempt != 0               ? options->attempt
                    : options->unit == SJ_UNIT_ATTEMPTS ? SJ_ATTEMPT_EACH
                                                        : SJ_ATTEMPT_BEST;
    frame.has_grace = options->tie == SJ_TIE_GRACE;
    frame.has_block = options->order == SJ_ORDER_ANY && frame.n_steps > 1;
    for (int64_t k = 2; k <= frame.n_steps; k++) {
        const sj_step step = refuse_step(options, k);
        adjacent += step.adjacent != 0;
        frame.has_block |= step.group != 0 && step.group == refuse_step(options, k - 1).group;
    }
    frame.all_adjacent =
        options->order == SJ_ORDER_ADJACENT || (frame.n_steps > 1 && adjacent == frame.n_steps - 1);
    return frame;
}

sj_status sj__funnel_refuse(const sj_funnel_options *options, int32_t scan, sj_error *error)
{
    static sj_status (*const checks[])(const refuse_frame *, sj_error *) = {
        refuse_effects, refuse_orders, refuse_units, refuse_exclusions, refuse_steps};
    if (options->n_steps == 0)
        return sj__fail(error, SJ_ERR_OPTIONS, "steps is empty: a funnel has at least one step");
    if (options->n_steps > SJ__FUNNEL_STEPS)
        return sj__fail(error, SJ_ERR_LIMIT, "n_steps is %u: at most %i steps are allowed",
                        (uint64_t)options->n_steps, (int64_t)SJ__FUNNEL_STEPS);
    const refuse_frame frame = refuse_look(options);
    sj_status status = scan != SJ__FUNNEL_NO_SCAN ? refuse_scan(&frame, error) : SJ_OK;
    for (size_t i = 0; i < REFUSE_COUNT(checks) && status == SJ_OK; i++)
        status = checks[i](&frame, error);
    return status;
}

sj_status sj__funnel_refuse_shared(const sj__funnel *funnel, const sj_funnel_options *options,
                                   sj_error *error)
{
    const refuse_frame frame = refuse_look(options);
    const int grace = frame.has_grace && frame.attempt == SJ_ATTEMPT_BEST;
    if ((!frame.has_block && !grace) || options->reuse == SJ_REUSE_YES)
        return SJ_OK;
    for (uint32_t t = 0; t < funnel->n_touchpoints; t++) {
        const uint64_t first = funnel->first[t];
        if (funnel->first[t + 1] - first < 2 || funnel->hits[first + 1] > funnel->rules.n_steps)
            continue;
        return sj__fail_at(error, SJ_ERR_OPTIONS,
                           (sj__place){.index = (int64_t)funnel->hits[first + 1] - 1},
                           grace ? "steps %i and %i can be met by one event at %q, which tie grace "
                                   "with attempt best excludes unless reuse is yes"
                                 : "steps %i and %i can be met by one event at %q, which steps in "
                                   "any order exclude unless reuse is yes",
                           (int64_t)funnel->hits[first], (int64_t)funnel->hits[first + 1],
                           sj__intern_name(&funnel->map->touchpoints, t, NULL));
    }
    return SJ_OK;
}
