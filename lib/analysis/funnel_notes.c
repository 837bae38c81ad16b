/* The notes of a funnel's result: its options as they were resolved, and how exact the figures are.
 */
#include "analysis/funnel.h"

#include <string.h>

#include "journey/condition_name.h"

static void funnel_note_span(sj_result *result, sj__text *text, int64_t span)
{
    text->size = 0;
    if (span == 0) {
        sj__text_add(text, "none");
    } else if (span == SJ_INSTANT) {
        sj__text_add(text, "the same instant");
    } else {
        sj__text_fixed6(text, span);
        sj__text_add(text, " s from the entry, inclusive");
    }
    sj__result_note(result, "window", sj__text_data(text));
}

/* How far before the latest event a step may lie. */
static void funnel_note_grace(sj_result *result, sj__text *text, int64_t grace)
{
    text->size = 0;
    sj__text_fixed6(text, grace == SJ_INSTANT ? 0 : grace);
    sj__text_add(text, " s before the latest event of the attempt, inclusive");
    sj__result_note(result, "grace", sj__text_data(text));
}

static void funnel_note_figures(sj_result *result, sj__text *text, int64_t figures)
{
    static const char *const names[] = {"counts", "times", "reasons", "values"};
    text->size = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((figures >> i & 1) == 0)
            continue;
        sj__text_add(text, text->size > 0 ? ", " : "");
        sj__text_add(text, names[i]);
    }
    sj__result_note(result, "figures", sj__text_data(text));
}

static void funnel_note_choice(sj_result *result, const char *name, int64_t value,
                               const char *neutral)
{
    const sj__field *field = sj__options_field(&sj__funnel_options_struct, name);
    char shown[32] = {0};
    size_t n = 0;
    const char *chosen = value != 0 ? sj__options_value(field, value, &n) : NULL;
    for (size_t i = 0; chosen != NULL && i < n && i + 1 < sizeof shown; i++)
        shown[i] = chosen[i];
    sj__result_note(result, name, chosen != NULL ? shown : neutral);
}

static void funnel_say_rule(sj__text *text, const char *name, int64_t value, int is_span)
{
    if (value == 0)
        return;
    sj__text_add(text, text->size > 0 ? ", " : "");
    sj__text_add(text, name);
    if (is_span) {
        sj__text_char(text, ' ');
        sj__text_fixed6(text, value == SJ_INSTANT ? 0 : value);
        sj__text_add(text, " s");
    }
}

/* "min_gap=3000000 optional=1" of the tally's text for a reader: "min_gap 3 s, optional". */
static void funnel_say_step(sj__text *text, const char *rules)
{
    sj_step step = {0};
    for (const char *at = rules; *at != '\0';) {
        const size_t name = strcspn(at, "= "), n = strcspn(at, " ");
        if (name < n)
            (void)sj__options_set(&sj__step_struct, &step, at, name, at + name + 1, n - name - 1);
        at += n + (at[n] == ' ');
    }
    funnel_say_rule(text, "min_gap", step.min_gap, 1);
    funnel_say_rule(text, "max_gap", step.max_gap, 1);
    funnel_say_rule(text, "optional", step.optional, 0);
    funnel_say_rule(text, "adjacent", step.adjacent, 0);
    if (step.group != 0) {
        sj__text_add(text, "group ");
        sj__text_integer(text, step.group);
    }
}

/* Rules that are not neutral: of steps, exclusions, units, entries. */
static void funnel_note_rules(const sj__funnel_reading *reading, sj_result *result, sj__text *text)
{
    const char *rule = sj__text_data(&reading->rules);
    const char *end = rule + reading->rules.size;
    while (rule < end) {
        const char *what = rule + strlen(rule) + 1;
        text->size = 0;
        if (strncmp(rule, "step ", strlen("step ")) == 0)
            funnel_say_step(text, what);
        else
            sj__text_add(text, what);
        sj__result_note(result, rule, sj__text_data(text));
        rule = what + strlen(what) + 1;
    }
    text->size = 0;
    if (reading->options.session_gap != 0) {
        sj__text_fixed6(
            text, reading->options.session_gap == SJ_INSTANT ? 0 : reading->options.session_gap);
        sj__text_add(text, " s: journeys are cut where the pause is longer");
        sj__result_note(result, "session_gap", sj__text_data(text));
    }
    text->size = 0;
    if (reading->removes) {
        sj__text_integer(text, reading->removed);
        sj__text_add(text, " units, which count nowhere");
        sj__result_note(result, "removed", sj__text_data(text));
    }
}

/* How units are told apart, and what the curve is. */
static void funnel_note_groups(const sj__funnel_reading *reading, sj_result *result, sj__text *text)
{
    const sj_funnel_options *options = &reading->options;
    text->size = 0;
    if (reading->breakdown != NULL) {
        sj__condition_unescape(text, reading->breakdown, reading->breakdown_size);
        sj__result_note(result, "breakdown", sj__text_data(text));
        funnel_note_choice(result, "breakdown_at", options->breakdown_at, "entry");
    }
    text->size = 0;
    if (options->breakdown_step != 0) {
        sj__text_integer(text, options->breakdown_step);
        sj__result_note(result, "breakdown_step", sj__text_data(text));
    }
    if (options->trend != 0) {
        funnel_note_choice(result, "trend", options->trend, "none");
        text->size = 0;
        sj__text_integer(text, options->utc_offset);
        sj__text_add(text, " minutes; buckets by the time of entry");
        sj__result_note(result, "utc_offset", sj__text_data(text));
    }
    if (options->survival)
        sj__result_note(result, "survival",
                        options->attempt == 0
                            ? "Kaplan-Meier at bucket edges, Greenwood bands on log(-log); the "
                              "best attempt picks its entry with hindsight, the first does not"
                            : "Kaplan-Meier at bucket edges, Greenwood bands on log(-log)");
}

/* Options as they were resolved, and how exact the figures are. */
sj_status sj__funnel_put_notes(const sj__funnel_reading *reading, sj_result *result,
                               sj_error *error)
{
    const sj_funnel_options *options = &reading->options;
    sj__text text;
    sj__text_init(&text, &reading->allocator);
    if (!reading->is_scan)
        funnel_note_choice(result, "order", options->order, "sequential");
    funnel_note_span(result, &text, options->window);
    if (!reading->is_scan) {
        funnel_note_choice(result, "tie", options->tie, "any");
        if (options->tie == SJ_TIE_GRACE)
            funnel_note_grace(result, &text, options->grace);
        funnel_note_choice(result, "attempt", options->attempt, "best");
        if (options->violation != 0)
            funnel_note_choice(result, "violation", options->violation, "break");
        if (reading->anywhere)
            sj__result_note(result, "enter_anywhere", "attempts may begin at any required step");
        funnel_note_choice(result, "reuse", options->reuse, "no");
    }
    funnel_note_choice(result, "unit", options->unit, "customers");
    funnel_note_rules(reading, result, &text);
    funnel_note_groups(reading, result, &text);
    text.size = 0;
    if (reading->as_of != NULL)
        sj__text_bytes(&text, reading->as_of, reading->as_of_size);
    else
        sj__text_add(&text, "none: nothing was observed");
    sj__result_note(result, "as_of", sj__text_data(&text));
    funnel_note_figures(result, &text, options->figures);
    sj__result_note(result, "intervals", "Wilson, 95 %; open units are in the denominator");
    if (options->figures & SJ_FIGURE_TIMES)
        sj__result_note(result, "quantiles", "within 1/128, exact where the times are equal");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
}
