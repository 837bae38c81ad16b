/* The caller who does everything wrong: how a call is judged, and what is shared by the tests that
 * make such calls.
 *
 * Every call of a function that can fail goes through one of the macros below.  They give it an
 * error that lies between guards, full of a pattern, and hold it to what sojourn.h says of all
 * functions: success writes nothing to the error; a failure fills it with the code that came back
 * and one sentence, and leaves NULL in `out`; without an error the answer is the same. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sojourn.h>

#include "fault/world.h"

enum {                     /* what a call is expected to return, beside a status */
       HOSTILE_FAILS = -1, /* any failure */
       HOSTILE_EITHER = -2 /* success or any failure */
};

/* What `out` points to before a call: nobody may read it. */
extern char hostile_poison[];
#define HOSTILE_POISON ((void *)hostile_poison)

/* An error to be filled, or not. */
sj_error *hostile_error(void);
/* The error that the last call filled. */
const sj_error *hostile_told(void);
/* Judges a call that was given hostile_error(), and returns its status. */
sj_status hostile_judge(sj_status status, int64_t expected, const char *call, const char *file,
                        int line);
/* Notes that a function was called. */
void hostile_note(const char *function);
/* Ends the test if `holds` is 0. */
void hostile_claim(int holds, const char *claim, const char *file, int line);
#define CLAIM(claim) hostile_claim((claim) != 0, #claim, __FILE__, __LINE__)

#define CALLED(function) (hostile_note(#function), function)

/* function(…, error); a status. */
#define JUDGED(expected, function, ...)                                                            \
    hostile_judge(CALLED(function)(__VA_ARGS__, hostile_error()), (expected), #function, __FILE__, \
                  __LINE__)

/* function(…, error) succeeds. */
#define ACCEPT(function, ...) ((void)JUDGED(SJ_OK, function, __VA_ARGS__))

/* function(…, error) fails with `code`, and with NULL for the error too. */
#define REFUSE(code, function, ...)                                                                \
    do {                                                                                           \
        sj_status refused_ = JUDGED((code), function, __VA_ARGS__);                                \
        CLAIM(CALLED(function)(__VA_ARGS__, NULL) == refused_);                                    \
    } while (0)

/* The same where `out` is set by it, to NULL. */
#define REFUSE_OUT(code, out, function, ...)                                                       \
    do {                                                                                           \
        sj_status refused_;                                                                        \
        (out) = HOSTILE_POISON;                                                                    \
        refused_ = JUDGED((code), function, __VA_ARGS__);                                          \
        CLAIM((out) == NULL);                                                                      \
        (out) = HOSTILE_POISON;                                                                    \
        CLAIM(CALLED(function)(__VA_ARGS__, NULL) == refused_);                                    \
        CLAIM((out) == NULL);                                                                      \
    } while (0)

/* function(…, &out, error) answers one way or the other; what came out is freed. */
#define EITHER_OUT(status, type, drop, function, ...)                                              \
    do {                                                                                           \
        type *out_ = HOSTILE_POISON;                                                               \
        (status) = JUDGED(HOSTILE_EITHER, function, __VA_ARGS__, &out_);                           \
        CLAIM(out_ != HOSTILE_POISON && ((status) == SJ_OK) == (out_ != NULL));                    \
        CALLED(drop)(out_);                                                                        \
    } while (0)

/* How often to do what is done `n` times every day: 50 times as often with SOJOURN_LONG. */
size_t hostile_often(size_t n);

/* Calls so far, and exported functions of the list at `path` that were never called. */
uint64_t hostile_calls(void);
size_t hostile_missing(const char *path);

/* ---- what tests share ---- */

/* All that tests call upon: made once, in good health. */
extern world hostile_world;
extern journeys hostile_journeys;
int hostile_open(void **state);
/* Nothing that the tests did shows in anything, and all memory comes back. */
int hostile_close(void **state);

/* A few events, attributes and a map, so that something can be spoilt; its allocator is the
 * world's. */
sj_builder *hostile_builder(void);
/* The builder is as hostile_builder made it; frees it. */
void hostile_unspoilt(sj_builder *builder);
/* The builder builds a graph that checks; frees it. */
void hostile_sound(sj_builder *builder);

/* A text of n bytes of `c`; NULL where memory is out.  Free it. */
char *hostile_long(size_t n, char c);

/* Texts that are wrong nearly everywhere; NULL behind the last. */
extern const char *const hostile_texts[];
enum { HOSTILE_NAME_ROOM = 65535 }; /* longest name */

/* Looks at everything in a result, right and wrong, and writes it in every format. */
void hostile_look_at_result(const sj_result *result);
/* Every getter and every analysis on a graph; all answer, or refuse in order. */
void hostile_look_at_graph(const sj_graph *graph);

/* Options of a funnel with two steps. */
sj_funnel_options hostile_funnel(const char *first, const char *second, sj_step steps[2]);

/* Fewer than `most` words of those that are separated by '|' in `words`, with now and then a byte
 * of any kind, in up to `room` bytes; not NUL-terminated.  Returns its length. */
size_t hostile_babble(uint64_t *random, const char *words, size_t most, char *to, size_t room);

/* A function that takes a struct of options: calls it with what it does not own, and frees what
 * came of it. */
typedef struct hostile_door {
    const char *structure; /* its name in the catalog */
    size_t size;
    void (*healthy)(void *options);
    sj_status (*call)(const void *options);
    int picks; /* looks only at fields of the role "read" */
} hostile_door;
extern const hostile_door hostile_doors[];
extern const size_t n_hostile_doors;

/* ---- tests ---- */

#define HOSTILE_TESTS(list)                                                                        \
    extern const struct CMUnitTest list[];                                                         \
    extern const size_t n_##list;
HOSTILE_TESTS(hostile_argument_tests)
HOSTILE_TESTS(hostile_option_tests)
HOSTILE_TESTS(hostile_door_tests)
HOSTILE_TESTS(hostile_funnel_tests)
HOSTILE_TESTS(hostile_map_tests)
HOSTILE_TESTS(hostile_event_tests)
HOSTILE_TESTS(hostile_byte_tests)
HOSTILE_TESTS(hostile_csv_tests)
HOSTILE_TESTS(hostile_shape_tests)

#endif
