/* Friction's options: the table that describes them, what they resolve to, what is refused, and the
 * lines of a tally's text that say what was counted. */
#include "analysis/friction.h"

#include <string.h>

#define FRICTION_OPTION(field, kind, role, ...)                                                    \
    SJ__FIELD(sj_friction_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)

static const sj__field friction_fields[] = {
    FRICTION_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FRICTION_OPTION(conversion, SJ__KIND_TEXT, COUNTED, .fallback = NULL),
    FRICTION_OPTION(error, SJ__KIND_TEXT, COUNTED, .fallback = "no such signal"),
    FRICTION_OPTION(custom, SJ__KIND_TEXT, COUNTED, .fallback = "no such signal"),
    FRICTION_OPTION(score, SJ__KIND_TEXT, COUNTED, .fallback = "none", .later = 1),
    FRICTION_OPTION(strata, SJ__KIND_TEXT, COUNTED, .fallback = "position alone", .later = 1),
    FRICTION_OPTION(signals, SJ__KIND_TEXTS, COUNTED, .count_field = "n_signals",
                    .fallback = "all that there can be", .option = "signal"),
    FRICTION_OPTION(n_signals, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    FRICTION_OPTION(as_of, SJ__KIND_TIME, COUNTED, .fallback = "the graph's end of observation"),
    FRICTION_OPTION(horizon, SJ__KIND_SPAN, COUNTED,
                    .fallback = "30 days, or none where fewer than 60 are observed"),
    FRICTION_OPTION(session_gap, SJ__KIND_SPAN, COUNTED,
                    .fallback = "never cut; errors count within 30 minutes"),
    FRICTION_OPTION(ping_pong_span, SJ__KIND_SPAN, COUNTED, .fallback = "10 seconds"),
    FRICTION_OPTION(loop_visits, SJ__KIND_COUNT, COUNTED, .fallback = "4"),
    FRICTION_OPTION(slow, SJ__KIND_CHOICE, COUNTED, .values = "tenth mad", .fallback = "tenth",
                    .later = UINT64_C(1) << SJ_SLOW_MAD),
    FRICTION_OPTION(baseline, SJ__KIND_OBJECT, READ, .fallback = "none"),
    FRICTION_OPTION(period, SJ__KIND_SPAN, READ, .fallback = "30 days", .later = 1),
    FRICTION_OPTION(benchmark, SJ__KIND_CHOICE, READ, .values = "peers group map",
                    .fallback = "group where there is a baseline, else peers",
                    .later = UINT64_C(1) << SJ_BENCHMARK_MAP),
    FRICTION_OPTION(adjust, SJ__KIND_CHOICE, READ, .values = "hochberg yekutieli",
                    .fallback = "hochberg"),
    FRICTION_OPTION(min_group, SJ__KIND_COUNT, READ, .fallback = "30"),
    FRICTION_OPTION(top, SJ__KIND_COUNT, READ, .fallback = "all"),
};

const sj__struct sj__friction_options_struct = {
    "sj_friction_options", friction_fields, sizeof friction_fields / sizeof *friction_fields,
    sizeof(sj_friction_options), sizeof(sj_friction_options)};

/* ---- signals ---- */

/* What there can be, given conditions and map. */
static uint32_t friction_possible(const sj__map *map, const sj_friction_options *options)
{
    uint32_t signals = (UINT32_C(1) << SJ__FRICTION_SIGNALS) - 1;
    if (options->error == NULL)
        signals &= ~(UINT32_C(1) << SJ__FRICTION_ERROR);
    if (options->custom == NULL)
        signals &= ~(UINT32_C(1) << SJ__FRICTION_CUSTOM);
    if (map->stages.count == 0)
        signals &= ~(UINT32_C(1) << SJ__FRICTION_BACKTRACK);
    if (map->n_expected == 0)
        signals &= ~(UINT32_C(1) << SJ__FRICTION_UNEXPECTED);
    return signals;
}

static sj_status friction_impossible(int32_t signal, sj_error *error)
{
    switch (signal) {
    case SJ__FRICTION_ERROR:
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "signals names error: say with `error` which events are errors");
    case SJ__FRICTION_CUSTOM:
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "signals names custom: say with `custom` which events make a visit so");
    case SJ__FRICTION_BACKTRACK:
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "signals names backtrack: it needs a map with stages");
    default:
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "signals names unexpected: it needs a map with expected transitions");
    }
}

static sj_status friction_choose(const sj__map *map, const sj_friction_options *options,
                                 uint32_t *signals, sj_error *error)
{
    const uint32_t possible = friction_possible(map, options);
    *signals = options->n_signals == 0 ? possible : 0;
    for (size_t i = 0; i < options->n_signals; i++) {
        const char *name = options->signals[i];
        const sj__place place = {.index = (int64_t)i};
        if (name == NULL)
            return sj__fail_at(error, SJ_ERR_OPTIONS, place, "signals[%i] is NULL", (int64_t)i);
        const int32_t signal = sj__friction_signal_find(name, strlen(name));
        if (signal < 0)
            return sj__fail_at(error, SJ_ERR_NAME, place,
                               "there is no signal %q: there are error, rage, repeat, slow, "
                               "handoff, custom, drop-off, backtrack, ping-pong, loop, unexpected",
                               name);
        if (!sj__friction_has(possible, signal))
            return friction_impossible(signal, error);
        *signals |= UINT32_C(1) << signal;
    }
    return SJ_OK;
}

/* An option of a signal that is not asked for. */
static sj_status friction_check_effect(const sj_friction_options *options, uint32_t signals,
                                       sj_error *error)
{
    const struct {
        int32_t signal;
        int32_t is_given;
        const char *field;
    } rows[] = {{SJ__FRICTION_CUSTOM, options->custom != NULL, "custom"},
                {SJ__FRICTION_SLOW, options->slow != 0, "slow"},
                {SJ__FRICTION_PING_PONG, options->ping_pong_span != 0, "ping_pong_span"},
                {SJ__FRICTION_LOOP, options->loop_visits != 0, "loop_visits"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].is_given && !sj__friction_has(signals, rows[i].signal))
            return sj__fail(error, SJ_ERR_OPTIONS, "%s has no effect: signals does not name %s",
                            rows[i].field, sj__friction_signal_at((size_t)rows[i].signal)->name);
    }
    return SJ_OK;
}

/* ---- what they resolve to ---- */

/* What is neutral becomes 0; the horizon, which the graph decides, is always said. */
static void friction_make_neutral(sj_friction_options *options)
{
    if (options->session_gap == SJ_UNLIMITED)
        options->session_gap = 0;
    if (options->ping_pong_span == 10 * SJ_SECOND)
        options->ping_pong_span = 0;
    if (options->loop_visits == 4)
        options->loop_visits = 0;
    options->slow = 0;
}

sj_status sj__friction_options_resolve(const sj_graph *graph, const sj_friction_options *given,
                                       sj_friction_options *out, int64_t *as_of, uint32_t *signals,
                                       sj_error *error)
{
    const sj__graph_facts *facts = sj__graph_get_facts(graph);
    sj_status status = sj__options_load(&sj__friction_options_struct, given, out, error);
    if (status != SJ_OK)
        return status;
    if (out->conversion == NULL)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "conversion is missing: say which events are the outcome");
    status = friction_choose(sj__graph_map(graph), out, signals, error);
    if (status == SJ_OK)
        status = friction_check_effect(out, *signals, error);
    if (status != SJ_OK)
        return status;
    friction_make_neutral(out);
    if (out->as_of != NULL || facts->has_observed) {
        *as_of = out->as_of != NULL ? *out->as_of : facts->observed_until;
        out->as_of = as_of;
    }
    out->horizon = sj__horizon(out->horizon, facts, out->as_of != NULL ? *as_of : 0, NULL);
    return SJ_OK;
}

sj_status sj__friction_options_read(const sj_friction_options *given, sj_friction_options *out,
                                    sj_error *error)
{
    const sj_status status = sj__options_load(&sj__friction_options_struct, given, out, error);
    if (status != SJ_OK)
        return status;
    if (out->benchmark == 0)
        out->benchmark = out->baseline != NULL ? SJ_BENCHMARK_GROUP : SJ_BENCHMARK_PEERS;
    if (out->baseline != NULL && out->benchmark != SJ_BENCHMARK_GROUP)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "baseline has no effect: the benchmark is not group");
    if (out->baseline == NULL && out->benchmark == SJ_BENCHMARK_GROUP)
        return sj__fail(error, SJ_ERR_OPTIONS, "benchmark is group: give the group as baseline");
    if (out->min_group == 0)
        out->min_group = 30;
    return SJ_OK;
}

void sj__friction_write(const sj__friction *friction, const sj_friction_options *options,
                        sj__text *text)
{
    sj_friction_options scalars = *options;
    scalars.conversion = scalars.error = scalars.custom = NULL; /* written in canonical form */
    sj__marks_write(&friction->marks, SJ__FRICTION_MARK_CONVERSION, "conversion", text);
    sj__marks_write(&friction->marks, SJ__FRICTION_MARK_ERROR, "error", text);
    sj__marks_write(&friction->marks, SJ__FRICTION_MARK_CUSTOM, "custom", text);
    if (friction->signals != friction_possible(friction->map, options)) {
        for (int32_t s = 0; s < SJ__FRICTION_SIGNALS; s++) {
            if (!sj__friction_has(friction->signals, s))
                continue;
            sj__text_add(text, "signal ");
            sj__text_add(text, sj__friction_signal_at((size_t)s)->name);
            sj__text_char(text, '\n');
        }
    }
    sj__options_write(&sj__friction_options_struct, &scalars, text);
}

/* ---- the question ---- */

static sj_status friction_mark(sj__friction *friction, const sj_friction_options *options,
                               sj_error *error)
{
    const struct {
        int bit;
        const char *what, *condition;
    } rows[] = {{SJ__FRICTION_MARK_CONVERSION, "conversion", options->conversion},
                {SJ__FRICTION_MARK_ERROR, "error", options->error},
                {SJ__FRICTION_MARK_CUSTOM, "custom", options->custom}};
    sj_status status = sj__marks_init(&friction->marks, friction->map, &friction->allocator, error);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && status == SJ_OK; i++) {
        if (rows[i].condition != NULL)
            status = sj__marks_add(&friction->marks, friction->map, rows[i].bit, rows[i].what,
                                   rows[i].condition, error);
    }
    return status;
}

sj_status sj__friction_new(const sj_graph *graph, const sj_friction_options *options,
                           uint32_t signals, sj__friction **out, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    sj__friction *friction = sj__alloc_zeroed(a, 1, sizeof *friction);
    *out = NULL;
    if (friction == NULL)
        return sj__fail_nomem(error);
    friction->allocator = *a;
    friction->map = sj__graph_map(graph);
    friction->signals = signals;
    friction->own_channels = sj__graph_get_facts(graph)->has_channels;
    friction->has_as_of = options->as_of != NULL;
    friction->rules = (sj__leg_rules){.horizon = sj__span_limit(options->horizon),
                                      .session_gap = sj__span_limit(options->session_gap),
                                      .as_of = options->as_of != NULL ? *options->as_of : 0};
    friction->error_span =
        options->session_gap == 0 ? (uint64_t)(30 * SJ_MINUTE) : friction->rules.session_gap;
    friction->ping_pong_span = options->ping_pong_span == 0
                                   ? (uint64_t)(10 * SJ_SECOND)
                                   : sj__span_limit(options->ping_pong_span);
    friction->loop_visits = options->loop_visits == 0 ? 4 : (uint64_t)options->loop_visits;
    sj_status status = friction_mark(friction, options, error);
    if (status == SJ_OK)
        status = sj__expected_init(&friction->expected, friction->map, &friction->allocator, error);
    if (status == SJ_OK)
        *out = friction;
    else
        sj__friction_free(friction, a);
    return status;
}

void sj__friction_free(void *question, const sj_allocator *allocator)
{
    sj__friction *friction = question;
    if (friction == NULL)
        return;
    sj__marks_free(&friction->marks);
    sj__expected_free(&friction->expected);
    sj__free(allocator, friction, 1, sizeof *friction);
}
