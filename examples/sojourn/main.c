/* Which command. */
#include "program.h"

#include <stdio.h>
#include <string.h>

static int unknown_command(const char *name)
{
    char names[256] = "";

    for (size_t i = 0; command_at(i); i++) {
        const size_t used = strlen(names);

        (void)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                       command_at(i)->name);
    }
    return say(EXIT_USAGE, "there is no command \"%s\": there are %s", name, names);
}

/* --help anywhere asks for help, unless what stands before is -- or an option whose value it would
 * be. */
static int asks_for_help(char **arguments)
{
    for (; *arguments && strcmp(*arguments, "--") != 0; arguments++) {
        if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0)
            return 1;
    }
    return 0;
}

static int run_command(const command *asked, char **arguments)
{
    pool memory = {0};
    settings given = {.memory = &memory, .command = asked};
    sj_run run = {.struct_size = sizeof run};
    sj_graph *graph = NULL;
    sj_result *result = NULL;
    int status = arguments_read(&given, arguments);

    run.threads = given.threads;
    if (!status)
        status = input_graph(&given, &run, &graph);
    if (!status)
        status = command_answer(&given, &run, &graph, &result);
    if (!status)
        status = output_write(&given, result);
    sj_result_free(result);
    sj_graph_free(graph);
    filling_close(&given.question);
    pool_free(&memory);
    return status;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const command *asked;

    if (!name)
        return say(EXIT_USAGE, "a command is needed: sojourn --help lists them");
    if (strcmp(name, "--version") == 0) {
        printf("sojourn %s\n", sj_version());
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
        (strcmp(name, "help") == 0 && argc < 3))
        return help_show(NULL);
    if (strcmp(name, "help") == 0)
        name = argv[2];
    asked = command_find(name);
    if (!asked)
        return unknown_command(name);
    if (strcmp(argv[1], "help") == 0 || asks_for_help(argv + 2))
        return help_show(asked);
    return run_command(asked, argv + 2);
}
