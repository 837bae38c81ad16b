/* Paths by the definition of docs/paths.md, a second time and slowly: every path is written out as
 * texts, and the tree is found by putting together those that begin alike.  Public headers only. */
#ifndef PATH_ORACLE_H
#define PATH_ORACLE_H

#include <sojourn.h>

enum { PATH_ORACLE_TEXT = 1200 };

/* Whether an event meets the condition `from` (which 0) or `to` (which 1). */
typedef int (*path_oracle_meets)(void *user, const sj_moment *moment, int which);

typedef struct path_oracle_question {
    const sj_path_options
        *options; /* but for conditions: only whether they are there, and how tables call them */
    path_oracle_meets meets;
    void *user;
} path_oracle_question;

typedef struct path_oracle_row {
    int64_t depth;
    int64_t count;
    char path[PATH_ORACLE_TEXT];
} path_oracle_row;

typedef struct path_oracle_answer {
    path_oracle_row *rows; /* in the order of the table */
    size_t n_rows, capacity;
    size_t n_paths;
    int adds_up; /* at every branch */
} path_oracle_answer;

void path_oracle_ask(const sj_graph *graph, const path_oracle_question *question,
                     path_oracle_answer *out);
void path_oracle_free(path_oracle_answer *answer);

/* A name as a table shows it. */
void path_oracle_show(const char *name, char *to, size_t room);

#endif
