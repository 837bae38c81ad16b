/* Variants by the definition of docs/variants.md, a second time and slowly: every unit is written
 * out as texts and compared with every other; subsequences are counted by writing all of them
 * down.  Public headers only, and libm. */
#ifndef VARIANT_ORACLE_H
#define VARIANT_ORACLE_H

#include <sojourn.h>

enum { VARIANT_ORACLE_TEXT = 512, VARIANT_ORACLE_EVENTS = 32 };

/* Whether an event meets the conversion. */
typedef int (*variant_oracle_meets)(void *user, const sj_moment *moment);

typedef struct variant_oracle_question {
    const sj_variant_options *options;
    variant_oracle_meets meets;
    void *user;
    int64_t observed_from, as_of;
} variant_oracle_question;

/* A journey, a session, a leg up to its conversion. */
typedef struct variant_oracle_unit {
    uint64_t customer;
    int64_t number; /* of the customer's, from 1 */
    size_t n;
    const char *names[VARIANT_ORACLE_EVENTS]; /* events, or visits */
    int converted, open, has_events;
    int64_t time; /* last − first */
    double value;
    double entropy, turbulence, complexity, volatility;
} variant_oracle_unit;

typedef struct variant_oracle_row {
    char path[VARIANT_ORACLE_TEXT];
    const char *names[VARIANT_ORACLE_EVENTS];
    size_t n;
    int64_t count, customers, converted, open;
    double value;
} variant_oracle_row;

typedef struct variant_oracle_answer {
    variant_oracle_unit *units;
    size_t n_units, unit_capacity;
    variant_oracle_row *paths, *grams; /* in the order of the tables */
    size_t n_paths, path_capacity, n_grams, gram_capacity;
    size_t alphabet;
    int64_t horizon; /* resolved; SJ_UNLIMITED: none */
} variant_oracle_answer;

void variant_oracle_ask(const sj_graph *graph, const variant_oracle_question *question,
                        variant_oracle_answer *out);
void variant_oracle_free(variant_oracle_answer *answer);

#endif
