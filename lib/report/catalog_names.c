/* The names that bindings need and no analysis has: every public constant, and every public
 * struct, also those that no loader reads. */
#include "report/catalog_names.h"

#include <sojourn.h>

#include "analysis/friction.h"
#include "analysis/funnel.h"
#include "analysis/path.h"
#include "analysis/transition.h"
#include "analysis/variant.h"
#include "analysis/match.h"
#include "base/threads.h"
#include "io/csv.h"
#include "io/files.h"
#include "journey/builder.h"

#define CATALOG_CONSTANT(name)                                                                     \
    {                                                                                              \
#name, (int64_t)(name)                                                                     \
    }

static const sj__constant catalog_constants[] = {CATALOG_CONSTANT(SJ_OK),
                                                 CATALOG_CONSTANT(SJ_ERR_NOMEM),
                                                 CATALOG_CONSTANT(SJ_ERR_ARGUMENT),
                                                 CATALOG_CONSTANT(SJ_ERR_OPTIONS),
                                                 CATALOG_CONSTANT(SJ_ERR_LIMIT),
                                                 CATALOG_CONSTANT(SJ_ERR_OVERFLOW),
                                                 CATALOG_CONSTANT(SJ_ERR_CANCELLED),
                                                 CATALOG_CONSTANT(SJ_ERR_UTF8),
                                                 CATALOG_CONSTANT(SJ_ERR_NAME),
                                                 CATALOG_CONSTANT(SJ_ERR_DUPLICATE),
                                                 CATALOG_CONSTANT(SJ_ERR_TIME),
                                                 CATALOG_CONSTANT(SJ_ERR_VALUE),
                                                 CATALOG_CONSTANT(SJ_ERR_CONDITION),
                                                 CATALOG_CONSTANT(SJ_ERR_MAP),
                                                 CATALOG_CONSTANT(SJ_ERR_CSV),
                                                 CATALOG_CONSTANT(SJ_ERR_FILE),
                                                 CATALOG_CONSTANT(SJ_ERR_FORMAT),
                                                 CATALOG_CONSTANT(SJ_ERR_VERSION),
                                                 CATALOG_CONSTANT(SJ_ERR_MISMATCH),
                                                 CATALOG_CONSTANT(SJ_ERR_NEGATIVE),
                                                 CATALOG_CONSTANT(SJ_NONE),
                                                 CATALOG_CONSTANT(SJ_INSTANT),
                                                 CATALOG_CONSTANT(SJ_UNLIMITED),
                                                 CATALOG_CONSTANT(SJ_SECOND),
                                                 CATALOG_CONSTANT(SJ_MINUTE),
                                                 CATALOG_CONSTANT(SJ_HOUR),
                                                 CATALOG_CONSTANT(SJ_DAY),
                                                 CATALOG_CONSTANT(SJ_TIES_ARRIVAL),
                                                 CATALOG_CONSTANT(SJ_TIES_NAME),
                                                 CATALOG_CONSTANT(SJ_ATTRIBUTE_CATEGORY),
                                                 CATALOG_CONSTANT(SJ_ATTRIBUTE_INTEGER),
                                                 CATALOG_CONSTANT(SJ_ATTRIBUTE_REAL),
                                                 CATALOG_CONSTANT(SJ_ARRAY_TEXT),
                                                 CATALOG_CONSTANT(SJ_ARRAY_TEXT32),
                                                 CATALOG_CONSTANT(SJ_ARRAY_STRINGS),
                                                 CATALOG_CONSTANT(SJ_ARRAY_INT64),
                                                 CATALOG_CONSTANT(SJ_ARRAY_INT32),
                                                 CATALOG_CONSTANT(SJ_ARRAY_UINT64),
                                                 CATALOG_CONSTANT(SJ_ARRAY_UINT32),
                                                 CATALOG_CONSTANT(SJ_ARRAY_UINT16),
                                                 CATALOG_CONSTANT(SJ_ARRAY_UINT8),
                                                 CATALOG_CONSTANT(SJ_ARRAY_DOUBLE),
                                                 CATALOG_CONSTANT(SJ_KIND_EVENTS),
                                                 CATALOG_CONSTANT(SJ_KIND_CUSTOMERS),
                                                 CATALOG_CONSTANT(SJ_KIND_TOUCHPOINTS),
                                                 CATALOG_CONSTANT(SJ_KIND_STAGES),
                                                 CATALOG_CONSTANT(SJ_KIND_CHANNELS),
                                                 CATALOG_CONSTANT(SJ_KIND_MICRO_CONVERSIONS),
                                                 CATALOG_CONSTANT(SJ_KIND_ATTRIBUTES),
                                                 CATALOG_CONSTANT(SJ_KIND_BYTES),
                                                 CATALOG_CONSTANT(SJ_TIME_SECONDS),
                                                 CATALOG_CONSTANT(SJ_TIME_MILLISECONDS),
                                                 CATALOG_CONSTANT(SJ_TIME_MICROSECONDS),
                                                 CATALOG_CONSTANT(SJ_TIME_NANOSECONDS),
                                                 CATALOG_CONSTANT(SJ_CSV_FAIL),
                                                 CATALOG_CONSTANT(SJ_CSV_SKIP),
                                                 CATALOG_CONSTANT(SJ_FORMAT_TABLE),
                                                 CATALOG_CONSTANT(SJ_FORMAT_JSON),
                                                 CATALOG_CONSTANT(SJ_FORMAT_CSV),
                                                 CATALOG_CONSTANT(SJ_FORMAT_DOT),
                                                 CATALOG_CONSTANT(SJ_FORMAT_MERMAID),
                                                 CATALOG_CONSTANT(SJ_BETWEEN_TOUCHPOINTS),
                                                 CATALOG_CONSTANT(SJ_BETWEEN_STAGES),
                                                 CATALOG_CONSTANT(SJ_BETWEEN_CHANNELS),
                                                 CATALOG_CONSTANT(SJ_COLUMN_INTEGER),
                                                 CATALOG_CONSTANT(SJ_COLUMN_REAL),
                                                 CATALOG_CONSTANT(SJ_COLUMN_TEXT),
                                                 CATALOG_CONSTANT(SJ_COLUMN_LIST),
                                                 CATALOG_CONSTANT(SJ_UNIT_NONE),
                                                 CATALOG_CONSTANT(SJ_UNIT_COUNT),
                                                 CATALOG_CONSTANT(SJ_UNIT_SHARE),
                                                 CATALOG_CONSTANT(SJ_UNIT_TIME),
                                                 CATALOG_CONSTANT(SJ_UNIT_SPAN),
                                                 CATALOG_CONSTANT(SJ_UNIT_VALUE),
                                                 CATALOG_CONSTANT(SJ_FIGURE_COUNTS),
                                                 CATALOG_CONSTANT(SJ_FIGURE_TIMES),
                                                 CATALOG_CONSTANT(SJ_FIGURE_REASONS),
                                                 CATALOG_CONSTANT(SJ_FIGURE_VALUES),
                                                 CATALOG_CONSTANT(SJ_EXCLUDE_BREAK),
                                                 CATALOG_CONSTANT(SJ_EXCLUDE_REMOVE),
                                                 CATALOG_CONSTANT(SJ_ORDER_SEQUENTIAL),
                                                 CATALOG_CONSTANT(SJ_ORDER_ADJACENT),
                                                 CATALOG_CONSTANT(SJ_ORDER_ANY),
                                                 CATALOG_CONSTANT(SJ_TIE_ANY),
                                                 CATALOG_CONSTANT(SJ_TIE_INPUT),
                                                 CATALOG_CONSTANT(SJ_TIE_STRICT),
                                                 CATALOG_CONSTANT(SJ_TIE_GRACE),
                                                 CATALOG_CONSTANT(SJ_ATTEMPT_BEST),
                                                 CATALOG_CONSTANT(SJ_ATTEMPT_FIRST),
                                                 CATALOG_CONSTANT(SJ_ATTEMPT_EACH),
                                                 CATALOG_CONSTANT(SJ_VIOLATION_BREAK),
                                                 CATALOG_CONSTANT(SJ_VIOLATION_STOP),
                                                 CATALOG_CONSTANT(SJ_REUSE_NO),
                                                 CATALOG_CONSTANT(SJ_REUSE_YES),
                                                 CATALOG_CONSTANT(SJ_UNIT_CUSTOMERS),
                                                 CATALOG_CONSTANT(SJ_UNIT_ATTEMPTS),
                                                 CATALOG_CONSTANT(SJ_UNIT_SESSIONS),
                                                 CATALOG_CONSTANT(SJ_UNIT_VALUES),
                                                 CATALOG_CONSTANT(SJ_AT_ENTRY),
                                                 CATALOG_CONSTANT(SJ_AT_STEP),
                                                 CATALOG_CONSTANT(SJ_AT_FIRST),
                                                 CATALOG_CONSTANT(SJ_AT_LAST),
                                                 CATALOG_CONSTANT(SJ_AT_CUSTOMER),
                                                 CATALOG_CONSTANT(SJ_TREND_HOUR),
                                                 CATALOG_CONSTANT(SJ_TREND_DAY),
                                                 CATALOG_CONSTANT(SJ_TREND_WEEK),
                                                 CATALOG_CONSTANT(SJ_TREND_MONTH),
                                                 CATALOG_CONSTANT(SJ_BENCHMARK_PEERS),
                                                 CATALOG_CONSTANT(SJ_BENCHMARK_GROUP),
                                                 CATALOG_CONSTANT(SJ_BENCHMARK_MAP),
                                                 CATALOG_CONSTANT(SJ_SLOW_TENTH),
                                                 CATALOG_CONSTANT(SJ_SLOW_MAD),
                                                 CATALOG_CONSTANT(SJ_ADJUST_HOCHBERG),
                                                 CATALOG_CONSTANT(SJ_ADJUST_YEKUTIELI),
                                                 CATALOG_CONSTANT(SJ_OCCURRENCE_FIRST),
                                                 CATALOG_CONSTANT(SJ_OCCURRENCE_LAST),
                                                 CATALOG_CONSTANT(SJ_OCCURRENCE_EVERY),
                                                 CATALOG_CONSTANT(SJ_COUNT_CUSTOMERS),
                                                 CATALOG_CONSTANT(SJ_COUNT_OCCURRENCES),
                                                 CATALOG_CONSTANT(SJ_VARIANT_WHOLE),
                                                 CATALOG_CONSTANT(SJ_VARIANT_NGRAMS),
                                                 CATALOG_CONSTANT(SJ_VARIANT_INDICATORS),
                                                 CATALOG_CONSTANT(SJ_MATCH_FIRST),
                                                 CATALOG_CONSTANT(SJ_MATCH_LAST),
                                                 CATALOG_CONSTANT(SJ_MATCH_ALL),
                                                 CATALOG_CONSTANT(SJ_MATCH_COUNT)};

const sj__constant *sj__constant_at(size_t i)
{
    return i < sizeof catalog_constants / sizeof *catalog_constants ? &catalog_constants[i] : NULL;
}

/* ------------------------------------------------------------------------------------- structs --
 */

/* A field that callers read, not set, or that only code can fill. */
#define CATALOG_FIELD(type, field, kind) SJ__FIELD(type, field, kind, 0, .option = "")
#define CATALOG_STRUCT(name_, fields_)                                                             \
    {                                                                                              \
        .name = #name_, .fields = (fields_), .n_fields = sizeof(fields_) / sizeof *(fields_),      \
        .size = sizeof(name_), .least = sizeof(name_)                                              \
    }

static const sj__field catalog_error_fields[] = {CATALOG_FIELD(sj_error, code, SJ__KIND_INTEGER),
                                                 CATALOG_FIELD(sj_error, column, SJ__KIND_INTEGER),
                                                 CATALOG_FIELD(sj_error, index, SJ__KIND_INTEGER),
                                                 CATALOG_FIELD(sj_error, line, SJ__KIND_INTEGER),
                                                 CATALOG_FIELD(sj_error, message, SJ__KIND_TEXT)};
static const sj__struct catalog_error = CATALOG_STRUCT(sj_error, catalog_error_fields);

static const sj__field catalog_allocator_fields[] = {
    CATALOG_FIELD(sj_allocator, resize, SJ__KIND_OBJECT),
    CATALOG_FIELD(sj_allocator, user, SJ__KIND_OBJECT)};
static const sj__struct catalog_allocator = CATALOG_STRUCT(sj_allocator, catalog_allocator_fields);

static const sj__field catalog_transition_fields[] = {
    CATALOG_FIELD(sj_transition, from, SJ__KIND_COUNT),
    CATALOG_FIELD(sj_transition, to, SJ__KIND_COUNT),
    CATALOG_FIELD(sj_transition, count, SJ__KIND_COUNT),
    CATALOG_FIELD(sj_transition, dwell_mean, SJ__KIND_REAL),
    CATALOG_FIELD(sj_transition, expected, SJ__KIND_FLAG),
    CATALOG_FIELD(sj_transition, expected_share, SJ__KIND_REAL)};
static const sj__struct catalog_transition =
    CATALOG_STRUCT(sj_transition, catalog_transition_fields);

static const sj__field catalog_moment_fields[] = {
    CATALOG_FIELD(sj_moment, time, SJ__KIND_INTEGER),
    CATALOG_FIELD(sj_moment, touchpoint, SJ__KIND_COUNT),
    CATALOG_FIELD(sj_moment, channel, SJ__KIND_COUNT),
    CATALOG_FIELD(sj_moment, value, SJ__KIND_REAL),
    CATALOG_FIELD(sj_moment, has_value, SJ__KIND_FLAG)};
static const sj__struct catalog_moment = CATALOG_STRUCT(sj_moment, catalog_moment_fields);

static const sj__struct *const catalog_structs[] = {&catalog_error,
                                                    &catalog_allocator,
                                                    &sj__run_struct,
                                                    &sj__builder_options_struct,
                                                    &sj__event_struct,
                                                    &sj__column_struct,
                                                    &sj__events_struct,
                                                    &catalog_transition,
                                                    &catalog_moment,
                                                    &sj__selection_struct,
                                                    &sj__files_struct,
                                                    &sj__csv_options_struct,
                                                    &sj__step_struct,
                                                    &sj__exclusion_struct,
                                                    &sj__funnel_options_struct,
                                                    &sj__transition_options_struct,
                                                    &sj__friction_options_struct,
                                                    &sj__path_options_struct,
                                                    &sj__variant_options_struct,
                                                    &sj__match_options_struct,
                                                    NULL};

const sj__struct *sj__struct_at(size_t i)
{
    size_t n = 0;
    while (n < i && catalog_structs[n] != NULL)
        n++;
    return catalog_structs[n];
}
