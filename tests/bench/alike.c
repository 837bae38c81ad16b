/* See alike.h. */
#include "bench/alike.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const sj_path_options alike_paths[] = {
    {.struct_size = sizeof(sj_path_options), .from = "product_view"},
    {.struct_size = sizeof(sj_path_options), .from = "product_view", .to = "purchase", .depth = 20},
    {.struct_size = sizeof(sj_path_options), .to = "purchase"},
    {.struct_size = sizeof(sj_path_options),
     .from = "product_view",
     .occurrence = SJ_OCCURRENCE_EVERY,
     .count = SJ_COUNT_OCCURRENCES},
    {.struct_size = sizeof(sj_path_options),
     .from = "touchpoint != 'purchase'",
     .occurrence = SJ_OCCURRENCE_EVERY,
     .count = SJ_COUNT_OCCURRENCES,
     .depth = 3},
};
static const sj_variant_options alike_variants[] = {
    {.struct_size = sizeof(sj_variant_options)},
    {.struct_size = sizeof(sj_variant_options), .session_gap = 30 * SJ_MINUTE},
    {.struct_size = sizeof(sj_variant_options),
     .session_gap = 30 * SJ_MINUTE,
     .conversion = "purchase"},
    {.struct_size = sizeof(sj_variant_options), .what = SJ_VARIANT_NGRAMS, .max_length = 3},
    {.struct_size = sizeof(sj_variant_options), .what = SJ_VARIANT_NGRAMS},
    {.struct_size = sizeof(sj_variant_options), .what = SJ_VARIANT_INDICATORS},
};
static const char *const alike_names[] = {
    "paths from the first view, depth 5",
    "paths from the first view to a purchase, depth 20",
    "paths to the first purchase, depth 5",
    "paths from every view, depth 5",
    "paths from nearly every event, depth 3",
    "variants of whole journeys",
    "variants of sessions (30 min)",
    "variants of sessions up to a purchase, with rates",
    "n-grams of 2 and 3",
    "n-grams of 2 to 5",
    "indicators of journeys",
};
enum {
    ALIKE_PATHS = sizeof alike_paths / sizeof *alike_paths,
    ALIKE_NAMES = sizeof alike_names / sizeof *alike_names
};

const char *alike_name(size_t i)
{
    return i < ALIKE_NAMES ? alike_names[i] : NULL;
}

sj_status alike_compute(size_t i, const sj_graph *graph, const sj_run *run, sj_result **out,
                        sj_error *error)
{
    return i < ALIKE_PATHS
               ? sj_path_compute(graph, &alike_paths[i], run, out, error)
               : sj_variant_compute(graph, &alike_variants[i - ALIKE_PATHS], run, out, error);
}

static int alike_rising(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* How many different sequences; the data are in order of customer and time.  `gap` 0: of whole
 * journeys. */
static size_t alike_different(const reference *r, int64_t gap)
{
    uint64_t *hashes = malloc(r->n_events * sizeof *hashes), hash = 0;
    size_t n = 0, different = 0;

    if (!hashes)
        exit(1);
    for (size_t i = 0; i < r->n_events; i++) {
        if (i == 0 || r->customer[i] != r->customer[i - 1] ||
            (gap && r->time[i] - r->time[i - 1] > gap))
            hash = UINT64_C(0xcbf29ce484222325);
        hash = (hash ^ r->touchpoint[i]) * UINT64_C(0x100000001b3);
        if (i + 1 == r->n_events || r->customer[i + 1] != r->customer[i] ||
            (gap && r->time[i + 1] - r->time[i] > gap))
            hashes[n++] = hash;
    }
    qsort(hashes, n, sizeof *hashes, alike_rising);
    for (size_t i = 0; i < n; i++)
        different += i == 0 || hashes[i] != hashes[i - 1];
    free(hashes);
    return different;
}

/* Events at the first view of each customer, and of these how often the next one is `next`. */
static int64_t alike_next(const reference *r, int next)
{
    uint8_t view = 0;
    int64_t count = 0;

    while (strcmp(reference_touchpoints[view], "product_view") != 0)
        view++;
    for (size_t i = 0, seen = 0; i < r->n_events; i++) {
        if (i > 0 && r->customer[i] != r->customer[i - 1])
            seen = 0;
        if (seen || r->touchpoint[i] != view)
            continue;
        seen = 1;
        if (next < 0)
            count++;
        else
            count += i + 1 < r->n_events && r->customer[i + 1] == r->customer[i] &&
                     r->touchpoint[i + 1] == next;
    }
    return count;
}

static int alike_says(int right, const char *what)
{
    if (!right)
        printf("wrong: %s\n", what);
    return right;
}

static int alike_check_paths(const reference *data, const sj_table *paths)
{
    const int64_t *depth = sj_table_integers(paths, "depth"),
                  *count = sj_table_integers(paths, "count");
    int right = count[0] == alike_next(data, -1) && count[0] > 0;

    for (size_t i = 1; i < sj_table_rows(paths); i++) {
        const char *text = sj_table_text(paths, "path", i), *name = strrchr(text, '>') + 2;
        uint8_t code = 0;

        if (depth[i] != 1 || *name == '(')
            continue;
        while (strcmp(reference_touchpoints[code], name) != 0)
            code++;
        right = right && count[i] == alike_next(data, code);
    }
    return right;
}

int alike_check(const reference *data, const sj_graph *graph, const sj_run *run)
{
    static const int64_t gaps[] = {0, 30 * SJ_MINUTE};
    sj_result *result = NULL;
    sj_error error = {0};
    int right = 1;

    if (alike_compute(0, graph, run, &result, &error))
        return alike_says(0, error.message);
    right = alike_says(alike_check_paths(data, sj_result_find(result, "paths")), alike_names[0]);
    sj_result_free(result);
    for (size_t i = 0; i < 2; i++) {
        if (alike_compute(ALIKE_PATHS + i, graph, run, &result, &error))
            return alike_says(0, error.message);
        right = alike_says(sj_table_rows(sj_result_find(result, "variants")) ==
                               alike_different(data, gaps[i]),
                           alike_names[ALIKE_PATHS + i]) &&
                right;
        sj_result_free(result);
    }
    return right;
}
