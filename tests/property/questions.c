/* Every analysis with several sets of options; see questions.h. */
#include "property/questions.h"

#include <string.h>

static const sj_step questions_buy[] = {
    {.condition = "view"}, {.condition = "cart"}, {.condition = "buy"}};
static const sj_step questions_gaps[] = {
    {.condition = "view"},
    {.condition = "cart", .min_gap = 30 * SJ_SECOND, .max_gap = SJ_HOUR},
    {.condition = "search", .optional = 1},
    {.condition = "buy", .max_gap = SJ_DAY}};
static const sj_step questions_blocks[] = {{.condition = "home"},
                                           {.condition = "view", .group = 1},
                                           {.condition = "search", .group = 1},
                                           {.condition = "buy"}};
static const sj_step questions_two_blocks[] = {{.condition = "view", .group = 4},
                                               {.condition = "cart", .group = 4},
                                               {.condition = "home"},
                                               {.condition = "search", .optional = 1},
                                               {.condition = "buy", .group = -1},
                                               {.condition = "help", .group = -1},
                                               {.condition = "pay", .max_gap = 9 * SJ_DAY}};
static const sj_step questions_apart[] = {{.condition = "view"},
                                          {.condition = "cart", .adjacent = 1},
                                          {.condition = "buy", .optional = 1},
                                          {.condition = "home", .max_gap = SJ_DAY}};
static const sj_step questions_shared[] = {{.condition = "look", .group = 1},
                                           {.condition = "view", .group = 1},
                                           {.condition = "value > 20"}};
static const sj_step questions_texts[] = {
    {.condition = "touchpoint in ('view', 'search') and load < 60"},
    {.condition = "device != 'desk' and value is not null"},
    {.condition = "big buy"}};
static const sj_step questions_one[] = {{.condition = "value > 20"}};
static const sj_step questions_rare[] = {
    {.condition = "touchpoint = 'mail'"},
    {.condition = "channel in ('app', 'shop') and time < '2023-12-10T00:00:00Z'"}};
static const sj_step questions_stages[] = {{.condition = "look"}, {.condition = "pay up"}};
static const sj_step questions_again[] = {
    {.condition = "view"}, {.condition = "look"}, {.condition = "view"}};
static const sj_exclusion questions_help[] = {
    {.condition = "help", .from_step = 1, .to_step = 2, .effect = SJ_EXCLUDE_BREAK},
    {.condition = "ad"}};
static const sj_exclusion questions_inside[] = {{.condition = "ad", .from_step = 2, .to_step = 3},
                                                {.condition = "mail", .effect = SJ_EXCLUDE_REMOVE}};
static const sj_exclusion questions_away[] = {{.condition = "help", .effect = SJ_EXCLUDE_REMOVE}};
static const char *const questions_device[] = {"device"};
static const char *const questions_held[] = {"country", "load"};
static const int64_t questions_early = INT64_C(1700300000000000),
                     questions_late = INT64_C(1701200000000000);

#define STEPS(array)                                                                               \
    .struct_size = sizeof(sj_funnel_options), .steps = (array),                                    \
    .n_steps = sizeof(array) / sizeof *(array), .step_size = sizeof *(array)
#define EXCLUDES(array)                                                                            \
    .exclusions = (array), .n_exclusions = sizeof(array) / sizeof *(array),                        \
    .exclusion_size = sizeof *(array)

static const struct {
    const char *name;
    sj_funnel_options options;
} questions_funnels[] = {
    {"funnel", {STEPS(questions_buy)}},
    {"funnel within a day", {STEPS(questions_buy), .window = SJ_DAY}},
    {"funnel, counts only", {STEPS(questions_buy), .figures = SJ_FIGURE_COUNTS}},
    {"funnel within an hour, counts only",
     {STEPS(questions_buy), .window = SJ_HOUR, .figures = SJ_FIGURE_COUNTS}},
    {"funnel at one time", {STEPS(questions_buy), .window = SJ_INSTANT}},
    {"funnel of one step", {STEPS(questions_one)}},
    {"funnel of overlapping steps", {STEPS(questions_texts), .window = SJ_DAY}},
    {"counts of overlapping steps",
     {STEPS(questions_texts), .window = SJ_DAY, .figures = SJ_FIGURE_COUNTS}},
    {"counts of steps that come again",
     {STEPS(questions_again), .window = 2 * SJ_HOUR, .figures = SJ_FIGURE_COUNTS}},
    {"steps that come again", {STEPS(questions_again), .window = 2 * SJ_HOUR}},
    {"times only", {STEPS(questions_buy), .window = SJ_HOUR, .figures = SJ_FIGURE_TIMES}},
    {"reasons only", {STEPS(questions_buy), .window = SJ_HOUR, .figures = SJ_FIGURE_REASONS}},
    {"values only", {STEPS(questions_buy), .window = SJ_HOUR, .figures = SJ_FIGURE_VALUES}},
    {"funnel as of a day", {STEPS(questions_buy), .window = SJ_DAY, .as_of = &questions_late}},
    {"rare steps", {STEPS(questions_rare)}},
    {"funnel in any order", {STEPS(questions_buy), .order = SJ_ORDER_ANY, .window = SJ_DAY}},
    {"funnel of neighbours", {STEPS(questions_buy), .order = SJ_ORDER_ADJACENT}},
    {"funnel that stops",
     {STEPS(questions_buy), .order = SJ_ORDER_ADJACENT, .violation = SJ_VIOLATION_STOP}},
    {"funnel with gaps and an optional step", {STEPS(questions_gaps), .window = 2 * SJ_DAY}},
    {"funnel with a block", {STEPS(questions_blocks), .window = SJ_DAY}},
    {"funnel of predicates", {STEPS(questions_texts), .reuse = SJ_REUSE_YES}},
    {"funnel of stages", {STEPS(questions_stages), .window = SJ_HOUR}},
    {"funnel that may reuse", {STEPS(questions_again), .reuse = SJ_REUSE_YES, .tie = SJ_TIE_INPUT}},
    {"funnel in input order", {STEPS(questions_buy), .tie = SJ_TIE_INPUT, .window = SJ_HOUR}},
    {"funnel in strict order", {STEPS(questions_buy), .tie = SJ_TIE_STRICT, .window = SJ_HOUR}},
    {"funnel with grace",
     {STEPS(questions_buy), .tie = SJ_TIE_GRACE, .grace = SJ_MINUTE, .window = SJ_HOUR}},
    {"funnel with exclusions", {STEPS(questions_buy), EXCLUDES(questions_help), .window = SJ_DAY}},
    {"funnel that removes", {STEPS(questions_buy), EXCLUDES(questions_away)}},
    {"first attempts by country",
     {STEPS(questions_buy), .attempt = SJ_ATTEMPT_FIRST, .breakdown = "country",
      .breakdown_at = SJ_AT_CUSTOMER}},
    {"each attempt by day",
     {STEPS(questions_buy), .unit = SJ_UNIT_ATTEMPTS, .window = SJ_HOUR, .trend = SJ_TREND_DAY}},
    {"sessions by channel",
     {STEPS(questions_buy), .unit = SJ_UNIT_SESSIONS, .session_gap = 30 * SJ_MINUTE,
      .breakdown = "channel"}},
    {"values of a device",
     {STEPS(questions_buy), .hold = questions_device, .n_hold = 1, .unit = SJ_UNIT_VALUES,
      .breakdown = "device"}},
    {"funnel that holds a device",
     {STEPS(questions_buy), .hold = questions_device, .n_hold = 1, .window = SJ_DAY}},
    {"open funnel", {STEPS(questions_buy), .enter_anywhere = 1, .window = SJ_DAY}},
    {"funnel by the country of its customers",
     {STEPS(questions_buy), .breakdown = "country", .breakdown_at = SJ_AT_FIRST}},
    {"counts by load, by month",
     {STEPS(questions_again), .figures = SJ_FIGURE_COUNTS, .breakdown = "load",
      .trend = SJ_TREND_MONTH, .utc_offset = -90}},
    {"funnel by the device of its second step, by hour",
     {STEPS(questions_buy), .window = SJ_DAY, .breakdown = "device", .breakdown_at = SJ_AT_STEP,
      .breakdown_step = 2, .trend = SJ_TREND_HOUR}},
    {"best attempts with survival",
     {STEPS(questions_gaps), .survival = 1, .breakdown = "stage", .breakdown_at = SJ_AT_FIRST,
      .as_of = &questions_late}},
    {"funnel with survival",
     {STEPS(questions_buy), .attempt = SJ_ATTEMPT_FIRST, .survival = 1, .as_of = &questions_late}},
    {"strict scan of a day, by channel and week",
     {STEPS(questions_buy), .preset = "clickhouse_strict_order", .window = SJ_DAY,
      .breakdown = "channel", .trend = SJ_TREND_WEEK}},
    {"scan without repeats, of sessions",
     {STEPS(questions_again), .preset = "clickhouse_strict_dedup", .unit = SJ_UNIT_SESSIONS,
      .session_gap = SJ_HOUR}},
    {"funnel that removes, by preset",
     {STEPS(questions_buy), EXCLUDES(questions_help), .preset = "posthog_ordered"}},
    {"totals by preset", {STEPS(questions_buy), .preset = "mixpanel_totals"}},
    {"any order, rows in order, without reuse by share",
     {STEPS(questions_buy), .order = SJ_ORDER_ANY, .tie = SJ_TIE_INPUT, .breakdown = "share",
      .trend = SJ_TREND_DAY, .utc_offset = 1439}},
    {"block with exclusions, with survival",
     {STEPS(questions_blocks), EXCLUDES(questions_inside), .window = 3 * SJ_DAY, .survival = 1,
      .breakdown = "channel", .breakdown_at = SJ_AT_LAST}},
    {"two blocks around optional steps, by stage",
     {STEPS(questions_two_blocks), .session_gap = 2 * SJ_DAY, .breakdown = "stage"}},
    {"two blocks, each attempt, by load at a step of the first",
     {STEPS(questions_two_blocks), .unit = SJ_UNIT_ATTEMPTS, .window = 5 * SJ_DAY,
      .breakdown = "load", .breakdown_at = SJ_AT_STEP, .breakdown_step = 2, .trend = SJ_TREND_MONTH,
      .utc_offset = -720}},
    {"block that may reuse, first attempts of sessions",
     {STEPS(questions_shared), .reuse = SJ_REUSE_YES, .attempt = SJ_ATTEMPT_FIRST,
      .session_gap = SJ_HOUR, .unit = SJ_UNIT_SESSIONS, .survival = 1, .as_of = &questions_late}},
    {"block of values by share",
     {STEPS(questions_blocks), .hold = questions_device, .n_hold = 1, .unit = SJ_UNIT_VALUES,
      .breakdown = "share", .breakdown_at = SJ_AT_FIRST, .window = SJ_DAY}},
    {"first attempts with grace, exclusions and all groups",
     {STEPS(questions_buy), EXCLUDES(questions_help), .tie = SJ_TIE_GRACE, .grace = SJ_HOUR,
      .attempt = SJ_ATTEMPT_FIRST, .window = 2 * SJ_DAY, .breakdown = "device", .survival = 1,
      .trend = SJ_TREND_WEEK, .utc_offset = 330}},
    {"each attempt with grace, of sessions",
     {STEPS(questions_again), .tie = SJ_TIE_GRACE, .grace = SJ_MINUTE, .session_gap = SJ_DAY,
      .attempt = SJ_ATTEMPT_EACH, .unit = SJ_UNIT_SESSIONS, .breakdown = "channel"}},
    {"attempts with grace that hold",
     {STEPS(questions_buy), .tie = SJ_TIE_GRACE, .grace = SJ_DAY, .unit = SJ_UNIT_ATTEMPTS,
      .hold = questions_held, .n_hold = 2, .trend = SJ_TREND_HOUR, .survival = 1}},
    {"best with grace, by country, with survival",
     {STEPS(questions_again), .tie = SJ_TIE_GRACE, .grace = 3 * SJ_MINUTE, .reuse = SJ_REUSE_YES,
      .window = SJ_DAY, .breakdown = "country", .breakdown_at = SJ_AT_CUSTOMER, .survival = 1}},
    {"replays with gaps and an optional step, by share at the end",
     {STEPS(questions_gaps), .attempt = SJ_ATTEMPT_EACH, .breakdown = "share",
      .breakdown_at = SJ_AT_LAST, .survival = 1}},
    {"attempts broken by neighbours",
     {STEPS(questions_apart), EXCLUDES(questions_away), .unit = SJ_UNIT_ATTEMPTS,
      .trend = SJ_TREND_DAY, .breakdown = "stage", .breakdown_at = SJ_AT_STEP,
      .breakdown_step = 3}},
    {"open funnel with gaps, exclusions and all groups",
     {STEPS(questions_gaps), EXCLUDES(questions_away), .enter_anywhere = 1, .window = 2 * SJ_DAY,
      .breakdown = "load", .trend = SJ_TREND_HOUR, .survival = 1}},
    {"open funnel of neighbours that stops, of sessions",
     {STEPS(questions_buy), .enter_anywhere = 1, .order = SJ_ORDER_ADJACENT,
      .violation = SJ_VIOLATION_STOP, .session_gap = SJ_HOUR, .unit = SJ_UNIT_SESSIONS,
      .breakdown = "device", .breakdown_at = SJ_AT_STEP, .breakdown_step = 1}},
    {"preset clickhouse", {STEPS(questions_texts), .preset = "clickhouse", .window = SJ_HOUR}},
    {"preset mixpanel with groups",
     {STEPS(questions_buy), .preset = "mixpanel", .breakdown = "channel",
      .breakdown_at = SJ_AT_FIRST, .trend = SJ_TREND_MONTH}},
    {"preset mixpanel_reentry",
     {STEPS(questions_buy), .preset = "mixpanel_reentry", .trend = SJ_TREND_DAY}},
    {"preset amplitude in any order",
     {STEPS(questions_buy), .preset = "amplitude", .order = SJ_ORDER_ANY, .survival = 1}},
    {"strict scan by share at the customer's last",
     {STEPS(questions_buy), .preset = "clickhouse_strict_dedup", .window = 3 * SJ_DAY,
      .breakdown = "share", .breakdown_at = SJ_AT_LAST, .trend = SJ_TREND_HOUR}},
    {"funnel of some entries",
     {STEPS(questions_buy), .entry_from = &questions_early, .entry_to = &questions_late,
      .window = SJ_DAY, .trend = SJ_TREND_WEEK, .utc_offset = 60, .breakdown = "stage",
      .breakdown_at = SJ_AT_LAST}},
};

static const struct {
    const char *name;
    sj_path_options options;
} questions_paths[] = {
#define PATHS .struct_size = sizeof(sj_path_options)
    {"paths from the start", {PATHS}},
    {"paths from a view", {PATHS, .from = "view", .collapse = 1}},
    {"paths from every view",
     {PATHS, .from = "view", .occurrence = SJ_OCCURRENCE_EVERY, .count = SJ_COUNT_OCCURRENCES}},
    {"customers with paths from every view",
     {PATHS, .from = "look", .occurrence = SJ_OCCURRENCE_EVERY, .depth = 3}},
    {"paths to the last buy",
     {PATHS, .to = "big buy", .occurrence = SJ_OCCURRENCE_LAST, .session_gap = 8 * SJ_HOUR}},
    {"paths between", {PATHS, .from = "view", .to = "buy", .depth = 64}},
    {"paths of sessions",
     {PATHS, .occurrence = SJ_OCCURRENCE_EVERY, .count = SJ_COUNT_OCCURRENCES,
      .session_gap = 30 * SJ_MINUTE, .depth = 2}},
};

static const struct {
    const char *name;
    sj_variant_options options;
} questions_variants[] = {
#define VARIANTS .struct_size = sizeof(sj_variant_options)
    {"variants", {VARIANTS}},
    {"variants of sessions of visits", {VARIANTS, .session_gap = 30 * SJ_MINUTE, .collapse = 1}},
    {"everything about variants",
     {VARIANTS, .what = SJ_VARIANT_WHOLE | SJ_VARIANT_NGRAMS | SJ_VARIANT_INDICATORS}},
    {"n-grams", {VARIANTS, .what = SJ_VARIANT_NGRAMS, .min_length = 1, .max_length = 3}},
    {"indicators of legs",
     {VARIANTS, .what = SJ_VARIANT_INDICATORS, .conversion = "buy", .as_of = &questions_late,
      .horizon = SJ_DAY}},
    {"variants of legs",
     {VARIANTS, .conversion = "big buy", .horizon = 3 * SJ_DAY, .session_gap = 2 * SJ_DAY}},
};

#define TRANSITIONS .struct_size = sizeof(sj_transition_options)

static const struct {
    const char *name;
    sj_transition_options options;
} questions_transitions[] = {
    {"transitions", {TRANSITIONS}},
    {"transitions, counts only", {TRANSITIONS, .figures = SJ_FIGURE_COUNTS}},
    {"transitions of sessions", {TRANSITIONS, .session_gap = 30 * SJ_MINUTE}},
    {"transitions between visits", {TRANSITIONS, .collapse = 1, .figures = SJ_FIGURE_TIMES}},
    {"transitions between stages", {TRANSITIONS, .between = SJ_BETWEEN_STAGES}},
    {"transitions between channels",
     {TRANSITIONS, .between = SJ_BETWEEN_CHANNELS, .as_of = &questions_late}},
    {"transitions, eventually", {TRANSITIONS, .eventually = 1}},
    {"transitions, eventually in a leg",
     {TRANSITIONS, .eventually = 1, .conversion = "buy", .horizon = 2 * SJ_HOUR,
      .session_gap = SJ_HOUR, .collapse = 1}},
};

static const char *const questions_path[] = {"view", "cart", "buy"};
static const char *const questions_looks[] = {"value >= 10",
                                              "device = 'ios' or touchpoint = 'help'", "view"};

#define CONDITIONS(array, pattern_)                                                                \
    .struct_size = sizeof(sj_match_options), .pattern = (pattern_), .conditions = (array),         \
    .n_conditions = sizeof(array) / sizeof *(array)

static const struct {
    const char *name;
    sj_match_options options;
} questions_matches[] = {
    {"match", {CONDITIONS(questions_path, "(?1).*(?2)")}},
    {"all matches within an hour",
     {CONDITIONS(questions_path, "(?1).*(?t<=3600)(?2)"), .find = SJ_MATCH_ALL}},
    {"last match with a restricted gap",
     {CONDITIONS(questions_path, "[1|2][^3]*(?t>=1)(?1)"), .find = SJ_MATCH_LAST}},
    {"matches in sessions",
     {CONDITIONS(questions_path, "(?1)(?2)"), .session_gap = 30 * SJ_MINUTE, .find = SJ_MATCH_COUNT,
      .only_matching = 1}},
    {"matches of predicates",
     {CONDITIONS(questions_looks, "(?3).*[1|2](?t<86400)[^1]"), .span = 7 * SJ_DAY,
      .find = SJ_MATCH_ALL}},
    {"matches of predicates only",
     {CONDITIONS(questions_looks, "(?1)(?2)"), .only_matching = 1, .find = SJ_MATCH_ALL}},
};

typedef struct questions_row {
    size_t n;
    const char *(*name)(size_t i);
    sj_status (*plan)(size_t i, const sj_graph *graph, sj_plan **out, sj_error *error);
    sj_status (*conclude)(size_t i, const sj_tally *tally, sj_result **out, sj_error *error);
    sj_status (*list)(size_t i, const sj_graph *graph, sj_result **out, sj_error *error);
} questions_row;

static const char *questions_funnel_name(size_t i)
{
    return questions_funnels[i].name;
}

static sj_status questions_funnel_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                       sj_error *error)
{
    return sj_funnel_plan(graph, &questions_funnels[i].options, out, error);
}

static sj_status questions_funnel_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                           sj_error *error)
{
    return sj_funnel_conclude(tally, &questions_funnels[i].options, out, error);
}

static sj_status questions_funnel_list(size_t i, const sj_graph *graph, sj_result **out,
                                       sj_error *error)
{
    return sj_funnel_list(graph, &questions_funnels[i].options, NULL, out, error);
}

static const char *questions_path_name(size_t i)
{
    return questions_paths[i].name;
}

static sj_status questions_path_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                     sj_error *error)
{
    return sj_path_plan(graph, &questions_paths[i].options, out, error);
}

static sj_status questions_path_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                         sj_error *error)
{
    return sj_path_conclude(tally, &questions_paths[i].options, out, error);
}

static const char *questions_variant_name(size_t i)
{
    return questions_variants[i].name;
}

static sj_status questions_variant_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                        sj_error *error)
{
    return sj_variant_plan(graph, &questions_variants[i].options, out, error);
}

static sj_status questions_variant_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                            sj_error *error)
{
    return sj_variant_conclude(tally, &questions_variants[i].options, out, error);
}

static sj_status questions_variant_list(size_t i, const sj_graph *graph, sj_result **out,
                                        sj_error *error)
{
    return sj_variant_list(graph, &questions_variants[i].options, NULL, out, error);
}

static const char *const questions_signals[] = {"loop", "rage", "ping-pong"};
static const struct {
    const char *name;
    sj_friction_options options;
} questions_frictions[] = {
    {"friction", {.struct_size = sizeof(sj_friction_options), .conversion = "buy"}},
    {"friction with errors and a custom manner",
     {.struct_size = sizeof(sj_friction_options),
      .conversion = "big buy",
      .error = "help",
      .custom = "load < 60",
      .horizon = 3 * SJ_DAY,
      .min_group = 3,
      .top = 12}},
    {"friction in sessions",
     {.struct_size = sizeof(sj_friction_options),
      .conversion = "value > 20",
      .error = "ad",
      .session_gap = SJ_HOUR,
      .horizon = SJ_DAY,
      .as_of = &questions_late,
      .min_group = 1,
      .adjust = SJ_ADJUST_YEKUTIELI}},
    {"some signals",
     {.struct_size = sizeof(sj_friction_options),
      .conversion = "pay up",
      .signals = questions_signals,
      .n_signals = 3,
      .horizon = SJ_UNLIMITED,
      .loop_visits = 9,
      .ping_pong_span = SJ_HOUR}},
};

static const char *questions_friction_name(size_t i)
{
    return questions_frictions[i].name;
}

static sj_status questions_friction_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                         sj_error *error)
{
    return sj_friction_plan(graph, &questions_frictions[i].options, out, error);
}

static sj_status questions_friction_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                             sj_error *error)
{
    return sj_friction_conclude(tally, &questions_frictions[i].options, out, error);
}

static const char *questions_transition_name(size_t i)
{
    return questions_transitions[i].name;
}

static sj_status questions_transition_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                           sj_error *error)
{
    return sj_transition_plan(graph, &questions_transitions[i].options, out, error);
}

static sj_status questions_transition_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                               sj_error *error)
{
    return sj_transition_conclude(tally, &questions_transitions[i].options, out, error);
}

static const char *questions_match_name(size_t i)
{
    return questions_matches[i].name;
}

static sj_status questions_match_plan(size_t i, const sj_graph *graph, sj_plan **out,
                                      sj_error *error)
{
    return sj_match_plan(graph, &questions_matches[i].options, out, error);
}

static sj_status questions_match_conclude(size_t i, const sj_tally *tally, sj_result **out,
                                          sj_error *error)
{
    return sj_match_conclude(tally, &questions_matches[i].options, out, error);
}

static sj_status questions_match_list(size_t i, const sj_graph *graph, sj_result **out,
                                      sj_error *error)
{
    return sj_match_list(graph, &questions_matches[i].options, NULL, out, error);
}

/* A row per analysis. */
static const questions_row questions_analyses[] = {
    {sizeof questions_funnels / sizeof *questions_funnels, questions_funnel_name,
     questions_funnel_plan, questions_funnel_conclude, questions_funnel_list},
    {sizeof questions_matches / sizeof *questions_matches, questions_match_name,
     questions_match_plan, questions_match_conclude, questions_match_list},
    {sizeof questions_transitions / sizeof *questions_transitions, questions_transition_name,
     questions_transition_plan, questions_transition_conclude, NULL},
    {sizeof questions_paths / sizeof *questions_paths, questions_path_name, questions_path_plan,
     questions_path_conclude, NULL},
    {sizeof questions_variants / sizeof *questions_variants, questions_variant_name,
     questions_variant_plan, questions_variant_conclude, questions_variant_list},
    {sizeof questions_frictions / sizeof *questions_frictions, questions_friction_name,
     questions_friction_plan, questions_friction_conclude, NULL},
};

static const questions_row *questions_find(size_t *i)
{
    for (size_t a = 0; a < sizeof questions_analyses / sizeof *questions_analyses; a++) {
        if (*i < questions_analyses[a].n)
            return &questions_analyses[a];
        *i -= questions_analyses[a].n;
    }
    return NULL;
}

const char *questions_name(size_t i)
{
    const questions_row *row = questions_find(&i);

    return row ? row->name(i) : NULL;
}

sj_status questions_plan(size_t i, const sj_graph *graph, sj_plan **out, sj_error *error)
{
    const questions_row *row = questions_find(&i);

    return row->plan(i, graph, out, error);
}

sj_status questions_conclude(size_t i, const sj_tally *tally, sj_result **out, sj_error *error)
{
    const questions_row *row = questions_find(&i);

    return row->conclude(i, tally, out, error);
}

int questions_has_list(size_t i)
{
    return questions_find(&i)->list != NULL;
}

sj_status questions_list(size_t i, const sj_graph *graph, sj_result **out, sj_error *error)
{
    const questions_row *row = questions_find(&i);

    return row->list(i, graph, out, error);
}

int questions_later(sj_status status, const sj_error *error)
{
    return status == SJ_ERR_OPTIONS && strstr(error->message, "not built yet") != NULL;
}
