/* The caller who does everything wrong.
 *
 * Each exported function is called with NULL where something must be, with options of every wrong
 * size and value, with broken texts, numbers, times, positions, columns, maps, conditions, tallies,
 * CSV and files; with objects that do not belong together; on graphs of every extreme shape; and
 * everything is freed in every order.  Each call must say clearly what is wrong and leave all as it
 * was (hostile.h), and none may crash or trip a sanitizer.
 *
 * Operand 1: the list of exported functions.  One that was never called is a failure. */
#include "fault/hostile.h"

#include <stdio.h>

static const char *hostile_exports = "tests/abi/exports.txt";

static void every_exported_function_was_called(void **state)
{
    (void)state;
    assert_int_equal(hostile_missing(hostile_exports), 0);
}

static const struct CMUnitTest hostile_last_tests[] = {
    cmocka_unit_test(every_exported_function_was_called)};

int main(int argc, char **argv)
{
    struct CMUnitTest tests[128];
    const struct {
        const struct CMUnitTest *tests;
        size_t n;
    } lists[] = {{hostile_argument_tests, n_hostile_argument_tests},
                 {hostile_option_tests, n_hostile_option_tests},
                 {hostile_door_tests, n_hostile_door_tests},
                 {hostile_funnel_tests, n_hostile_funnel_tests},
                 {hostile_map_tests, n_hostile_map_tests},
                 {hostile_event_tests, n_hostile_event_tests},
                 {hostile_byte_tests, n_hostile_byte_tests},
                 {hostile_csv_tests, n_hostile_csv_tests},
                 {hostile_shape_tests, n_hostile_shape_tests},
                 {hostile_last_tests, 1}};
    size_t n = 0;
    int failed;

    if (argc > 1)
        hostile_exports = argv[1];
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t k = 0; k < lists[i].n && n < sizeof tests / sizeof *tests; k++)
            tests[n++] = lists[i].tests[k];
    failed = _cmocka_run_group_tests("hostile", tests, n, hostile_open, hostile_close);
    printf("# %llu calls\n", (unsigned long long)hostile_calls());
    return failed;
}
