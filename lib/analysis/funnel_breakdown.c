/* What a breakdown asks: its options made ready for one graph.
 *
 * "channel" and "stage" are the library's words, as they are in conditions; every other name is an
 * attribute.  An attribute that has one of these names is written as conditions write it, in double
 * quotes (doubled inside).  The tally's text says all names in this one form.  An attribute of
 * customers has one value per customer, so that there entry, first, last and customer are the same
 * question, and get the same text. */
#include "analysis/funnel.h"

#include <string.h>

/* ---- names ---- */

static int breakdown_is(const char *name, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(name, word, n) == 0;
}

/* The inside of "…" with its quotes taken back, into `to`; 0 where it is not so written. */
static int breakdown_unquote(sj__text *to, const char *name, size_t n)
{
    if (n < 2 || name[0] != '"' || name[n - 1] != '"')
        return 0;
    for (size_t i = 1; i + 1 < n; i++) {
        if (name[i] == '"' && (i + 2 >= n || name[++i] != '"'))
            return 0;
        sj__text_char(to, name[i]);
    }
    return 1;
}

/* The attribute of a name: as it stands, or else in double quotes. */
static sj_status breakdown_find(const sj__map *map, const char *name, size_t n,
                                const sj_allocator *allocator, uint32_t *out, sj_error *error)
{
    sj__text inside;
    *out = sj__intern_find(&map->attributes, name, n);
    if (*out != SJ__ABSENT)
        return SJ_OK;
    sj__text_init(&inside, allocator);
    if (breakdown_unquote(&inside, name, n))
        *out = sj__intern_find(&map->attributes, sj__text_data(&inside), inside.size);
    const sj_status status = sj__text_status(&inside, error);
    sj__text_free(&inside);
    return status;
}

/* SJ_ERR_NAME with the nearest of the attributes, channel and stage. */
static sj_status breakdown_unknown(const sj__map *map, const char *name, size_t n,
                                   const sj_allocator *allocator, sj_error *error)
{
    sj__intern known;
    uint32_t number;
    sj_status status = sj__intern_copy(&known, &map->attributes, allocator, error);
    if (status != SJ_OK)
        return status;
    status = sj__intern_add(&known, "channel", 7, &number, error);
    if (status == SJ_OK)
        status = sj__intern_add(&known, "stage", 5, &number, error);
    if (status == SJ_OK)
        status = sj__map_unknown(&known, "breakdown", name, n, SJ__NOWHERE, error);
    sj__intern_free(&known);
    return status;
}

static void breakdown_say(sj__funnel_breakdown *out, const sj__map *map)
{
    size_t n;
    if (out->kind != SJ__BREAKDOWN_ATTRIBUTE) {
        sj__text_add(&out->name, out->kind == SJ__BREAKDOWN_CHANNEL ? "channel" : "stage");
        return;
    }
    const char *name = sj__intern_name(&map->attributes, out->attribute, &n);
    if (breakdown_is(name, n, "channel") || breakdown_is(name, n, "stage") || name[0] == '"')
        sj__text_quoted(&out->name, name, n, '"');
    else
        sj__text_bytes(&out->name, name, n);
}

/* ---- the question ---- */

sj_status sj__funnel_breakdown_load(sj__funnel_breakdown *out, const sj__map *map,
                                    const sj_funnel_options *options, const sj_allocator *allocator,
                                    sj_error *error)
{
    const char *name = options->breakdown;
    sj_status status = SJ_OK;
    *out = (sj__funnel_breakdown){.attribute = SJ__ABSENT};
    sj__text_init(&out->name, allocator);
    if (name == NULL)
        return SJ_OK;
    const size_t n = strlen(name);
    out->at = options->breakdown_at == 0 ? SJ_AT_ENTRY : options->breakdown_at;
    out->step = (uint32_t)options->breakdown_step;
    if (breakdown_is(name, n, "channel"))
        out->kind = SJ__BREAKDOWN_CHANNEL;
    else if (breakdown_is(name, n, "stage"))
        out->kind = SJ__BREAKDOWN_STAGE;
    else
        status = breakdown_find(map, name, n, allocator, &out->attribute, error);
    if (status != SJ_OK)
        return status;
    if (out->attribute != SJ__ABSENT) {
        out->kind = SJ__BREAKDOWN_ATTRIBUTE;
        out->of_customers = map->attribute[out->attribute].of_customers;
    }
    if (out->kind == 0)
        return breakdown_unknown(map, name, n, allocator, error);
    if (out->at == SJ_AT_CUSTOMER && !out->of_customers)
        return sj__fail(error, SJ_ERR_OPTIONS,
                        "breakdown_at is customer, but %q is of events: take it at entry, a step, "
                        "first or last",
                        name);
    if (out->of_customers && out->at != SJ_AT_STEP)
        out->at = SJ_AT_CUSTOMER;
    breakdown_say(out, map);
    return sj__text_status(&out->name, error);
}

void sj__funnel_breakdown_free(sj__funnel_breakdown *breakdown)
{
    if (breakdown->name.allocator != NULL)
        sj__text_free(&breakdown->name);
}

sj_status sj__funnel_load_groups(sj__funnel *funnel, const sj__map *map,
                                 const sj_funnel_options *options, sj_error *error)
{
    funnel->trend = options->trend;
    funnel->utc_offset = options->utc_offset;
    funnel->survival = options->survival != 0;
    funnel->grouped = options->breakdown != NULL || funnel->trend != 0 || funnel->survival;
    const sj_status status =
        sj__funnel_breakdown_load(&funnel->breakdown, map, options, &funnel->allocator, error);
    /* First and last are looked for in the journey of its own that a held value makes. */
    if (funnel->n_hold > 0 &&
        (funnel->breakdown.at == SJ_AT_FIRST || funnel->breakdown.at == SJ_AT_LAST))
        funnel->keeps_all = funnel->sees_all = 1;
    return status;
}

void sj__funnel_say_groups(const sj__funnel *funnel, sj_funnel_options *said)
{
    const sj__funnel_breakdown *breakdown = &funnel->breakdown;
    said->breakdown = breakdown->kind != 0 ? sj__text_data(&breakdown->name) : NULL;
    said->breakdown_at = breakdown->at == SJ_AT_ENTRY ? 0 : breakdown->at;
    said->survival = funnel->survival;
}
