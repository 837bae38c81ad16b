/* The command line: FILEs, the options that every command has (the table OWN), and those of the
 * analysis (options.c). */
#include "program.h"

#include <stdio.h>
#include <string.h>

enum {
    OWN_TEXT = 1,
    OWN_FLAG,
    OWN_CHOICE,
    OWN_TIME,
    OWN_THREADS,
    OWN_MINUTES,
    OWN_DELIMITER,
    OWN_ATTRIBUTE
};

#define AT(member) offsetof(settings, member)

static const own_option OWN[] = {
    {"customer", "COL", "column that says who (needed for CSV)", OWN_TEXT, AT(customer), NULL},
    {"time", "COL", "column that says when (needed for CSV)", OWN_TEXT, AT(time), NULL},
    {"touchpoint", "COL", "column that says which touchpoint (needed for CSV)", OWN_TEXT,
     AT(touchpoint), NULL},
    {"channel", "COL", "column of the channel", OWN_TEXT, AT(channel), NULL},
    {"value", "COL", "column of the value", OWN_TEXT, AT(value), NULL},
    {"attribute", "COL[:category|int|real]", "column to keep as an attribute; repeatable",
     OWN_ATTRIBUTE, 0, NULL},
    {"delimiter", "C", "character between fields, or tab; guessed from the header line",
     OWN_DELIMITER, AT(delimiter), NULL},
    {"time-unit", "UNIT", "of times that are whole numbers (default s)", OWN_CHOICE, AT(time_unit),
     "s ms us ns"},
    {"time-offset", "MINUTES", "of ISO 8601 times in the file that name none (default 0: UTC)",
     OWN_MINUTES, AT(time_offset), NULL},
    {"on-error", "WHAT", "with a row that cannot be read: stop, or leave it out and report it",
     OWN_CHOICE, AT(on_error), "fail skip"},
    {"map", "FILE", "the journey map", OWN_TEXT, AT(map), NULL},
    {"ties", "ORDER", "of one customer's events at one time (default arrival)", OWN_CHOICE,
     AT(ties), "arrival name"},
    {"observed-from", "TIME", "when observation began (default: the earliest event)", OWN_TIME,
     AT(observed_from), NULL},
    {"observed-until", "TIME", "when observation ended (default: the latest event)", OWN_TIME,
     AT(observed_until), NULL},
    {"drop-doubles", NULL, "rows that are equal in every kept column count once", OWN_FLAG,
     AT(drop_doubles), NULL},
    {"customers-where", "CONDITION", "only customers with at least one such event", OWN_TEXT,
     AT(customers_where), NULL},
    {"where", "CONDITION", "only events that match", OWN_TEXT, AT(where), NULL},
    {"format", "FORMAT", "of the answer (default table)", OWN_CHOICE, AT(format),
     "table json csv dot mermaid"},
    {"table", "NAME", "only this table of the answer", OWN_TEXT, AT(table), NULL},
    {"output", "FILE", "where to write, instead of standard output", OWN_TEXT, AT(output), NULL},
    {"threads", "N", "how many threads may work (default 1)", OWN_THREADS, AT(threads), NULL},
};

enum { N_OWN = sizeof OWN / sizeof *OWN };

/* Of commands that can compare. */
static const own_option BASELINE[] = {
    {"baseline-where", "CONDITION",
     "compare with the customers who have such an event; the figures are the others'", OWN_TEXT,
     AT(baseline_where), NULL},
    {"baseline-from", "TIME", "compare with what happened from then on …", OWN_TIME,
     AT(baseline_from), NULL},
    {"baseline-to", "TIME", "… and before this; the figures are of what came after", OWN_TIME,
     AT(baseline_to), NULL},
};

enum { N_BASELINE = sizeof BASELINE / sizeof *BASELINE };

const own_option *baseline_option_at(size_t i)
{
    return i < N_BASELINE ? &BASELINE[i] : NULL;
}

const own_option *own_option_at(size_t i)
{
    return i < N_OWN ? &OWN[i] : NULL;
}

/* ------------------------------------------------------------------------------ own options -- */

static const own_option *own_find(const own_option *options, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

/* The suffix counts only where it is exactly one of the three, so that `case:channel` is a column.
 */
static int own_attribute(settings *out, const char *text)
{
    static const char TYPES[] = "category int real";
    const char *colon = strrchr(text, ':');
    const int64_t type = colon ? word_find(TYPES, colon + 1, strlen(colon + 1)) : 0;
    const size_t n = type ? (size_t)(colon - text) : strlen(text);
    char *name = pool_take(out->memory, n + 1);

    memcpy(name, text, n);
    if (n == 0)
        return say(EXIT_USAGE, "--attribute: \"%s\" names no column", text);
    for (size_t i = 0; i < out->n_attributes; i++) {
        if (strcmp(out->attributes[i].name, name) == 0)
            return say(EXIT_USAGE, "--attribute %s is given twice", name);
    }
    out->attributes =
        pool_more(out->memory, out->attributes, out->n_attributes, sizeof *out->attributes);
    out->attributes[out->n_attributes++] = (attribute){name, (int32_t)type};
    return 0;
}

static int own_delimiter(const char *text, int64_t *out)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        *out = '\t';
    else if (text[0] > 0 && !text[1])
        *out = text[0];
    else
        return say(EXIT_USAGE, "--delimiter: \"%s\" is no single ASCII character, and not tab",
                   text);
    return 0;
}

static int own_number(const own_option *own, const operand *given, const char *text, int64_t *out)
{
    switch (own->kind) {
    case OWN_THREADS:
        return read_number(given->option, text, 1, 1024, out);
    case OWN_MINUTES:
        return read_number(given->option, text, -1439, 1439, out);
    case OWN_DELIMITER:
        return own_delimiter(text, out);
    default:
        *out = word_find(own->words, text, strlen(text));
        if (!*out)
            return say(EXIT_USAGE, "%s: there is no \"%s\": choose one of %s", given->option, text,
                       own->words);
        return 0;
    }
}

static int own_set(settings *out, const own_option *own, operand *given)
{
    unsigned char *member = (unsigned char *)out + own->offset;
    const char *text = NULL;
    const void *pointer = NULL;
    int64_t number = 1;
    int status = 0;

    if (own->kind == OWN_FLAG && given->attached)
        return say(EXIT_USAGE, "%s takes no value", given->option);
    if (own->kind != OWN_FLAG && (status = operand_take(given, &text)) != 0)
        return status;
    if (own->kind == OWN_ATTRIBUTE)
        return own_attribute(out, text);
    if (own->kind == OWN_TEXT || own->kind == OWN_TIME) {
        memcpy(&pointer, member, sizeof pointer);
        if (pointer)
            return say(EXIT_USAGE, "%s is given twice", given->option);
        pointer = text;
        if (own->kind == OWN_TIME) {
            int64_t *time = pool_take(out->memory, sizeof *time);

            status = read_time(given->option, text, time);
            pointer = time;
        }
        memcpy(member, &pointer, sizeof pointer);
        return status;
    }
    if (own->kind != OWN_FLAG)
        status = own_number(own, given, text, &number);
    memcpy(member, &number, sizeof number);
    return status;
}

/* ------------------------------------------------------------------------- unknown options -- */

static void nearest_try(const char *name, const char *candidate, char *best, size_t size,
                        size_t *edits)
{
    const size_t n = edits_between(name, candidate);

    if (n < *edits) {
        *edits = n;
        (void)snprintf(best, size, "%s", candidate);
    }
}

static int unknown_option(const settings *given, const char *option)
{
    char best[64] = "";
    size_t edits = 4;
    const char *name = option + strspn(option, "-");

    for (size_t i = 0; i < N_OWN; i++)
        nearest_try(name, OWN[i].name, best, sizeof best, &edits);
    for (size_t i = 0; i < given->question.shape.n_fields; i++) {
        const field at = shape_field(&given->question.shape, i);

        if (at.option[0])
            nearest_try(name, at.option, best, sizeof best, &edits);
    }
    if (best[0])
        return say(EXIT_USAGE, "there is no option %s: did you mean --%s?", option, best);
    return say(EXIT_USAGE, "there is no option %s: sojourn %s --help lists them", option,
               given->command->name);
}

/* ------------------------------------------------------------------------------- arguments -- */

/* Options that depend on what the command can do. */
static int arguments_of_command(settings *out, const char *name, operand *given, int *known)
{
    const command *asked = out->command;

    *known = 1;
    if (asked->list_option && strcmp(name, asked->list_option) == 0) {
        if (given->attached)
            return say(EXIT_USAGE, "%s takes no value", given->option);
        out->list = 1;
        return 0;
    }
    const own_option *baseline = asked->plan ? own_find(BASELINE, N_BASELINE, name) : NULL;

    if (baseline)
        return own_set(out, baseline, given);
    *known = 0;
    return 0;
}

static int arguments_option(settings *out, char *argument, char ***next)
{
    char name[64];
    operand given = {.option = argument, .attached = strchr(argument, '='), .next = *next};
    const own_option *own;
    int known = 0, status;

    if (given.attached) {
        argument[given.attached - argument] = '\0';
        given.attached++;
    }
    if (strncmp(argument, "--", 2) != 0 || strlen(argument) - 2 >= sizeof name)
        return unknown_option(out, argument);
    (void)snprintf(name, sizeof name, "%s", argument + 2);
    own = own_find(OWN, N_OWN, name);
    if (own) {
        known = 1;
        status = own_set(out, own, &given);
    } else {
        status = arguments_of_command(out, name, &given, &known);
        if (!known && out->command->options)
            status = filling_option(&out->question, name, &given, &known);
    }
    *next = given.next;
    return known ? status : unknown_option(out, argument);
}

static int arguments_check(const settings *given)
{
    const char *name = given->command->name;
    int pipes = 0;

    for (size_t i = 0; i < given->n_files; i++)
        pipes += strcmp(given->files[i], "-") == 0;
    if (pipes > 1)
        return say(EXIT_USAGE, "standard input can be read only once");
    if (given->n_files == 0)
        return say(EXIT_USAGE, "%s needs a FILE to read, or - for standard input", name);
    if (!given->customer || !given->time || !given->touchpoint)
        return say(EXIT_USAGE, "%s needs --%s COL, a column of the CSV by its name in the header",
                   name,
                   !given->customer ? "customer"
                   : !given->time   ? "time"
                                    : "touchpoint");
    if (!given->baseline_from != !given->baseline_to)
        return say(EXIT_USAGE, "--baseline-from and --baseline-to need each other");
    if (given->baseline_from && *given->baseline_from >= *given->baseline_to)
        return say(EXIT_USAGE, "--baseline-from must lie before --baseline-to");
    if (given->baseline_from && given->baseline_where)
        return say(EXIT_USAGE, "--baseline-from and --baseline-where exclude each other");
    if (given->list && (given->baseline_where || given->baseline_from))
        return say(EXIT_USAGE, "--%s and --baseline-%s exclude each other",
                   given->command->list_option, given->baseline_where ? "where" : "from");
    return 0;
}

int arguments_read(settings *out, char **arguments)
{
    int status = 0, options = 1;

    if (out->command->options)
        status = filling_open(out->command->options, out->memory, &out->question);
    while (!status && *arguments) {
        char *argument = *arguments++;

        if (options && strcmp(argument, "--") == 0) {
            options = 0;
        } else if (options && argument[0] == '-' && argument[1]) {
            status = arguments_option(out, argument, &arguments);
        } else {
            out->files = pool_more(out->memory, out->files, out->n_files, sizeof *out->files);
            out->files[out->n_files++] = argument;
        }
    }
    return status ? status : arguments_check(out);
}
