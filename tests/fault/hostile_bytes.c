/* Tallies from bytes that somebody else wrote, and objects that do not belong together; see
 * hostile.h. */
#include "fault/hostile.h"

enum { BYTES_FORGED = 6000, BYTES_TIMES = 64, BYTES_ALLOWANCE = 4096 };

/* ---- reading ---- */

/* Counts what is alive, and the most that ever was. */
typedef struct bytes_meter {
    size_t alive, most;
} bytes_meter;

static void *bytes_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
    bytes_meter *meter = user;
    void *moved = NULL;

    if (new_size > 0 && !(moved = malloc(new_size)))
        return NULL;
    if (moved && ptr)
        memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
    meter->alive += new_size; /* both live for a moment */
    meter->most = meter->alive > meter->most ? meter->alive : meter->most;
    meter->alive -= old_size;
    free(ptr);
    return moved;
}

static void bytes_expect(const sj_tally *tally, const uint8_t *bytes, size_t n)
{
    sj_buffer *again;

    ACCEPT(sj_tally_write, tally, &again);
    CLAIM(CALLED(sj_buffer_size)(again) == n &&
          memcmp(CALLED(sj_buffer_data)(again), bytes, n) == 0);
    CALLED(sj_buffer_free)(again);
}

/* A tally that was read is written as it was read, also when another was added and taken away, so
 * it was in the one form that there is; and it concludes or says why not. */
static void bytes_use(sj_tally *tally, const uint8_t *bytes, size_t n)
{
    sj_tally *twin;
    sj_status status;

    CLAIM(CALLED(sj_tally_text)(tally) != NULL);
    (void)CALLED(sj_tally_customers)(tally);
    bytes_expect(tally, bytes, n);
    EITHER_OUT(status, sj_result, sj_result_free, sj_funnel_conclude, tally, NULL);
    (void)status;
    ACCEPT(sj_tally_read, bytes, n, NULL, &twin);
    if (JUDGED(HOSTILE_EITHER, sj_tally_merge, tally, twin) == SJ_OK)
        ACCEPT(sj_tally_subtract, tally, twin);
    else
        CLAIM(hostile_told()->code == SJ_ERR_OVERFLOW);
    CALLED(sj_tally_free)(twin);
    bytes_expect(tally, bytes, n);
}

/* Reads exactly n bytes. */
static sj_status bytes_read(const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1);
    bytes_meter meter = {0};
    const sj_allocator allocator = {.resize = bytes_resize, .user = &meter};
    sj_tally *tally = HOSTILE_POISON;
    sj_status status;

    CLAIM(exact != NULL);
    memcpy(exact, bytes, n);
    status = JUDGED(HOSTILE_EITHER, sj_tally_read, exact, n, &allocator, &tally);
    CLAIM(tally != HOSTILE_POISON && (status == SJ_OK) == (tally != NULL));
    CLAIM(meter.most <= BYTES_TIMES * n + BYTES_ALLOWANCE);
    free(exact);
    if (tally)
        bytes_use(tally, bytes, n);
    else
        CLAIM(hostile_told()->index <= (int64_t)n &&
              (status == SJ_ERR_FORMAT || status == SJ_ERR_VERSION || status == SJ_ERR_LIMIT));
    CALLED(sj_tally_free)(tally);
    CLAIM(meter.alive == 0);
    return status;
}

static uint8_t *bytes_copy(const sj_buffer *buffer, size_t more)
{
    uint8_t *copy = calloc(sj_buffer_size(buffer) + more, 1);

    CLAIM(copy != NULL);
    memcpy(copy, sj_buffer_data(buffer), sj_buffer_size(buffer));
    return copy;
}

static void a_tally_with_a_bit_flipped_is_refused(void **state)
{
    const size_t n = sj_buffer_size(hostile_world.bytes);
    uint8_t *bytes = bytes_copy(hostile_world.bytes, 0);

    (void)state;
    CLAIM(bytes_read(bytes, n) == SJ_OK);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CLAIM(bytes_read(bytes, n) != SJ_OK);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(bytes);
}

static void a_tally_that_is_cut_or_goes_on_is_refused(void **state)
{
    const size_t n = sj_buffer_size(hostile_world.bytes);
    uint8_t *bytes = bytes_copy(hostile_world.bytes, 64);

    (void)state;
    for (size_t cut = 0; cut < n; cut++)
        CLAIM(bytes_read(bytes, cut) == SJ_ERR_FORMAT);
    for (size_t more = 1; more <= 64; more++)
        CLAIM(bytes_read(bytes, n + more) == SJ_ERR_FORMAT);
    free(bytes);
}

/* ---- forging ---- */

/* The checksum in the last eight bytes, as the library puts it there: FNV-1a and the end of
 * splitmix64. */
static void bytes_sign(uint8_t *bytes, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    if (n < 8)
        return;
    for (size_t i = 0; i < n - 8; i++)
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    h ^= h >> 31;
    for (size_t i = 0; i < 8; i++)
        bytes[n - 8 + i] = (uint8_t)(h >> 8 * i);
}

/* Flips each bit of a tally that is true, and signs it. */
static void bytes_flip(const sj_buffer *buffer, const char *what)
{
    const size_t n = sj_buffer_size(buffer);
    uint8_t *bytes = bytes_copy(buffer, 0);
    size_t fine = 0;

    bytes_sign(bytes, n);
    CLAIM(memcmp(bytes, sj_buffer_data(buffer), n) == 0);
    for (size_t bit = 0; bit < 8 * (n - 8); bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bytes_sign(bytes, n);
        fine += bytes_read(bytes, n) == SJ_OK;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    print_message("# %zu of %zu forged bits gave a tally%s\n", fine, 8 * (n - 8), what);
    CLAIM(fine > 0);
    free(bytes);
}

static void a_forged_bit_is_read_as_what_it_says_or_refused(void **state)
{
    (void)state;
    bytes_flip(hostile_world.bytes, "");
}

/* Changes, takes out, puts in or repeats a few bytes; returns the new length. */
static size_t bytes_forge(uint64_t *random, uint8_t *bytes, size_t n)
{
    static const uint8_t interesting[] = {0, 1, 2, 127, 128, 255, 254, 64, 63};
    size_t at = 12 + (size_t)(journeys_random(random) % (n - 20));
    size_t k = 1 + (size_t)(journeys_random(random) % 9);

    if (at + k > n - 8)
        k = 1;
    switch (journeys_random(random) % 5) {
    case 0:
        memmove(bytes + at, bytes + at + k, n - at - k);
        return n - k;
    case 1:
        memmove(bytes + at + k, bytes + at, n - at);
        memset(bytes + at, (int)interesting[journeys_random(random) % 9], k);
        return n + k;
    case 2:
        memmove(bytes + at + k, bytes + at, n - at);
        return n + k;
    case 3:
        memset(bytes + at, 255, k);
        return n;
    default:
        bytes[at] = interesting[journeys_random(random) % 9];
        return n;
    }
}

/* Forges a few places of a tally that is true, `times` times. */
static void bytes_forge_often(const sj_buffer *buffer, uint64_t random, size_t times,
                              const char *what)
{
    const size_t n = sj_buffer_size(buffer);
    size_t fine = 0;

    for (size_t i = 0; i < times; i++) {
        uint8_t *bytes = bytes_copy(buffer, 64);
        size_t size = n;

        for (size_t k = 0; k <= i % 3; k++)
            size = bytes_forge(&random, bytes, size);
        bytes_sign(bytes, size);
        fine += bytes_read(bytes, size) == SJ_OK;
        free(bytes);
    }
    print_message("# %zu of %zu forged tallies were tallies%s\n", fine, times, what);
    CLAIM(fine > 0 && fine < times);
}

static void forged_tallies_are_read_as_what_they_say_or_refused(void **state)
{
    (void)state;
    bytes_forge_often(hostile_world.bytes, 5, hostile_often(BYTES_FORGED), "");
}

/* ---- groups ---- */

/* Funnels that fill every ledger there is, of customers few enough that every bit can be flipped.
 */
static sj_buffer *bytes_of_groups(size_t which)
{
    static const uint64_t few[] = {0, 1, 2};
    const sj_selection selection = {
        .struct_size = sizeof selection, .include = few, .n_include = sizeof few / sizeof *few};
    sj_step steps[2];
    sj_funnel_options options = hostile_funnel("view", "cart", steps);
    sj_buffer *bytes;
    sj_graph *graph;
    sj_plan *plan;
    sj_tally *tally;

    options.breakdown = which == 0 ? "share" : "channel";
    options.trend = which == 0 ? SJ_TREND_MONTH : SJ_TREND_HOUR;
    options.survival = which != 2;
    options.unit = which == 1 ? SJ_UNIT_ATTEMPTS : SJ_UNIT_CUSTOMERS;
    options.order = which == 0 ? SJ_ORDER_ANY : 0;
    options.enter_anywhere = which == 2;
    ACCEPT(sj_graph_select, hostile_world.graph, &selection, NULL, &graph);
    ACCEPT(sj_funnel_plan, graph, &options, &plan);
    ACCEPT(sj_scan, &plan, 1, NULL, &tally);
    ACCEPT(sj_tally_write, tally, &bytes);
    CALLED(sj_tally_free)(tally);
    CALLED(sj_plan_free)(plan);
    CALLED(sj_graph_free)(graph);
    return bytes;
}

static void a_forged_bit_of_a_tally_with_groups_is_read_or_refused(void **state)
{
    static const char *const what[] = {", any order by share and month", ", attempts by hour",
                                       ", open funnel by channel"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sj_buffer *bytes = bytes_of_groups(i);

        bytes_flip(bytes, what[i]);
        bytes_forge_often(bytes, 50 + i, hostile_often(BYTES_FORGED / 2), what[i]);
        CALLED(sj_buffer_free)(bytes);
    }
}

/* A count that does not agree with the others is no answer.  What a bit of a sum or of a name says,
 * nobody can know. */
static void a_tally_whose_groups_do_not_add_up_is_not_concluded(void **state)
{
    sj_buffer *buffer = bytes_of_groups(1);
    const size_t n = sj_buffer_size(buffer);
    uint8_t *bytes = bytes_copy(buffer, 0);
    size_t refused = 0, concluded = 0;

    (void)state;
    for (size_t at = 12; at < n - 8; at++) {
        sj_result *result = NULL;
        sj_tally *tally = NULL;

        bytes[at] ^= 2;
        bytes_sign(bytes, n);
        if (sj_tally_read(bytes, n, NULL, &tally, NULL) == SJ_OK) {
            const sj_status status = sj_funnel_conclude(tally, NULL, &result, NULL);

            CLAIM((status == SJ_OK) == (result != NULL));
            refused += status != SJ_OK;
            concluded += status == SJ_OK;
            sj_result_free(result);
        }
        sj_tally_free(tally);
        bytes[at] ^= 2;
    }
    print_message("# of tallies with one byte moved that are tallies %zu are refused in the "
                  "conclusion, %zu concluded\n",
                  refused, concluded);
    CLAIM(refused > 0);
    free(bytes);
    sj_buffer_free(buffer);
}

static void random_bytes_are_no_tally(void **state)
{
    uint64_t random = 6;
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        const size_t n = (size_t)(journeys_random(&random) % sizeof bytes);

        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)journeys_random(&random);
        if (i % 2 && n > 20) {
            memcpy(bytes, sj_buffer_data(hostile_world.bytes), 12 + i % 8);
            bytes_sign(bytes, n);
        }
        CLAIM(bytes_read(bytes, n) != SJ_OK);
    }
}

/* ---- not of a kind ---- */

static sj_tally *bytes_tally(const sj_graph *graph, const char *first, const char *second,
                             int64_t window, int64_t figures)
{
    sj_step steps[2];
    sj_funnel_options options = hostile_funnel(first, second, steps);
    sj_plan *plan;
    sj_tally *tally;

    options.window = window;
    options.figures = figures;
    ACCEPT(sj_funnel_plan, graph, &options, &plan);
    ACCEPT(sj_scan, &plan, 1, NULL, &tally);
    CALLED(sj_plan_free)(plan);
    return tally;
}

static void tallies_of_other_questions_do_not_add_up(void **state)
{
    const sj_graph *graph = hostile_world.graph;
    const int64_t from = INT64_C(1700500000000000);
    const sj_selection selection = {.struct_size = sizeof selection, .events = "view"},
                       period = {.struct_size = sizeof period, .from = &from};
    sj_graph *views, *later;
    sj_tally *mine = bytes_tally(graph, "view", "cart", 0, 0), *others[7];
    const uint64_t before = world_digest(WORLD_TALLY, mine);
    sj_result *result;

    (void)state;
    ACCEPT(sj_graph_select, graph, &selection, NULL, &views);
    ACCEPT(sj_graph_select, graph, &period, NULL, &later);
    others[0] = bytes_tally(graph, "view", "buy", 0, 0);
    others[1] = bytes_tally(graph, "cart", "view", 0, 0);
    others[2] = bytes_tally(graph, "view", "cart", SJ_DAY, 0);
    others[3] = bytes_tally(graph, "view", "cart", 0, SJ_FIGURE_COUNTS);
    others[4] = bytes_tally(views, "view", "cart", 0, 0);
    others[5] = bytes_tally(later, "view", "cart", 0, 0);
    others[6] = hostile_world.tally;
    for (size_t i = 0; i < 7; i++) {
        const sj_funnel_options reading = {.struct_size = sizeof reading, .baseline = others[i]};
        const uint64_t other = world_digest(WORLD_TALLY, others[i]);

        REFUSE(SJ_ERR_MISMATCH, sj_tally_merge, mine, others[i]);
        REFUSE(SJ_ERR_MISMATCH, sj_tally_subtract, mine, others[i]);
        REFUSE(SJ_ERR_MISMATCH, sj_tally_merge, others[i], mine);
        CLAIM(world_digest(WORLD_TALLY, mine) == before);
        CLAIM(world_digest(WORLD_TALLY, others[i]) == other);
        if (i < 4 || i == 6) /* the same question of other customers may be compared */
            REFUSE_OUT(SJ_ERR_MISMATCH, result, sj_funnel_conclude, mine, &reading, &result);
        else
            ACCEPT(sj_funnel_conclude, mine, &reading, &result);
        CALLED(sj_result_free)(result);
        if (i < 6)
            CALLED(sj_tally_free)(others[i]);
    }
    CALLED(sj_tally_free)(mine);
    CALLED(sj_graph_free)(views);
    CALLED(sj_graph_free)(later);
}

static void a_tally_may_meet_itself(void **state)
{
    sj_tally *tally = bytes_tally(hostile_world.graph, "view", "cart", 0, 0);
    const sj_funnel_options reading = {.struct_size = sizeof reading, .baseline = tally};
    const int64_t customers = sj_tally_customers(tally);
    sj_result *result;
    int doubled = 0;

    (void)state;
    ACCEPT(sj_funnel_conclude, tally, &reading, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    ACCEPT(sj_tally_merge, tally, tally);
    CLAIM(sj_tally_customers(tally) == 2 * customers);
    while (doubled < 70) {
        const uint64_t before = world_digest(WORLD_TALLY, tally);

        if (JUDGED(HOSTILE_EITHER, sj_tally_merge, tally, tally) != SJ_OK) {
            CLAIM(hostile_told()->code == SJ_ERR_OVERFLOW);
            CLAIM(world_digest(WORLD_TALLY, tally) == before);
            break;
        }
        doubled++;
    }
    CLAIM(doubled > 50 && doubled < 64);
    EITHER_OUT(*(sj_status[1]){0}, sj_result, sj_result_free, sj_funnel_conclude, tally, &reading);
    ACCEPT(sj_tally_subtract, tally, tally);
    CLAIM(sj_tally_customers(tally) == 0);
    ACCEPT(sj_funnel_conclude, tally, &reading, &result);
    hostile_look_at_result(result);
    CALLED(sj_result_free)(result);
    CALLED(sj_tally_free)(tally);
}

static void what_is_less_than_nothing_is_not_concluded(void **state)
{
    world *w = &hostile_world;
    sj_tally *less, *more;
    sj_buffer *bytes;
    sj_result *result;

    (void)state;
    ACCEPT(sj_scan, &w->plan, 1, NULL, &less);
    ACCEPT(sj_scan, &w->plan, 1, NULL, &more);
    ACCEPT(sj_tally_subtract, less, w->tally);
    ACCEPT(sj_tally_subtract, less, w->tally);
    CLAIM(CALLED(sj_tally_customers)(less) < 0);
    REFUSE_OUT(SJ_ERR_NEGATIVE, result, sj_funnel_conclude, less, NULL, &result);
    {
        const sj_funnel_options reading = {.struct_size = sizeof reading, .baseline = less};

        REFUSE_OUT(SJ_ERR_NEGATIVE, result, sj_funnel_conclude, more, &reading, &result);
    }
    ACCEPT(sj_tally_write, less, &bytes);
    {
        sj_tally *again;

        ACCEPT(sj_tally_read, sj_buffer_data(bytes), sj_buffer_size(bytes), &w->allocator, &again);
        ACCEPT(sj_tally_merge, again, more);
        ACCEPT(sj_tally_merge, again, more);
        CLAIM(world_digest(WORLD_TALLY, again) == world_digest(WORLD_TALLY, more));
        CALLED(sj_tally_free)(again);
    }
    CALLED(sj_buffer_free)(bytes);
    CALLED(sj_tally_free)(less);
    CALLED(sj_tally_free)(more);
}

static void plans_of_several_graphs_are_not_scanned_together(void **state)
{
    world *w = &hostile_world;
    sj_graph *twin;
    sj_step steps[2];
    const sj_funnel_options options = hostile_funnel("view", "buy", steps);
    sj_plan *plans[4] = {w->plan, NULL, w->plan, NULL};
    sj_tally *out[4];

    (void)state;
    ACCEPT(sj_graph_select, w->graph, NULL, NULL, &twin);
    ACCEPT(sj_funnel_plan, twin, &options, &plans[3]);
    CALLED(sj_graph_free)(twin);
    for (size_t n = 2; n <= 4; n++) {
        for (size_t i = 0; i < 4; i++)
            out[i] = HOSTILE_POISON;
        CLAIM(JUDGED(SJ_ERR_ARGUMENT, sj_scan, plans, n, NULL, out) && hostile_told()->index == 1);
        for (size_t i = 0; i < 4; i++)
            CLAIM((out[i] == NULL) == (i < n));
    }
    plans[1] = w->plan;
    CLAIM(JUDGED(SJ_ERR_ARGUMENT, sj_scan, plans, 4, NULL, out) && hostile_told()->index == 3);
    for (size_t i = 0; i < 4; i++)
        CLAIM(out[i] == NULL);
    /* The same plan as often as one likes. */
    ACCEPT(sj_scan, plans, 3, NULL, out);
    for (size_t i = 0; i < 3; i++) {
        CLAIM(world_digest(WORLD_TALLY, out[i]) == world_digest(WORLD_TALLY, w->tally));
        CALLED(sj_tally_free)(out[i]);
    }
    CALLED(sj_plan_free)(plans[3]);
}

const struct CMUnitTest hostile_byte_tests[] = {
    cmocka_unit_test(a_tally_with_a_bit_flipped_is_refused),
    cmocka_unit_test(a_tally_that_is_cut_or_goes_on_is_refused),
    cmocka_unit_test(a_forged_bit_is_read_as_what_it_says_or_refused),
    cmocka_unit_test(forged_tallies_are_read_as_what_they_say_or_refused),
    cmocka_unit_test(a_forged_bit_of_a_tally_with_groups_is_read_or_refused),
    cmocka_unit_test(a_tally_whose_groups_do_not_add_up_is_not_concluded),
    cmocka_unit_test(random_bytes_are_no_tally),
    cmocka_unit_test(tallies_of_other_questions_do_not_add_up),
    cmocka_unit_test(a_tally_may_meet_itself),
    cmocka_unit_test(what_is_less_than_nothing_is_not_concluded),
    cmocka_unit_test(plans_of_several_graphs_are_not_scanned_together)};
const size_t n_hostile_byte_tests = sizeof hostile_byte_tests / sizeof *hostile_byte_tests;
