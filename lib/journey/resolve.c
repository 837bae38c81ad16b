/* Tests resolved against a map: the column found, each literal read as the column's type.
 *
 * Names become codes and tests of touchpoint and stage a bit per touchpoint.  Whole numbers are
 * compared with decimal literals exactly: n < 2.5 is n <= 2, and a literal beyond int64 bounds all
 * numbers or none.  O(literals · log). */
#include "journey/predicate.h"

#include <string.h>

#include "base/bitmap.h"
#include "base/number.h"
#include "base/sort.h"
#include "base/time.h"
#include "base/utf8.h"

/* What a test is resolved with; `text` holds spellings, one at a time. */
typedef struct resolve_frame {
    sj__test *out;
    const sj__map *map;
    const sj__predicate *predicate;
    const sj__node *node;
    const sj_allocator *allocator;
    sj__text *text;
    sj_error *error;
} resolve_frame;

typedef struct resolve_column {
    const char *name;
    int32_t column;
} resolve_column;

static const resolve_column resolve_columns[] = {{"touchpoint", SJ__COLUMN_TOUCHPOINT},
                                                 {"stage", SJ__COLUMN_STAGE},
                                                 {"channel", SJ__COLUMN_CHANNEL},
                                                 {"conversion", SJ__COLUMN_CONVERSION},
                                                 {"customer", SJ__COLUMN_CUSTOMER},
                                                 {"value", SJ__COLUMN_VALUE},
                                                 {"time", SJ__COLUMN_TIME}};

enum { RESOLVE_COLUMNS = sizeof resolve_columns / sizeof *resolve_columns };

int32_t sj__column_find(const char *name)
{
    for (size_t i = 0; i < RESOLVE_COLUMNS; i++) {
        if (strcmp(resolve_columns[i].name, name) == 0)
            return resolve_columns[i].column;
    }
    return -1;
}

const char *sj__column_name(int32_t column)
{
    for (size_t i = 0; i < RESOLVE_COLUMNS; i++) {
        if (resolve_columns[i].column == column)
            return resolve_columns[i].name;
    }
    return NULL;
}

/* An attribute that there is not; perhaps one of our columns was meant. */
static sj_status resolve_unknown(const resolve_frame *frame, const char *name, size_t n)
{
    const sj__word *word = &frame->node->column;
    const sj__place place = {.index = (int64_t)word->at};
    const size_t limit = n / 3 ? n / 3 : 1;
    const int near = sj__intern_nearest(&frame->map->attributes, name, n) != NULL;
    char text[SJ__SHORT_NAME];
    for (size_t i = 0; !near && i < RESOLVE_COLUMNS; i++) {
        const char *column = resolve_columns[i].name;
        if (sj__text_distance(name, n, column, strlen(column), limit + 1) > limit)
            continue;
        sj__map_shorten(text, name, n);
        return sj__fail_at(frame->error, SJ_ERR_NAME, place,
                           "unknown attribute %q; the nearest known column is %s", text, column);
    }
    return sj__map_unknown(&frame->map->attributes, "attribute", name, n, place, frame->error);
}

static sj_status resolve_find_column(const resolve_frame *frame)
{
    const sj__word *word = &frame->node->column;
    const char *name = sj__predicate_word(frame->predicate, word);
    sj__test *out = frame->out;
    const sj__map_attribute *row = NULL;
    out->column = word->quoted ? -1 : sj__column_find(name);
    if (out->column >= 0)
        return SJ_OK;
    out->attribute = sj__intern_find(&frame->map->attributes, name, word->size);
    if (out->attribute == SJ__ABSENT)
        return resolve_unknown(frame, name, word->size);
    row = &frame->map->attribute[out->attribute];
    out->of_customers = row->of_customers;
    out->column = row->type == SJ_ATTRIBUTE_CATEGORY  ? SJ__COLUMN_CATEGORY
                  : row->type == SJ_ATTRIBUTE_INTEGER ? SJ__COLUMN_INTEGER
                                                      : SJ__COLUMN_REAL;
    return SJ_OK;
}

/* ------------------------------------------------------------------------------------- literals --
 */

static sj_status resolve_wrong(const resolve_frame *frame, const sj__word *literal,
                               const char *sentence)
{
    return sj__fail_at(frame->error, SJ_ERR_CONDITION, (sj__place){.index = (int64_t)literal->at},
                       "at byte %u of the condition: %s", (uint64_t)literal->at, sentence);
}

static sj_status resolve_add(const resolve_frame *frame, int64_t x)
{
    sj__test *out = frame->out;
    const sj_status status =
        sj__grow(frame->allocator, &out->set, &out->set_capacity, out->n_set + 1, frame->error);
    if (!status)
        out->set[out->n_set++] = x;
    return status;
}

/* A whole number: a member of the set, or a bound made inclusive. */
static sj_status resolve_use_whole(const resolve_frame *frame, sj__whole w)
{
    sj__test *out = frame->out;
    const int upward = out->op == SJ__OP_GREATER || out->op == SJ__OP_GREATER_EQUAL;
    const int strict = out->op == SJ__OP_LESS || out->op == SJ__OP_GREATER;
    out->low = INT64_MIN;
    out->high = INT64_MAX;
    if (out->op < SJ__OP_LESS || out->op > SJ__OP_GREATER_EQUAL)
        return w.beyond || w.fraction ? SJ_OK : resolve_add(frame, w.floor);
    if (w.beyond) {
        out->empty = upward == (w.beyond > 0);
    } else if (upward && (strict || w.fraction)) {
        out->empty = w.floor == INT64_MAX;
        out->low = out->empty ? w.floor : w.floor + 1;
    } else if (upward) {
        out->low = w.floor;
    } else if (strict && !w.fraction) {
        out->empty = w.floor == INT64_MIN;
        out->high = out->empty ? w.floor : w.floor - 1;
    } else {
        out->high = w.floor;
    }
    return SJ_OK;
}

static sj_status resolve_real(const resolve_frame *frame, const sj__word *literal)
{
    double x = 0;
    if (sj__read_real(sj__text_data(frame->text), frame->text->size, &x) != SJ__READ_OK)
        return resolve_wrong(frame, literal, "no real number is that large");
    frame->out->real = x;
    sj__text_free(frame->text);
    sj__text_real(frame->text, x);
    return resolve_add(frame, sj__test_bits(x));
}

static sj_status resolve_value(const resolve_frame *frame, const sj__word *literal)
{
    sj__whole w = {0};
    if (sj__read_fixed6(sj__text_data(frame->text), frame->text->size, &w.floor) != SJ__READ_OK)
        return resolve_wrong(frame, literal, "no value is that large: they lie within ±9.2e12");
    sj__text_free(frame->text);
    sj__text_fixed6(frame->text, w.floor);
    return resolve_use_whole(frame, w);
}

static sj_status resolve_number(const resolve_frame *frame, const sj__word *literal)
{
    const char *s = sj__predicate_word(frame->predicate, literal);
    sj__decimal decimal = {0};
    sj_status status = SJ_OK;
    if (literal->quoted)
        return resolve_wrong(frame, literal,
                             "this column holds numbers; write the number without quotes");
    if (SJ__NEVER(!sj__decimal_read(s, literal->size, &decimal)))
        return resolve_wrong(frame, literal, "this is no number");
    sj__decimal_write(&decimal, frame->text);
    if ((status = sj__text_status(frame->text, frame->error)))
        return status;
    if (frame->out->column == SJ__COLUMN_REAL)
        return resolve_real(frame, literal);
    if (frame->out->column == SJ__COLUMN_VALUE)
        return resolve_value(frame, literal);
    return resolve_use_whole(frame, sj__decimal_whole(&decimal));
}

static sj_status resolve_time(const resolve_frame *frame, const sj__word *literal)
{
    const char *s = sj__predicate_word(frame->predicate, literal);
    sj__whole w = {0};
    int cut = 0;
    if (!literal->quoted)
        return resolve_wrong(frame, literal,
                             "a time is ISO text in single quotes, as in '2026-03-04T05:06:07Z'");
    if (sj__read_time(s, literal->size, 0, &w.floor, &cut) != SJ__READ_OK)
        return resolve_wrong(frame, literal,
                             "this is no time; write it as in '2026-03-04T05:06:07Z'");
    if (cut)
        return resolve_wrong(frame, literal,
                             "times are exact to the microsecond; write at most six digits");
    sj__text_time(frame->text, w.floor);
    return resolve_use_whole(frame, w);
}

/* Names that must be known, and the words for what they name. */
static const sj__intern *resolve_names(const resolve_frame *frame, const char **what)
{
    switch (frame->out->column) {
    case SJ__COLUMN_TOUCHPOINT:
        *what = "touchpoint";
        return &frame->map->touchpoints;
    case SJ__COLUMN_STAGE:
        *what = "stage";
        return &frame->map->stages;
    case SJ__COLUMN_CHANNEL:
        *what = "channel";
        return &frame->map->channels;
    default:
        *what = "micro-conversion";
        return &frame->map->conversions;
    }
}

static sj_status resolve_code(const resolve_frame *frame, const sj__word *literal, const char *s)
{
    const sj__place place = {.index = (int64_t)literal->at};
    const sj__test *out = frame->out;
    const char *what = NULL;
    const sj__intern *names = NULL;
    uint32_t code = 0;
    if (out->column == SJ__COLUMN_CUSTOMER)
        return SJ_OK;
    if (out->column == SJ__COLUMN_CATEGORY) {
        code = sj__intern_find(&frame->map->attribute[out->attribute].values, s, literal->size);
        return code == SJ__ABSENT ? SJ_OK : resolve_add(frame, code);
    }
    names = resolve_names(frame, &what);
    code = sj__intern_find(names, s, literal->size);
    if (code == SJ__ABSENT)
        return sj__map_unknown(names, what, s, literal->size, place, frame->error);
    if (out->column == SJ__COLUMN_CONVERSION && code >= out->visible)
        return sj__fail_at(frame->error, SJ_ERR_NAME, place,
                           "micro-conversion %q comes later; one may name only those before it",
                           sj__intern_name(names, code, NULL));
    return resolve_add(frame, code);
}

static sj_status resolve_category(const resolve_frame *frame, const sj__word *literal)
{
    const char *s = sj__predicate_word(frame->predicate, literal);
    if (!literal->quoted) {
        char text[SJ__SHORT_NAME];
        sj__map_shorten(text, s, literal->size);
        return sj__fail_at(frame->error, SJ_ERR_CONDITION,
                           (sj__place){.index = (int64_t)literal->at},
                           "at byte %u of the condition: this column holds names, not numbers; "
                           "write %q",
                           (uint64_t)literal->at, text);
    }
    sj__text_bytes(frame->text, s, literal->size);
    return resolve_code(frame, literal, s);
}

static sj_status resolve_literal(const resolve_frame *frame, const sj__word *literal)
{
    const int32_t column = frame->out->column;
    uint32_t number = 0;
    sj_status status = SJ_OK;
    sj__text_free(frame->text);
    status = column <= SJ__COLUMN_CATEGORY ? resolve_category(frame, literal)
             : column == SJ__COLUMN_TIME   ? resolve_time(frame, literal)
                                           : resolve_number(frame, literal);
    if (status || (status = sj__text_status(frame->text, frame->error)))
        return status;
    return sj__intern_add(&frame->out->spellings, sj__text_data(frame->text), frame->text->size,
                          &number, frame->error);
}

/* --------------------------------------------------------------------------------------- tests --
 */

static sj_status resolve_check_order(const resolve_frame *frame)
{
    const sj__word *word = &frame->node->column;
    char text[SJ__SHORT_NAME];
    if (frame->out->column > SJ__COLUMN_CATEGORY || frame->node->op < SJ__OP_LESS ||
        frame->node->op > SJ__OP_GREATER_EQUAL)
        return SJ_OK;
    sj__map_shorten(text, sj__predicate_word(frame->predicate, word), word->size);
    return sj__fail_at(frame->error, SJ_ERR_CONDITION, (sj__place){.index = (int64_t)word->at},
                       "at byte %u of the condition: %q holds names, which have no order; compare "
                       "it with =, !=, in or is null",
                       (uint64_t)word->at, text);
}

static sj_status resolve_sort(const resolve_frame *frame)
{
    sj__test *out = frame->out;
    const size_t n = out->n_set;
    sj__pair *pairs = NULL;
    if (n < 2)
        return SJ_OK;
    if (!(pairs = sj__alloc(frame->allocator, n, 2 * sizeof *pairs)))
        return sj__fail_nomem(frame->error);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (sj__pair){.key = sj__sort_key(out->set[i]), .number = i};
    sj__sort_pairs(pairs, pairs + n, n);
    for (size_t i = 0; i < n; i++)
        out->set[i] = (int64_t)(pairs[i].key ^ (UINT64_C(1) << 63));
    sj__free(frame->allocator, pairs, n, 2 * sizeof *pairs);
    return SJ_OK;
}

/* What a touchpoint alone decides, a bit per touchpoint. */
static sj_status resolve_touchpoints(const resolve_frame *frame)
{
    sj__test *out = frame->out;
    const uint32_t n = frame->map->touchpoints.count;
    if (out->column > SJ__COLUMN_STAGE)
        return SJ_OK;
    out->met_words = sj__bitmap_words(n);
    out->met = sj__alloc_zeroed(frame->allocator, out->met_words, sizeof *out->met);
    if (!out->met)
        return sj__fail_nomem(frame->error);
    for (uint32_t t = 0; t < n; t++) {
        const uint32_t code =
            out->column == SJ__COLUMN_TOUCHPOINT ? t : frame->map->touchpoint[t].stage;
        if (sj__test_meets(out, code != SJ__NO_ID, code))
            sj__bit_set(out->met, t);
    }
    return SJ_OK;
}

static sj_status resolve_test(const resolve_frame *frame)
{
    sj__test *out = frame->out;
    sj_status status = SJ_OK;
    if ((status = resolve_find_column(frame)) || (status = resolve_check_order(frame)))
        return status;
    for (size_t i = 0; !status && i < frame->node->n_literals; i++)
        status = resolve_literal(frame, &frame->predicate->literal[frame->node->literal + i]);
    if (status || (status = resolve_sort(frame)))
        return status;
    if (out->spellings.count == 1 && out->op == SJ__OP_IN)
        out->op = SJ__OP_EQUAL;
    if (out->spellings.count == 1 && out->op == SJ__OP_NOT_IN)
        out->op = SJ__OP_NOT_EQUAL;
    return resolve_touchpoints(frame);
}

sj_status sj__test_resolve(sj__test *out, const sj__map *map, uint32_t visible,
                           const sj__predicate *predicate, const sj__node *node, sj_error *error)
{
    sj__text text;
    const resolve_frame frame = {.out = out,
                                 .map = map,
                                 .predicate = predicate,
                                 .node = node,
                                 .allocator = predicate->allocator,
                                 .text = &text,
                                 .error = error};
    sj_status status = SJ_OK;
    *out = (sj__test){.op = node->op, .visible = visible};
    sj__intern_init(&out->spellings, frame.allocator);
    sj__text_init(&text, frame.allocator);
    status = resolve_test(&frame);
    sj__text_free(&text);
    return status;
}

void sj__test_free(sj__test *test, const sj_allocator *allocator)
{
    sj__free(allocator, test->set, test->set_capacity, sizeof *test->set);
    sj__free(allocator, test->met, test->met_words, sizeof *test->met);
    sj__intern_free(&test->spellings);
}
