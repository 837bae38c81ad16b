/* The exhaustive search of the tests (oracle/funnel_oracle.h) against published answers: the
 * smallest case of every rule (funnel_rules.jsonl), and levels of 1,000 generated funnels
 * (funnel_cases.jsonl.gz). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/cases.h"

static int cases_is_scan(const cases_case *c)
{
    return strncmp(c->preset, "clickhouse_strict", 17) == 0;
}

static size_t cases_scan(const cases_case *c)
{
    return funnel_oracle_scan(c->events, c->n_events, c->options.n_steps,
                              (uint64_t)c->options.window, strstr(c->preset, "dedup") != NULL);
}

static void cases_check_times(const cases_node *unit, const funnel_oracle_unit *found,
                              const char *name, size_t n_steps)
{
    size_t k = 0;
    for (const cases_node *time = cases_get(unit, "times")->first; time; time = time->next, k++)
        if (found->filled[k] != (time->type == '0') ||
            (found->filled[k] && found->times[k] != time->number))
            fail_msg("%s: time of step %zu", name, k + 1);
    assert_int_equal(k, n_steps);
}

static void cases_check_rule(const cases_node *line, const cases_case *c)
{
    static funnel_oracle_unit found[ORACLE_EVENTS];
    const char *name = cases_get(line, "name")->text;
    funnel_oracle_question question;
    size_t removed = 0, u = 0;
    funnel_oracle_ask(&c->options, c->last, &question);
    const size_t n = funnel_oracle(c->events, c->n_events, &question, found, &removed);
    for (const cases_node *unit = cases_get(line, "expect")->first; unit; unit = unit->next, u++) {
        const cases_node *held = cases_get(unit, "value");
        if (u == n || found[u].level != (size_t)cases_number(unit, "level", 0) ||
            strcmp(found[u].reason, cases_get(unit, "reason")->text) != 0)
            fail_msg("%s: unit %zu of %zu: level %zu, %s", name, u + 1, n,
                     u < n ? found[u].level : 0, u < n ? found[u].reason : "");
        cases_check_times(unit, &found[u], name, c->options.n_steps);
        if (held != NULL)
            assert_string_equal(c->held[found[u].held], held->text);
    }
    if (n != u)
        fail_msg("%s: %zu units", name, n);
}

/* Which steps one event can meet: those that one does. */
static const char *cases_refusal(const cases_case *c)
{
    uint64_t alike[CASES_STEPS] = {0};
    for (size_t e = 0; e < c->n_events; e++)
        for (size_t k = 0; k < c->options.n_steps; k++)
            if (c->events[e].steps >> k & 1)
                alike[k] |= c->events[e].steps;
    return funnel_oracle_refuses(&c->options, alike);
}

static void exhaustive_search_answers_the_smallest_case_of_each_rule(void **state)
{
    static cases_case c;
    gzFile file = cases_open("funnel_rules.jsonl");
    const cases_node *line;
    int cases = 0, refused = 0;
    (void)state;
    for (; (line = cases_next(file)) != NULL; cases++) {
        cases_make(line, 0, &c);
        const cases_node *first = cases_get(line, "expect")->first;
        if (cases_is_scan(&c))
            assert_int_equal(cases_scan(&c), first ? cases_number(first, "level", 0) : 0);
        else
            cases_check_rule(line, &c);
        if (cases_refusal(&c) != NULL) {
            print_message("# refused: %s: %s\n", cases_get(line, "name")->text, cases_refusal(&c));
            refused++;
        }
    }
    (void)gzclose(file);
    print_message("# %d cases\n", cases);
    assert_int_equal(cases, 132);
    assert_int_equal(refused, 0);
}

static int64_t cases_level(const cases_case *c)
{
    static funnel_oracle_unit found[ORACLE_EVENTS];
    funnel_oracle_question question;
    size_t removed = 0;
    funnel_oracle_ask(&c->options, c->last, &question);
    const size_t n = funnel_oracle(c->events, c->n_events, &question, found, &removed);
    return n == 0 ? 0 : (int64_t)found[0].level;
}

static void exhaustive_search_finds_the_levels_of_1000_generated_funnels(void **state)
{
    static const struct {
        const char *key;
        int32_t tie, reuse;
    } searches[] = {{"best_chain", SJ_TIE_ANY, SJ_REUSE_YES},
                    {"best_chain_each_event_once", SJ_TIE_ANY, SJ_REUSE_NO},
                    {"best_chain_strict_increase", SJ_TIE_STRICT, SJ_REUSE_YES},
                    {"best_chain_strict_increase_each_event_once", SJ_TIE_STRICT, SJ_REUSE_NO},
                    {"clickhouse_default", SJ_TIE_ANY, SJ_REUSE_YES}};
    static cases_case c;
    gzFile file = cases_open("funnel_cases.jsonl.gz");
    const cases_node *line;
    int cases = 0;
    (void)state;
    for (; (line = cases_next(file)) != NULL; cases++) {
        cases_make(line, 0, &c);
        const int64_t window = cases_number(line, "window", 0);
        c.options.window = window == 0 ? SJ_INSTANT : window;
        for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
            c.options.tie = searches[i].tie;
            c.options.reuse = searches[i].reuse;
            assert_int_equal(cases_level(&c), cases_number(line, searches[i].key, -1));
        }
        c.options.window = window;
        assert_int_equal(
            funnel_oracle_scan(c.events, c.n_events, c.options.n_steps, (uint64_t)window, 0),
            cases_number(line, "clickhouse_strict_order", -1));
        assert_int_equal(
            funnel_oracle_scan(c.events, c.n_events, c.options.n_steps, (uint64_t)window, 1),
            cases_number(line, "clickhouse_strict_deduplication", -1));
    }
    (void)gzclose(file);
    assert_int_equal(cases, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhaustive_search_answers_the_smallest_case_of_each_rule),
        cmocka_unit_test(exhaustive_search_finds_the_levels_of_1000_generated_funnels),
    };
    return cmocka_run_group_tests_name("funnel_oracle_cases", tests, NULL, NULL);
}
