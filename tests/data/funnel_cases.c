/* Funnels against published answers: 1,000 generated funnels (funnel_cases.jsonl.gz, levels by exhaustive search) and the smallest
 * cases of every rule (funnel_rules.jsonl, level, times and reason) as far as their options are built.
 *
 * The folder is $SOJOURN_DATA, or ../shared/data beside the project; where it is absent the tests are skipped, and say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include <sojourn.h>

#ifndef SOJOURN_ROOT
#define SOJOURN_ROOT "."
#endif

/* ---- a reader of JSON, just large enough ---- */

typedef struct cases_node {
    const char *name; /* in an object */
    char type;        /* { [ " 0 (number) t f n */
    const char *text;
    int64_t number;
    struct cases_node *first, *next;
} cases_node;

typedef struct cases_reader {
    char *at;
    cases_node nodes[4000];
    size_t used;
} cases_reader;

static void cases_blank(cases_reader *reader)
{
    while (*reader->at == ' ')
        reader->at++;
}

static const char *cases_string(cases_reader *reader)
{
    char *start = ++reader->at, *to = start;
    for (; *reader->at != '"'; reader->at++) {
        assert_true(*reader->at != '\0');
        if (*reader->at == '\\')
            reader->at++;
        *to++ = *reader->at;
    }
    reader->at++;
    *to = '\0';
    return start;
}

static cases_node *cases_value(cases_reader *reader);

static void cases_children(cases_reader *reader, cases_node *node, char end)
{
    cases_node **last = &node->first;
    reader->at++;
    for (cases_blank(reader); *reader->at != end; cases_blank(reader)) {
        const char *name = NULL;
        if (end == '}') {
            name = cases_string(reader);
            cases_blank(reader);
            assert_int_equal(*reader->at++, ':');
        }
        *last = cases_value(reader);
        (*last)->name = name;
        last = &(*last)->next;
        cases_blank(reader);
        if (*reader->at == ',')
            reader->at++;
    }
    reader->at++;
}

static cases_node *cases_value(cases_reader *reader)
{
    assert_true(reader->used < sizeof reader->nodes / sizeof *reader->nodes);
    cases_node *node = &reader->nodes[reader->used++];
    memset(node, 0, sizeof *node);
    cases_blank(reader);
    node->type = *reader->at;
    switch (node->type) {
    case '{':
        cases_children(reader, node, '}');
        break;
    case '[':
        cases_children(reader, node, ']');
        break;
    case '"':
        node->text = cases_string(reader);
        break;
    case 't':
    case 'n':
        reader->at += 4;
        break;
    case 'f':
        reader->at += 5;
        break;
    default:
        node->type = '0';
        node->number = strtoll(reader->at, &reader->at, 10);
    }
    return node;
}

static const cases_node *cases_get(const cases_node *node, const char *name)
{
    for (const cases_node *child = node ? node->first : NULL; child; child = child->next)
        if (strcmp(child->name, name) == 0)
            return child;
    return NULL;
}

static int64_t cases_number(const cases_node *node, const char *name, int64_t otherwise)
{
    const cases_node *child = cases_get(node, name);
    return child && child->type == '0' ? child->number : otherwise;
}

/* ---- a case as a graph and a question ---- */

enum { CASES_STEPS = 64, CASES_TEXT = 4000, CASES_EXCLUSIONS = 8 };

typedef struct cases_case {
    sj_graph *graph;
    char conditions[CASES_STEPS][CASES_TEXT];
    sj_step steps[CASES_STEPS];
    char barred[CASES_EXCLUSIONS][CASES_TEXT];
    sj_exclusion exclusions[CASES_EXCLUSIONS];
    const char *hold[1];
    sj_funnel_options options;
    int64_t as_of, entry_from, entry_to;
} cases_case;

/* Adds a touchpoint to a condition "touchpoint in ('never'…". */
static void cases_add_name(char *condition, const char *name)
{
    const size_t used = strlen(condition);
    (void)snprintf(condition + used, CASES_TEXT - used, ", '%s'", name);
}

/* An event, and its name in the conditions that it meets. */
static void cases_add_event(sj_builder *builder, const cases_node *e, int number, cases_case *c)
{
    char name[16], value[40];
    sj_error error = {0};
    const cases_node *more = e->first->next->next;
    const cases_node *held = cases_get(more, "h");
    (void)snprintf(name, sizeof name, "e%d", number);
    sj_event event = {
        .struct_size = sizeof event, .customer = "k", .touchpoint = name, .time = e->first->number};
    const char *const attributes[] = {"held", value};
    if (held != NULL && held->type != 'n') {
        if (held->text != NULL)
            (void)snprintf(value, sizeof value, "%s", held->text);
        else
            (void)snprintf(value, sizeof value, "%lld", (long long)held->number);
        event.attributes = attributes;
        event.n_attributes = 1;
    }
    if (sj_builder_add_event(builder, &event, &error) != SJ_OK)
        fail_msg("%s", error.message);
    for (const cases_node *step = e->first->next->first; step; step = step->next)
        cases_add_name(c->conditions[step->number - 1], name);
    const cases_node *barred = cases_get(more, "x");
    for (const cases_node *x = barred ? barred->first : NULL; x; x = x->next)
        cases_add_name(c->barred[x->number], name);
}

static int32_t cases_choice(const cases_node *options, const char *name, const char *values)
{
    const cases_node *option = cases_get(options, name);
    int32_t v = 1;
    if (option == NULL)
        return 0;
    for (const char *at = values; *at != '\0'; v++) {
        const size_t n = strcspn(at, " ");
        if (strlen(option->text) == n && strncmp(at, option->text, n) == 0)
            return v;
        at += n + (at[n] == ' ');
    }
    fail_msg("%s %s", name, option->text);
    return 0;
}

static const cases_node *cases_first(const cases_node *options, const char *name)
{
    const cases_node *list = cases_get(options, name);
    return list ? list->first : NULL;
}

static void cases_make_rules(const cases_node *options, cases_case *c)
{
    for (const cases_node *min = cases_first(options, "min"); min; min = min->next)
        c->steps[atoi(min->name) - 1].min_gap = min->number;
    for (const cases_node *max = cases_first(options, "max"); max; max = max->next)
        c->steps[atoi(max->name) - 1].max_gap = max->number;
    for (const cases_node *k = cases_first(options, "optional"); k; k = k->next)
        c->steps[k->number - 1].optional = 1;
    for (const cases_node *k = cases_first(options, "adjacent"); k; k = k->next)
        c->steps[k->number - 1].adjacent = 1;
    for (const cases_node *x = cases_first(options, "exclusions"); x; x = x->next) {
        const size_t i = c->options.n_exclusions++;
        const int removes = cases_choice(x, "effect", "break remove") == SJ_EXCLUDE_REMOVE;
        c->exclusions[i] = (sj_exclusion){.condition = c->barred[i],
                                          .from_step = (int32_t)cases_number(x, "from", 0),
                                          .to_step = (int32_t)cases_number(x, "to", 0),
                                          .effect = removes ? SJ_EXCLUDE_REMOVE : 0};
    }
    c->options.exclusions = c->exclusions;
    c->options.exclusion_size = sizeof *c->exclusions;
}

static void cases_make_options(const cases_node *options, cases_case *c)
{
    const cases_node *reuse = cases_get(options, "reuse");
    cases_make_rules(options, c);
    c->options.window = cases_number(options, "window", 0);
    c->options.session_gap = cases_number(options, "session_gap", 0);
    c->options.reuse = reuse && reuse->type == 't' ? SJ_REUSE_YES : 0;
    c->options.order = cases_choice(options, "order", "sequential adjacent any");
    c->options.tie = cases_choice(options, "tie", "any input strict grace");
    c->options.unit = cases_choice(options, "unit", "customers attempts sessions values");
    c->options.hold = c->hold;
    c->options.n_hold = cases_get(options, "hold") != NULL;
    c->hold[0] = "held";
    c->as_of = cases_number(options, "as_of", 0);
    c->options.as_of = cases_get(options, "as_of") ? &c->as_of : NULL;
    c->entry_from = cases_number(options, "entry_from", 0);
    c->options.entry_from = cases_get(options, "entry_from") ? &c->entry_from : NULL;
    c->entry_to = cases_number(options, "entry_to", 0);
    c->options.entry_to = cases_get(options, "entry_to") ? &c->entry_to : NULL;
}

/* Each event has a touchpoint of its own; a step is the list of those that match it ("never" matches none). */
static void cases_make(const cases_node *line, cases_case *c)
{
    sj_builder *builder = NULL;
    sj_error error = {0};
    int number = 0;
    memset(c, 0, sizeof *c);
    const size_t n_steps = (size_t)cases_number(line, "steps", 0);
    assert_true(n_steps > 0 && n_steps <= CASES_STEPS);
    assert_int_equal(sj_builder_new(NULL, &builder, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_touchpoint(builder, "never", NULL, NULL, NULL), SJ_OK);
    assert_int_equal(sj_builder_add_attribute(builder, "held", SJ_ATTRIBUTE_CATEGORY, 0, NULL),
                     SJ_OK);
    for (size_t k = 0; k < n_steps; k++)
        (void)strcpy(c->conditions[k], "touchpoint in ('never'");
    for (size_t x = 0; x < CASES_EXCLUSIONS; x++)
        (void)strcpy(c->barred[x], "touchpoint in ('never'");
    for (const cases_node *e = cases_get(line, "events")->first; e; e = e->next)
        cases_add_event(builder, e, number++, c);
    for (size_t x = 0; x < CASES_EXCLUSIONS; x++)
        (void)strcat(c->barred[x], ")");
    for (size_t k = 0; k < n_steps; k++) {
        (void)strcat(c->conditions[k], ")");
        c->steps[k].condition = c->conditions[k];
    }
    c->options = (sj_funnel_options){.struct_size = sizeof c->options,
                                     .steps = c->steps,
                                     .n_steps = n_steps,
                                     .step_size = sizeof(sj_step)};
    if (sj_builder_build(builder, NULL, &c->graph, &error) != SJ_OK)
        fail_msg("%s", error.message);
    sj_builder_free(builder);
    cases_make_options(cases_get(line, "options"), c);
}

static sj_result *cases_list(const cases_case *c)
{
    sj_result *list = NULL;
    sj_error error = {0};
    if (sj_funnel_list(c->graph, &c->options, NULL, &list, &error) != SJ_OK)
        fail_msg("%s", error.message);
    return list;
}

static int64_t cases_level(const cases_case *c)
{
    sj_result *list = cases_list(c);
    const sj_table *table = sj_result_find(list, "levels");
    const int64_t level = sj_table_rows(table) == 0 ? 0 : sj_table_integers(table, "level")[0];
    sj_result_free(list);
    return level;
}

/* Level by the counts-only path, which is another algorithm. */
static int64_t cases_level_by_counts(const cases_case *c)
{
    sj_funnel_options options = c->options;
    sj_result *result = NULL;
    int64_t level = 0;
    options.figures = SJ_FIGURE_COUNTS;
    assert_int_equal(sj_funnel_compute(c->graph, &options, NULL, &result, NULL), SJ_OK);
    const sj_table *table = sj_result_find(result, "steps");
    for (size_t k = 0; k < options.n_steps; k++)
        level += sj_table_integers(table, "reached")[k];
    sj_result_free(result);
    return level;
}

/* ---- the files ---- */

/* NULL and a skipped test where the file is not there. */
static gzFile cases_open(const char *name)
{
    char path[4096];
    const char *folder = getenv("SOJOURN_DATA");
    (void)snprintf(path, sizeof path, "%s/%s", folder ? folder : SOJOURN_ROOT "/../shared/data",
                   name);
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        skip();
    return file;
}

static char cases_line[1 << 20];
static cases_reader cases_parser;

static const cases_node *cases_next(gzFile file)
{
    if (gzgets(file, cases_line, sizeof cases_line) == NULL)
        return NULL;
    cases_parser.at = cases_line;
    cases_parser.used = 0;
    return cases_value(&cases_parser);
}

static void levels_of_1000_generated_funnels_are_those_of_exhaustive_search(void **state)
{
    static cases_case c;
    gzFile file = cases_open("funnel_cases.jsonl.gz");
    const cases_node *line;
    int cases = 0;
    (void)state;
    while ((line = cases_next(file)) != NULL) {
        cases_make(line, &c);
        const int64_t window = cases_number(line, "window", 0);
        c.options.window = window == 0 ? SJ_INSTANT : window;
        for (int reuse = 0; reuse < 2; reuse++) {
            const char *key = reuse ? "best_chain" : "best_chain_each_event_once";
            const int64_t expected = cases_number(line, key, -1);
            c.options.reuse = reuse ? SJ_REUSE_YES : SJ_REUSE_NO;
            const int64_t level = cases_level(&c), counted = cases_level_by_counts(&c);
            if (level != expected || counted != expected)
                fail_msg("case %d, %s: %d and %d, not %d", cases + 1, key, (int)level, (int)counted,
                         (int)expected);
        }
        sj_graph_free(c.graph);
        cases++;
    }
    (void)gzclose(file);
    assert_int_equal(cases, 1000);
}

/* Whether all options of a case are built. */
static int cases_built(const cases_node *options)
{
    static const struct {
        const char *name, *values; /* of a choice: those that are built */
    } known[] = {{"window", NULL},
                 {"as_of", NULL},
                 {"reuse", NULL},
                 {"min", NULL},
                 {"max", NULL},
                 {"adjacent", NULL},
                 {"optional", NULL},
                 {"exclusions", NULL},
                 {"hold", NULL},
                 {"session_gap", NULL},
                 {"entry_from", NULL},
                 {"entry_to", NULL},
                 {"order", "sequential adjacent"},
                 {"tie", "any input strict"},
                 {"attempt", "best"},
                 {"violation", "break"},
                 {"unit", "customers sessions values"}};
    for (const cases_node *option = options ? options->first : NULL; option;
         option = option->next) {
        int found = 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(option->name, known[i].name) == 0)
                found = known[i].values == NULL || strstr(known[i].values, option->text) != NULL;
        if (!found)
            return 0;
    }
    return 1;
}

static void cases_check_unit(const cases_node *unit, const sj_table *table, size_t row,
                             const char *name, size_t n_steps)
{
    const uint8_t *valid = sj_table_validity(table, "times");
    const char *reason = cases_get(unit, "reason")->text;
    const cases_node *held = cases_get(unit, "value");
    size_t at = row * n_steps;
    if (sj_table_integers(table, "level")[row] != cases_number(unit, "level", -1) ||
        strcmp(sj_table_text(table, "reason", row), reason) != 0)
        fail_msg("%s: unit %zu: level %d, %s", name, row + 1,
                 (int)sj_table_integers(table, "level")[row], sj_table_text(table, "reason", row));
    if (held != NULL)
        assert_string_equal(sj_table_text(table, "held", row), held->text);
    for (const cases_node *time = cases_get(unit, "times")->first; time; time = time->next, at++) {
        const int present = valid == NULL || (valid[at / 8] >> (at % 8) & 1) != 0;
        if (present != (time->type == '0') ||
            (present && sj_table_integers(table, "times")[at] != time->number))
            fail_msg("%s: unit %zu: time of step %zu", name, row + 1, at - row * n_steps + 1);
    }
    assert_int_equal(at, (row + 1) * n_steps);
}

static void cases_check_rule(const cases_node *line, const cases_case *c)
{
    sj_result *list = cases_list(c);
    const sj_table *table = sj_result_find(list, "levels");
    const char *name = cases_get(line, "name")->text;
    size_t row = 0;
    for (const cases_node *unit = cases_get(line, "expect")->first; unit;
         unit = unit->next, row++) {
        if (row == sj_table_rows(table))
            fail_msg("%s: %zu units", name, row);
        cases_check_unit(unit, table, row, name, c->options.n_steps);
    }
    if (sj_table_rows(table) != row)
        fail_msg("%s: %zu units", name, sj_table_rows(table));
    sj_result_free(list);
}

static void the_smallest_case_of_each_rule_that_is_built_has_its_answer(void **state)
{
    static cases_case c;
    gzFile file = cases_open("funnel_rules.jsonl");
    const cases_node *line;
    int cases = 0, checked = 0;
    (void)state;
    for (; (line = cases_next(file)) != NULL; cases++) {
        if (!cases_built(cases_get(line, "options")) || cases_get(line, "expect") == NULL)
            continue;
        cases_make(line, &c);
        cases_check_rule(line, &c);
        sj_graph_free(c.graph);
        checked++;
    }
    (void)gzclose(file);
    print_message("# %d of %d cases checked, the others need options that are not built yet\n",
                  checked, cases);
    assert_true(checked >= 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_1000_generated_funnels_are_those_of_exhaustive_search),
        cmocka_unit_test(the_smallest_case_of_each_rule_that_is_built_has_its_answer),
    };
    return cmocka_run_group_tests_name("funnel_cases", tests, NULL, NULL);
}
