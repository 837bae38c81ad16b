/* What a result of friction says about itself: options as they were resolved, how figures were
 * made, warnings. */
#include "analysis/friction.h"

#include <string.h>

/* The value of a line of the tally's text; NULL where there is none. */
static const char *friction_line(const sj_tally *tally, const char *wanted, size_t *n)
{
    const char *line = tally->text, *end = tally->text + tally->text_size, *name, *value;
    size_t n_name;
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, n);
        if (n_name == strlen(wanted) && memcmp(name, wanted, n_name) == 0)
            return value;
    }
    return NULL;
}

static void friction_note_span(sj_result *result, const sj_tally *tally, const char *name,
                               const char *without, sj__text *text)
{
    size_t n = 0;
    int64_t span = 0;
    const char *value = friction_line(tally, name, &n);
    text->size = 0;
    if (value == NULL || sj__read_integer(value, n, &span) != SJ__READ_OK || span == SJ_UNLIMITED) {
        sj__text_add(text, without);
    } else {
        sj__text_fixed6(text, span == SJ_INSTANT ? 0 : span);
        sj__text_add(text, " s");
    }
    sj__result_note(result, name, sj__text_data(text));
}

void sj__friction_put_notes(const sj__friction_reading *reading, int is_late, sj_result *result,
                            sj__text *text)
{
    const sj_tally *tally = reading->tally;
    size_t n = 0;
    const char *as_of = friction_line(tally, "as_of", &n);
    text->size = 0;
    if (as_of != NULL)
        sj__text_bytes(text, as_of, n);
    else
        sj__text_add(text, "none: nothing was observed");
    sj__result_note(result, "as_of", sj__text_data(text));
    friction_note_span(result, tally, "horizon",
                       "none: a sample is read whole (fewer than 60 days are observed, or none was "
                       "asked for), no leg is cut by time and none is open",
                       text);
    friction_note_span(result, tally, "session_gap", "none: errors count within 30 minutes", text);
    sj__result_note(result, "benchmark",
                    reading->options.benchmark == SJ_BENCHMARK_GROUP
                        ? "group: the rates of the baseline"
                        : "peers: touchpoints of the same stage, an outlier test");
    sj__result_note(result, "q",
                    reading->options.adjust == SJ_ADJUST_YEKUTIELI
                        ? "Benjamini-Yekutieli over all that is tested"
                        : "Benjamini-Hochberg over all that is tested");
    sj__result_note(result, "rank",
                    "finds that harm (q <= 0.05), by conversions lost at least; then the rest");
    sj__result_note(result, "impact", "not built yet: absent");
    sj__result_note(result, "causes",
                    "associations, not causes: robustness says how strong a hidden cause would "
                    "have to be");
    if (is_late)
        sj__result_note(result, "late",
                        "warning: more than 10 % of first conversions come after the horizon; a "
                        "longer one would see them");
}
