/* Options structs by their tables: loading, checking, text and back. */
#include <string.h>

#include "base/options.h"
#include "failing.h"
#include "near.h"

typedef struct part {
    const char *label;
    int64_t span;
    int32_t kind;
    int32_t flag;
} part;

typedef struct sample {
    size_t struct_size;
    const part *parts;
    size_t n_parts;
    size_t part_size;
    const char *const *names;
    size_t n_names;
    const uint64_t *numbers;
    size_t n_numbers;
    const char *text;
    const int64_t *time;
    int64_t window;
    int64_t bits;
    int64_t top;
    double share;
    int32_t color;
    int32_t strict;
    int32_t offset;
    int32_t count;
    const void *baseline;
    int64_t read_only; /* the first release ended before it */
} sample;

static const sj__field part_fields[] = {
    SJ__FIELD(part, label, SJ__KIND_TEXT, SJ__ROLE_COUNTED),
    SJ__FIELD(part, span, SJ__KIND_SPAN, SJ__ROLE_COUNTED),
    SJ__FIELD(part, kind, SJ__KIND_CHOICE, SJ__ROLE_COUNTED, .values = "break remove"),
    SJ__FIELD(part, flag, SJ__KIND_FLAG, SJ__ROLE_COUNTED),
};
static const sj__struct part_struct = {.name = "part",
                                       .fields = part_fields,
                                       .n_fields = 4,
                                       .size = sizeof(part),
                                       .least = offsetof(part, kind)};

static const sj__field sample_fields[] = {
    SJ__FIELD(sample, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sample, parts, SJ__KIND_STRUCTS, SJ__ROLE_COUNTED, .count_field = "n_parts",
              .size_field = "part_size", .element = &part_struct),
    SJ__FIELD(sample, n_parts, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sample, part_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sample, names, SJ__KIND_TEXTS, SJ__ROLE_COUNTED, .count_field = "n_names"),
    SJ__FIELD(sample, n_names, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sample, numbers, SJ__KIND_NUMBERS, SJ__ROLE_COUNTED, .count_field = "n_numbers"),
    SJ__FIELD(sample, n_numbers, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
    SJ__FIELD(sample, text, SJ__KIND_TEXT, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, time, SJ__KIND_TIME, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, window, SJ__KIND_SPAN, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, bits, SJ__KIND_BITS, SJ__ROLE_COUNTED, .values = "counts times values"),
    SJ__FIELD(sample, top, SJ__KIND_COUNT, SJ__ROLE_READ),
    SJ__FIELD(sample, share, SJ__KIND_REAL, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, color, SJ__KIND_CHOICE, SJ__ROLE_COUNTED, .values = "red green blue",
              .later = UINT64_C(1) << 3),
    SJ__FIELD(sample, strict, SJ__KIND_FLAG, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, offset, SJ__KIND_INTEGER, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, count, SJ__KIND_COUNT, SJ__ROLE_COUNTED),
    SJ__FIELD(sample, baseline, SJ__KIND_OBJECT, SJ__ROLE_READ),
    SJ__FIELD(sample, read_only, SJ__KIND_INTEGER, SJ__ROLE_READ),
};
static const sj__struct sample_struct = {.name = "sample",
                                         .fields = sample_fields,
                                         .n_fields = sizeof sample_fields / sizeof *sample_fields,
                                         .size = sizeof(sample),
                                         .least = offsetof(sample, read_only)};

static sample given(void)
{
    return (sample){.struct_size = sizeof(sample)};
}

static void check_loads(const sample *s)
{
    sj_error error = {.code = 12345};
    sample out;

    assert_int_equal(sj__options_load(&sample_struct, s, &out, &error), SJ_OK);
    assert_memory_equal(&out, s, sizeof out);
    assert_int_equal(error.code, 12345); /* success writes nothing */
}

/* Refused with a message that begins as said; the output is cleared. */
static void check_refused(const sample *s, const char *begin, int64_t index)
{
    const sample zero = {.struct_size = 0};
    sj_error error;
    sample out;

    assert_int_equal(sj__options_load(&sample_struct, s, &out, &error), SJ_ERR_OPTIONS);
    assert_int_equal(error.code, SJ_ERR_OPTIONS);
    assert_int_equal(error.index, index);
    if (strncmp(error.message, begin, strlen(begin)) != 0)
        assert_string_equal(error.message, begin);
    assert_memory_equal(&out, &zero, sizeof out);
    assert_int_equal(sj__options_load(&sample_struct, s, &out, NULL), SJ_ERR_OPTIONS);
}

static void null_is_all_defaults(void **state)
{
    const sample expected = {.struct_size = sizeof expected};
    sample out;

    (void)state;
    memset(&out, 0x77, sizeof out);
    assert_int_equal(sj__options_load(&sample_struct, NULL, &out, NULL), SJ_OK);
    assert_memory_equal(&out, &expected, sizeof out);
}

static void what_is_right_is_copied(void **state)
{
    const char *names[] = {"a", "b"};
    const uint64_t numbers[] = {1, 2, 3};
    const part parts[] = {{.label = "x", .span = SJ_INSTANT, .kind = 2}, {.label = NULL}};
    const int64_t time = -5;
    sample s = given();

    (void)state;
    s.parts = parts;
    s.n_parts = 2;
    s.part_size = sizeof(part);
    s.names = names;
    s.n_names = 2;
    s.numbers = numbers;
    s.n_numbers = 3;
    s.text = "t";
    s.time = &time;
    s.window = SJ_UNLIMITED;
    s.bits = 7;
    s.top = INT64_MAX;
    s.share = -0.5;
    s.color = 2;
    s.strict = -1;
    s.offset = INT32_MIN;
    s.count = INT32_MAX;
    s.baseline = &s;
    check_loads(&s);
}

static void a_shorter_struct_is_an_older_one(void **state)
{
    sample s = given();
    sample out;

    (void)state;
    s.struct_size = offsetof(sample, read_only);
    s.window = 5;
    s.read_only = 9; /* not there for the library */
    assert_int_equal(sj__options_load(&sample_struct, &s, &out, NULL), SJ_OK);
    assert_int_equal(out.window, 5);
    assert_int_equal(out.read_only, 0);
    assert_int_equal(out.struct_size, sizeof out);
}

static void a_longer_struct_must_be_zero_at_the_end(void **state)
{
    struct {
        sample known;
        int64_t unknown[2];
    } s = {.known = {.struct_size = sizeof s}};
    sj_error error;
    sample out;

    (void)state;
    assert_int_equal(sj__options_load(&sample_struct, &s, &out, &error), SJ_OK);
    assert_int_equal(out.struct_size, sizeof out);
    s.unknown[1] = 1;
    assert_int_equal(sj__options_load(&sample_struct, &s, &out, &error), SJ_ERR_OPTIONS);
    assert_non_null(strstr(error.message, "does not know"));
}

static void a_size_that_is_none_is_refused(void **state)
{
    const size_t sizes[] = {0, 1, offsetof(sample, read_only) - 1, SIZE_MAX, SIZE_MAX / 2};
    sj_error error;
    sample out;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sample s = {.struct_size = sizes[i]};

        assert_int_equal(sj__options_load(&sample_struct, &s, &out, &error), SJ_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, "struct_size"));
        assert_non_null(strstr(error.message, "sizeof(sample)"));
    }
}

static void wrong_numbers_are_named(void **state)
{
    sample s = given();

    (void)state;
    s.color = 4;
    check_refused(&s, "color: 4 is none of its values; they are red green blue", -1);
    s = given();
    s.color = -1;
    check_refused(&s, "color: -1 is none of its values", -1);
    s = given();
    s.window = -5;
    check_refused(&s,
                  "window: -5 is not a span of time: SJ_INSTANT (-1), or 0 to at most "
                  "9223372036854775807 microseconds",
                  -1);
    s = given();
    s.top = -1;
    check_refused(&s, "top: -1 is not a count: at least 0", -1);
    s = given();
    s.count = INT32_MIN;
    check_refused(&s, "count: -2147483648 is not a count", -1);
    s = given();
    s.bits = 8;
    check_refused(&s, "bits: bit 3 is none of its values: counts times values", -1);
    s = given();
    s.bits = INT64_MIN;
    check_refused(&s, "bits: bit 63 is none", -1);
    s = given();
    s.share = (double)NAN;
    check_refused(&s, "share: not a finite number", -1);
    s.share = -(double)INFINITY;
    check_refused(&s, "share: not a finite number", -1);
}

static void what_is_not_built_yet_is_refused_by_name(void **state)
{
    sj__field fields[2] = {
        SJ__FIELD(sample, struct_size, SJ__KIND_SHAPE, SJ__ROLE_SHAPE),
        SJ__FIELD(sample, names, SJ__KIND_TEXTS, SJ__ROLE_COUNTED, .count_field = "n_names",
                  .later = 1),
    };
    sj__struct shape = {.name = "sample",
                        .fields = fields,
                        .n_fields = 2,
                        .size = sizeof(sample),
                        .least = sizeof(sample)};
    const char *names[] = {"a"};
    sj_error error;
    sample out;
    sample s = given();

    (void)state;
    s.color = 3;
    check_refused(&s, "color: blue is not built yet", -1);
    s = given();
    assert_int_equal(sj__options_load(&shape, &s, &out, NULL), SJ_OK);
    s.names = names;
    assert_int_equal(sj__options_load(&shape, &s, &out, &error), SJ_ERR_OPTIONS);
    assert_string_equal(error.message, "names: not built yet: leave it 0");
    fields[1] = (sj__field)SJ__FIELD(sample, share, SJ__KIND_REAL, SJ__ROLE_COUNTED, .later = 1);
    s = given();
    s.share = 0.25;
    assert_int_equal(sj__options_load(&shape, &s, &out, &error), SJ_ERR_OPTIONS);
    assert_string_equal(error.message, "share: not built yet: leave it 0");
}

static void an_array_with_a_count_needs_a_pointer(void **state)
{
    const uint64_t number = 1;
    sample s = given();

    (void)state;
    s.n_names = 1;
    check_refused(&s, "names: NULL, although n_names is 1", -1);
    s = given();
    s.n_numbers = 2;
    check_refused(&s, "numbers: NULL, although n_numbers is 2", -1);
    s = given();
    s.n_parts = 3;
    s.part_size = sizeof(part);
    check_refused(&s, "parts: NULL, although n_parts is 3", -1);
    s = given();
    s.numbers = &number; /* a pointer and no count: an empty list */
    check_loads(&s);
}

static void a_list_of_texts_has_no_null(void **state)
{
    const char *names[] = {"a", NULL, "c"};
    sample s = given();

    (void)state;
    s.names = names;
    s.n_names = 3;
    check_refused(&s, "names[1]: NULL is not a text", 1);
    s.n_names = 1;
    check_loads(&s);
}

static void elements_are_checked_by_their_own_table(void **state)
{
    part parts[] = {{.span = 1}, {.span = 2}, {.span = -7}};
    sample s = given();

    (void)state;
    s.parts = parts;
    s.n_parts = 3;
    s.part_size = sizeof(part);
    check_refused(&s, "parts[2].span: -7 is not a span of time", 2);
    parts[2].span = 0;
    check_loads(&s);
    parts[1].kind = 3;
    check_refused(&s, "parts[1].kind: 3 is none of its values; they are break remove", 1);
}

static void elements_may_be_older_and_newer(void **state)
{
    struct {
        const char *label;
        int64_t span;
    } older[2] = {{"a", 1}, {"b", 2}};
    struct {
        part known;
        int64_t unknown;
    } newer[2] = {{.known = {.kind = 1}}, {.known = {.kind = 2}}};
    part out;
    sample s = given();

    (void)state;
    s.parts = (const part *)(const void *)older;
    s.n_parts = 2;
    s.part_size = sizeof older[0];
    check_loads(&s);
    sj__options_element(&part_struct, older, sizeof older[0], 1, &out);
    assert_string_equal(out.label, "b");
    assert_int_equal(out.span, 2);
    assert_int_equal(out.kind, 0);
    s.parts = (const part *)(const void *)newer;
    s.part_size = sizeof newer[0];
    check_loads(&s);
    sj__options_element(&part_struct, newer, sizeof newer[0], 1, &out);
    assert_int_equal(out.kind, 2);
    newer[1].unknown = 1;
    check_refused(&s, "parts[1]: a field is set that this library does not know", 1);
}

static void the_size_of_an_element_is_checked(void **state)
{
    const part parts[1] = {{.span = 0}};
    sample s = given();

    (void)state;
    s.parts = parts;
    s.n_parts = 1;
    check_refused(&s, "part_size: 0 bytes are not the size of an element: sizeof(part)", -1);
    s.part_size = part_struct.least - 1;
    check_refused(&s, "part_size:", -1);
    s.part_size = SIZE_MAX;
    check_refused(&s, "part_size:", -1);
    s.part_size = sizeof(part);
    s.n_parts = SIZE_MAX / 8;
    check_refused(&s, "n_parts:", -1);
    s.n_parts = 0;
    s.part_size = 0; /* no elements: their size does not matter */
    check_loads(&s);
}

static void one_field_can_be_checked(void **state)
{
    sample s = given();

    (void)state;
    s.color = 9;
    assert_int_equal(
        sj__options_check_one(&sample_struct, sj__options_field(&sample_struct, "color"), &s), 0);
    assert_int_equal(
        sj__options_check_one(&sample_struct, sj__options_field(&sample_struct, "window"), &s), 1);
}

static void fields_and_values_have_names(void **state)
{
    const sj__field *color = sj__options_field(&sample_struct, "color");
    size_t n = 0;

    (void)state;
    assert_string_equal(color->name, "color");
    assert_null(sj__options_field(&sample_struct, "colour"));
    assert_memory_equal(sj__options_value(color, 1, &n), "red", 3);
    assert_int_equal(n, 3);
    assert_memory_equal(sj__options_value(color, 3, &n), "blue", 4);
    assert_int_equal(n, 4);
    assert_null(sj__options_value(color, 0, &n));
    assert_null(sj__options_value(color, 4, &n));
    assert_null(sj__options_value(sj__options_field(&sample_struct, "top"), 1, &n));
    assert_string_equal(sj__options_kind_name(SJ__KIND_SHAPE), "size");
    assert_string_equal(sj__options_kind_name(SJ__KIND_CHOICE), "choice");
    assert_string_equal(sj__options_kind_name(SJ__KIND_FLAG), "flag");
    assert_string_equal(sj__options_kind_name(SJ__KIND_COUNT), "count");
    assert_string_equal(sj__options_kind_name(SJ__KIND_INTEGER), "integer");
    assert_string_equal(sj__options_kind_name(SJ__KIND_BITS), "bits");
    assert_string_equal(sj__options_kind_name(SJ__KIND_SPAN), "span");
    assert_string_equal(sj__options_kind_name(SJ__KIND_TIME), "time");
    assert_string_equal(sj__options_kind_name(SJ__KIND_REAL), "real");
    assert_string_equal(sj__options_kind_name(SJ__KIND_TEXT), "text");
    assert_string_equal(sj__options_kind_name(SJ__KIND_TEXTS), "texts");
    assert_string_equal(sj__options_kind_name(SJ__KIND_STRUCTS), "structs");
    assert_string_equal(sj__options_kind_name(SJ__KIND_NUMBERS), "numbers");
    assert_string_equal(sj__options_kind_name(SJ__KIND_OBJECT), "object");
    assert_string_equal(sj__options_kind_name(0), "");
    assert_string_equal(sj__options_kind_name(15), "");
    assert_string_equal(sj__options_role_name(SJ__ROLE_COUNTED), "counted");
    assert_string_equal(sj__options_role_name(SJ__ROLE_READ), "read");
    assert_string_equal(sj__options_role_name(SJ__ROLE_SHAPE), "shape");
    assert_string_equal(sj__options_role_name(SJ__ROLE_PRESET), "preset");
    assert_string_equal(sj__options_role_name(-1), "");
}

static void integers_are_read_by_their_width(void **state)
{
    sample s = given();

    (void)state;
    s.offset = -3;
    s.window = INT64_MIN;
    assert_int_equal(sj__options_integer(sj__options_field(&sample_struct, "offset"), &s), -3);
    assert_true(sj__options_integer(sj__options_field(&sample_struct, "window"), &s) == INT64_MIN);
    assert_int_equal(sj__options_integer(sj__options_field(&sample_struct, "struct_size"), &s),
                     sizeof s);
}

static sample colorful(const int64_t *time)
{
    sample s = given();

    s.text = "it's a\\b\nc";
    s.time = time;
    s.window = SJ_INSTANT;
    s.bits = 5;
    s.top = 7; /* read, not counted */
    s.share = 0.1;
    s.color = 2;
    s.strict = -4;
    s.offset = -90;
    s.count = 3;
    return s;
}

static void counted_fields_are_written_a_line_each(void **state)
{
    failing memory = {.fail_at = 0};
    sj_allocator a = failing_allocator(&memory);
    const int64_t time = 0;
    sample s = colorful(&time);
    sj__text text;

    (void)state;
    sj__text_init(&text, &a);
    sj__options_write(&sample_struct, &s, &text);
    assert_string_equal(sj__text_data(&text), "text it's a\\\\b\\nc\n"
                                              "time 1970-01-01T00:00:00.000000Z\n"
                                              "window -1\n"
                                              "bits counts,values\n"
                                              "share 0.1\n"
                                              "color green\n"
                                              "strict 1\n"
                                              "offset -90\n"
                                              "count 3\n");
    sj__text_free(&text);
    failing_check(&memory);
}

static void defaults_write_nothing(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sample s = given();
    sj__text text;

    (void)state;
    sj__text_init(&text, &a);
    sj__options_write(&sample_struct, &s, &text);
    assert_string_equal(sj__text_data(&text), "");
    sj__text_free(&text);
}

static void an_element_is_a_line(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    const part full = {.label = "it's\na\\", .span = 60, .kind = 2, .flag = 5};
    const part bare = {.label = NULL};
    sj__text text;

    (void)state;
    sj__text_init(&text, &a);
    sj__options_line("step", &part_struct, &full, &text);
    sj__options_line("step", &part_struct, &bare, &text);
    assert_string_equal(sj__text_data(&text),
                        "step label='it''s\\na\\\\' span=60 kind=remove flag=1\nstep\n");
    sj__text_free(&text);
}

static void lines_are_walked(void **state)
{
    const char *text = "window 5\nsteps\n\ntext a b \nlast 1";
    const char *const names[] = {"window", "steps", "", "text", "last"};
    const char *const values[] = {"5", "", "", "a b ", "1"};
    const char *p = text;
    const char *name;
    const char *value;
    size_t n_name;
    size_t n_value;
    size_t lines = 0;

    (void)state;
    while ((p = sj__options_next(p, text + strlen(text), &name, &n_name, &value, &n_value))) {
        assert_true(lines < 5);
        assert_int_equal(n_name, strlen(names[lines]));
        assert_memory_equal(name, names[lines], n_name);
        assert_int_equal(n_value, strlen(values[lines]));
        assert_memory_equal(value, values[lines], n_value);
        lines++;
    }
    assert_int_equal(lines, 5);
    assert_null(sj__options_next(text, text, &name, &n_name, &value, &n_value));
    assert_null(sj__options_next(NULL, NULL, &name, &n_name, &value, &n_value));
}

static int set(sample *s, const char *name, const char *value)
{
    return sj__options_set(&sample_struct, s, name, strlen(name), value, strlen(value));
}

static void what_is_written_can_be_set(void **state)
{
    sj_allocator a = sj__allocator(NULL);
    sample s = colorful(NULL);
    sample back = given();
    sj__text text;
    const char *p;
    const char *name;
    const char *value;
    size_t n_name;
    size_t n_value;

    (void)state;
    s.text = NULL; /* texts, times and arrays are read by who owns them */
    s.top = 0;
    s.strict = 1;
    sj__text_init(&text, &a);
    sj__options_write(&sample_struct, &s, &text);
    p = text.data;
    while ((p = sj__options_next(p, text.data + text.size, &name, &n_name, &value, &n_value)))
        assert_int_equal(sj__options_set(&sample_struct, &back, name, n_name, value, n_value), 1);
    assert_memory_equal(&back, &s, sizeof s);
    sj__text_free(&text);
}

static void what_cannot_be_set_changes_nothing(void **state)
{
    static const char *const pairs[][2] = {
        {"text", "a"},
        {"time", "1970-01-01"},
        {"names", "a"},
        {"parts", "a"},
        {"numbers", "1"},
        {"struct_size", "8"},
        {"n_parts", "1"},
        {"baseline", "1"},
        {"nothing", "1"},
        {"windo", "1"},
        {"windows", "1"},
        {"window", "-5"},
        {"window", ""},
        {"window", "1d"},
        {"window", "9223372036854775808"},
        {"bits", "counts,"},
        {"bits", ""},
        {"bits", "counts,weights"},
        {"bits", "5"},
        {"top", "-1"},
        {"share", "x"},
        {"share", "1e400"},
        {"color", "grey"},
        {"color", "1"},
        {"color", "blue"},
        {"color", "gree"},
        {"strict", "2"},
        {"strict", ""},
        {"count", "2147483648"},
        {"offset", "-2147483649"},
    };
    sample s = given();
    sample before;

    (void)state;
    s.window = 3;
    s.share = 0.5;
    s.color = 1;
    before = s;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(set(&s, pairs[i][0], pairs[i][1]), 0);
        assert_memory_equal(&s, &before, sizeof s);
    }
    assert_int_equal(set(&s, "window", "9223372036854775807"), 1);
    assert_true(s.window == SJ_UNLIMITED);
    assert_int_equal(set(&s, "bits", "values,counts"), 1);
    assert_int_equal(s.bits, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_all_defaults),
        cmocka_unit_test(what_is_right_is_copied),
        cmocka_unit_test(a_shorter_struct_is_an_older_one),
        cmocka_unit_test(a_longer_struct_must_be_zero_at_the_end),
        cmocka_unit_test(a_size_that_is_none_is_refused),
        cmocka_unit_test(wrong_numbers_are_named),
        cmocka_unit_test(what_is_not_built_yet_is_refused_by_name),
        cmocka_unit_test(an_array_with_a_count_needs_a_pointer),
        cmocka_unit_test(a_list_of_texts_has_no_null),
        cmocka_unit_test(elements_are_checked_by_their_own_table),
        cmocka_unit_test(elements_may_be_older_and_newer),
        cmocka_unit_test(the_size_of_an_element_is_checked),
        cmocka_unit_test(one_field_can_be_checked),
        cmocka_unit_test(fields_and_values_have_names),
        cmocka_unit_test(integers_are_read_by_their_width),
        cmocka_unit_test(counted_fields_are_written_a_line_each),
        cmocka_unit_test(defaults_write_nothing),
        cmocka_unit_test(an_element_is_a_line),
        cmocka_unit_test(lines_are_walked),
        cmocka_unit_test(what_is_written_can_be_set),
        cmocka_unit_test(what_cannot_be_set_changes_nothing),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
