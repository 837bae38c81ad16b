/* Graphs of hand-worked journeys, written as texts: "ann A0 B2=5 C9" is customer ann at A at 0 s,
 * at B at 2 s with a value of 5, at C at 9 s.  A touchpoint of more than a letter stands in double
 * quotes. */
#ifndef SJ_TESTS_LETTERS_H
#define SJ_TESTS_LETTERS_H

#include "rows.h"

#include <sojourn.h>

/* One event of the text at *s; 0 at its end. */
static inline int letters_event(const char **s, char *touchpoint, size_t room, row *out,
                                char *value)
{
    char *end;
    size_t n = 0;
    *s += strspn(*s, " ");
    if (**s == '\0')
        return 0;
    if (**s == '"') {
        n = strcspn(*s + 1, "\"");
        snprintf(touchpoint, room, "%.*s", (int)n, *s + 1);
        *s += n + 2;
    } else {
        snprintf(touchpoint, room, "%c", **s);
        ++*s;
    }
    *out = (row){.touchpoint = touchpoint, .time = strtoll(*s, &end, 10) * SJ_SECOND};
    *s = end;
    if (**s == '=') {
        n = strcspn(*s + 1, " ");
        snprintf(value, 32, "%.*s", (int)n, *s + 1);
        out->value = value;
        *s += n + 1;
    }
    return 1;
}

static inline void letters_feed(sj_builder *b, const char *text)
{
    char customer[64], touchpoint[64], value[32];
    const size_t n = strcspn(text, " ");
    row event;
    snprintf(customer, sizeof customer, "%.*s", (int)n, text);
    for (text += n; letters_event(&text, touchpoint, sizeof touchpoint, &event, value);) {
        event.customer = customer;
        must(rows_add(b, &event, error));
    }
}

/* `declared`: touchpoints of one letter that the map declares. */
static inline sj_graph *letters_graph(const char *declared, const sj_builder_options *options,
                                      const char *const *texts)
{
    sj_builder *b = rows_builder(options);
    sj_graph *g;
    for (; *declared; declared++)
        must(sj_builder_add_touchpoint(b, (char[2]){*declared, 0}, NULL, NULL, error));
    for (; *texts; texts++)
        letters_feed(b, *texts);
    g = rows_build(b);
    sj_builder_free(b);
    return g;
}

#define LETTERS(declared, ...)                                                                     \
    letters_graph((declared), NULL, (const char *const[]){__VA_ARGS__, NULL})

/* A column of whole numbers beside one of texts, a row a line: "2 A > B\n". */
static inline const char *letters_rows(const sj_table *table, const char *number, const char *text)
{
    static char all[8192];
    size_t n = 0;
    all[0] = '\0';
    for (size_t i = 0; table && i < sj_table_rows(table) && n < sizeof all - 256; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%lld %s\n",
                              (long long)sj_table_integers(table, number)[i],
                              sj_table_text(table, text, i));
    return all;
}

/* Whether there is something in a row. */
static inline int letters_has(const sj_table *table, const char *column, size_t i)
{
    const uint8_t *valid = sj_table_validity(table, column);
    return !valid || (valid[i / 8] >> i % 8 & 1) != 0;
}

static inline const char *letters_note(const sj_result *result, const char *name)
{
    const sj_table *notes = sj_result_find(result, "notes");
    for (size_t i = 0; notes && i < sj_table_rows(notes); i++)
        if (strcmp(sj_table_text(notes, "name", i), name) == 0)
            return sj_table_text(notes, "text", i);
    return NULL;
}

#endif
