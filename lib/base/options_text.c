/* Options as lines of text, and back: the part of a tally's text, of the command line and of
 * presets that is the same for all options structs.  What is 0 is the default and is not written,
 * so that an option that a later library adds leaves the text of those who do not use it alone. */
#include "base/options.h"

#include <string.h>

#include "base/number.h"

static void options_put_escaped(sj__text *text, const char *s)
{
    while (*s != '\0') {
        size_t plain = strcspn(s, "\n\\");

        sj__text_bytes(text, s, plain);
        s += plain;
        if (*s == '\0')
            break;
        sj__text_add(text, *s == '\n' ? "\\n" : "\\\\");
        s++;
    }
}

/* In single quotes, with quotes doubled and newlines escaped. */
static void options_put_quoted(sj__text *text, const char *s)
{
    sj__text_char(text, '\'');
    for (; *s != '\0'; s++) {
        char piece[2] = {*s, '\0'};

        if (*s == '\'')
            sj__text_add(text, "''");
        else
            options_put_escaped(text, piece);
    }
    sj__text_char(text, '\'');
}

static void options_put_bits(const sj__field *field, int64_t v, sj__text *text)
{
    int first = 1;

    for (int64_t bit = 1; bit <= 64; bit++) {
        size_t n;
        const char *name = sj__options_value(field, bit, &n);

        if (name == NULL)
            return;
        if (((uint64_t)v >> (bit - 1) & 1) == 0)
            continue;
        if (!first)
            sj__text_char(text, ',');
        sj__text_bytes(text, name, n);
        first = 0;
    }
}

static void options_put_integer(const sj__field *field, const void *data, sj__text *text)
{
    int64_t v = sj__options_integer(field, data);
    size_t n;
    const char *name;

    switch (field->kind) {
    case SJ__KIND_FLAG:
        sj__text_char(text, '1');
        break;
    case SJ__KIND_BITS:
        options_put_bits(field, v, text);
        break;
    case SJ__KIND_CHOICE:
        name = sj__options_value(field, v, &n);
        if (name != NULL)
            sj__text_bytes(text, name, n);
        break;
    default:
        sj__text_integer(text, v);
        break;
    }
}

/* The value of a scalar field that is not 0; texts as `quoted` says. */
static void options_put(const sj__field *field, const void *data, int quoted, sj__text *text)
{
    const char *at = (const char *)data + field->offset;
    const int64_t *time;
    const char *s;
    double real;

    switch (field->kind) {
    case SJ__KIND_TEXT:
        memcpy(&s, at, sizeof s);
        if (quoted)
            options_put_quoted(text, s);
        else
            options_put_escaped(text, s);
        break;
    case SJ__KIND_TIME:
        memcpy(&time, at, sizeof time);
        sj__text_time(text, *time);
        break;
    case SJ__KIND_REAL:
        memcpy(&real, at, sizeof real);
        sj__text_real(text, real);
        break;
    default:
        options_put_integer(field, data, text);
        break;
    }
}

/* Counted, one value, and not 0. */
static int options_is_written(const sj__field *field, const void *data)
{
    static const char zero[sizeof(uint64_t)];

    switch (field->kind) {
    case SJ__KIND_SHAPE:
    case SJ__KIND_TEXTS:
    case SJ__KIND_STRUCTS:
    case SJ__KIND_NUMBERS:
    case SJ__KIND_OBJECT:
        return 0;
    default:
        break;
    }
    if (field->role != SJ__ROLE_COUNTED || field->size > sizeof zero)
        return 0;
    return memcmp((const char *)data + field->offset, zero, field->size) != 0;
}

void sj__options_write(const sj__struct *shape, const void *data, sj__text *text)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const sj__field *field = &shape->fields[i];

        if (!options_is_written(field, data))
            continue;
        sj__text_add(text, field->name);
        sj__text_char(text, ' ');
        options_put(field, data, 0, text);
        sj__text_char(text, '\n');
    }
}

void sj__options_line(const char *name, const sj__struct *element, const void *data, sj__text *text)
{
    sj__text_add(text, name);
    for (size_t i = 0; i < element->n_fields; i++) {
        const sj__field *field = &element->fields[i];

        if (!options_is_written(field, data))
            continue;
        sj__text_char(text, ' ');
        sj__text_add(text, field->name);
        sj__text_char(text, '=');
        options_put(field, data, 1, text);
    }
    sj__text_char(text, '\n');
}

const char *sj__options_next(const char *text, const char *end, const char **name, size_t *n_name,
                             const char **value, size_t *n_value)
{
    const char *newline;
    const char *stop;
    const char *blank;

    if (text == NULL || text >= end)
        return NULL;
    newline = memchr(text, '\n', (size_t)(end - text));
    stop = newline != NULL ? newline : end;
    blank = memchr(text, ' ', (size_t)(stop - text));
    *name = text;
    *n_name = (size_t)((blank != NULL ? blank : stop) - text);
    *value = blank != NULL ? blank + 1 : stop;
    *n_value = (size_t)(stop - *value);
    return newline != NULL ? newline + 1 : end;
}

/* The number of a value by name; 0 if there is none. */
static int64_t options_number(const sj__field *field, const char *name, size_t n)
{
    size_t length;
    const char *s;

    for (int64_t v = 1; (s = sj__options_value(field, v, &length)) != NULL; v++) {
        if (length == n && memcmp(s, name, n) == 0)
            return v;
    }
    return 0;
}

static int options_read_bits(const sj__field *field, const char *value, size_t n, int64_t *out)
{
    uint64_t bits = 0;

    while (n > 0) {
        const char *comma = memchr(value, ',', n);
        size_t length = comma != NULL ? (size_t)(comma - value) : n;
        int64_t v = options_number(field, value, length);

        if (v == 0 || v > 64)
            return 0;
        bits |= UINT64_C(1) << (v - 1);
        if (length + 1 == n) /* a comma with nothing behind it */
            return 0;
        value += length + (comma != NULL);
        n -= length + (comma != NULL);
    }
    *out = (int64_t)bits;
    return bits != 0;
}

static int options_read_integer(const sj__field *field, const char *value, size_t n, int64_t *out)
{
    switch (field->kind) {
    case SJ__KIND_CHOICE:
        *out = options_number(field, value, n);
        return *out != 0;
    case SJ__KIND_BITS:
        return options_read_bits(field, value, n, out);
    case SJ__KIND_FLAG:
        *out = 1;
        return n == 1 && *value == '1';
    case SJ__KIND_COUNT:
    case SJ__KIND_INTEGER:
    case SJ__KIND_SPAN:
        return sj__read_integer(value, n, out) == SJ__READ_OK;
    default:
        return 0;
    }
}

/* Puts v into an integer field of 4 or 8 bytes; 0 where it does not fit. */
static int options_store(const sj__field *field, void *data, int64_t v)
{
    char *at = (char *)data + field->offset;
    int32_t narrow = (int32_t)v;

    if (field->size == sizeof v) {
        memcpy(at, &v, sizeof v);
        return 1;
    }
    if (field->size != sizeof narrow || (int64_t)narrow != v)
        return 0;
    memcpy(at, &narrow, sizeof narrow);
    return 1;
}

int sj__options_set(const sj__struct *shape, void *data, const char *name, size_t n_name,
                    const char *value, size_t n_value)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const sj__field *field = &shape->fields[i];
        char before[sizeof(int64_t)];
        int64_t v;
        double real;
        int set = 0;

        if (strlen(field->name) != n_name || memcmp(field->name, name, n_name) != 0)
            continue;
        if (field->size > sizeof before)
            return 0;
        memcpy(before, (char *)data + field->offset, field->size);
        if (field->kind == SJ__KIND_REAL) {
            set = sj__read_real(value, n_value, &real) == SJ__READ_OK;
            if (set)
                memcpy((char *)data + field->offset, &real, sizeof real);
        } else {
            set = options_read_integer(field, value, n_value, &v) && options_store(field, data, v);
        }
        if (set && !sj__options_check_one(shape, field, data)) {
            memcpy((char *)data + field->offset, before, field->size);
            set = 0;
        }
        return set;
    }
    return 0;
}
