/* The header line: which character parts the columns, and which column is which.
 *
 * The delimiter is looked for in the header alone, because data may hold any of the candidates more
 * often: of comma, semicolon, tab and bar the one under which all needed columns are found, and of
 * several such the one that parts the line most often.  O(candidates × header). */
#include "io/csv.h"

#include <string.h>

#include "base/utf8.h"

/* The most bytes that a header line may have. */
#define CSV_HEADER_LIMIT SJ__CSV_FIELD_LIMIT

static const char csv_header_delimiters[] = {',', ';', '\t', '|'};

/* Whether a field of the header, its doubled quotes taken as one each, is `name`. */
static int csv_header_is(const sj__csv_scan *scan, const sj__csv_field *field, const char *name)
{
    size_t at = field->begin;
    for (; *name != '\0'; name++, at++) {
        if (at >= field->end || scan->bytes[at] != *name)
            return 0;
        if (field->doubled && *name == '"')
            at++;
    }
    return at == field->end;
}

/* How many columns have the name; *first is the first of them, *second the one after it. */
static size_t csv_header_find(const sj__csv_scan *scan, const char *name, size_t *first,
                              size_t *second)
{
    size_t found = 0;
    size_t i;
    for (i = 0; i < scan->n_fields; i++) {
        if (!csv_header_is(scan, &scan->fields[i], name))
            continue;
        if (found == 0)
            *first = i;
        else if (found == 1)
            *second = i;
        found++;
    }
    return found;
}

/* Splits the header line; SJ__CSV_MORE where it may not be all there. */
static int csv_header_split(sj__csv_header *header, sj__csv_scan *scan, const sj__csv_text *text,
                            uint64_t offset, int32_t delimiter)
{
    sj__csv_scan_init(scan, delimiter, offset);
    scan->fields = header->fields;
    scan->room = header->fields != NULL ? header->max_columns : 0;
    sj__csv_feed(scan, text->bytes, text->size, text->last);
    return sj__csv_next(scan);
}

/* Reads until the header line is all there under every delimiter that is tried. */
static sj_status csv_header_fetch(sj__csv_header *header, sj__csv_scan *scan, sj__csv_text *text,
                                  uint64_t offset, const char *tried, size_t n_tried,
                                  sj_error *error)
{
    size_t i = 0;
    while (i < n_tried) {
        int found = csv_header_split(header, scan, text, offset, tried[i]);
        sj_status status;
        if (found != SJ__CSV_MORE) {
            if (found == SJ__CSV_RECORD && scan->n_fields > header->max_columns)
                header->max_columns = scan->n_fields;
            i++;
            continue;
        }
        if (text->size > CSV_HEADER_LIMIT)
            return sj__fail_at(error, SJ_ERR_LIMIT,
                               (sj__place){.index = (int64_t)offset, .line = 1, .column = 1},
                               "line 1: the header line is longer than 16 MiB");
        status = sj__csv_text_more(text, 0, error);
        if (status != SJ_OK)
            return status;
    }
    return SJ_OK;
}

/* Needed columns that are found, once each. */
static size_t csv_header_score(const sj__csv_header *header, const sj__csv_scan *scan)
{
    size_t score = 0;
    size_t first = 0, second = 0;
    size_t i;
    for (i = 0; i < header->n_roles; i++)
        score += csv_header_find(scan, header->roles[i].name, &first, &second) == 1;
    return score;
}

static int32_t csv_header_guess(sj__csv_header *header, sj__csv_scan *scan,
                                const sj__csv_text *text, uint64_t offset, const char *tried,
                                size_t n_tried)
{
    int32_t best = tried[0];
    size_t best_fields = 0;
    int best_all = 0;
    size_t i;
    for (i = 0; i < n_tried; i++) {
        int all;
        if (csv_header_split(header, scan, text, offset, tried[i]) != SJ__CSV_RECORD)
            continue;
        all = scan->fault == SJ__CSV_SOUND && csv_header_score(header, scan) == header->n_roles;
        if (all > best_all || (all == best_all && scan->n_fields > best_fields)) {
            best = tried[i];
            best_fields = scan->n_fields;
            best_all = all;
        }
    }
    return best;
}

/* ---- what is missing ---- */

/* The column whose name is nearest, SIZE_MAX where none is near. */
static size_t csv_header_nearest(const sj__csv_scan *scan, const char *name)
{
    size_t n = strlen(name);
    size_t least = n / 3 + 2; /* one more than what is still near */
    size_t nearest = SIZE_MAX;
    size_t i;
    for (i = 0; i < scan->n_fields; i++) {
        const sj__csv_field *field = &scan->fields[i];
        size_t distance = sj__text_distance(name, n, scan->bytes + field->begin,
                                            field->end - field->begin, least);
        if (distance < least) {
            nearest = i;
            least = distance;
        }
    }
    return nearest;
}

/* What there is instead of the column that is missing: the nearest name, or all of them. */
static void csv_header_describe(const sj__csv_scan *scan, const char *name, sj__text *text)
{
    size_t nearest = csv_header_nearest(scan, name);
    size_t listed = 0;
    size_t i;
    sj__text_add(text, nearest == SIZE_MAX ? "the columns are" : "the nearest is");
    for (i = 0; i < scan->n_fields && text->size < sizeof(sj_error); i++) {
        const char *column = scan->bytes + scan->fields[i].begin;
        size_t size = scan->fields[i].end - scan->fields[i].begin;
        if ((nearest != SIZE_MAX && i != nearest) || sj__utf8_check(column, size) != size)
            continue;
        sj__text_add(text, listed++ == 0 ? " `" : ", `");
        sj__text_bytes(text, column, size);
        sj__text_char(text, '`');
    }
}

static sj_status csv_header_fail_missing(const sj__csv_scan *scan, const char *name,
                                         const sj_allocator *allocator, sj_error *error)
{
    sj__text text;
    sj_status status;
    sj__text_init(&text, allocator);
    csv_header_describe(scan, name, &text);
    status = sj__text_status(&text, error);
    if (status == SJ_OK)
        status = sj__fail_at(error, SJ_ERR_CSV, sj__csv_place(scan, scan->start),
                             "line %i: there is no column `%s`; %s", scan->line, name,
                             sj__text_data(&text));
    sj__text_free(&text);
    return status;
}

static sj_status csv_header_fail_fault(const sj__csv_scan *scan, sj_error *error)
{
    if (scan->fault == SJ__CSV_OPEN)
        return sj__fail_at(error, SJ_ERR_CSV, scan->place,
                           "line %i: a quote in the header never closes", scan->place.line);
    if (scan->fault == SJ__CSV_LONG)
        return sj__fail_at(error, SJ_ERR_LIMIT, scan->place,
                           "line %i: a name in the header is longer than 16 MiB", scan->place.line);
    return sj__fail_at(error, SJ_ERR_CSV, scan->place,
                       "line %i: characters follow a closing quote in the header; a quote inside a "
                       "field is doubled",
                       scan->place.line);
}

/* Finds the column of each role. */
static sj_status csv_header_resolve(sj__csv_header *header, const sj__csv_scan *scan,
                                    const sj_allocator *allocator, sj_error *error)
{
    size_t i;
    for (i = 0; i < header->n_roles; i++) {
        sj__csv_role *role = &header->roles[i];
        size_t second = 0;
        size_t found = csv_header_find(scan, role->name, &role->column, &second);
        if (found == 0)
            return csv_header_fail_missing(scan, role->name, allocator, error);
        if (found > 1) {
            sj__place place = sj__csv_place(scan, scan->fields[second].begin -
                                                      (size_t)scan->fields[second].quoted);
            return sj__fail_at(
                error, SJ_ERR_CSV, place,
                "line %i: the header names the column `%s` %u times; it must be there once",
                place.line, role->name, (uint64_t)found);
        }
    }
    return SJ_OK;
}

/* ---- reading ---- */

static void csv_header_role(sj__csv_header *header, int32_t kind, const char *name)
{
    if (name != NULL)
        header->roles[header->n_roles++] = (sj__csv_role){.kind = kind, .name = name};
}

static sj_status csv_header_roles(sj__csv_header *header, const sj_csv_options *options,
                                  const sj_allocator *allocator, sj_error *error)
{
    size_t i;
    header->max_roles = options->n_attributes + SJ__CSV_ATTRIBUTE;
    header->roles = sj__alloc(allocator, header->max_roles, sizeof *header->roles);
    if (header->roles == NULL)
        return sj__fail_nomem(error);
    csv_header_role(header, SJ__CSV_CUSTOMER, options->customer);
    csv_header_role(header, SJ__CSV_TIME, options->time);
    csv_header_role(header, SJ__CSV_TOUCHPOINT, options->touchpoint);
    csv_header_role(header, SJ__CSV_CHANNEL, options->channel);
    csv_header_role(header, SJ__CSV_VALUE, options->value);
    for (i = 0; i < options->n_attributes; i++)
        csv_header_role(header, SJ__CSV_ATTRIBUTE, options->attributes[i]);
    return SJ_OK;
}

/* Fetches the beginning of the text and takes a byte order mark off; *offset is where the text
 * begins. */
static sj_status csv_header_start(sj__csv_text *text, uint64_t *offset, sj_error *error)
{
    const unsigned char *b;
    size_t first;
    sj_status status = sj__csv_text_more(text, 0, error);
    if (status != SJ_OK)
        return status;
    b = (const unsigned char *)text->bytes;
    first = text->size < 4 ? text->size : 4;
    if (first >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF) ||
                       memchr(b, 0, first) != NULL))
        return sj__fail_at(
            error, SJ_ERR_CSV, (sj__place){.index = 0, .line = 1, .column = 1},
            "line 1: the text is UTF-16 or UTF-32, and only UTF-8 is read: save it as UTF-8");
    if (first >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        *offset = 3;
        text->size -= 3;
        memmove(text->bytes, text->bytes + 3, text->size);
    }
    return SJ_OK;
}

sj_status sj__csv_header_read(sj__csv_header *header, sj__csv_scan *scan, sj__csv_text *text,
                              const sj_csv_options *options, const sj_allocator *allocator,
                              sj_error *error)
{
    const char given = (char)options->delimiter;
    const char *tried = options->delimiter != 0 ? &given : csv_header_delimiters;
    size_t n_tried = options->delimiter != 0 ? 1 : sizeof csv_header_delimiters;
    uint64_t offset = 0;
    sj_status status;
    memset(header, 0, sizeof *header);
    status = csv_header_roles(header, options, allocator, error);
    if (status == SJ_OK)
        status = csv_header_start(text, &offset, error);
    if (status == SJ_OK)
        status = csv_header_fetch(header, scan, text, offset, tried, n_tried, error);
    if (status != SJ_OK)
        return status;
    header->fields = sj__alloc(allocator, header->max_columns, sizeof *header->fields);
    if (header->fields == NULL)
        return sj__fail_nomem(error);
    header->delimiter = csv_header_guess(header, scan, text, offset, tried, n_tried);
    if (csv_header_split(header, scan, text, offset, header->delimiter) != SJ__CSV_RECORD)
        return sj__fail_at(
            error, SJ_ERR_CSV, (sj__place){.index = (int64_t)offset, .line = 1, .column = 1},
            "the text is empty: a header line with the names of the columns is expected");
    if (scan->fault != SJ__CSV_SOUND)
        return csv_header_fail_fault(scan, error);
    header->n_columns = scan->n_fields;
    scan->limit = scan->n_fields;
    return csv_header_resolve(header, scan, allocator, error);
}

void sj__csv_header_free(sj__csv_header *header, const sj_allocator *allocator)
{
    sj__free(allocator, header->roles, header->max_roles, sizeof *header->roles);
    sj__free(allocator, header->fields, header->max_columns, sizeof *header->fields);
}
