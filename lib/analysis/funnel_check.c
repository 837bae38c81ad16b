/* What must hold of every funnel's tally, whatever was merged into it or taken out:
 *
 *     reached k + entered k+1 = reached k+1 + dropped k + excluded k + open k
 *     reached never rises unless the funnel is open
 *     filled k ≤ reached k
 *     reasons of a level add up to its units, with converted at the last step and nowhere else
 *     next of a level adds up to its dropped
 *     groups add up to the total, in units, values and numbers of times
 *     converted in the curve = units of the last step, and those censored are among the others
 * The first is how `reached` is made (funnel_reading.c), so what is checked of it are the reasons.
 * A tally that breaks one of these was not counted by a funnel: SJ_ERR_FORMAT.  O(rows + steps). */
#include "analysis/funnel.h"

#include "base/checked.h"

static sj_status funnel_check_fail(sj_error *error, const char *what, uint32_t k)
{
    return sj__fail(error, SJ_ERR_FORMAT, "the tally does not add up: %s at step %u", what,
                    (uint64_t)k);
}

/* ---- the total ---- */

static sj_status funnel_check_filled(const sj__funnel_reading *reading, sj_error *error)
{
    const sj__funnel_counts *total = &reading->total;
    for (uint32_t k = 1; k <= reading->n_steps; k++) {
        if (total->filled[k] > total->reached[k])
            return funnel_check_fail(error, "more units filled than reached", k);
        if (k > 1 && !reading->anywhere && total->reached[k] > total->reached[k - 1])
            return funnel_check_fail(error, "reached rises", k);
    }
    return SJ_OK;
}

static sj_status funnel_check_reasons(const sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *reasons = &reading->tally->ledgers[SJ__FUNNEL_REASONS];
    const sj__funnel_counts *total = &reading->total;
    size_t row = 0, n;
    for (uint32_t k = 1; k <= reading->n_steps; k++) {
        int64_t units = 0;
        for (; row < reasons->n_rows; row++) {
            const int32_t *key = sj__ledger_key(reasons, row, &n);
            if ((uint32_t)key[0] != k)
                break;
            if ((key[1] == SJ__FUNNEL_CONVERTED) != (k == reading->n_steps))
                return funnel_check_fail(error, "a reason that no unit can have", k);
            if (!sj__i64_add(units, sj__ledger_counts(reasons, row)[0], &units))
                return funnel_check_fail(error, "reasons", k);
        }
        if (units != (reading->options.figures & SJ_FIGURE_REASONS ? total->level[k] : 0))
            return funnel_check_fail(error, "reasons", k);
    }
    return SJ_OK;
}

static sj_status funnel_check_next(const sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *next = &reading->tally->ledgers[SJ__FUNNEL_NEXT];
    size_t row = 0, n;
    for (uint32_t k = 1; k <= reading->n_steps; k++) {
        int64_t units = 0;
        for (; row < next->n_rows && (uint32_t)sj__ledger_key(next, row, &n)[0] == k; row++)
            if (!sj__i64_add(units, sj__ledger_counts(next, row)[0], &units))
                return funnel_check_fail(error, "what came next", k);
        if (units != reading->total.dropped[k])
            return funnel_check_fail(error, "what came next", k);
    }
    return SJ_OK;
}

/* ---- groups ---- */

/* What all groups have counted at the steps so far; `found` adds up, in unsigned arithmetic, which
 * cannot overflow. */
static int funnel_check_same(const int64_t *sum, const int64_t *total, uint32_t k)
{
    return sum[k] == total[k];
}

static void funnel_check_add(int64_t *sum, const int64_t *more, uint32_t n_steps)
{
    for (uint32_t k = 1; k <= n_steps; k++)
        sum[k] = (int64_t)((uint64_t)sum[k] + (uint64_t)more[k]);
}

static void funnel_check_add_group(sj__funnel_counts *sum, const sj__funnel_counts *group,
                                   uint32_t n_steps)
{
    funnel_check_add(sum->level, group->level, n_steps);
    funnel_check_add(sum->reached, group->reached, n_steps);
    funnel_check_add(sum->filled, group->filled, n_steps);
    funnel_check_add(sum->dropped, group->dropped, n_steps);
    funnel_check_add(sum->excluded, group->excluded, n_steps);
    funnel_check_add(sum->open, group->open, n_steps);
}

/* Values, and numbers of times, of all groups less those of the total: 0 in each. */
static sj_status funnel_check_sums(const sj__funnel_reading *reading, const sj__ledger *groups,
                                   sj_error *error)
{
    const sj__ledger *filled = &reading->tally->ledgers[SJ__FUNNEL_FILLED];
    const size_t steps = (size_t)reading->n_steps + 1;
    sj__u128 *left = sj__alloc_zeroed(&reading->allocator, steps, 3 * sizeof *left);
    sj_status status = SJ_OK;
    if (left == NULL)
        return sj__fail_nomem(error);
    for (int total = 0; total < 2; total++) {
        const sj__ledger *ledger = total ? filled : groups;
        for (size_t row = 0; row < ledger->n_rows; row++) {
            size_t n;
            const int32_t *key = sj__ledger_key(ledger, row, &n);
            const sj__spread *spreads = sj__ledger_spreads(ledger, row);
            const sj__u128 more[3] = {(sj__u128)sj__ledger_sums(ledger, row)[0],
                                      (sj__u128)sj__spread_count(&spreads[0]),
                                      (sj__u128)sj__spread_count(&spreads[1])};
            for (size_t i = 0; i < 3; i++)
                left[(size_t)key[n - 1] * 3 + i] += total ? 0 - more[i] : more[i];
        }
    }
    for (size_t i = 0; i < 3 * steps && status == SJ_OK; i++)
        if (left[i] != 0)
            status = funnel_check_fail(error, "values or times of groups", (uint32_t)(i / 3));
    sj__free(&reading->allocator, left, steps, 3 * sizeof *left);
    return status;
}

static sj_status funnel_check_groups(const sj__funnel_reading *reading, const sj__ledger *ledger,
                                     sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    const sj__funnel_counts *total = &reading->total;
    sj__funnel_counts sum = {0}, group = {0};
    sj_status status = sj__funnel_counts_init(&sum, reading->n_steps, a, error);
    if (status == SJ_OK)
        status = sj__funnel_counts_init(&group, reading->n_steps, a, error);
    for (size_t row = 0; row < ledger->n_rows && status == SJ_OK;) {
        status = sj__funnel_counts_group(reading, ledger, row, &row, &group, error);
        if (status == SJ_OK)
            funnel_check_add_group(&sum, &group, reading->n_steps);
    }
    for (uint32_t k = 1; k <= reading->n_steps && status == SJ_OK; k++)
        if (!funnel_check_same(sum.level, total->level, k) ||
            !funnel_check_same(sum.reached, total->reached, k) ||
            !funnel_check_same(sum.filled, total->filled, k) ||
            !funnel_check_same(sum.dropped, total->dropped, k) ||
            !funnel_check_same(sum.excluded, total->excluded, k) ||
            !funnel_check_same(sum.open, total->open, k))
            status = funnel_check_fail(error, "groups", k);
    sj__funnel_counts_free(&group, reading->n_steps, a);
    sj__funnel_counts_free(&sum, reading->n_steps, a);
    return status == SJ_OK ? funnel_check_sums(reading, ledger, error) : status;
}

static sj_status funnel_check_survival(const sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *survival = &reading->tally->ledgers[SJ__FUNNEL_SURVIVAL];
    const int64_t converted = reading->total.level[reading->n_steps];
    int64_t counted[3] = {0};
    size_t n;
    for (size_t row = 0; row < survival->n_rows; row++) {
        const int64_t units = sj__ledger_counts(survival, row)[0];
        counted[sj__ledger_key(survival, row, &n)[0]] = units;
        if (sj__spread_count(&sj__ledger_spreads(survival, row)[0]) != units)
            return funnel_check_fail(error, "times of survival", reading->n_steps);
    }
    if (counted[SJ__SURVIVAL_CONVERTED] != converted ||
        counted[SJ__SURVIVAL_CENSORED] > reading->total.units - converted)
        return funnel_check_fail(error, "survival", reading->n_steps);
    return SJ_OK;
}

sj_status sj__funnel_check(const sj__funnel_reading *reading, sj_error *error)
{
    const sj__ledger *ledgers = reading->tally->ledgers;
    sj_status status = funnel_check_filled(reading, error);
    if (status == SJ_OK)
        status = funnel_check_reasons(reading, error);
    if (status == SJ_OK)
        status = funnel_check_next(reading, error);
    if (status == SJ_OK && reading->breakdown != NULL)
        status = funnel_check_groups(reading, &ledgers[SJ__FUNNEL_BREAKDOWN], error);
    if (status == SJ_OK && reading->options.trend != 0)
        status = funnel_check_groups(reading, &ledgers[SJ__FUNNEL_TREND], error);
    if (status == SJ_OK && reading->options.survival)
        status = funnel_check_survival(reading, error);
    return status;
}
