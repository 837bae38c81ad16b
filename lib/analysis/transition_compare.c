/* Two groups of customers, transition by transition: the difference of share_out, this minus the
 * baseline, with Newcombe's interval, the two-proportion z test (kernel/stats.c), and q over all
 * rows (kernel/rates.c).  A transition that one group never made counts 0 there.  The groups must
 * share no customer; nothing here can check that. */
#include "analysis/transition.h"

#include "kernel/rates.h"

#include <math.h>

enum {
    TRANSITION_COMPARE_FROM,
    TRANSITION_COMPARE_TO,
    TRANSITION_COMPARE_DIFFERENCE,
    TRANSITION_COMPARE_LOW,
    TRANSITION_COMPARE_HIGH,
    TRANSITION_COMPARE_Z,
    TRANSITION_COMPARE_P,
    TRANSITION_COMPARE_Q,
    TRANSITION_COMPARE_COLUMNS
};

static const sj__column_spec transition_compare_columns[TRANSITION_COMPARE_COLUMNS] = {
    {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},        {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"difference", SJ_COLUMN_REAL, SJ_UNIT_SHARE}, {"low", SJ_COLUMN_REAL, SJ_UNIT_SHARE},
    {"high", SJ_COLUMN_REAL, SJ_UNIT_SHARE},       {"z", SJ_COLUMN_REAL, SJ_UNIT_NONE},
    {"p", SJ_COLUMN_REAL, SJ_UNIT_NONE},           {"q", SJ_COLUMN_REAL, SJ_UNIT_NONE},
};

/* A transition in the words of one of the two tallies. */
typedef struct transition_pair {
    const sj_tally *tally;
    const int32_t *key;
    sj__difference found;
} transition_pair;

typedef struct transition_compared {
    const sj__transition_reading *here, *there;
    transition_pair *pairs;
    size_t n, capacity;
    sj__pair *order; /* as many */
    double *p, *q;   /* likewise; of those that could be tested */
} transition_compared;

/* The part of a key in another tally's numbers; 0 where it has no such name. */
static int transition_translate(const sj_tally *from, int32_t part, const sj_tally *to,
                                int32_t *out)
{
    size_t n;
    *out = part;
    if (part < 0)
        return 1;
    const char *name = sj__intern_name(&from->names, (uint32_t)part, &n);
    const uint32_t number = sj__intern_find(&to->names, name, n);
    *out = (int32_t)number;
    return number != SJ__ABSENT;
}

/* count of a transition, and what its share_out is a share of, in a reading that may not know it.
 */
static void transition_look_up(const sj__transition_reading *reading, const transition_pair *pair,
                               int64_t *x, int64_t *n)
{
    const sj__ledger *edges = &reading->tally->ledgers[SJ__TRANSITION_EDGES];
    int32_t key[2];
    *x = *n = 0;
    if (!transition_translate(pair->tally, pair->key[0], reading->tally, &key[0]))
        return;
    *n = reading->base[sj__transition_node_of(reading, key[0])];
    if (!transition_translate(pair->tally, pair->key[1], reading->tally, &key[1]))
        return;
    const size_t row = sj__ledger_find(edges, key, 2);
    *x = row == SIZE_MAX ? 0 : sj__ledger_counts(edges, row)[0];
}

/* The transitions of one reading in its order; of the other, only those that the first does not
 * have. */
static sj_status transition_gather(transition_compared *all, const sj__transition_reading *reading,
                                   sj_error *error)
{
    const sj__ledger *edges = &reading->tally->ledgers[SJ__TRANSITION_EDGES];
    const sj_status status =
        sj__transition_order(reading, SJ__TRANSITION_EDGES, 0, 0, all->order, error);
    if (status != SJ_OK)
        return status;
    for (size_t i = 0; i < edges->n_rows; i++) {
        size_t parts;
        transition_pair pair = {.tally = reading->tally,
                                .key = sj__ledger_key(edges, (size_t)all->order[i].number, &parts)};
        int64_t x1, n1, x0, n0;
        transition_look_up(all->here, &pair, &x1, &n1);
        transition_look_up(all->there, &pair, &x0, &n0);
        if (reading == all->there && x1 > 0)
            continue;
        pair.found = sj__compare_rates(x1, n1, x0, n0);
        all->pairs[all->n++] = pair;
    }
    return SJ_OK;
}

/* q of the rows that have a p, in place of it. */
static void transition_adjust(transition_compared *all)
{
    size_t tested = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!isnan(all->pairs[i].found.p))
            all->p[tested++] = all->pairs[i].found.p;
    sj__adjust(all->p, tested, 0, all->order, all->q);
}

static sj_status transition_put_compared(const transition_compared *all, sj_result *result,
                                         sj_error *error)
{
    sj_table *table =
        sj__result_add(result, "compare", transition_compare_columns, TRANSITION_COMPARE_COLUMNS);
    size_t tested = 0;
    sj__text name;
    sj__text_init(&name, &all->here->allocator);
    for (size_t i = 0; i < all->n; i++) {
        const transition_pair *pair = &all->pairs[i];
        for (size_t end = 0; end < 2; end++) {
            name.size = 0;
            sj__transition_name(pair->tally, pair->key[end], end == 0, &name);
            sj__put_text(table, TRANSITION_COMPARE_FROM + end, sj__text_data(&name), name.size);
        }
        sj__put_real(table, TRANSITION_COMPARE_DIFFERENCE, pair->found.value);
        sj__put_real(table, TRANSITION_COMPARE_LOW, pair->found.interval.low);
        sj__put_real(table, TRANSITION_COMPARE_HIGH, pair->found.interval.high);
        sj__put_real(table, TRANSITION_COMPARE_Z, pair->found.z);
        sj__put_real(table, TRANSITION_COMPARE_P, pair->found.p);
        if (!isnan(pair->found.p))
            sj__put_real(table, TRANSITION_COMPARE_Q, all->q[tested++]);
        sj__end_row(table);
    }
    const sj_status status = sj__text_status(&name, error);
    sj__text_free(&name);
    return status;
}

static sj_status transition_compare_with(const sj__transition_reading *reading,
                                         const sj__transition_reading *other, sj_result *result,
                                         sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    transition_compared all = {.here = reading, .there = other};
    sj_status status = SJ_OK;
    all.capacity = reading->tally->ledgers[SJ__TRANSITION_EDGES].n_rows +
                   other->tally->ledgers[SJ__TRANSITION_EDGES].n_rows;
    all.pairs = sj__alloc(a, all.capacity, sizeof *all.pairs);
    all.order = sj__alloc(a, all.capacity, 2 * sizeof *all.order);
    all.p = sj__alloc(a, all.capacity, sizeof *all.p);
    all.q = sj__alloc(a, all.capacity, sizeof *all.q);
    if (all.pairs == NULL || all.order == NULL || all.p == NULL || all.q == NULL)
        status = sj__fail_nomem(error);
    if (status == SJ_OK)
        status = transition_gather(&all, reading, error);
    if (status == SJ_OK)
        status = transition_gather(&all, other, error);
    if (status == SJ_OK) {
        transition_adjust(&all);
        status = transition_put_compared(&all, result, error);
    }
    sj__free(a, all.pairs, all.capacity, sizeof *all.pairs);
    sj__free(a, all.order, all.capacity, 2 * sizeof *all.order);
    sj__free(a, all.p, all.capacity, sizeof *all.p);
    sj__free(a, all.q, all.capacity, sizeof *all.q);
    return status;
}

sj_status sj__transition_compare(const sj__transition_reading *reading, const sj_tally *baseline,
                                 sj_result *result, sj_error *error)
{
    sj__transition_reading other;
    sj_status status = sj__transition_reading_init(&other, baseline, error);
    if (status != SJ_OK)
        return status;
    status = sj__tally_comparable(reading->tally, baseline, error);
    if (status == SJ_OK)
        status = transition_compare_with(reading, &other, result, error);
    sj__transition_reading_free(&other);
    return status;
}
