/* Names of the rows of the table `steps`, from a tally's text: a step's own; in a block, whose
 * rows are counts, "2 of search, view, cart". Of a large block the first names stand for all, so
 * that the text stays O(steps). */
#include "analysis/funnel.h"

#include <string.h>

#define FUNNEL_ROW_NAMES 8 /* most names in the name of a row */

/* The group that a step's line of rules tells; 0: none. */
static int64_t row_group(const char *rules, size_t n)
{
    static const char field[] = "group=";
    const size_t length = sizeof field - 1;
    sj_step step = {0};
    size_t at = n;
    while (at > 0 && rules[at - 1] != ' ')
        at--;
    if (n - at > length && memcmp(rules + at, field, length) == 0)
        (void)sj__options_set(&sj__step_struct, &step, "group", length - 1, rules + at + length,
                              n - at - length);
    return step.group;
}

/* By step from 0: its group, or order any as one. */
static void row_read_groups(const sj__funnel_reading *reading, int64_t *groups)
{
    const char *line = reading->tally->text, *end = line + reading->tally->text_size;
    const char *name, *value;
    size_t n_name, n_value;
    uint32_t k = 0;
    while (line != NULL && line < end) {
        line = sj__options_next(line, end, &name, &n_name, &value, &n_value);
        if (n_name == 4 && memcmp(name, "step", 4) == 0)
            groups[k++] = reading->options.order == SJ_ORDER_ANY;
        else if (n_name == 10 && memcmp(name, "step_rules", 10) == 0 && k > 0)
            groups[k - 1] = row_group(value, n_value);
    }
}

/* Rows of the block of `size` steps whose names begin at `first`; behind its last name. */
static const char *row_name_block(sj__text *names, const char *first, uint32_t size)
{
    const char *behind = first;
    for (uint32_t n = 1; n <= size; n++) {
        const char *name = first;
        sj__text_integer(names, n);
        sj__text_add(names, " of ");
        for (uint32_t k = 0; k < size && k < FUNNEL_ROW_NAMES; k++, name += strlen(name) + 1) {
            if (k > 0)
                sj__text_add(names, ", ");
            sj__text_add(names, name);
        }
        if (size > FUNNEL_ROW_NAMES) {
            sj__text_add(names, " and ");
            sj__text_integer(names, (int64_t)size - FUNNEL_ROW_NAMES);
            sj__text_add(names, " more");
        }
        sj__text_char(names, '\0');
    }
    for (uint32_t k = 0; k < size; k++)
        behind += strlen(behind) + 1;
    return behind;
}

sj_status sj__funnel_name_rows(sj__funnel_reading *reading, sj_error *error)
{
    const sj_allocator *a = &reading->allocator;
    const uint32_t n_steps = reading->n_steps;
    int64_t *groups = sj__alloc(a, n_steps, sizeof *groups);
    const char *name = sj__text_data(&reading->names);
    sj__text names;
    if (groups == NULL)
        return sj__fail_nomem(error);
    sj__text_init(&names, a);
    row_read_groups(reading, groups);
    for (uint32_t k = 0, end; k < n_steps; k = end) {
        for (end = k + 1; end < n_steps && groups[k] != 0 && groups[end] == groups[k];)
            end++;
        if (end > k + 1) {
            name = row_name_block(&names, name, end - k);
        } else {
            sj__text_bytes(&names, name, strlen(name) + 1);
            name += strlen(name) + 1;
        }
    }
    sj__free(a, groups, n_steps, sizeof *groups);
    sj__text_free(&reading->names);
    reading->names = names;
    return sj__text_status(&reading->names, error);
}
