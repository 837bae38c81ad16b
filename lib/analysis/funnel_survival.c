/* Time to convert as a curve: Kaplan and Meier's estimate from the times of conversions and of
 * those censored.
 *
 *     S(t) = Π (n_i − d_i) / n_i over buckets up to t,   n_i at risk, d_i converted there;   share = 1 − S
 *     Greenwood's variance of log S: V = Σ d_i / (n_i (n_i − d_i));   band: S^exp(±z √V / |log S|), which stays within 0 and 1
 * Times are those of the tally's buckets (base/spread.h): below 128 µs exact, else a bucket is at
 * most 1/128 of its lower edge wide, and a row stands at its bucket's upper edge.  In one bucket
 * conversions come before censorings.  E. L. Kaplan, P. Meier, JASA 53 (1958). */
#include "analysis/funnel.h"

enum {
    SURVIVAL_TIME,
    SURVIVAL_AT_RISK,
    SURVIVAL_CONVERTED,
    SURVIVAL_SHARE,
    SURVIVAL_LOW,
    SURVIVAL_HIGH,
    SURVIVAL_COLUMNS
};

static const sj__column_spec survival_columns[SURVIVAL_COLUMNS] = {
    {"time", SJ_COLUMN_INTEGER, SJ_UNIT_SPAN},       {"at_risk", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"converted", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT}, {"share", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},          {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
};

/* The curve so far. */
typedef struct survival_curve {
    int64_t at_risk;
    double left; /* S where units last were censored … */
    int64_t
        of; /* … and at risk behind that: within such a stretch S is left · at_risk / of, exactly */
    double variance; /* of log S */
} survival_curve;

static void survival_censor(survival_curve *curve, int64_t units)
{
    if (units == 0 || curve->of == 0)
        return;
    curve->left *= (double)curve->at_risk / (double)curve->of;
    curve->at_risk -= units;
    curve->of = curve->at_risk;
}

static void survival_convert(survival_curve *curve, uint32_t bucket, int64_t units, sj_table *table)
{
    const double n = (double)curve->at_risk, d = (double)units;
    int64_t low, high;
    sj__spread_bounds(bucket, &low, &high);
    sj__put_integer(table, SURVIVAL_TIME, high);
    sj__put_integer(table, SURVIVAL_AT_RISK, curve->at_risk);
    sj__put_integer(table, SURVIVAL_CONVERTED, units);
    curve->at_risk -= units;
    if (curve->at_risk > 0)
        curve->variance += d / (n * (n - d));
    const double left = curve->left * ((double)curve->at_risk / (double)curve->of);
    const sj__interval band = sj__survival_band(left, curve->variance);
    sj__put_real(table, SURVIVAL_SHARE, 1 - left);
    sj__put_real(table, SURVIVAL_LOW, 1 - band.high);
    sj__put_real(table, SURVIVAL_HIGH, 1 - band.low);
    sj__end_row(table);
}

static const sj__spread *survival_times(const sj__ledger *survival, int32_t key)
{
    static const sj__spread nobody = {.sorted = 1};
    const size_t row = sj__ledger_find(survival, &key, 1);
    return row != SIZE_MAX ? &sj__ledger_spreads(survival, row)[0] : &nobody;
}

void sj__funnel_put_survival(const sj__funnel_reading *reading, sj_result *result)
{
    const sj__ledger *survival = &reading->tally->ledgers[SJ__FUNNEL_SURVIVAL];
    const sj__spread *converted = survival_times(survival, SJ__SURVIVAL_CONVERTED);
    const sj__spread *censored = survival_times(survival, SJ__SURVIVAL_CENSORED);
    sj_table *table = sj__result_add(result, "survival", survival_columns, SURVIVAL_COLUMNS);
    survival_curve curve = {.at_risk = reading->total.units, .left = 1, .of = reading->total.units};
    for (size_t i = 0, j = 0; i < converted->used; i++) {
        const uint32_t bucket = converted->cells[i].bucket;
        for (; j < censored->used && censored->cells[j].bucket < bucket; j++)
            survival_censor(&curve, censored->cells[j].count);
        survival_convert(&curve, bucket, converted->cells[i].count, table);
    }
}
