/* The reference workload: made by a rule from a fixed seed, the same on every machine. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <sojourn.h>

enum { REFERENCE_TOUCHPOINTS = 40 };

/* In order of how often they come; "purchase" is the one that carries values. */
extern const char *const reference_touchpoints[REFERENCE_TOUCHPOINTS];

typedef struct reference {
    size_t n_events, n_customers, n_valued;
    uint32_t *customer;
    uint8_t *touchpoint; /* number in reference_touchpoints */
    int64_t *time;
    double *value;
    uint8_t *has_value; /* bit per event */
} reference;

enum { REFERENCE_BY_CUSTOMER = 0, REFERENCE_BY_TIME = 1, REFERENCE_SHUFFLED = 2 };

/* 0 if memory is short. */
int reference_make(reference *r, size_t n_events);
/* Puts the rows in another order. */
int reference_arrange(reference *r, int order);
void reference_drop(reference *r);

/* The whole as CSV text; malloc'ed. */
char *reference_csv(const reference *r, size_t *size);

#endif
