/* A map in text while it is read: places, marks and names. */
#ifndef SJ__JOURNEY_MAPTEXT_H
#define SJ__JOURNEY_MAPTEXT_H

#include "journey/map.h"

typedef struct sj__maptext {
    sj__map *map;
    const char *text;
    const char *line; /* the one that is read, without its comment */
    size_t n, at;
    int64_t number;
    uint32_t stages;  /* of the map's, those that the text has named */
    sj__text name[2]; /* the names that a statement is about */
    size_t name_at;   /* where the last name begins */
    int quoted;       /* it was in quotes */
    sj_error *error;
} sj__maptext;

/* Line, column and byte of a position in the line. */
sj__place sj__maptext_place(const sj__maptext *reader, size_t at);
/* SJ_ERR_MAP there. */
sj_status sj__maptext_fail(const sj__maptext *reader, size_t at, const char *sentence);
/* Passes on what an addition says, whose own place (if it has one) is a byte behind `at`. */
sj_status sj__maptext_locate(const sj__maptext *reader, size_t at, sj_status status,
                             const sj_error *inner);
/* SJ_ERR_MAP: what stands here, or the line's end, is not what was expected. */
sj_status sj__maptext_expected(sj__maptext *reader, const char *what);

/* Behind blanks: whether the line is at its end; steps over a mark if it is there. */
int sj__maptext_at_end(sj__maptext *reader);
int sj__maptext_take(sj__maptext *reader, const char *mark);

/* Reads a name, bare or in single quotes, into name[which]; and gives it. */
sj_status sj__maptext_read_name(sj__maptext *reader, int which, const char *what);
const char *sj__maptext_name(const sj__maptext *reader, int which);

/* Statements behind their keyword: NAME = CONDITION [worth …] and NAME -> NAME [N%]. */
sj_status sj__maptext_read_conversion(sj__maptext *reader);
sj_status sj__maptext_read_expected(sj__maptext *reader);

#endif
