/* Rate signals: how often a visit is followed by leaving, turning back and the like, beside a
 * benchmark.
 *
 * Group: the rate here against that of the baseline, strata position, compared by kernel/rates.c.
 * Peers: among K >= 6 touchpoints of one stage with enough visits each, r* is the mean of the
 * others' rates and
 *     t = (r − r*) / √(τ² (1 + 1/(K − 1)) + s²/(K − 1) + r* (1 − r*)/n)
 *     K − 2 degrees of freedom
 * with s² the mean sampling variance r (1 − r)/n of the others and τ² = max(0, variance of the
 * others − s²): an outlier test, not more.  Where neither is to be had, a row has its rate alone.
 */
#include "analysis/friction.h"

#include <math.h>

#include "base/checked.h"

#define FRICTION_PEERS 6

/* One place (or transition) and signal. */
typedef struct friction_rate {
    sj__stratum strata[SJ__POSITION_BUCKETS]; /* here, then the baseline */
    int64_t counts[SJ__RATE_COUNTS];
    int32_t signal, place, second, stage;
} friction_rate;

typedef struct friction_rates {
    sj_allocator allocator;
    friction_rate *rows;
    size_t n, capacity;
} friction_rates;

/* What a stage's places are held against, signal by signal: sums over all peers, from which each
 * takes itself out. */
typedef struct friction_peers {
    double rates, squares, variances;
    int64_t n;
} friction_peers;

/* ---- reading ---- */

static int friction_same_place(const int32_t *a, const int32_t *b)
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* The counts of a row of the ledger into a rate; `here` 0: as the baseline's. */
static sj_status friction_take_rate(friction_rate *rate, int32_t bucket, const int64_t *counts,
                                    int here, sj_error *error)
{
    sj__stratum *stratum = &rate->strata[bucket];
    sj_status status =
        sj__friction_sum(here ? &stratum->n1 : &stratum->n0, counts[SJ__RATE_UNITS], error);
    if (status == SJ_OK)
        status =
            sj__friction_sum(here ? &stratum->x1 : &stratum->x0, counts[SJ__RATE_AFFECTED], error);
    for (size_t k = 0; k < SJ__RATE_COUNTS && here && status == SJ_OK; k++)
        status = sj__friction_sum(&rate->counts[k], counts[k], error);
    return status;
}

static sj_status friction_collect(friction_rates *rates, const sj__ledger *ledger, sj_error *error)
{
    sj_status status = SJ_OK;
    size_t n;
    for (size_t row = 0; row < ledger->n_rows && status == SJ_OK; row++) {
        const int32_t *key = sj__ledger_key(ledger, row, &n);
        if (row == 0 || !friction_same_place(key, sj__ledger_key(ledger, row - 1, &n))) {
            status =
                sj__grow(&rates->allocator, &rates->rows, &rates->capacity, rates->n + 1, error);
            if (status != SJ_OK)
                return status;
            rates->rows[rates->n++] = (friction_rate){
                .signal = key[0], .place = key[1], .second = key[2], .stage = key[4]};
        }
        status = friction_take_rate(&rates->rows[rates->n - 1], key[3],
                                    sj__ledger_counts(ledger, row), 1, error);
    }
    return status;
}

/* The same place's row of the other tally; its names have other numbers.  -2: there is none. */
static int32_t friction_translate(const sj_tally *from, const sj_tally *to, int32_t name)
{
    size_t n;
    if (name < 0)
        return -1;
    const char *text = sj__intern_name(&from->names, (uint32_t)name, &n);
    const uint32_t found = sj__intern_find(&to->names, text, n);
    return found == SJ__ABSENT ? -2 : (int32_t)found;
}

static sj_status friction_take_baseline(friction_rate *rate, const sj_tally *tally,
                                        const sj_tally *baseline, sj_error *error)
{
    const sj__ledger *ledger = &baseline->ledgers[SJ__FRICTION_RATES];
    int32_t key[5] = {rate->signal, friction_translate(tally, baseline, rate->place),
                      friction_translate(tally, baseline, rate->second), 0, rate->stage};
    sj_status status = SJ_OK;
    if (key[1] == -2 || key[2] == -2)
        return SJ_OK;
    for (; key[3] < SJ__POSITION_BUCKETS && status == SJ_OK; key[3]++) {
        const size_t row = sj__ledger_find(ledger, key, 5);
        if (row != SIZE_MAX)
            status = friction_take_rate(rate, key[3], sj__ledger_counts(ledger, row), 0, error);
    }
    return status;
}

/* ---- what they are held against ---- */

static sj__friction_row friction_row_of(const friction_rate *rate)
{
    const int64_t *counts = rate->counts;
    return (sj__friction_row){.signal = rate->signal,
                              .place = rate->place,
                              .second = rate->second,
                              .also = -1,
                              .customers = counts[SJ__RATE_UNITS],
                              .affected = counts[SJ__RATE_AFFECTED],
                              .visits = counts[SJ__RATE_VISITS],
                              .affected_visits = counts[SJ__RATE_AFFECTED_VISITS],
                              .converted = counts[SJ__RATE_CONVERTED_AFFECTED],
                              .is_norm = counts[SJ__RATE_AFFECTED_VISITS] >
                                         counts[SJ__RATE_VISITS] - counts[SJ__RATE_AFFECTED_VISITS],
                              .rate = sj__rate(counts[SJ__RATE_AFFECTED], counts[SJ__RATE_UNITS]),
                              .benchmark = NAN,
                              .lift = NAN,
                              .interval = {NAN, NAN},
                              .p = NAN,
                              .q = NAN,
                              .robustness = NAN};
}

/* Conversions lost at least: affected visits too many, times what the unaffected convert more.
 * Without a benchmark all that are affected are too many. */
static double friction_stake(const friction_rate *rate, const sj__friction_row *row)
{
    const int64_t *counts = rate->counts;
    const double unaffected = sj__rate(counts[SJ__RATE_CONVERTED], row->customers - row->affected);
    const double affected = sj__rate(row->converted, row->affected);
    const double worth = fmax(0, unaffected - affected); /* NaN: 0 */
    const double excess = row->is_tested ? sj__nearer_bound(row->interval) : row->rate;
    return (worth > 0 ? worth : 0) * excess * (double)row->visits;
}

static sj_status friction_against_group(sj__friction_reading *reading, friction_rate *rate,
                                        sj_error *error)
{
    const sj_status status =
        friction_take_baseline(rate, reading->tally, reading->options.baseline, error);
    if (status != SJ_OK)
        return status;
    const sj__rates found = sj__compare_strata(rate->strata, SJ__POSITION_BUCKETS);
    sj__friction_row row = friction_row_of(rate);
    row.lift = found.value;
    row.benchmark = row.rate - row.lift;
    row.interval = found.interval;
    row.p = found.p;
    row.robustness = found.robustness;
    row.is_tested = 1;
    row.stake = friction_stake(rate, &row);
    return sj__friction_add(reading, &row, sj__rates_are_few(&found, reading->options.min_group),
                            error);
}

static double friction_variance(const friction_rate *rate)
{
    const double n = (double)rate->counts[SJ__RATE_UNITS];
    const double r = (double)rate->counts[SJ__RATE_AFFECTED] / n;
    return r * (1 - r) / n;
}

static int friction_is_peer(const sj__friction_reading *reading, const friction_rate *rate)
{
    return rate->stage > 0 && rate->counts[SJ__RATE_UNITS] >= reading->options.min_group;
}

static void friction_add_peer(friction_peers *peers, const friction_rate *rate, int sign)
{
    const double r = sj__rate(rate->counts[SJ__RATE_AFFECTED], rate->counts[SJ__RATE_UNITS]);
    peers->n += sign;
    peers->rates += sign * r;
    peers->squares += sign * r * r;
    peers->variances += sign * friction_variance(rate);
}

/* t with two-sided chance 0.05. */
static double friction_student_quantile(int64_t freedom)
{
    double low = 1, high = 13; /* 1 degree: 12.7 */
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(sj__student_beyond(middle, freedom) > 0.05 ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

static void friction_test_peers(sj__friction_row *row, const friction_peers *peers)
{
    const double others = (double)peers->n, mean = peers->rates / others;
    const double sampling = peers->variances / others;
    const double variance = (peers->squares - others * mean * mean) / (others - 1);
    const double between = fmax(0, variance - sampling);
    const double error = sqrt(between * (1 + 1 / others) + sampling / others +
                              mean * (1 - mean) / (double)row->customers);
    const int64_t freedom = peers->n - 1;
    row->benchmark = mean;
    row->lift = row->rate - mean;
    if (!(error > 0))
        return;
    const double reach = friction_student_quantile(freedom) * error;
    row->interval = (sj__interval){row->lift - reach, row->lift + reach};
    row->p = sj__student_beyond(row->lift / error, freedom);
    row->is_tested = 1;
}

/* `all`: every peer of its signal and stage, itself among them. */
static sj_status friction_against_peers(sj__friction_reading *reading, friction_peers all,
                                        const friction_rate *rate, sj_error *error)
{
    sj__friction_row row = friction_row_of(rate);
    const int is_peer = friction_is_peer(reading, rate);
    if (row.affected == 0 && !is_peer)
        return SJ_OK; /* nothing happened, and nothing is known that should have */
    if (is_peer && all.n >= FRICTION_PEERS) {
        friction_add_peer(&all, rate, -1);
        friction_test_peers(&row, &all);
    }
    row.stake = friction_stake(rate, &row);
    return sj__friction_add(reading, &row, row.customers < reading->options.min_group, error);
}

/* Signal by signal, and stage by stage. */
static sj_status friction_peers_all(sj__friction_reading *reading, const friction_rates *rates,
                                    sj_error *error)
{
    sj__pair *order = sj__alloc(&reading->allocator, rates->n, 2 * sizeof *order);
    sj_status status = SJ_OK;
    if (order == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < rates->n; i++)
        order[i] =
            (sj__pair){(uint64_t)rates->rows[i].signal << 32 | (uint32_t)rates->rows[i].stage, i};
    sj__sort_pairs(order, order + rates->n, rates->n);
    for (size_t from = 0, to; from < rates->n && status == SJ_OK; from = to) {
        friction_peers all = {0};
        for (to = from; to < rates->n && order[to].key == order[from].key; to++) {
            if (friction_is_peer(reading, &rates->rows[order[to].number]))
                friction_add_peer(&all, &rates->rows[order[to].number], 1);
        }
        for (size_t i = from; i < to && status == SJ_OK; i++)
            status = friction_against_peers(reading, all, &rates->rows[order[i].number], error);
    }
    sj__free(&reading->allocator, order, rates->n, 2 * sizeof *order);
    return status;
}

sj_status sj__friction_rates(sj__friction_reading *reading, sj_error *error)
{
    friction_rates rates = {.allocator = reading->allocator};
    const int by_group = reading->options.benchmark == SJ_BENCHMARK_GROUP;
    sj_status status =
        friction_collect(&rates, &reading->tally->ledgers[SJ__FRICTION_RATES], error);
    for (size_t i = 0; i < rates.n && by_group && status == SJ_OK; i++)
        status = friction_against_group(reading, &rates.rows[i], error);
    if (status == SJ_OK && !by_group)
        status = friction_peers_all(reading, &rates, error);
    sj__free(&rates.allocator, rates.rows, rates.capacity, sizeof *rates.rows);
    return status;
}
