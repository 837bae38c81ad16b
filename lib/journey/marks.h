/* Marks: a bit per condition and event, so that a journey is asked once what each of its events is.
 */
#ifndef SJ__JOURNEY_MARKS_H
#define SJ__JOURNEY_MARKS_H

#include "journey/condition.h"

enum { SJ__MARKS = 8 };

typedef struct sj__marks {
    const sj_allocator *allocator;
    sj__condition *conditions[SJ__MARKS]; /* NULL: no such mark */
    uint8_t *always, *look; /* by touchpoint: marks that all of its events have, or may have */
    size_t n_touchpoints;
} sj__marks;

/* `allocator` and `map` must outlive it; free in any case.  SJ_ERR_NOMEM. */
sj_status sj__marks_init(sj__marks *marks, const sj__map *map, const sj_allocator *allocator,
                         sj_error *error);
void sj__marks_free(sj__marks *marks);
/* Events that meet `condition` get bit `bit`; `what` names the option in messages.
 * SJ_ERR_CONDITION, SJ_ERR_NAME. */
sj_status sj__marks_add(sj__marks *marks, const sj__map *map, int bit, const char *what,
                        const char *condition, sj_error *error);
/* Marks of the first n events of a decoded journey. */
void sj__marks_put(const sj__marks *marks, const sj_graph *graph, const sj__journey *journey,
                   size_t n, uint8_t *out);
/* A line "name condition" of a tally's text, with the condition in canonical form; nothing where
 * there is no such mark. */
void sj__marks_write(const sj__marks *marks, int bit, const char *name, sj__text *text);

#endif
