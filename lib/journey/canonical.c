/* Canonical text of a condition: one spelling for all that differ in blanks, case of keywords,
 * quotes, needless parentheses, or in how a literal or a list is written.  It compiles back to
 * itself. */
#include "journey/predicate.h"

static void canonical_write_column(const sj__test *test, const sj__map *map, sj__text *text)
{
    const char *name = sj__column_name(test->column);
    size_t n = 0;
    if (name) {
        sj__text_add(text, name);
        return;
    }
    name = sj__intern_name(&map->attributes, test->attribute, &n);
    if (sj__predicate_is_bare(name, n) && !sj__predicate_is_keyword(name, n) &&
        sj__column_find(name) < 0) {
        sj__text_bytes(text, name, n);
    } else {
        sj__text_quoted(text, name, n, '"');
    }
}

static void canonical_write_literal(const sj__test *test, uint32_t i, sj__text *text)
{
    size_t n = 0;
    const char *spelling = sj__intern_name(&test->spellings, i, &n);
    if (test->column <= SJ__COLUMN_CATEGORY || test->column == SJ__COLUMN_TIME) {
        sj__text_quoted(text, spelling, n, '\'');
    } else {
        sj__text_bytes(text, spelling, n);
    }
}

static void canonical_write_list(const sj__test *test, sj__text *text)
{
    const uint32_t n = test->spellings.count;
    const sj_allocator *a = text->allocator;
    uint32_t *order = sj__alloc(a, n, sizeof *order);
    if (!order || sj__intern_order(&test->spellings, order, NULL)) {
        text->failed = 1;
        goto out;
    }
    for (uint32_t i = 0; i < n; i++) {
        sj__text_add(text, i ? ", " : "(");
        canonical_write_literal(test, order[i], text);
    }
    sj__text_char(text, ')');
out:
    sj__free(a, order, n, sizeof *order);
}

static void canonical_write_test(const sj__test *test, const sj__map *map, sj__text *text)
{
    static const char *const signs[] = {" = ", " != ", " < ", " <= ", " > ", " >= "};
    canonical_write_column(test, map, text);
    switch (test->op) {
    case SJ__OP_IS_NULL:
        sj__text_add(text, " is null");
        break;
    case SJ__OP_IS_NOT_NULL:
        sj__text_add(text, " is not null");
        break;
    case SJ__OP_IN:
    case SJ__OP_NOT_IN:
        sj__text_add(text, test->op == SJ__OP_IN ? " in " : " not in ");
        canonical_write_list(test, text);
        break;
    default:
        sj__text_add(text, signs[test->op]);
        canonical_write_literal(test, 0, text);
    }
}

static void canonical_write_node(const sj__unit *unit, uint32_t number, const sj__map *map,
                                 sj__text *text);

/* In parentheses where the part binds less than what stands around it. */
static void canonical_write_part(const sj__unit *unit, uint32_t number, int32_t around,
                                 const sj__map *map, sj__text *text)
{
    const int32_t kind = unit->predicate.node[number].kind;
    const int open = around == SJ__NODE_NOT ? kind != SJ__NODE_TEST
                                            : around == SJ__NODE_AND && kind == SJ__NODE_OR;
    sj__text_add(text, open ? "(" : "");
    canonical_write_node(unit, number, map, text);
    sj__text_add(text, open ? ")" : "");
}

static void canonical_write_node(const sj__unit *unit, uint32_t number, const sj__map *map,
                                 sj__text *text)
{
    const sj__node *node = &unit->predicate.node[number];
    if (node->kind == SJ__NODE_TEST) {
        canonical_write_test(&unit->test[node->test], map, text);
        return;
    }
    if (node->kind == SJ__NODE_NOT)
        sj__text_add(text, "not ");
    for (uint32_t i = node->child; i != SJ__NO_NODE; i = unit->predicate.node[i].next) {
        if (i != node->child)
            sj__text_add(text, node->kind == SJ__NODE_OR ? " or " : " and ");
        canonical_write_part(unit, i, node->kind, map, text);
    }
}

void sj__unit_write(const sj__unit *unit, const sj__map *map, sj__text *text)
{
    canonical_write_node(unit, unit->predicate.root, map, text);
}
