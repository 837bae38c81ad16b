/* The program `sojourn`: the whole library from the command line.  Uses the public header only.
 *
 *     main.c       which command                 arguments.c  the command line → settings
 *     shape.c      structs as the catalog describes them
 *     options.c    an options struct, filled by that description
 *     values.c     spans, times, numbers         input.c      files → graph
 *     commands.c   graph → result                output.c     result → standard output or a file
 *     unseen.c     names in a question that no event has
 *     help.c, progress.c, message.c
 *
 * A function that returns `int` returns a status for the shell: 0, or EXIT_WRONG or EXIT_USAGE
 * after it has said why. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <sojourn.h>

enum {
    EXIT_WRONG = 1, /* what needed data went wrong */
    EXIT_USAGE = 2  /* the command line cannot be understood */
};

/* -------------------------------------------------------------------------------- message.c -- */

/* Writes "sojourn: …" as one line to standard error and returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int say(int status, const char *format, ...);

/* Says what the library found wrong, with file, line and column where it is about text.  `about` is
 * a file or an option; NULL: neither.  Returns EXIT_WRONG. */
int say_error(const char *about, const sj_error *error);

/* Memory that lives until the program ends. */
typedef struct pool {
    void *last;
} pool;

/* Zero-filled; ends the program where there is no memory. */
void *pool_take(pool *memory, size_t size);
/* Room for one more element in an array of `n`; the array moves when n is a power of two. */
void *pool_more(pool *memory, void *array, size_t n, size_t element_size);
void pool_free(pool *memory);

/* --------------------------------------------------------------------------------- values.c -- */

/* `option` is how the value's option is called in messages, "--window". */
int read_span(const char *option, const char *text, int64_t *out);
int read_time(const char *option, const char *text, int64_t *out);
int read_number(const char *option, const char *text, int64_t low, int64_t high, int64_t *out);

/* Position in words separated by blanks, from 1; 0 if `text` (of `n` bytes) is none of them. */
int64_t word_find(const char *words, const char *text, size_t n);
/* Whether two names are equal when - and _ are. */
int same_name(const char *a, const char *b);
/* Edits (insert, remove, replace) that make one name of the other. */
size_t edits_between(const char *a, const char *b);

/* ---------------------------------------------------------------------------------- shape.c -- */

/* A public struct as the catalog describes it. */
typedef struct shape {
    sj_result *catalog;
    const sj_table *table;
    size_t n_fields;
    size_t size;
} shape;

typedef struct field {
    const char *name;
    const char *kind;
    const char *values;
    const char *fallback;
    const char *role;
    const char *count_field;
    const char *size_field;
    const char *element;
    char option[64]; /* "" where a command line cannot give it */
    size_t offset;
    size_t size;
} field;

int shape_open(const char *name, shape *out);
void shape_close(shape *opened);
field shape_field(const shape *opened, size_t i);
/* 1 and the field, or 0. */
int shape_find(const shape *opened, const char *name, field *out);
int shape_find_option(const shape *opened, const char *option, field *out);

/* -------------------------------------------------------------------------------- options.c -- */

/* A struct being filled, and the elements of its arrays. */
typedef struct filling {
    pool *memory;
    shape shape;
    unsigned char *bytes;
} filling;

int filling_open(const char *struct_name, pool *memory, filling *out);
void filling_close(filling *filled);

/* What follows the name of an option. */
typedef struct operand {
    const char *option;   /* as given, "--step" */
    const char *attached; /* after "=", or NULL */
    char **next;          /* the arguments behind it, up to NULL; moved on when one is taken */
} operand;

int operand_take(operand *from, const char **out);

/* Handles an option that the catalog names, or one of its forms: --step, --step-flags, --no-reuse.
 * *known is 0 where it is none. */
int filling_option(filling *filled, const char *name, operand *given, int *known);
/* The i-th of its conditions: those given by themselves (from, conversion) and those of its arrays
 * of structs (steps, exclusions); NULL past the last. */
const char *filling_condition(const filling *filled, size_t i);
/* Sets a pointer field. */
void filling_point(filling *filled, const char *name, const void *pointer);

/* One row of the table of forms that a choice has besides its words: --tie grace=2s sets `grace`
 * too. */
typedef struct extension {
    const char *option;
    const char *word;
    const char *field;
    const char *operand; /* for help: "SPAN" */
} extension;

const extension *extension_at(size_t i);

/* One row of the table of options that add a word to a set: --ngrams 2..5 sets two lengths too. */
typedef struct set_form {
    const char *name;
    const char *field; /* the set */
    const char *word;
    const char *low; /* fields of a range; NULL: none */
    const char *high;
} set_form;

/* Those that a struct has, by number; NULL past the last. */
const set_form *set_form_at(const shape *opened, size_t i);

/* ------------------------------------------------------------------------------- commands.c -- */

typedef struct command {
    const char *name;
    const char *summary;
    const char *options;     /* struct; NULL: none */
    const char *list_option; /* "levels": what else there is than `compute`; NULL: nothing */
    sj_status (*compute)(const sj_graph *, const void *, const sj_run *, sj_result **, sj_error *);
    sj_status (*list)(const sj_graph *, const void *, const sj_run *, sj_result **, sj_error *);
    sj_status (*plan)(const sj_graph *, const void *, sj_plan **,
                      sj_error *); /* for a baseline; NULL: none */
} command;

/* By number, NULL past the last; by name, NULL if there is none. */
const command *command_at(size_t i);
const command *command_find(const char *name);

/* ------------------------------------------------------------------------------ arguments.c -- */

typedef struct attribute {
    const char *name;
    int32_t type; /* 0: as the library sees fit */
} attribute;

typedef struct settings {
    pool *memory;
    const command *command;
    const char **files;
    size_t n_files;
    attribute *attributes;
    size_t n_attributes;
    const char *customer;
    const char *time;
    const char *touchpoint;
    const char *channel;
    const char *value;
    const char *map;
    const char *where;
    const char *customers_where;
    const char *baseline_where;
    const char *table;
    const char *output;
    const int64_t *baseline_from;
    const int64_t *baseline_to;
    const int64_t *observed_from;
    const int64_t *observed_until;
    int64_t delimiter;
    int64_t time_unit;
    int64_t time_offset;
    int64_t on_error;
    int64_t ties;
    int64_t drop_doubles;
    int64_t threads;
    int64_t format;
    int64_t list;
    filling question;
} settings;

/* An option of the program's own, which every command has. */
typedef struct own_option {
    const char *name;
    const char *operand; /* for help; NULL: takes none */
    const char *help;
    int kind;
    size_t offset;     /* in settings */
    const char *words; /* of a choice */
} own_option;

const own_option *baseline_option_at(size_t i);
const own_option *own_option_at(size_t i);

/* Reads what stands behind the command's name. */
int arguments_read(settings *out, char **arguments);

/* ---------------------------------------------------------------------------------- input.c -- */

int input_graph(const settings *given, const sj_run *run, sj_graph **out);

/* --------------------------------------------------------------------------------- unseen.c -- */

/* Declares the touchpoints that the question names and no event has, unless they look misspelt. */
int unseen_declare(const settings *given, const sj_run *run, sj_graph **graph);

/* ------------------------------------------------------------------------------- commands.c -- */

int command_answer(const settings *given, const sj_run *run, sj_graph **graph, sj_result **out);

/* --------------------------------------------------------------------------------- output.c -- */

int output_write(const settings *given, const sj_result *result);

/* ---------------------------------------------------------------------------------- help.c -- */

/* `asked` NULL: of the program. */
int help_show(const command *asked);

/* ------------------------------------------------------------------------------ progress.c -- */

/* A bar on standard error, where that is a terminal and the work takes longer than half a second.
 */
typedef struct progress {
    const char *doing;
    double began;
    double shown;
    int terminal;
    int drawn;
} progress;

void progress_begin(progress *bar, const char *doing);
int32_t progress_step(void *bar, uint64_t done, uint64_t total);
void progress_end(progress *bar);

#endif
