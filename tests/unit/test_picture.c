/* Tables as pictures: DOT and Mermaid, names that are not harmless, trees of paths, layers; and
 * that Graphviz reads the DOT. */
#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tally/result.h"
#include "unit/failing.h"

static const sj__column_spec picture_edge_columns[] = {
    {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
    {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT},
    {"share_out", SJ_COLUMN_REAL, SJ_UNIT_SHARE}};

static void picture_edge(sj_table *table, const char *from, const char *to, int64_t count,
                         double share)
{
    sj__put_string(table, 0, from);
    sj__put_string(table, 1, to);
    sj__put_integer(table, 2, count);
    sj__put_real(table, 3, share);
    sj__end_row(table);
}

static sj_result *picture_finish(sj_result *made)
{
    sj_result *result = NULL;
    assert_int_equal(sj__result_finish(made, &result, NULL), SJ_OK);
    return result;
}

static sj_result *picture_new(const sj_allocator *a)
{
    sj_result *result = NULL;
    assert_int_equal(sj__result_new(a, &result, NULL), SJ_OK);
    return result;
}

/* Two transitions behind a table that cannot be drawn. */
static sj_result *picture_small(const sj_allocator *a)
{
    sj_result *result = picture_new(a);
    sj__result_add(result, "counts", picture_edge_columns + 2, 1);
    sj_table *table = sj__result_add(result, "transitions", picture_edge_columns, 4);
    picture_edge(table, "(start)", "view", 3, 1);
    picture_edge(table, "view", "(end)", 2, 2.0 / 3);
    return picture_finish(result);
}

static void picture_expect(const sj_result *result, const char *table, int32_t format,
                           const char *expected)
{
    sj_buffer *buffer = NULL;
    sj_error error = {0};
    if (sj_result_write(result, table, format, &buffer, &error) != SJ_OK)
        fail_msg("%s", error.message);
    assert_string_equal(sj_buffer_data(buffer), expected);
    sj_buffer_free(buffer);
}

static void the_first_table_with_from_and_to_is_drawn(void **state)
{
    sj_result *result = picture_small(NULL);
    (void)state;
    picture_expect(result, NULL, SJ_FORMAT_DOT,
                   "digraph sojourn {\n    rankdir=LR;\n    node [shape=box];\n"
                   "    n0 [label=\"(start)\", shape=ellipse];\n"
                   "    n1 [label=\"view\"];\n"
                   "    n2 [label=\"(end)\", shape=ellipse];\n"
                   "    n0 -> n1 [label=\"3 (100.0%)\"];\n"
                   "    n1 -> n2 [label=\"2 (66.7%)\"];\n}\n");
    picture_expect(result, NULL, SJ_FORMAT_MERMAID,
                   "flowchart LR\n    n0([\"(start)\"])\n    n1[\"view\"]\n    n2([\"(end)\"])\n"
                   "    n0 -->|\"3 (100.0%)\"| n1\n    n1 -->|\"2 (66.7%)\"| n2\n");
    sj_result_free(result);
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    sj_result *result = picture_small(NULL);
    sj_buffer *buffer = NULL;
    sj_error error = {0};
    (void)state;
    assert_int_equal(sj_result_write(result, "counts", SJ_FORMAT_DOT, &buffer, &error),
                     SJ_ERR_ARGUMENT);
    assert_string_equal(
        error.message,
        "table 'counts' cannot be drawn: it has no columns from and to, and no paths");
    assert_null(buffer);
    sj_result_free(result);
    result = picture_new(NULL);
    sj__result_add(result, "counts", picture_edge_columns + 2, 1);
    result = picture_finish(result);
    assert_int_equal(sj_result_write(result, NULL, SJ_FORMAT_MERMAID, &buffer, &error),
                     SJ_ERR_ARGUMENT);
    assert_int_equal(sj_result_write(result, NULL, SJ_FORMAT_MERMAID + 1, &buffer, &error),
                     SJ_ERR_ARGUMENT);
    sj_result_free(result);
}

#define PICTURE_NASTY "a\"b\\c&lt;<b>\n\x01{|}[1]#`*_-\xc3\xa9"

static sj_result *picture_nasty(void)
{
    sj_result *result = picture_new(NULL);
    sj_table *table = sj__result_add(result, "transitions", picture_edge_columns, 4);
    picture_edge(table, PICTURE_NASTY, "- \\", 1, -0.25);
    picture_edge(table, "'(start)'", "(start)", 2, 0.0005);
    return picture_finish(result);
}

static void names_stand_for_themselves(void **state)
{
    sj_result *result = picture_nasty();
    (void)state;
    picture_expect(result, NULL, SJ_FORMAT_DOT,
                   "digraph sojourn {\n    rankdir=LR;\n    node [shape=box];\n"
                   "    n0 [label=\"a\\\"b\\\\c&amp;lt;<b>\\\\n\\\\x01{|}[1]#`*_-\xc3\xa9\"];\n"
                   "    n1 [label=\"- \\\\\"];\n"
                   "    n2 [label=\"'(start)'\"];\n"
                   "    n3 [label=\"(start)\", shape=ellipse];\n"
                   "    n0 -> n1 [label=\"1 (-25.0%)\"];\n"
                   "    n2 -> n3 [label=\"2 (0.1%)\"];\n}\n");
    picture_expect(result, NULL, SJ_FORMAT_MERMAID,
                   "flowchart LR\n"
                   "    n0[\"a#34;b#92;c#38;lt#59;#60;b#62;#92;n#92;x01#123;#124;#125;#91;1#93;#35;"
                   "#96;#42;_-\xc3\xa9\"]\n"
                   "    n1[\"#45; #92;\"]\n    n2[\"'(start)'\"]\n    n3([\"(start)\"])\n"
                   "    n0 -->|\"1 (-25.0%)\"| n1\n    n2 -->|\"2 (0.1%)\"| n3\n");
    sj_result_free(result);
}

static void paths_are_a_tree(void **state)
{
    static const sj__column_spec columns[] = {{"depth", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
                                              {"path", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
                                              {"count", SJ_COLUMN_INTEGER, SJ_UNIT_COUNT}};
    static const char *const paths[] = {"'a > b'", "'a > b' > 'it''s > x' > (end)",
                                        "'a > b' > (end)", "'a > b' > 'it''s > x'"};
    sj_result *result = picture_new(NULL);
    sj_table *table = sj__result_add(result, "paths", columns, 3);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sj__put_string(table, 1, paths[i]);
        sj__put_integer(table, 2, (int64_t)i + 1);
        sj__end_row(table);
    }
    result = picture_finish(result);
    picture_expect(
        result, "paths", SJ_FORMAT_MERMAID,
        "flowchart LR\n    n0[\"'a #62; b'\"]\n    n1([\"(end)\"])\n    n2([\"(end)\"])\n"
        "    n3[\"'it''s #62; x'\"]\n"
        "    n3 -->|\"2\"| n1\n    n0 -->|\"3\"| n2\n    n0 -->|\"4\"| n3\n");
    sj_result_free(result);
}

static void layers_are_kept_apart(void **state)
{
    static const sj__column_spec columns[] = {{"layer", SJ_COLUMN_INTEGER, SJ_UNIT_NONE},
                                              {"from", SJ_COLUMN_TEXT, SJ_UNIT_NONE},
                                              {"to", SJ_COLUMN_TEXT, SJ_UNIT_NONE}};
    sj_result *result = picture_new(NULL);
    sj_table *table = sj__result_add(result, "layers", columns, 3);
    (void)state;
    for (int64_t layer = 9; layer < 11; layer++) {
        sj__put_integer(table, 0, layer);
        sj__put_string(table, 1, "a");
        sj__put_string(table, 2, "a");
        sj__end_row(table);
    }
    result = picture_finish(result);
    picture_expect(result, NULL, SJ_FORMAT_MERMAID,
                   "flowchart LR\n    n0[\"a\"]\n    n1[\"a\"]\n    n2[\"a\"]\n"
                   "    n0 --> n1\n    n1 --> n2\n");
    sj_result_free(result);
}

/* What a program writes to standard output. */
static char *picture_run(const char *command)
{
    static char output[65536];
    FILE *from = popen(command, "r");
    assert_non_null(from);
    const size_t n = fread(output, 1, sizeof output - 1, from);
    output[n] = '\0';
    assert_int_equal(pclose(from), 0);
    return output;
}

static void graphviz_draws_it(void **state)
{
    char place[] = "/tmp/sojourn-picture-XXXXXX", command[128];
    sj_buffer *buffer = NULL;
    sj_result *result;
    (void)state;
    if (system("command -v dot >/dev/null 2>&1") != 0) {
        print_message("# Graphviz is not installed: nothing draws the picture\n");
        skip();
    }
    const int handle = mkstemp(place);
    assert_true(handle >= 0);
    result = picture_nasty();
    assert_int_equal(sj_result_write(result, NULL, SJ_FORMAT_DOT, &buffer, NULL), SJ_OK);
    const size_t n = sj_buffer_size(buffer);
    assert_int_equal(write(handle, sj_buffer_data(buffer), n), n);
    (void)close(handle);
    (void)snprintf(command, sizeof command, "dot -Tsvg %s", place);
    const char *drawn = picture_run(command);
    (void)unlink(place);
    assert_non_null(strstr(drawn, "</svg>"));
    /* the name as it is, in the words of SVG */
    assert_non_null(strstr(drawn, ">a&quot;b\\c&amp;lt;&lt;b&gt;\\n\\x01{|}[1]#`*_&#45;\xc3\xa9<"));
    assert_non_null(strstr(drawn, ">1 (&#45;25.0%)<"));
    sj_buffer_free(buffer);
    sj_result_free(result);
}

static void every_failed_allocation_is_one_clean_error(void **state)
{
    (void)state;
    for (int32_t format = SJ_FORMAT_DOT; format <= SJ_FORMAT_MERMAID; format++) {
        for (uint64_t at = 1, met = 1; met; at++) {
            failing memory = {0};
            const sj_allocator a = failing_allocator(&memory);
            sj_result *result = picture_small(&a);
            sj_buffer *buffer = NULL;
            memory.fail_at = memory.requests + at;
            const sj_status status = sj_result_write(result, NULL, format, &buffer, NULL);
            met = memory.failures;
            assert_int_equal(status, met ? SJ_ERR_NOMEM : SJ_OK);
            assert_int_equal(buffer == NULL, met);
            sj_buffer_free(buffer);
            sj_result_free(result);
            failing_check(&memory);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_table_with_from_and_to_is_drawn),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(names_stand_for_themselves),
        cmocka_unit_test(paths_are_a_tree),
        cmocka_unit_test(layers_are_kept_apart),
        cmocka_unit_test(graphviz_draws_it),
        cmocka_unit_test(every_failed_allocation_is_one_clean_error),
    };
    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
