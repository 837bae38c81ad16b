/* What the hostile tests share; see hostile.h. */
#include "fault/hostile.h"

world hostile_world;
journeys hostile_journeys;

typedef struct shop_digests {
    uint64_t graph, plan, tally, other, result, bytes;
} shop_digests;

static shop_digests shop_before;
static uint64_t shop_builder_digest; /* of what hostile_builder makes */
static uint64_t shop_spoil;          /* digests of the world's own builder */

static shop_digests shop_look(world *w)
{
    return (shop_digests){
        world_digest(WORLD_GRAPH, w->graph),   world_digest(WORLD_PLAN, w->plan),
        world_digest(WORLD_TALLY, w->tally),   world_digest(WORLD_TALLY, w->other),
        world_digest(WORLD_RESULT, w->result), world_digest(WORLD_BUFFER, w->bytes)};
}

int hostile_open(void **state)
{
    sj_builder *builder;
    world twin;

    (void)state;
    journeys_make(&hostile_journeys, 11, 24, 24);
    if (!world_open(&hostile_world, &hostile_journeys, 0) ||
        !world_open(&twin, &hostile_journeys, 0))
        return -1;
    shop_before = shop_look(&hostile_world);
    shop_spoil = world_digest(WORLD_BUILDER, twin.builder);
    world_close(&twin);
    builder = hostile_builder();
    shop_builder_digest = world_digest(WORLD_BUILDER, builder);
    sj_builder_free(builder);
    return 0;
}

int hostile_close(void **state)
{
    const shop_digests now = shop_look(&hostile_world);

    (void)state;
    CLAIM(memcmp(&now, &shop_before, sizeof now) == 0);
    CLAIM(world_digest(WORLD_BUILDER, hostile_world.builder) == shop_spoil);
    world_close(&hostile_world);
    failing_check(&hostile_world.memory);
    journeys_drop(&hostile_journeys);
    return 0;
}

/* ---- builders ---- */

static const char shop_map[] =
    "stage look: view, search\nstage pay: cart\nchannel mail: letter\n"
    "micro-conversion big = value >= 10 worth 5\nexpect view -> cart 50%\n";

static void shop_fill(sj_builder *builder, sj_error *error)
{
    static const char *const attributes[] = {"device", "ios", "load", "7", "weight", "0.5"};
    static const char *const visited[] = {"view", "cart", "letter", "view"};
    static const char *const keys[] = {"ann", "ann", "bob", "cid"};
    const double value = 12.5;
    sj_event event = {.struct_size = sizeof event};

    journeys_must(sj_builder_add_map(builder, shop_map, sizeof shop_map - 1, error), error, "map");
    journeys_must(sj_builder_add_attribute(builder, "device", SJ_ATTRIBUTE_CATEGORY, 0, error),
                  error, "device");
    journeys_must(sj_builder_add_attribute(builder, "load", SJ_ATTRIBUTE_INTEGER, 0, error), error,
                  "load");
    journeys_must(sj_builder_add_attribute(builder, "weight", SJ_ATTRIBUTE_REAL, 0, error), error,
                  "weight");
    journeys_must(sj_builder_add_attribute(builder, "country", SJ_ATTRIBUTE_CATEGORY, 1, error),
                  error, "country");
    for (size_t i = 0; i < 4; i++) {
        event.customer = keys[i];
        event.touchpoint = visited[i];
        event.time = (int64_t)i * SJ_HOUR;
        event.value = i == 1 ? &value : NULL;
        event.attributes = attributes;
        event.n_attributes = i;
        journeys_must(sj_builder_add_event(builder, &event, error), error, "event");
    }
}

sj_builder *hostile_builder(void)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = &hostile_world.allocator};
    sj_builder *builder = NULL;
    sj_error error = {0};

    journeys_must(sj_builder_new(&options, &builder, &error), &error, "builder");
    shop_fill(builder, &error);
    return builder;
}

void hostile_unspoilt(sj_builder *builder)
{
    CLAIM(world_digest(WORLD_BUILDER, builder) == shop_builder_digest);
    CALLED(sj_builder_free)(builder);
}

void hostile_sound(sj_builder *builder)
{
    world_digest(WORLD_BUILDER, builder);
    CALLED(sj_builder_free)(builder);
}

/* ---- inputs ---- */

const char *const hostile_texts[] = {"",
                                     " ",
                                     "\xff",
                                     "\xc3",
                                     "a\xc3",
                                     "\xc0\x80",
                                     "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80",
                                     "\xe2\x82",
                                     "no such thing",
                                     "'",
                                     "''",
                                     "\"",
                                     "(",
                                     "view = ",
                                     "touchpoint = 'view",
                                     "a\nb",
                                     "\t",
                                     "%s%n%q%i",
                                     "/",
                                     "\xef\xbf\xbf\xf0\x9f\x9b\x92",
                                     "\x01\x7f",
                                     NULL};

size_t hostile_often(size_t n)
{
    const char *asked = getenv("SOJOURN_LONG");

    return asked && *asked && strcmp(asked, "0") != 0 ? 50 * n : n;
}

char *hostile_long(size_t n, char c)
{
    char *text = malloc(n + 1);

    if (text) {
        memset(text, c, n);
        text[n] = 0;
    }
    return text;
}

sj_funnel_options hostile_funnel(const char *first, const char *second, sj_step steps[2])
{
    steps[0] = (sj_step){.condition = first};
    steps[1] = (sj_step){.condition = second};
    return (sj_funnel_options){.struct_size = sizeof(sj_funnel_options),
                               .steps = steps,
                               .n_steps = 2,
                               .step_size = sizeof *steps};
}

size_t hostile_babble(uint64_t *random, const char *words, size_t most, char *to, size_t room)
{
    size_t n = 0, n_words = 1, wanted = (size_t)(journeys_random(random) % most);

    for (const char *p = words; *p; p++)
        n_words += *p == '|';
    while (wanted-- > 0) {
        size_t k = (size_t)(journeys_random(random) % (n_words + 1)), length;
        const char *word = words;

        if (k == n_words) {
            if (n < room)
                to[n++] = (char)(journeys_random(random) >> 13);
            continue;
        }
        for (; k > 0; k--)
            word = strchr(word, '|') + 1;
        length = strcspn(word, "|");
        if (length > room - n)
            break;
        memcpy(to + n, word, length);
        n += length;
    }
    return n;
}
