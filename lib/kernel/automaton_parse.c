/* Patterns as text.  Tokens from left to right, one look ahead; gates between two tokens become one
 * interval, kept with the token behind them.  O(length). */
#include "kernel/automaton.h"

#include "base/checked.h"
#include "base/number.h"

typedef struct automaton_reader {
    sj__automaton *to;
    const char *text;
    size_t n, at;
    size_t n_conditions;
    size_t n_read;        /* tokens, gates too */
    uint32_t anchor;      /* the last token that takes one event; FREE: none yet */
    size_t keep;          /* tokens up to it */
    uint64_t least, most; /* gates since the last token */
    int32_t gated;
} automaton_reader;

static int64_t automaton_character(size_t at)
{
    return (int64_t)at + 1;
}

#define AUTOMATON_FAIL(at_, ...)                                                                   \
    sj__fail_at(error, SJ_ERR_CONDITION, (sj__place){.index = (int64_t)(at_)}, __VA_ARGS__)

/* Whether the text goes on so; passes over it. */
static int automaton_skip(automaton_reader *reader, const char *wanted)
{
    size_t i = 0;
    while (wanted[i] != '\0' && reader->at + i < reader->n &&
           reader->text[reader->at + i] == wanted[i])
        i++;
    if (wanted[i] != '\0')
        return 0;
    reader->at += i;
    return 1;
}

/* Bytes from here on that are digits, or one of `also`. */
static size_t automaton_digits(const automaton_reader *reader, char also)
{
    size_t i = reader->at;
    while (i < reader->n &&
           ((reader->text[i] >= '0' && reader->text[i] <= '9') || reader->text[i] == also))
        i++;
    return i - reader->at;
}

/* The number of a condition, put down from 0. */
static sj_status automaton_read_number(automaton_reader *reader, sj_error *error)
{
    sj__automaton *to = reader->to;
    const size_t at = reader->at, n = automaton_digits(reader, '0');
    int64_t number = 0;
    if (n == 0)
        return AUTOMATON_FAIL(at, "pattern, character %i: the number of a condition is due, from 1",
                              automaton_character(at));
    const int read = sj__read_integer(reader->text + at, n, &number);
    if (read != SJ__READ_OK || number < 1 || (uint64_t)number > reader->n_conditions)
        return AUTOMATON_FAIL(at,
                              "pattern, character %i: there is no condition of this number: "
                              "%u are given, and the first is 1",
                              automaton_character(at), (uint64_t)reader->n_conditions);
    const sj_status status =
        sj__grow(to->allocator, &to->listed, &to->listed_capacity, to->n_listed + 1, error);
    if (status != SJ_OK)
        return status;
    to->listed[to->n_listed++] = (uint32_t)(number - 1);
    reader->at += n;
    return SJ_OK;
}

static sj_status automaton_close(automaton_reader *reader, const char *end, size_t token,
                                 sj_error *error)
{
    if (automaton_skip(reader, end))
        return SJ_OK;
    return AUTOMATON_FAIL(reader->at,
                          "pattern, character %i: %s is due: the token begins at character %i",
                          automaton_character(reader->at), end, automaton_character(token));
}

/* ---- gates ---- */

/* "(?t" is passed; narrows the interval. */
static sj_status automaton_read_gate(automaton_reader *reader, size_t token, sj_error *error)
{
    static const char *const signs[] = {"<=", ">=", "==", "<", ">"};
    enum { AT_MOST, AT_LEAST, EQUAL, BELOW, ABOVE, NONE };
    int sign = 0;
    int64_t span = 0;
    while (sign < NONE && !automaton_skip(reader, signs[sign]))
        sign++;
    if (sign == NONE)
        return AUTOMATON_FAIL(reader->at, "pattern, character %i: <=, <, >=, > or == is due",
                              automaton_character(reader->at));
    const size_t n = automaton_digits(reader, '.');
    if (sj__read_fixed6(reader->text + reader->at, n, &span) != SJ__READ_OK)
        return AUTOMATON_FAIL(reader->at,
                              "pattern, character %i: a number of seconds is due, as in 3600",
                              automaton_character(reader->at));
    reader->at += n;
    const sj_status status = automaton_close(reader, ")", token, error);
    if (status != SJ_OK)
        return status;
    const uint64_t least = sign == AT_LEAST || sign == EQUAL ? (uint64_t)span
                           : sign == ABOVE                   ? (uint64_t)span + 1
                                                             : 0;
    const uint64_t most = sign == AT_MOST || sign == EQUAL ? (uint64_t)span
                          : sign == BELOW                  ? (uint64_t)span - 1
                                                           : UINT64_MAX;
    reader->least = least > reader->least ? least : reader->least;
    reader->most = most < reader->most ? most : reader->most;
    reader->gated = 1;
    if ((sign == BELOW && span == 0) || reader->least > reader->most)
        return AUTOMATON_FAIL(token, "pattern, character %i: no time passes this gate%s",
                              automaton_character(token),
                              sign == BELOW && span == 0 ? "" : " and the one before it");
    return SJ_OK;
}

/* ---- tokens ---- */

static sj_status automaton_add(automaton_reader *reader, sj__token token, sj_error *error)
{
    sj__automaton *to = reader->to;
    const sj_status status =
        sj__grow(to->allocator, &to->tokens, &to->capacity, to->n_tokens + 1, error);
    if (status != SJ_OK)
        return status;
    token.n_listed = to->n_listed - token.first;
    const int counts = reader->gated && reader->anchor != SJ__AUTOMATON_FREE;
    token.anchor = counts ? reader->anchor : SJ__AUTOMATON_FREE;
    token.least = counts ? reader->least : 0;
    token.most = counts ? reader->most : UINT64_MAX;
    reader->least = 0;
    reader->most = UINT64_MAX;
    reader->gated = 0;
    if (!token.skips) {
        reader->anchor = (uint32_t)to->n_tokens;
        reader->keep = to->n_tokens + 1;
    }
    to->n_shown += (size_t)token.shown;
    to->tokens[to->n_tokens++] = token;
    return SJ_OK;
}

/* "[" is passed. */
static sj_status automaton_read_class(automaton_reader *reader, size_t start, sj_error *error)
{
    sj__token token = {.first = reader->to->n_listed};
    token.negated = automaton_skip(reader, "^");
    token.shown = !token.negated;
    if (reader->at < reader->n && reader->text[reader->at] == ']')
        return AUTOMATON_FAIL(start, "pattern, character %i: this class is empty: name a condition",
                              automaton_character(start));
    sj_status status;
    do {
        status = automaton_read_number(reader, error);
    } while (status == SJ_OK && automaton_skip(reader, "|"));
    if (status == SJ_OK)
        status = automaton_close(reader, "]", start, error);
    token.skips = status == SJ_OK && token.negated && automaton_skip(reader, "*");
    return status == SJ_OK ? automaton_add(reader, token, error) : status;
}

static sj_status automaton_read_token(automaton_reader *reader, sj_error *error)
{
    const size_t start = reader->at;
    sj__token token = {.first = reader->to->n_listed};
    if (++reader->n_read > SJ__AUTOMATON_TOKENS)
        return sj__fail_at(error, SJ_ERR_LIMIT, (sj__place){.index = (int64_t)start},
                           "pattern, character %i: at most %i tokens are allowed",
                           automaton_character(start), (int64_t)SJ__AUTOMATON_TOKENS);
    if (automaton_skip(reader, "(?t"))
        return automaton_read_gate(reader, start, error);
    if (automaton_skip(reader, "(?")) {
        token.shown = 1;
        sj_status status = automaton_read_number(reader, error);
        if (status == SJ_OK)
            status = automaton_close(reader, ")", start, error);
        return status == SJ_OK ? automaton_add(reader, token, error) : status;
    }
    if (automaton_skip(reader, "["))
        return automaton_read_class(reader, start, error);
    if (automaton_skip(reader, ".")) {
        token.skips = automaton_skip(reader, "*");
        return automaton_add(reader, token, error);
    }
    if (reader->text[start] == '*')
        return AUTOMATON_FAIL(start, "pattern, character %i: only . and [^…] can be repeated",
                              automaton_character(start));
    return AUTOMATON_FAIL(start,
                          "pattern, character %i: no token begins so: there are (?1) . .* [1|2] "
                          "[^1] [^1]* (?t<=60)",
                          automaton_character(start));
}

sj_status sj__automaton_parse(sj__automaton *out, const char *pattern, size_t n,
                              size_t n_conditions, const sj_allocator *allocator, sj_error *error)
{
    automaton_reader reader = {.to = out,
                               .text = pattern,
                               .n = n,
                               .n_conditions = n_conditions,
                               .anchor = SJ__AUTOMATON_FREE,
                               .most = UINT64_MAX};
    sj_status status = SJ_OK;
    *out = (sj__automaton){.allocator = allocator};
    while (status == SJ_OK && reader.at < n)
        status = automaton_read_token(&reader, error);
    if (status == SJ_OK && reader.keep == 0)
        status =
            AUTOMATON_FAIL(0, "the pattern can match without an event: one token at least must "
                              "take just one, such as (?1)");
    if (status == SJ_OK)
        out->n_tokens = reader.keep;
    else
        sj__automaton_free(out);
    return status;
}

int sj__automaton_is_sparse(const sj__automaton *automaton)
{
    int sparse = !automaton->tokens[0].skips;
    for (size_t j = 0; j < automaton->n_tokens; j++) {
        const sj__token *token = &automaton->tokens[j];
        if (token->skips)
            sparse &= token->anchor == SJ__AUTOMATON_FREE;
        else
            sparse &= j == 0 || automaton->tokens[j - 1].skips;
    }
    return sparse;
}

void sj__automaton_free(sj__automaton *automaton)
{
    const sj_allocator *a = automaton->allocator;
    if (a == NULL)
        return;
    sj__free(a, automaton->tokens, automaton->capacity, sizeof *automaton->tokens);
    sj__free(a, automaton->listed, automaton->listed_capacity, sizeof *automaton->listed);
    *automaton = (sj__automaton){0};
}
