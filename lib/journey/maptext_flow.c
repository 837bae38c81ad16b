/* The statements of a map in text about the flow of journeys:
 *
 *     micro-conversion NAME = CONDITION [worth AMOUNT | worth value]
 *     expect NAME -> NAME [N%]
 *
 * The last "worth" outside quotes and parentheses ends a condition. */
#include "journey/maptext.h"

#include <string.h>

#include "base/decimal.h"
#include "base/number.h"

/* --------------------------------------------------------------------------- micro-conversions --
 */

/* Whether the word "worth" stands at i, by itself. */
static int maptext_is_worth(const sj__maptext *reader, size_t i)
{
    static const char worth[] = "worth";
    const size_t n = sizeof worth - 1;
    if (i == 0 || !strchr(" \t)'\"", reader->line[i - 1]) || reader->n - i < n)
        return 0;
    if (i + n < reader->n && !strchr(" \t", reader->line[i + n]))
        return 0;
    for (size_t k = 0; k < n; k++) {
        if ((reader->line[i + k] | 0x20) != worth[k])
            return 0;
    }
    return 1;
}

/* Where the last "worth" outside quotes and parentheses stands; the line's end if there is none. */
static sj_status maptext_find_worth(const sj__maptext *reader, size_t *out)
{
    size_t open = 0, opened = 0;
    char quote = '\0';
    *out = reader->n;
    for (size_t i = reader->at; i < reader->n; i++) {
        const char c = reader->line[i];
        if (quote) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
            opened = i;
        } else if (c == '(') {
            open++;
        } else if (c == ')') {
            open -= open > 0;
        } else if (open == 0 && maptext_is_worth(reader, i)) {
            *out = i;
        }
    }
    if (quote)
        return sj__maptext_fail(
            reader, opened,
            "this quote never closes; a name with a quote in it is written as in "
            "touchpoint = 'it''s'");
    return SJ_OK;
}

/* AMOUNT or value; *own is 1 for the event's own value. */
static sj_status maptext_read_worth(sj__maptext *reader, int *own, int64_t *worth)
{
    size_t n = 0;
    const char *amount = NULL;
    int read = SJ__READ_OK;
    char found[SJ__SHORT_NAME];
    *own = 1;
    if (reader->at == reader->n)
        return SJ_OK;
    reader->at += strlen("worth");
    if (sj__maptext_at_end(reader))
        return sj__maptext_expected(reader, "an amount, or value,");
    amount = reader->line + reader->at;
    n = reader->n - reader->at;
    amount = sj__map_trim(amount, &n);
    if (n == 5 && memcmp(amount, "value", 5) == 0)
        return SJ_OK;
    *own = 0;
    read = sj__read_fixed6(amount, n, worth);
    if (read == SJ__READ_OK)
        return SJ_OK;
    if (read == SJ__READ_RANGE)
        return sj__fail_at(reader->error, SJ_ERR_VALUE, sj__maptext_place(reader, reader->at),
                           "a worth lies within ±9.2e12");
    sj__map_shorten(found, amount, n);
    return sj__fail_at(reader->error, SJ_ERR_MAP, sj__maptext_place(reader, reader->at),
                       "worth is followed by an amount or by the word value, not by %q", found);
}

sj_status sj__maptext_read_conversion(sj__maptext *reader)
{
    size_t start = 0, size = 0, end = 0;
    int own = 0;
    int64_t worth = 0;
    sj_error inner = {0};
    sj_status status = sj__maptext_read_name(reader, 0, "the name of a micro-conversion");
    if (status)
        return status;
    if (!sj__maptext_take(reader, "="))
        return sj__maptext_expected(reader, "the = behind a micro-conversion's name");
    if (sj__maptext_at_end(reader))
        return sj__maptext_expected(reader, "a condition");
    start = reader->at;
    if ((status = maptext_find_worth(reader, &end)))
        return status;
    size = end - start;
    reader->at = end;
    sj__map_trim(reader->line + start, &size);
    if (size == 0)
        return sj__maptext_fail(reader, start, "a condition is expected before worth");
    if ((status = maptext_read_worth(reader, &own, &worth)))
        return status;
    sj__text_free(&reader->name[1]);
    sj__text_bytes(&reader->name[1], reader->line + start, size);
    if ((status = sj__text_status(&reader->name[1], reader->error)))
        return status;
    status = sj__map_set_conversion(reader->map, sj__maptext_name(reader, 0),
                                    sj__maptext_name(reader, 1), own ? NULL : &worth, &inner);
    return sj__maptext_locate(reader, inner.index >= 0 ? start : reader->name_at, status, &inner);
}

/* ------------------------------------------------------------------------------------ shares -- */

/* N of N%, in hundredths; the decimal is shifted in the text, so that 33.3% is exactly the number
 * 0.333. */
static sj_status maptext_read_share(sj__maptext *reader, const char *s, size_t n, double *out)
{
    sj__text shifted;
    sj_status status = SJ_OK;
    int read = SJ__READ_OK;
    sj__text_init(&shifted, reader->map->allocator);
    sj__text_bytes(&shifted, s, n);
    sj__text_add(&shifted, "e-2");
    if (!(status = sj__text_status(&shifted, reader->error)))
        read = sj__read_real(sj__text_data(&shifted), shifted.size, out);
    sj__text_free(&shifted);
    if (status)
        return status;
    if (read == SJ__READ_BAD)
        return sj__maptext_fail(reader, (size_t)(s - reader->line),
                                "a share is a number and %, as in 40%");
    if (read == SJ__READ_OK && *out > 0 && *out <= 1)
        return SJ_OK;
    return sj__fail_at(reader->error, SJ_ERR_VALUE,
                       sj__maptext_place(reader, (size_t)(s - reader->line)),
                       "a share is more than 0%% and at most 100%%; leave it out where nothing is "
                       "said");
}

/* The last word before a % at the line's end, if it is a number; *n = 0: there is no share. */
static const char *maptext_find_share(const sj__maptext *reader, size_t *n)
{
    const char *start = reader->line + reader->name_at;
    size_t size = reader->n - reader->name_at, i = 0;
    sj__decimal decimal;
    *n = 0;
    start = sj__map_trim(start, &size);
    if (size == 0 || start[size - 1] != '%')
        return NULL;
    size--;
    start = sj__map_trim(start, &size);
    for (i = size; i > 0 && start[i - 1] != ' ' && start[i - 1] != '\t' && start[i - 1] != '\'';)
        i--;
    if (!sj__decimal_read(start + i, size - i, &decimal))
        return NULL;
    *n = size - i;
    return start + i;
}

/* [N%] behind the second name, which is cut where a bare one had the share in it. */
static sj_status maptext_read_end(sj__maptext *reader, double *of_all)
{
    sj__text *name = &reader->name[1];
    size_t n = 0, before = 0;
    const char *share = maptext_find_share(reader, &n);
    sj_status status = SJ_OK;
    if (!share ||
        (reader->quoted && (sj__maptext_at_end(reader), share != reader->line + reader->at)))
        return sj__maptext_at_end(reader)
                   ? SJ_OK
                   : sj__maptext_expected(reader, "a share, as in 40%, or the end of the line");
    if ((status = maptext_read_share(reader, share, n, of_all)) || reader->quoted)
        return status;
    before = (size_t)(share - reader->line) - reader->name_at;
    sj__map_trim(reader->line + reader->name_at, &before);
    if (before == 0)
        return sj__maptext_fail(
            reader, reader->name_at,
            "a name is expected before the share; in single quotes if this is one");
    name->size = before;
    name->data[before] = '\0';
    return SJ_OK;
}

sj_status sj__maptext_read_expected(sj__maptext *reader)
{
    size_t first = 0;
    double of_all = 0;
    sj_error inner = {0};
    sj_status status = sj__maptext_read_name(reader, 0, "the name of a touchpoint or stage");
    first = reader->name_at;
    if (status)
        return status;
    if (!sj__maptext_take(reader, "->"))
        return sj__maptext_expected(reader, "the arrow ->");
    if ((status = sj__maptext_read_name(reader, 1, "the name of a touchpoint or stage")) ||
        (status = maptext_read_end(reader, &of_all)))
        return status;
    status = sj__map_add_expected(reader->map, sj__maptext_name(reader, 0),
                                  sj__maptext_name(reader, 1), of_all, &inner);
    return sj__maptext_locate(reader, first, status, &inner);
}
