/* Presets: what a product does, said in our options.  A preset is a row of a table; an option that
 * is given stands, one that is 0 takes the preset's value, and what results is what a tally's text
 * says, so that a preset and its options spelt out are one question.  The two strict scans are no
 * combination of options (funnel_scan.c).
 *
 * Where a product answers otherwise than its combination here, the row says so (docs/funnel.md has
 * the smallest case of each; those of ClickHouse are measured, the others worked out from the
 * rule). */
#include "analysis/funnel_preset.h"

#include <string.h>

#include "analysis/funnel.h"
#include "base/utf8.h"

static const sj__funnel_preset preset_rows[] = {
    {"clickhouse",
     "windowFunnel without a mode: the longest attempt within the window, events at one time in "
     "any order, one event may fill several steps",
     "its window 0 is SJ_INSTANT here; its strict_increase (here tie strict) loses attempts; its "
     "strict_once is reuse no",
     "tie=any attempt=best reuse=yes"},
    {"clickhouse_strict_order",
     "windowFunnel with strict_order: a scan of rows by time, then step, ended by an event of no "
     "step and by a step whose predecessor is not reached",
     "releases before March 2026 judge by other rules", "rules=strict_order"},
    {"clickhouse_strict_dedup",
     "windowFunnel with strict_deduplication: a scan of rows by time, then step, ended by the "
     "second row of a step behind the first",
     "releases before March 2026 judge by other rules", "rules=strict_dedup"},
    {"posthog_ordered", "the longest attempt within 14 days; who meets an exclusion counts nowhere",
     "its ties follow rows; it follows an excluded attempt one step further, and then removes who "
     "counts here; it does not count optional steps",
     "window=14d tie=any attempt=best exclusions.effect=remove"},
    {"mixpanel",
     "uniques: a replay from the first entry within 7 days, two seconds of disorder forgiven",
     "none known", "window=7d tie=grace grace=2s attempt=first"},
    {"mixpanel_totals",
     "totals: replays, one behind the other, within 7 days, two seconds of disorder forgiven",
     "with hold each value is replayed by itself here, one entry at a time there",
     "window=7d tie=grace grace=2s attempt=each unit=attempts"},
    {"mixpanel_reentry",
     "uniques with re-entry: the longest attempt within 7 days, two seconds of disorder forgiven",
     "exclusions are refused here beside it", "window=7d tie=grace grace=2s attempt=best"},
    {"amplitude", "the longest attempt within a day",
     "it treats one second as one time, and takes the earliest entry",
     "window=1d tie=any attempt=best"},
};

const sj__funnel_preset *sj__funnel_preset_at(size_t i)
{
    return i < sizeof preset_rows / sizeof *preset_rows ? &preset_rows[i] : NULL;
}

/* ---- finding one ---- */

static sj_status preset_unknown(const char *name, sj_error *error)
{
    const sj__funnel_preset *preset, *nearest = NULL;
    char names[sizeof error->message] = "";
    const size_t n = strlen(name);
    size_t used = 0, least = n / 3 + 2;
    for (size_t i = 0; (preset = sj__funnel_preset_at(i)) != NULL; i++) {
        const size_t distance =
            sj__text_distance(name, n, preset->name, strlen(preset->name), least);
        if (distance < least) {
            least = distance;
            nearest = preset;
        }
        used += sj__format(names + used, sizeof names - used, i > 0 ? ", %s" : "%s", preset->name);
    }
    if (nearest != NULL)
        return sj__fail(error, SJ_ERR_NAME, "there is no preset %q; the nearest is %q", name,
                        nearest->name);
    return sj__fail(error, SJ_ERR_NAME, "there is no preset %q: there are %s", name, names);
}

static sj_status preset_find(const char *name, const sj__funnel_preset **out, sj_error *error)
{
    for (size_t i = 0; (*out = sj__funnel_preset_at(i)) != NULL; i++)
        if (strcmp((*out)->name, name) == 0)
            return SJ_OK;
    return preset_unknown(name, error);
}

/* ---- reading its options ---- */

static int preset_is(const char *name, size_t n, const char *wanted)
{
    return strlen(wanted) == n && memcmp(name, wanted, n) == 0;
}

/* "2s", "14d". */
static int64_t preset_span(const char *value, size_t n)
{
    int64_t span = 0;
    for (size_t i = 0; i + 1 < n; i++)
        span = span * 10 + (value[i] - '0');
    return span * (value[n - 1] == 'd' ? SJ_DAY : SJ_SECOND);
}

/* One "name=value". */
static void preset_set(sj_funnel_options *sets, sj__funnel_product *out, const char *name,
                       size_t n_name, const char *value, size_t n_value)
{
    sj_exclusion exclusion = {0};
    if (preset_is(name, n_name, "window")) {
        sets->window = preset_span(value, n_value);
    } else if (preset_is(name, n_name, "grace")) {
        sets->grace = preset_span(value, n_value);
    } else if (preset_is(name, n_name, "rules")) {
        out->scan = preset_is(value, n_value, "strict_order") ? SJ__FUNNEL_SCAN_ORDER
                                                              : SJ__FUNNEL_SCAN_DEDUP;
    } else if (preset_is(name, n_name, "exclusions.effect")) {
        (void)sj__options_set(&sj__exclusion_struct, &exclusion, "effect", strlen("effect"), value,
                              n_value);
        out->effect = exclusion.effect;
    } else {
        const int known =
            sj__options_set(&sj__funnel_options_struct, sets, name, n_name, value, n_value);
        (void)SJ__NEVER(!known);
    }
}

static void preset_read(const sj__funnel_preset *preset, sj_funnel_options *sets,
                        sj__funnel_product *out)
{
    for (const char *at = preset->options, *end; *at != '\0'; at = end + (*end == ' ')) {
        const char *value = strchr(at, '=') + 1;
        end = at + strcspn(at, " ");
        preset_set(sets, out, at, (size_t)(value - at) - 1, value, (size_t)(end - value));
    }
}

/* ---- applying them ---- */

/* Choices and spans are all that a preset sets; what is not 0 stands. */
static void preset_fill(sj_funnel_options *options, const sj_funnel_options *sets)
{
    static const char zero[sizeof(int64_t)];
    const sj__struct *shape = &sj__funnel_options_struct;
    for (size_t i = 0; i < shape->n_fields; i++) {
        const sj__field *field = &shape->fields[i];
        char *to = (char *)options + field->offset;
        if ((field->kind == SJ__KIND_CHOICE || field->kind == SJ__KIND_SPAN) &&
            memcmp(to, zero, field->size) == 0)
            memcpy(to, (const char *)sets + field->offset, field->size);
    }
}

sj_status sj__funnel_preset_apply(sj_funnel_options *options, sj__funnel_product *out,
                                  sj_error *error)
{
    sj_funnel_options sets = {0};
    const sj__funnel_preset *preset;
    *out = (sj__funnel_product){0};
    if (options->preset == NULL)
        return SJ_OK;
    const sj_status status = preset_find(options->preset, &preset, error);
    if (status != SJ_OK)
        return status;
    preset_read(preset, &sets, out);
    if (options->tie != 0 && options->tie != SJ_TIE_GRACE) /* its grace belongs to its tie */
        sets.grace = 0;
    preset_fill(options, &sets);
    return SJ_OK;
}
