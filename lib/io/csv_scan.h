/* CSV text to records of fields, in pieces of any size. */
#ifndef SJ__IO_CSV_SCAN_H
#define SJ__IO_CSV_SCAN_H

#include "base/status.h"

/* The most bytes that a field may have, as it stands in the text. */
#define SJ__CSV_FIELD_LIMIT ((size_t)16 << 20)

typedef struct sj__csv_field {
    size_t begin; /* of its content in `bytes`, behind an opening quote */
    size_t end;
    int32_t quoted;
    int32_t doubled; /* holds doubled quotes, which stand for one each */
} sj__csv_field;

enum { /* what sj__csv_next found */
       SJ__CSV_RECORD = 1,
       SJ__CSV_MORE = 2, /* the bytes end inside a record: feed more */
       SJ__CSV_END = 3
};

enum { /* what is wrong with a record */
       SJ__CSV_SOUND = 0,
       SJ__CSV_TOO_MANY = 1, /* more fields than `limit` */
       SJ__CSV_JUNK = 2,     /* characters between a closing quote and the end of the field */
       SJ__CSV_OPEN = 3,     /* a quote that never closes */
       SJ__CSV_LONG = 4      /* a field above SJ__CSV_FIELD_LIMIT */
};

/* The state of one text.  Owns nothing. */
typedef struct sj__csv_scan {
    const char *bytes; /* what was fed: the record being read begins in it */
    size_t size;
    uint64_t offset; /* of bytes[0] in the text */
    int32_t last;    /* no bytes come after these */
    int32_t state;
    size_t start; /* of the record */
    size_t next;  /* behind it, once it is read */
    size_t begin; /* of the field being read */
    size_t close; /* the last quote seen inside it */
    size_t block; /* 64 bytes whose special characters are being walked */
    size_t block_end;
    uint64_t specials;   /* bit i: bytes[block + i] is special and was not looked at yet */
    int64_t line;        /* of the record's first byte, from 1 */
    int64_t breaks;      /* ends of lines inside the record so far */
    int64_t open_breaks; /* the same when the last quote opened */
    sj__csv_field *fields;
    size_t n_fields; /* of the record, those beyond `room` too */
    size_t room;     /* how many `fields` can keep */
    size_t limit;    /* a record with more is faulty */
    sj__place place; /* of the first fault */
    int32_t fault;
    int32_t given; /* the last call gave a record, which ends at `next` */
    int32_t doubled;
    int32_t after_cr; /* the record before ended in CR: an LF belongs to it */
    int32_t odd;      /* the record's blocks hold a NUL or a byte above 127 */
    int32_t block_odd;
    int32_t delimiter;
} sj__csv_scan;

/* A text that begins at `offset` of its file. */
void sj__csv_scan_init(sj__csv_scan *scan, int32_t delimiter, uint64_t offset);

/* Gives the bytes from scan->start on, now with more behind them (the first time: from the text's
 * beginning).  They must stay until the next call. */
void sj__csv_feed(sj__csv_scan *scan, const char *bytes, size_t size, int32_t last);

/* The next record that is not a blank line.  Its fields, `line`, `fault` and `place` hold until the
 * next call.  A faulty record may have lost its fields; reading goes on behind it: a quote that
 * never closes takes only its own line along.  O(bytes). */
int sj__csv_next(sj__csv_scan *scan);

/* Where bytes[at] of the record stands: line, column in characters, index in the text. */
sj__place sj__csv_place(const sj__csv_scan *scan, size_t at);

/* Bits of the special characters (delimiter, quote, CR, LF) among 64 bytes, and whether one of the
 * bytes is NUL or above 127: the one in use, and the plain one that it must agree with. */
uint64_t sj__csv_specials(const char *bytes, char delimiter, int32_t *odd);
uint64_t sj__csv_specials_plain(const char *bytes, char delimiter, int32_t *odd);

#endif
