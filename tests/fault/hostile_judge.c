/* How a call is judged; see hostile.h. */
#include "fault/hostile.h"

#include <stdio.h>

enum { JUDGE_PATTERN = 0xA5, JUDGE_GUARD = 64, JUDGE_FUNCTIONS = 512 };

typedef struct judge_slot {
    uint8_t before[JUDGE_GUARD];
    sj_error error;
    uint8_t after[JUDGE_GUARD];
} judge_slot;

char hostile_poison[1];
static judge_slot judge_here;
static const char *judge_called[JUDGE_FUNCTIONS];
static size_t judge_n_called;
static uint64_t judge_n_calls;

sj_error *hostile_error(void)
{
    memset(&judge_here, JUDGE_PATTERN, sizeof judge_here);
    return &judge_here.error;
}

const sj_error *hostile_told(void)
{
    return &judge_here.error;
}

void hostile_note(const char *function)
{
    size_t i = 0;

    judge_n_calls++;
    while (i < judge_n_called && strcmp(judge_called[i], function) != 0)
        i++;
    if (i == judge_n_called && i < JUDGE_FUNCTIONS)
        judge_called[judge_n_called++] = function;
}

uint64_t hostile_calls(void)
{
    return judge_n_calls;
}

size_t hostile_missing(const char *path)
{
    char line[128];
    size_t missing = 0, listed = 0;
    FILE *file = fopen(path, "r");

    while (file && fgets(line, sizeof line, file)) {
        size_t i = 0;

        line[strcspn(line, "\n")] = 0;
        listed++;
        while (i < judge_n_called && strcmp(judge_called[i], line) != 0)
            i++;
        if (i == judge_n_called) {
            print_error("not called: %s\n", line);
            missing++;
        }
    }
    if (file)
        fclose(file);
    return listed ? missing : SIZE_MAX;
}

void hostile_claim(int holds, const char *claim, const char *file, int line)
{
    if (holds)
        return;
    print_error("not so: %s\nthe last error: %.*s\n", claim, (int)sizeof judge_here.error.message,
                judge_here.error.code == SJ_OK ? "" : judge_here.error.message);
    _fail(file, line);
}

static int judge_is_pattern(const void *bytes, size_t n)
{
    const uint8_t *byte = bytes;

    while (n > 0 && byte[n - 1] == JUDGE_PATTERN)
        n--;
    return n == 0;
}

/* Bytes of the well-formed character at `s`; 0 where there is none. */
static size_t judge_character(const unsigned char *s)
{
    uint32_t c = s[0];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;

    if (c >= 0x80 && (c < 0xC2 || c > 0xF4))
        return 0;
    c = n == 1 ? c : c & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
        (c >= 0xD800 && c < 0xE000))
        return 0;
    return n;
}

/* What is wrong with a message; NULL: nothing. */
static const char *judge_message(const char *message, size_t room)
{
    size_t n = 0;

    while (n < room && message[n] != 0)
        n++;
    if (n == room)
        return "the message has no end";
    if (n < 8)
        return "the message says nothing";
    for (size_t i = n; i < room; i++)
        if (message[i] != 0)
            return "something stands behind the message";
    for (size_t i = 0; i < n;) {
        size_t width = judge_character((const unsigned char *)message + i);

        if (width == 0)
            return "the message is no UTF-8";
        if ((unsigned char)message[i] < 0x20 || message[i] == 0x7F)
            return "the message is more than one line";
        i += width;
    }
    return message[0] == ' ' || message[n - 1] == ' ' ? "the message has blanks around it" : NULL;
}

/* What is wrong with how a call failed; NULL: nothing. */
static const char *judge_failure(sj_status status)
{
    const sj_error *error = &judge_here.error;

    if (strcmp(sj_status_name(status), "SJ_ERR_UNKNOWN") == 0)
        return "the status is none that there is";
    if (error->code != status)
        return "error.code is not what came back";
    if (error->index < -1)
        return "error.index is below -1";
    if (error->line < 0 || error->column < 0)
        return "error.line or error.column is below 0";
    if (status == SJ_ERR_CSV && (error->line < 1 || error->column < 1))
        return "an error in CSV does not say where";
    if (status == SJ_ERR_CONDITION && error->index < 0)
        return "an error in a condition does not say where";
    return judge_message(error->message, sizeof error->message);
}

sj_status hostile_judge(sj_status status, int64_t expected, const char *call, const char *file,
                        int line)
{
    const char *wrong = NULL;

    if (!judge_is_pattern(judge_here.before, JUDGE_GUARD) ||
        !judge_is_pattern(judge_here.after, JUDGE_GUARD))
        wrong = "something was written around the error";
    else if (status == SJ_OK)
        wrong = judge_is_pattern(&judge_here.error, sizeof judge_here.error)
                    ? NULL
                    : "success wrote into the error";
    else
        wrong = judge_failure(status);
    if (!wrong && expected != HOSTILE_EITHER &&
        (expected == HOSTILE_FAILS ? status == SJ_OK : status != expected))
        wrong = "another answer was expected";
    if (!wrong)
        return status;
    print_error("%s gave %s where %s was expected: %s\n", call, sj_status_name(status),
                expected == HOSTILE_FAILS    ? "a failure"
                : expected == HOSTILE_EITHER ? "any answer"
                                             : sj_status_name((sj_status)expected),
                wrong);
    if (status != SJ_OK && judge_here.error.code == status)
        print_error("index %lld, %lld:%d, %.*s\n", (long long)judge_here.error.index,
                    (long long)judge_here.error.line, (int)judge_here.error.column,
                    (int)sizeof judge_here.error.message, judge_here.error.message);
    _fail(file, line);
    return status;
}
