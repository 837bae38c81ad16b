/* Conditions: a unit (unit.c) for the text, and the truth of events under it.
 *
 * Compiling gives a unit for the text and one for each micro-conversion that it needs, in the order
 * of their numbers: one may name only earlier ones, so each is judged once per event and none
 * recursively.  What the touchpoint alone decides is worked out for every touchpoint beforehand:
 * O(touchpoints · nodes), a byte each. */
#include "journey/condition.h"

#include <string.h>

#include "journey/predicate.h"

struct sj__condition {
    sj_allocator allocator;
    const sj__map *map;
    sj__unit unit;
    sj__unit *conversion; /* by number; those that are needed */
    uint8_t *needed;      /* by number */
    uint32_t n_conversions;
    int32_t needs_any;
    uint8_t *verdict; /* by touchpoint */
    uint32_t n_touchpoints;
    int32_t kind;
    uint32_t number;
    sj__text text;
    char *name;
};

/* Marks the micro-conversions that a unit's tests ask about. */
static void condition_mark(const sj__unit *unit, uint8_t *needed)
{
    for (uint32_t i = 0; i < unit->predicate.n_tests; i++) {
        const sj__test *test = &unit->test[i];
        const int named = test->op == SJ__OP_EQUAL || test->op == SJ__OP_IN;
        if (test->column != SJ__COLUMN_CONVERSION)
            continue;
        for (size_t k = 0; named && k < test->n_set; k++)
            needed[test->set[k]] = 1;
        if (!named && test->visible)
            memset(needed, 1, test->visible);
    }
}

static sj_status condition_compile_needed(sj__condition *condition, sj_error *error)
{
    const sj_allocator *a = &condition->allocator;
    const uint32_t n = condition->n_conversions;
    sj_status status = SJ_OK;
    condition->needed = sj__alloc_zeroed(a, n, 1);
    condition->conversion = sj__alloc_zeroed(a, n, sizeof *condition->conversion);
    if (!condition->needed || !condition->conversion)
        return sj__fail_nomem(error);
    condition_mark(&condition->unit, condition->needed);
    for (uint32_t i = n; !status && i-- > 0;) {
        if (!condition->needed[i])
            continue;
        condition->needs_any = 1;
        status =
            sj__unit_compile_conversion(&condition->conversion[i], condition->map, i, a, error);
        if (!status)
            condition_mark(&condition->conversion[i], condition->needed);
    }
    return status;
}

/* Judges the micro-conversions in the order of their numbers, then the condition itself. */
static int condition_judge_all(const sj__condition *condition, sj__evidence *evidence)
{
    uint8_t truth[SJ__LIMIT_CONVERSIONS];
    evidence->conversions = truth;
    for (uint32_t i = 0; i < condition->n_conversions; i++) {
        if (condition->needed[i])
            truth[i] = (uint8_t)sj__unit_truth(&condition->conversion[i], evidence);
    }
    return sj__unit_truth(&condition->unit, evidence);
}

/* Most conditions need no micro-conversion, and no room for the truth of any. */
static int condition_judge(const sj__condition *condition, sj__evidence *evidence)
{
    return condition->needs_any ? condition_judge_all(condition, evidence)
                                : sj__unit_truth(&condition->unit, evidence);
}

static sj_status condition_judge_touchpoints(sj__condition *condition, sj_error *error)
{
    condition->n_touchpoints = condition->map->touchpoints.count;
    condition->verdict = sj__alloc(&condition->allocator, condition->n_touchpoints, 1);
    if (!condition->verdict)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < condition->n_touchpoints; t++) {
        sj__evidence evidence = {.touchpoint = t};
        condition->verdict[t] = (uint8_t)condition_judge(condition, &evidence);
    }
    return SJ_OK;
}

/* Whether the whole is one name. */
static void condition_set_kind(sj__condition *condition)
{
    const sj__node *root = &condition->unit.predicate.node[condition->unit.predicate.root];
    const sj__test *test = NULL;
    if (root->kind != SJ__NODE_TEST)
        return;
    test = &condition->unit.test[root->test];
    if (test->op != SJ__OP_EQUAL)
        return;
    condition->kind = test->column == SJ__COLUMN_TOUCHPOINT   ? SJ__IS_TOUCHPOINT
                      : test->column == SJ__COLUMN_CONVERSION ? SJ__IS_CONVERSION
                      : test->column == SJ__COLUMN_STAGE      ? SJ__IS_STAGE
                                                              : SJ__IS_PREDICATE;
    if (condition->kind != SJ__IS_PREDICATE)
        condition->number = (uint32_t)test->set[0];
}

static sj_status condition_set_texts(sj__condition *condition, const char *text, sj_error *error)
{
    const sj__unit *unit = &condition->unit;
    condition->name = sj__copy_text(&condition->allocator, text + unit->name_at, unit->n_name);
    if (!condition->name)
        return sj__fail_nomem(error);
    sj__unit_write(unit, condition->map, &condition->text);
    return sj__text_status(&condition->text, error);
}

sj_status sj__condition_compile(const sj__map *map, const char *text, size_t n,
                                const sj_allocator *allocator, sj__condition **out, sj_error *error)
{
    sj__condition *condition = sj__alloc_zeroed(allocator, 1, sizeof *condition);
    sj_status status = SJ_OK;
    *out = NULL;
    if (!condition)
        return sj__fail_nomem(error);
    condition->allocator = *allocator;
    condition->map = map;
    condition->n_conversions = map->conversions.count;
    sj__text_init(&condition->text, &condition->allocator);
    if ((status = sj__unit_compile(&condition->unit, map, condition->n_conversions, text, n,
                                   &condition->allocator, error)) ||
        (status = condition_compile_needed(condition, error)) ||
        (status = condition_judge_touchpoints(condition, error)) ||
        (status = condition_set_texts(condition, text, error))) {
        sj__condition_free(condition);
        return status;
    }
    condition_set_kind(condition);
    *out = condition;
    return SJ_OK;
}

sj_status sj__condition_of_conversion(const sj__map *map, uint32_t number,
                                      const sj_allocator *allocator, sj__condition **out,
                                      sj_error *error)
{
    size_t n = 0;
    const char *name = sj__intern_name(&map->conversions, number, &n);
    sj__text text;
    sj_status status = SJ_OK;
    *out = NULL;
    sj__text_init(&text, allocator);
    sj__text_add(&text, "conversion = ");
    sj__text_quoted(&text, name, n, '\'');
    status = sj__text_status(&text, error);
    if (!status)
        status = sj__condition_compile(map, sj__text_data(&text), text.size, allocator, out, error);
    sj__text_free(&text);
    return status;
}

void sj__condition_free(sj__condition *condition)
{
    sj_allocator a;
    size_t n_name = 0;
    if (!condition)
        return;
    a = condition->allocator;
    n_name = condition->unit.n_name;
    sj__unit_free(&condition->unit);
    for (uint32_t i = 0; condition->conversion && i < condition->n_conversions; i++)
        sj__unit_free(&condition->conversion[i]);
    sj__free(&a, condition->conversion, condition->n_conversions, sizeof *condition->conversion);
    sj__free(&a, condition->needed, condition->n_conversions, 1);
    sj__free(&a, condition->verdict, condition->n_touchpoints, 1);
    sj__free(&a, condition->name, n_name + 1, 1);
    sj__text_free(&condition->text);
    sj__free(&a, condition, 1, sizeof *condition);
}

int sj__condition_verdict(const sj__condition *condition, uint32_t touchpoint)
{
    return condition->verdict[touchpoint];
}

int sj__condition_met(const sj__condition *condition, const sj_graph *graph, uint64_t customer,
                      uint64_t event)
{
    const uint32_t touchpoint = sj__graph_touchpoint(graph, event);
    sj__evidence evidence = {
        .graph = graph, .customer = customer, .event = event, .touchpoint = touchpoint};
    const int verdict = condition->verdict[touchpoint];
    return verdict == SJ__LOOK ? condition_judge(condition, &evidence) : verdict;
}

const char *sj__condition_text(const sj__condition *condition)
{
    return sj__text_data(&condition->text);
}

const char *sj__condition_name(const sj__condition *condition)
{
    return condition->name;
}

int sj__condition_kind(const sj__condition *condition, uint32_t *number)
{
    if (number)
        *number = condition->number;
    return condition->kind;
}
