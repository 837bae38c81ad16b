/* Effect signals: conversion after index visits that show a manner, beside those that do not.
 *
 * Strata are the position buckets, compared by kernel/rates.c.  A visit is slow where its dwell is
 * above the upper edge of the cell that holds the ⌈0.9 n⌉-th smallest dwell of the place's n index
 * visits at risk: learnt here, from counts. */
#include "analysis/friction.h"

#include "base/checked.h"

/* One place, all signals. */
typedef struct friction_place {
    int64_t dwells[SJ__DWELL_CELLS]; /* index visits by cell */
    sj__stratum strata[SJ__FRICTION_EFFECTS][SJ__POSITION_BUCKETS];
    int64_t visits[SJ__FRICTION_EFFECTS], affected_visits[SJ__FRICTION_EFFECTS];
    int64_t both[SJ__FRICTION_EFFECTS][SJ__FRICTION_EFFECTS]; /* index visits that show both */
    int32_t limit;                                            /* the last cell that is not slow */
} friction_place;

static int friction_at_risk(int32_t signal, int32_t manner, int32_t cell)
{
    switch (signal) {
    case SJ__FRICTION_REPEAT:
        return (manner & SJ__MANNER_RAGE) == 0;
    case SJ__FRICTION_SLOW:
        return cell > 0;
    case SJ__FRICTION_HANDOFF:
        return (manner & SJ__MANNER_CAME_FROM) != 0;
    default:
        return 1;
    }
}

static int friction_shows(int32_t signal, int32_t manner, int32_t cell, int32_t limit)
{
    static const int32_t bits[] = {SJ__MANNER_ERROR,   SJ__MANNER_RAGE,  SJ__MANNER_REPEAT, 0,
                                   SJ__MANNER_HANDOFF, SJ__MANNER_CUSTOM};
    return signal == SJ__FRICTION_SLOW ? cell > limit : (manner & bits[signal]) != 0;
}

static void friction_learn_limit(friction_place *place)
{
    int64_t n = 0, below = 0;
    for (int32_t c = 1; c < SJ__DWELL_CELLS; c++)
        n += place->dwells[c];
    const int64_t rank = n - n / 10; /* ⌈0.9 n⌉ */
    place->limit = 0;
    while (place->limit + 1 < SJ__DWELL_CELLS && below < rank)
        below += place->dwells[++place->limit];
    if (n == 0)
        place->limit = SJ__DWELL_CELLS;
}

static sj_status friction_learn_dwells(friction_place *place, const sj__ledger *ledger, size_t from,
                                       size_t to, sj_error *error)
{
    sj_status status = SJ_OK;
    size_t n;
    for (int32_t c = 0; c < SJ__DWELL_CELLS; c++)
        place->dwells[c] = 0;
    for (size_t row = from; row < to && status == SJ_OK; row++) {
        const int32_t cell = sj__ledger_key(ledger, row, &n)[3];
        if (cell > 0)
            status = sj__friction_sum(&place->dwells[cell],
                                      sj__ledger_counts(ledger, row)[SJ__COUNT_INDEX], error);
    }
    int64_t all = 0;
    for (int32_t c = 1; c < SJ__DWELL_CELLS && status == SJ_OK; c++)
        status = sj__friction_sum(&all, place->dwells[c], error);
    if (status == SJ_OK)
        friction_learn_limit(place);
    return status;
}

/* One row of the ledger into one signal. */
static sj_status friction_take(friction_place *place, int32_t signal, const int32_t *key,
                               const int64_t *counts, sj_error *error)
{
    const int shows = friction_shows(signal, key[2], key[3], place->limit);
    const int64_t converted =
        counts[signal == SJ__FRICTION_SLOW ? SJ__COUNT_CONVERTED_NEXT : SJ__COUNT_CONVERTED];
    sj__stratum *stratum = &place->strata[signal][key[1]];
    sj_status status =
        sj__friction_sum(shows ? &stratum->n1 : &stratum->n0, counts[SJ__COUNT_INDEX], error);
    if (status == SJ_OK)
        status = sj__friction_sum(shows ? &stratum->x1 : &stratum->x0, converted, error);
    if (status == SJ_OK)
        status = sj__friction_sum(&place->visits[signal], counts[SJ__COUNT_VISITS], error);
    if (status == SJ_OK && shows)
        status = sj__friction_sum(&place->affected_visits[signal], counts[SJ__COUNT_VISITS], error);
    for (int32_t other = 0; other < SJ__FRICTION_EFFECTS && shows && status == SJ_OK; other++) {
        if (other != signal && friction_at_risk(other, key[2], key[3]) &&
            friction_shows(other, key[2], key[3], place->limit))
            status = sj__friction_sum(&place->both[signal][other], counts[SJ__COUNT_INDEX], error);
    }
    return status;
}

static sj_status friction_gather(friction_place *place, const sj__ledger *ledger, size_t from,
                                 size_t to, sj_error *error)
{
    sj_status status = friction_learn_dwells(place, ledger, from, to, error);
    for (int32_t s = 0; s < SJ__FRICTION_EFFECTS; s++) {
        place->visits[s] = place->affected_visits[s] = 0;
        for (int32_t b = 0; b < SJ__POSITION_BUCKETS; b++)
            place->strata[s][b] = (sj__stratum){0};
        for (int32_t other = 0; other < SJ__FRICTION_EFFECTS; other++)
            place->both[s][other] = 0;
    }
    for (size_t row = from; row < to && status == SJ_OK; row++) {
        size_t n;
        const int32_t *key = sj__ledger_key(ledger, row, &n);
        for (int32_t s = 0; s < SJ__FRICTION_EFFECTS && status == SJ_OK; s++) {
            if (friction_at_risk(s, key[2], key[3]))
                status = friction_take(place, s, key, sj__ledger_counts(ledger, row), error);
        }
    }
    return status;
}

/* The signal that most of the affected show, too. */
static int32_t friction_also(const friction_place *place, int32_t signal)
{
    int32_t also = -1;
    for (int32_t s = 0; s < SJ__FRICTION_EFFECTS; s++) {
        if (place->both[signal][s] > (also < 0 ? 0 : place->both[signal][also]))
            also = s;
    }
    return also;
}

static sj_status friction_add_effect(sj__friction_reading *reading, const friction_place *place,
                                     int32_t name, int32_t signal, sj_error *error)
{
    const sj__stratum *strata = place->strata[signal];
    const sj__rates found = sj__compare_strata(strata, SJ__POSITION_BUCKETS);
    sj__friction_row row = {.signal = signal,
                            .place = name,
                            .second = -1,
                            .also = friction_also(place, signal),
                            .visits = place->visits[signal],
                            .affected_visits = place->affected_visits[signal],
                            .lift = found.value,
                            .interval = found.interval,
                            .p = found.p,
                            .robustness = found.robustness,
                            .is_tested = 1};
    for (int32_t b = 0; b < SJ__POSITION_BUCKETS; b++) {
        row.customers += strata[b].n1 + strata[b].n0;
        row.affected += strata[b].n1;
        row.converted += strata[b].x1;
    }
    if (row.affected == 0)
        return SJ_OK; /* nobody showed it: there is nothing to say */
    row.is_norm = row.affected_visits > row.visits - row.affected_visits;
    row.rate = sj__rate(row.converted, row.affected);
    row.benchmark = row.rate - row.lift;
    row.stake = -sj__nearer_bound(row.interval) * (double)row.affected_visits;
    return sj__friction_add(reading, &row, sj__rates_are_few(&found, reading->options.min_group),
                            error);
}

sj_status sj__friction_effects(sj__friction_reading *reading, sj_error *error)
{
    const sj__ledger *ledger = &reading->tally->ledgers[SJ__FRICTION_MANNERS];
    friction_place *place = sj__alloc(&reading->allocator, 1, sizeof *place);
    sj_status status = SJ_OK;
    if (place == NULL)
        return sj__fail_nomem(error);
    for (size_t from = 0, to; from < ledger->n_rows && status == SJ_OK; from = to) {
        size_t n;
        const int32_t name = sj__ledger_key(ledger, from, &n)[0];
        for (to = from + 1; to < ledger->n_rows && sj__ledger_key(ledger, to, &n)[0] == name;)
            to++;
        status = friction_gather(place, ledger, from, to, error);
        for (int32_t s = 0; s < SJ__FRICTION_EFFECTS && status == SJ_OK; s++)
            status = friction_add_effect(reading, place, name, s, error);
    }
    sj__free(&reading->allocator, place, 1, sizeof *place);
    return status;
}
