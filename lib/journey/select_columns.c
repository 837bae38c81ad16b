/* Channels, values and attributes of the events and customers that a selection keeps.  Categories
 * that none of them has are forgotten; the others keep their order. */
#include "journey/select.h"

#include <string.h>

#include "base/bitmap.h"

/* The categories of a column, NULL where it has none. */
static const sj__intern *columns_values(const sj__map *map, size_t column)
{
    int attribute = column >= SJ__ATTRIBUTE_COLUMN && sj__column_has_codes(map, column);
    return attribute ? &map->attribute[column - SJ__ATTRIBUTE_COLUMN].values : NULL;
}

sj_status sj__select_columns_init(sj__select_columns *columns, const sj_graph *graph, size_t room,
                                  sj_error *error)
{
    const sj__map *map = sj__graph_map(graph);
    const sj_allocator *a = sj__graph_allocator(graph);
    *columns = (sj__select_columns){.graph = graph, .allocator = a, .room = room ? room : 1};
    columns->n = SJ__ATTRIBUTE_COLUMN + (size_t)map->attributes.count;
    columns->code = sj__alloc_zeroed(a, columns->n, sizeof *columns->code);
    columns->codes = sj__alloc(a, columns->room, sizeof *columns->codes);
    columns->words = sj__alloc(a, columns->room, sizeof *columns->words);
    columns->present = sj__alloc(a, sj__bitmap_words(columns->room), sizeof *columns->present);
    if (!columns->code || !columns->codes || !columns->words || !columns->present) {
        return sj__fail_nomem(error);
    }
    for (size_t c = 0; c < columns->n; c++) {
        const sj__intern *values = columns_values(map, c);
        if (values) {
            columns->code[c] =
                sj__alloc_zeroed(a, (size_t)values->count + 1, sizeof **columns->code);
            if (!columns->code[c]) {
                return sj__fail_nomem(error);
            }
        }
    }
    return SJ_OK;
}

void sj__select_columns_free(sj__select_columns *columns)
{
    const sj_allocator *a = columns->allocator;
    if (!a) {
        return;
    }
    for (size_t c = 0; columns->code && c < columns->n; c++) {
        const sj__intern *values = columns_values(sj__graph_map(columns->graph), c);
        sj__free(a, columns->code[c], values ? (size_t)values->count + 1 : 0,
                 sizeof **columns->code);
    }
    sj__free(a, columns->code, columns->n, sizeof *columns->code);
    sj__free(a, columns->codes, columns->room, sizeof *columns->codes);
    sj__free(a, columns->words, columns->room, sizeof *columns->words);
    sj__free(a, columns->present, sj__bitmap_words(columns->room), sizeof *columns->present);
    *columns = (sj__select_columns){0};
}

/* Rows of a column that belong to a journey: its events, or its customer. */
static size_t columns_rows(const sj__select_columns *columns, const sj__kept_journey *journey,
                           size_t column, const uint64_t **rows)
{
    int of_customers = sj__column_of_customers(sj__graph_map(columns->graph), column);
    *rows = of_customers ? &journey->customer : journey->event;
    return of_customers ? 1 : journey->n;
}

static int columns_has_own_channel(const sj_graph *graph, const sj__kept_journey *journey)
{
    const sj__map *map = sj__graph_map(graph);
    for (size_t i = 0; i < journey->n; i++) {
        if (sj__graph_channel(graph, journey->event[i]) !=
            map->touchpoint[journey->touchpoint[i]].channel) {
            return 1;
        }
    }
    return 0;
}

void sj__select_columns_measure(sj__select_columns *columns, const sj__kept_journey *journey,
                                sj__shape *shape)
{
    for (size_t c = 0; c < columns->n; c++) {
        const uint64_t *rows;
        size_t n = columns_rows(columns, journey, c, &rows);
        if (!sj__graph_has_column(columns->graph, c)) {
            continue;
        }
        if (c == SJ__CHANNEL_COLUMN) {
            shape->has_channels =
                shape->has_channels || columns_has_own_channel(columns->graph, journey);
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            uint64_t word;
            if (sj__graph_word(columns->graph, c, rows[i], &word)) {
                shape->numbers[c]++;
                if (columns->code[c]) {
                    columns->code[c][word] = 1;
                }
            }
        }
    }
}

/* Keeps the categories that are used, and gives them their new numbers. */
static sj_status columns_keep_values(sj__intern *values, uint32_t *code,
                                     const sj_allocator *allocator, sj_error *error)
{
    sj__intern kept;
    sj_status status = SJ_OK;
    sj__intern_init(&kept, allocator);
    for (uint32_t i = 0; !status && i < values->count; i++) {
        if (code[i + 1]) {
            size_t n;
            const char *name = sj__intern_name(values, i, &n);
            uint32_t number;
            status = sj__intern_add(&kept, name, n, &number, error);
            code[i + 1] = status ? 0 : number + 1;
        }
    }
    if (status) {
        sj__intern_free(&kept);
        return status;
    }
    sj__intern_free(values);
    *values = kept;
    return SJ_OK;
}

sj_status sj__select_columns_map(sj__select_columns *columns, sj__map *map,
                                 const sj_allocator *allocator, sj_error *error)
{
    sj_status status = sj__map_copy(map, sj__graph_map(columns->graph), allocator, error);
    for (size_t c = SJ__ATTRIBUTE_COLUMN; !status && c < columns->n; c++) {
        if (columns->code[c]) {
            status = columns_keep_values(&map->attribute[c - SJ__ATTRIBUTE_COLUMN].values,
                                         columns->code[c], allocator, error);
        }
    }
    return status;
}

void sj__select_columns_pack(sj__select_columns *columns, const sj__kept_journey *journey,
                             sj__pack *pack)
{
    const sj__map *map = sj__graph_map(columns->graph);
    for (size_t c = 0; c < columns->n; c++) {
        const uint64_t *rows;
        size_t n = columns_rows(columns, journey, c, &rows);
        if (!sj__graph_has_column(columns->graph, c)) {
            continue;
        }
        memset(columns->present, 0, sj__bitmap_words(n) * sizeof *columns->present);
        for (size_t i = 0; i < n; i++) {
            uint64_t word;
            if (sj__graph_word(columns->graph, c, rows[i], &word)) {
                sj__bit_set(columns->present, i);
            }
            columns->words[i] = word;
            columns->codes[i] = columns->code[c]
                                    ? columns->code[c][sj__column_has_codes(map, c) ? word : 0]
                                    : (uint32_t)word;
        }
        if (sj__column_has_codes(map, c)) {
            sj__pack_codes(pack, c, columns->codes, n);
        } else {
            sj__pack_numbers(pack, c, columns->present, columns->words, n);
        }
    }
}
