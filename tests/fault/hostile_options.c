/* Options of every wrong size and value.  The structs, their fields and what these may hold come
 * from sj_catalog, so a new field is driven from the day it is there; see hostile.h. */
#include "fault/hostile.h"

/* ---- one try ---- */

/* What a try must give; a door that does not look at the field may also succeed. */
static void option_expect(sj_status found, int64_t expected, const char *structure,
                          const char *field, const char *what)
{
    if (expected == HOSTILE_EITHER ||
        (expected == HOSTILE_FAILS ? found != SJ_OK : found == expected))
        return;
    fail_msg("%s.%s: %s: %s", structure, field, what,
             found == SJ_OK ? "accepted" : sj_status_name(found));
}

/* Calls with exactly `room` bytes that begin with `options`, so that a sanitizer sees who reads
 * further. */
static sj_status option_try_room(const hostile_door *door, const void *options, size_t n,
                                 size_t room)
{
    char *exact = calloc(room, 1), *twin = calloc(room, 1);
    sj_status status;

    CLAIM(exact && twin);
    memcpy(exact, options, n < room ? n : room);
    memcpy(twin, exact, room);
    status = door->call(exact);
    CLAIM(memcmp(exact, twin, room) == 0);
    free(exact);
    free(twin);
    return status;
}

/* ---- sizes ---- */

static void option_drive_size(const hostile_door *door)
{
    static const size_t wrong[] = {SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 40, 1000000};
    char image[1024] = {0};

    door->healthy(image);
    option_expect(option_try_room(door, image, door->size, door->size), SJ_OK, door->structure,
                  "struct_size", "as it should be");
    for (size_t size = 0; size < door->size; size++) {
        const size_t room = size < sizeof size ? sizeof size : size;

        memcpy(image, &size, sizeof size);
        option_expect(option_try_room(door, image, door->size, room), SJ_ERR_ARGUMENT,
                      door->structure, "struct_size", "too small");
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(image, &wrong[i], sizeof *wrong);
        option_expect(option_try_room(door, image, door->size, door->size), SJ_ERR_ARGUMENT,
                      door->structure, "struct_size", "no size at all");
    }
    for (size_t more = 1; more <= 16; more += more < 8 ? 1 : 8) {
        const size_t size = door->size + more;

        memcpy(image, &size, sizeof size);
        option_expect(option_try_room(door, image, door->size, size), SJ_OK, door->structure,
                      "struct_size", "larger, with a tail of zeros");
        for (size_t at = door->size; at < size; at++) {
            image[at] = 1;
            option_expect(option_try_room(door, image, size, size), SJ_ERR_OPTIONS, door->structure,
                          "struct_size", "larger, with something in the tail");
            image[at] = 0;
        }
    }
}

/* ---- fields ---- */

/* A struct whose fields are being spoilt: itself, or an element of an array in `outer`. */
typedef struct option_place {
    const hostile_door *door;
    const sj_table *fields; /* of sj_catalog */
    const char *structure;
    char *image; /* of it */
    size_t image_size;
    char *whole; /* what the door is called with */
    size_t whole_size;
    int lax; /* the door does not look at it, or not at its values */
} option_place;

static size_t option_row(const sj_table *fields, const char *name)
{
    for (size_t i = 0; name && i < sj_table_rows(fields); i++)
        if (strcmp(sj_table_text(fields, "field", i), name) == 0)
            return i;
    return SIZE_MAX;
}

static char *option_at(const option_place *place, size_t row)
{
    return place->image + sj_table_integers(place->fields, "offset")[row];
}

static void option_try(const option_place *place, size_t row, int64_t expected, const char *what)
{
    if (place->lax && expected != SJ_OK)
        expected = HOSTILE_EITHER;
    option_expect(option_try_room(place->door, place->whole, place->whole_size, place->whole_size),
                  expected, place->structure, sj_table_text(place->fields, "field", row), what);
}

static int64_t option_get(const option_place *place, size_t row)
{
    int64_t wide = 0;
    int32_t narrow = 0;

    if (sj_table_integers(place->fields, "size")[row] == sizeof wide)
        memcpy(&wide, option_at(place, row), sizeof wide);
    else
        memcpy(&narrow, option_at(place, row), sizeof narrow);
    return sj_table_integers(place->fields, "size")[row] == sizeof wide ? wide : narrow;
}

static void option_set(const option_place *place, size_t row, int64_t v)
{
    const int32_t narrow = (int32_t)v;

    if (sj_table_integers(place->fields, "size")[row] == sizeof v)
        memcpy(option_at(place, row), &v, sizeof v);
    else
        memcpy(option_at(place, row), &narrow, sizeof narrow);
}

/* Tries a number, as far as it fits the field, and puts back what was there. */
static void option_try_number(const option_place *place, size_t row, int64_t v, int64_t expected,
                              const char *what)
{
    const int64_t before = option_get(place, row);

    option_set(place, row, v);
    if (option_get(place, row) == v)
        option_try(place, row, expected, what);
    option_set(place, row, before);
}

static size_t option_values(const option_place *place, size_t row)
{
    const char *values = sj_table_text(place->fields, "values", row);
    size_t n = values != NULL;

    for (; values && *values; values++)
        n += *values == ' ';
    return n;
}

static void option_drive_choice(const option_place *place, size_t row)
{
    const int64_t n = (int64_t)option_values(place, row);
    const int64_t none[] = {n + 1, n + 2, 64, 1000, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

    CLAIM(n > 0);
    for (int64_t v = 0; v <= n && strcmp(place->structure, "sj_column") != 0; v++)
        option_try_number(place, row, v, HOSTILE_EITHER, "a value that there is");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (none[i] > n || none[i] < 0)
            option_try_number(place, row, none[i], SJ_ERR_OPTIONS, "a value that there is not");
}

static void option_drive_bits(const option_place *place, size_t row)
{
    const size_t n = option_values(place, row);

    for (size_t bit = 0; bit < 64; bit++)
        option_try_number(place, row, (int64_t)(UINT64_C(1) << bit),
                          bit < n ? HOSTILE_EITHER : SJ_ERR_OPTIONS, "a bit");
    option_try_number(place, row, -1, SJ_ERR_OPTIONS, "all bits");
}

static void option_drive_numbers(const option_place *place, size_t row, const char *kind)
{
    static const int64_t extremes[] = {0,         1,         2,         -1,        -2,
                                       INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    const int counts = strcmp(kind, "count") == 0, spans = strcmp(kind, "span") == 0;

    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++)
        option_try_number(place, row, extremes[i],
                          (counts && extremes[i] < 0) || (spans && extremes[i] < -1)
                              ? SJ_ERR_OPTIONS
                              : HOSTILE_EITHER,
                          "an extreme number");
}

static void option_try_pointer(const option_place *place, size_t row, const void *pointer,
                               int64_t expected, const char *what)
{
    const void *before;

    memcpy(&before, option_at(place, row), sizeof before);
    memcpy(option_at(place, row), &pointer, sizeof pointer);
    option_try(place, row, expected, what);
    memcpy(option_at(place, row), &before, sizeof before);
}

static void option_drive_time(const option_place *place, size_t row)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        option_try_pointer(place, row, &times[i], HOSTILE_EITHER, "an extreme time");
}

static void option_drive_text(const option_place *place, size_t row)
{
    char *fits = hostile_long(HOSTILE_NAME_ROOM, 'x'), *long_ = hostile_long(65536, '(');

    CLAIM(fits && long_);
    option_try_pointer(place, row, NULL, HOSTILE_EITHER, "no text");
    option_try_pointer(place, row, fits, HOSTILE_EITHER, "a long text");
    option_try_pointer(place, row, long_, HOSTILE_EITHER, "a text that is too long for a name");
    for (size_t i = 0; hostile_texts[i]; i++)
        option_try_pointer(place, row, hostile_texts[i], HOSTILE_EITHER, "a broken text");
    free(fits);
    free(long_);
}

/* ---- arrays ---- */

/* An array with so many elements of so many bytes; puts back what was there. */
static void option_try_array(const option_place *place, size_t row, const void *array,
                             uint64_t count, size_t size, int64_t expected, const char *what)
{
    const sj_table *fields = place->fields;
    const size_t n_row = option_row(fields, sj_table_text(fields, "count_field", row));
    const size_t size_row = option_row(fields, sj_table_text(fields, "size_field", row));
    const int64_t before = option_get(place, n_row);
    const int64_t size_before = size_row == SIZE_MAX ? 0 : option_get(place, size_row);

    option_set(place, n_row, (int64_t)count);
    if (size_row != SIZE_MAX)
        option_set(place, size_row, (int64_t)size);
    option_try_pointer(place, row, array, expected, what);
    option_set(place, n_row, before);
    if (size_row != SIZE_MAX)
        option_set(place, size_row, size_before);
}

static void option_drive_texts(const option_place *place, size_t row)
{
    const char *texts[3] = {"device", NULL, "load"};

    option_try_array(place, row, NULL, 1, 0, SJ_ERR_OPTIONS, "NULL with a count");
    option_try_array(place, row, NULL, SIZE_MAX, 0, SJ_ERR_OPTIONS, "NULL with a count");
    option_try_array(place, row, texts, 3, 0, SJ_ERR_OPTIONS, "an element that is NULL");
    option_try_array(place, row, texts, 0, 0, HOSTILE_EITHER, "an empty array");
    for (size_t i = 0; hostile_texts[i]; i++) {
        texts[1] = hostile_texts[i];
        option_try_array(place, row, texts, 3, 0, HOSTILE_EITHER, "a broken text");
    }
    texts[1] = "device";
    option_try_array(place, row, texts, 2, 0, HOSTILE_EITHER, "the same twice");
}

static void option_drive_positions(const option_place *place, size_t row)
{
    static const uint64_t good[] = {1, 0, 1, 0};
    const uint64_t customers = sj_graph_count(hostile_world.graph, SJ_KIND_CUSTOMERS);
    const uint64_t wrong[][2] = {{0, customers}, {SJ_NONE, 0}, {0, UINT64_C(1) << 32}};

    option_try_array(place, row, NULL, 1, 0, SJ_ERR_OPTIONS, "NULL with a count");
    option_try_array(place, row, good, 0, 0, SJ_OK, "an empty array");
    option_try_array(place, row, good, 4, 0, SJ_OK, "the same more than once");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        option_try_array(place, row, wrong[i], 2, 0, SJ_ERR_ARGUMENT, "a position out of range");
}

static void option_drive_fields(const option_place *place);

enum { OPTION_ROOM = 4096 };

/* Elements of every wrong size; `array` has n of `size` bytes, and `known` says that elements are
 * taken at all. */
static void option_drive_element_size(const option_place *place, size_t row, const char *array,
                                      size_t n, size_t size, int known)
{
    char larger[OPTION_ROOM] = {0};

    for (size_t wrong = 0; wrong < size; wrong++)
        option_try_array(place, row, array, n, wrong, SJ_ERR_OPTIONS, "too small an element");
    option_try_array(place, row, array, n, SIZE_MAX, SJ_ERR_OPTIONS, "no size");
    option_try_array(place, row, array, SIZE_MAX, size, SJ_ERR_OPTIONS, "too many");
    option_try_array(place, row, array, SIZE_MAX / 8, size + 64, SJ_ERR_OPTIONS, "too many");
    for (size_t i = 0; i < n; i++)
        memcpy(larger + i * (size + 8), array + i * size, size);
    option_try_array(place, row, larger, n, size + 8, known ? SJ_OK : SJ_ERR_OPTIONS,
                     "larger elements, with zeros behind");
    for (size_t i = 0; i < n; i++) {
        larger[i * (size + 8) + size + 3] = 1;
        option_try_array(place, row, larger, n, size + 8, SJ_ERR_OPTIONS,
                         "larger elements, with something behind");
        larger[i * (size + 8) + size + 3] = 0;
    }
}

static void option_drive_fields(const option_place *place);

/* Puts the array in its place and spoils each field of its last element. */
static void option_drive_element(const option_place *place, size_t row, const sj_result *catalog,
                                 char *array, size_t n, size_t size)
{
    const size_t n_row =
                     option_row(place->fields, sj_table_text(place->fields, "count_field", row)),
                 size_row =
                     option_row(place->fields, sj_table_text(place->fields, "size_field", row));
    option_place inner = *place;
    char before[1024];

    memcpy(before, place->image, place->image_size);
    memcpy(option_at(place, row), &array, sizeof array);
    option_set(place, n_row, (int64_t)n);
    if (size_row != SIZE_MAX)
        option_set(place, size_row, (int64_t)size);
    inner.fields = sj_result_find(catalog, "catalog");
    inner.structure = sj_table_text(place->fields, "element", row);
    inner.image = array + (n - 1) * size;
    inner.image_size = size;
    option_drive_fields(&inner);
    memcpy(place->image, before, place->image_size);
}

/* The array that there is, or one element of zeros. */
static void option_drive_structs(const option_place *place, size_t row)
{
    const size_t n_row =
        option_row(place->fields, sj_table_text(place->fields, "count_field", row));
    size_t size, n = (size_t)option_get(place, n_row);
    char array[OPTION_ROOM] = {0};
    const void *there;
    sj_result *catalog;

    ACCEPT(sj_catalog, sj_table_text(place->fields, "element", row), NULL, &catalog);
    size = (size_t)sj_table_integers(sj_result_find(catalog, "struct"), "size")[0];
    memcpy(&there, option_at(place, row), sizeof there);
    if (there)
        memcpy(array, there, n * size);
    else
        n = 1;
    option_try_array(place, row, NULL, n, size, SJ_ERR_OPTIONS, "NULL with a count");
    if (sj_table_text(place->fields, "size_field", row))
        option_drive_element_size(place, row, array, n, size, there != NULL);
    option_drive_element(place, row, catalog, array, n, size);
    CALLED(sj_result_free)(catalog);
}

static void option_drive_field(const option_place *place, size_t row)
{
    const char *kind = sj_table_text(place->fields, "kind", row);

    if (strcmp(kind, "choice") == 0)
        option_drive_choice(place, row);
    else if (strcmp(kind, "bits") == 0)
        option_drive_bits(place, row);
    else if (strcmp(kind, "flag") == 0 || strcmp(kind, "count") == 0 ||
             strcmp(kind, "integer") == 0 || strcmp(kind, "span") == 0)
        option_drive_numbers(place, row, kind);
    else if (strcmp(kind, "time") == 0)
        option_drive_time(place, row);
    else if (strcmp(kind, "text") == 0)
        option_drive_text(place, row);
    else if (strcmp(kind, "texts") == 0)
        option_drive_texts(place, row);
    else if (strcmp(kind, "numbers") == 0)
        option_drive_positions(place, row);
    else if (strcmp(kind, "structs") == 0)
        option_drive_structs(place, row);
    else
        CLAIM(strcmp(kind, "size") == 0 || strcmp(kind, "object") == 0);
}

static void option_drive_fields(const option_place *place)
{
    const int picks = place->door->picks;
    option_place here = *place;

    for (size_t row = 0; row < sj_table_rows(place->fields); row++) {
        const char *role = sj_table_text(place->fields, "role", row);

        here.lax = place->lax || (picks && (!role || strcmp(role, "read") != 0));
        option_drive_field(&here, row);
    }
}

static void option_drive(const hostile_door *door)
{
    char image[1024] = {0};
    sj_result *catalog;
    option_place place = {.door = door,
                          .structure = door->structure,
                          .image = image,
                          .image_size = door->size,
                          .whole = image,
                          .whole_size = door->size};

    option_drive_size(door);
    ACCEPT(sj_catalog, door->structure, &hostile_world.allocator, &catalog);
    place.fields = sj_result_find(catalog, "catalog");
    door->healthy(image);
    option_drive_fields(&place);
    CALLED(sj_result_free)(catalog);
}

static void options_of_every_wrong_size_and_value_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_hostile_doors; i++)
        option_drive(&hostile_doors[i]);
}

const struct CMUnitTest hostile_option_tests[] = {
    cmocka_unit_test(options_of_every_wrong_size_and_value_are_refused)};
const size_t n_hostile_option_tests = sizeof hostile_option_tests / sizeof *hostile_option_tests;
