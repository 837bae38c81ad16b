/* Every getter and every analysis on what came out, with right and wrong questions; see hostile.h.
 */
#include "fault/hostile.h"

/* Positions that nothing has, and some that many things have. */
static const uint64_t look_positions[] = {0, 1, 2, 1000000, INT64_MAX, SJ_NONE - 1, SJ_NONE};
enum { LOOK_POSITIONS = sizeof look_positions / sizeof *look_positions };

/* ---- results ---- */

static size_t look_entries(const sj_table *table, const char *column, size_t rows)
{
    const int64_t *offsets = CALLED(sj_table_offsets)(table, column);

    if (!offsets)
        return rows;
    CLAIM(offsets[0] == 0);
    for (size_t r = 0; r < rows; r++)
        CLAIM(offsets[r] <= offsets[r + 1]);
    return (size_t)offsets[rows];
}

static volatile uint64_t look_nothing; /* keeps reads from being left out */

/* A column answers for its own type only, and every byte that it says to have can be read. */
static void look_at_column(const sj_table *table, const char *column)
{
    const int32_t type = CALLED(sj_table_type)(table, column);
    const size_t rows = CALLED(sj_table_rows)(table), entries = look_entries(table, column, rows);
    const int64_t *integers = CALLED(sj_table_integers)(table, column);
    const double *reals = CALLED(sj_table_reals)(table, column);
    const char *bytes = CALLED(sj_table_bytes)(table, column);
    const uint8_t *validity = CALLED(sj_table_validity)(table, column);
    uint64_t sum = 0;

    CLAIM(type >= SJ_COLUMN_INTEGER && type <= SJ_COLUMN_LIST);
    CLAIM(CALLED(sj_table_unit)(table, column) >= SJ_UNIT_NONE);
    CLAIM((integers != NULL) == (type == SJ_COLUMN_INTEGER || type == SJ_COLUMN_LIST));
    CLAIM((reals != NULL) == (type == SJ_COLUMN_REAL));
    CLAIM((bytes != NULL) == (type == SJ_COLUMN_TEXT));
    for (size_t i = 0; i < entries; i++)
        sum += integers ? (uint64_t)integers[i] : bytes ? (uint64_t)bytes[i] : reals[i] > 0;
    for (size_t i = 0; validity && i < (type == SJ_COLUMN_LIST ? entries : rows); i++)
        sum += validity[i / 8] >> (i % 8) & 1;
    for (size_t r = 0; r < rows && r < 64; r++) {
        const char *cell = CALLED(sj_table_text)(table, column, r);

        CLAIM(cell == NULL || type == SJ_COLUMN_TEXT);
        sum += cell ? strlen(cell) : 0;
    }
    look_nothing += sum;
    CLAIM(CALLED(sj_table_text)(table, column, rows) == NULL);
    CLAIM(CALLED(sj_table_text)(table, column, SIZE_MAX) == NULL);
}

static int look_has_column(const sj_table *table, const char *name)
{
    for (size_t i = 0; i < sj_table_columns(table); i++)
        if (strcmp(sj_table_column(table, i), name) == 0)
            return 1;
    return 0;
}

static void look_at_table(const sj_table *table)
{
    const size_t columns = CALLED(sj_table_columns)(table);

    CLAIM(CALLED(sj_table_name)(table) != NULL && columns > 0);
    for (size_t i = 0; i < columns; i++)
        look_at_column(table, CALLED(sj_table_column)(table, i));
    CLAIM(CALLED(sj_table_column)(table, columns) == NULL);
    CLAIM(CALLED(sj_table_column)(table, SIZE_MAX) == NULL);
    for (size_t i = 0; hostile_texts[i]; i++) {
        if (look_has_column(table, hostile_texts[i]))
            continue;
        CLAIM(CALLED(sj_table_type)(table, hostile_texts[i]) == 0);
        CLAIM(CALLED(sj_table_unit)(table, hostile_texts[i]) == 0);
        CLAIM(CALLED(sj_table_integers)(table, hostile_texts[i]) == NULL);
        CLAIM(CALLED(sj_table_reals)(table, hostile_texts[i]) == NULL);
        CLAIM(CALLED(sj_table_text)(table, hostile_texts[i], 0) == NULL);
        CLAIM(CALLED(sj_table_bytes)(table, hostile_texts[i]) == NULL);
        CLAIM(CALLED(sj_table_offsets)(table, hostile_texts[i]) == NULL);
        CLAIM(CALLED(sj_table_validity)(table, hostile_texts[i]) == NULL);
    }
}

static void look_write(const sj_result *result, const char *table, int32_t format)
{
    sj_buffer *out = NULL;

    ACCEPT(sj_result_write, result, table, format, &out);
    CLAIM(CALLED(sj_buffer_data)(out)[CALLED(sj_buffer_size)(out)] == 0);
    CLAIM(strlen(CALLED(sj_buffer_data)(out)) == CALLED(sj_buffer_size)(out));
    CALLED(sj_buffer_free)(out);
}

void hostile_look_at_result(const sj_result *result)
{
    static const int32_t no_formats[] = {0, -1, SJ_FORMAT_MERMAID + 1, INT32_MAX, INT32_MIN};
    const size_t tables = CALLED(sj_result_count)(result);
    sj_buffer *out = NULL;

    CLAIM(tables > 0);
    for (size_t i = 0; i < tables; i++) {
        const sj_table *table = CALLED(sj_result_at)(result, i);

        CLAIM(CALLED(sj_result_find)(result, sj_table_name(table)) == table);
        look_at_table(table);
        for (int32_t f = SJ_FORMAT_TABLE; f <= SJ_FORMAT_CSV; f++)
            look_write(result, sj_table_name(table), f);
    }
    CLAIM(CALLED(sj_result_at)(result, tables) == NULL);
    CLAIM(CALLED(sj_result_at)(result, SIZE_MAX) == NULL);
    for (int32_t f = SJ_FORMAT_TABLE; f <= SJ_FORMAT_CSV; f++)
        look_write(result, NULL, f);
    for (size_t i = 0; i < sizeof no_formats / sizeof *no_formats; i++)
        REFUSE_OUT(SJ_ERR_ARGUMENT, out, sj_result_write, result, NULL, no_formats[i], &out);
    for (size_t i = 0; hostile_texts[i]; i++) {
        CLAIM(CALLED(sj_result_find)(result, hostile_texts[i]) == NULL);
        REFUSE_OUT(SJ_ERR_NAME, out, sj_result_write, result, hostile_texts[i], SJ_FORMAT_JSON,
                   &out);
    }
}

/* ---- graphs ---- */

static void look_at_kinds(const sj_graph *graph)
{
    for (int32_t kind = -1; kind <= 10; kind++) {
        const uint64_t n = CALLED(sj_graph_count)(graph, kind);
        const int named = kind >= SJ_KIND_CUSTOMERS && kind <= SJ_KIND_ATTRIBUTES;

        CLAIM(n == 0 || (kind >= SJ_KIND_EVENTS && kind <= SJ_KIND_BYTES));
        for (uint64_t i = 0; named && i < n && i < 50; i++)
            CLAIM(CALLED(sj_graph_find)(graph, kind, CALLED(sj_graph_name)(graph, kind, i)) == i);
        for (size_t i = 0; i < LOOK_POSITIONS; i++)
            CLAIM((CALLED(sj_graph_name)(graph, kind, look_positions[i]) != NULL) ==
                  (named && look_positions[i] < n));
        CLAIM(CALLED(sj_graph_name)(graph, kind, n) == NULL);
        for (size_t i = 0; hostile_texts[i]; i++) {
            const uint64_t at = CALLED(sj_graph_find)(graph, kind, hostile_texts[i]);

            CLAIM(at == SJ_NONE || (named && at < n));
        }
    }
    CLAIM(CALLED(sj_graph_count)(graph, INT32_MIN) == 0);
    CLAIM(CALLED(sj_graph_count)(graph, INT32_MAX) == 0);
}

/* Two positions, of which any may be out of range. */
static void look_at_pair(const sj_graph *graph, uint64_t a, uint64_t b)
{
    const sj_transition untouched_edge = {.from = 77};
    const sj_moment untouched_moment = {.time = 77};
    sj_transition edge = untouched_edge;
    sj_moment moment = untouched_moment;
    const uint64_t touchpoints = sj_graph_count(graph, SJ_KIND_TOUCHPOINTS);

    if (CALLED(sj_graph_transition_at)(graph, a, b, &edge))
        CLAIM(edge.from == a && b < CALLED(sj_graph_transitions)(graph, a) &&
              edge.to < touchpoints);
    else
        CLAIM(memcmp(&edge, &untouched_edge, sizeof edge) == 0);
    edge = untouched_edge;
    if (CALLED(sj_graph_transition)(graph, a, b, &edge))
        CLAIM(edge.from == a && edge.to == b && b < touchpoints);
    else
        CLAIM(memcmp(&edge, &untouched_edge, sizeof edge) == 0);
    if (CALLED(sj_graph_event)(graph, a, b, &moment))
        CLAIM(b < CALLED(sj_graph_length)(graph, a) && moment.touchpoint < touchpoints);
    else
        CLAIM(memcmp(&moment, &untouched_moment, sizeof moment) == 0);
    CLAIM(CALLED(sj_graph_transition_at)(graph, a, b, NULL) == 0 ||
          sj_graph_transition_at(graph, a, b, &edge));
    CLAIM(CALLED(sj_graph_event)(graph, a, b, NULL) == 0 || sj_graph_event(graph, a, b, &moment));
    (void)CALLED(sj_graph_transition)(graph, a, b, NULL);
}

static void look_at_positions(const sj_graph *graph)
{
    for (size_t i = 0; i < LOOK_POSITIONS; i++) {
        const uint64_t a = look_positions[i];
        const uint64_t touchpoints = sj_graph_count(graph, SJ_KIND_TOUCHPOINTS);

        CLAIM(CALLED(sj_graph_stage)(graph, a) == SJ_NONE || a < touchpoints);
        CLAIM(CALLED(sj_graph_channel)(graph, a) == SJ_NONE || a < touchpoints);
        CLAIM(CALLED(sj_graph_transitions)(graph, a) == 0 || a < touchpoints);
        CLAIM(CALLED(sj_graph_length)(graph, a) == 0 ||
              a < sj_graph_count(graph, SJ_KIND_CUSTOMERS));
        for (size_t k = 0; k < LOOK_POSITIONS; k++)
            look_at_pair(graph, a, look_positions[k]);
    }
}

static void look_ask_funnel(const sj_graph *graph, const sj_funnel_options *options)
{
    sj_plan *plan = NULL;
    sj_tally *tally = NULL;
    sj_result *result = NULL;

    ACCEPT(sj_funnel_compute, graph, options, NULL, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    ACCEPT(sj_funnel_list, graph, options, NULL, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    ACCEPT(sj_funnel_plan, graph, options, &plan);
    CLAIM(CALLED(sj_plan_text)(plan) != NULL);
    ACCEPT(sj_scan, &plan, 1, NULL, &tally);
    CALLED(sj_plan_free)(plan);
    CLAIM(CALLED(sj_tally_customers)(tally) == (int64_t)sj_graph_count(graph, SJ_KIND_CUSTOMERS));
    CLAIM(CALLED(sj_tally_text)(tally) != NULL);
    ACCEPT(sj_funnel_conclude, tally, NULL, &result);
    CALLED(sj_result_free)(result);
    CALLED(sj_tally_free)(tally);
}

static void look_ask(const sj_graph *graph)
{
    static const int64_t windows[] = {0, SJ_INSTANT, 1, SJ_DAY, SJ_UNLIMITED};
    sj_step steps[2];
    sj_funnel_options options = hostile_funnel("value is null", "time is not null", steps);
    sj_result *result = NULL;

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        for (int64_t figures = 0; figures <= SJ_FIGURE_COUNTS; figures++) {
            options.window = windows[i];
            options.figures = figures;
            look_ask_funnel(graph, &options);
        }
    ACCEPT(sj_summary_compute, graph, NULL, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    ACCEPT(sj_summary_list, graph, NULL, 0, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    for (size_t i = 0; i < LOOK_POSITIONS; i++) {
        const uint64_t at[2] = {look_positions[i], look_positions[i]};

        if (at[0] < sj_graph_count(graph, SJ_KIND_CUSTOMERS)) {
            ACCEPT(sj_summary_list, graph, at, 2, &result);
            hostile_look_at_result(result);
            CALLED(sj_result_free)(result);
        } else {
            REFUSE_OUT(SJ_ERR_ARGUMENT, result, sj_summary_list, graph, at, 2, &result);
            CLAIM(hostile_told()->code == SJ_ERR_ARGUMENT || hostile_told()->index == 0);
        }
    }
}

static void look_select(const sj_graph *graph)
{
    static const int64_t ends[] = {INT64_MIN, -1, 0, SJ_HOUR, INT64_MAX};

    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            const sj_selection selection = {
                .struct_size = sizeof selection, .from = &ends[i], .to = &ends[k]};
            sj_graph *part = HOSTILE_POISON;
            const sj_status status =
                JUDGED(HOSTILE_EITHER, sj_graph_select, graph, &selection, NULL, &part);

            CLAIM(part != HOSTILE_POISON && (status == SJ_OK) == (part != NULL));
            if (part) {
                ACCEPT(sj_graph_check, part);
                CLAIM(sj_graph_count(part, SJ_KIND_EVENTS) <=
                      sj_graph_count(graph, SJ_KIND_EVENTS));
            }
            CALLED(sj_graph_free)(part);
        }
}

void hostile_look_at_graph(const sj_graph *graph)
{
    ACCEPT(sj_graph_check, graph);
    look_at_kinds(graph);
    look_at_positions(graph);
    look_ask(graph);
    look_select(graph);
}
