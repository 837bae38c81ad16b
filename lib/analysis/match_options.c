/* The options of sequence patterns: the table that describes them, what is refused, the lines of a
 * tally's text, and the question they make on one graph. */
#include "analysis/match.h"

#include <string.h>

/* ---- table ---- */

#define MATCH_OPTION(field, kind, role, ...)                                                       \
    SJ__FIELD(sj_match_options, field, kind, SJ__ROLE_##role, __VA_ARGS__)

static const sj__field match_fields[] = {
    MATCH_OPTION(struct_size, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    MATCH_OPTION(pattern, SJ__KIND_TEXT, COUNTED, .fallback = NULL),
    MATCH_OPTION(conditions, SJ__KIND_TEXTS, COUNTED, .count_field = "n_conditions",
                 .option = "condition"),
    MATCH_OPTION(n_conditions, SJ__KIND_SHAPE, SHAPE, .fallback = NULL),
    MATCH_OPTION(span, SJ__KIND_SPAN, COUNTED, .fallback = "any"),
    MATCH_OPTION(session_gap, SJ__KIND_SPAN, COUNTED, .fallback = "never cut"),
    MATCH_OPTION(find, SJ__KIND_CHOICE, COUNTED, .values = "first last all count",
                 .fallback = "first"),
    MATCH_OPTION(only_matching, SJ__KIND_FLAG, COUNTED, .fallback = "off"),
};

const sj__struct sj__match_options_struct = {"sj_match_options", match_fields,
                                             sizeof match_fields / sizeof *match_fields,
                                             sizeof(sj_match_options), sizeof(sj_match_options)};

/* ---- what they resolve to ---- */

sj_status sj__match_options_resolve(const sj_match_options *given, sj_match_options *out,
                                    sj_error *error)
{
    const sj_status status = sj__options_load(&sj__match_options_struct, given, out, error);
    if (status != SJ_OK)
        return status;
    if (out->pattern == NULL)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "pattern is NULL: name the tokens, as in (?1).*(?2)");
    if (out->n_conditions > SJ__MATCH_CONDITIONS)
        return sj__fail(error, SJ_ERR_LIMIT, "n_conditions is %u: at most %i are allowed",
                        (uint64_t)out->n_conditions, (int64_t)SJ__MATCH_CONDITIONS);
    if (out->only_matching && out->n_conditions == 0)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "only_matching needs conditions: without one no event exists");
    out->span = out->span == SJ_UNLIMITED ? 0 : out->span;
    out->session_gap = out->session_gap == SJ_UNLIMITED ? 0 : out->session_gap;
    out->only_matching = out->only_matching != 0;
    out->find = out->find == 0 ? SJ_MATCH_FIRST : out->find;
    return SJ_OK;
}

/* A text that stays one line. */
static void match_write_escaped(const char *s, sj__text *text)
{
    for (; *s != '\0'; s++) {
        if (*s == '\n')
            sj__text_add(text, "\\n");
        else if (*s == '\\')
            sj__text_add(text, "\\\\");
        else
            sj__text_char(text, *s);
    }
}

void sj__match_write(const sj__match *match, const sj_match_options *options, sj__text *text)
{
    sj_match_options counted = *options;
    for (size_t i = 0; i < match->n_conditions; i++) {
        sj__text_add(text, "condition ");
        match_write_escaped(sj__condition_text(match->conditions[i]), text);
        sj__text_char(text, '\n');
    }
    counted.find = options->find == SJ_MATCH_FIRST   ? 0
                   : options->find == SJ_MATCH_COUNT ? SJ_MATCH_ALL
                                                     : options->find;
    sj__options_write(&sj__match_options_struct, &counted, text);
}

/* ---- the question ---- */

static sj_status match_compile(sj__match *match, const sj__map *map,
                               const sj_match_options *options, sj_error *error)
{
    for (size_t i = 0; i < match->n_conditions; i++) {
        const char *condition = options->conditions[i];
        sj_error why = {0};
        const sj_status status = sj__condition_compile(
            map, condition, strlen(condition), &match->allocator, &match->conditions[i], &why);
        if (status != SJ_OK)
            return sj__fail_at(
                error, status,
                (sj__place){.index = why.index, .line = why.line, .column = why.column},
                "condition %u: %s", (uint64_t)i + 1, why.message);
    }
    return SJ_OK;
}

/* What is known of an event that meets any of the token's conditions. */
static int match_judge_token(const sj__match *match, const sj__token *token, const uint8_t *truth)
{
    int known = token->n_listed == 0 ? SJ__ALWAYS_MET : SJ__NEVER_MET;
    for (size_t i = 0; i < token->n_listed && known != SJ__ALWAYS_MET; i++) {
        const uint8_t one = truth[match->automaton.listed[token->first + i]];
        known = one != SJ__NEVER_MET ? one : known;
    }
    if (token->negated && known != SJ__LOOK)
        known = known == SJ__NEVER_MET ? SJ__ALWAYS_MET : SJ__NEVER_MET;
    return known;
}

int sj__match_judge(const sj__match *match, const uint8_t *truth, uint64_t *bits)
{
    const size_t n = match->automaton.n_tokens;
    int look = 0, some = SJ__NEVER_MET;
    memset(bits, 0, match->words * sizeof *bits);
    for (size_t j = 0; j < n; j++) {
        const int known = match_judge_token(match, &match->automaton.tokens[j], truth);
        look |= known == SJ__LOOK;
        bits[j / 64] |= (uint64_t)(known == SJ__ALWAYS_MET) << (j % 64);
    }
    for (size_t i = 0; match->only_matching && i < match->n_conditions; i++) {
        if (some != SJ__ALWAYS_MET && truth[i] != SJ__NEVER_MET)
            some = truth[i];
    }
    bits[n / 64] |= (uint64_t)(some == SJ__ALWAYS_MET) << (n % 64);
    return look || some == SJ__LOOK;
}

static sj_status match_judge_touchpoints(sj__match *match, sj_error *error)
{
    uint8_t *truth = sj__alloc_zeroed(&match->allocator, match->n_conditions, 1);
    if (truth == NULL)
        return sj__fail_nomem(error);
    for (uint32_t t = 0; t < match->n_touchpoints; t++) {
        for (size_t i = 0; i < match->n_conditions; i++) {
            if (match->used[i])
                truth[i] = (uint8_t)sj__condition_verdict(match->conditions[i], t);
        }
        match->looks[t] = (uint8_t)sj__match_judge(match, truth, match->met + t * match->words);
        match->any_look |= match->looks[t];
    }
    sj__free(&match->allocator, truth, match->n_conditions, 1);
    return SJ_OK;
}

static sj_status match_fill(sj__match *match, const sj__map *map, const sj_match_options *options,
                            sj_error *error)
{
    const sj_allocator *a = &match->allocator;
    sj_status status = sj__automaton_parse(&match->automaton, options->pattern,
                                           strlen(options->pattern), match->n_conditions, a, error);
    if (status != SJ_OK)
        return status;
    match->words = match->automaton.n_tokens / 64 + 1;
    match->conditions = sj__alloc_zeroed(a, match->n_conditions, sizeof *match->conditions);
    match->used = sj__alloc_zeroed(a, match->n_conditions, 1);
    match->met = sj__alloc_zeroed(a, match->n_touchpoints, match->words * sizeof *match->met);
    match->looks = sj__alloc_zeroed(a, match->n_touchpoints, 1);
    if (match->conditions == NULL || match->used == NULL || match->met == NULL ||
        match->looks == NULL)
        return sj__fail_nomem(error);
    for (size_t i = 0; i < match->automaton.n_listed; i++)
        match->used[match->automaton.listed[i]] = 1;
    if (match->only_matching)
        memset(match->used, 1, match->n_conditions);
    status = match_compile(match, map, options, error);
    return status == SJ_OK ? match_judge_touchpoints(match, error) : status;
}

static uint64_t match_limit(int64_t span)
{
    return span == 0 ? UINT64_MAX : span == SJ_INSTANT ? 0 : (uint64_t)span;
}

sj_status sj__match_new(const sj_graph *graph, const sj_match_options *options, sj__match **out,
                        sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    const sj__map *map = sj__graph_map(graph);
    sj__match *match = sj__alloc_zeroed(a, 1, sizeof *match);
    *out = NULL;
    if (match == NULL)
        return sj__fail_nomem(error);
    match->allocator = *a;
    match->n_conditions = options->n_conditions;
    match->n_touchpoints = map->touchpoints.count;
    match->span = match_limit(options->span);
    match->session_gap = match_limit(options->session_gap);
    match->find = options->find;
    match->only_matching = options->only_matching;
    const sj_status status = match_fill(match, map, options, error);
    if (status == SJ_OK)
        *out = match;
    else
        sj__match_free(match, a);
    return status;
}

void sj__match_free(void *question, const sj_allocator *allocator)
{
    sj__match *match = question;
    if (match == NULL)
        return;
    const sj_allocator *a = &match->allocator;
    for (size_t i = 0; match->conditions != NULL && i < match->n_conditions; i++)
        sj__condition_free(match->conditions[i]);
    sj__free(a, match->conditions, match->n_conditions, sizeof *match->conditions);
    sj__free(a, match->used, match->n_conditions, 1);
    sj__free(a, match->met, match->n_touchpoints, match->words * sizeof *match->met);
    sj__free(a, match->looks, match->n_touchpoints, 1);
    sj__automaton_free(&match->automaton);
    sj__free(allocator, match, 1, sizeof *match);
}
