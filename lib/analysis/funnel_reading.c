/* A funnel's tally read back: what its text says was counted, and units by step.  No events, no graph. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"

/* A name as tables show it: in single quotes where it could be taken for (end) and the like, or for a path. */
void sj__funnel_show_name(sj__text *text, const char *name, size_t n)
{
    int quoted = n > 0 && (name[0] == '(' || name[0] == '\'');
    for (size_t i = 0; i + 2 < n && !quoted; i++)
        quoted = memcmp(name + i, " > ", 3) == 0;
    if (quoted)
        sj__text_quoted(text, name, n, '\'');
    else
        sj__text_bytes(text, name, n);
}

/* The size of the text in single quotes at s, both quotes included; 0 if s is not one such text. */
static size_t funnel_quoted_size(const char *s, size_t n)
{
    size_t i = 1;
    if (n < 2 || s[0] != '\'')
        return 0;
    while (i < n && !(s[i] == '\'' && (i + 1 == n || s[i + 1] != '\'')))
        i += s[i] == '\'' ? 2 : 1;
    return i < n ? i + 1 : 0;
}

/* The name of a step from its canonical condition: x of touchpoint = 'x' and the like, else the condition. */
static void funnel_add_name(sj__text *names, const char *condition, size_t n,
                            const sj_allocator *allocator)
{
    static const char *const kinds[] = {"touchpoint = ", "conversion = ", "stage = "};
    sj__text name;
    sj__text_init(&name, allocator);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && name.size == 0; k++) {
        const size_t skip = strlen(kinds[k]);
        if (n > skip && memcmp(condition, kinds[k], skip) == 0 &&
            funnel_quoted_size(condition + skip, n - skip) == n - skip)
            for (size_t i = skip + 1; i + 1 < n; i += condition[i] == '\'' ? 2 : 1)
                sj__text_char(&name, condition[i]);
    }
    if (name.size > 0)
        sj__funnel_show_name(names, name.data, name.size);
    else
        sj__text_bytes(names, condition, n);
    sj__text_char(names, '\0');
    names->failed |= name.failed;
    sj__text_free(&name);
}

/* A line's value with its escapes taken back; in place of `to`, which is emptied before. */
static void funnel_unescape(sj__text *to, const char *value, size_t n)
{
    to->size = 0;
    for (size_t i = 0; i < n; i++) {
        const int escaped = value[i] == '\\' && i + 1 < n;
        i += (size_t)escaped;
        if (escaped && value[i] == 'n')
            sj__text_char(to, '\n');
        else
            sj__text_char(to, value[i]);
    }
}

static int funnel_line_is(const char *name, size_t n, const char *wanted)
{
    return n == strlen(wanted) && memcmp(name, wanted, n) == 0;
}

static sj_status funnel_read_text(sj__funnel_reading *reading, sj_error *error)
{
    const sj_tally *tally = reading->tally;
    const char *line = tally->text, *end = tally->text + tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    sj__text condition;
    sj__text_init(&condition, &reading->allocator);
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        if (funnel_line_is(name, n_name, "step")) {
            funnel_unescape(&condition, value, n_value);
            funnel_add_name(&reading->names, sj__text_data(&condition), condition.size,
                            &reading->allocator);
            reading->n_steps++;
        } else if (funnel_line_is(name, n_name, "as_of")) {
            reading->as_of = value;
            reading->as_of_size = n_value;
        } else {
            (void)sj__options_set(&sj__funnel_options_struct, &reading->options, name, n_name,
                                  value, n_value);
        }
    }
    reading->names.failed |= condition.failed;
    sj__text_free(&condition);
    return sj__text_status(&reading->names, error);
}

/* ---- counts ---- */

static sj_status funnel_damaged(sj_error *error)
{
    return sj__fail(error, SJ_ERR_FORMAT,
                    "the tally has a row that no funnel of these steps can have counted");
}

/* All keys are of steps that there are; further parts are a reason, or a name. */
static sj_status funnel_check_keys(const sj__funnel_reading *reading, sj_error *error)
{
    for (size_t l = 0; l < SJ__FUNNEL_LEDGERS; l++) {
        const sj__ledger *ledger = &reading->tally->ledgers[l];
        for (size_t row = 0; row < ledger->n_rows; row++) {
            size_t n;
            const int32_t *key = sj__ledger_key(ledger, row, &n);
            if (key[0] < 1 || (uint32_t)key[0] > reading->n_steps ||
                (l == SJ__FUNNEL_REASONS && sj__funnel_reason_name(key[1]) == NULL))
                return funnel_damaged(error);
        }
    }
    return SJ_OK;
}

static sj_status funnel_add_units(int64_t *to, int64_t units, sj_error *error)
{
    return sj__i64_add(*to, units, to)
               ? SJ_OK
               : sj__fail(error, SJ_ERR_OVERFLOW, "a funnel's units leave the range of 64 bits");
}

static sj_status funnel_sum_levels(sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *levels = &reading->tally->ledgers[SJ__FUNNEL_LEVELS];
    const sj__ledger *reasons = &reading->tally->ledgers[SJ__FUNNEL_REASONS];
    sj_status status = SJ_OK;
    size_t n;
    for (size_t row = 0; row < levels->n_rows; row++)
        reading->reached[sj__ledger_key(levels, row, &n)[0]] = sj__ledger_counts(levels, row)[0];
    for (uint32_t k = reading->n_steps; k-- > 1 && status == SJ_OK;)
        status = funnel_add_units(&reading->reached[k], reading->reached[k + 1], error);
    for (size_t row = 0; row < reasons->n_rows && status == SJ_OK; row++) {
        const int32_t *key = sj__ledger_key(reasons, row, &n);
        const int64_t units = sj__ledger_counts(reasons, row)[0];
        if (sj__funnel_is_dropped(key[1]))
            status = funnel_add_units(&reading->dropped[key[0]], units, error);
        else if (key[1] == SJ__FUNNEL_EXCLUDED)
            reading->excluded[key[0]] = units;
        else if (key[1] == SJ__FUNNEL_OPEN)
            reading->open[key[0]] = units;
    }
    return status;
}

sj_status sj__funnel_reading_init(sj__funnel_reading *reading, const sj_tally *tally,
                                  sj_error *error)
{
    *reading = (sj__funnel_reading){.tally = tally};
    sj_status status = sj__tally_check(tally, &sj__funnel_analysis, error);
    if (status != SJ_OK)
        return status;
    reading->allocator = tally->allocator;
    sj__text_init(&reading->names, &reading->allocator);
    status = funnel_read_text(reading, error);
    if (status == SJ_OK && (reading->n_steps == 0 || reading->n_steps > SJ__FUNNEL_STEPS))
        status = sj__fail(error, SJ_ERR_FORMAT, "the tally's text names %u steps",
                          (uint64_t)reading->n_steps);
    if (status == SJ_OK)
        status = funnel_check_keys(reading, error);
    if (status == SJ_OK) {
        const size_t rows = (size_t)reading->n_steps + 1;
        reading->block = sj__alloc_zeroed(&reading->allocator, 4 * rows, sizeof(int64_t));
        if (reading->block == NULL) {
            status = sj__fail_nomem(error);
        } else {
            reading->reached = reading->block;
            reading->dropped = reading->block + rows;
            reading->excluded = reading->block + 2 * rows;
            reading->open = reading->block + 3 * rows;
            status = funnel_sum_levels(reading, error);
        }
    }
    if (reading->options.figures == 0)
        reading->options.figures = SJ__FUNNEL_ALL;
    if (status != SJ_OK)
        sj__funnel_reading_free(reading);
    return status;
}

void sj__funnel_reading_free(sj__funnel_reading *reading)
{
    if (reading->allocator.resize == NULL)
        return;
    sj__free(&reading->allocator, reading->block, 4 * ((size_t)reading->n_steps + 1),
             sizeof(int64_t));
    sj__text_free(&reading->names);
    *reading = (sj__funnel_reading){0};
}
