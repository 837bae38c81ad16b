/* Text that grows by half at a time, and the public buffer that it becomes.  The first failed
 * allocation stops it: what is added afterwards is dropped, so callers check once, at the end. */
#include "base/text.h"

#include <string.h>

#include "base/checked.h"
#include "base/number.h"
#include "base/time.h"

struct sj_buffer {
    sj_allocator allocator;
    char *data;
    size_t size;
    size_t capacity;
};

void sj__text_init(sj__text *text, const sj_allocator *allocator)
{
    *text = (sj__text){.allocator = allocator};
}

void sj__text_free(sj__text *text)
{
    sj__free(text->allocator, text->data, text->capacity, 1);
    sj__text_init(text, text->allocator);
}

/* Room for n more bytes and the NUL; 0 if there is none. */
static int text_room(sj__text *text, size_t n)
{
    size_t need;

    if (text->failed)
        return 0;
    if (!sj__size_add(text->size, n, &need) || !sj__size_add(need, 1, &need) ||
        sj__grow(text->allocator, &text->data, &text->capacity, need, NULL) != SJ_OK)
        text->failed = 1;
    return !text->failed;
}

void sj__text_bytes(sj__text *text, const void *bytes, size_t n)
{
    if (!text_room(text, n))
        return;
    if (n > 0)
        memcpy(text->data + text->size, bytes, n);
    text->size += n;
    text->data[text->size] = '\0';
}

void sj__text_add(sj__text *text, const char *s)
{
    sj__text_bytes(text, s, strlen(s));
}

void sj__text_char(sj__text *text, char c)
{
    sj__text_bytes(text, &c, 1);
}

void sj__text_integer(sj__text *text, int64_t v)
{
    char digits[20];

    sj__text_bytes(text, digits, sj__write_integer(digits, v));
}

void sj__text_unsigned(sj__text *text, uint64_t v)
{
    char digits[20];

    sj__text_bytes(text, digits, sj__write_unsigned(digits, v));
}

void sj__text_real(sj__text *text, double v)
{
    char digits[32];

    sj__text_bytes(text, digits, sj__write_real(digits, v));
}

void sj__text_fixed6(sj__text *text, int64_t millionths)
{
    uint64_t size = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
    uint64_t rest = size % 1000000;
    char digits[7] = ".000000";
    size_t n = 7;

    if (millionths < 0)
        sj__text_char(text, '-');
    sj__text_unsigned(text, size / 1000000);
    if (rest == 0)
        return;
    for (size_t i = 6; i > 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    while (digits[n - 1] == '0')
        n--;
    sj__text_bytes(text, digits, n);
}

void sj__text_time(sj__text *text, int64_t time)
{
    char digits[40];

    sj__text_bytes(text, digits, sj__write_time(digits, time));
}

void sj__text_quoted(sj__text *text, const char *s, size_t n, char quote)
{
    sj__text_char(text, quote);
    while (n > 0) {
        const char *found = memchr(s, quote, n);
        size_t piece = found != NULL ? (size_t)(found - s) + 1 : n;

        sj__text_bytes(text, s, piece);
        if (found != NULL)
            sj__text_char(text, quote);
        s += piece;
        n -= piece;
    }
    sj__text_char(text, quote);
}

void sj__text_name(sj__text *text, const char *name, size_t n)
{
    int quoted = n > 0 && (name[0] == '(' || name[0] == '\'');

    for (size_t i = 0; i + 2 < n && !quoted; i++)
        quoted = memcmp(name + i, " > ", 3) == 0;
    if (quoted)
        sj__text_quoted(text, name, n, '\'');
    else
        sj__text_bytes(text, name, n);
}

sj_status sj__text_status(const sj__text *text, sj_error *error)
{
    return text->failed ? sj__fail_nomem(error) : SJ_OK;
}

const char *sj__text_data(const sj__text *text)
{
    return text->data != NULL ? text->data : "";
}

sj_status sj__text_to_buffer(sj__text *text, sj_buffer **out, sj_error *error)
{
    sj_buffer *buffer = NULL;

    *out = NULL;
    sj__text_bytes(text, "", 0); /* so that there is a NUL to point to */
    if (!text->failed)
        buffer = sj__alloc(text->allocator, 1, sizeof *buffer);
    if (buffer == NULL) {
        sj__text_free(text);
        return sj__fail_nomem(error);
    }
    *buffer = (sj_buffer){.allocator = *text->allocator,
                          .data = text->data,
                          .size = text->size,
                          .capacity = text->capacity};
    sj__text_init(text, text->allocator);
    *out = buffer;
    return SJ_OK;
}

const char *sj_buffer_data(const sj_buffer *buffer)
{
    return buffer != NULL ? buffer->data : NULL;
}

size_t sj_buffer_size(const sj_buffer *buffer)
{
    return buffer != NULL ? buffer->size : 0;
}

void sj_buffer_free(sj_buffer *buffer)
{
    sj_allocator allocator;

    if (buffer == NULL)
        return;
    allocator = buffer->allocator;
    sj__free(&allocator, buffer->data, buffer->capacity, 1);
    sj__free(&allocator, buffer, 1, sizeof *buffer);
}
