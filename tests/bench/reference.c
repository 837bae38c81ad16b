/* The reference workload.
 *
 * About 25 events a customer, lengths 1 + 24 (u^-1/2 - 1) (Pareto, exponent 2: very unequal).
 * Touchpoints: frequencies by Zipf's law (exponent 1); the next one is with probability 0.6 drawn
 * afresh and else a Metropolis step to the neighbour in rank, which keeps Zipf's law and makes
 * neighbours follow one another.  Times: microseconds in 90 days, most gaps below ten minutes, one
 * in five up to five days, all shortened alike where a journey would not fit. */
#include "bench/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_SLOTS = 4096, REFERENCE_LONGEST = 20000, REFERENCE_PURCHASE = 14 };

const char *const reference_touchpoints[REFERENCE_TOUCHPOINTS] = {
    "home",     "search",      "product_view", "category",   "email_open", "ad_click",  "cart",
    "reviews",  "compare",     "login",        "checkout",   "wishlist",   "shipping",  "payment",
    "purchase", "chat",        "help",         "account",    "coupon",     "social",    "store",
    "push",     "survey",      "return",       "newsletter", "video",      "brochure",  "webinar",
    "trial",    "referral",    "size_info",    "delivery",   "invoice",    "complaint", "call",
    "callback", "appointment", "loyalty",      "gift",       "unsubscribe"};

static const int64_t reference_from = INT64_C(1704067200000000); /* 2024-01-01 */
static const int64_t reference_length = 90 * SJ_DAY;

typedef struct reference_chain {
    uint8_t start[REFERENCE_SLOTS];
    uint8_t next[REFERENCE_TOUCHPOINTS][REFERENCE_SLOTS];
} reference_chain;

static uint64_t reference_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Slots in proportion to shares that add up to 1. */
static void reference_fill(uint8_t *slots, const double *share)
{
    double sum = 0;
    size_t slot = 0;

    for (size_t t = 0; t < REFERENCE_TOUCHPOINTS; t++) {
        sum += share[t];
        while (slot < REFERENCE_SLOTS && ((double)slot + 0.5) / REFERENCE_SLOTS < sum)
            slots[slot++] = (uint8_t)t;
    }
    while (slot < REFERENCE_SLOTS)
        slots[slot++] = REFERENCE_TOUCHPOINTS - 1;
}

static void reference_prepare(reference_chain *chain)
{
    double zipf[REFERENCE_TOUCHPOINTS], sum = 0;

    for (size_t t = 0; t < REFERENCE_TOUCHPOINTS; t++)
        sum += zipf[t] = 1 / (double)(t + 1);
    for (size_t t = 0; t < REFERENCE_TOUCHPOINTS; t++)
        zipf[t] /= sum;
    reference_fill(chain->start, zipf);
    for (size_t t = 0; t < REFERENCE_TOUCHPOINTS; t++) {
        size_t beside[2] = {(t + 1) % REFERENCE_TOUCHPOINTS,
                            (t + REFERENCE_TOUCHPOINTS - 1) % REFERENCE_TOUCHPOINTS};
        double row[REFERENCE_TOUCHPOINTS], stays = 0.4;

        for (size_t s = 0; s < REFERENCE_TOUCHPOINTS; s++)
            row[s] = 0.6 * zipf[s];
        for (size_t side = 0; side < 2; side++) {
            double ratio = zipf[beside[side]] / zipf[t], goes = 0.2 * (ratio < 1 ? ratio : 1);

            row[beside[side]] += goes;
            stays -= goes;
        }
        row[t] += stays;
        reference_fill(chain->next[t], row);
    }
}

static size_t reference_draw_length(uint64_t *state)
{
    double u = ((double)(reference_random(state) >> 11) + 0.5) / 9007199254740992.0;
    double length = 1 + 24 * (1 / sqrt(u) - 1);

    return length < REFERENCE_LONGEST ? (size_t)length : REFERENCE_LONGEST;
}

/* One journey behind the events so far. */
static void reference_add(reference *r, const reference_chain *chain, uint64_t *state,
                          size_t length, int64_t *gaps)
{
    int64_t total = 0, shorten = 1, time;
    uint8_t at = chain->start[reference_random(state) % REFERENCE_SLOTS];

    for (size_t i = 1; i < length; i++) {
        uint64_t random = reference_random(state);

        gaps[i] = (int64_t)(random >> 8) & INT64_MAX;
        gaps[i] %= random % 5 ? 10 * SJ_MINUTE : 5 * SJ_DAY;
        total += gaps[i];
    }
    shorten += total / reference_length;
    total = 0;
    for (size_t i = 1; i < length; i++)
        total += gaps[i] / shorten;
    time =
        reference_from + (int64_t)(reference_random(state) % (uint64_t)(reference_length - total));
    for (size_t i = 0; i < length; i++) {
        size_t row = r->n_events++;

        time += i ? gaps[i] / shorten : 0;
        at = i ? chain->next[at][reference_random(state) % REFERENCE_SLOTS] : at;
        r->customer[row] = (uint32_t)r->n_customers;
        r->touchpoint[row] = at;
        r->time[row] = time;
        if (at == REFERENCE_PURCHASE) {
            r->value[row] = (double)(reference_random(state) % 50000) / 100;
            r->has_value[row / 8] |= (uint8_t)(1u << (row % 8));
            r->n_valued++;
        }
    }
    r->n_customers++;
}

static int reference_allocate(reference *r, size_t n)
{
    r->customer = malloc(n * sizeof *r->customer);
    r->touchpoint = malloc(n);
    r->time = malloc(n * sizeof *r->time);
    r->value = calloc(n, sizeof *r->value);
    r->has_value = calloc(n / 8 + 1, 1);
    return r->customer && r->touchpoint && r->time && r->value && r->has_value;
}

int reference_make(reference *r, size_t n_events)
{
    reference_chain *chain = malloc(sizeof *chain);
    int64_t *gaps = malloc(REFERENCE_LONGEST * sizeof *gaps);
    uint64_t state = 42;
    int made;

    memset(r, 0, sizeof *r);
    made = chain && gaps && reference_allocate(r, n_events);
    if (made) {
        reference_prepare(chain);
        while (r->n_events < n_events) {
            size_t length = reference_draw_length(&state);

            if (length > n_events - r->n_events)
                length = n_events - r->n_events;
            reference_add(r, chain, &state, length, gaps);
        }
    }
    free(chain);
    free(gaps);
    return made;
}

void reference_drop(reference *r)
{
    free(r->customer);
    free(r->touchpoint);
    free(r->time);
    free(r->value);
    free(r->has_value);
    memset(r, 0, sizeof *r);
}

/* ---- order of rows ---- */

/* Sorts row numbers by a key of 44 bits: four stable passes of 11 bits. */
static int reference_sort(const uint64_t *keys, uint32_t *rows, size_t n)
{
    uint32_t *other = malloc(n * sizeof *other);

    if (!other)
        return 0;
    for (unsigned shift = 0; shift < 44; shift += 11) {
        size_t starts[2049] = {0};

        for (size_t i = 0; i < n; i++)
            starts[((keys[i] >> shift) & 2047) + 1]++;
        for (size_t b = 0; b < 2048; b++)
            starts[b + 1] += starts[b];
        for (size_t i = 0; i < n; i++)
            other[starts[(keys[rows[i]] >> shift) & 2047]++] = rows[i];
        memcpy(rows, other, n * sizeof *rows);
    }
    free(other);
    return 1;
}

static void reference_copy_row(reference *to, size_t i, const reference *from, size_t row)
{
    to->customer[i] = from->customer[row];
    to->touchpoint[i] = from->touchpoint[row];
    to->time[i] = from->time[row];
    to->value[i] = from->value[row];
    if (from->has_value[row / 8] >> (row % 8) & 1)
        to->has_value[i / 8] |= (uint8_t)(1u << (i % 8));
}

int reference_arrange(reference *r, int order)
{
    uint64_t *keys = calloc(r->n_events, sizeof *keys), state = 7;
    uint32_t *rows = malloc(r->n_events * sizeof *rows);
    reference sorted = *r;
    int done = keys && rows && reference_allocate(&sorted, r->n_events);

    for (size_t i = 0; done && i < r->n_events; i++) {
        rows[i] = (uint32_t)i;
        keys[i] = order == REFERENCE_BY_TIME    ? (uint64_t)(r->time[i] - reference_from)
                  : order == REFERENCE_SHUFFLED ? reference_random(&state) >> 20
                                                : r->customer[i];
    }
    done = done && reference_sort(keys, rows, r->n_events);
    if (done) {
        for (size_t i = 0; i < r->n_events; i++)
            reference_copy_row(&sorted, i, r, rows[i]);
        reference_drop(r);
        *r = sorted;
    }
    free(keys);
    free(rows);
    return done;
}

char *reference_csv(const reference *r, size_t *size)
{
    size_t room = r->n_events * 64 + 64, n;
    char *text = malloc(room);

    if (!text)
        return NULL;
    n = (size_t)snprintf(text, room, "customer,time,touchpoint,value\n");
    for (size_t i = 0; i < r->n_events; i++) {
        n += (size_t)snprintf(text + n, room - n, "%u,%lld,%s,", (unsigned)r->customer[i],
                              (long long)r->time[i], reference_touchpoints[r->touchpoint[i]]);
        if (r->has_value[i / 8] >> (i % 8) & 1)
            n += (size_t)snprintf(text + n, room - n, "%.2f", r->value[i]);
        text[n++] = '\n';
    }
    *size = n;
    return text;
}
