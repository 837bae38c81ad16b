/* The demo shop: made-up customers whose true behaviour is known, so that what an analysis finds
 * can be checked.
 *
 * A customer walks a Markov chain over 18 touchpoints until a purchase or an exit.  Each visit
 * draws, by coins of its own that change nothing else: an error (at six places), a rage of three
 * clicks (everywhere), a dwell, and the customer a device.  One friction can be planted: after an
 * error at payment more than half of the customers leave. */
#ifndef SHOP_H
#define SHOP_H

#include <stdint.h>

enum {
    SHOP_PLACES = 18,   /* touchpoints that can be visited */
    SHOP_PURCHASE = 18, /* … and where a visit can lead besides */
    SHOP_EXIT = 19,
    SHOP_ENDS = 20,
    SHOP_ERROR =
        19, /* touchpoint of an error; shares its number with SHOP_EXIT, which is no event */
    SHOP_TOUCHPOINTS = 20,
    SHOP_PAYMENT = 16,
    SHOP_LONGEST = 80, /* visits; a longer journey is cut */
    SHOP_DAYS = 90     /* over which the journeys begin, from 2026-01-01 UTC */
};

typedef struct shop_model {
    double first[SHOP_PLACES]; /* where journeys begin; adds up to 1 */
    double error[SHOP_PLACES]; /* share of visits with an error */
    double leads[2][SHOP_PLACES]
                [SHOP_ENDS]; /* where a visit leads, [1] after an error; rows add up to 1 */
} shop_model;

/* `planted` other than 0: with the friction at payment. */
void shop_prepare(shop_model *model, int planted);

/* Kinds of customers who differ in how soon they leave, which no event tells: 0 soonest, 1 like
 * everybody in the plain shop, 2 latest.  The friction is the same for all. */
enum { SHOP_KINDS = 3, SHOP_PLAIN = 1 };
void shop_prepare_kind(shop_model *model, int planted, int kind);
/* The kind of a customer where all are equally many; changes nothing else that is drawn. */
int shop_kind(uint64_t seed, int64_t customer);

typedef struct shop_event {
    int64_t customer; /* from 1 */
    int64_t time;     /* milliseconds since 1970-01-01 UTC */
    int touchpoint;
    int channel;
    int device;
    int64_t cents; /* a purchase's value; 0: none */
} shop_event;

/* Returns other than 0 to stop. */
typedef int (*shop_sink)(void *user, const shop_event *event);

/* One customer's journey in order of time, a function of model, seed and number alone; what `sink`
 * returned last. */
int shop_walk(const shop_model *model, uint64_t seed, int64_t customer, shop_sink sink, void *user);

/* "payment", "email", "tablet"; NULL out of range. */
const char *shop_touchpoint(int number);
const char *shop_channel(int number);
const char *shop_device(int number);

/* Writes an event as a row of CSV under SHOP_HEADER into `row` (at least SHOP_ROW bytes); its
 * length. */
#define SHOP_HEADER "customer,time,touchpoint,channel,value,device\n"
enum { SHOP_ROW = 160 };
int shop_row(const shop_event *event, char *row);

#endif
