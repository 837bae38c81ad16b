/* Checks the demo shop (prints TAP) against what is known of it: conversion with and without the
 * friction, what an error at payment costs, visits to payment, all solved exactly from the chain;
 * then a sample of 400,000 customers against the exact figures, the number of events of the default
 * shop, and the bytes of its first rows. */
#include "shop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures;
static int number;

static void report(int right, const char *what)
{
    number++;
    failures += !right;
    printf("%sok %d - %s\n", right ? "" : "not ", number, what);
}

static void near(double actual, double expected, double within, const char *what)
{
    const int right = fabs(actual - expected) <= within;

    if (!right)
        printf("# %.9f is due, within %.1e: %.9f\n", expected, within, actual);
    report(right, what);
}

/* Solves a x = b in place by Gaussian elimination; diagonally dominant enough here to need no
 * pivots. */
static void solve(double a[SHOP_PLACES][SHOP_PLACES], double *b)
{
    for (int k = 0; k < SHOP_PLACES; k++) {
        for (int i = 0; i < SHOP_PLACES; i++) {
            const double times = i == k ? 0 : a[i][k] / a[k][k];

            for (int j = k; j < SHOP_PLACES; j++)
                a[i][j] -= times * a[k][j];
            b[i] -= times * b[k];
        }
    }
    for (int k = 0; k < SHOP_PLACES; k++)
        b[k] /= a[k][k];
}

/* Where a visit leads, errors or not. */
static double mixed(const shop_model *model, int from, int to)
{
    const double error = model->error[from];

    return (1 - error) * model->leads[0][from][to] + error * model->leads[1][from][to];
}

/* Probability of a purchase from each place. */
static void conversions(const shop_model *model, double *out)
{
    double a[SHOP_PLACES][SHOP_PLACES];

    for (int i = 0; i < SHOP_PLACES; i++) {
        for (int j = 0; j < SHOP_PLACES; j++)
            a[i][j] = (i == j) - mixed(model, i, j);
        out[i] = mixed(model, i, SHOP_PURCHASE);
    }
    solve(a, out);
}

/* Expected visits of a customer to each place. */
static void visits(const shop_model *model, double *out)
{
    double a[SHOP_PLACES][SHOP_PLACES];

    for (int i = 0; i < SHOP_PLACES; i++) {
        for (int j = 0; j < SHOP_PLACES; j++)
            a[j][i] = (i == j) - mixed(model, i, j);
        out[i] = model->first[i];
    }
    solve(a, out);
}

static double overall(const shop_model *model, const double *at)
{
    double sum = 0;

    for (int i = 0; i < SHOP_PLACES; i++)
        sum += model->first[i] * at[i];
    return sum;
}

/* Probability of a purchase right after a visit to payment, with or without an error there. */
static double after_payment(const shop_model *model, int error, const double *at)
{
    const double *row = model->leads[error][SHOP_PAYMENT];
    double sum = row[SHOP_PURCHASE];

    for (int i = 0; i < SHOP_PLACES; i++)
        sum += row[i] * at[i];
    return sum;
}

static void check_exactly(void)
{
    shop_model with, without;
    double at[SHOP_PLACES], count[SHOP_PLACES];
    double all = 0;

    shop_prepare(&with, 1);
    shop_prepare(&without, 0);
    conversions(&without, at);
    near(overall(&without, at), .097006101, 1e-9,
         "without the friction .097006101 of the customers buy");
    conversions(&with, at);
    near(overall(&with, at), .091602727, 1e-9, "with it .091602727 do");
    near(after_payment(&with, 1, at) - after_payment(&with, 0, at), -.389648717, 1e-9,
         "an error at payment costs .389648717 of the purchases there");
    visits(&with, count);
    near(count[SHOP_PAYMENT], .137759262, 1e-9, "a customer visits payment .137759262 times");
    for (int i = 0; i < SHOP_PLACES; i++)
        all += count[i];
    near(all, 5.5, .1, "and makes about 5.5 visits in all");
}

typedef struct tally {
    int64_t events;
    int64_t purchases;
    int64_t errors;
    int64_t payments;
    shop_event last;
    int ordered;
} tally;

static int count_event(void *user, const shop_event *event)
{
    tally *counts = user;

    if (counts->events && counts->last.customer == event->customer &&
        event->time <= counts->last.time)
        counts->ordered = 0;
    counts->last = *event;
    counts->events++;
    counts->purchases += event->touchpoint == SHOP_PURCHASE && event->cents > 0;
    counts->errors += event->touchpoint == SHOP_ERROR;
    counts->payments += event->touchpoint == SHOP_PAYMENT;
    return 0;
}

static tally sample(int planted, int64_t customers)
{
    tally counts = {.ordered = 1};
    shop_model model;

    shop_prepare(&model, planted);
    for (int64_t customer = 1; customer <= customers; customer++)
        (void)shop_walk(&model, 1, customer, count_event, &counts);
    return counts;
}

/* Four standard errors of a share of 400,000 are about .0019. */
static void check_samples(void)
{
    const double n = 400000;
    tally counts = sample(1, 400000);

    near((double)counts.purchases / n, .091602727, .0019,
         "of 400,000 drawn customers so many buy with the friction");
    near((double)counts.payments / n, .137759262 * 1.1, .004,
         "payment is seen 1.1 times per visit, rage included");
    report(counts.ordered, "no customer has two events at one time");
    counts = sample(0, 400000);
    near((double)counts.purchases / n, .097006101, .0019, "and so many without it");
    counts = sample(1, 31500);
    near((double)counts.events, 200000, 6000, "31,500 customers make about 200,000 events");
}

typedef struct hashing {
    uint64_t hash; /* FNV-1a */
    int rows;
} hashing;

static int hash_event(void *user, const shop_event *event)
{
    hashing *sum = user;
    char row[SHOP_ROW];
    const int n = shop_row(event, row);

    for (int i = 0; i < n; i++)
        sum->hash = (sum->hash ^ (unsigned char)row[i]) * UINT64_C(0x100000001b3);
    sum->rows++;
    return 0;
}

static void check_bytes(void)
{
    hashing sum = {.hash = UINT64_C(0xcbf29ce484222325)};
    const shop_event purchase = {.customer = 7,
                                 .time = INT64_C(1772323199999),
                                 .touchpoint = SHOP_PURCHASE,
                                 .channel = 3,
                                 .device = 2,
                                 .cents = 1205};
    char row[SHOP_ROW];
    shop_model model;

    shop_prepare(&model, 1);
    for (int64_t customer = 1; customer <= 2000; customer++)
        (void)shop_walk(&model, 1, customer, hash_event, &sum);
    printf("# 2,000 customers, %d rows, hash %016llx\n", sum.rows, (unsigned long long)sum.hash);
    report(sum.hash == UINT64_C(0x0b2a911971bbfa99), "the rows are the same on every machine");
    (void)shop_row(&purchase, row);
    report(strcmp(row, "c000007,2026-02-28T23:59:59.999Z,purchase,web,12.05,tablet\n") == 0,
           "a row reads as it should");
}

int main(void)
{
    check_exactly();
    check_samples();
    check_bytes();
    printf("1..%d\n", number);
    return failures != 0;
}
