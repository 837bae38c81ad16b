/* Marks of events.  The touchpoint alone decides most of them (a table); an event is looked at only
 * for conditions that depend on more. */
#include "journey/marks.h"

#include <string.h>

sj_status sj__marks_init(sj__marks *marks, const sj__map *map, const sj_allocator *allocator,
                         sj_error *error)
{
    const size_t n = map->touchpoints.count;
    *marks = (sj__marks){.allocator = allocator, .n_touchpoints = n};
    marks->always = sj__alloc_zeroed(allocator, n, 1);
    marks->look = sj__alloc_zeroed(allocator, n, 1);
    return marks->always != NULL && marks->look != NULL ? SJ_OK : sj__fail_nomem(error);
}

void sj__marks_free(sj__marks *marks)
{
    if (marks->allocator == NULL)
        return;
    for (size_t i = 0; i < SJ__MARKS; i++)
        sj__condition_free(marks->conditions[i]);
    sj__free(marks->allocator, marks->always, marks->n_touchpoints, 1);
    sj__free(marks->allocator, marks->look, marks->n_touchpoints, 1);
    *marks = (sj__marks){0};
}

sj_status sj__marks_add(sj__marks *marks, const sj__map *map, int bit, const char *what,
                        const char *condition, sj_error *error)
{
    sj_error why = {0};
    const sj_status status = sj__condition_compile(map, condition, strlen(condition),
                                                   marks->allocator, &marks->conditions[bit], &why);
    if (status != SJ_OK)
        return sj__fail_at(error, status,
                           (sj__place){.index = why.index, .line = why.line, .column = why.column},
                           "%s: %s", what, why.message);
    for (uint32_t t = 0; t < marks->n_touchpoints; t++) {
        const int verdict = sj__condition_verdict(marks->conditions[bit], t);
        if (verdict == SJ__ALWAYS_MET)
            marks->always[t] |= (uint8_t)(1u << bit);
        else if (verdict == SJ__LOOK)
            marks->look[t] |= (uint8_t)(1u << bit);
    }
    return SJ_OK;
}

static uint8_t marks_look(const sj__marks *marks, const sj_graph *graph, const sj__journey *journey,
                          size_t i, uint8_t look)
{
    uint8_t met = 0;
    for (int bit = 0; bit < SJ__MARKS; bit++) {
        if ((look >> bit & 1) != 0 &&
            sj__condition_met(marks->conditions[bit], graph, journey->customer,
                              journey->base + journey->position[i]))
            met |= (uint8_t)(1u << bit);
    }
    return met;
}

void sj__marks_put(const sj__marks *marks, const sj_graph *graph, const sj__journey *journey,
                   size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t t = sj__journey_touchpoint(journey, i);
        out[i] = marks->always[t];
        if (marks->look[t] != 0)
            out[i] |= marks_look(marks, graph, journey, i, marks->look[t]);
    }
}

void sj__marks_write(const sj__marks *marks, int bit, const char *name, sj__text *text)
{
    if (marks->conditions[bit] == NULL)
        return;
    sj__text_add(text, name);
    sj__text_char(text, ' ');
    for (const char *c = sj__condition_text(marks->conditions[bit]); *c != '\0'; c++) {
        if (*c == '\n' || *c == '\\')
            sj__text_char(text, '\\');
        sj__text_char(text, *c == '\n' ? 'n' : *c);
    }
    sj__text_char(text, '\n');
}
