/* A map in canonical text: the same for every order of declarations that does not matter, and for
 * every shard.
 *
 * Stages and micro-conversions stand in their order, the rest by name; a channel that no touchpoint
 * brings is left out, and so is a touchpoint of which the map says nothing.  It is the grammar of
 * docs/map.md, but that a backslash and the ends of lines in names are escaped, so that a line
 * stays a line.  O(names · log names). */
#include "journey/map.h"

#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "journey/literal.h"

/* Touchpoints, channels and stages by name, and where each stands. */
typedef struct mapwrite_frame {
    const sj__map *map;
    sj__text *text;
    uint32_t *touchpoints, *channels; /* order by name */
    uint32_t *touchpoint_rank, *channel_rank, *stage_rank;
    sj__pair *pairs; /* room for touchpoints or expectations, twice */
    size_t n_pairs;
} mapwrite_frame;

static void mapwrite_escaped(sj__text *text, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' || s[i] == '\n' || s[i] == '\r')
            sj__text_char(text, '\\');
        sj__text_char(text, s[i] == '\n' ? 'n' : s[i] == '\r' ? 'r' : s[i]);
    }
}

static int mapwrite_is_bare(const char *s, size_t n)
{
    size_t trimmed = n;
    const char *start = sj__map_trim(s, &trimmed);
    for (size_t i = 0; i < n; i++) {
        if (strchr(",:=#'\"%\\", s[i]) || (unsigned char)s[i] < 0x20 ||
            (s[i] == '-' && i + 1 < n && s[i + 1] == '>'))
            return 0;
    }
    return n > 0 && start == s && trimmed == n;
}

static void mapwrite_name(sj__text *text, const sj__intern *names, uint32_t i)
{
    size_t n = 0;
    const char *name = sj__intern_name(names, i, &n);
    if (mapwrite_is_bare(name, n)) {
        sj__text_bytes(text, name, n);
        return;
    }
    sj__text_char(text, '\'');
    for (const char *end = name + n; name < end;) {
        const char *quote = memchr(name, '\'', (size_t)(end - name));
        const char *stop = quote ? quote + 1 : end;
        mapwrite_escaped(text, name, (size_t)(stop - name));
        sj__text_add(text, quote ? "'" : "");
        name = stop;
    }
    sj__text_char(text, '\'');
}

/* ------------------------------------------------------------------------- stages and channels --
 */

/* Touchpoints by name, grouped by the rank of their stage or channel; those that have none are left
 * out. */
static size_t mapwrite_group(const mapwrite_frame *frame, int by_stage)
{
    const sj__map *map = frame->map;
    size_t n = 0;
    for (uint32_t i = 0; i < map->touchpoints.count; i++) {
        const uint32_t t = frame->touchpoints[i];
        const uint32_t group = by_stage ? map->touchpoint[t].stage : map->touchpoint[t].channel;
        if (group != SJ__NO_ID)
            frame->pairs[n++] = (sj__pair){
                .key = by_stage ? group : frame->channel_rank[group],
                .number = t,
            };
    }
    sj__sort_pairs(frame->pairs, frame->pairs + frame->n_pairs, n);
    return n;
}

static void mapwrite_groups(const mapwrite_frame *frame, int by_stage)
{
    const sj__map *map = frame->map;
    const sj__intern *names = by_stage ? &map->stages : &map->channels;
    const size_t n = mapwrite_group(frame, by_stage);
    size_t next = 0;
    for (uint32_t g = 0; g < names->count; g++) {
        const size_t first = next;
        if (!by_stage && (first == n || frame->pairs[first].key != g))
            continue;
        sj__text_add(frame->text, by_stage ? "stage " : "channel ");
        mapwrite_name(frame->text, names, by_stage ? g : frame->channels[g]);
        sj__text_char(frame->text, ':');
        for (; next < n && frame->pairs[next].key == g; next++) {
            sj__text_add(frame->text, next == first ? " " : ", ");
            mapwrite_name(frame->text, &map->touchpoints, (uint32_t)frame->pairs[next].number);
        }
        sj__text_char(frame->text, '\n');
    }
}

/* ---------------------------------------------------------------------------- flow of journeys --
 */

static void mapwrite_conversions(const mapwrite_frame *frame)
{
    const sj__map *map = frame->map;
    for (uint32_t i = 0; i < map->conversions.count; i++) {
        const sj__map_conversion *row = &map->conversion[i];
        size_t n = row->size;
        const char *condition = sj__map_trim(row->condition, &n);
        sj__text_add(frame->text, "micro-conversion ");
        mapwrite_name(frame->text, &map->conversions, i);
        sj__text_add(frame->text, " = ");
        mapwrite_escaped(frame->text, condition, n);
        sj__text_add(frame->text, " worth ");
        if (row->has_worth) {
            sj__text_fixed6(frame->text, row->worth);
        } else {
            sj__text_add(frame->text, "value");
        }
        sj__text_char(frame->text, '\n');
    }
}

/* A share in percent, shifted as text: what is read back is the same number. */
static void mapwrite_share(sj__text *text, double share)
{
    char digits[32];
    sj__decimal decimal = {0};
    if (!sj__decimal_read(digits, sj__write_real(digits, share), &decimal) || decimal.n == 0)
        return;
    decimal.point += 2;
    sj__text_char(text, ' ');
    sj__decimal_write(&decimal, text);
    sj__text_char(text, '%');
}

static void mapwrite_sort_expected(const mapwrite_frame *frame)
{
    const sj__map *map = frame->map;
    for (size_t i = 0; i < map->n_expected; i++) {
        const sj__map_expected *row = &map->expected[i];
        const uint32_t *rank = row->of_stages ? frame->stage_rank : frame->touchpoint_rank;
        frame->pairs[i] = (sj__pair){.key = rank[row->to], .number = i};
    }
    sj__sort_pairs(frame->pairs, frame->pairs + frame->n_pairs, map->n_expected);
    for (size_t i = 0; i < map->n_expected; i++) {
        const sj__map_expected *row = &map->expected[frame->pairs[i].number];
        const uint32_t *rank = row->of_stages ? frame->stage_rank : frame->touchpoint_rank;
        frame->pairs[i].key = (uint64_t)(row->of_stages != 0) << 32 | rank[row->from];
    }
    sj__sort_pairs(frame->pairs, frame->pairs + frame->n_pairs, map->n_expected);
}

static void mapwrite_expected(const mapwrite_frame *frame)
{
    const sj__map *map = frame->map;
    mapwrite_sort_expected(frame);
    for (size_t i = 0; i < map->n_expected; i++) {
        const sj__map_expected *row = &map->expected[frame->pairs[i].number];
        const sj__intern *names = row->of_stages ? &map->stages : &map->touchpoints;
        sj__text_add(frame->text, "expect ");
        mapwrite_name(frame->text, names, row->from);
        sj__text_add(frame->text, " -> ");
        mapwrite_name(frame->text, names, row->to);
        mapwrite_share(frame->text, row->share);
        sj__text_char(frame->text, '\n');
    }
}

/* ----------------------------------------------------------------------------------------- all --
 */

/* Order by name, and ranks in it; `order` may be NULL.  0 on failure. */
static int mapwrite_rank(const sj_allocator *a, const sj__intern *names, uint32_t **order,
                         uint32_t **rank)
{
    const uint32_t n = names->count;
    uint32_t *by_name = sj__alloc(a, n, sizeof *by_name);
    int done = 0;
    *rank = sj__alloc(a, n, sizeof **rank);
    if (by_name && *rank && !sj__intern_order(names, by_name, NULL)) {
        for (uint32_t i = 0; i < n; i++)
            (*rank)[by_name[i]] = i;
        done = 1;
    }
    if (order) {
        *order = by_name;
    } else {
        sj__free(a, by_name, n, sizeof *by_name);
    }
    return done;
}

void sj__map_write(const sj__map *map, sj__text *text)
{
    const sj_allocator *a = text->allocator;
    const size_t n_touchpoints = map->touchpoints.count, n_channels = map->channels.count;
    mapwrite_frame frame = {.map = map, .text = text};
    frame.n_pairs = map->n_expected > n_touchpoints ? map->n_expected : n_touchpoints;
    frame.pairs = sj__alloc(a, frame.n_pairs, 2 * sizeof *frame.pairs);
    if (!frame.pairs ||
        !mapwrite_rank(a, &map->touchpoints, &frame.touchpoints, &frame.touchpoint_rank) ||
        !mapwrite_rank(a, &map->channels, &frame.channels, &frame.channel_rank) ||
        !mapwrite_rank(a, &map->stages, NULL, &frame.stage_rank)) {
        text->failed = 1;
        goto out;
    }
    mapwrite_groups(&frame, 1);
    mapwrite_groups(&frame, 0);
    mapwrite_conversions(&frame);
    mapwrite_expected(&frame);
out:
    sj__free(a, frame.pairs, frame.n_pairs, 2 * sizeof *frame.pairs);
    sj__free(a, frame.touchpoints, n_touchpoints, sizeof *frame.touchpoints);
    sj__free(a, frame.channels, n_channels, sizeof *frame.channels);
    sj__free(a, frame.touchpoint_rank, n_touchpoints, sizeof *frame.touchpoint_rank);
    sj__free(a, frame.channel_rank, n_channels, sizeof *frame.channel_rank);
    sj__free(a, frame.stage_rank, map->stages.count, sizeof *frame.stage_rank);
}
