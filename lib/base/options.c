/* Loading options structs by their tables.
 *
 * A caller's struct may be older (shorter) or newer (longer) than the library's.  What it lacks is
 * zero, which means the default; what it has beyond must be zero, because an option that the
 * library does not know must not be ignored. */
#include "base/options.h"

#include <string.h>

#include "base/checked.h"

enum {
    OPTIONS_ELEMENT = 512,  /* bytes of the largest element struct, with room to spare */
    OPTIONS_BEYOND = 65536, /* a struct_size so far above the known one is not a size */
    OPTIONS_NAME = 128
};

/* Where a struct stands: at the top, or element `index` of the array `array`. */
typedef struct options_place {
    const sj__struct *shape;
    const char *array;
    int64_t index;
} options_place;

static sj_status options_check(const options_place *place, const void *data, sj_error *error);

/* ----------------------------------------------------------------------------- fields, values --
 */

const sj__field *sj__options_field(const sj__struct *shape, const char *name)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    }
    return NULL;
}

int64_t sj__options_integer(const sj__field *field, const void *data)
{
    const char *at = (const char *)data + field->offset;
    int64_t wide = 0;
    int32_t narrow = 0;

    if (field->size == sizeof wide) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    if (field->size == sizeof narrow)
        memcpy(&narrow, at, sizeof narrow);
    return narrow;
}

const char *sj__options_value(const sj__field *field, int64_t v, size_t *n)
{
    const char *s = field->values;

    if (s == NULL || v < 1)
        return NULL;
    for (; *s != '\0'; v--) {
        size_t length = strcspn(s, " ");

        if (v == 1) {
            *n = length;
            return s;
        }
        s += length;
        s += strspn(s, " ");
    }
    return NULL;
}

const char *sj__options_kind_name(int32_t kind)
{
    static const char *const names[] = {"",        "size",  "choice",  "flag",    "count",
                                        "integer", "bits",  "span",    "time",    "real",
                                        "text",    "texts", "structs", "numbers", "object"};

    return kind > 0 && kind < (int32_t)(sizeof names / sizeof *names) ? names[kind] : "";
}

const char *sj__options_role_name(int32_t role)
{
    static const char *const names[] = {"", "counted", "read", "shape", "preset"};

    return role > 0 && role < (int32_t)(sizeof names / sizeof *names) ? names[role] : "";
}

static const void *options_pointer(const sj__field *field, const void *data)
{
    const void *pointer;

    memcpy(&pointer, (const char *)data + field->offset, sizeof pointer);
    return pointer;
}

/* The number in the field called `name`; `missing` where there is no such field. */
static size_t options_size(const sj__struct *shape, const void *data, const char *name,
                           size_t missing)
{
    const sj__field *field = name != NULL ? sj__options_field(shape, name) : NULL;
    size_t size = missing;

    if (field != NULL && field->size == sizeof size)
        memcpy(&size, (const char *)data + field->offset, sizeof size);
    return size;
}

static int options_is_zero(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return 0;
    }
    return 1;
}

/* ----------------------------------------------------------------------------------- failures --
 */

/* Fails with "field: what", or "array[3].field: what" for an element. */
static sj_status options_fail(const options_place *place, const char *field, const char *what,
                              sj_error *error)
{
    sj__place where = {.index = place->index};

    if (place->array == NULL)
        return sj__fail(error, SJ_ERR_OPTIONS, "%s: %s", field, what);
    return sj__fail_at(error, SJ_ERR_OPTIONS, where, "%s[%i].%s: %s", place->array, place->index,
                       field, what);
}

static sj_status options_fail_choice(const options_place *place, const sj__field *field, int64_t v,
                                     sj_error *error)
{
    char what[sizeof error->message];

    sj__format(what, sizeof what,
               "%i is none of its values; they are %s (1 and so on), 0 is the default", v,
               field->values != NULL ? field->values : "none");
    return options_fail(place, field->name, what, error);
}

static sj_status options_fail_later(const options_place *place, const sj__field *field, int64_t v,
                                    sj_error *error)
{
    char what[sizeof error->message];
    char value[OPTIONS_NAME];
    size_t n;
    const char *name = sj__options_value(field, v, &n);

    if (field->kind != SJ__KIND_CHOICE || name == NULL)
        return options_fail(place, field->name, "not built yet: leave it 0", error);
    n = n < sizeof value ? n : sizeof value - 1;
    memcpy(value, name, n);
    value[n] = '\0';
    sj__format(what, sizeof what, "%s is not built yet: take another value, or leave it 0", value);
    return options_fail(place, field->name, what, error);
}

/* ------------------------------------------------------------------------------------- checks --
 */

static sj_status options_check_integer(const options_place *place, const sj__field *field,
                                       const void *data, sj_error *error)
{
    int64_t v = sj__options_integer(field, data);
    char what[sizeof error->message];
    size_t n;

    switch (field->kind) {
    case SJ__KIND_CHOICE:
        if (v != 0 && sj__options_value(field, v, &n) == NULL)
            return options_fail_choice(place, field, v, error);
        break;
    case SJ__KIND_COUNT:
        if (v >= 0)
            break;
        sj__format(what, sizeof what, "%i is not a count: at least 0", v);
        return options_fail(place, field->name, what, error);
    case SJ__KIND_SPAN:
        if (v >= 0 || v == SJ_INSTANT)
            break;
        sj__format(what, sizeof what,
                   "%i is not a span of time: SJ_INSTANT (-1), or 0 to at most %i microseconds", v,
                   INT64_MAX);
        return options_fail(place, field->name, what, error);
    case SJ__KIND_BITS:
        for (int64_t bit = 1; bit <= 64 && field->values != NULL; bit++) {
            if (((uint64_t)v >> (bit - 1) & 1) != 0 && sj__options_value(field, bit, &n) == NULL) {
                sj__format(what, sizeof what, "bit %i is none of its values: %s", bit - 1,
                           field->values);
                return options_fail(place, field->name, what, error);
            }
        }
        break;
    default:
        break;
    }
    return SJ_OK;
}

static sj_status options_check_real(const options_place *place, const sj__field *field,
                                    const void *data, sj_error *error)
{
    double v;

    memcpy(&v, (const char *)data + field->offset, sizeof v);
    if (v - v != 0.0)
        return options_fail(place, field->name, "not a finite number", error);
    return SJ_OK;
}

static sj_status options_check_texts(const sj__field *field, const char *const *texts, size_t n,
                                     sj_error *error)
{
    for (size_t i = 0; i < n; i++) {
        sj__place where = {.index = (int64_t)i};

        if (texts[i] == NULL)
            return sj__fail_at(error, SJ_ERR_OPTIONS, where, "%s[%i]: NULL is not a text",
                               field->name, where.index);
    }
    return SJ_OK;
}

/* Elements: each as long as its size field says, each checked by its own table. */
static sj_status options_check_structs(const options_place *place, const sj__field *field,
                                       const void *data, const char *array, size_t n,
                                       sj_error *error)
{
    const sj__struct *shape = field->element;
    size_t size = options_size(place->shape, data, field->size_field, shape->size);
    unsigned char element[OPTIONS_ELEMENT];
    char what[sizeof error->message];
    size_t bytes;

    if (SJ__NEVER(shape->size > sizeof element))
        return options_fail(place, field->name, "too large an element", error);
    if (size < shape->least || size > shape->size + OPTIONS_BEYOND) {
        sj__format(what, sizeof what, "%u bytes are not the size of an element: sizeof(%s)",
                   (uint64_t)size, shape->name);
        return options_fail(place, field->size_field, what, error);
    }
    if (!sj__size_multiply(n, size, &bytes)) {
        sj__format(what, sizeof what, "%u elements do not fit into memory", (uint64_t)n);
        return options_fail(place, field->count_field, what, error);
    }
    for (size_t i = 0; i < n; i++) {
        options_place inner = {.shape = shape, .array = field->name, .index = (int64_t)i};
        sj_status status;

        if (size > shape->size &&
            !options_is_zero(array + i * size + shape->size, size - shape->size))
            return sj__fail_at(
                error, SJ_ERR_OPTIONS, (sj__place){.index = inner.index},
                "%s[%i]: a field is set that this library does not know: leave what is "
                "behind its first %u bytes 0",
                field->name, inner.index, (uint64_t)shape->size);
        sj__options_element(shape, array, size, i, element);
        status = options_check(&inner, element, error);
        if (status != SJ_OK)
            return status;
    }
    return SJ_OK;
}

static sj_status options_check_array(const options_place *place, const sj__field *field,
                                     const void *data, sj_error *error)
{
    const void *array = options_pointer(field, data);
    size_t n = options_size(place->shape, data, field->count_field, 0);
    char what[sizeof error->message];

    if (field->later != 0 && (array != NULL || n > 0))
        return options_fail_later(place, field, 0, error);
    if (n == 0)
        return SJ_OK;
    if (array == NULL) {
        sj__format(what, sizeof what, "NULL, although %s is %u", field->count_field, (uint64_t)n);
        return options_fail(place, field->name, what, error);
    }
    if (field->kind == SJ__KIND_TEXTS)
        return options_check_texts(field, array, n, error);
    if (field->kind == SJ__KIND_STRUCTS)
        return options_check_structs(place, field, data, array, n, error);
    return SJ_OK;
}

static int options_is_later(const sj__field *field, const void *data)
{
    int64_t v = sj__options_integer(field, data);

    if (field->kind == SJ__KIND_CHOICE)
        return v > 0 && v < 64 && (field->later >> v & 1) != 0;
    return field->later != 0 && !options_is_zero((const char *)data + field->offset, field->size);
}

static sj_status options_check_field(const options_place *place, const sj__field *field,
                                     const void *data, sj_error *error)
{
    switch (field->kind) {
    case SJ__KIND_TEXTS:
    case SJ__KIND_STRUCTS:
    case SJ__KIND_NUMBERS:
        return options_check_array(place, field, data, error);
    default:
        break;
    }
    if (options_is_later(field, data))
        return options_fail_later(place, field, sj__options_integer(field, data), error);
    return field->kind == SJ__KIND_REAL ? options_check_real(place, field, data, error)
                                        : options_check_integer(place, field, data, error);
}

static sj_status options_check(const options_place *place, const void *data, sj_error *error)
{
    for (size_t i = 0; i < place->shape->n_fields; i++) {
        sj_status status = options_check_field(place, &place->shape->fields[i], data, error);

        if (status != SJ_OK)
            return status;
    }
    return SJ_OK;
}

int sj__options_check_one(const sj__struct *shape, const sj__field *field, const void *data)
{
    options_place place = {.shape = shape, .index = -1};

    return options_check_field(&place, field, data, NULL) == SJ_OK;
}

/* ------------------------------------------------------------------------------------ loading --
 */

sj_status sj__options_load(const sj__struct *shape, const void *given, void *out, sj_error *error)
{
    options_place place = {.shape = shape, .index = -1};
    size_t size = shape->size;
    sj_status status;

    memset(out, 0, shape->size);
    if (given != NULL) {
        memcpy(&size, given, sizeof size);
        if (size < shape->least || size > shape->size + OPTIONS_BEYOND)
            return sj__fail(error, SJ_ERR_ARGUMENT,
                            "struct_size: %u is not the size of a struct %s: set it to sizeof(%s)",
                            (uint64_t)size, shape->name, shape->name);
        if (size > shape->size &&
            !options_is_zero((const char *)given + shape->size, size - shape->size))
            return sj__fail(error, SJ_ERR_OPTIONS,
                            "struct_size: a field of %s is set that this library does not know: "
                            "leave what is behind its first %u bytes 0",
                            shape->name, (uint64_t)shape->size);
        memcpy(out, given, size < shape->size ? size : shape->size);
    }
    memcpy(out, &shape->size, sizeof shape->size);
    status = options_check(&place, out, error);
    if (status != SJ_OK)
        memset(out, 0, shape->size);
    return status;
}

void sj__options_element(const sj__struct *element, const void *array, size_t element_size,
                         size_t i, void *out)
{
    size_t n = element_size < element->size ? element_size : element->size;

    memset(out, 0, element->size);
    memcpy(out, (const char *)array + i * element_size, n);
}
