/* What a map says about the flow of journeys: micro-conversions, and transitions that it expects.
 *
 * A micro-conversion's condition is kept as given: the names in it may come later, so only its
 * grammar is checked here and the rest when the map is finished.  Expected transitions are found by
 * a hash of both ends. */
#include "journey/map.h"

#include <string.h>

#include "base/number.h"
#include "journey/condition.h"

/* ------------------------------------------------------------------------ micro-conversions -- */

static int map_same_conversion(const sj__map_conversion *known, const char *condition,
                               const int64_t *worth)
{
    size_t n = strlen(condition), n_known = known->size;
    const char *text = sj__map_trim(condition, &n),
               *text_known = sj__map_trim(known->condition, &n_known);
    return n == n_known && memcmp(text, text_known, n) == 0 &&
           known->has_worth == (worth != NULL) && (!worth || known->worth == *worth);
}

/* Whether the text is the name of something that the map has so far, whatever it contains. */
static int map_is_name(const sj__map *map, const char *text, size_t n)
{
    return sj__intern_find(&map->touchpoints, text, n) != SJ__ABSENT ||
           sj__intern_find(&map->stages, text, n) != SJ__ABSENT ||
           sj__intern_find(&map->conversions, text, n) != SJ__ABSENT;
}

sj_status sj__map_set_conversion(sj__map *map, const char *name, const char *condition,
                                 const int64_t *worth, sj_error *error)
{
    const size_t size = strlen(condition);
    uint32_t number = sj__intern_find(&map->conversions, name, strlen(name));
    char *copy = NULL;
    sj_status status = SJ_OK;
    if ((status = sj__map_check_name("micro-conversion", name, strlen(name), error)) ||
        (!map_is_name(map, condition, size) &&
         (status = sj__condition_check(condition, size, map->allocator, error))))
        return status;
    if (number != SJ__ABSENT)
        return map_same_conversion(&map->conversion[number], condition, worth)
                   ? SJ_OK
                   : sj__fail(error, SJ_ERR_DUPLICATE,
                              "micro-conversion %q has another condition or worth already", name);
    if (map->conversions.count >= SJ__LIMIT_CONVERSIONS)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than %i micro-conversions",
                        (int64_t)SJ__LIMIT_CONVERSIONS);
    if ((status = sj__grow(map->allocator, &map->conversion, &map->conversion_capacity,
                           (size_t)map->conversions.count + 1, error)))
        return status;
    copy = sj__copy_text(map->allocator, condition, size);
    if (!copy)
        return sj__fail_nomem(error);
    if ((status = sj__intern_add(&map->conversions, name, strlen(name), &number, error))) {
        sj__free(map->allocator, copy, size + 1, 1);
        return status;
    }
    map->conversion[number] = (sj__map_conversion){
        .condition = copy, .size = size, .worth = worth ? *worth : 0, .has_worth = worth != NULL};
    return SJ_OK;
}

sj_status sj__map_add_conversion(sj__map *map, const char *name, const char *condition,
                                 const double *value, sj_error *error)
{
    int64_t worth = 0;
    const int read = value ? sj__fixed6_from_real(*value, &worth) : SJ__READ_OK;
    if (read != SJ__READ_OK)
        return sj__fail(error, SJ_ERR_VALUE,
                        "the worth of micro-conversion %q is not a number within ±9.2e12", name);
    return sj__map_set_conversion(map, name, condition, value ? &worth : NULL, error);
}

/* ---------------------------------------------------------------------- expected transitions -- */

typedef struct map_ends {
    uint32_t from, to;
    int32_t of_stages;
} map_ends;

static uint64_t map_hash_ends(map_ends ends)
{
    const uint64_t both = (uint64_t)ends.from << 32 | ends.to;
    return sj__hash_mix(sj__hash_mix(both) + (uint64_t)ends.of_stages);
}

static int map_same_ends(const void *user, uint32_t position, const void *wanted)
{
    const sj__map_expected *row = &((const sj__map *)user)->expected[position];
    const map_ends *ends = wanted;
    return row->from == ends->from && row->to == ends->to && row->of_stages == ends->of_stages;
}

sj_status sj__map_expect(sj__map *map, const sj__map_expected *expected, sj_error *error)
{
    const map_ends ends = {expected->from, expected->to, expected->of_stages};
    const double share = expected->share;
    const uint64_t hash = map_hash_ends(ends);
    const uint32_t known = sj__index_find(&map->expected_index, hash, map_same_ends, map, &ends);
    const sj__intern *names = ends.of_stages ? &map->stages : &map->touchpoints;
    sj_status status = SJ_OK;
    if (known != SJ__ABSENT) {
        const double other = map->expected[known].share;
        return other <= share && other >= share
                   ? SJ_OK
                   : sj__fail(error, SJ_ERR_DUPLICATE,
                              "%q -> %q is expected already, with another share",
                              sj__intern_name(names, ends.from, NULL),
                              sj__intern_name(names, ends.to, NULL));
    }
    if (map->n_expected >= SJ__ABSENT - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than 4294967294 expectations");
    if ((status = sj__grow(map->allocator, &map->expected, &map->expected_capacity,
                           map->n_expected + 1, error)) ||
        (status = sj__index_reserve(&map->expected_index, 1, error)))
        return status;
    sj__index_insert(&map->expected_index, hash, (uint32_t)map->n_expected);
    map->expected[map->n_expected++] = *expected;
    return SJ_OK;
}

/* Whether both ends are stages; neither may be a stage and a touchpoint, nor one a stage and the
 * other not. */
static sj_status map_ends_kind(const sj__map *map, const char *from, const char *to,
                               int32_t *of_stages, sj_error *error)
{
    const char *const names[2] = {from, to};
    int stage[2];
    for (int i = 0; i < 2; i++) {
        const size_t n = strlen(names[i]);
        stage[i] = sj__intern_find(&map->stages, names[i], n) != SJ__ABSENT;
        if (stage[i] && sj__intern_find(&map->touchpoints, names[i], n) != SJ__ABSENT)
            return sj__fail(error, SJ_ERR_NAME,
                            "%q is a stage and a touchpoint, so what is expected is not clear; "
                            "rename one of them",
                            names[i]);
    }
    *of_stages = stage[0] && stage[1];
    if (stage[0] != stage[1])
        return sj__fail(error, SJ_ERR_MAP,
                        "%q is a stage and %q is none; an expectation is between two touchpoints "
                        "or between two stages",
                        stage[0] ? from : to, stage[0] ? to : from);
    return SJ_OK;
}

/* Adds what is expected between two touchpoints, which it declares. */
static sj_status map_expect_touchpoints(sj__map *map, const char *from, const char *to,
                                        double share, sj_error *error)
{
    const uint32_t before = map->touchpoints.count;
    sj__map_expected expected = {.share = share};
    sj_status status = sj__map_reserve_touchpoints(map, 2, error);
    if (status)
        return status;
    if ((status = sj__map_enter_touchpoint(map, from, strlen(from), &expected.from, error)) ||
        (status = sj__map_enter_touchpoint(map, to, strlen(to), &expected.to, error)) ||
        (status = sj__map_expect(map, &expected, error))) {
        sj__intern_truncate(&map->touchpoints, before);
        return status;
    }
    sj__map_declare_touchpoint(map, expected.from);
    sj__map_declare_touchpoint(map, expected.to);
    return SJ_OK;
}

sj_status sj__map_add_expected(sj__map *map, const char *from, const char *to, double share,
                               sj_error *error)
{
    sj__map_expected expected = {.of_stages = 1, .share = share};
    int32_t of_stages = 0;
    sj_status status = SJ_OK;
    if (!(share >= 0 && share <= 1))
        return sj__fail(error, SJ_ERR_VALUE, "the share of %q -> %q is not within 0 to 1", from,
                        to);
    if ((status = sj__map_check_name("touchpoint", from, strlen(from), error)) ||
        (status = sj__map_check_name("touchpoint", to, strlen(to), error)) ||
        (status = map_ends_kind(map, from, to, &of_stages, error)))
        return status;
    if (!of_stages)
        return map_expect_touchpoints(map, from, to, share, error);
    expected.from = sj__intern_find(&map->stages, from, strlen(from));
    expected.to = sj__intern_find(&map->stages, to, strlen(to));
    return sj__map_expect(map, &expected, error);
}
