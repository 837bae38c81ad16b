/* Errors and their sentences.
 *
 * Messages are formatted here, with four directives, so that the library needs neither the printf
 * family nor the locale. The sentence is built aside and copied last: an argument may point into
 * the error that is being filled.  Cut texts end at a character's border, and control
 * characters in texts are replaced, so that a message stays one line of UTF-8. */
#include "base/status.h"

#include <stdarg.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

#ifndef SJ__VERSION
#define SJ__VERSION "0.1.0"
#endif

enum { STATUS_QUOTED = 60 }; /* bytes of a quoted text that a message shows at most */

const char *sj_version(void)
{
    return SJ__VERSION;
}

typedef struct status_row {
    sj_status code;
    const char *name;
} status_row;

const char *sj_status_name(sj_status status)
{
    static const status_row rows[] = {{SJ_OK, "SJ_OK"},
                                      {SJ_ERR_NOMEM, "SJ_ERR_NOMEM"},
                                      {SJ_ERR_ARGUMENT, "SJ_ERR_ARGUMENT"},
                                      {SJ_ERR_OPTIONS, "SJ_ERR_OPTIONS"},
                                      {SJ_ERR_LIMIT, "SJ_ERR_LIMIT"},
                                      {SJ_ERR_OVERFLOW, "SJ_ERR_OVERFLOW"},
                                      {SJ_ERR_CANCELLED, "SJ_ERR_CANCELLED"},
                                      {SJ_ERR_UTF8, "SJ_ERR_UTF8"},
                                      {SJ_ERR_NAME, "SJ_ERR_NAME"},
                                      {SJ_ERR_DUPLICATE, "SJ_ERR_DUPLICATE"},
                                      {SJ_ERR_TIME, "SJ_ERR_TIME"},
                                      {SJ_ERR_VALUE, "SJ_ERR_VALUE"},
                                      {SJ_ERR_CONDITION, "SJ_ERR_CONDITION"},
                                      {SJ_ERR_MAP, "SJ_ERR_MAP"},
                                      {SJ_ERR_CSV, "SJ_ERR_CSV"},
                                      {SJ_ERR_FILE, "SJ_ERR_FILE"},
                                      {SJ_ERR_FORMAT, "SJ_ERR_FORMAT"},
                                      {SJ_ERR_VERSION, "SJ_ERR_VERSION"},
                                      {SJ_ERR_MISMATCH, "SJ_ERR_MISMATCH"},
                                      {SJ_ERR_NEGATIVE, "SJ_ERR_NEGATIVE"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].code == status)
            return rows[i].name;
    }
    return "SJ_ERR_UNKNOWN";
}

/* A sentence being written into a fixed room; `used` may not pass `room`. */
typedef struct status_line {
    char *to;
    size_t room;
    size_t used;
    int full;
} status_line;

static void status_put(status_line *line, const char *s, size_t n)
{
    size_t left = line->room - line->used;

    if (line->full)
        return;
    if (n > left) {
        n = left;
        while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80)
            n--;
        line->full = 1;
    }
    memcpy(line->to + line->used, s, n);
    line->used += n;
}

/* Texts may come from outside: what is not a printable character of well-formed UTF-8 is shown as
 * '?'.  `good` of the n bytes are well-formed. */
static void status_put_clean(status_line *line, const char *s, size_t n, size_t good)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        size_t start = i;

        if (c < 0x20 || c == 0x7F || (c >= 0x80 && good < n)) {
            status_put(line, "?", 1);
            continue;
        }
        while (c >= 0x80 && i + 1 < n && ((unsigned char)s[i + 1] & 0xC0) == 0x80)
            i++;
        status_put(line, s + start, i + 1 - start);
    }
}

static void status_put_text(status_line *line, const char *s)
{
    size_t n = strlen(s);

    status_put_clean(line, s, n, sj__utf8_check(s, n));
}

static void status_put_quoted(status_line *line, const char *s)
{
    size_t n = strlen(s);
    size_t good = sj__utf8_check(s, n);
    size_t shown = n;

    if (n > STATUS_QUOTED)
        shown = good >= STATUS_QUOTED ? sj__utf8_cut(s, good, STATUS_QUOTED) : STATUS_QUOTED;
    status_put(line, "'", 1);
    status_put_clean(line, s, shown, good);
    if (shown < n)
        status_put(line, "\xE2\x80\xA6", 3);
    status_put(line, "'", 1);
}

/* The analyser of clang 14 loses sight of va_start across functions. */
/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized) */
static void status_format(status_line *line, const char *format, va_list arguments)
{
    char digits[24];

    for (const char *p = format; *p != '\0'; p++) {
        const char *percent = strchr(p, '%');

        if (percent == NULL || percent[1] == '\0') {
            status_put(line, p, strlen(p));
            return;
        }
        status_put(line, p, (size_t)(percent - p));
        p = percent + 1;
        switch (*p) {
        case 's':
            status_put_text(line, va_arg(arguments, const char *));
            break;
        case 'q':
            status_put_quoted(line, va_arg(arguments, const char *));
            break;
        case 'i':
            status_put(line, digits, sj__write_integer(digits, va_arg(arguments, int64_t)));
            break;
        case 'u':
            status_put(line, digits, sj__write_unsigned(digits, va_arg(arguments, uint64_t)));
            break;
        default:
            status_put(line, p, 1);
            break;
        }
    }
}
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */

static size_t status_write(char *to, size_t room, const char *format, va_list arguments)
{
    status_line line = {.to = to, .room = room - 1};

    status_format(&line, format, arguments);
    to[line.used] = '\0';
    return line.used;
}

size_t sj__format(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    size_t n;

    va_start(arguments, format);
    n = status_write(to, room, format, arguments);
    va_end(arguments);
    return n;
}

static void status_fill(sj_error *error, sj_status code, sj__place place, const char *format,
                        va_list arguments)
{
    sj_error filled = {
        .code = code, .column = place.column, .index = place.index, .line = place.line};

    if (error == NULL)
        return;
    status_write(filled.message, sizeof filled.message, format, arguments);
    *error = filled;
}

sj_status sj__fail(sj_error *error, sj_status code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    status_fill(error, code, SJ__NOWHERE, format, arguments);
    va_end(arguments);
    return code;
}

sj_status sj__fail_at(sj_error *error, sj_status code, sj__place place, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    status_fill(error, code, place, format, arguments);
    va_end(arguments);
    return code;
}

sj_status sj__fail_nomem(sj_error *error)
{
    return sj__fail(error, SJ_ERR_NOMEM, "out of memory: the allocator returned NULL");
}
