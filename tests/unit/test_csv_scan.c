/* The splitter of records: hand-made texts, and random ones against a naive splitter of the whole
 * text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/csv_scan.h"

/* Records as text: per record "LINE:" and its fields in [] (quotes undoubled; long ones as their
 * length), or "!FAULT@LINE.COLUMN+INDEX". */
typedef struct record_list {
    char text[16384];
    size_t size;
} record_list;

static void list_bytes(record_list *list, const char *bytes, size_t n)
{
    assert_true(list->size + n < sizeof list->text);
    memcpy(list->text + list->size, bytes, n);
    list->size += n;
    list->text[list->size] = '\0';
}

static void list_number(record_list *list, int64_t v)
{
    char digits[24];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n-- > 0)
        list_bytes(list, &digits[n], 1);
}

static void list_field(record_list *list, const char *bytes, size_t n, int quoted)
{
    size_t i;
    list_bytes(list, "[", 1);
    if (n > 1000)
        list_number(list, (int64_t)n);
    for (i = 0; i < n && n <= 1000; i++) {
        list_bytes(list, &bytes[i], 1);
        if (quoted && bytes[i] == '"')
            i++;
    }
    list_bytes(list, "]", 1);
}

static void list_fault(record_list *list, int32_t fault, sj__place place)
{
    const char letter = "?MJOL"[fault];
    list_bytes(list, "!", 1);
    list_bytes(list, &letter, 1);
    list_bytes(list, "@", 1);
    list_number(list, place.line);
    list_bytes(list, ".", 1);
    list_number(list, place.column);
    list_bytes(list, "+", 1);
    list_number(list, place.index);
}

/* ---- the naive one ---- */

typedef struct naive {
    const char *text;
    size_t n;
    size_t limit;
} naive;

static sj__place naive_place(const naive *in, size_t at)
{
    sj__place place = {.index = (int64_t)at, .line = 1, .column = 1};
    size_t i;
    for (i = 0; i < at; i++) {
        int ends = in->text[i] == '\n' ||
                   (in->text[i] == '\r' && !(i + 1 < in->n && in->text[i + 1] == '\n'));
        place.column++;
        if (ends) {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

static int naive_is_end(const naive *in, size_t at)
{
    return at >= in->n || in->text[at] == '\n' || in->text[at] == '\r';
}

static size_t naive_skip_end(const naive *in, size_t at)
{
    if (at < in->n && in->text[at] == '\r' && at + 1 < in->n && in->text[at + 1] == '\n')
        return at + 2;
    return at < in->n ? at + 1 : at;
}

/* The closing quote of the one at `open`; n if there is none. */
static size_t naive_close(const naive *in, size_t open)
{
    size_t at = open + 1;
    while (at < in->n) {
        if (in->text[at] != '"')
            at++;
        else if (at + 1 < in->n && in->text[at + 1] == '"')
            at += 2;
        else
            return at;
    }
    return in->n;
}

/* One record that begins at `at`; returns where the next begins. */
static size_t naive_record(const naive *in, size_t at, record_list *list)
{
    record_list fields = {.size = 0};
    size_t start = at, n_fields = 0;
    int32_t fault = SJ__CSV_SOUND;
    sj__place place = {0};
    for (;;) {
        size_t from = at, to;
        int quoted = at < in->n && in->text[at] == '"';
        if (quoted) {
            size_t close = naive_close(in, at);
            if (close == in->n) {
                if (fault == SJ__CSV_SOUND) {
                    fault = SJ__CSV_OPEN;
                    place = naive_place(in, from);
                }
                while (!naive_is_end(in, at))
                    at++;
                break;
            }
            from++;
            to = close;
            at = close + 1;
            if (!naive_is_end(in, at) && in->text[at] != ',' && fault == SJ__CSV_SOUND) {
                fault = SJ__CSV_JUNK;
                place = naive_place(in, from - 1);
            }
        }
        while (!naive_is_end(in, at) && in->text[at] != ',')
            at++;
        if (!quoted)
            to = at;
        list_field(&fields, in->text + from, to - from, quoted);
        n_fields++;
        if (naive_is_end(in, at))
            break;
        at++;
        if (n_fields == in->limit && fault == SJ__CSV_SOUND) {
            fault = SJ__CSV_TOO_MANY;
            place = naive_place(in, start);
        }
    }
    list_number(list, naive_place(in, start).line);
    list_bytes(list, ":", 1);
    if (fault != SJ__CSV_SOUND)
        list_fault(list, fault, place);
    else
        list_bytes(list, fields.text, fields.size);
    return naive_skip_end(in, at);
}

static void naive_split(const char *text, size_t n, size_t limit, record_list *list)
{
    naive in = {.text = text, .n = n, .limit = limit};
    size_t at = 0;
    list->size = 0;
    list->text[0] = '\0';
    while (at < n) {
        if (naive_is_end(&in, at))
            at = naive_skip_end(&in, at);
        else
            at = naive_record(&in, at, list);
    }
}

/* ---- ours, in pieces ---- */

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % below;
}

static void list_record(record_list *list, const sj__csv_scan *scan)
{
    size_t i;
    list_number(list, scan->line);
    list_bytes(list, ":", 1);
    if (scan->fault != SJ__CSV_SOUND) {
        list_fault(list, scan->fault, scan->place);
        return;
    }
    for (i = 0; i < scan->n_fields; i++) {
        const sj__csv_field *field = &scan->fields[i];
        list_field(list, scan->bytes + field->begin, field->end - field->begin, field->doubled);
    }
}

/* Feeds pieces of 1 … `piece` bytes, each in a block of exactly its size. */
static void split(const char *text, size_t n, size_t limit, size_t piece, uint64_t *state,
                  record_list *list)
{
    sj__csv_field fields[64];
    sj__csv_scan scan;
    size_t base = 0, end = 0;
    char *block = NULL;
    int found;
    list->size = 0;
    list->text[0] = '\0';
    sj__csv_scan_init(&scan, ',', 0);
    scan.fields = fields;
    scan.room = 64;
    scan.limit = limit;
    do {
        size_t more = piece >= n ? n : 1 + (size_t)draw(state, piece);
        char *next;
        base += scan.start;
        end = end + more < n ? end + more : n;
        next = malloc(end - base + 1); /* never 0; the byte more is not shown */
        assert_non_null(next);
        next = realloc(next, end - base > 0 ? end - base : 1);
        memcpy(next, text + base, end - base);
        sj__csv_feed(&scan, next, end - base, end == n && draw(state, 2) == 0);
        free(block);
        block = next;
        while ((found = sj__csv_next(&scan)) == SJ__CSV_RECORD)
            list_record(list, &scan);
    } while (found == SJ__CSV_MORE);
    free(block);
}

static void check(const char *text, size_t limit, const char *expected)
{
    size_t n = strlen(text);
    record_list list;
    uint64_t state = 7;
    size_t piece;
    for (piece = 1; piece <= n + 1; piece++) {
        split(text, n, limit, piece, &state, &list);
        assert_string_equal(list.text, expected);
    }
    naive_split(text, n, limit, &list);
    assert_string_equal(list.text, expected);
}

/* ---- tests ---- */

static void a_record_is_a_line(void **state)
{
    (void)state;
    check("a,b\nc,d\n", 9, "1:[a][b]2:[c][d]");
    check("a,b\nc,d", 9, "1:[a][b]2:[c][d]");
    check("a\n,\n", 9, "1:[a]2:[][]");
    check("", 9, "");
}

static void lines_end_in_cr_lf_or_both_even_mixed(void **state)
{
    (void)state;
    check("a\rb\nc\r\nd\r", 9, "1:[a]2:[b]3:[c]4:[d]");
    check("a\r\n\r\nb\r\rc", 9, "1:[a]3:[b]5:[c]");
}

static void blank_lines_are_none_but_are_counted(void **state)
{
    (void)state;
    check("\n\na\n\n\nb\n\n", 9, "3:[a]6:[b]");
    check("\r\n\ra\r\n", 9, "3:[a]");
    check("\"\"\n", 9, "1:[]");
}

static void quotes_hold_delimiters_and_ends_of_lines(void **state)
{
    (void)state;
    check("\"a,b\",c\n", 9, "1:[a,b][c]");
    check("\"a\r\nb\nc\rd\",e\nf", 9, "1:[a\r\nb\nc\rd][e]5:[f]");
    check("\"\",\"\"\n", 9, "1:[][]");
}

static void a_doubled_quote_is_one(void **state)
{
    (void)state;
    check("\"a\"\"b\"\n", 9, "1:[a\"b]");
    check("\"\"\"\",\"\"\"a\"\"\"", 9, "1:[\"][\"a\"]");
}

static void a_quote_inside_an_unquoted_field_is_text(void **state)
{
    (void)state;
    check("5\" pipe,b\"\"c, \"d\"\n", 9, "1:[5\" pipe][b\"\"c][ \"d\"]");
}

static void characters_behind_a_closing_quote_are_a_fault(void **state)
{
    (void)state;
    check("a\nx,\"b\"c,d\ne\n", 9, "1:[a]2:!J@2.3+43:[e]");
    check("\"a\" ,b\nc", 9, "1:!J@1.1+02:[c]");
    check("\"a\"b", 9, "1:!J@1.1+0");
    check("\"a\nb\"x\ny", 9, "1:!J@1.1+03:[y]");
}

static void a_quote_that_never_closes_is_named_where_it_opens_and_takes_its_line_along(void **state)
{
    (void)state;
    check("a\nb,\"c\nd\ne\n", 9, "1:[a]2:!O@2.3+43:[d]4:[e]");
    check("\"a\nb\",\"c\r\nd,e", 9, "1:!O@2.4+63:[d][e]");
    check("\"", 9, "1:!O@1.1+0");
    check("a,\"b\"\"", 9, "1:!O@1.3+2");
}

static void a_record_with_too_many_fields_is_a_fault(void **state)
{
    (void)state;
    check("a,b\nc,d,e,f\ng\n", 2, "1:[a][b]2:!M@2.1+43:[g]");
    check("a,b,\"c\nd\",e\ng\n", 2, "1:!M@1.1+03:[g]");
}

static void the_first_fault_of_a_record_is_the_one_named(void **state)
{
    (void)state;
    check("\"a\"b,\"c\nd\ne", 9, "1:!J@1.1+02:[d]3:[e]");
    check("a,b,\"c\"d\n", 2, "1:!M@1.1+0");
}

static void random_texts_split_as_the_naive_splitter_splits_them(void **state)
{
    static const char alphabet[] = {'a', ',', '"', '\n', '\r', ';'};
    static record_list expected, list;
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);
    int round;
    (void)state;
    for (round = 0; round < 60000; round++) {
        char text[200];
        size_t n = (size_t)draw(&seed, round % 8 == 0 ? sizeof text : 24);
        size_t limit = 1 + (size_t)draw(&seed, 6);
        size_t i;
        for (i = 0; i < n; i++)
            text[i] = alphabet[draw(&seed, sizeof alphabet)];
        naive_split(text, n, limit, &expected);
        split(text, n, limit, SIZE_MAX, &seed, &list);
        assert_string_equal(list.text, expected.text);
        split(text, n, limit, 1 + (size_t)draw(&seed, 70), &seed, &list);
        assert_string_equal(list.text, expected.text);
    }
}

static void the_masks_of_both_kernels_agree(void **state)
{
    uint64_t seed = 42;
    int round;
    (void)state;
    for (round = 0; round < 20000; round++) {
        static const char delimiters[] = {',', ';', '\t', '|'};
        char delimiter = delimiters[draw(&seed, 4)];
        int strange = round % 3 == 0;
        int32_t odd = -1, odd_plain = -1;
        char block[64];
        size_t i;
        for (i = 0; i < sizeof block; i++) {
            block[i] = (char)(unsigned char)(strange ? draw(&seed, 256) : 1 + draw(&seed, 127));
            if (draw(&seed, 4) == 0)
                block[i] = "\"\r\n,;\t|\x7F"[draw(&seed, 8)];
        }
        assert_true(sj__csv_specials(block, delimiter, &odd) ==
                    sj__csv_specials_plain(block, delimiter, &odd_plain));
        assert_int_equal(odd, odd_plain);
        assert_true(strange || !odd);
    }
}

static void one_byte_that_is_nul_or_above_127_makes_a_block_odd(void **state)
{
    char block[64];
    int32_t odd;
    size_t i;
    (void)state;
    for (i = 0; i < sizeof block; i++) {
        memset(block, 'x', sizeof block);
        (void)sj__csv_specials(block, ',', &odd);
        assert_int_equal(odd, 0);
        block[i] = '\0';
        (void)sj__csv_specials(block, ',', &odd);
        assert_int_equal(odd, 1);
        block[i] = '\x80';
        (void)sj__csv_specials(block, ',', &odd);
        assert_int_equal(odd, 1);
    }
}

static void the_column_is_counted_in_characters(void **state)
{
    static const char text[] = "\xC3\xA4\xC3\xB6,\xE2\x82\xAC,x\n";
    sj__csv_field fields[3];
    sj__csv_scan scan;
    sj__place place;
    (void)state;
    sj__csv_scan_init(&scan, ',', 3);
    scan.fields = fields;
    scan.room = 3;
    sj__csv_feed(&scan, text, sizeof text - 1, 1);
    assert_int_equal(sj__csv_next(&scan), SJ__CSV_RECORD);
    assert_int_equal(scan.n_fields, 3);
    assert_int_equal(scan.odd, 1);
    place = sj__csv_place(&scan, fields[2].begin);
    assert_int_equal(place.line, 1);
    assert_int_equal(place.column, 6);
    assert_int_equal(place.index, 3 + 9);
}

/* `n` bytes of one field after `open`, then `rest`; the records of it fed whole and in pieces of 1
 * MiB. */
static void check_long(size_t n, char fill, size_t line_end, const char *open, const char *rest,
                       const char *expected)
{
    size_t a = strlen(open), b = strlen(rest), whole = a + n + b;
    char *text = malloc(whole);
    record_list list;
    uint64_t seed = 3;
    assert_non_null(text);
    memcpy(text, open, a);
    memset(text + a, fill, n);
    if (line_end > 0)
        text[line_end] = '\n';
    memcpy(text + a + n, rest, b);
    split(text, whole, 9, SIZE_MAX, &seed, &list);
    assert_string_equal(list.text, expected);
    split(text, whole, 9, (size_t)1 << 21, &seed, &list);
    assert_string_equal(list.text, expected);
    free(text);
}

static void a_field_above_16_mib_is_a_fault_however_it_is_fed(void **state)
{
    const size_t above = SJ__CSV_FIELD_LIMIT + 1;
    (void)state;
    check_long(above, 'x', 0, "a,", ",b\nc\n", "1:!L@1.3+22:[c]");
    check_long(above + ((size_t)3 << 20), 'x', 0, "a,", "\nc\n", "1:!L@1.3+22:[c]");
    check_long(above, 'x', 0, "a,\"", "\",b\nc\n", "1:!L@1.3+22:[c]");
    check_long(above, 'x', 0, "a,\"", ",b\nc\n", "1:!L@1.3+22:[c]");
    /* The line of the quote ends after three x; below it all is read anew, and the rest is one
     * field that is too long. */
    check_long(above + 3 + 1, 'x', 6, "a,\"", "\",b\nc\n", "1:!L@1.3+22:!L@2.1+73:[c]");
    check_long(above, 'x', 6, "a,\"", "\",b\nc\n", "1:!L@1.3+22:[16777214][b]3:[c]");
    check_long(above - 1, 'x', 0, "a,\"", "\",b\nc\n", "1:[a][16777216][b]2:[c]");
}

/* Feeds `open` and then a MiB of `fill` again and again; the most bytes that are kept from feed to
 * feed. */
static size_t most_kept(const char *open, char fill)
{
    const size_t piece = (size_t)1 << 20;
    sj__csv_field fields[4];
    sj__csv_scan scan;
    size_t kept = strlen(open), most = 0;
    char *bytes = malloc(32 * piece);
    int round;
    assert_non_null(bytes);
    memcpy(bytes, open, kept);
    sj__csv_scan_init(&scan, ',', 0);
    scan.fields = fields;
    scan.room = 4;
    scan.limit = 4;
    for (round = 0; round < 24; round++) {
        memset(bytes + kept, fill, piece);
        sj__csv_feed(&scan, bytes, kept + piece, 0);
        assert_int_equal(sj__csv_next(&scan), SJ__CSV_MORE);
        kept = kept + piece - scan.start;
        if (kept > most)
            most = kept;
        memmove(bytes, bytes + scan.start, kept);
    }
    free(bytes);
    return most;
}

static void a_record_that_is_faulty_is_not_kept(void **state)
{
    (void)state;
    assert_true(most_kept("\"a\"", 'x') < 8);
    assert_true(most_kept("a,b,c,d,", 'x') < 8);
    assert_true(most_kept("", ',') < 8);
    assert_true(most_kept("a,", 'x') <= SJ__CSV_FIELD_LIMIT + ((size_t)1 << 20));
    assert_true(most_kept("a,\"", 'x') <= SJ__CSV_FIELD_LIMIT + ((size_t)1 << 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_a_line),
        cmocka_unit_test(lines_end_in_cr_lf_or_both_even_mixed),
        cmocka_unit_test(blank_lines_are_none_but_are_counted),
        cmocka_unit_test(quotes_hold_delimiters_and_ends_of_lines),
        cmocka_unit_test(a_doubled_quote_is_one),
        cmocka_unit_test(a_quote_inside_an_unquoted_field_is_text),
        cmocka_unit_test(characters_behind_a_closing_quote_are_a_fault),
        cmocka_unit_test(
            a_quote_that_never_closes_is_named_where_it_opens_and_takes_its_line_along),
        cmocka_unit_test(a_record_with_too_many_fields_is_a_fault),
        cmocka_unit_test(the_first_fault_of_a_record_is_the_one_named),
        cmocka_unit_test(random_texts_split_as_the_naive_splitter_splits_them),
        cmocka_unit_test(the_masks_of_both_kernels_agree),
        cmocka_unit_test(one_byte_that_is_nul_or_above_127_makes_a_block_odd),
        cmocka_unit_test(the_column_is_counted_in_characters),
        cmocka_unit_test(a_field_above_16_mib_is_a_fault_however_it_is_fed),
        cmocka_unit_test(a_record_that_is_faulty_is_not_kept),
    };
    return cmocka_run_group_tests_name("csv_scan", tests, NULL, NULL);
}
