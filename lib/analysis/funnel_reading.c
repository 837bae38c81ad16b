/* A funnel's tally read back: what its text says was counted, and units by step.  No events, no
 * graph. */
#include "analysis/funnel.h"

#include <string.h>

#include "base/checked.h"
#include "journey/condition_name.h"

/* The name of a step from its canonical condition: x of touchpoint = 'x' and the like, else the
 * condition. */
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

/* Keeps a line that only notes show: rules of steps, exclusions, hold, entry range, rules of a
 * scan. */
static int funnel_note_rule(sj__funnel_reading *reading, const char *name, size_t n_name,
                            const char *value, size_t n_value)
{
    static const char *const kept[] = {"step_rules", "exclusion", "hold",
                                       "entry_from", "entry_to",  "rules"};
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
        reading->is_scan |= i == 5;
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
        } else if (funnel_line_is(name, n_name, "enter_anywhere")) {
            reading->anywhere = 1;
        } else if (funnel_line_is(name, n_name, "breakdown")) {
            reading->breakdown = value;
            reading->breakdown_size = n_value;
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

sj_status sj__funnel_damaged(sj_error *error)
{
    return sj__fail(error, SJ_ERR_FORMAT,
                    "the tally has a row that no funnel of these steps can have counted");
}

#define FUNNEL_COUNT_ARRAYS 8

sj_status sj__funnel_counts_init(sj__funnel_counts *counts, uint32_t n_steps,
                                 const sj_allocator *allocator, sj_error *error)
{
    const size_t rows = (size_t)n_steps + 2;
    int64_t **const arrays[FUNNEL_COUNT_ARRAYS] = {
        &counts->level,   &counts->entered,  &counts->reached, &counts->filled,
        &counts->dropped, &counts->excluded, &counts->open,    &counts->customers};
    *counts = (sj__funnel_counts){0};
    counts->block = sj__alloc_zeroed(allocator, FUNNEL_COUNT_ARRAYS * rows, sizeof(int64_t));
    counts->row = sj__alloc(allocator, rows, sizeof *counts->row);
    if (counts->block == NULL || counts->row == NULL) {
        sj__funnel_counts_free(counts, n_steps, allocator);
        return sj__fail_nomem(error);
    }
    for (size_t i = 0; i < FUNNEL_COUNT_ARRAYS; i++)
        *arrays[i] = counts->block + i * rows;
    for (size_t k = 0; k < rows; k++)
        counts->row[k] = SIZE_MAX;
    return SJ_OK;
}

void sj__funnel_counts_free(sj__funnel_counts *counts, uint32_t n_steps,
                            const sj_allocator *allocator)
{
    const size_t rows = (size_t)n_steps + 2;
    sj__free(allocator, counts->block, FUNNEL_COUNT_ARRAYS * rows, sizeof(int64_t));
    sj__free(allocator, counts->row, rows, sizeof *counts->row);
    *counts = (sj__funnel_counts){0};
}

static sj_status funnel_add_units(int64_t *to, int64_t units, sj_error *error)
{
    return sj__i64_add(*to, units, to)
               ? SJ_OK
               : sj__fail(error, SJ_ERR_OVERFLOW, "a funnel's units leave the range of 64 bits");
}

/* reached k = reached k−1 + entered k − level k−1, where entered 1 is what of the units did not
 * enter later. */
sj_status sj__funnel_counts_derive(const sj__funnel_reading *reading, sj__funnel_counts *counts,
                                   sj_error *error)
{
    sj_status status = SJ_OK;
    counts->units = 0;
    for (uint32_t k = 1; k <= reading->n_steps && status == SJ_OK; k++)
        status = funnel_add_units(&counts->units, counts->level[k], error);
    if (status != SJ_OK)
        return status;
    int64_t entries = counts->units;
    for (uint32_t k = 2; k <= reading->n_steps; k++) {
        if (counts->entered[k] > entries)
            return sj__funnel_damaged(error);
        entries -= counts->entered[k];
    }
    counts->entered[1] = counts->reached[1] = entries;
    for (uint32_t k = 2; k <= reading->n_steps; k++) {
        if (counts->level[k - 1] > counts->reached[k - 1])
            return sj__funnel_damaged(error);
        counts->reached[k] = counts->reached[k - 1] - counts->level[k - 1] + counts->entered[k];
    }
    return SJ_OK;
}

sj_status sj__funnel_counts_group(const sj__funnel_reading *reading, const sj__ledger *ledger,
                                  size_t from, size_t *to, sj__funnel_counts *counts,
                                  sj_error *error)
{
    const size_t rows = (size_t)reading->n_steps + 2;
    size_t n = 0;
    const int32_t *first = from < ledger->n_rows ? sj__ledger_key(ledger, from, &n) : NULL;
    memset(counts->block, 0, FUNNEL_COUNT_ARRAYS * rows * sizeof(int64_t));
    for (size_t k = 0; k < rows; k++)
        counts->row[k] = SIZE_MAX;
    for (; from < ledger->n_rows; from++) {
        const int32_t *key = sj__ledger_key(ledger, from, &n);
        const int64_t *count = sj__ledger_counts(ledger, from);
        if (memcmp(key, first, (n - 1) * sizeof *key) != 0)
            break;
        const size_t k = (size_t)key[n - 1];
        counts->filled[k] = count[SJ__GROUP_FILLED];
        counts->level[k] = count[SJ__GROUP_LEVEL];
        counts->dropped[k] = count[SJ__GROUP_DROPPED];
        counts->excluded[k] = count[SJ__GROUP_EXCLUDED];
        counts->open[k] = count[SJ__GROUP_OPEN];
        counts->entered[k] = count[SJ__GROUP_ENTERED];
        counts->customers[k] = count[SJ__GROUP_CUSTOMERS];
        counts->row[k] = from;
    }
    if (first != NULL)
        *to = from;
    return sj__funnel_counts_derive(reading, counts, error);
}

/* The first count of each row of a ledger whose key is a step. */
static void funnel_read_steps(const sj__ledger *ledger, int64_t *to, size_t *rows)
{
    size_t n;
    for (size_t row = 0; row < ledger->n_rows; row++) {
        const int32_t k = sj__ledger_key(ledger, row, &n)[0];
        to[k] = sj__ledger_counts(ledger, row)[0];
        if (rows != NULL)
            rows[k] = row;
    }
}

static sj_status funnel_read_total(sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *ledgers = reading->tally->ledgers;
    const sj__ledger *reasons = &ledgers[SJ__FUNNEL_REASONS];
    sj__funnel_counts *total = &reading->total;
    sj_status status = SJ_OK;
    size_t n;
    funnel_read_steps(&ledgers[SJ__FUNNEL_LEVELS], total->level, NULL);
    funnel_read_steps(&ledgers[SJ__FUNNEL_ENTERED], total->entered, NULL);
    funnel_read_steps(&ledgers[SJ__FUNNEL_FILLED], total->filled, total->row);
    funnel_read_steps(&ledgers[SJ__FUNNEL_CUSTOMERS], total->customers, NULL);
    reading->removed = total->level[0];
    for (size_t row = 0; row < reasons->n_rows && status == SJ_OK; row++) {
        const int32_t *key = sj__ledger_key(reasons, row, &n);
        const int64_t units = sj__ledger_counts(reasons, row)[0];
        if (sj__funnel_is_dropped(key[1]))
            status = funnel_add_units(&total->dropped[key[0]], units, error);
        else if (key[1] == SJ__FUNNEL_EXCLUDED)
            total->excluded[key[0]] = units;
        else if (key[1] == SJ__FUNNEL_OPEN)
            total->open[key[0]] = units;
    }
    return status == SJ_OK ? sj__funnel_counts_derive(reading, total, error) : status;
}

/* ---- keys ---- */

/* Whether a key is of steps and groups that there can be. */
static int funnel_is_key(const sj__funnel_reading *reading, size_t ledger, const int32_t *key)
{
    const int64_t last = reading->n_steps;
    switch (ledger) {
    case SJ__FUNNEL_LEVELS:
        return key[0] >= 0 && key[0] <= last;
    case SJ__FUNNEL_ENTERED:
        return key[0] >= 2 && key[0] <= last && reading->anywhere;
    case SJ__FUNNEL_REASONS:
        return key[0] >= 1 && key[0] <= last && sj__funnel_reason_name(key[1]) != NULL;
    case SJ__FUNNEL_BREAKDOWN:
        return key[0] >= SJ__GROUP_NONE && key[1] >= 1 && key[1] <= last &&
               reading->breakdown != NULL;
    case SJ__FUNNEL_TREND:
        return key[1] >= 0 && key[1] < 65536 && key[2] >= 1 && key[2] <= last &&
               reading->options.trend != 0;
    case SJ__FUNNEL_SURVIVAL:
        return key[0] >= SJ__SURVIVAL_CONVERTED && key[0] <= SJ__SURVIVAL_CENSORED &&
               reading->options.survival;
    default:
        return key[0] >= 1 && key[0] <= last;
    }
}

static sj_status funnel_check_keys(const sj__funnel_reading *reading, sj_error *error)
{
    for (size_t l = 0; l < SJ__FUNNEL_LEDGERS; l++) {
        const sj__ledger *ledger = &reading->tally->ledgers[l];
        for (size_t row = 0; row < ledger->n_rows; row++) {
            size_t n;
            if (!funnel_is_key(reading, l, sj__ledger_key(ledger, row, &n)))
                return sj__funnel_damaged(error);
        }
    }
    return SJ_OK;
}

/* ---- the whole ---- */

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
    if (reading->options.figures == 0)
        reading->options.figures = SJ__FUNNEL_ALL;
    if (status == SJ_OK && (reading->n_steps == 0 || reading->n_steps > SJ__FUNNEL_STEPS))
        status = sj__fail(error, SJ_ERR_FORMAT, "the tally's text names %u steps",
                          (uint64_t)reading->n_steps);
    if (status == SJ_OK)
        status = sj__funnel_name_rows(reading, error);
    if (status == SJ_OK)
        status = funnel_check_keys(reading, error);
    if (status == SJ_OK)
        status =
            sj__funnel_counts_init(&reading->total, reading->n_steps, &reading->allocator, error);
    if (status == SJ_OK)
        status = funnel_read_total(reading, error);
    if (status == SJ_OK)
        status = sj__funnel_check(reading, error);
    if (status != SJ_OK)
        sj__funnel_reading_free(reading);
    return status;
}

void sj__funnel_reading_free(sj__funnel_reading *reading)
{
    if (reading->allocator.resize == NULL)
        return;
    sj__funnel_counts_free(&reading->total, reading->n_steps, &reading->allocator);
    sj__text_free(&reading->names);
    sj__text_free(&reading->rules);
    *reading = (sj__funnel_reading){0};
}
