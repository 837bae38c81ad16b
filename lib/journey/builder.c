/* The builder: the map, staged events, and how a call that fails is taken back.  A call that adds
 * events sets a mark first, which is a few counts; going back to it is O(what was added since). */
#include <string.h>

#include "journey/builder_state.h"

static sj_status builder_load(const sj_builder_options *given, sj_builder *builder, sj_error *error)
{
    sj_builder_options options;
    sj_status status = sj__options_load(&sj__builder_options_struct, given, &options, error);
    if (status) {
        return status;
    }
    builder->allocator = sj__allocator(options.allocator);
    builder->ties = options.ties ? options.ties : SJ_TIES_ARRIVAL;
    builder->drop_doubles = options.drop_doubles != 0;
    if (options.observed_from) {
        builder->from = (sj__bound){*options.observed_from, 1};
    }
    if (options.observed_until) {
        builder->until = (sj__bound){*options.observed_until, 1};
    }
    if (builder->from.given && builder->until.given && builder->from.time > builder->until.time) {
        return sj__fail(error, SJ_ERR_OPTIONS, "observed_from is later than observed_until");
    }
    return SJ_OK;
}

static void builder_init(sj_builder *builder)
{
    const sj_allocator *a = &builder->allocator;
    sj__map_init(&builder->map, a);
    sj__intern_init(&builder->customers, a);
    sj__keycache_init(&builder->keys, a);
    sj__parts_init(&builder->parts, a);
    sj__text_init(&builder->filter, a);
}

sj_status sj_builder_new(const sj_builder_options *options, sj_builder **out, sj_error *error)
{
    sj_builder loaded = {0}, *builder;
    sj_status status;
    if (!out) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    }
    *out = NULL;
    status = builder_load(options, &loaded, error);
    if (status) {
        return status;
    }
    builder = sj__alloc(&loaded.allocator, 1, sizeof *builder);
    if (!builder) {
        return sj__fail_nomem(error);
    }
    *builder = loaded;
    builder_init(builder);
    *out = builder;
    return SJ_OK;
}

void sj__builder_clear(sj_builder *builder)
{
    const sj_allocator *a = &builder->allocator;
    sj__text_free(&builder->filter);
    sj__free(a, builder->settings, builder->settings_capacity, sizeof *builder->settings);
    sj__parts_free(&builder->parts);
    sj__free(a, builder->part, builder->part_capacity, sizeof *builder->part);
    sj__keycache_free(&builder->keys);
    sj__intern_free(&builder->customers);
    sj__map_free(&builder->map);
    builder->settings = NULL;
    builder->n_settings = builder->settings_capacity = 0;
    builder->part = NULL;
    builder->part_capacity = 0;
    builder->counted = (sj__counted){0};
    builder_init(builder);
}

void sj_builder_free(sj_builder *builder)
{
    if (builder) {
        sj_allocator a = builder->allocator;
        sj__builder_clear(builder);
        sj__free(&a, builder, 1, sizeof *builder);
    }
}

/* ------------------------------------------------------------------------------------ the map --
 */

static sj_status builder_check(const sj_builder *builder, const void *text, const char *what,
                               sj_error *error)
{
    return builder && text
               ? SJ_OK
               : sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", builder ? what : "builder");
}

sj_status sj_builder_add_stage(sj_builder *builder, const char *name, sj_error *error)
{
    sj_status status = builder_check(builder, name, "name", error);
    return status ? status : sj__map_add_stage(&builder->map, name, strlen(name), error);
}

sj_status sj_builder_add_touchpoint(sj_builder *builder, const char *name, const char *stage,
                                    const char *channel, sj_error *error)
{
    sj_status status = builder_check(builder, name, "name", error);
    return status ? status : sj__map_add_touchpoint(&builder->map, name, stage, channel, error);
}

sj_status sj_builder_add_channel(sj_builder *builder, const char *name, sj_error *error)
{
    sj_status status = builder_check(builder, name, "name", error);
    return status ? status : sj__map_add_channel(&builder->map, name, strlen(name), error);
}

sj_status sj_builder_add_micro_conversion(sj_builder *builder, const char *name,
                                          const char *condition, const double *value,
                                          sj_error *error)
{
    sj_status status = builder_check(builder, name, "name", error);
    if (!status) {
        status = builder_check(builder, condition, "condition", error);
    }
    return status ? status : sj__map_add_conversion(&builder->map, name, condition, value, error);
}

sj_status sj_builder_add_expected(sj_builder *builder, const char *from, const char *to,
                                  double share, sj_error *error)
{
    sj_status status = builder_check(builder, from, "from", error);
    if (!status) {
        status = builder_check(builder, to, "to", error);
    }
    return status ? status : sj__map_add_expected(&builder->map, from, to, share, error);
}

sj_status sj_builder_add_map(sj_builder *builder, const char *text, size_t size, sj_error *error)
{
    sj__map copy;
    sj_status status = builder_check(builder, size ? text : "", "text", error);
    if (!status) {
        status = sj__map_copy(&copy, &builder->map, &builder->allocator, error);
    }
    if (status) {
        return status;
    }
    status = sj__map_parse(&copy, size ? text : "", size, error);
    if (status) {
        sj__map_free(&copy);
        return status;
    }
    sj__map_free(&builder->map);
    builder->map = copy;
    return SJ_OK;
}

sj_status sj_builder_add_attribute(sj_builder *builder, const char *name, int32_t type,
                                   int32_t of_customers, sj_error *error)
{
    sj_status status = builder_check(builder, name, "name", error);
    if (!status && (type < SJ_ATTRIBUTE_CATEGORY || type > SJ_ATTRIBUTE_REAL)) {
        status = sj__fail(error, SJ_ERR_ARGUMENT, "type is %i, which is none of SJ_ATTRIBUTE_…",
                          (int64_t)type);
    }
    return status ? status
                  : sj__map_add_attribute(&builder->map, name, strlen(name), type,
                                          of_customers != 0, error);
}

/* --------------------------------------------------------------------------------- going back --
 */

sj_status sj__builder_mark_take(const sj_builder *builder, sj__builder_mark *mark, sj_error *error)
{
    sj_status status = sj__map_set_mark(&builder->map, &mark->map, error);
    for (size_t p = 0; p < SJ__PARTS; p++) {
        mark->events[p] = builder->parts.part[p].events;
    }
    mark->customers = builder->customers.count;
    mark->settings = builder->n_settings;
    mark->counted = builder->counted;
    return status;
}

void sj__builder_mark_drop(const sj_builder *builder, sj__builder_mark *mark)
{
    sj__map_mark_free(&builder->map, &mark->map);
}

sj_status sj__builder_set_mark(sj_builder *builder, sj__builder_mark **out, sj_error *error)
{
    sj__builder_mark *mark = sj__alloc(&builder->allocator, 1, sizeof *mark);
    sj_status status = mark ? sj__builder_mark_take(builder, mark, error) : sj__fail_nomem(error);
    if (status) {
        sj__free(&builder->allocator, mark, 1, sizeof *mark);
        mark = NULL;
    }
    *out = mark;
    return status;
}

void sj__builder_rollback(sj_builder *builder, const sj__builder_mark *mark)
{
    sj__parts_truncate(&builder->parts, mark->events,
                       SJ__ATTRIBUTE_COLUMN + (size_t)mark->map.attributes);
    sj__map_rollback(&builder->map, &mark->map);
    if (mark->customers < builder->customers.count) {
        sj__keycache_clear(&builder->keys);
        sj__intern_truncate(&builder->customers, mark->customers);
    }
    builder->n_settings = mark->settings;
    builder->counted = mark->counted;
}

void sj__builder_mark_free(sj_builder *builder, sj__builder_mark *mark)
{
    if (mark) {
        sj__builder_mark_drop(builder, mark);
        sj__free(&builder->allocator, mark, 1, sizeof *mark);
    }
}

/* ------------------------------------------------------------------------------ for io/csv.c -- */

const sj_allocator *sj__builder_allocator(const sj_builder *builder)
{
    return &builder->allocator;
}

void sj__builder_count(sj_builder *builder, uint64_t skipped, uint64_t digits_cut)
{
    builder->counted.skipped += skipped;
    builder->counted.digits_cut += digits_cut;
}

int32_t sj__builder_attribute(const sj_builder *builder, const char *name, size_t n,
                              int32_t *of_customers)
{
    uint32_t number = sj__intern_find(&builder->map.attributes, name, n);
    if (number == SJ__ABSENT) {
        return 0;
    }
    if (of_customers) {
        *of_customers = builder->map.attribute[number].of_customers;
    }
    return builder->map.attribute[number].type;
}

const int64_t *sj__builder_observed_from(const sj_builder *builder)
{
    return builder->from.given ? &builder->from.time : NULL;
}

const int64_t *sj__builder_observed_until(const sj_builder *builder)
{
    return builder->until.given ? &builder->until.time : NULL;
}
