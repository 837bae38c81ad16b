/* The notes of a result of transitions: options as they were resolved, what was left out, how exact
 * the figures are. */
#include "analysis/transition.h"

static void transition_note_span(sj_result *result, const char *name, sj__text *text, int64_t span,
                                 const char *none)
{
    text->size = 0;
    if (span == 0 || span == SJ_UNLIMITED) {
        sj__text_add(text, none);
    } else {
        sj__text_fixed6(text, span == SJ_INSTANT ? 0 : span);
        sj__text_add(text, " s");
    }
    sj__result_note(result, name, sj__text_data(text));
}

static void transition_note_text(sj_result *result, const char *name, sj__text *text,
                                 const char *value, size_t n, const char *none)
{
    text->size = 0;
    if (value != NULL)
        sj__text_bytes(text, value, n);
    else
        sj__text_add(text, none);
    sj__result_note(result, name, sj__text_data(text));
}

static int64_t transition_legs(const sj__transition_reading *reading, int32_t kind)
{
    const sj__ledger *legs = &reading->tally->ledgers[SJ__TRANSITION_LEGS];
    const size_t row = sj__ledger_find(legs, &kind, 1);
    return row == SIZE_MAX ? 0 : sj__ledger_counts(legs, row)[0];
}

/* How legs were cut, and how many were left out. */
static void transition_note_legs(const sj__transition_reading *reading, sj_result *result,
                                 sj__text *text)
{
    transition_note_text(result, "conversion", text, reading->conversion, reading->conversion_size,
                         "none: legs end by horizon and session only");
    transition_note_span(
        result, "horizon", text, reading->options.horizon,
        "none (as asked, or because observation is shorter than 60 days): legs are not "
        "cut by time, and none is open");
    text->size = 0;
    sj__text_integer(text, transition_legs(reading, SJ__TRANSITION_OPEN));
    sj__text_add(text, " legs began less than the horizon before as_of and are not counted; ");
    sj__text_integer(text, transition_legs(reading, SJ__TRANSITION_CLOSED));
    sj__text_add(text, " are");
    sj__result_note(result, "open", sj__text_data(text));
}

sj_status sj__transition_notes(const sj__transition_reading *reading, sj_result *result,
                               int compared, sj_error *error)
{
    static const char *const between[] = {"", "touchpoints", "stages", "channels"};
    static const char *const figures[] = {"counts", "times", "values", "times, values"};
    const sj_transition_options *options = &reading->options;
    const int times = (options->figures & SJ_FIGURE_TIMES) != 0;
    const int values = (options->figures & SJ_FIGURE_VALUES) != 0;
    sj__text text;
    sj__text_init(&text, &reading->allocator);
    sj__result_note(result, "between", between[options->between]);
    sj__result_note(result, "units", options->collapse ? "visits" : "events");
    sj__result_note(result, "follows", options->eventually ? "eventually" : "directly");
    transition_note_span(result, "session_gap", &text, options->session_gap, "never cut");
    transition_note_text(result, "as_of", &text, reading->as_of, reading->as_of_size,
                         "none: nothing was observed");
    if (options->eventually)
        transition_note_legs(reading, result, &text);
    sj__result_note(result, "figures", figures[times + 2 * values]);
    if (times)
        sj__result_note(result, "quantiles", "within 1/128, exact where the times are equal");
    if (compared)
        sj__result_note(result, "intervals",
                        "Newcombe, 95 %; q: Benjamini-Hochberg over all rows compared");
    const sj_status status = sj__text_status(&text, error);
    sj__text_free(&text);
    return status;
}
