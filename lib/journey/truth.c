/* The truth of a predicate for one event, in Kleene's three values: false, true, and "look", which
 * is what everything but touchpoint and stage gives where only the touchpoint is known.  With a
 * graph at hand "look" does not occur.
 *
 * A comparison with what is absent is false, != too; `not` turns false to true.  O(nodes + log of
 * each list). */
#include "journey/predicate.h"

#include <string.h>

#include "base/bitmap.h"
#include "journey/condition.h"

int64_t sj__test_bits(double x)
{
    int64_t bits = 0;
    if (x < 0 || x > 0)
        memcpy(&bits, &x, sizeof bits);
    return bits;
}

static int truth_has(const sj__test *test, int64_t x)
{
    size_t low = 0, high = test->n_set;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (test->set[middle] < x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < test->n_set && test->set[low] == x;
}

/* What a test with a set or with null says of a thing that is there or not, in the set or not. */
static int truth_of_set(int32_t op, int present, int member)
{
    switch (op) {
    case SJ__OP_IS_NULL:
        return !present;
    case SJ__OP_IS_NOT_NULL:
        return present;
    case SJ__OP_EQUAL:
    case SJ__OP_IN:
        return present && member;
    default:
        return present && !member;
    }
}

static int truth_is_order(int32_t op)
{
    return op >= SJ__OP_LESS && op <= SJ__OP_GREATER_EQUAL;
}

int sj__test_meets(const sj__test *test, int present, int64_t x)
{
    if (truth_is_order(test->op))
        return present && !test->empty && x >= test->low && x <= test->high;
    return truth_of_set(test->op, present, present && truth_has(test, x));
}

static int truth_of_real(const sj__test *test, int present, double x)
{
    const double bound = test->real;
    switch (test->op) {
    case SJ__OP_LESS:
        return present && x < bound;
    case SJ__OP_LESS_EQUAL:
        return present && x <= bound;
    case SJ__OP_GREATER:
        return present && x > bound;
    case SJ__OP_GREATER_EQUAL:
        return present && x >= bound;
    default: /* NaN equals nothing: no literal has its bits */
        return truth_of_set(test->op, present, present && truth_has(test, sj__test_bits(x)));
    }
}

/* ---------------------------------------------------------------------------- micro-conversions --
 */

static int truth_not(int x)
{
    return x == SJ__LOOK ? x : !x;
}

static int truth_or(int x, int y)
{
    if (x == SJ__ALWAYS_MET || y == SJ__ALWAYS_MET)
        return SJ__ALWAYS_MET;
    return x == SJ__LOOK || y == SJ__LOOK ? SJ__LOOK : SJ__NEVER_MET;
}

static int truth_and(int x, int y)
{
    return truth_not(truth_or(truth_not(x), truth_not(y)));
}

/* An event may meet several: = and in ask for any of them; != and not in for some, but none of
 * them. */
static int truth_of_conversions(const sj__test *test, const uint8_t *conversions)
{
    int some = SJ__NEVER_MET, named = SJ__NEVER_MET;
    for (size_t i = 0; i < test->n_set; i++)
        named = truth_or(named, conversions[test->set[i]]);
    if (test->op == SJ__OP_EQUAL || test->op == SJ__OP_IN)
        return named;
    for (uint32_t i = 0; i < test->visible; i++)
        some = truth_or(some, conversions[i]);
    if (test->op == SJ__OP_IS_NULL)
        return truth_not(some);
    return test->op == SJ__OP_IS_NOT_NULL ? some : truth_and(some, truth_not(named));
}

/* --------------------------------------------------------------------------------------- events --
 */

static int truth_of_customer(const sj__test *test, const sj__evidence *evidence)
{
    size_t n = 0;
    const char *key = sj__graph_key(evidence->graph, evidence->customer, &n);
    return truth_of_set(test->op, 1, sj__intern_find(&test->spellings, key, n) != SJ__ABSENT);
}

static int truth_of_attribute(const sj__test *test, const sj__evidence *evidence)
{
    const uint64_t row = test->of_customers ? evidence->customer : evidence->event;
    int64_t whole = 0;
    double real = 0;
    uint32_t code = 0;
    int present = 0;
    if (test->column == SJ__COLUMN_INTEGER) {
        present = sj__graph_integer(evidence->graph, test->attribute, row, &whole);
        return sj__test_meets(test, present, whole);
    }
    if (test->column == SJ__COLUMN_REAL) {
        present = sj__graph_real(evidence->graph, test->attribute, row, &real);
        return truth_of_real(test, present, real);
    }
    code = sj__graph_category(evidence->graph, test->attribute, row);
    return sj__test_meets(test, code != SJ__NO_ID, code);
}

/* Without a graph: what is false or true of every event. */
static int truth_unseen(const sj__test *test)
{
    const int always_there = test->column == SJ__COLUMN_CUSTOMER || test->column == SJ__COLUMN_TIME;
    const int wants_member = test->op == SJ__OP_EQUAL || test->op == SJ__OP_IN;
    if (always_there && (test->op == SJ__OP_IS_NULL || test->op == SJ__OP_IS_NOT_NULL))
        return test->op == SJ__OP_IS_NOT_NULL;
    if (test->column != SJ__COLUMN_CUSTOMER && wants_member && test->n_set == 0)
        return SJ__NEVER_MET;
    if (truth_is_order(test->op) && test->empty)
        return SJ__NEVER_MET;
    return SJ__LOOK;
}

static int truth_of_test(const sj__test *test, const sj__evidence *evidence)
{
    int64_t whole = 0;
    uint32_t code = 0;
    int present = 0;
    if (test->column <= SJ__COLUMN_STAGE)
        return sj__bit(test->met, evidence->touchpoint);
    if (test->column == SJ__COLUMN_CONVERSION)
        return truth_of_conversions(test, evidence->conversions);
    if (!evidence->graph)
        return truth_unseen(test);
    switch (test->column) {
    case SJ__COLUMN_CHANNEL:
        code = sj__graph_channel(evidence->graph, evidence->event);
        return sj__test_meets(test, code != SJ__NO_ID, code);
    case SJ__COLUMN_CUSTOMER:
        return truth_of_customer(test, evidence);
    case SJ__COLUMN_VALUE:
        present = sj__graph_value(evidence->graph, evidence->event, &whole);
        return sj__test_meets(test, present, whole);
    case SJ__COLUMN_TIME:
        whole = sj__graph_time(evidence->graph, evidence->customer, evidence->event);
        return sj__test_meets(test, 1, whole);
    default:
        return truth_of_attribute(test, evidence);
    }
}

static int truth_of_node(const sj__unit *unit, uint32_t number, const sj__evidence *evidence)
{
    const sj__node *node = &unit->predicate.node[number];
    const int decided = node->kind == SJ__NODE_OR ? SJ__ALWAYS_MET : SJ__NEVER_MET;
    int out = !decided;
    if (node->kind == SJ__NODE_TEST)
        return truth_of_test(&unit->test[node->test], evidence);
    if (node->kind == SJ__NODE_NOT)
        return truth_not(truth_of_node(unit, node->child, evidence));
    for (uint32_t i = node->child; i != SJ__NO_NODE && out != decided;
         i = unit->predicate.node[i].next) {
        const int part = truth_of_node(unit, i, evidence);
        out = node->kind == SJ__NODE_OR ? truth_or(out, part) : truth_and(out, part);
    }
    return out;
}

int sj__unit_truth(const sj__unit *unit, const sj__evidence *evidence)
{
    return truth_of_node(unit, unit->predicate.root, evidence);
}
