/* Builder to graph.  Customers are put in order of their keys' hashes; a first pass over the staged
 * events measures them, one block is allocated, and a second pass orders and packs part by part.
 * The builder is only read until the graph is there, so a failure leaves it as it was.  O(events +
 * customers log customers). */
#include "journey/build.h"

#include <string.h>

#include "base/bitmap.h"

size_t sj__build_columns(const sj__build *b)
{
    return SJ__ATTRIBUTE_COLUMN + (size_t)b->builder->map.attributes.count;
}

size_t sj__build_finished_column(const sj__build *b, size_t column)
{
    return column < SJ__ATTRIBUTE_COLUMN
               ? column
               : SJ__ATTRIBUTE_COLUMN +
                     (size_t)b->numbers.attributes[column - SJ__ATTRIBUTE_COLUMN];
}

sj_status sj__build_progress(sj__build *b, uint64_t more, sj_error *error)
{
    b->done += more;
    if (b->run.progress && b->run.progress(b->run.user, b->done, 2 * b->builder->parts.events)) {
        return sj__fail(error, SJ_ERR_CANCELLED, "building was stopped by progress");
    }
    return SJ_OK;
}

/* ---------------------------------------------------------------------------------- customers --
 */

/* Bytewise order of keys of one hash: hardly ever more than one. */
static void build_sort_equal(const sj__build *b, sj__pair *pairs, size_t n)
{
    const sj__intern *names = &b->builder->customers;
    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && pairs[j - 1].key == pairs[j].key; j--) {
            size_t nx, ny;
            const char *x = sj__intern_name(names, (uint32_t)pairs[j - 1].number, &nx);
            const char *y = sj__intern_name(names, (uint32_t)pairs[j].number, &ny);
            int by = memcmp(x, y, nx < ny ? nx : ny);
            if (by < 0 || (by == 0 && nx < ny)) {
                break;
            }
            sj__pair swap = pairs[j];
            pairs[j] = pairs[j - 1];
            pairs[j - 1] = swap;
        }
    }
}

static void build_sort_members(sj__build *b, size_t part, sj__pair *pairs, sj__pair *scratch)
{
    uint32_t *member = b->member + b->part_first[part];
    size_t n = b->part_first[part + 1] - b->part_first[part];
    for (size_t i = 0; i < n; i++) {
        pairs[i] = (sj__pair){sj__intern_hash(&b->builder->customers, member[i]), member[i]};
    }
    sj__sort_pairs(pairs, scratch, n);
    build_sort_equal(b, pairs, n);
    for (size_t i = 0; i < n; i++) {
        member[i] = (uint32_t)pairs[i].number;
        b->rank[member[i]] = (uint32_t)i;
    }
}

static sj_status build_order_customers(sj__build *b, sj_error *error)
{
    const sj_allocator *a = b->allocator;
    const uint8_t *part = b->builder->part;
    uint32_t next[SJ__PARTS + 1] = {0};
    sj__pair *pairs, *scratch;
    b->n_customers = b->builder->customers.count;
    b->member = sj__alloc(a, b->n_customers, sizeof *b->member);
    b->rank = sj__alloc(a, b->n_customers, sizeof *b->rank);
    b->length = sj__alloc_zeroed(a, b->n_customers, sizeof *b->length);
    if (!b->member || !b->rank || !b->length) {
        return sj__fail_nomem(error);
    }
    for (uint32_t i = 0; i < b->n_customers; i++) {
        next[part[i] + 1]++;
    }
    for (size_t p = 0; p < SJ__PARTS; p++) {
        b->most_customers = next[p + 1] > b->most_customers ? next[p + 1] : b->most_customers;
        next[p + 1] += next[p];
    }
    memcpy(b->part_first, next, sizeof next);
    for (uint32_t i = 0; i < b->n_customers; i++) {
        b->member[next[part[i]]++] = i;
    }
    pairs = sj__alloc(a, b->most_customers, sizeof *pairs);
    scratch = sj__alloc(a, b->most_customers, sizeof *scratch);
    for (size_t p = 0; pairs && scratch && p < SJ__PARTS; p++) {
        build_sort_members(b, p, pairs, scratch);
    }
    sj__free(a, pairs, b->most_customers, sizeof *pairs);
    sj__free(a, scratch, b->most_customers, sizeof *scratch);
    return pairs && scratch ? SJ_OK : sj__fail_nomem(error);
}

/* ---------------------------------------------------------------------------------- the whole --
 */

/* The earlier of what is known of the beginning of observation, the later of its end. */
static void build_observation(const sj_builder *builder, const sj__shape *shape,
                              sj__graph_facts *facts)
{
    sj__bound from = builder->counted.from, until = builder->counted.until;
    if (shape->events) {
        from = (sj__bound){
            from.given && from.time < shape->first_time ? from.time : shape->first_time, 1};
        until = (sj__bound){
            until.given && until.time > shape->last_time ? until.time : shape->last_time, 1};
    }
    from = builder->from.given ? builder->from : from;
    until = builder->until.given ? builder->until : until;
    from = from.given ? from : until;
    until = until.given ? until : from;
    facts->observed_from = from.time;
    facts->observed_until = until.time;
    facts->has_observed = from.given;
}

static sj_status build_finish(sj__build *b, sj_graph **out, sj_error *error)
{
    const sj_builder *builder = b->builder;
    sj__pack *pack = b->pack;
    sj__graph_facts facts = {.skipped = builder->counted.skipped,
                             .doubles = builder->counted.dropped + b->order.doubles,
                             .dropped = builder->counted.dropped +
                                        (builder->drop_doubles ? b->order.doubles : 0),
                             .digits_cut = builder->counted.digits_cut,
                             .filter = sj__text_data(&builder->filter),
                             .ties = builder->ties};
    build_observation(builder, &b->shape, &facts);
    b->pack = NULL;
    return sj__pack_finish(pack, &facts, out, error);
}

static sj_status build_begin(sj__build *b, sj_error *error)
{
    sj_builder *builder = b->builder;
    sj_status status;
    sj__keycache_free(&builder->keys); /* it comes back by itself, if more events come */
    status = sj__pack_new(b->allocator, &b->pack, error);
    if (!status) {
        status = sj__map_finish(&builder->map, sj__pack_allocator(b->pack), sj__pack_map(b->pack),
                                &b->numbers, error);
    }
    if (!status) {
        status = sj__map_check_conversions(sj__pack_map(b->pack), error);
    }
    if (!status) {
        b->order = (sj__order){.allocator = b->allocator,
                               .map = &builder->map,
                               .numbers = &b->numbers,
                               .by_name = builder->ties == SJ_TIES_NAME};
        status = sj__order_init(&b->order, error);
    }
    if (!status) {
        status = build_order_customers(b, error);
    }
    return status;
}

static void build_free(sj__build *b)
{
    const sj_allocator *a = b->allocator;
    size_t columns = sj__build_columns(b);
    sj__free(a, b->member, b->n_customers, sizeof *b->member);
    sj__free(a, b->rank, b->n_customers, sizeof *b->rank);
    sj__free(a, b->length, b->n_customers, sizeof *b->length);
    sj__free(a, b->counted, columns, sizeof *b->counted);
    sj__free(a, b->shape.numbers, columns, sizeof *b->shape.numbers);
    for (size_t p = 0; p < SJ__PARTS; p++) {
        sj__free(a, b->dropped[p], sj__bitmap_words(b->builder->parts.part[p].events),
                 sizeof *b->dropped[p]);
    }
    sj__free(a, b->settings, b->builder->n_settings, sizeof *b->settings);
    sj__free(a, b->setting_at, (size_t)b->builder->map.attributes.count + 1, sizeof *b->setting_at);
    sj__free(a, b->time, b->most_events, sizeof *b->time);
    sj__free(a, b->touchpoint, b->most_events, sizeof *b->touchpoint);
    sj__free(a, b->target, b->most_events, sizeof *b->target);
    sj__free(a, b->codes, b->most_events, sizeof *b->codes);
    sj__free(a, b->words, b->most_events, sizeof *b->words);
    sj__free(a, b->present, sj__bitmap_words(b->most_events), sizeof *b->present);
    sj__free(a, b->low, b->most_customers, sizeof *b->low);
    sj__free(a, b->high, b->most_customers, sizeof *b->high);
    sj__order_free(&b->order);
    sj__map_renumber_free(&b->builder->map, &b->numbers);
    sj__pack_free(b->pack);
}

sj_status sj_builder_build(sj_builder *builder, const sj_run *run, sj_graph **out, sj_error *error)
{
    sj__build b = {.builder = builder};
    sj_status status;
    if (out) {
        *out = NULL;
    }
    if (!builder || !out) {
        return sj__fail(error, SJ_ERR_ARGUMENT, "%s is NULL", builder ? "out" : "builder");
    }
    status = sj__run_load(run, &b.run, error);
    if (status) {
        return status;
    }
    b.allocator = &builder->allocator;
    status = build_begin(&b, error);
    if (!status) {
        status = sj__build_measure(&b, error);
    }
    if (!status) {
        status = sj__pack_plan(b.pack, &b.shape, error);
    }
    if (!status) {
        status = sj__build_fill(&b, error);
    }
    if (!status) {
        status = build_finish(&b, out, error);
    }
    build_free(&b);
    if (!status) {
        sj__builder_clear(builder);
    }
    return status;
}
