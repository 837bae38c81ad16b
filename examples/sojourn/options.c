/* An options struct filled from the command line by what the catalog says of its fields: an option
 * that the library gains is one that this program has.  Besides the options that the catalog names
 * there are three forms:
 *
 *     --NAME-flags 'field,field=value,word'   sets fields of the element that the last --NAME added; a field may be
 *                                             called by its first word (min for min_gap), a flag and a word of a choice
 *                                             stand alone
 *     --no-NAME, --NAME [no|yes]              of a choice between no and yes
 *     --NAME WORD=VALUE
 *     of a choice with a sibling field: the table EXTENSIONS
 *     --WORD, --WORD LOW..HIGH                adds a word to a set: the table FORMS */
#include "program.h"

#include <stdio.h>
#include <string.h>

static const extension EXTENSIONS[] = {
    {"tie", "grace", "grace", "SPAN"},
    {"breakdown-at", "step", "breakdown_step", "K"},
};

static const set_form FORMS[] = {
    {"ngrams", "what", "ngrams", "min_length", "max_length"},
    {"indicators", "what", "indicators", NULL, NULL},
};

const set_form *set_form_at(const shape *opened, size_t i)
{
    field set;

    for (size_t k = 0; k < sizeof FORMS / sizeof *FORMS; k++) {
        if (shape_find(opened, FORMS[k].field, &set) && strcmp(set.kind, "bits") == 0 &&
            word_find(set.values, FORMS[k].word, strlen(FORMS[k].word)) && i-- == 0)
            return &FORMS[k];
    }
    return NULL;
}

/* Other names of options. */
static const struct {
    const char *name;
    const char *option;
} ALIASES[] = {{"step-where", "step"}};

const extension *extension_at(size_t i)
{
    return i < sizeof EXTENSIONS / sizeof *EXTENSIONS ? &EXTENSIONS[i] : NULL;
}

/* ---------------------------------------------------------------------------- raw fields -- */

static int64_t raw_get(const unsigned char *bytes, const field *at)
{
    int64_t number = 0;
    int32_t narrow = 0;

    if (at->size == sizeof number) {
        memcpy(&number, bytes + at->offset, sizeof number);
    } else {
        memcpy(&narrow, bytes + at->offset, sizeof narrow);
        number = narrow;
    }
    return number;
}

static void raw_set(unsigned char *bytes, const field *at, int64_t number)
{
    const int32_t narrow = (int32_t)number;

    if (at->size == sizeof number)
        memcpy(bytes + at->offset, &number, sizeof number);
    else
        memcpy(bytes + at->offset, &narrow, sizeof narrow);
}

static void *raw_pointer(const unsigned char *bytes, const field *at)
{
    void *pointer;

    memcpy(&pointer, bytes + at->offset, sizeof pointer);
    return pointer;
}

static void raw_point(unsigned char *bytes, const field *at, const void *pointer)
{
    memcpy(bytes + at->offset, &pointer, sizeof pointer);
}

static int raw_is_set(const unsigned char *bytes, const field *at)
{
    for (size_t i = 0; i < at->size; i++) {
        if (bytes[at->offset + i])
            return 1;
    }
    return 0;
}

/* Appends an element of `size` bytes to an array field; returns it, still zero, and its position.
 */
static unsigned char *raw_append(filling *filled, const field *at, size_t size)
{
    field count;
    int64_t n;
    unsigned char *array;

    if (!shape_find(&filled->shape, at->count_field, &count))
        return NULL;
    n = raw_get(filled->bytes, &count);
    array = pool_more(filled->memory, raw_pointer(filled->bytes, at), (size_t)n, size);
    raw_point(filled->bytes, at, array);
    raw_set(filled->bytes, &count, n + 1);
    if (shape_find(&filled->shape, at->size_field, &count))
        raw_set(filled->bytes, &count, (int64_t)size);
    return array + (size_t)n * size;
}

/* ----------------------------------------------------------------------------------- values -- */

static int value_set(filling *filled, const field *at, const char *option, const char *text);

static int value_choice(filling *filled, const field *at, const char *option, const char *text)
{
    const size_t n = strcspn(text, "=");
    const int64_t position = word_find(at->values, text, n);
    field sibling;

    for (size_t i = 0; position && text[n] && i < sizeof EXTENSIONS / sizeof *EXTENSIONS; i++) {
        const extension *form = &EXTENSIONS[i];

        if (!same_name(form->option, at->option) || strlen(form->word) != n ||
            memcmp(form->word, text, n) != 0 || !shape_find(&filled->shape, form->field, &sibling))
            continue;
        raw_set(filled->bytes, at, position);
        return value_set(filled, &sibling, option, text + n + 1);
    }
    if (!position || text[n])
        return say(EXIT_USAGE, "%s: there is no \"%s\": choose one of %s", option, text,
                   at->values);
    raw_set(filled->bytes, at, position);
    return 0;
}

static int value_bits(filling *filled, const field *at, const char *option, const char *text)
{
    int64_t bits = 0;

    if (strcmp(text, "all") == 0)
        return 0;
    for (const char *word = text;; word++) {
        const size_t n = strcspn(word, ",");
        const int64_t position = word_find(at->values, word, n);

        if (!position)
            return say(EXIT_USAGE,
                       "%s: there is no \"%.*s\": name any of %s with commas between, or all",
                       option, (int)n, word, at->values);
        bits |= INT64_C(1) << (position - 1);
        word += n;
        if (!*word)
            break;
    }
    raw_set(filled->bytes, at, bits);
    return 0;
}

static int value_real(filling *filled, const field *at, const char *option, const char *text)
{
    double number = 0;
    char end = '\0';

    if (sscanf(text, "%lf%c", &number, &end) != 1)
        return say(EXIT_USAGE, "%s: \"%s\" is no number: write one as in 0.25", option, text);
    memcpy(filled->bytes + at->offset, &number, sizeof number);
    return 0;
}

static int value_whole(filling *filled, const field *at, const char *option, const char *text)
{
    const int64_t high = at->size == sizeof(int32_t) ? INT32_MAX : INT64_MAX - 1;
    int64_t number = 0;
    int status;

    if (strcmp(at->kind, "span") == 0)
        status = read_span(option, text, &number);
    else
        status =
            read_number(option, text, strcmp(at->kind, "integer") == 0 ? -high : 0, high, &number);
    if (!status)
        raw_set(filled->bytes, at, number);
    return status;
}

static int value_time(filling *filled, const field *at, const char *option, const char *text)
{
    int64_t *time = pool_take(filled->memory, sizeof *time);
    const int status = read_time(option, text, time);

    if (!status)
        raw_point(filled->bytes, at, time);
    return status;
}

/* The first text of an element, and the element's size; 0 where it has none. */
static int element_text(const field *at, field *text, size_t *size)
{
    shape element;
    int found = 0;

    if (shape_open(at->element, &element))
        return 0;
    *size = element.size;
    for (size_t i = 0; !found && i < element.n_fields; i++) {
        *text = shape_field(&element, i);
        found = strcmp(text->kind, "text") == 0;
    }
    shape_close(&element);
    return found;
}

/* The struct's first text is what --NAME gives. */
static int value_element(filling *filled, const field *at, const char *text)
{
    field first;
    size_t size = 0;
    unsigned char *added = element_text(at, &first, &size) ? raw_append(filled, at, size) : NULL;

    if (!added)
        return say(EXIT_WRONG, "--%s cannot be given here", at->option);
    raw_point(added, &first, text);
    return 0;
}

static int value_set(filling *filled, const field *at, const char *option, const char *text)
{
    const char *kind = at->kind;

    if (strcmp(kind, "structs") == 0)
        return value_element(filled, at, text);
    if (strcmp(kind, "texts") == 0) {
        unsigned char *added = raw_append(filled, at, sizeof text);

        if (added)
            memcpy(added, &text, sizeof text);
        return 0;
    }
    if (raw_is_set(filled->bytes, at))
        return say(EXIT_USAGE, "%s is given twice", option);
    if (strcmp(kind, "choice") == 0)
        return value_choice(filled, at, option, text);
    if (strcmp(kind, "bits") == 0)
        return value_bits(filled, at, option, text);
    if (strcmp(kind, "real") == 0)
        return value_real(filled, at, option, text);
    if (strcmp(kind, "time") == 0)
        return value_time(filled, at, option, text);
    if (strcmp(kind, "text") != 0)
        return value_whole(filled, at, option, text);
    raw_point(filled->bytes, at, text);
    return 0;
}

/* ------------------------------------------------------------------------------ flags -- */

/* The field of an element by its name or the first word of it. */
static int flags_find(const shape *element, const char *key, field *out)
{
    const size_t n = strlen(key);

    if (shape_find_option(element, key, out))
        return 1;
    for (size_t i = 0; n && i < element->n_fields; i++) {
        *out = shape_field(element, i);
        if (strncmp(out->option, key, n) == 0 && out->option[n] == '-')
            return 1;
    }
    return 0;
}

/* One of `field`, `field=value`, `word`; `item` is changed. */
static int flags_item(filling *element, const char *option, char *item)
{
    char *value = strchr(item, '=');
    field found;

    if (value)
        *value++ = '\0';
    if (flags_find(&element->shape, item, &found)) {
        const int is_flag = strcmp(found.kind, "flag") == 0;

        if (is_flag && !value) {
            raw_set(element->bytes, &found, 1);
            return 0;
        }
        if (!is_flag && value && raw_is_set(element->bytes, &found))
            return say(EXIT_USAGE, "%s: %s is given twice", option, item);
        if (!is_flag && value)
            return value_set(element, &found, option, value);
        return say(EXIT_USAGE,
                   is_flag ? "%s: %s takes no value" : "%s: %s needs a value, as in %s=1", option,
                   item, item);
    }
    for (size_t i = 0; !value && i < element->shape.n_fields; i++) {
        found = shape_field(&element->shape, i);
        if (strcmp(found.kind, "choice") != 0 || !word_find(found.values, item, strlen(item)))
            continue;
        return raw_is_set(element->bytes, &found)
                   ? say(EXIT_USAGE, "%s: only one of %s can hold", option, found.values)
                   : value_set(element, &found, option, item);
    }
    return say(EXIT_USAGE, "%s: there is no \"%s\": sojourn help lists the flags", option, item);
}

/* Reads flags into the last element of an array. */
static int flags_read(filling *filled, const field *at, const char *option, const char *text)
{
    filling element = {.memory = filled->memory};
    field count;
    int64_t n = 0;
    char *copy, *next;
    int status;

    if (shape_find(&filled->shape, at->count_field, &count))
        n = raw_get(filled->bytes, &count);
    if (n == 0)
        return say(EXIT_USAGE, "%s stands before the --%s that it belongs to", option, at->option);
    if ((status = shape_open(at->element, &element.shape)) != 0)
        return status;
    element.bytes =
        (unsigned char *)raw_pointer(filled->bytes, at) + (size_t)(n - 1) * element.shape.size;
    copy = pool_take(filled->memory, strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    for (char *item = copy; !status && item; item = next) {
        next = strchr(item, ',');
        if (next)
            *next++ = '\0';
        status = flags_item(&element, option, item);
    }
    shape_close(&element.shape);
    return status;
}

/* ----------------------------------------------------------------------------- filling -- */

int filling_open(const char *struct_name, pool *memory, filling *out)
{
    field size;
    int status;

    *out = (filling){.memory = memory};
    if ((status = shape_open(struct_name, &out->shape)) != 0)
        return status;
    out->bytes = pool_take(memory, out->shape.size);
    if (shape_find(&out->shape, "struct_size", &size))
        raw_set(out->bytes, &size, (int64_t)out->shape.size);
    return 0;
}

void filling_close(filling *filled)
{
    shape_close(&filled->shape);
}

void filling_point(filling *filled, const char *name, const void *pointer)
{
    field at;

    if (shape_find(&filled->shape, name, &at))
        raw_point(filled->bytes, &at, pointer);
}

/* Options that are conditions by themselves; the catalog calls them texts. */
static int is_condition(const field *at)
{
    static const char *const NAMES[] = {"from", "to", "conversion", "error", "custom"};

    for (size_t i = 0; strcmp(at->kind, "text") == 0 && i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(at->name, NAMES[i]) == 0)
            return 1;
    }
    return 0;
}

const char *filling_condition(const filling *filled, size_t i)
{
    for (size_t k = 0; k < filled->shape.n_fields; k++) {
        const field at = shape_field(&filled->shape, k);
        field count, text;
        size_t n, size = 0;

        if (is_condition(&at) && raw_pointer(filled->bytes, &at) && i-- == 0)
            return raw_pointer(filled->bytes, &at);
        const int is_texts = strcmp(at.name, "conditions") == 0;

        if ((!is_texts && strcmp(at.kind, "structs") != 0) ||
            !shape_find(&filled->shape, at.count_field, &count))
            continue;
        n = (size_t)raw_get(filled->bytes, &count);
        if (i >= n) {
            i -= n;
            continue;
        }
        if (is_texts)
            return ((const char *const *)raw_pointer(filled->bytes, &at))[i];
        if (!element_text(&at, &text, &size))
            return NULL;
        return raw_pointer((const unsigned char *)raw_pointer(filled->bytes, &at) + i * size,
                           &text);
    }
    return NULL;
}

int operand_take(operand *from, const char **out)
{
    if (from->attached) {
        *out = from->attached;
    } else if (*from->next && strncmp(*from->next, "--", 2) != 0) {
        *out = *from->next++;
    } else {
        return say(EXIT_USAGE, "%s needs a value (%s=… where it begins with two hyphens)",
                   from->option, from->option);
    }
    return 0;
}

static int is_no_or_yes(const field *at)
{
    return strcmp(at->kind, "choice") == 0 && strcmp(at->values, "no yes") == 0;
}

/* --reuse alone is yes; the next word is its value only where it is no or yes. */
static int filling_no_or_yes(filling *filled, const field *at, operand *given)
{
    const char *text = "yes";

    if (given->attached)
        text = given->attached;
    else if (*given->next && (strcmp(*given->next, "no") == 0 || strcmp(*given->next, "yes") == 0))
        text = *given->next++;
    return value_set(filled, at, given->option, text);
}

static int filling_named(filling *filled, const field *at, operand *given)
{
    const char *text = NULL;
    int status;

    if (is_no_or_yes(at))
        return filling_no_or_yes(filled, at, given);
    if (strcmp(at->kind, "flag") == 0) {
        if (given->attached)
            return say(EXIT_USAGE, "%s takes no value", given->option);
        raw_set(filled->bytes, at, 1);
        return 0;
    }
    status = operand_take(given, &text);
    return status ? status : value_set(filled, at, given->option, text);
}

/* "2..5", or "3" for both. */
static int form_range(filling *filled, const set_form *named, operand *given)
{
    const char *text = NULL, *dots;
    char low[24] = "";
    field least, most;
    int64_t from = 0, to = 0;
    int status = operand_take(given, &text);

    if (status)
        return status;
    dots = strstr(text, "..");
    if (dots && (size_t)(dots - text) >= sizeof low)
        return say(EXIT_USAGE, "%s: \"%s\" is no range: write one as in 2..5", given->option, text);
    (void)snprintf(low, sizeof low, "%.*s", dots ? (int)(dots - text) : (int)sizeof low - 1, text);
    if ((status = read_number(given->option, low, 1, INT32_MAX, &from)) ||
        (status = read_number(given->option, dots ? dots + 2 : text, 1, INT32_MAX, &to)))
        return status;
    if (shape_find(&filled->shape, named->low, &least))
        raw_set(filled->bytes, &least, from);
    if (shape_find(&filled->shape, named->high, &most))
        raw_set(filled->bytes, &most, to);
    return 0;
}

/* The word beside the first of the set, which stays the first table. */
static int filling_form(filling *filled, const set_form *named, operand *given)
{
    field set;

    if (!named->low && given->attached)
        return say(EXIT_USAGE, "%s takes no value", given->option);
    if (shape_find(&filled->shape, named->field, &set))
        raw_set(filled->bytes, &set,
                raw_get(filled->bytes, &set) | 1 |
                    INT64_C(1) << (word_find(set.values, named->word, strlen(named->word)) - 1));
    return named->low ? form_range(filled, named, given) : 0;
}

int filling_option(filling *filled, const char *name, operand *given, int *known)
{
    const size_t n = strlen(name);
    char stem[64] = "";
    const char *text = NULL;
    field found;
    int status;

    for (size_t i = 0; i < sizeof ALIASES / sizeof *ALIASES; i++) {
        if (strcmp(ALIASES[i].name, name) == 0)
            name = ALIASES[i].option;
    }
    *known = 1;
    if (shape_find_option(&filled->shape, name, &found))
        return filling_named(filled, &found, given);
    for (size_t i = 0; set_form_at(&filled->shape, i); i++) {
        if (strcmp(set_form_at(&filled->shape, i)->name, name) == 0)
            return filling_form(filled, set_form_at(&filled->shape, i), given);
    }
    if (n > 6 && n < sizeof stem && strcmp(name + n - 6, "-flags") == 0) {
        memcpy(stem, name, n - 6);
        if (shape_find_option(&filled->shape, stem, &found) && strcmp(found.kind, "structs") == 0) {
            status = operand_take(given, &text);
            return status ? status : flags_read(filled, &found, given->option, text);
        }
    }
    if (strncmp(name, "no-", 3) == 0 && shape_find_option(&filled->shape, name + 3, &found) &&
        is_no_or_yes(&found) && !given->attached)
        return value_set(filled, &found, given->option, "no");
    *known = 0;
    return 0;
}
