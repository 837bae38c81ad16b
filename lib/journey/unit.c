/* A text read against a map: a known name, whatever it contains, or else a predicate, with its
 * tests resolved.
 *
 * A name is looked for as the text stands and then without the blanks around it.  A text that is
 * neither a name nor a predicate is an unknown name, unless something in it shows that a predicate
 * was meant. */
#include "journey/predicate.h"

#include <string.h>

#include "base/utf8.h"
#include "journey/condition.h"

/* A part of the text that was given. */
typedef struct unit_slice {
    const char *s;
    size_t n;
} unit_slice;

static unit_slice unit_trim(unit_slice text)
{
    text.s = sj__map_trim(text.s, &text.n);
    return text;
}

/* ------------------------------------------------------------------------------------- names -- */

enum { UNIT_KINDS = 3 };

typedef struct unit_kind {
    const char *column;
    const char *what;
} unit_kind;

/* In order of SJ__IS_TOUCHPOINT - 1 … */
static const unit_kind unit_kinds[UNIT_KINDS] = {
    {"touchpoint", "touchpoint"}, {"conversion", "micro-conversion"}, {"stage", "stage"}};

static const sj__intern *unit_names(const sj__map *map, int kind)
{
    return kind == 0 ? &map->touchpoints : kind == 1 ? &map->conversions : &map->stages;
}

/* Bit per kind of which the text is a name; micro-conversions from `visible` on are not there yet.
 */
static unsigned unit_find(const sj__map *map, uint32_t visible, unit_slice text)
{
    unsigned found = 0;
    for (int i = 0; i < UNIT_KINDS; i++) {
        const uint32_t number = sj__intern_find(unit_names(map, i), text.s, text.n);
        if (number != SJ__ABSENT && (i != 1 || number < visible))
            found |= 1U << i;
    }
    return found;
}

static sj_status unit_ambiguous(unit_slice text, unsigned found, sj_error *error)
{
    const unit_kind *kind[UNIT_KINDS] = {NULL};
    char name[SJ__SHORT_NAME];
    size_t n = 0;
    for (int i = 0; i < UNIT_KINDS; i++) {
        if (found >> i & 1)
            kind[n++] = &unit_kinds[i];
    }
    sj__map_shorten(name, text.s, text.n);
    if (n == 2)
        return sj__fail(error, SJ_ERR_NAME, "%q is a %s and a %s; write %s = %q or %s = %q", name,
                        kind[0]->what, kind[1]->what, kind[0]->column, name, kind[1]->column, name);
    return sj__fail(error, SJ_ERR_NAME,
                    "%q is a touchpoint, a micro-conversion and a stage; write touchpoint = …, "
                    "conversion = … or stage = …, with the name in single quotes",
                    name);
}

/* Neither a name nor the beginning of a predicate: says what comes near. */
static sj_status unit_unknown(const sj__map *map, unit_slice text, sj_error *error)
{
    const char *best = NULL, *what = NULL;
    size_t distance = SIZE_MAX;
    char name[SJ__SHORT_NAME];
    for (int i = 0; i < UNIT_KINDS; i++) {
        const char *nearest = sj__intern_nearest(unit_names(map, i), text.s, text.n);
        const size_t d =
            nearest ? sj__text_distance(text.s, text.n, nearest, strlen(nearest), 16) : SIZE_MAX;
        if (d < distance) {
            distance = d;
            best = nearest;
            what = unit_kinds[i].what;
        }
    }
    sj__map_shorten(name, text.s, text.n);
    if (best)
        return sj__fail_at(error, SJ_ERR_NAME, (sj__place){0},
                           "unknown name %q; the nearest known one is the %s %q", name, what, best);
    return sj__fail_at(error, SJ_ERR_NAME, (sj__place){0},
                       "unknown name %q: it is no touchpoint, micro-conversion or stage, and no "
                       "predicate, as in touchpoint = 'name'",
                       name);
}

/* ------------------------------------------------------------------------------------- units -- */

void sj__unit_free(sj__unit *unit)
{
    const sj_allocator *a = unit->predicate.allocator;
    if (!a)
        return;
    for (uint32_t i = 0; unit->test && i < unit->predicate.n_tests; i++)
        sj__test_free(&unit->test[i], a);
    sj__free(a, unit->test, unit->predicate.n_tests, sizeof *unit->test);
    sj__predicate_free(&unit->predicate);
    *unit = (sj__unit){0};
}

static sj_status unit_check_text(unit_slice text, sj_error *error)
{
    const size_t bad = sj__utf8_check(text.s, text.n);
    if (bad < text.n)
        return sj__fail_at(error, SJ_ERR_UTF8, (sj__place){.index = (int64_t)bad},
                           "the condition is not UTF-8 at byte %u", (uint64_t)bad);
    if (unit_trim(text).n == 0)
        return sj__fail_at(error, SJ_ERR_CONDITION, (sj__place){0},
                           "the condition is empty; give a name or a predicate");
    return SJ_OK;
}

/* Whether a text that is no predicate was meant as one: it has a comparison or at least a =, begins
 * with a mark of one, or with a known column and a word that compares. */
static int unit_is_meant(const sj__predicate *predicate, const sj__map *map, unit_slice text)
{
    size_t n = 0, next = 0, size = 0;
    char name[16];
    if (predicate->recognised || strchr("('\"", *text.s) || memchr(text.s, '=', text.n))
        return 1;
    while (n < text.n && sj__predicate_is_bare(text.s + n, 1))
        n++;
    for (next = n; next < text.n && strchr(" \t\r\n", text.s[next]);)
        next++;
    while (next + size < text.n && sj__predicate_is_bare(text.s + next + size, 1))
        size++;
    if (!sj__predicate_is_keyword(text.s + next, size))
        return 0;
    if (n < sizeof name) {
        memcpy(name, text.s, n);
        name[n] = '\0';
        if (sj__column_find(name) >= 0)
            return 1;
    }
    return map && sj__intern_find(&map->attributes, text.s, n) != SJ__ABSENT;
}

/* Reads a name as the test that it stands for. */
static sj_status unit_parse_name(sj__predicate *out, unit_slice name, int kind,
                                 const sj_allocator *a, sj_error *error)
{
    sj__text text;
    sj_status status = SJ_OK;
    sj__text_init(&text, a);
    sj__text_add(&text, unit_kinds[kind].column);
    sj__text_add(&text, " = ");
    sj__text_quoted(&text, name.s, name.n, '\'');
    status = sj__text_status(&text, error);
    if (!status)
        status = sj__predicate_parse(out, sj__text_data(&text), text.size, a, error);
    sj__text_free(&text);
    return status;
}

static sj_status unit_parse(sj__unit *out, const sj__map *map, uint32_t visible, unit_slice text,
                            const sj_allocator *a, sj_error *error)
{
    const unit_slice trimmed = unit_trim(text);
    const unsigned exact = unit_find(map, visible, text);
    const unsigned found = exact ? exact : unit_find(map, visible, trimmed);
    const unit_slice name = exact ? text : trimmed;
    sj_status status = SJ_OK;
    out->name_at = (size_t)(name.s - text.s);
    out->n_name = name.n;
    if (found & (found - 1))
        return unit_ambiguous(name, found, error);
    if (found)
        return unit_parse_name(&out->predicate, name, (int)(found >> 1), a, error);
    status = sj__predicate_parse(&out->predicate, text.s, text.n, a, error);
    if (status != SJ_ERR_CONDITION || unit_is_meant(&out->predicate, map, trimmed))
        return status;
    return unit_unknown(map, trimmed, error);
}

sj_status sj__unit_compile(sj__unit *out, const sj__map *map, uint32_t visible, const char *text,
                           size_t n, const sj_allocator *a, sj_error *error)
{
    const unit_slice given = {text, n};
    sj__predicate *predicate = &out->predicate;
    sj_status status = SJ_OK;
    *out = (sj__unit){0};
    if ((status = unit_check_text(given, error)) ||
        (status = unit_parse(out, map, visible, given, a, error)))
        return status;
    out->test = sj__alloc_zeroed(a, predicate->n_tests, sizeof *out->test);
    if (!out->test)
        status = sj__fail_nomem(error);
    for (uint32_t i = 0; out->test && i < predicate->n_tests; i++)
        sj__intern_init(&out->test[i].spellings, a);
    for (size_t i = 0; !status && i < predicate->n_nodes; i++) {
        const sj__node *node = &predicate->node[i];
        if (node->kind == SJ__NODE_TEST)
            status = sj__test_resolve(&out->test[node->test], map, visible, predicate, node, error);
    }
    if (status)
        sj__unit_free(out);
    return status;
}

sj_status sj__unit_compile_conversion(sj__unit *out, const sj__map *map, uint32_t number,
                                      const sj_allocator *a, sj_error *error)
{
    const sj__map_conversion *row = &map->conversion[number];
    sj_error inner = {0};
    const sj_status status =
        sj__unit_compile(out, map, number, row->condition, row->size, a, &inner);
    if (!status)
        return SJ_OK;
    return sj__fail_at(error, status, (sj__place){.index = inner.index}, "micro-conversion %q: %s",
                       sj__intern_name(&map->conversions, number, NULL), inner.message);
}

sj_status sj__map_check_conversions(const sj__map *map, sj_error *error)
{
    sj_status status = SJ_OK;
    for (uint32_t i = 0; !status && i < map->conversions.count; i++) {
        sj__unit unit;
        status = sj__unit_compile_conversion(&unit, map, i, map->allocator, error);
        if (!status)
            sj__unit_free(&unit);
    }
    return status;
}

sj_status sj__condition_check(const char *text, size_t n, const sj_allocator *allocator,
                              sj_error *error)
{
    const unit_slice given = {text, n};
    sj__predicate predicate;
    sj_error inner = {0};
    sj_status status = unit_check_text(given, error);
    if (status)
        return status;
    status = sj__predicate_parse(&predicate, text, n, allocator, &inner);
    if (status == SJ_OK) {
        sj__predicate_free(&predicate);
        return SJ_OK;
    }
    if (status == SJ_ERR_CONDITION && !unit_is_meant(&predicate, NULL, unit_trim(given)))
        return SJ_OK; /* perhaps the name of something that comes later */
    if (error)
        *error = inner;
    return status;
}
