/* Canonical conditions read back from a tally's text, for conclusions: no map, no graph. */
#ifndef SJ__JOURNEY_CONDITION_NAME_H
#define SJ__JOURNEY_CONDITION_NAME_H

#include "base/text.h"

/* A line's value with its escapes taken back; in place of `to`, which is emptied before. */
void sj__condition_unescape(sj__text *to, const char *value, size_t n);

/* The x of a canonical touchpoint = 'x', conversion = 'x' or stage = 'x', behind what `name` holds,
 * and 1; else 0. */
int sj__condition_bare_name(sj__text *name, const char *condition, size_t n);

#endif
