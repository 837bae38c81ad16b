/* Rows of bits of a range: what each promises, against the events themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/bitmap.h"
#include "kernel/bits.h"

enum { BITS_EVENTS = 1500 };

/* Journeys of a range, and events of others before and behind it. */
typedef struct bits_world {
    uint8_t codes[BITS_EVENTS];
    uint64_t border[BITS_EVENTS / 64 + 1];
    uint32_t ticks[BITS_EVENTS];
    uint64_t time[BITS_EVENTS]; /* microseconds since the customer's first event */
    sj__bits_events events;
} bits_world;

static uint64_t bits_state;

static uint64_t bits_random(void)
{
    bits_state = bits_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return bits_state >> 33;
}

/* Times in multiples of 1 or of what 2^bits of them cannot tell apart. */
static void bits_make(bits_world *world, uint64_t codes, uint64_t tick, int exact)
{
    uint64_t first = UINT64_MAX, last = 0;
    memset(world, 0, sizeof *world);
    for (size_t e = 0; e < BITS_EVENTS; e++) {
        const int border = e == 0 || bits_random() % 12 == 0;
        const uint64_t pause = bits_random() % (bits_random() % 4 ? 20 : 200);
        world->codes[e] = (uint8_t)(bits_random() % codes);
        world->time[e] = border ? 0 : world->time[e - 1] + pause * (exact ? tick : 1);
        world->ticks[e] = (uint32_t)(world->time[e] / tick);
        if (!border)
            continue;
        sj__bit_set(world->border, e);
        if (e < 200)
            first = e;
        if (e > 1000)
            last = e;
    }
    world->events = (sj__bits_events){.codes = world->codes,
                                      .border = world->border,
                                      .ticks = world->ticks,
                                      .tick = tick,
                                      .exact = exact,
                                      .from = first,
                                      .to = bits_random() % 2 ? last : BITS_EVENTS};
}

static int bits_get(const sj__bits *bits, uint32_t row, size_t event)
{
    return sj__bit(sj__bits_row(bits, row), event - (bits->word << 6));
}

static int bits_is_border(const bits_world *world, size_t e)
{
    return e == world->events.to || sj__bit(world->border, e);
}

static void customers_are_where_borders_are(void **state)
{
    (void)state;
    bits_state = 1;
    for (int round = 0; round < 20; round++) {
        static bits_world world;
        sj__bits bits;
        const sj_allocator a = sj__allocator(NULL);
        uint32_t row;
        uint64_t ended = 0;
        bits_make(&world, 5, 1, 1);
        sj__bits_init(&bits, &a);
        assert_int_equal(sj__bits_want_codes(&bits, (const uint64_t[4]){1}, &row, NULL), SJ_OK);
        assert_int_equal(sj__bits_load(&bits, &world.events, NULL), SJ_OK);
        for (size_t e = bits.word << 6; e < (bits.word + bits.n_words) << 6; e++) {
            const int inside = e >= world.events.from && e < world.events.to;
            if (e % 64 == 0)
                assert_int_equal(sj__bits_row(&bits, SJ__BITS_ENDED)[(e >> 6) - bits.word], ended);
            assert_int_equal(bits_get(&bits, SJ__BITS_PASS, e),
                             inside && !bits_is_border(&world, e));
            assert_int_equal(bits_get(&bits, SJ__BITS_LAST, e),
                             inside && bits_is_border(&world, e + 1));
            ended += (uint64_t)bits_get(&bits, SJ__BITS_LAST, e);
        }
        sj__bits_free(&bits);
    }
}

/* Few codes and many, alone and in sets; none at all. */
static void a_row_has_the_events_whose_code_is_in_the_set(void **state)
{
    (void)state;
    bits_state = 2;
    for (int round = 0; round < 60; round++) {
        static bits_world world;
        uint64_t sets[8][4] = {{0}};
        uint32_t rows[8], again;
        sj__bits bits;
        const sj_allocator a = sj__allocator(NULL);
        const uint64_t codes = round % 3 == 0 ? 6 : round % 3 == 1 ? 40 : 256;
        bits_make(&world, codes, 1, 1);
        sj__bits_init(&bits, &a);
        for (size_t s = 0; s < 8; s++) {
            for (size_t n = s % 4 == 3 ? 0 : s % 4 == 2 ? codes / 2 : s % 4 + 1; n > 0; n--)
                sj__bit_set(sets[s], bits_random() % codes);
            assert_int_equal(sj__bits_want_codes(&bits, sets[s], &rows[s], NULL), SJ_OK);
            assert_int_equal(sj__bits_want_codes(&bits, sets[s], &again, NULL), SJ_OK);
            assert_int_equal(rows[s], again);
        }
        assert_int_equal(sj__bits_load(&bits, &world.events, NULL), SJ_OK);
        for (size_t e = bits.word << 6; e < (bits.word + bits.n_words) << 6; e++)
            for (size_t s = 0; s < 8; s++)
                assert_int_equal(bits_get(&bits, rows[s], e), e >= world.events.from &&
                                                                  e < world.events.to &&
                                                                  sj__bit(sets[s], world.codes[e]));
        sj__bits_free(&bits);
    }
}

/* The first row is cut at pauses longer than the window only, and at all that are by a whole tick;
 * pieces are as short as they say. */
static void bits_check_window(const bits_world *world, const sj__bits *bits, uint32_t row,
                              uint64_t window)
{
    size_t begin = (size_t)world->events.from;
    for (size_t e = begin; e < world->events.to; e++) {
        const int border = bits_is_border(world, e);
        const uint64_t pause = border ? 0 : world->time[e] - world->time[e - 1];
        if (border || pause > window + 2 * world->events.tick)
            assert_false(bits_get(bits, row, e));
        else if (pause <= window)
            assert_true(bits_get(bits, row, e));
        assert_true(bits_get(bits, row, e) || !bits_get(bits, row + 1, e));
        if (!bits_get(bits, row + 1, e))
            begin = e;
        if (bits_get(bits, row + 2, e))
            assert_true(world->time[e] - world->time[begin] <= window);
        assert_int_equal(bits_get(bits, row + 2, e), bits_get(bits, row + 2, begin));
    }
}

static void pieces_are_as_short_as_they_say(void **state)
{
    size_t cut = 0, within = 0;
    (void)state;
    bits_state = 3;
    for (int round = 0; round < 200; round++) {
        static bits_world world;
        sj__bits bits;
        const sj_allocator a = sj__allocator(NULL);
        const uint64_t tick = round % 3 == 0 ? 1 : 8, window = bits_random() % 400;
        uint32_t row;
        bits_make(&world, 5, tick, round % 3 != 2);
        sj__bits_init(&bits, &a);
        for (int askers = 0; askers < (round % 2 ? 1 : 5); askers++)
            assert_int_equal(sj__bits_want_window(&bits, window, &row, NULL), SJ_OK);
        assert_int_equal(sj__bits_load(&bits, &world.events, NULL), SJ_OK);
        bits_check_window(&world, &bits, row, window);
        for (size_t e = (size_t)world.events.from; e < world.events.to; e++) {
            cut += bits_get(&bits, row, e) != bits_get(&bits, row + 1, e);
            within += (size_t)bits_get(&bits, row + 2, e);
        }
        sj__bits_free(&bits);
    }
    assert_true(cut > 100 && within > 10000);
}

/* Times 0 5 6 20 21 30, window 16: 0 … 6 and 20 … 30 last no longer, the whole does. */
static void a_piece_that_is_too_long_is_cut_at_a_shorter_pause(void **state)
{
    const uint8_t codes[6] = {0};
    const uint64_t border[1] = {1};
    const uint32_t ticks[6] = {0, 5, 6, 20, 21, 30};
    const sj__bits_events events = {
        .codes = codes, .border = border, .ticks = ticks, .tick = 1, .exact = 1, .to = 6};
    sj__bits bits;
    const sj_allocator a = sj__allocator(NULL);
    uint32_t row;
    (void)state;
    for (int askers = 1; askers <= 4; askers += 3) {
        sj__bits_init(&bits, &a);
        for (int i = 0; i < askers; i++)
            assert_int_equal(sj__bits_want_window(&bits, 16, &row, NULL), SJ_OK);
        assert_int_equal(sj__bits_load(&bits, &events, NULL), SJ_OK);
        assert_true(sj__bits_row(&bits, row)[0] == 0x3e);
        assert_true(sj__bits_row(&bits, row + 1)[0] == (askers == 1 ? 0x3e : 0x36));
        assert_true(sj__bits_row(&bits, row + 2)[0] == (askers == 1 ? 0 : 0x3f));
        sj__bits_free(&bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(customers_are_where_borders_are),
        cmocka_unit_test(a_row_has_the_events_whose_code_is_in_the_set),
        cmocka_unit_test(pieces_are_as_short_as_they_say),
        cmocka_unit_test(a_piece_that_is_too_long_is_cut_at_a_shorter_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
