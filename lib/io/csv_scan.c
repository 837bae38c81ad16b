/* Splits CSV text (RFC 4180) into records: a state machine that looks at special characters only.
 *
 * A block of 64 bytes is reduced to a mask of its delimiters, quotes and ends of lines, and the
 * machine steps from bit to bit.  Nothing is ever looked ahead: a quote inside quotes goes to the
 * state CLOSED, and the next special character tells whether it was doubled; an LF behind a CR is
 * an empty record that counts no line.  So the state can stop at any byte, and the records do not
 * depend on how the text is cut.  O(bytes), no memory of its own. */
#include "io/csv_scan.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Where the machine stands: in a field without quotes, inside quotes, behind a quote inside quotes.
 */
enum { CSV_SCAN_PLAIN = 1, CSV_SCAN_QUOTED = 2, CSV_SCAN_CLOSED = 3 };

uint64_t sj__csv_specials_plain(const char *bytes, char delimiter, int32_t *odd)
{
    uint64_t mask = 0;
    int32_t strange = 0;
    int i;
    for (i = 0; i < 64; i++) {
        char c = bytes[i];
        int special = (c == delimiter) | (c == '"') | (c == '\n') | (c == '\r');
        mask |= (uint64_t)special << i;
        strange |= (unsigned char)c - 1u > 126u;
    }
    *odd = strange;
    return mask;
}

#ifdef __SSE2__
uint64_t sj__csv_specials(const char *bytes, char delimiter, int32_t *odd)
{
    const __m128i d = _mm_set1_epi8(delimiter), q = _mm_set1_epi8('"');
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    __m128i strange = _mm_setzero_si128();
    uint64_t mask = 0;
    int i;
    for (i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + (size_t)i * 16));
        __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, q));
        __m128i b = _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr));
        uint32_t bits = (uint32_t)_mm_movemask_epi8(_mm_or_si128(a, b));
        strange = _mm_or_si128(strange, _mm_or_si128(v, _mm_cmpeq_epi8(v, _mm_setzero_si128())));
        mask |= (uint64_t)bits << (i * 16);
    }
    *odd = _mm_movemask_epi8(strange) != 0;
    return mask;
}
#else
uint64_t sj__csv_specials(const char *bytes, char delimiter, int32_t *odd)
{
    return sj__csv_specials_plain(bytes, delimiter, odd);
}
#endif

void sj__csv_scan_init(sj__csv_scan *scan, int32_t delimiter, uint64_t offset)
{
    memset(scan, 0, sizeof *scan);
    scan->state = CSV_SCAN_PLAIN;
    scan->delimiter = delimiter;
    scan->offset = offset;
    scan->line = 1;
    scan->limit = SIZE_MAX;
}

void sj__csv_feed(sj__csv_scan *scan, const char *bytes, size_t size, int32_t last)
{
    size_t gone = scan->start;
    size_t kept = scan->n_fields < scan->room ? scan->n_fields : scan->room;
    size_t i;
    for (i = 0; i < kept; i++) {
        scan->fields[i].begin -= gone;
        scan->fields[i].end -= gone;
    }
    scan->bytes = bytes;
    scan->size = size;
    scan->last = last;
    scan->offset += gone;
    scan->start = 0;
    scan->begin -= gone;
    scan->close -= gone;
    scan->block_end -= gone;
}

/* Walks from the record's start: only done where something is wrong. */
sj__place sj__csv_place(const sj__csv_scan *scan, size_t at)
{
    sj__place place = {.index = (int64_t)(scan->offset + at), .line = scan->line, .column = 1};
    size_t i;
    for (i = scan->start; i < at; i++) {
        unsigned char c = (unsigned char)scan->bytes[i];
        if (c == '\r' || (c == '\n' && (i == scan->start || scan->bytes[i - 1] != '\r'))) {
            place.line++;
            place.column = 1;
        } else if (c != '\n' && (c & 0xC0) != 0x80 && place.column < INT32_MAX) {
            place.column++;
        }
    }
    return place;
}

static void csv_scan_fault(sj__csv_scan *scan, int32_t fault, size_t at)
{
    if (scan->fault != SJ__CSV_SOUND)
        return;
    scan->fault = fault;
    scan->place = sj__csv_place(scan, at);
}

/* Looks at the next 64 bytes; 0 where there are none. */
static int csv_scan_block(sj__csv_scan *scan)
{
    size_t left = scan->size - scan->block_end;
    if (left == 0)
        return 0;
    scan->block = scan->block_end;
    if (left >= 64) {
        scan->specials =
            sj__csv_specials(scan->bytes + scan->block, (char)scan->delimiter, &scan->block_odd);
        scan->block_end += 64;
    } else {
        char rest[64];
        memset(rest, 'x', sizeof rest);
        memcpy(rest, scan->bytes + scan->block, left);
        scan->specials = sj__csv_specials(rest, (char)scan->delimiter, &scan->block_odd);
        scan->block_end = scan->size;
    }
    scan->odd |= scan->block_odd;
    return 1;
}

/* Ends the field before the special character at `at`. */
static void csv_scan_field(sj__csv_scan *scan, size_t at)
{
    int32_t quoted = scan->state == CSV_SCAN_CLOSED;
    size_t end = quoted ? scan->close : at;
    if (scan->n_fields < scan->room) {
        sj__csv_field *field = &scan->fields[scan->n_fields];
        field->begin = scan->begin;
        field->end = end;
        field->quoted = quoted;
        field->doubled = quoted ? scan->doubled : 0;
    }
    if (end - scan->begin > SJ__CSV_FIELD_LIMIT)
        csv_scan_fault(scan, SJ__CSV_LONG, scan->begin);
    scan->n_fields++;
    scan->begin = at + 1;
    scan->state = CSV_SCAN_PLAIN;
}

/* Ends the record before the end of line at `at`, or at the end of the text. */
static int csv_scan_record(sj__csv_scan *scan, size_t at)
{
    csv_scan_field(scan, at);
    scan->after_cr = at < scan->size && scan->bytes[at] == '\r';
    scan->next = at < scan->size ? at + 1 : at;
    scan->given = 1;
    return SJ__CSV_RECORD;
}

/* More bytes are needed.  Of a faulty record only what may have to be read anew is kept: the text
 * of an open quote. */
static int csv_scan_drop(sj__csv_scan *scan)
{
    if (scan->fault == SJ__CSV_SOUND)
        return SJ__CSV_MORE;
    if (scan->state != CSV_SCAN_PLAIN) {
        scan->start = scan->begin - 1;
        return SJ__CSV_MORE;
    }
    /* A byte stays before the end, so that a quote that comes next does not open a field that has
     * begun. */
    if (scan->begin < scan->size)
        scan->begin = scan->size - 1;
    scan->start = scan->begin;
    return SJ__CSV_MORE;
}

/* A quote opened before `begin` never closes, or not for too long: the record ends with the line of
 * that quote, and what stands below is read anew.  That happens once at most for the same bytes,
 * because all further quotes in them come in pairs. */
static int csv_scan_give_up(sj__csv_scan *scan, int32_t fault)
{
    size_t at = scan->begin;
    csv_scan_fault(scan, fault, scan->begin - 1);
    while (at < scan->size && scan->bytes[at] != '\n' && scan->bytes[at] != '\r')
        at++;
    scan->specials = 0;
    scan->state = CSV_SCAN_PLAIN;
    if (at == scan->size && !scan->last) { /* not even a line ends */
        scan->block_end = scan->size;
        return csv_scan_drop(scan);
    }
    scan->breaks = scan->open_breaks;
    scan->block_end = at < scan->size ? at + 1 : at;
    scan->block_odd = 1;
    return csv_scan_record(scan, at);
}

/* A quote at `close` does close, and `at` is the end or the next special character.  0, or what
 * sj__csv_next answers. */
static int csv_scan_closes(sj__csv_scan *scan, size_t at)
{
    if (scan->close - scan->begin > SJ__CSV_FIELD_LIMIT)
        return csv_scan_give_up(scan, SJ__CSV_LONG);
    if (at != scan->close + 1) {
        csv_scan_fault(scan, SJ__CSV_JUNK, scan->begin - 1);
        scan->state = CSV_SCAN_PLAIN; /* begin < at, so that no quote opens */
    }
    return 0;
}

/* The bytes are at an end, the text is not. */
static int csv_scan_more(sj__csv_scan *scan)
{
    int found = 0;
    if (scan->state == CSV_SCAN_CLOSED && scan->close + 1 != scan->size)
        found = csv_scan_closes(scan, scan->size);
    else if (scan->state == CSV_SCAN_QUOTED && scan->size - scan->begin > SJ__CSV_FIELD_LIMIT)
        found = csv_scan_give_up(scan, SJ__CSV_LONG);
    else if (scan->state == CSV_SCAN_PLAIN && scan->size - scan->begin > SJ__CSV_FIELD_LIMIT)
        csv_scan_fault(scan, SJ__CSV_LONG, scan->begin);
    return found != 0 ? found : csv_scan_drop(scan);
}

/* The text is at an end. */
static int csv_scan_last(sj__csv_scan *scan)
{
    int found = 0;
    if (scan->state == CSV_SCAN_QUOTED)
        found = csv_scan_give_up(
            scan, scan->size - scan->begin > SJ__CSV_FIELD_LIMIT ? SJ__CSV_LONG : SJ__CSV_OPEN);
    else if (scan->state == CSV_SCAN_CLOSED)
        found = csv_scan_closes(scan, scan->size);
    else if (scan->n_fields == 0 && scan->start == scan->size)
        found = SJ__CSV_END;
    return found != 0 ? found : csv_scan_record(scan, scan->size);
}

/* An end of line where a record would begin. */
static void csv_scan_blank(sj__csv_scan *scan, size_t at)
{
    int cr = scan->bytes[at] == '\r';
    if (cr || !scan->after_cr)
        scan->line++;
    scan->after_cr = cr;
    scan->start = at + 1;
    scan->begin = at + 1;
    scan->odd = scan->block_odd;
}

/* A special character inside quotes. */
static void csv_scan_inside(sj__csv_scan *scan, size_t at)
{
    char c = scan->bytes[at];
    if (c == '"') {
        scan->state = CSV_SCAN_CLOSED;
        scan->close = at;
    } else if (c == '\r' || (c == '\n' && scan->bytes[at - 1] != '\r')) {
        scan->breaks++;
    }
}

/* A special character outside quotes.  0, or what sj__csv_next answers. */
static int csv_scan_outside(sj__csv_scan *scan, size_t at)
{
    char c = scan->bytes[at];
    if (c == (char)scan->delimiter) {
        csv_scan_field(scan, at);
        if (scan->n_fields == scan->limit)
            csv_scan_fault(scan, SJ__CSV_TOO_MANY, scan->start);
    } else if (c != '"') {
        if (at != scan->start || scan->n_fields != 0)
            return csv_scan_record(scan, at);
        csv_scan_blank(scan, at);
    } else if (at == scan->begin && scan->state == CSV_SCAN_PLAIN) {
        scan->state = CSV_SCAN_QUOTED;
        scan->begin = at + 1;
        scan->doubled = 0;
        scan->open_breaks = scan->breaks;
    }
    return 0;
}

/* Moves behind the record that the last call gave. */
static void csv_scan_begin(sj__csv_scan *scan)
{
    if (!scan->given)
        return;
    scan->given = 0;
    scan->line += scan->breaks + 1;
    scan->start = scan->next;
    scan->begin = scan->next;
    scan->breaks = 0;
    scan->n_fields = 0;
    scan->fault = SJ__CSV_SOUND;
    scan->odd = scan->block_odd;
}

/* Ends as many fields as end in delimiters, by the same steps as csv_scan_outside, but with the
 * state in registers. */
static void csv_scan_run(sj__csv_scan *scan)
{
    const char *bytes = scan->bytes + scan->block;
    const size_t most = scan->room < scan->limit ? scan->room : scan->limit - 1;
    uint64_t specials = scan->specials;
    size_t begin = scan->begin;
    size_t n = scan->n_fields;
    while (specials != 0 && n < most) {
        size_t bit = (size_t)__builtin_ctzll(specials);
        size_t at = scan->block + bit;
        if (bytes[bit] != (char)scan->delimiter || at - begin > SJ__CSV_FIELD_LIMIT)
            break;
        scan->fields[n++] = (sj__csv_field){.begin = begin, .end = at};
        begin = at + 1;
        specials &= specials - 1;
    }
    scan->specials = specials;
    scan->begin = begin;
    scan->n_fields = n;
}

int sj__csv_next(sj__csv_scan *scan)
{
    csv_scan_begin(scan);
    for (;;) {
        size_t at;
        int found = 0;
        if (scan->state == CSV_SCAN_PLAIN && scan->specials != 0)
            csv_scan_run(scan);
        if (scan->specials == 0) {
            if (csv_scan_block(scan))
                continue;
            return scan->last ? csv_scan_last(scan) : csv_scan_more(scan);
        }
        at = scan->block + (size_t)__builtin_ctzll(scan->specials);
        scan->specials &= scan->specials - 1;
        if (scan->state == CSV_SCAN_QUOTED) {
            csv_scan_inside(scan, at);
            continue;
        }
        if (scan->state == CSV_SCAN_CLOSED) {
            if (at == scan->close + 1 && scan->bytes[at] == '"') {
                scan->state = CSV_SCAN_QUOTED;
                scan->doubled = 1;
                continue;
            }
            found = csv_scan_closes(scan, at);
        }
        if (found == 0)
            found = csv_scan_outside(scan, at);
        if (found != 0)
            return found;
    }
}
