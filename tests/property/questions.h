/* Every analysis with several sets of options, for tests that say the same of all of them.  A new
 * analysis adds rows. */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include <sojourn.h>

/* A question by number: its name, NULL past the last. */
const char *questions_name(size_t i);
sj_status questions_plan(size_t i, const sj_graph *graph, sj_plan **out, sj_error *error);
sj_status questions_conclude(size_t i, const sj_tally *tally, sj_result **out, sj_error *error);
/* Whether its analysis lists units; only then there is a list. */
int questions_has_list(size_t i);
sj_status questions_list(size_t i, const sj_graph *graph, sj_result **out, sj_error *error);
/* 1 where this failure says that an option of the question is not built yet. */
int questions_later(sj_status status, const sj_error *error);

#endif
