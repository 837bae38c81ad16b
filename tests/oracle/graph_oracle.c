/* Graphs against a model that is a list of rows and nothing else: sorted by insertion, counted by
 * looking at every pair. Public headers only.  Each seed makes a map and rows (many ties, few or
 * many touchpoints, times of every resolution and range), feeds them in by every door, with calls
 * in between that must fail and leave nothing behind, and compares all that sj_graph_* tells; then
 * selects at random and compares again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

enum {
    MOST_ROWS = 400,
    MOST_NAMES = 48,
    NAME = 16,
    NONE = -1,
    DEVICES = 4,
    CHANNELS = 5,
    STAGES = 3
};

typedef struct row {
    int customer, touchpoint, channel, device; /* NONE: none */
    int has_value, has_load, has_weight;
    int64_t time, value; /* in 10^-6 */
    int64_t load;
    double weight;
} row;

typedef struct touchpoint {
    char name[NAME];
    int declared; /* place in the order of declaration, or NONE */
    int stage, channel;
} touchpoint;

typedef struct expected {
    int of_stages, from, to;
    double share;
} expected;

typedef struct model {
    uint64_t random;
    int n_customers, n_touchpoints, n_rows, n_expected, n_declared;
    int ties, drop;
    char customer[MOST_NAMES][NAME];
    touchpoint touchpoint[MOST_NAMES];
    char channel[CHANNELS][NAME];
    int channel_declared[CHANNELS];
    char device[DEVICES][NAME];
    int plan[MOST_NAMES]; /* device set for customers, NONE: none */
    expected expected[MOST_NAMES];
    row rows[MOST_ROWS];
    /* What the graph must show. */
    int order[MOST_NAMES], n_order;      /* customers with events */
    row *journey[MOST_NAMES][MOST_ROWS]; /* by place */
    int length[MOST_NAMES];
    int shown[MOST_NAMES], n_shown; /* touchpoints by number */
    int channels[CHANNELS], n_channels;
} model;

static uint64_t random_next(model *m)
{
    uint64_t x = m->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static int random_below(model *m, int n)
{
    return (int)(random_next(m) % (uint64_t)n);
}

/* ------------------------------------------------------------------------------- making a model --
 */

static void write_name(char *to, const char *prefix, int i)
{
    size_t n = strlen(prefix);
    char digits[8];
    int d = 0;
    memcpy(to, prefix, n);
    do {
        digits[d++] = (char)('0' + i % 10);
        i /= 10;
    } while (i);
    while (d) {
        to[n++] = digits[--d];
    }
    to[n] = 0;
}

/* A time; the model's `shape` says of which kind. */
static int64_t random_time(model *m, int shape)
{
    uint64_t x = random_next(m);
    switch (shape) {
    case 0:
        return (int64_t)(x % 5) * SJ_SECOND; /* nearly all tied */
    case 1:
        return (int64_t)(x % 100000) * 1000;
    case 2:
        return (int64_t)(x % (90 * (uint64_t)SJ_DAY)) - 7;
    case 3:
        return (int64_t)(x % 40) * 3 * SJ_DAY + 11;
    case 4:
        return x % 3 ? (int64_t)(x >> 20) : (x & 1 ? INT64_MIN : INT64_MAX);
    default:
        return (int64_t)(x >> 24 << 6); /* 2^46 in steps of 64 */
    }
}

static void make_map(model *m)
{
    for (int i = 0; i < CHANNELS; i++) {
        write_name(m->channel[i], "ch", (i * 7) % 10);
        m->channel_declared[i] = random_below(m, 2);
    }
    for (int i = 0; i < DEVICES; i++) {
        write_name(m->device[i], "d", (i * 3) % 7);
    }
    for (int i = 0; i < m->n_touchpoints; i++) {
        touchpoint *t = &m->touchpoint[i];
        write_name(t->name, i % 2 ? "page" : "zone", (i * 11) % 97);
        t->declared = random_below(m, 3) ? m->n_declared++ : NONE;
        t->stage = t->declared != NONE && random_below(m, 2) ? random_below(m, STAGES) : NONE;
        t->channel = t->declared != NONE && random_below(m, 2) ? random_below(m, CHANNELS) : NONE;
    }
    for (int tries = random_below(m, 8); tries > 0; tries--) {
        expected e = {.of_stages = random_below(m, 4) == 0, .share = random_below(m, 2) ? 0.25 : 0};
        e.from = random_below(m, e.of_stages ? STAGES : m->n_touchpoints);
        e.to = random_below(m, e.of_stages ? STAGES : m->n_touchpoints);
        for (int i = 0; i < m->n_expected; i++) {
            const expected *o = &m->expected[i];
            if (o->of_stages == e.of_stages && o->from == e.from && o->to == e.to) {
                e.from = NONE;
            }
        }
        if (e.from != NONE && (e.of_stages || (m->touchpoint[e.from].declared != NONE &&
                                               m->touchpoint[e.to].declared != NONE))) {
            m->expected[m->n_expected++] = e;
        }
    }
}

static void make_rows(model *m)
{
    int shape = random_below(m, 6), rich = random_below(m, 2);
    for (int i = 0; i < m->n_rows; i++) {
        row *r = &m->rows[i];
        *r = (row){.customer = random_below(m, m->n_customers),
                   .touchpoint = random_below(m, m->n_touchpoints)};
        r->time = random_time(m, shape);
        r->channel = rich && random_below(m, 3) == 0 ? random_below(m, CHANNELS) : NONE;
        r->device = rich && random_below(m, 2) ? random_below(m, DEVICES) : NONE;
        r->has_value = random_below(m, 4) == 0;
        r->value = (random_below(m, 5) - 2) * 250000;
        r->has_load = rich && random_below(m, 3) == 0;
        r->load = random_below(m, 3) - 1;
        r->has_weight = rich && random_below(m, 3) == 0;
        r->weight = (random_below(m, 3) - 1) * 0.5;
        if (i > 0 && random_below(m, 6) == 0) {
            *r = m->rows[random_below(m, i)]; /* a double */
        }
    }
}

static void make_model(model *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->random = seed;
    m->n_customers = 1 + random_below(m, 1 + random_below(m, MOST_NAMES));
    m->n_touchpoints = 1 + random_below(m, 1 + random_below(m, MOST_NAMES));
    m->n_rows = random_below(m, 1 + random_below(m, MOST_ROWS));
    m->ties = random_below(m, 2) ? SJ_TIES_NAME : SJ_TIES_ARRIVAL;
    m->drop = random_below(m, 2);
    for (int i = 0; i < m->n_customers; i++) {
        write_name(m->customer[i], i % 3 ? "" : "customer_", i + 1);
        m->plan[i] = random_below(m, 2) ? random_below(m, DEVICES) : NONE;
    }
    make_map(m);
    make_rows(m);
}

/* ---- what must come out ---- */

static uint64_t key_hash(const char *key)
{
    uint64_t x = UINT64_C(0xcbf29ce484222325);
    for (; *key; key++) {
        x = (x ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    }
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static int channel_of(const model *m, const row *r)
{
    return r->channel != NONE ? r->channel : m->touchpoint[r->touchpoint].channel;
}

static int compare_names(const char *x, const char *y)
{
    int by = strcmp(x, y);
    return (by > 0) - (by < 0);
}

/* By name with absent first: what `ties = name` says, and when two rows are equal. */
static int compare_rows(const model *m, const row *x, const row *y)
{
    int cx = channel_of(m, x), cy = channel_of(m, y);
    int by = compare_names(m->touchpoint[x->touchpoint].name, m->touchpoint[y->touchpoint].name);
    by =
        by ? by : compare_names(cx == NONE ? "" : m->channel[cx], cy == NONE ? "" : m->channel[cy]);
    by = by ? by : x->has_value - y->has_value;
    by = by || !x->has_value ? by : (x->value > y->value) - (x->value < y->value);
    by = by ? by
            : compare_names(x->device == NONE ? "" : m->device[x->device],
                            y->device == NONE ? "" : m->device[y->device]);
    by = by ? by : x->has_load - y->has_load;
    by = by || !x->has_load ? by : (x->load > y->load) - (x->load < y->load);
    by = by ? by : x->has_weight - y->has_weight;
    return by || !x->has_weight ? by : (x->weight > y->weight) - (x->weight < y->weight);
}

static int stands_before(const model *m, const row *x, const row *y)
{
    if (x->time != y->time) {
        return x->time < y->time;
    }
    return m->ties == SJ_TIES_NAME && compare_rows(m, x, y) < 0;
}

/* Adds a row to its journey behind all that do not stand behind it. */
static void insert_row(model *m, int place, row *r)
{
    int i = m->length[place]++;
    for (; i > 0 && stands_before(m, r, m->journey[place][i - 1]); i--) {
        m->journey[place][i] = m->journey[place][i - 1];
    }
    m->journey[place][i] = r;
}

static int is_double(const model *m, int place, const row *r)
{
    for (int i = 0; i < m->length[place]; i++) {
        const row *o = m->journey[place][i];
        if (o->time == r->time && compare_rows(m, o, r) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Orders the customers that have a row kept; `keep` may be NULL. */
static void order_customers(model *m, const uint8_t *keep)
{
    m->n_order = 0;
    for (int c = 0; c < m->n_customers; c++) {
        int any = 0, i;
        for (int r = 0; r < m->n_rows; r++) {
            any |= m->rows[r].customer == c && (!keep || keep[r]);
        }
        if (any) {
            for (i = m->n_order++;
                 i > 0 && key_hash(m->customer[c]) < key_hash(m->customer[m->order[i - 1]]); i--) {
                m->order[i] = m->order[i - 1];
            }
            m->order[i] = c;
        }
    }
}

static void order_rows(model *m, const uint8_t *keep)
{
    order_customers(m, keep);
    memset(m->length, 0, sizeof m->length);
    for (int place = 0; place < m->n_order; place++) {
        for (int r = 0; r < m->n_rows; r++) {
            row *x = &m->rows[r];
            if (x->customer == m->order[place] && (!keep || keep[r]) &&
                !(m->drop && is_double(m, place, x))) {
                insert_row(m, place, x);
            }
        }
    }
}

static void number_names(model *m)
{
    int first;
    m->n_shown = 0;
    for (int d = 0; d < m->n_declared; d++) {
        for (int t = 0; t < m->n_touchpoints; t++) {
            if (m->touchpoint[t].declared == d) {
                m->shown[m->n_shown++] = t;
            }
        }
    }
    first = m->n_shown;
    for (int t = 0; t < m->n_touchpoints; t++) {
        int any = 0, i;
        for (int r = 0; r < m->n_rows; r++) {
            any |= m->rows[r].touchpoint == t;
        }
        if (any && m->touchpoint[t].declared == NONE) {
            for (i = m->n_shown++; i > first && strcmp(m->touchpoint[t].name,
                                                       m->touchpoint[m->shown[i - 1]].name) < 0;
                 i--) {
                m->shown[i] = m->shown[i - 1];
            }
            m->shown[i] = t;
        }
    }
    m->n_channels = 0;
    for (int c = 0; c < CHANNELS; c++) {
        int any = m->channel_declared[c], i;
        for (int r = 0; r < m->n_rows; r++) {
            any |= m->rows[r].channel == c;
        }
        for (int t = 0; t < m->n_touchpoints; t++) {
            any |= m->touchpoint[t].channel == c;
        }
        if (any) {
            for (i = m->n_channels++;
                 i > 0 && strcmp(m->channel[c], m->channel[m->channels[i - 1]]) < 0; i--) {
                m->channels[i] = m->channels[i - 1];
            }
            m->channels[i] = c;
        }
    }
}

/* ------------------------------------------------------------------------------------ feeding --
 */

#define MUST(call)                                                                                 \
    do {                                                                                           \
        sj_error must_error = {0};                                                                 \
        sj_error *error = &must_error;                                                             \
        if (call) {                                                                                \
            print_error("%s: %s (%d)\n", #call, must_error.message, must_error.code);              \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* Everything of the map but what events bring. */
static void feed_map(const model *m, sj_builder *b)
{
    char stage[NAME];
    for (int i = 0; i < STAGES; i++) {
        write_name(stage, "stage", i);
        MUST(sj_builder_add_stage(b, stage, error));
    }
    for (int i = 0; i < CHANNELS; i++) {
        if (m->channel_declared[i]) {
            MUST(sj_builder_add_channel(b, m->channel[i], error));
        }
    }
    for (int i = 0; i < m->n_touchpoints; i++) {
        const touchpoint *t = &m->touchpoint[i];
        if (t->declared != NONE) {
            write_name(stage, "stage", t->stage == NONE ? 0 : t->stage);
            MUST(sj_builder_add_touchpoint(b, t->name, t->stage == NONE ? NULL : stage,
                                           t->channel == NONE ? NULL : m->channel[t->channel],
                                           error));
        }
    }
    MUST(sj_builder_add_attribute(b, "device", SJ_ATTRIBUTE_CATEGORY, 0, error));
    MUST(sj_builder_add_attribute(b, "load", SJ_ATTRIBUTE_INTEGER, 0, error));
    MUST(sj_builder_add_attribute(b, "weight", SJ_ATTRIBUTE_REAL, 0, error));
    MUST(sj_builder_add_attribute(b, "plan", SJ_ATTRIBUTE_CATEGORY, 1, error));
    for (int i = 0; i < m->n_expected; i++) {
        const expected *e = &m->expected[i];
        char from[NAME], to[NAME];
        write_name(from, "stage", e->from);
        write_name(to, "stage", e->to);
        MUST(sj_builder_add_expected(b, e->of_stages ? from : m->touchpoint[e->from].name,
                                     e->of_stages ? to : m->touchpoint[e->to].name,
                                     e->of_stages ? 0 : e->share, error));
    }
}

static void feed_event(const model *m, sj_builder *b, const row *r)
{
    static const char *const loads[] = {"-1", "0", "1"}, *const weights[] = {"-0.5", "0", "0.5"};
    const char *attributes[6];
    double value = (double)r->value / 1e6;
    sj_event event = {.struct_size = sizeof event,
                      .customer = m->customer[r->customer],
                      .touchpoint = m->touchpoint[r->touchpoint].name,
                      .time = r->time,
                      .channel = r->channel == NONE ? NULL : m->channel[r->channel],
                      .value = r->has_value ? &value : NULL,
                      .attributes = attributes};
    if (r->device != NONE) {
        attributes[2 * event.n_attributes] = "device";
        attributes[2 * event.n_attributes++ + 1] = m->device[r->device];
    }
    if (r->has_load) {
        attributes[2 * event.n_attributes] = "load";
        attributes[2 * event.n_attributes++ + 1] = loads[r->load + 1];
    }
    if (r->has_weight) {
        attributes[2 * event.n_attributes] = "weight";
        attributes[2 * event.n_attributes++ + 1] = weights[(int)(r->weight * 2) + 1];
    }
    MUST(sj_builder_add_event(b, &event, error));
}

/* A column of text in one of its three shapes. */
typedef struct text_column {
    char bytes[(MOST_ROWS + 1) * NAME];
    int64_t wide[MOST_ROWS + 2];
    int32_t narrow[MOST_ROWS + 2];
    const char *strings[MOST_ROWS + 1];
    uint8_t validity[MOST_ROWS / 8 + 2];
} text_column;

static sj_column make_text(model *m, text_column *t, const char *const *texts, int n,
                           const char *name)
{
    int how = random_below(m, 3);
    size_t at = 0;
    memset(t->validity, 0, sizeof t->validity);
    for (int i = 0; i < n; i++) {
        size_t size = texts[i] ? strlen(texts[i]) : 0;
        t->wide[i] = (int64_t)at;
        t->narrow[i] = (int32_t)at;
        t->strings[i] = texts[i];
        memcpy(t->bytes + at, texts[i] ? texts[i] : "", size);
        at += size;
        if (texts[i]) {
            t->validity[i / 8] = (uint8_t)(t->validity[i / 8] | 1 << i % 8);
        }
    }
    t->wide[n] = (int64_t)at;
    t->narrow[n] = (int32_t)at;
    return (sj_column){.name = name,
                       .data = how == 2 ? (const void *)t->strings : t->bytes,
                       .offsets = how == 2   ? NULL
                                  : how == 1 ? (const void *)t->narrow
                                             : t->wide,
                       .validity = random_below(m, 2) || how != 2 ? t->validity : NULL,
                       .type = how == 2   ? SJ_ARRAY_STRINGS
                               : how == 1 ? SJ_ARRAY_TEXT32
                                          : SJ_ARRAY_TEXT};
}

typedef struct columns {
    text_column customer, touchpoint, channel, device;
    int64_t time[MOST_ROWS + 1], load[MOST_ROWS + 1];
    double value[MOST_ROWS + 1], weight[MOST_ROWS + 1];
    uint8_t has_value[MOST_ROWS / 8 + 2], has_load[MOST_ROWS / 8 + 2],
        has_weight[MOST_ROWS / 8 + 2];
    sj_column attributes[3];
    sj_events events;
} columns;

static void set_bit(uint8_t *bits, int i, int on)
{
    bits[i / 8] = (uint8_t)((bits[i / 8] & ~(1 << i % 8)) | on << i % 8);
}

/* Rows [from, from + n) as columns. */
static void make_columns(model *m, columns *c, int from, int n)
{
    const char *texts[4][MOST_ROWS + 1];
    for (int i = 0; i < n; i++) {
        const row *r = &m->rows[from + i];
        texts[0][i] = m->customer[r->customer];
        texts[1][i] = m->touchpoint[r->touchpoint].name;
        texts[2][i] = r->channel == NONE ? NULL : m->channel[r->channel];
        texts[3][i] = r->device == NONE ? NULL : m->device[r->device];
        c->time[i] = r->time;
        c->value[i] = (double)r->value / 1e6;
        c->load[i] = r->load;
        c->weight[i] = r->weight;
        set_bit(c->has_value, i, r->has_value);
        set_bit(c->has_load, i, r->has_load);
        set_bit(c->has_weight, i, r->has_weight);
    }
    c->attributes[0] = make_text(m, &c->device, texts[3], n, "device");
    c->attributes[1] = (sj_column){
        .name = "load", .data = c->load, .validity = c->has_load, .type = SJ_ARRAY_INT64};
    c->attributes[2] = (sj_column){
        .name = "weight", .data = c->weight, .validity = c->has_weight, .type = SJ_ARRAY_DOUBLE};
    c->events =
        (sj_events){.struct_size = sizeof c->events,
                    .n_events = (size_t)n,
                    .customer = make_text(m, &c->customer, texts[0], n, NULL),
                    .touchpoint = make_text(m, &c->touchpoint, texts[1], n, NULL),
                    .time = {.data = c->time, .type = SJ_ARRAY_INT64},
                    .channel = make_text(m, &c->channel, texts[2], n, NULL),
                    .value = {.data = c->value, .validity = c->has_value, .type = SJ_ARRAY_DOUBLE},
                    .attributes = c->attributes,
                    .n_attributes = 3};
}

/* A call that brings new names and fails at a row: nothing of it may be left. */
static void feed_badly(model *m, sj_builder *b, columns *c)
{
    int64_t positions[3] = {0, 0, INT64_C(1) << 40};
    const char *customers[3] = {"nobody", "nobody", "nothing"},
               *places[3] = {"nowhere", "anywhere", "somewhere"};
    double values[3] = {1, 2, 3};
    int64_t times[3] = {1, 2, 3};
    sj_events events = {.struct_size = sizeof events,
                        .n_events = 3,
                        .customer = {.data = customers, .type = SJ_ARRAY_STRINGS},
                        .touchpoint = {.data = places, .type = SJ_ARRAY_STRINGS},
                        .time = {.data = times, .type = SJ_ARRAY_INT64},
                        .channel = {.data = places, .type = SJ_ARRAY_STRINGS},
                        .value = {.data = values, .type = SJ_ARRAY_DOUBLE},
                        .attributes = &c->attributes[0],
                        .n_attributes = 1};
    sj_error error = {0};
    sj_status status = SJ_OK, wanted = SJ_ERR_VALUE;
    c->attributes[0] = (sj_column){.name = "device", .data = places, .type = SJ_ARRAY_STRINGS};
    switch (random_below(m, 4)) {
    case 0:
        values[2] = NAN;
        break;
    case 1:
        places[2] = "\xff";
        wanted = SJ_ERR_UTF8;
        break;
    case 2:
        customers[2] = "";
        wanted = SJ_ERR_NAME;
        break;
    default:
        events.touchpoint = (sj_column){.data = positions, .type = SJ_ARRAY_INT64};
        wanted = SJ_ERR_NAME;
        if (m->n_declared == 0) {
            positions[2] = 0;
        }
        break;
    }
    status = sj_builder_add_events(b, &events, &error);
    assert_int_equal(status, wanted);
    assert_int_equal(error.code, wanted);
    assert_int_equal(error.index,
                     events.touchpoint.type == SJ_ARRAY_INT64 && m->n_declared == 0 ? 0 : 2);
}

static void feed_plans(model *m, sj_builder *b)
{
    const char *customers[MOST_NAMES + 1], *plans[MOST_NAMES + 1];
    sj_column attribute = {.name = "plan", .data = plans, .type = SJ_ARRAY_STRINGS};
    sj_events events = {.struct_size = sizeof events,
                        .customer = {.data = customers, .type = SJ_ARRAY_STRINGS},
                        .attributes = &attribute,
                        .n_attributes = 1};
    for (int i = 0; i < m->n_customers; i++) {
        customers[i] = m->customer[i];
        plans[i] = m->device[random_below(m, DEVICES)]; /* overwritten below */
        plans[i] = m->plan[i] == NONE ? NULL : plans[i];
    }
    customers[m->n_customers] = "without events";
    plans[m->n_customers] = "no plan of anybody";
    events.n_events = (size_t)m->n_customers + 1;
    MUST(sj_builder_set_customers(b, &events, error));
    for (int i = 0; i < m->n_customers; i++) {
        plans[i] = m->plan[i] == NONE ? NULL : m->device[m->plan[i]];
    }
    MUST(sj_builder_set_customers(b, &events, error));
}

static sj_builder *new_builder(const model *m, int drop)
{
    sj_builder_options options = {
        .struct_size = sizeof options, .ties = m->ties, .drop_doubles = drop};
    sj_builder *b;
    MUST(sj_builder_new(&options, &b, error));
    feed_map(m, b);
    return b;
}

static void feed_rows(model *m, sj_builder *b, columns *c, int from, int n)
{
    int how = random_below(m, 3);
    if (how == 0) {
        for (int i = 0; i < n; i++) {
            feed_event(m, b, &m->rows[from + i]);
        }
    } else if (how == 1 && n > 0) {
        make_columns(m, c, from, n);
        MUST(sj_builder_add_events(b, &c->events, error));
    } else {
        sj_builder *other = new_builder(m, 0);
        sj_graph *graph;
        make_columns(m, c, from, n);
        MUST(sj_builder_add_events(other, &c->events, error));
        MUST(sj_builder_build(other, NULL, &graph, error));
        MUST(sj_builder_add_graph(b, graph, error));
        sj_builder_free(other);
        sj_graph_free(graph);
    }
}

static sj_graph *build(model *m)
{
    columns *c = malloc(sizeof *c);
    sj_builder *b = new_builder(m, m->drop);
    sj_graph *graph;
    assert_non_null(c);
    for (int from = 0; from < m->n_rows;) {
        int n = 1 + random_below(m, m->n_rows - from);
        feed_rows(m, b, c, from, n);
        from += n;
        if (random_below(m, 2)) {
            feed_badly(m, b, c);
        }
    }
    feed_plans(m, b);
    MUST(sj_builder_build(b, NULL, &graph, error));
    sj_builder_free(b);
    free(c);
    return graph;
}

/* ---------------------------------------------------------------------------------- comparing --
 */

static int number_of(const int *list, int n, int what)
{
    for (int i = 0; i < n; i++) {
        if (list[i] == what) {
            return i;
        }
    }
    return NONE;
}

static void compare_vocabulary(const model *m, const sj_graph *g)
{
    char stage[NAME];
    assert_int_equal(sj_graph_count(g, SJ_KIND_TOUCHPOINTS), m->n_shown);
    assert_int_equal(sj_graph_count(g, SJ_KIND_CHANNELS), m->n_channels);
    assert_int_equal(sj_graph_count(g, SJ_KIND_STAGES), STAGES);
    assert_int_equal(sj_graph_count(g, SJ_KIND_ATTRIBUTES), 4);
    assert_true(sj_graph_count(g, SJ_KIND_BYTES) > 0);
    for (int i = 0; i < m->n_shown; i++) {
        const touchpoint *t = &m->touchpoint[m->shown[i]];
        uint64_t channel = t->channel == NONE
                               ? SJ_NONE
                               : (uint64_t)number_of(m->channels, m->n_channels, t->channel);
        assert_string_equal(sj_graph_name(g, SJ_KIND_TOUCHPOINTS, (uint64_t)i), t->name);
        assert_int_equal(sj_graph_find(g, SJ_KIND_TOUCHPOINTS, t->name), i);
        assert_true(sj_graph_stage(g, (uint64_t)i) ==
                    (t->stage == NONE ? SJ_NONE : (uint64_t)t->stage));
        assert_true(sj_graph_channel(g, (uint64_t)i) == channel);
    }
    for (int i = 0; i < m->n_channels; i++) {
        assert_string_equal(sj_graph_name(g, SJ_KIND_CHANNELS, (uint64_t)i),
                            m->channel[m->channels[i]]);
    }
    for (int i = 0; i < STAGES; i++) {
        write_name(stage, "stage", i);
        assert_int_equal(sj_graph_find(g, SJ_KIND_STAGES, stage), i);
    }
    assert_true(sj_graph_find(g, SJ_KIND_TOUCHPOINTS, "nowhere") == SJ_NONE);
    assert_true(sj_graph_find(g, SJ_KIND_CUSTOMERS, "nobody") == SJ_NONE);
    assert_null(sj_graph_name(g, SJ_KIND_TOUCHPOINTS, (uint64_t)m->n_shown));
}

static void compare_journeys(const model *m, const sj_graph *g)
{
    uint64_t events = 0;
    sj_moment moment;
    assert_int_equal(sj_graph_count(g, SJ_KIND_CUSTOMERS), m->n_order);
    for (int c = 0; c < m->n_order; c++) {
        const char *key = m->customer[m->order[c]];
        assert_string_equal(sj_graph_name(g, SJ_KIND_CUSTOMERS, (uint64_t)c), key);
        assert_int_equal(sj_graph_find(g, SJ_KIND_CUSTOMERS, key), c);
        assert_int_equal(sj_graph_length(g, (uint64_t)c), m->length[c]);
        for (int i = 0; i < m->length[c]; i++) {
            const row *r = m->journey[c][i];
            int channel = channel_of(m, r);
            assert_int_equal(sj_graph_event(g, (uint64_t)c, (uint64_t)i, &moment), 1);
            assert_true(moment.time == r->time);
            assert_int_equal(moment.touchpoint, number_of(m->shown, m->n_shown, r->touchpoint));
            assert_true(moment.channel ==
                        (channel == NONE
                             ? SJ_NONE
                             : (uint64_t)number_of(m->channels, m->n_channels, channel)));
            assert_int_equal(moment.has_value, r->has_value);
            assert_true(moment.value == (r->has_value ? (double)r->value / 1e6 : 0));
        }
        assert_int_equal(sj_graph_event(g, (uint64_t)c, (uint64_t)m->length[c], &moment), 0);
        events += (uint64_t)m->length[c];
    }
    assert_int_equal(sj_graph_count(g, SJ_KIND_EVENTS), events);
}

static int expects(const model *m, int from, int to, int walked, double *share)
{
    int s = m->touchpoint[from].stage, t = m->touchpoint[to].stage, stages = 0, found = 0;
    *share = 0;
    for (int i = 0; i < m->n_expected; i++) {
        const expected *e = &m->expected[i];
        stages |= e->of_stages;
        if (!e->of_stages && e->from == from && e->to == to) {
            found = 1;
            *share = e->share;
        }
        found |= e->of_stages && walked && s == e->from && t == e->to;
    }
    return found || (stages && walked && (s == t || s == NONE || t == NONE));
}

static void compare_transition(const model *m, const sj_graph *g, int i, int j, uint64_t *place)
{
    long double dwell = 0;
    uint64_t count = 0;
    double share;
    sj_transition edge, at;
    for (int c = 0; c < m->n_order; c++) {
        for (int k = 1; k < m->length[c]; k++) {
            const row *x = m->journey[c][k - 1], *y = m->journey[c][k];
            if (x->touchpoint == m->shown[i] && y->touchpoint == m->shown[j]) {
                count++;
                dwell += (long double)((uint64_t)y->time - (uint64_t)x->time);
            }
        }
    }
    if (!count && !expects(m, m->shown[i], m->shown[j], 0, &share)) {
        assert_int_equal(sj_graph_transition(g, (uint64_t)i, (uint64_t)j, &edge), 0);
        return;
    }
    assert_int_equal(sj_graph_transition(g, (uint64_t)i, (uint64_t)j, &edge), 1);
    assert_int_equal(sj_graph_transition_at(g, (uint64_t)i, (*place)++, &at), 1);
    assert_memory_equal(&edge, &at, sizeof at);
    assert_int_equal(edge.from, i);
    assert_int_equal(edge.to, j);
    assert_int_equal(edge.count, count);
    assert_int_equal(edge.expected, expects(m, m->shown[i], m->shown[j], count > 0, &share));
    assert_true(edge.expected_share == share);
    assert_true(edge.dwell_mean == (count ? (double)(dwell / (long double)count) : 0));
}

static void compare_transitions(const model *m, const sj_graph *g)
{
    for (int i = 0; i < m->n_shown; i++) {
        uint64_t place = 0;
        for (int j = 0; j < m->n_shown; j++) {
            compare_transition(m, g, i, j, &place);
        }
        assert_int_equal(sj_graph_transitions(g, (uint64_t)i), place);
    }
}

static void compare(const model *m, const sj_graph *g)
{
    MUST(sj_graph_check(g, error));
    compare_vocabulary(m, g);
    compare_journeys(m, g);
    compare_transitions(m, g);
}

/* ---------------------------------------------------------------------------------- selecting --
 */

/* A condition, and the rows that meet it. */
static const char *random_condition(model *m, char *text, uint8_t *met)
{
    int kind = random_below(m, 7), d = random_below(m, DEVICES);
    for (int i = 0; i < m->n_rows; i++) {
        const row *r = &m->rows[i];
        met[i] = kind == 0   ? r->device == d
                 : kind == 1 ? r->has_value && r->value >= 250000
                 : kind == 2 ? r->has_load && r->load == 0
                 : kind == 3 ? r->has_weight && r->weight > -0.25
                 : kind == 4 ? r->touchpoint == 0
                 : kind == 5 ? channel_of(m, r) == d
                             : m->plan[r->customer] == d;
    }
    strcpy(text, kind == 0   ? "device = '"
                 : kind == 1 ? "value >= 0.25"
                 : kind == 2 ? "load = 0"
                 : kind == 3 ? "weight > -0.25"
                 : kind == 4 ? "touchpoint = '"
                 : kind == 5 ? "channel = '"
                             : "plan = '");
    if (kind == 0 || kind == 4 || kind == 5 || kind == 6) {
        strcat(text, kind == 4 ? m->touchpoint[0].name : kind == 5 ? m->channel[d] : m->device[d]);
        strcat(text, "'");
    }
    if ((kind == 4 && number_of(m->shown, m->n_shown, 0) == NONE) ||
        (kind == 5 && number_of(m->channels, m->n_channels, d) == NONE)) {
        return NULL; /* a name that the graph does not know */
    }
    return text;
}

static void select_at_random(model *m, const sj_graph *g)
{
    char texts[2][64];
    uint8_t met[2][MOST_ROWS + 1], keep[MOST_ROWS + 1];
    uint64_t list[2][MOST_NAMES];
    int64_t from = m->n_rows ? m->rows[0].time : 0,
            to = m->n_rows ? m->rows[m->n_rows / 2].time : 0;
    sj_selection s = {.struct_size = sizeof s};
    sj_graph *smaller;
    int drop = m->drop;
    s.events = random_below(m, 2) ? random_condition(m, texts[0], met[0]) : NULL;
    s.customers = random_below(m, 2) ? random_condition(m, texts[1], met[1]) : NULL;
    s.from = random_below(m, 3) ? NULL : &from;
    s.to = random_below(m, 3) || (s.from && to < from) ? NULL : &to;
    s.include = random_below(m, 2) ? list[0] : NULL;
    s.exclude = random_below(m, 2) ? list[1] : NULL;
    for (int k = 0; s.include && m->n_order && k < random_below(m, MOST_NAMES); k++) {
        list[0][s.n_include++] = (uint64_t)random_below(m, m->n_order);
    }
    for (int k = 0; s.exclude && m->n_order && k < random_below(m, MOST_NAMES / 2); k++) {
        list[1][s.n_exclude++] = (uint64_t)random_below(m, m->n_order);
    }
    MUST(sj_graph_select(g, &s, NULL, &smaller, error));
    memset(keep, 0, sizeof keep);
    for (int c = 0; c < m->n_order; c++) {
        int wanted = s.customers == NULL, listed = s.include == NULL;
        for (size_t k = 0; k < s.n_include; k++) {
            listed |= list[0][k] == (uint64_t)c;
        }
        for (size_t k = 0; k < s.n_exclude; k++) {
            listed &= list[1][k] != (uint64_t)c;
        }
        for (int i = 0; s.customers && i < m->length[c]; i++) {
            wanted |= met[1][m->journey[c][i] - m->rows];
        }
        for (int i = 0; wanted && listed && i < m->length[c]; i++) {
            ptrdiff_t r = m->journey[c][i] - m->rows;
            keep[r] = (!s.events || met[0][r]) && (!s.from || m->rows[r].time >= from) &&
                      (!s.to || m->rows[r].time < to);
        }
    }
    m->drop = 0; /* what is kept has been dropped from already */
    order_rows(m, keep);
    compare(m, smaller);
    m->drop = drop;
    order_rows(m, NULL);
    sj_graph_free(smaller);
}

/* -------------------------------------------------------------------------------------- tests --
 */

static void run_seeds(uint64_t first, int n)
{
    model *m = malloc(sizeof *m);
    assert_non_null(m);
    for (uint64_t seed = first; seed < first + (uint64_t)n; seed++) {
        sj_graph *g;
        make_model(m, seed * 7919);
        g = build(m);
        number_names(m);
        order_rows(m, NULL);
        compare(m, g);
        for (int i = 0; i < 4; i++) {
            select_at_random(m, g);
        }
        sj_graph_free(g);
    }
    free(m);
}

static void a_graph_is_what_its_rows_say(void **state)
{
    (void)state;
    run_seeds(1, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_graph_is_what_its_rows_say)};
    return cmocka_run_group_tests_name("graph_oracle", tests, NULL, NULL);
}
