/* A funnel's tally read back: what its text says was counted, and units by step.  No events, no graph. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"
#include "journey/condition_name.h"

/* The name of a step from its canonical condition: x of touchpoint = 'x' and the like, else the condition. */
static void funnel_add_name(sj__text *names, const char *condition, size_t n,
                            const sj_allocator *allocator)
{
    sj__text name;
    sj__text_init(&name, allocator);
    if (sj__condition_bare_name(&name, condition, n))
        sj__text_name(names, sj__text_data(&name), name.size);
    else
        sj__text_bytes(names, condition, n);
    sj__text_char(names, '\0');
    names->failed |= name.failed;
    sj__text_free(&name);
}

static int funnel_line_is(const char *name, size_t n, const char *wanted)
{
    return n == strlen(wanted) && memcmp(name, wanted, n) == 0;
}

/* Keeps a line that only notes show: rules of steps, exclusions, hold, entry range. */
static int funnel_note_rule(sj__funnel_reading *reading, const char *name, size_t n_name,
                            const char *value, size_t n_value)
{
    static const char *const kept[] = {"step_rules", "exclusion", "hold", "entry_from", "entry_to"};
    static const char removes[] = " effect=remove";
    const size_t n = sizeof removes - 1;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!funnel_line_is(name, n_name, kept[i]))
            continue;
        if (i == 0) {
            sj__text_add(&reading->rules, "step ");
            sj__text_integer(&reading->rules, reading->n_steps);
        } else {
            sj__text_add(&reading->rules, kept[i]);
        }
        sj__text_char(&reading->rules, '\0');
        sj__text_bytes(&reading->rules, value, n_value);
        sj__text_char(&reading->rules, '\0');
        reading->removes |= i == 1 && n_value > n && memcmp(value + n_value - n, removes, n) == 0;
        return 1;
    }
    return 0;
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
            sj__condition_unescape(&condition, value, n_value);
            funnel_add_name(&reading->names, sj__text_data(&condition), condition.size,
                            &reading->allocator);
            reading->n_steps++;
        } else if (funnel_line_is(name, n_name, "as_of")) {
            reading->as_of = value;
            reading->as_of_size = n_value;
        } else if (!funnel_note_rule(reading, name, n_name, value, n_value)) {
            (void)sj__options_set(&sj__funnel_options_struct, &reading->options, name, n_name,
                                  value, n_value);
        }
    }
    reading->names.failed |= condition.failed | reading->rules.failed;
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
            if (key[0] < (l == SJ__FUNNEL_LEVELS ? 0 : 1) || (uint32_t)key[0] > reading->n_steps ||
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
    reading->removed = reading->reached[0];
    const sj__ledger *customers = &reading->tally->ledgers[SJ__FUNNEL_CUSTOMERS];
    for (size_t row = 0; row < customers->n_rows; row++)
        reading->customers[sj__ledger_key(customers, row, &n)[0]] =
            sj__ledger_counts(customers, row)[0];
    for (uint32_t k = reading->n_steps; k-- > 1 && status == SJ_OK;) {
        status = funnel_add_units(&reading->reached[k], reading->reached[k + 1], error);
        if (status == SJ_OK)
            status = funnel_add_units(&reading->customers[k], reading->customers[k + 1], error);
    }
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
    sj__text_init(&reading->rules, &reading->allocator);
    status = funnel_read_text(reading, error);
    if (status == SJ_OK && (reading->n_steps == 0 || reading->n_steps > SJ__FUNNEL_STEPS))
        status = sj__fail(error, SJ_ERR_FORMAT, "the tally's text names %u steps",
                          (uint64_t)reading->n_steps);
    if (status == SJ_OK)
        status = funnel_check_keys(reading, error);
    if (status == SJ_OK) {
        const size_t rows = (size_t)reading->n_steps + 1;
        reading->block = sj__alloc_zeroed(&reading->allocator, 5 * rows, sizeof(int64_t));
        if (reading->block == NULL) {
            status = sj__fail_nomem(error);
        } else {
            reading->reached = reading->block;
            reading->dropped = reading->block + rows;
            reading->excluded = reading->block + 2 * rows;
            reading->open = reading->block + 3 * rows;
            reading->customers = reading->block + 4 * rows;
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
    sj__free(&reading->allocator, reading->block, 5 * ((size_t)reading->n_steps + 1),
             sizeof(int64_t));
    sj__text_free(&reading->names);
    sj__text_free(&reading->rules);
    *reading = (sj__funnel_reading){0};
}
