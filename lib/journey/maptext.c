/* A map in text, a statement per line (docs/map.md):
 *
 *     stage NAME: NAME, NAME …            channel NAME: NAME, NAME …
 *     micro-conversion NAME = CONDITION [worth AMOUNT | worth value]
 *     expect NAME -> NAME [N%]            # comment, also behind a statement
 *
 * Each statement is added to the map as it is read; what an addition says of a failure gets line
 * and column here. O(bytes). */
#include "journey/maptext.h"

#include <string.h>

#include "base/utf8.h"

/* ---------------------------------------------------------------------------------- statements --
 */

/* The touchpoints of a stage or channel: NAME, NAME … to the end of the line, or none. */
static sj_status maptext_read_touchpoints(sj__maptext *reader, int of_stage)
{
    const char *owner = sj__maptext_name(reader, 0);
    sj_error inner = {0};
    sj_status status = SJ_OK;
    if (sj__maptext_at_end(reader))
        return SJ_OK;
    do {
        if ((status = sj__maptext_read_name(reader, 1, "the name of a touchpoint")))
            return status;
        status = sj__map_add_touchpoint(reader->map, sj__maptext_name(reader, 1),
                                        of_stage ? owner : NULL, of_stage ? NULL : owner, &inner);
        if (status)
            return sj__maptext_locate(reader, reader->name_at, status, &inner);
    } while (sj__maptext_take(reader, ","));
    return sj__maptext_at_end(reader)
               ? SJ_OK
               : sj__maptext_expected(reader, "a comma or the end of the line");
}

/* Of the stages that the text names and those that the map has, one list must begin with the other.
 */
static sj_status maptext_add_stage(sj__maptext *reader)
{
    const sj__intern *stages = &reader->map->stages;
    const char *name = sj__maptext_name(reader, 0);
    const size_t n = reader->name[0].size;
    const uint32_t number = sj__intern_find(stages, name, n);
    sj_error inner = {0};
    if (number != SJ__ABSENT && number < reader->stages)
        return SJ_OK;
    if (reader->stages < stages->count && number != reader->stages)
        return sj__fail_at(reader->error, SJ_ERR_DUPLICATE,
                           sj__maptext_place(reader, reader->name_at),
                           "the stage %q stands where the map has %q already; stages are named in "
                           "their order",
                           name, sj__intern_name(stages, reader->stages, NULL));
    reader->stages++;
    return sj__maptext_locate(reader, reader->name_at,
                              sj__map_add_stage(reader->map, name, n, &inner), &inner);
}

static sj_status maptext_read_stage(sj__maptext *reader)
{
    sj_status status = sj__maptext_read_name(reader, 0, "the name of a stage");
    if (status)
        return status;
    if (!sj__maptext_take(reader, ":"))
        return sj__maptext_expected(reader, "the colon behind a stage's name");
    status = maptext_add_stage(reader);
    return status ? status : maptext_read_touchpoints(reader, 1);
}

static sj_status maptext_read_channel(sj__maptext *reader)
{
    sj_error inner = {0};
    sj_status status = sj__maptext_read_name(reader, 0, "the name of a channel");
    if (status)
        return status;
    if (!sj__maptext_take(reader, ":"))
        return sj__maptext_expected(reader, "the colon behind a channel's name");
    status =
        sj__map_add_channel(reader->map, sj__maptext_name(reader, 0), reader->name[0].size, &inner);
    status = sj__maptext_locate(reader, reader->name_at, status, &inner);
    return status ? status : maptext_read_touchpoints(reader, 0);
}

/* --------------------------------------------------------------------------------------- lines --
 */

typedef struct maptext_statement {
    const char *keyword;
    sj_status (*read)(sj__maptext *reader);
} maptext_statement;

static const maptext_statement maptext_statements[] = {
    {"stage", maptext_read_stage},
    {"channel", maptext_read_channel},
    {"micro-conversion", sj__maptext_read_conversion},
    {"expect", sj__maptext_read_expected}};

/* Bytes before a # outside quotes. */
static size_t maptext_without_comment(const char *line, size_t n)
{
    char quote = '\0';
    for (size_t i = 0; i < n; i++) {
        if (quote) {
            quote = line[i] == quote ? '\0' : quote;
        } else if (line[i] == '\'' || line[i] == '"') {
            quote = line[i];
        } else if (line[i] == '#') {
            return i;
        }
    }
    return n;
}

static sj_status maptext_read_line(sj__maptext *reader)
{
    size_t size = 0;
    char found[SJ__SHORT_NAME];
    if (sj__maptext_at_end(reader))
        return SJ_OK;
    while (reader->at + size < reader->n && !strchr(" \t:='\"", reader->line[reader->at + size]))
        size++;
    for (size_t i = 0; i < sizeof maptext_statements / sizeof *maptext_statements; i++) {
        const maptext_statement *statement = &maptext_statements[i];
        if (strlen(statement->keyword) == size &&
            memcmp(statement->keyword, reader->line + reader->at, size) == 0) {
            reader->at += size;
            return statement->read(reader);
        }
    }
    sj__map_shorten(found, reader->line + reader->at, size);
    return sj__fail_at(reader->error, SJ_ERR_MAP, sj__maptext_place(reader, reader->at),
                       "a line begins with stage, channel, micro-conversion, expect or #, not "
                       "with %q",
                       found);
}

static sj_status maptext_check_utf8(sj__maptext *reader, size_t size)
{
    const size_t bad = sj__utf8_check(reader->text, size);
    if (bad == size)
        return SJ_OK;
    for (size_t i = 0; i < bad; i++) {
        if (reader->text[i] == '\n') {
            reader->number++;
            reader->line = reader->text + i + 1;
        }
    }
    return sj__fail_at(reader->error, SJ_ERR_UTF8,
                       sj__maptext_place(reader, (size_t)(reader->text + bad - reader->line)),
                       "the map is not UTF-8 here, or has a NUL");
}

sj_status sj__map_parse(sj__map *map, const char *text, size_t size, sj_error *error)
{
    sj__maptext reader = {.map = map, .text = text, .line = text, .number = 1, .error = error};
    sj_status status = maptext_check_utf8(&reader, size);
    size_t at = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    sj__text_init(&reader.name[0], map->allocator);
    sj__text_init(&reader.name[1], map->allocator);
    for (; !status && at < size; reader.number++) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t n = end ? (size_t)(end - text) - at : size - at;
        reader.line = text + at;
        reader.n = n && text[at + n - 1] == '\r' ? n - 1 : n;
        reader.n = maptext_without_comment(reader.line, reader.n);
        reader.at = 0;
        status = maptext_read_line(&reader);
        at += n + 1;
    }
    sj__text_free(&reader.name[0]);
    sj__text_free(&reader.name[1]);
    return status;
}
