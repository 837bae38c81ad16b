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

enum { CASES_STEPS = 64, CASES_TEXT = 4000 };

typedef struct cases_case {
    sj_graph *graph;
    char conditions[CASES_STEPS][CASES_TEXT];
    sj_step steps[CASES_STEPS];
    sj_funnel_options options;
    int64_t as_of;
} cases_case;

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
    for (size_t k = 0; k < n_steps; k++)
        (void)strcpy(c->conditions[k], "touchpoint in ('never'");
    for (const cases_node *e = cases_get(line, "events")->first; e; e = e->next, number++) {
        char name[16];
        (void)snprintf(name, sizeof name, "e%d", number);
        const sj_event event = {.struct_size = sizeof event,
                                .customer = "k",
                                .touchpoint = name,
                                .time = e->first->number};
        if (sj_builder_add_event(builder, &event, &error) != SJ_OK)
            fail_msg("%s", error.message);
        for (const cases_node *step = e->first->next->first; step; step = step->next) {
            char *condition = c->conditions[step->number - 1];
            const size_t used = strlen(condition);
            (void)snprintf(condition + used, CASES_TEXT - used, ", '%s'", name);
        }
    }
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

static int cases_is(const cases_node *options, const char *name, const char *only)
{
    const cases_node *option = cases_get(options, name);
    return option == NULL || (option->text != NULL && strcmp(option->text, only) == 0);
}

/* Whether all options of a case are built. */
static int cases_built(const cases_node *options)
{
    static const char *const known[] = {"window", "as_of",   "reuse",     "order",
                                        "tie",    "attempt", "violation", "unit"};
    for (const cases_node *option = options ? options->first : NULL; option;
         option = option->next) {
        int found = 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found |= strcmp(option->name, known[i]) == 0;
        if (!found)
            return 0;
    }
    return cases_is(options, "order", "sequential") && cases_is(options, "tie", "any") &&
           cases_is(options, "attempt", "best") && cases_is(options, "violation", "break") &&
           cases_is(options, "unit", "customers");
}

static void cases_check_rule(const cases_node *line, const cases_case *c)
{
    sj_result *list = cases_list(c);
    const sj_table *table = sj_result_find(list, "levels");
    const cases_node *unit = cases_get(line, "expect")->first;
    const char *name = cases_get(line, "name")->text;
    if (sj_table_rows(table) != (unit != NULL))
        fail_msg("%s: %zu units", name, sj_table_rows(table));
    if (unit != NULL) {
        const uint8_t *valid = sj_table_validity(table, "times");
        size_t k = 0;
        if (sj_table_integers(table, "level")[0] != cases_number(unit, "level", -1) ||
            strcmp(sj_table_text(table, "reason", 0), cases_get(unit, "reason")->text) != 0)
            fail_msg("%s: level %d, %s", name, (int)sj_table_integers(table, "level")[0],
                     sj_table_text(table, "reason", 0));
        for (const cases_node *time = cases_get(unit, "times")->first; time;
             time = time->next, k++) {
            const int present = valid == NULL || (valid[k / 8] >> (k % 8) & 1) != 0;
            if (present != (time->type == '0') ||
                (present && sj_table_integers(table, "times")[k] != time->number))
                fail_msg("%s: time of step %zu", name, k + 1);
        }
        assert_int_equal(k, c->options.n_steps);
    }
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
        const cases_node *options = cases_get(line, "options");
        if (!cases_built(options) || cases_get(line, "expect") == NULL)
            continue;
        cases_make(line, &c);
        const cases_node *reuse = cases_get(options, "reuse");
        c.options.window = cases_number(options, "window", 0);
        c.options.reuse = reuse && reuse->type == 't' ? SJ_REUSE_YES : 0;
        c.as_of = cases_number(options, "as_of", 0);
        c.options.as_of = cases_get(options, "as_of") ? &c.as_of : NULL;
        cases_check_rule(line, &c);
        sj_graph_free(c.graph);
        checked++;
    }
    (void)gzclose(file);
    print_message("# %d of %d cases checked, the others need options that are not built yet\n",
                  checked, cases);
    assert_true(checked >= 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_1000_generated_funnels_are_those_of_exhaustive_search),
        cmocka_unit_test(the_smallest_case_of_each_rule_that_is_built_has_its_answer),
    };
    return cmocka_run_group_tests_name("funnel_cases", tests, NULL, NULL);
}
