/* The shop's chain and the walk over it. */
#include "shop.h"

#include "draw.h"

#include <math.h>
#include <stdio.h>

enum {
    AD,
    SOCIAL,
    NEWSLETTER,
    HOME,
    CATEGORY,
    SEARCH,
    PRODUCT,
    REVIEWS,
    COMPARE,
    STORE,
    ADD,
    CART,
    WISHLIST,
    CHAT,
    SIGN_IN,
    SHIPPING,
    PAYMENT,
    CONFIRM,
    PURCHASE,
    EXIT
};

static const char *const TOUCHPOINTS[SHOP_TOUCHPOINTS] = {
    "ad_click", "social_post", "newsletter", "home",        "category", "search",   "product_view",
    "reviews",  "compare",     "store_info", "add_to_cart", "cart",     "wishlist", "chat",
    "sign_in",  "shipping",    "payment",    "confirm",     "purchase", "error"};

static const char *const CHANNELS[] = {"paid",      "social", "email",  "web",
                                       "community", "store",  "support"};
static const char *const DEVICES[] = {"phone", "desktop", "tablet"};

/* Channel of a touchpoint; an error has that of the place where it happens. */
static const unsigned char CHANNEL_OF[SHOP_TOUCHPOINTS] = {0, 1, 2, 3, 3, 3, 3, 4, 3, 5,
                                                           3, 3, 3, 6, 3, 3, 3, 3, 3, 3};

static const struct {
    unsigned char from;
    unsigned char to;
    double share;
} LEADS[] = {
    {AD, HOME, .25},          {AD, CATEGORY, .15},
    {AD, PRODUCT, .30},       {AD, EXIT, .30},
    {SOCIAL, HOME, .30},      {SOCIAL, PRODUCT, .20},
    {SOCIAL, REVIEWS, .10},   {SOCIAL, EXIT, .40},
    {NEWSLETTER, HOME, .15},  {NEWSLETTER, PRODUCT, .30},
    {NEWSLETTER, CART, .15},  {NEWSLETTER, CATEGORY, .10},
    {NEWSLETTER, EXIT, .30},  {HOME, CATEGORY, .35},
    {HOME, SEARCH, .25},      {HOME, PRODUCT, .10},
    {HOME, STORE, .08},       {HOME, EXIT, .22},
    {CATEGORY, PRODUCT, .45}, {CATEGORY, SEARCH, .10},
    {CATEGORY, COMPARE, .08}, {CATEGORY, HOME, .07},
    {CATEGORY, EXIT, .30},    {SEARCH, PRODUCT, .50},
    {SEARCH, CATEGORY, .12},  {SEARCH, EXIT, .38},
    {PRODUCT, ADD, .16},      {PRODUCT, REVIEWS, .12},
    {PRODUCT, COMPARE, .08},  {PRODUCT, CATEGORY, .14},
    {PRODUCT, SEARCH, .10},   {PRODUCT, WISHLIST, .05},
    {PRODUCT, CHAT, .02},     {PRODUCT, EXIT, .33},
    {REVIEWS, PRODUCT, .45},  {REVIEWS, ADD, .10},
    {REVIEWS, COMPARE, .10},  {REVIEWS, EXIT, .35},
    {COMPARE, PRODUCT, .55},  {COMPARE, ADD, .08},
    {COMPARE, REVIEWS, .07},  {COMPARE, EXIT, .30},
    {STORE, HOME, .20},       {STORE, CATEGORY, .10},
    {STORE, EXIT, .70},       {ADD, CART, .62},
    {ADD, PRODUCT, .18},      {ADD, CATEGORY, .06},
    {ADD, EXIT, .14},         {CART, SIGN_IN, .48},
    {CART, PRODUCT, .14},     {CART, CHAT, .04},
    {CART, WISHLIST, .04},    {CART, EXIT, .30},
    {WISHLIST, PRODUCT, .40}, {WISHLIST, CART, .12},
    {WISHLIST, EXIT, .48},    {CHAT, CART, .25},
    {CHAT, PRODUCT, .25},     {CHAT, SIGN_IN, .10},
    {CHAT, EXIT, .40},        {SIGN_IN, SHIPPING, .72},
    {SIGN_IN, CART, .08},     {SIGN_IN, EXIT, .20},
    {SHIPPING, PAYMENT, .74}, {SHIPPING, CART, .08},
    {SHIPPING, EXIT, .18},    {PAYMENT, CONFIRM, .70},
    {PAYMENT, SHIPPING, .06}, {PAYMENT, CART, .04},
    {PAYMENT, EXIT, .20},     {CONFIRM, PURCHASE, .86},
    {CONFIRM, PAYMENT, .05},  {CONFIRM, EXIT, .09},
};

static const struct {
    unsigned char place;
    double share;
} FIRST[] = {{AD, .30},   {SOCIAL, .15}, {NEWSLETTER, .15},
             {HOME, .20}, {SEARCH, .10}, {PRODUCT, .10}},
  ERRORS[] = {{SEARCH, .05},  {PRODUCT, .04}, {CART, .05},
              {SIGN_IN, .06}, {PAYMENT, .10}, {SHIPPING, .04}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const double EXITS_KEPT = 0.55;   /* all exits of the table above are this much rarer */
static const double EXIT_PLANTED = 0.55; /* exit after an error at payment, with the friction */
static const double RAGE = 0.05;
static const double EXITS_OF_KINDS[SHOP_KINDS] = {1.5, 1.0, 0.6};
static const double EXIT_MOST = 0.95;
static const uint64_t KIND_SEED = UINT64_C(0x6b696e6473);
static const int64_t BEGIN = INT64_C(1767225600000); /* 2026-01-01 */
static const int64_t DAY = INT64_C(86400000);

/* Sets the exit of a row and scales the rest, so that the row still adds up to 1. */
static void shop_set_exit(double *row, double exit)
{
    const double scale = (1 - exit) / (1 - row[SHOP_EXIT]);

    for (int to = 0; to < SHOP_EXIT; to++)
        row[to] = row[to] * scale;
    row[SHOP_EXIT] = exit;
}

void shop_prepare_kind(shop_model *model, int planted, int kind)
{
    static const shop_model nothing;

    *model = nothing;
    for (size_t i = 0; i < COUNT(FIRST); i++)
        model->first[FIRST[i].place] = FIRST[i].share;
    for (size_t i = 0; i < COUNT(ERRORS); i++)
        model->error[ERRORS[i].place] = ERRORS[i].share;
    for (size_t i = 0; i < COUNT(LEADS); i++)
        model->leads[0][LEADS[i].from][LEADS[i].to] = LEADS[i].share;
    for (int from = 0; from < SHOP_PLACES; from++) {
        double *row = model->leads[0][from];

        shop_set_exit(row, row[SHOP_EXIT] * EXITS_KEPT);
        if (kind != SHOP_PLAIN)
            shop_set_exit(row, fmin(row[SHOP_EXIT] * EXITS_OF_KINDS[kind], EXIT_MOST));
        for (int to = 0; to < SHOP_ENDS; to++)
            model->leads[1][from][to] = row[to];
    }
    if (planted)
        shop_set_exit(model->leads[1][SHOP_PAYMENT], EXIT_PLANTED);
}

void shop_prepare(shop_model *model, int planted)
{
    shop_prepare_kind(model, planted, SHOP_PLAIN);
}

int shop_kind(uint64_t seed, int64_t customer)
{
    draw_stream draws = draw_begin(seed ^ KIND_SEED, (uint64_t)customer);

    return (int)(draw_share(&draws) * SHOP_KINDS);
}

/* The first position at which the shares up to and with it exceed a drawn share; the last one that
 * has a share at all, where rounding keeps the sum below it. */
static int shop_choose(const double *shares, int n, double drawn)
{
    double sum = 0;
    int last = 0;

    for (int i = 0; i < n; i++) {
        if (shares[i] <= 0)
            continue;
        sum = sum + shares[i];
        last = i;
        if (drawn < sum)
            break;
    }
    return last;
}

static int64_t shop_milliseconds(double seconds)
{
    return (int64_t)floor(seconds * 1000 + 0.5);
}

/* One visit: the event, and its rage and error in order of time. */
static int shop_visit(shop_event event, int error, int rage, shop_sink sink, void *user)
{
    const int place = event.touchpoint;
    const int64_t time = event.time;
    int stop = sink(user, &event);

    if (!stop && error) {
        event.touchpoint = SHOP_ERROR;
        event.time = time + 100;
        stop = sink(user, &event);
    }
    event.touchpoint = place;
    for (int click = 1; !stop && rage && click <= 2; click++) {
        event.time = time + 400 * click;
        stop = sink(user, &event);
    }
    return stop;
}

static int shop_purchase(shop_event event, draw_stream *draws, shop_sink sink, void *user)
{
    event.touchpoint = SHOP_PURCHASE;
    event.channel = CHANNEL_OF[SHOP_PURCHASE];
    event.cents = (int64_t)floor(100 * draw_exp(3.6 + 0.6 * draw_normal(draws)) + 0.5);
    return sink(user, &event);
}

int shop_walk(const shop_model *model, uint64_t seed, int64_t customer, shop_sink sink, void *user)
{
    draw_stream draws = draw_begin(seed, (uint64_t)customer);
    static const double of_devices[] = {.55, .35, .10};
    shop_event event = {.customer = customer};
    int place, stop = 0;

    event.time = BEGIN + (int64_t)(draw_share(&draws) * (double)(SHOP_DAYS * DAY));
    event.device = shop_choose(of_devices, 3, draw_share(&draws));
    place = shop_choose(model->first, SHOP_PLACES, draw_share(&draws));
    for (int visits = 0; !stop && place < SHOP_PLACES && visits < SHOP_LONGEST; visits++) {
        const int error = draw_share(&draws) < model->error[place];
        const int rage = draw_share(&draws) < RAGE;
        const int64_t dwell =
            shop_milliseconds(draw_exp(3.0 + 0.1 * place + 0.9 * draw_normal(&draws)));
        const int next = shop_choose(model->leads[error][place], SHOP_ENDS, draw_share(&draws));

        event.touchpoint = place;
        event.channel = CHANNEL_OF[place];
        stop = shop_visit(event, error, rage, sink, user);
        event.time += dwell < 1000 ? 1000 : dwell;
        place = next;
    }
    if (!stop && place == SHOP_PURCHASE)
        stop = shop_purchase(event, &draws, sink, user);
    return stop;
}

const char *shop_touchpoint(int number)
{
    return number >= 0 && number < SHOP_TOUCHPOINTS ? TOUCHPOINTS[number] : NULL;
}

const char *shop_channel(int number)
{
    return number >= 0 && number < (int)COUNT(CHANNELS) ? CHANNELS[number] : NULL;
}

const char *shop_device(int number)
{
    return number >= 0 && number < (int)COUNT(DEVICES) ? DEVICES[number] : NULL;
}

/* Month and day of a day of 2026 or later; the shop ends long before 2100, so every fourth year is
 * a leap year. */
static void shop_date(int64_t days, int *year, int *month, int *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int length;

    for (*year = 2026; days >= 365 + (*year % 4 == 0); (*year)++)
        days -= 365 + (*year % 4 == 0);
    for (*month = 1;; (*month)++) {
        length = lengths[*month - 1] + (*month == 2 && *year % 4 == 0);
        if (days < length)
            break;
        days -= length;
    }
    *day = (int)days + 1;
}

int shop_row(const shop_event *event, char *row)
{
    const int64_t since = event->time - BEGIN;
    const int in_day = (int)(since % DAY);
    int year, month, day, n;

    shop_date(since / DAY, &year, &month, &day);
    n = snprintf(row, SHOP_ROW, "c%06lld,%04d-%02d-%02dT%02d:%02d:%02d.%03dZ,%s,%s,",
                 (long long)event->customer, year, month, day, in_day / 3600000,
                 in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000,
                 TOUCHPOINTS[event->touchpoint], CHANNELS[event->channel]);
    if (event->cents)
        n += snprintf(row + n, (size_t)(SHOP_ROW - n), "%lld.%02d", (long long)(event->cents / 100),
                      (int)(event->cents % 100));
    n += snprintf(row + n, (size_t)(SHOP_ROW - n), ",%s\n", DEVICES[event->device]);
    return n;
}
