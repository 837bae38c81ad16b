/* Predicates inside: the tree that the grammar gives, the tests of its leaves made ready for one
 * map, and their truth. */
#ifndef SJ__JOURNEY_PREDICATE_H
#define SJ__JOURNEY_PREDICATE_H

#include "base/text.h"
#include "journey/graph.h"
#include "journey/literal.h"

/* -------------------------------------------------------------------------------- the tree -- */

enum { SJ__NODE_TEST = 0, SJ__NODE_NOT = 1, SJ__NODE_AND = 2, SJ__NODE_OR = 3 };

enum {
    SJ__OP_EQUAL = 0,
    SJ__OP_NOT_EQUAL = 1,
    SJ__OP_LESS = 2,
    SJ__OP_LESS_EQUAL = 3,
    SJ__OP_GREATER = 4,
    SJ__OP_GREATER_EQUAL = 5,
    SJ__OP_IN = 6,
    SJ__OP_NOT_IN = 7,
    SJ__OP_IS_NULL = 8,
    SJ__OP_IS_NOT_NULL = 9
};

#define SJ__NO_NODE UINT32_MAX
#define SJ__LIMIT_DEPTH 200

/* A literal or a column's name: where it stands in the condition, and what it says without its
 * quotes. */
typedef struct sj__word {
    size_t at;
    size_t start, size; /* in `bytes`; a NUL follows */
    int32_t
        quoted; /* a literal: text, not a number; a column: in double quotes, never one of ours */
} sj__word;

typedef struct sj__node {
    int32_t kind;
    int32_t op;           /* TEST */
    uint32_t child, next; /* NOT, AND, OR: first of a list; an AND has no AND in it, an OR no OR */
    uint32_t test;        /* TEST: counts tests from the left */
    sj__word column;
    size_t literal, n_literals;
} sj__node;

typedef struct sj__predicate {
    const sj_allocator *allocator;
    sj__node *node;
    size_t n_nodes, node_capacity;
    sj__word *literal;
    size_t n_literals, literal_capacity;
    sj__text bytes;
    uint32_t n_tests;
    uint32_t root;
    int32_t
        recognised; /* also after a failure: some column was followed by a comparison, so this was meant as a predicate */
} sj__predicate;

/* Reads a predicate.  SJ_ERR_CONDITION, SJ_ERR_LIMIT with the byte as index; a failure leaves
 * nothing to free. */
sj_status sj__predicate_parse(sj__predicate *out, const char *text, size_t n,
                              const sj_allocator *allocator, sj_error *error);
void sj__predicate_free(sj__predicate *predicate);
/* The text of a word, NUL-terminated. */
const char *sj__predicate_word(const sj__predicate *predicate, const sj__word *word);
/* Whether n bytes can stand as a bare word, and whether they are a keyword in any case. */
int sj__predicate_is_bare(const char *s, size_t n);
int sj__predicate_is_keyword(const char *s, size_t n);

/* -------------------------------------------------------------------------- tests, resolved -- */

enum {
    SJ__COLUMN_TOUCHPOINT = 0,
    SJ__COLUMN_STAGE = 1,
    SJ__COLUMN_CHANNEL = 2,
    SJ__COLUMN_CONVERSION = 3,
    SJ__COLUMN_CUSTOMER = 4,
    SJ__COLUMN_CATEGORY = 5, /* from here on an attribute; up to here they know =, != and in only */
    SJ__COLUMN_INTEGER = 6,
    SJ__COLUMN_REAL = 7,
    SJ__COLUMN_VALUE = 8,
    SJ__COLUMN_TIME = 9
};

typedef struct sj__test {
    int32_t column;
    int32_t op;           /* a list of one is = or != */
    uint32_t attribute;   /* its number */
    int32_t of_customers; /* the attribute is one of customers */
    int32_t empty;        /* < <= > >=: no number meets it */
    int64_t low, high;    /* < <= > >= of whole numbers: those from low to high do */
    double real;          /* < <= > >= of reals: the bound */
    int64_t *set;         /* = != in: ascending codes, numbers, or bits of reals */
    size_t n_set, set_capacity;
    uint64_t *met; /* touchpoint, stage: a bit per touchpoint */
    size_t met_words;
    uint32_t visible;     /* conversion: how many micro-conversions there are for it */
    sj__intern spellings; /* canonical literals, each once; of customer: the keys looked for */
} sj__test;

/* A predicate with its tests: a condition is one, and one per micro-conversion that it needs.
 * Zeroed is empty. */
typedef struct sj__unit {
    sj__predicate predicate;
    sj__test *test;
    size_t name_at, n_name; /* what a person would call it, in the text that was compiled */
} sj__unit;

/* Reads a text against a map whose first `visible` micro-conversions may be named.  A failure
 * leaves nothing to free. */
sj_status sj__unit_compile(sj__unit *out, const sj__map *map, uint32_t visible, const char *text,
                           size_t n, const sj_allocator *a, sj_error *error);
/* The same for a micro-conversion of the map, whose name stands before the message of a failure. */
sj_status sj__unit_compile_conversion(sj__unit *out, const sj__map *map, uint32_t number,
                                      const sj_allocator *a, sj_error *error);
void sj__unit_free(sj__unit *unit);

/* Number of the column of ours that a bare word names, or -1: it names an attribute. */
int32_t sj__column_find(const char *name);
/* Its name. */
const char *sj__column_name(int32_t column);
/* Resolves the column and the literals of one test against a map whose first `visible`
 * micro-conversions may be named.  On failure `out` is there to be freed. */
sj_status sj__test_resolve(sj__test *out, const sj__map *map, uint32_t visible,
                           const sj__predicate *predicate, const sj__node *node, sj_error *error);
void sj__test_free(sj__test *test, const sj_allocator *allocator);
/* Canonical text (canonical.c); a failed allocation is remembered by `text`. */
void sj__unit_write(const sj__unit *unit, const sj__map *map, sj__text *text);

/* ------------------------------------------------------------------------------------- truth -- */

/* What an event is judged by.  `graph` NULL: by its touchpoint alone. */
typedef struct sj__evidence {
    const sj_graph *graph;
    uint64_t customer, event;
    uint32_t touchpoint;
    const uint8_t *conversions; /* truth of the micro-conversions, by number */
} sj__evidence;

/* SJ__NEVER_MET, SJ__ALWAYS_MET, or (only without a graph) SJ__LOOK: it depends on more than the
 * touchpoint. */
int sj__unit_truth(const sj__unit *unit, const sj__evidence *evidence);
/* Whether a code or whole number meets a test; `present` 0: there is none. */
int sj__test_meets(const sj__test *test, int present, int64_t x);
/* The bits of a double under which a set keeps it; the same for both zeros. */
int64_t sj__test_bits(double x);

#endif
