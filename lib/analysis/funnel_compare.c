/* Two groups of customers, step by step: the difference of rate_overall, this minus the baseline,
 * with Newcombe's interval and the two-proportion z test (kernel/stats.c).  The groups must share
 * no customer; nothing here can check that. */
#include "analysis/funnel.h"

enum {
    FUNNEL_COMPARE_STEP,
    FUNNEL_COMPARE_DIFFERENCE,
    FUNNEL_COMPARE_LOW,
    FUNNEL_COMPARE_HIGH,
    FUNNEL_COMPARE_Z,
    FUNNEL_COMPARE_P,
    FUNNEL_COMPARE_COLUMNS
};

static const sj__column_spec funnel_compare_columns[FUNNEL_COMPARE_COLUMNS] = {
    {"step", SJ_COLUMN_INTEGER, SJ_UNIT_NONE}, {"difference", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},    {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    {"z", SJ_COLUMN_REAL, SJ_UNIT_NONE},       {"p", SJ_COLUMN_REAL, SJ_UNIT_NONE},
};

sj_status sj__funnel_compare(const sj__funnel_reading *reading, const sj_tally *baseline,
                             sj_result *result, sj_error *error)
{
    sj__funnel_reading other;
    sj_status status = sj__funnel_reading_init(&other, baseline, error);
    if (status != SJ_OK)
        return status;
    status = sj__tally_comparable(reading->tally, baseline, error);
    if (status == SJ_OK) {
        sj_table *table =
            sj__result_add(result, "compare", funnel_compare_columns, FUNNEL_COMPARE_COLUMNS);
        for (uint32_t k = 1; k <= reading->n_steps && k <= other.n_steps; k++) {
            const sj__difference found =
                sj__compare_rates(reading->total.reached[k], reading->total.units,
                                  other.total.reached[k], other.total.units);
            sj__put_integer(table, FUNNEL_COMPARE_STEP, k);
            sj__put_real(table, FUNNEL_COMPARE_DIFFERENCE, found.value);
            sj__put_real(table, FUNNEL_COMPARE_LOW, found.interval.low);
            sj__put_real(table, FUNNEL_COMPARE_HIGH, found.interval.high);
            sj__put_real(table, FUNNEL_COMPARE_Z, found.z);
            sj__put_real(table, FUNNEL_COMPARE_P, found.p);
            sj__end_row(table);
        }
    }
    sj__funnel_reading_free(&other);
    return status;
}
