/* The public options read as a question, and the rules that refuse a combination: docs/funnel.md
 * ("Refused") as predicates, one per sentence. */
#include "oracle/funnel_oracle_inside.h"

#include <string.h>

/* ---- presets ---- */

static int oracle_is_preset(const sj_funnel_options *options, const char *name)
{
    return options->preset != NULL && strcmp(options->preset, name) == 0;
}

static int oracle_is_scan(const sj_funnel_options *options)
{
    return oracle_is_preset(options, "clickhouse_strict_order") ||
           oracle_is_preset(options, "clickhouse_strict_dedup");
}

static void oracle_default(int32_t *field, int32_t value)
{
    if (*field == 0)
        *field = value;
}

static void oracle_default_span(int64_t *field, int64_t value)
{
    if (*field == 0)
        *field = value;
}

/* Fills what is 0 from the preset, then from the general defaults. */
static sj_funnel_options oracle_resolve(const sj_funnel_options *given)
{
    sj_funnel_options o = *given;
    const int grace = oracle_is_preset(given, "mixpanel") ||
                      oracle_is_preset(given, "mixpanel_totals") ||
                      oracle_is_preset(given, "mixpanel_reentry");
    if (oracle_is_preset(given, "clickhouse"))
        oracle_default(&o.reuse, SJ_REUSE_YES);
    if (oracle_is_preset(given, "posthog_ordered"))
        oracle_default_span(&o.window, 14 * SJ_DAY);
    if (oracle_is_preset(given, "amplitude"))
        oracle_default_span(&o.window, SJ_DAY);
    if (grace) {
        oracle_default_span(&o.window, 7 * SJ_DAY);
        oracle_default(&o.tie, SJ_TIE_GRACE);
        if (o.tie == SJ_TIE_GRACE)
            oracle_default_span(&o.grace, 2 * SJ_SECOND);
    }
    if (oracle_is_preset(given, "mixpanel"))
        oracle_default(&o.attempt, SJ_ATTEMPT_FIRST);
    if (oracle_is_preset(given, "mixpanel_totals"))
        oracle_default(&o.unit, SJ_UNIT_ATTEMPTS);
    oracle_default(&o.order, SJ_ORDER_SEQUENTIAL);
    oracle_default(&o.tie, SJ_TIE_ANY);
    oracle_default(&o.violation, SJ_VIOLATION_BREAK);
    oracle_default(&o.reuse, SJ_REUSE_NO);
    oracle_default(&o.unit, SJ_UNIT_CUSTOMERS);
    oracle_default(&o.attempt, o.unit == SJ_UNIT_ATTEMPTS ? SJ_ATTEMPT_EACH : SJ_ATTEMPT_BEST);
    return o;
}

static int oracle_has_span(int64_t span)
{
    return span != 0 && span != SJ_UNLIMITED;
}

static uint64_t oracle_span(int64_t span)
{
    return span > 0 && span != SJ_UNLIMITED ? (uint64_t)span : 0;
}

static void oracle_ask_steps(const sj_funnel_options *options, funnel_oracle_question *out)
{
    for (size_t k = 1; k <= options->n_steps; k++) {
        const sj_step *step = &options->steps[k - 1];
        out->min_gap[k] = oracle_span(step->min_gap);
        out->has_max_gap[k] = oracle_has_span(step->max_gap);
        out->max_gap[k] = oracle_span(step->max_gap);
        out->optional[k] = step->optional != 0;
        out->adjacent[k] = step->adjacent || (k > 1 && options->order == SJ_ORDER_ADJACENT);
        out->group[k] = options->order == SJ_ORDER_ANY ? 1 : step->group;
    }
    for (size_t x = 0; x < options->n_exclusions; x++) {
        const sj_exclusion *exclusion = &options->exclusions[x];
        out->from[x] = exclusion->from_step == 0 ? 1 : (size_t)exclusion->from_step;
        out->to[x] = exclusion->to_step == 0 ? options->n_steps : (size_t)exclusion->to_step;
        out->removes[x] = exclusion->effect == SJ_EXCLUDE_REMOVE ||
                          (exclusion->effect == 0 && oracle_is_preset(options, "posthog_ordered"));
    }
}

void funnel_oracle_ask(const sj_funnel_options *options, int64_t as_of, funnel_oracle_question *out)
{
    const sj_funnel_options o = oracle_resolve(options);
    *out = (funnel_oracle_question){.n_steps = o.n_steps,
                                    .has_window = oracle_has_span(o.window),
                                    .window = oracle_span(o.window),
                                    .reuse = o.reuse == SJ_REUSE_YES,
                                    .as_of = o.as_of != NULL ? *o.as_of : as_of,
                                    .tie = o.tie,
                                    .grace = o.tie == SJ_TIE_GRACE ? oracle_span(o.grace) : 0,
                                    .attempt = o.attempt,
                                    .stop = o.violation == SJ_VIOLATION_STOP,
                                    .n_exclusions = o.n_exclusions,
                                    .has_session_gap = oracle_has_span(o.session_gap),
                                    .session_gap = oracle_span(o.session_gap),
                                    .has_entry_from = o.entry_from != NULL,
                                    .has_entry_to = o.entry_to != NULL,
                                    .entry_from = o.entry_from != NULL ? *o.entry_from : 0,
                                    .entry_to = o.entry_to != NULL ? *o.entry_to : 0,
                                    .holds = o.n_hold > 0,
                                    .unit = o.unit,
                                    .enter_anywhere = o.enter_anywhere != 0};
    oracle_ask_steps(&o, out);
}

/* ---- what is refused ---- */

typedef struct oracle_facts {
    int any_order, blocks_have_rules, adjacent, gaps, optional, optional_end, alike;
    int all_adjacent; /* which is order adjacent, said step by step */
    int gap_on_first, crossed_gaps, bad_span, exclusion_in_block, exclusion_end, exclusion_range;
} oracle_facts;

static int oracle_is_in_block(const sj_funnel_options *o, size_t k)
{
    const int64_t group = o->steps[k - 1].group;
    if (o->order == SJ_ORDER_ANY)
        return o->n_steps > 1;
    return group != 0 && ((k > 1 && o->steps[k - 2].group == group) ||
                          (k < o->n_steps && o->steps[k].group == group));
}

/* Is the step one of a block, but neither the first nor the last of it? */
static int oracle_is_inside_block(const sj_funnel_options *o, size_t k)
{
    if (!oracle_is_in_block(o, k) || k == 1 || k == o->n_steps)
        return 0;
    return o->order == SJ_ORDER_ANY || (o->steps[k - 2].group == o->steps[k - 1].group &&
                                        o->steps[k].group == o->steps[k - 1].group);
}

static int oracle_is_bad_span(int64_t span)
{
    return span < 0 && span != SJ_INSTANT;
}

static void oracle_look_at_steps(const sj_funnel_options *o, const uint64_t *alike,
                                 oracle_facts *facts)
{
    facts->all_adjacent = o->order == SJ_ORDER_ADJACENT || o->n_steps > 1;
    for (size_t k = 1; k <= o->n_steps; k++) {
        const sj_step *step = &o->steps[k - 1];
        const int adjacent = step->adjacent != 0 || (o->order == SJ_ORDER_ADJACENT && k > 1);
        const int gaps = oracle_span(step->min_gap) > 0 || oracle_has_span(step->max_gap);
        facts->bad_span |= oracle_is_bad_span(step->min_gap) || oracle_is_bad_span(step->max_gap);
        facts->adjacent |= adjacent;
        facts->all_adjacent &= adjacent || k == 1;
        facts->gaps |= gaps;
        facts->optional |= step->optional != 0;
        facts->optional_end |= step->optional && (k == 1 || k == o->n_steps);
        facts->gap_on_first |= k == 1 && (gaps || step->adjacent);
        facts->crossed_gaps |= oracle_has_span(step->max_gap) &&
                               oracle_span(step->min_gap) > oracle_span(step->max_gap);
        facts->any_order |= oracle_is_in_block(o, k);
        facts->blocks_have_rules |=
            oracle_is_in_block(o, k) && (adjacent || gaps || step->optional);
        for (size_t j = 1; j < k; j++)
            facts->alike |= (alike[k - 1] >> (j - 1) & 1) != 0;
    }
}

static void oracle_look_at_exclusions(const sj_funnel_options *o, oracle_facts *facts)
{
    const int64_t n = (int64_t)o->n_steps;
    for (size_t x = 0; x < o->n_exclusions; x++) {
        const int64_t from = o->exclusions[x].from_step == 0 ? 1 : o->exclusions[x].from_step;
        const int64_t to = o->exclusions[x].to_step == 0 ? n : o->exclusions[x].to_step;
        if (from < 1 || to < 1 || from > n || to > n || from >= to) {
            facts->exclusion_range = 1;
            continue;
        }
        facts->exclusion_end |= o->steps[from - 1].optional != 0 || o->steps[to - 1].optional != 0;
        facts->exclusion_in_block |=
            oracle_is_inside_block(o, (size_t)from) || oracle_is_inside_block(o, (size_t)to);
    }
}

/* Options that have no effect, or say nothing. */
static const char *oracle_refuse_idle(const sj_funnel_options *o)
{
    if ((o->tie == SJ_TIE_GRACE) != oracle_has_span(o->grace))
        return "grace and tie grace go together";
    if (o->breakdown == NULL && (o->breakdown_at != 0 || o->breakdown_step != 0))
        return "breakdown_at or breakdown_step without breakdown";
    if ((o->breakdown_at == SJ_AT_STEP) != (o->breakdown_step != 0))
        return "breakdown_step and breakdown_at step go together";
    if (o->breakdown_step < 0 || (size_t)o->breakdown_step > o->n_steps)
        return "breakdown_step is no step";
    if (o->utc_offset != 0 && o->trend == 0)
        return "utc_offset without trend";
    if ((o->figures & SJ_FIGURE_COUNTS) != 0 && o->figures != SJ_FIGURE_COUNTS)
        return "counts with another figure";
    if (o->survival && o->figures != 0 &&
        (o->figures & (SJ_FIGURE_TIMES | SJ_FIGURE_REASONS)) !=
            (SJ_FIGURE_TIMES | SJ_FIGURE_REASONS))
        return "survival without times or reasons";
    return NULL;
}

static const char *oracle_refuse_blocks(const sj_funnel_options *o, const oracle_facts *facts)
{
    if (!facts->any_order)
        return NULL;
    if (facts->blocks_have_rules)
        return "any-order steps with adjacent, a gap or optional";
    if (o->tie == SJ_TIE_STRICT || o->tie == SJ_TIE_GRACE)
        return "any-order steps with tie strict or grace";
    if (o->enter_anywhere)
        return "any-order steps with enter_anywhere";
    if (facts->exclusion_in_block)
        return "an exclusion that ends inside a block";
    return facts->alike && o->reuse != SJ_REUSE_YES ? "any-order steps that one event can match"
                                                    : NULL;
}

static const char *oracle_refuse_grace(const sj_funnel_options *o, const oracle_facts *facts)
{
    if (o->tie != SJ_TIE_GRACE)
        return NULL;
    if (facts->adjacent || facts->gaps || facts->optional || facts->any_order || o->enter_anywhere)
        return "grace with adjacent, gaps, optional, blocks or enter_anywhere";
    if (o->attempt != SJ_ATTEMPT_BEST)
        return NULL;
    if (o->n_exclusions > 0)
        return "grace and best with exclusions";
    return facts->alike && o->reuse != SJ_REUSE_YES
               ? "grace and best with steps that one event can match"
               : NULL;
}

static const char *oracle_refuse_units(const sj_funnel_options *o)
{
    if (o->unit == SJ_UNIT_ATTEMPTS && o->attempt != SJ_ATTEMPT_EACH)
        return "unit attempts with best or first";
    if (o->unit == SJ_UNIT_VALUES && o->n_hold == 0)
        return "unit values without hold";
    if (o->unit == SJ_UNIT_SESSIONS && !oracle_has_span(o->session_gap))
        return "unit sessions without session_gap";
    if (o->entry_from != NULL && o->entry_to != NULL && *o->entry_from >= *o->entry_to)
        return "entry_from is not before entry_to";
    return NULL;
}

/* A scan takes window, entry range, units customers or sessions, breakdown and trend. */
static const char *oracle_refuse_scan(const sj_funnel_options *o)
{
    int more = o->n_exclusions > 0 || o->n_hold > 0 || o->order != 0 || o->tie != 0 ||
               o->attempt != 0 || o->violation != 0 || o->reuse != 0 || o->enter_anywhere ||
               o->grace != 0 || o->survival || o->unit == SJ_UNIT_ATTEMPTS ||
               o->unit == SJ_UNIT_VALUES;
    for (size_t k = 0; k < o->n_steps; k++)
        more |= o->steps[k].min_gap != 0 || o->steps[k].max_gap != 0 || o->steps[k].optional ||
                o->steps[k].adjacent || o->steps[k].group != 0;
    return more ? "a strict preset with another option" : NULL;
}

const char *funnel_oracle_refuses(const sj_funnel_options *options, const uint64_t *alike)
{
    const sj_funnel_options o = oracle_resolve(options);
    oracle_facts facts = {0};
    const char *why;
    if (o.n_steps == 0)
        return "no steps";
    if (o.n_exclusions > 0 && o.n_steps == 1)
        return "exclusions on one step";
    oracle_look_at_steps(&o, alike, &facts);
    oracle_look_at_exclusions(&o, &facts);
    if (facts.bad_span || oracle_is_bad_span(o.window) || oracle_is_bad_span(o.grace) ||
        oracle_is_bad_span(o.session_gap))
        return "a negative span";
    if (oracle_is_scan(options) && (why = oracle_refuse_scan(options)) != NULL)
        return why;
    if (facts.exclusion_range)
        return "an exclusion from a step to one that is not behind it";
    if (facts.optional_end || facts.exclusion_end)
        return "an optional first or last step or exclusion end";
    if (facts.gap_on_first || facts.crossed_gaps)
        return "a gap or adjacent on step 1, or min_gap above max_gap";
    if (o.violation == SJ_VIOLATION_STOP && (!facts.all_adjacent || o.attempt != SJ_ATTEMPT_BEST))
        return "stop without order adjacent and best";
    if (o.enter_anywhere && o.attempt != SJ_ATTEMPT_BEST)
        return "enter_anywhere without best";
    if ((why = oracle_refuse_idle(&o)) != NULL ||
        (why = oracle_refuse_blocks(&o, &facts)) != NULL ||
        (why = oracle_refuse_grace(&o, &facts)) != NULL)
        return why;
    return oracle_refuse_units(&o);
}

/* ---- the strict presets ---- */

typedef struct oracle_scan {
    int has_start[ORACLE_STEPS + 1];
    int64_t start[ORACLE_STEPS + 1];
    size_t n_steps;
    uint64_t window;
    int dedup;
} oracle_scan;

/* Highest step started; with `first` the number of steps before the first that is not. */
static size_t oracle_started(const oracle_scan *scan, int first)
{
    size_t k = first ? 1 : scan->n_steps;
    while (first ? k <= scan->n_steps && scan->has_start[k] : k > 0 && !scan->has_start[k])
        k += first ? 1 : SIZE_MAX;
    return first ? k - 1 : k;
}

/* One row, of step k (0: it matches nothing); SIZE_MAX, or the level where it ends the scan. */
static size_t oracle_scan_row(oracle_scan *scan, int64_t time, size_t k)
{
    if (k == 0)
        return scan->has_start[1] ? oracle_started(scan, 0) : SIZE_MAX;
    if (k == 1) {
        scan->has_start[1] = 1;
        scan->start[1] = time;
        return SIZE_MAX;
    }
    if (scan->dedup && scan->has_start[k])
        return oracle_started(scan, 0);
    if (!scan->dedup && scan->has_start[1] && !scan->has_start[k - 1])
        return oracle_started(scan, 1);
    if (scan->has_start[k - 1] && oracle_since(time, scan->start[k - 1]) <= scan->window) {
        scan->has_start[k] = 1;
        scan->start[k] = scan->start[k - 1];
        if (k == scan->n_steps)
            return k;
    }
    return SIZE_MAX;
}

size_t funnel_oracle_scan(const funnel_oracle_event *events, size_t n_events, size_t n_steps,
                          uint64_t window, int dedup)
{
    oracle_scan scan = {.n_steps = n_steps, .window = window, .dedup = dedup};
    size_t level = SIZE_MAX, to;
    for (size_t from = 0; from < n_events && level == SIZE_MAX; from = to) {
        for (to = from; to < n_events && events[to].time == events[from].time; to++) {
        }
        for (size_t k = dedup ? 1 : 0; k <= n_steps && level == SIZE_MAX; k++)
            for (size_t e = from; e < to && level == SIZE_MAX; e++)
                if (k == 0 ? events[e].steps == 0 : (events[e].steps >> (k - 1) & 1) != 0)
                    level = oracle_scan_row(&scan, events[from].time, k);
    }
    return level != SIZE_MAX ? level : oracle_started(&scan, 0);
}
