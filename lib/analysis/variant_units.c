/* The units of one customer: a journey up to as_of, cut at pauses; with a conversion its legs
 * (journey/legs.c), each up to the conversion, exclusive.  With `collapse` neighbouring events of a
 * unit at one touchpoint are one.  O(events). */
#include "analysis/variant.h"

#include "base/checked.h"
#include "journey/narrow.h"

void sj__variant_reader_init(sj__variant_reader *reader, const sj__variant *variant,
                             const sj_graph *graph, const sj_allocator *allocator)
{
    *reader = (sj__variant_reader){.variant = variant, .graph = graph, .allocator = *allocator};
    sj__legs_init(&reader->legs, &reader->allocator);
}

void sj__variant_reader_free(sj__variant_reader *reader)
{
    const sj_allocator *a = &reader->allocator;
    if (reader->variant == NULL)
        return;
    sj__legs_free(&reader->legs);
    sj__free(a, reader->marks, reader->marks_capacity, sizeof *reader->marks);
    sj__free(a, reader->ends, reader->ends_capacity, sizeof *reader->ends);
    sj__free(a, reader->codes, reader->codes_capacity, sizeof *reader->codes);
    *reader = (sj__variant_reader){0};
}

/* Events that are not later than as_of. */
static size_t variant_seen(const sj__variant *variant, const sj__journey *journey)
{
    size_t n = journey->n;
    while (variant->cut && n > 0 && journey->time[n - 1] > variant->rules.as_of)
        n--;
    return n;
}

static sj_status variant_cut(sj__variant_reader *reader, const sj__journey *journey,
                             sj_error *error)
{
    const uint64_t gap = reader->variant->rules.session_gap;
    const size_t n = variant_seen(reader->variant, journey);
    size_t units = 0;
    const sj_status status =
        sj__grow(&reader->allocator, &reader->ends, &reader->ends_capacity, n, error);
    if (status != SJ_OK)
        return status;
    for (size_t i = 1; gap != SJ__NO_LIMIT && i < n; i++) {
        if (sj__time_since(journey->time[i], journey->time[i - 1]) > gap)
            reader->ends[units++] = i;
    }
    if (n > 0)
        reader->ends[units++] = n;
    reader->n_units = units;
    return SJ_OK;
}

sj_status sj__variant_read(sj__variant_reader *reader, const sj__journey *journey, sj_error *error)
{
    const sj__variant *variant = reader->variant;
    const sj_allocator *a = &reader->allocator;
    size_t bytes = 0;
    sj_status status = SJ_OK;
    reader->n_units = 0;
    if (variant->collapse) {
        if (!sj__size_multiply(journey->n, (size_t)journey->width, &bytes))
            return sj__fail_nomem(error);
        status = sj__grow(a, &reader->codes, &reader->codes_capacity, bytes, error);
    }
    if (status != SJ_OK || !variant->has_conversion)
        return status == SJ_OK ? variant_cut(reader, journey, error) : status;
    status = sj__grow(a, &reader->marks, &reader->marks_capacity, journey->n, error);
    if (status != SJ_OK)
        return status;
    sj__marks_put(&variant->marks, reader->graph, journey, journey->n, reader->marks);
    status = sj__legs_cut(&reader->legs, &variant->rules, journey, reader->marks, error);
    if (status == SJ_OK)
        reader->n_units = reader->legs.n_legs;
    return status;
}

/* Neighbours at one touchpoint taken together. */
static void variant_collapse(sj__variant_reader *reader, const sj__journey *journey,
                             sj__variant_unit *unit)
{
    uint64_t n = 0;
    for (size_t i = unit->first; i < unit->to; i++) {
        const uint32_t code = sj__journey_touchpoint(journey, i);
        if (n > 0 && sj__narrow_get(reader->codes, journey->width, n - 1) == code)
            continue;
        sj__narrow_put(reader->codes, journey->width, n++, code);
    }
    unit->codes = reader->codes;
    unit->n = n;
}

void sj__variant_unit_at(sj__variant_reader *reader, const sj__journey *journey, size_t i,
                         sj__variant_unit *out)
{
    if (reader->variant->has_conversion) {
        const sj__leg *leg = &reader->legs.legs[i];
        *out = (sj__variant_unit){.first = leg->first,
                                  .to = leg->to,
                                  .converted = leg->ending == SJ__LEG_CONVERTS,
                                  .open = leg->open};
        out->to -= (size_t)out->converted;
    } else {
        *out = (sj__variant_unit){.first = i > 0 ? (size_t)reader->ends[i - 1] : 0,
                                  .to = (size_t)reader->ends[i]};
    }
    out->codes = (const uint8_t *)journey->touchpoint + out->first * (size_t)journey->width;
    out->n = out->to - out->first;
    if (reader->variant->collapse)
        variant_collapse(reader, journey, out);
}
