/* What a row of friction says, as one sentence for people.  Numbers are rounded: whole counts,
 * tenths of a point. */
#include "analysis/friction.h"

#include <math.h>
#include <string.h>

/* 1234567: "1,234,567". */
static void friction_add_count(sj__text *text, int64_t n)
{
    char digits[24];
    const size_t size = sj__write_integer(digits, n);
    for (size_t i = 0; i < size; i++) {
        sj__text_char(text, digits[i]);
        if (digits[i] != '-' && i + 1 < size && (size - i - 1) % 3 == 0)
            sj__text_char(text, ',');
    }
}

/* A share in tenths of a point: -0.108 as "−10.8", with a plus where `is_signed`. */
static void friction_add_points(sj__text *text, double share, int is_signed)
{
    const double tenths = floor(fabs(share) * 1000 + 0.5);
    if (!(tenths < 1e15)) {
        sj__text_add(text, "?");
        return;
    }
    if (tenths > 0 && (share < 0 || is_signed))
        sj__text_add(text, share < 0 ? "\xe2\x88\x92" : "+");
    friction_add_count(text, (int64_t)tenths / 10);
    sj__text_char(text, '.');
    sj__text_integer(text, (int64_t)tenths % 10);
}

static void friction_add_difference(sj__text *text, const sj__friction_row *row)
{
    sj__text_add(text, " (");
    friction_add_points(text, row->lift, 1);
    sj__text_add(text, " points, ");
    friction_add_points(text, row->interval.low, 1);
    sj__text_add(text, " to ");
    friction_add_points(text, row->interval.high, 1);
    sj__text_add(text, ")");
}

/* A phrase up to `end` with the place in for %. */
static void friction_add_phrase(const sj_tally *tally, const sj__friction_row *row,
                                const char *phrase, const char *end, sj__text *text)
{
    for (; phrase < end; phrase++) {
        if (*phrase == '%')
            sj__friction_show_place(tally, row->place, row->second, text);
        else
            sj__text_char(text, *phrase);
    }
}

static void friction_say_effect(const sj_tally *tally, const sj__friction_row *row,
                                const char *manner, sj__text *text)
{
    const double would = (double)row->converted - row->lift * (double)row->affected;
    sj__text_add(text, "Of ");
    friction_add_count(text, row->affected);
    sj__text_add(text, " customers ");
    friction_add_phrase(tally, row, manner, manner + strlen(manner), text);
    sj__text_add(text, ", ");
    friction_add_count(text, row->converted);
    sj__text_add(text, " converted; ");
    friction_add_count(text, would > 0 && would < 9e18 ? (int64_t)(would + 0.5) : 0);
    sj__text_add(text, " would have at the rate of comparable visits");
    friction_add_difference(text, row);
    sj__text_char(text, '.');
}

static void friction_say_rate(const sj_tally *tally, const sj__friction_row *row,
                              const char *manner, sj__text *text)
{
    const char *bar = strchr(manner, '|');
    sj__text_add(text, "Of ");
    friction_add_count(text, row->customers);
    sj__text_char(text, ' ');
    friction_add_phrase(tally, row, manner, bar, text);
    sj__text_add(text, ", ");
    friction_add_count(text, row->affected);
    sj__text_char(text, ' ');
    sj__text_add(text, bar + 1);
    sj__text_add(text, ": ");
    friction_add_points(text, row->rate, 0);
    sj__text_add(text, " %");
    if (row->is_tested) {
        sj__text_add(text, ", the benchmark is ");
        friction_add_points(text, row->benchmark, 0);
        sj__text_add(text, " %");
        friction_add_difference(text, row);
    } else {
        sj__text_add(text, "; there is too little to hold it against");
    }
    sj__text_char(text, '.');
}

void sj__friction_sentence(const sj_tally *tally, const sj__friction_row *row, sj__text *text)
{
    const char *manner = sj__friction_signal_at((size_t)row->signal)->manner;
    if (row->signal < SJ__FRICTION_EFFECTS)
        friction_say_effect(tally, row, manner, text);
    else
        friction_say_rate(tally, row, manner, text);
    if (row->is_norm)
        sj__text_add(text, " More than half of the visits do: the norm here, and not ranked.");
    if (row->is_tested)
        sj__text_add(text, " Association, not proof.");
}
