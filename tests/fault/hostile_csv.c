/* CSV that is none, and files that behave badly; see hostile.h. */
#include "fault/hostile.h"

#include <stdio.h>

enum { CSV_TEXTS = 10000 };

static const char csv_good[] = "c,t,p,ch,v,device\r\n"
                               "ann,2024-01-02T03:04:05.5+01:00,view,mail,2.5,ios\n"
                               "\"b, \"\"ob\",1704164645,\"ca\nrt\",,-.5,\n"
                               "cid,1704164646,view,web,,\xc3\xa9\n";

static sj_csv_options csv_options(const void *bytes, size_t n)
{
    static const char *const attributes[] = {"device"};

    return (sj_csv_options){.struct_size = sizeof(sj_csv_options),
                            .bytes = bytes,
                            .n_bytes = n,
                            .customer = "c",
                            .time = "t",
                            .touchpoint = "p",
                            .channel = "ch",
                            .value = "v",
                            .attributes = attributes,
                            .n_attributes = 1};
}

/* An empty builder, and how many events must be in it. */
typedef struct csv_target {
    sj_builder *builder;
    uint64_t events;
    int clean; /* nothing was ever read since it was built from */
} csv_target;

/* With the world's allocator, which is slow, or with malloc. */
static csv_target csv_open(int metered)
{
    const sj_builder_options options = {.struct_size = sizeof options,
                                        .allocator = metered ? &hostile_world.allocator : NULL};
    csv_target target = {.clean = 1};

    ACCEPT(sj_builder_new, &options, &target.builder);
    return target;
}

/* Builds what is there and checks it. */
static void csv_settle(csv_target *target)
{
    sj_graph *graph;

    ACCEPT(sj_builder_build, target->builder, NULL, &graph);
    ACCEPT(sj_graph_check, graph);
    CLAIM(sj_graph_count(graph, SJ_KIND_EVENTS) == target->events);
    if (target->clean) /* not even a name is left of what was refused */
        for (int32_t kind = SJ_KIND_EVENTS; kind < SJ_KIND_BYTES; kind++)
            CLAIM(sj_graph_count(graph, kind) == 0);
    target->events = 0;
    target->clean = 1;
    CALLED(sj_graph_free)(graph);
}

static void csv_close(csv_target *target)
{
    csv_settle(target);
    CALLED(sj_builder_free)(target->builder);
}

static uint64_t csv_added(const sj_result *result)
{
    const sj_table *rows = sj_result_find(result, "rows");
    const int64_t read = sj_table_integers(rows, "read")[0],
                  added = sj_table_integers(rows, "added")[0];

    CLAIM(added + sj_table_integers(rows, "skipped")[0] == read && added >= 0);
    return (uint64_t)added;
}

/* Reads exactly n bytes; what is refused must be named by a place in them. */
static sj_status csv_read(csv_target *target, const void *text, size_t n, int32_t on_error)
{
    char *exact = malloc(n ? n : 1);
    sj_csv_options options = csv_options(exact, n);
    sj_result *result = HOSTILE_POISON;
    sj_status status;

    CLAIM(exact != NULL);
    memcpy(exact, text, n);
    options.on_error = on_error;
    status = JUDGED(HOSTILE_EITHER, sj_csv_read, target->builder, &options, NULL, &result);
    CLAIM(result != HOSTILE_POISON && (status == SJ_OK) == (result != NULL));
    target->clean &= result == NULL;
    if (result)
        target->events += csv_added(result);
    else if (hostile_told()->line > 0)
        CLAIM(hostile_told()->index >= 0 && (uint64_t)hostile_told()->index <= n &&
              hostile_told()->column >= 1 && (uint64_t)hostile_told()->line <= n + 1);
    CALLED(sj_result_free)(result);
    free(exact);
    return status;
}

static void csv_that_is_cut_or_changed_is_read_or_refused(void **state)
{
    static const char changes[] = {0, '\n', '\r', '"', ',', ';', '\t', '\xff', '9', '\x1f'};
    const size_t n = sizeof csv_good - 1;
    char text[sizeof csv_good];
    csv_target target = csv_open(1);

    (void)state;
    CLAIM(csv_read(&target, csv_good, n, SJ_CSV_FAIL) == SJ_OK && target.events == 3);
    csv_settle(&target);
    for (size_t cut = 0; cut < n; cut++)
        for (int32_t on_error = SJ_CSV_FAIL; on_error <= SJ_CSV_SKIP; on_error++) {
            csv_read(&target, csv_good, cut, on_error);
            csv_settle(&target);
        }
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < sizeof changes; i++) {
            memcpy(text, csv_good, n);
            text[at] = changes[i];
            csv_read(&target, text, n, i % 2 ? SJ_CSV_FAIL : SJ_CSV_SKIP);
            if (i == at % sizeof changes)
                csv_settle(&target);
        }
    csv_close(&target);
}

static void short_garbage_is_read_or_refused(void **state)
{
    static const char words[] =
        "c,t,p,ch,v,device\n|c,t,p,ch,v,device\na,1,b|a,1,b,,,\n|,|\n|\r\n|\"|"
        "\"\"|;|\t|a|1|-| |:|T|Z|+|2024-01-02|03:04:05|1704164645|.5|"
        "\xc3\xa9|\xef\xbb\xbf|e9|99999999999999999999|\x1f\x8b\x08|\xff";
    char text[600];
    uint64_t random = 3;
    size_t fine = 0;
    csv_target target = csv_open(0);

    (void)state;
    for (size_t i = 0; i < hostile_often(CSV_TEXTS); i++) {
        size_t n = 0;

        if (i % 3) { /* most have a header */
            n = strcspn(csv_good, "\r");
            memcpy(text, csv_good, n);
            text[n++] = '\n';
        }
        n += hostile_babble(&random, words, 24, text + n, sizeof text - n);
        fine += csv_read(&target, text, n, i % 2 ? SJ_CSV_FAIL : SJ_CSV_SKIP) == SJ_OK;
        if (i % 50 == 0)
            csv_settle(&target);
    }
    print_message("# %zu of %zu short texts were CSV\n", fine, hostile_often(CSV_TEXTS));
    CLAIM(fine > 100 && fine < hostile_often(CSV_TEXTS));
    csv_close(&target);
}

static void random_bytes_and_broken_gzip_are_refused(void **state)
{
    uint64_t random = 4;
    uint8_t bytes[2000];
    csv_target target = csv_open(0);

    (void)state;
    for (size_t i = 0; i < 600; i++) {
        const size_t n = (size_t)(journeys_random(&random) % sizeof bytes);

        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)journeys_random(&random);
        if (i % 2 && n > 10)
            memcpy(bytes, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
        if (i % 4 == 3 && n > 40) /* a stored block with a length of its own */
            memcpy(bytes + 10,
                   "\1\x20\0\xdf\xff"
                   "c,t,p,ch,v,device\n",
                   23);
        CLAIM(csv_read(&target, bytes, n, SJ_CSV_SKIP) != SJ_OK);
    }
    csv_close(&target);
}

static void fields_of_any_length_are_read_or_refused(void **state)
{
    static const size_t lengths[] = {65535, 65536, 300000, 1100000};
    csv_target target = csv_open(1);

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int quoted = 0; quoted < 2; quoted++) {
            char *text = malloc(lengths[i] + 64);
            size_t n = (size_t)sprintf(text, "c,t,p,ch,v,device\n%s", quoted ? "\"" : "");

            memset(text + n, 'k', lengths[i]);
            n += lengths[i];
            n += (size_t)sprintf(text + n, "%s,5,view,,,\n", quoted ? "\"" : "");
            CLAIM((csv_read(&target, text, n, SJ_CSV_FAIL) == SJ_OK) ==
                  (lengths[i] <= HOSTILE_NAME_ROOM));
            csv_settle(&target);
            CLAIM(csv_read(&target, text, n, SJ_CSV_SKIP) == SJ_OK || lengths[i] > 1000000);
            csv_settle(&target);
            /* A quote that is never closed. */
            text[18] = '"';
            csv_read(&target, text, 18 + lengths[i], SJ_CSV_SKIP);
            csv_settle(&target);
            free(text);
        }
    csv_close(&target);
}

static void columns_that_are_not_in_the_header_are_refused(void **state)
{
    static const char *const headers[] = {"",
                                          "\n",
                                          "c\n",
                                          "c,t\n",
                                          "c,t,p\n",
                                          "c,c,t,p,ch,v,device\n",
                                          "C,T,P,CH,V,DEVICE\n",
                                          "c;t,p;ch,v;device\n",
                                          "\"c,t,p,ch,v,device\n",
                                          ",,,,,,\n"};
    csv_target target = csv_open(1);

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (csv_read(&target, headers[i], strlen(headers[i]), SJ_CSV_SKIP) == SJ_OK)
            fail_msg("the header %zu was accepted", i);
    csv_close(&target);
}

/* ---- files ---- */

typedef struct csv_evil {
    int32_t open, size, read, close; /* what they return */
    uint64_t said;                   /* as size */
    size_t piece;                    /* bytes that a read gives at most */
    uint64_t read_fails_at;          /* 0: never */
    size_t claims;                   /* bytes that a read claims beyond what it gave */
    int32_t map;                     /* 0: there is none; 1: fails; 2: gives NULL; 3: works */
    uint64_t reads;
    int opened;
} csv_evil;

static int32_t csv_evil_open(void *user, const char *path, int32_t writing, void **out_file)
{
    csv_evil *evil = user;

    (void)path;
    *out_file = NULL; /* a handle may be anything */
    if (evil->open == 0)
        evil->opened++;
    return writing ? 30 : evil->open;
}

static int32_t csv_evil_size(void *user, void *file, uint64_t *out)
{
    const csv_evil *evil = user;

    (void)file;
    *out = evil->said;
    return evil->size;
}

static int32_t csv_evil_read(void *user, void *file, uint64_t offset, void *bytes, size_t size,
                             size_t *out_read)
{
    csv_evil *evil = user;
    const size_t all = sizeof csv_good - 1, at = offset < all ? (size_t)offset : all;
    size_t n = size < all - at ? size : all - at;

    (void)file;
    if (evil->piece && n > evil->piece)
        n = evil->piece;
    memcpy(bytes, csv_good + at, n);
    *out_read = evil->claims ? size + evil->claims : n;
    return ++evil->reads == evil->read_fails_at ? evil->read : 0;
}

static int32_t csv_evil_close(void *user, void *file)
{
    csv_evil *evil = user;

    (void)file;
    evil->opened--;
    return evil->close;
}

static int32_t csv_evil_map(void *user, void *file, uint64_t size, const void **out)
{
    const csv_evil *evil = user;

    (void)file;
    (void)size;
    *out = evil->map == 3 ? csv_good : NULL;
    return evil->map == 1 ? 12 : 0;
}

static void csv_evil_unmap(void *user, const void *bytes, uint64_t size)
{
    (void)user;
    (void)bytes;
    (void)size;
}

static sj_status csv_read_evil(csv_evil evil)
{
    const sj_files files = {.struct_size = sizeof files,
                            .user = &evil,
                            .open = csv_evil_open,
                            .size = csv_evil_size,
                            .read = csv_evil_read,
                            .close = csv_evil_close,
                            .map = evil.map ? csv_evil_map : NULL,
                            .unmap = csv_evil_unmap};
    sj_csv_options options = csv_options(NULL, 0);
    csv_target target = csv_open(1);
    sj_result *result = HOSTILE_POISON;
    sj_status status;

    options.path = "any\xff\n";
    options.files = &files;
    status = JUDGED(HOSTILE_EITHER, sj_csv_read, target.builder, &options, NULL, &result);
    CLAIM(evil.opened == 0);
    CLAIM(result != HOSTILE_POISON && (status == SJ_OK) == (result != NULL));
    target.clean = result == NULL;
    if (result)
        target.events = csv_added(result);
    CALLED(sj_result_free)(result);
    csv_close(&target);
    return status;
}

static void files_that_behave_badly_are_refused(void **state)
{
    static const int32_t codes[] = {1, 2, 5, 13, 21, 4095, -1, INT32_MAX, INT32_MIN};
    static const uint64_t sizes[] = {0, 1, sizeof csv_good, UINT64_C(1) << 62, UINT64_MAX};
    const uint64_t right = sizeof csv_good - 1;

    (void)state;
    CLAIM(csv_read_evil((csv_evil){.said = right}) == SJ_OK);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CLAIM(csv_read_evil((csv_evil){.said = right, .open = codes[i]}) == SJ_ERR_FILE);
        CLAIM(csv_read_evil((csv_evil){.said = right, .size = codes[i]}) == SJ_ERR_FILE);
        for (uint64_t at = 1; at < 16; at++)
            CLAIM(csv_read_evil((csv_evil){
                      .said = right, .read = codes[i], .piece = 8, .read_fails_at = at}) ==
                  SJ_ERR_FILE);
        csv_read_evil((csv_evil){.said = right, .close = codes[i]});
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int32_t map = 0; map < 3; map++)
            csv_read_evil((csv_evil){.said = sizes[i], .piece = i, .map = map});
    CLAIM(csv_read_evil((csv_evil){.said = right, .claims = 1}) == SJ_ERR_FILE);
    CLAIM(csv_read_evil((csv_evil){.said = right, .claims = SIZE_MAX / 2}) == SJ_ERR_FILE);
    CLAIM(csv_read_evil((csv_evil){.said = UINT64_MAX, .piece = 1}) == SJ_OK);
}

static void paths_that_lead_nowhere_are_refused(void **state)
{
    csv_target target = csv_open(1);
    char *large = hostile_long(65536, '/');
    sj_csv_options options = csv_options(NULL, 0);
    sj_result *result;

    (void)state;
    for (size_t i = 0; hostile_texts[i]; i++) {
        options.path = hostile_texts[i];
        REFUSE_OUT(SJ_ERR_FILE, result, sj_csv_read, target.builder, &options, NULL, &result);
    }
    options.path = large;
    REFUSE_OUT(SJ_ERR_FILE, result, sj_csv_read, target.builder, &options, NULL, &result);
    options.path = "no such directory/no such file";
    REFUSE_OUT(SJ_ERR_FILE, result, sj_csv_read, target.builder, &options, NULL, &result);
    options.path = "/dev/null";
    REFUSE_OUT(HOSTILE_FAILS, result, sj_csv_read, target.builder, &options, NULL, &result);
    options.path = NULL;
    REFUSE_OUT(SJ_ERR_OPTIONS, result, sj_csv_read, target.builder, &options, NULL, &result);
    options.n_bytes = 5;
    REFUSE_OUT(HOSTILE_FAILS, result, sj_csv_read, target.builder, &options, NULL, &result);
    free(large);
    csv_close(&target);
}

static void a_report_that_nobody_wants_is_not_made(void **state)
{
    csv_target target = csv_open(0);
    const sj_csv_options options = csv_options(csv_good, sizeof csv_good - 1);

    (void)state;
    ACCEPT(sj_csv_read, target.builder, &options, NULL, NULL);
    target.events = 3;
    target.clean = 0;
    csv_close(&target);
}

const struct CMUnitTest hostile_csv_tests[] = {
    cmocka_unit_test(csv_that_is_cut_or_changed_is_read_or_refused),
    cmocka_unit_test(short_garbage_is_read_or_refused),
    cmocka_unit_test(random_bytes_and_broken_gzip_are_refused),
    cmocka_unit_test(fields_of_any_length_are_read_or_refused),
    cmocka_unit_test(columns_that_are_not_in_the_header_are_refused),
    cmocka_unit_test(files_that_behave_badly_are_refused),
    cmocka_unit_test(paths_that_lead_nowhere_are_refused),
    cmocka_unit_test(a_report_that_nobody_wants_is_not_made)};
const size_t n_hostile_csv_tests = sizeof hostile_csv_tests / sizeof *hostile_csv_tests;
