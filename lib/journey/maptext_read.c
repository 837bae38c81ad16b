/* Marks and names of a map in text, and where in it something is wrong.
 *
 * A bare name goes up to a mark that none has (, : = ' " or ->) and is trimmed; any name can stand
 * in single quotes, doubled inside.  Columns count characters from 1. */
#include "journey/maptext.h"

#include <string.h>

/* -------------------------------------------------------------------------------------- places --
 */

sj__place sj__maptext_place(const sj__maptext *reader, size_t at)
{
    int32_t column = 1;
    for (size_t i = 0; i < at; i++)
        column += ((unsigned char)reader->line[i] & 0xC0) != 0x80 && column < INT32_MAX;
    return (sj__place){.index = (int64_t)((size_t)(reader->line - reader->text) + at),
                       .line = reader->number,
                       .column = column};
}

sj_status sj__maptext_fail(const sj__maptext *reader, size_t at, const char *sentence)
{
    return sj__fail_at(reader->error, SJ_ERR_MAP, sj__maptext_place(reader, at), "%s", sentence);
}

/* Says where an addition failed, whose own place is a byte behind `at`. */
sj_status sj__maptext_locate(const sj__maptext *reader, size_t at, sj_status status,
                             const sj_error *inner)
{
    size_t behind = inner->index > 0 ? (size_t)inner->index : 0;
    if (status == SJ_OK)
        return SJ_OK;
    if (behind > reader->n - at)
        behind = reader->n - at;
    return sj__fail_at(reader->error, status, sj__maptext_place(reader, at + behind), "%s",
                       inner->message);
}

/* --------------------------------------------------------------------------------------- marks --
 */

static void maptext_skip(sj__maptext *reader)
{
    while (reader->at < reader->n &&
           (reader->line[reader->at] == ' ' || reader->line[reader->at] == '\t'))
        reader->at++;
}

int sj__maptext_at_end(sj__maptext *reader)
{
    maptext_skip(reader);
    return reader->at == reader->n;
}

int sj__maptext_take(sj__maptext *reader, const char *mark)
{
    const size_t n = strlen(mark);
    maptext_skip(reader);
    if (reader->n - reader->at < n || memcmp(reader->line + reader->at, mark, n) != 0)
        return 0;
    reader->at += n;
    return 1;
}

/* The next character, or the end, is not what was expected. */
sj_status sj__maptext_expected(sj__maptext *reader, const char *what)
{
    size_t size = 1;
    char found[SJ__SHORT_NAME];
    if (sj__maptext_at_end(reader))
        return sj__fail_at(reader->error, SJ_ERR_MAP, sj__maptext_place(reader, reader->n),
                           "the line ends where %s is expected", what);
    while (reader->at + size < reader->n &&
           ((unsigned char)reader->line[reader->at + size] & 0xC0) == 0x80)
        size++;
    sj__map_shorten(found, reader->line + reader->at, size);
    return sj__fail_at(reader->error, SJ_ERR_MAP, sj__maptext_place(reader, reader->at),
                       "%q stands where %s is expected", found, what);
}

/* --------------------------------------------------------------------------------------- names --
 */

static sj_status maptext_read_quoted(sj__maptext *reader, sj__text *out)
{
    for (size_t i = reader->at + 1; i < reader->n; i++) {
        const char c = reader->line[i];
        if (c == '\'' && (i + 1 == reader->n || reader->line[i + 1] != '\'')) {
            reader->at = i + 1;
            return SJ_OK;
        }
        i += c == '\'';
        sj__text_char(out, c);
    }
    return sj__maptext_fail(reader, reader->at,
                            "this quote never closes; a quote inside is written twice");
}

/* Bytes up to a mark that no bare name has. */
static size_t maptext_bare_size(const sj__maptext *reader)
{
    size_t i = reader->at;
    while (i < reader->n && !strchr(",:='\"", reader->line[i]) &&
           !(reader->line[i] == '-' && i + 1 < reader->n && reader->line[i + 1] == '>'))
        i++;
    return i - reader->at;
}

/* Reads a name into name[which]. */
sj_status sj__maptext_read_name(sj__maptext *reader, int which, const char *what)
{
    sj__text *out = &reader->name[which];
    sj_status status = SJ_OK;
    size_t size = 0;
    const char *bare = NULL;
    sj__text_free(out);
    if (sj__maptext_at_end(reader))
        return sj__maptext_expected(reader, what);
    reader->name_at = reader->at;
    reader->quoted = reader->line[reader->at] == '\'';
    if (reader->quoted) {
        status = maptext_read_quoted(reader, out);
    } else {
        size = maptext_bare_size(reader);
        bare = reader->line + reader->at;
        reader->at += size;
        bare = sj__map_trim(bare, &size);
        sj__text_bytes(out, bare, size);
        if (reader->at < reader->n && strchr("'\"", reader->line[reader->at]))
            return sj__maptext_fail(
                reader, reader->at,
                "a name with a quote in it is written in single quotes, doubled "
                "inside");
        if (size == 0)
            return sj__maptext_expected(reader, what);
    }
    return status ? status : sj__text_status(out, reader->error);
}

const char *sj__maptext_name(const sj__maptext *reader, int which)
{
    return sj__text_data(&reader->name[which]);
}
