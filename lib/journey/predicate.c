/* The grammar of predicates, by recursive descent:
 *
 *     predicate = and { "or" and }
 *     and = not { "and" not }
 *     not = [ "not" ] ( "(" predicate ")" | column test )
 *
 * (docs/conditions.md has all of it).  The tree has lists: what needless parentheses nest is
 * flattened here, so that a tree is its own minimal spelling.  O(bytes); parentheses nest at most
 * SJ__LIMIT_DEPTH deep. */
#include "journey/predicate.h"

#include <string.h>

#include "base/utf8.h"

typedef struct predicate_reader {
    const char *text;
    size_t n, at;
    size_t depth;
    sj__predicate *out;
    sj_error *error;
} predicate_reader;

static const char *const predicate_keywords[] = {"and", "or", "not", "in", "is", "null"};

static int predicate_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char predicate_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int predicate_same(const char *s, size_t n, const char *keyword)
{
    size_t i = 0;
    while (i < n && keyword[i] && predicate_lower(s[i]) == keyword[i])
        i++;
    return i == n && !keyword[i];
}

int sj__predicate_is_keyword(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof predicate_keywords / sizeof *predicate_keywords; i++) {
        if (predicate_same(s, n, predicate_keywords[i]))
            return 1;
    }
    return 0;
}

int sj__predicate_is_bare(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && predicate_is_word(s[i]))
        i++;
    return n > 0 && i == n;
}

const char *sj__predicate_word(const sj__predicate *predicate, const sj__word *word)
{
    return sj__text_data(&predicate->bytes) + word->start;
}

/* ------------------------------------------------------------------------------------- reading --
 */

static void predicate_skip(predicate_reader *reader)
{
    while (reader->at < reader->n) {
        const char c = reader->text[reader->at];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return;
        reader->at++;
    }
}

/* Bytes of the word that stands at a position. */
static size_t predicate_word_size(const predicate_reader *reader, size_t at)
{
    size_t size = 0;
    while (at + size < reader->n && predicate_is_word(reader->text[at + size]))
        size++;
    return size;
}

/* Steps over a mark or not. */
static int predicate_take(predicate_reader *reader, char mark)
{
    predicate_skip(reader);
    if (reader->at == reader->n || reader->text[reader->at] != mark)
        return 0;
    reader->at++;
    return 1;
}

static int predicate_take_keyword(predicate_reader *reader, const char *keyword)
{
    size_t size = 0;
    predicate_skip(reader);
    size = predicate_word_size(reader, reader->at);
    if (!predicate_same(reader->text + reader->at, size, keyword))
        return 0;
    reader->at += size;
    return 1;
}

static sj_status predicate_fail(const predicate_reader *reader, size_t at, const char *sentence)
{
    return sj__fail_at(reader->error, SJ_ERR_CONDITION, (sj__place){.index = (int64_t)at},
                       "at byte %u of the condition: %s", (uint64_t)at, sentence);
}

/* "… is expected", and what stands there instead. */
static sj_status predicate_expected(const predicate_reader *reader, const char *what)
{
    const size_t at = reader->at;
    const sj__place place = {.index = (int64_t)at};
    size_t size = predicate_word_size(reader, at);
    char found[SJ__SHORT_NAME];
    if (at == reader->n)
        return sj__fail_at(reader->error, SJ_ERR_CONDITION, place,
                           "the condition ends at byte %u where %s is expected", (uint64_t)at,
                           what);
    if (size == 0)
        do {
            size++;
        } while (at + size < reader->n && ((unsigned char)reader->text[at + size] & 0xC0) == 0x80);
    sj__map_shorten(found, reader->text + at, size);
    return sj__fail_at(reader->error, SJ_ERR_CONDITION, place,
                       "at byte %u of the condition %q stands where %s is expected", (uint64_t)at,
                       found, what);
}

/* Keeps a word's text; a failed allocation is remembered by `bytes` and told at the end. */
static void predicate_keep(predicate_reader *reader, sj__word *word, const char *s, size_t n)
{
    word->start = reader->out->bytes.size;
    word->size = n;
    sj__text_bytes(&reader->out->bytes, s, n);
    sj__text_char(&reader->out->bytes, '\0');
}

/* Text in quotes, doubled inside; stands at the opening one. */
static sj_status predicate_read_quoted(predicate_reader *reader, sj__word *word)
{
    sj__text *bytes = &reader->out->bytes;
    const char quote = reader->text[reader->at];
    *word = (sj__word){.at = reader->at, .start = bytes->size, .quoted = 1};
    for (size_t i = reader->at + 1; i < reader->n; i++) {
        if (reader->text[i] == quote && (i + 1 == reader->n || reader->text[i + 1] != quote)) {
            sj__text_char(bytes, '\0');
            reader->at = i + 1;
            return SJ_OK;
        }
        i += reader->text[i] == quote;
        sj__text_char(bytes, reader->text[i]);
        word->size++;
    }
    return predicate_fail(reader, reader->at,
                          "this quote never closes; a quote inside is written twice");
}

/* Bytes of what looks like a number: word characters, points, a sign in front or behind an e. */
static size_t predicate_number_size(const char *s, size_t n)
{
    size_t i = n && (s[0] == '+' || s[0] == '-');
    while (i < n && (predicate_is_word(s[i]) || s[i] == '.' ||
                     ((s[i] == '+' || s[i] == '-') && i > 0 && predicate_lower(s[i - 1]) == 'e')))
        i++;
    return i;
}

static sj_status predicate_read_literal(predicate_reader *reader, sj__word *word)
{
    const char *s = NULL;
    size_t left = 0, size = 0;
    sj__decimal decimal = {0};
    predicate_skip(reader);
    s = reader->text + reader->at;
    left = reader->n - reader->at;
    if (left && *s == '\'')
        return predicate_read_quoted(reader, word);
    if (left && *s == '"')
        return predicate_fail(reader, reader->at,
                              "text to compare with is in single quotes, not double ones");
    size = predicate_number_size(s, left);
    if (predicate_same(s, size, "null"))
        return predicate_fail(reader, reader->at,
                              "nothing equals null; write is null, or is not null");
    if (!sj__decimal_read(s, size, &decimal))
        return predicate_expected(reader, "a number, or a text in single quotes,");
    *word = (sj__word){.at = reader->at};
    predicate_keep(reader, word, s, size);
    reader->at += size;
    return SJ_OK;
}

static sj_status predicate_add_literal(predicate_reader *reader, sj__node *node)
{
    sj__predicate *out = reader->out;
    sj__word word = {0};
    sj_status status = SJ_OK;
    if ((status = predicate_read_literal(reader, &word)) ||
        (status = sj__grow(out->allocator, &out->literal, &out->literal_capacity,
                           out->n_literals + 1, reader->error)))
        return status;
    out->literal[out->n_literals++] = word;
    node->n_literals++;
    return SJ_OK;
}

/* --------------------------------------------------------------------------------------- tests --
 */

static sj_status predicate_read_column(predicate_reader *reader, sj__word *word)
{
    size_t size = 0;
    predicate_skip(reader);
    if (reader->at < reader->n && reader->text[reader->at] == '"')
        return predicate_read_quoted(reader, word);
    if (reader->at < reader->n && reader->text[reader->at] == '\'')
        return predicate_fail(reader, reader->at,
                              "a column is expected, not text in single quotes; for a touchpoint "
                              "write touchpoint = 'name'");
    size = predicate_word_size(reader, reader->at);
    if (size == 0)
        return predicate_expected(reader, "a column");
    if (sj__predicate_is_keyword(reader->text + reader->at, size))
        return predicate_expected(reader, "a column (in double quotes if that is its name)");
    *word = (sj__word){.at = reader->at};
    predicate_keep(reader, word, reader->text + reader->at, size);
    reader->at += size;
    return SJ_OK;
}

/* = != < <= > >=; leaves the reader where it is if there is none of them. */
static sj_status predicate_read_sign(predicate_reader *reader, int32_t *op)
{
    const size_t at = reader->at;
    const int equal = at + 1 < reader->n && reader->text[at + 1] == '=';
    const char c = at < reader->n ? reader->text[at] : '\0';
    reader->out->recognised |= c == '=' || c == '<' || c == '>' || (c == '!' && equal);
    if (c == '=' && equal)
        return predicate_fail(reader, at, "equality is written with one =");
    if (c == '<' && at + 1 < reader->n && reader->text[at + 1] == '>')
        return predicate_fail(reader, at, "'not equal' is written !=");
    *op = c == '='            ? SJ__OP_EQUAL
          : c == '!' && equal ? SJ__OP_NOT_EQUAL
          : c == '<'          ? (equal ? SJ__OP_LESS_EQUAL : SJ__OP_LESS)
          : c == '>'          ? (equal ? SJ__OP_GREATER_EQUAL : SJ__OP_GREATER)
                              : -1;
    if (*op >= 0)
        reader->at += c == '=' ? 1 : 1 + (size_t)equal;
    return SJ_OK;
}

static sj_status predicate_read_list(predicate_reader *reader, sj__node *node)
{
    sj_status status = SJ_OK;
    if (!predicate_take(reader, '('))
        return predicate_expected(reader, "the list of in, as in ('a', 'b'),");
    reader->out->recognised = 1;
    do {
        status = predicate_add_literal(reader, node);
    } while (!status && predicate_take(reader, ','));
    if (status || predicate_take(reader, ')'))
        return status;
    return predicate_expected(reader, "a comma or the ) of the list");
}

static sj_status predicate_read_test(predicate_reader *reader, sj__node *node)
{
    sj_status status = predicate_read_column(reader, &node->column);
    node->literal = reader->out->n_literals;
    predicate_skip(reader);
    if (status || (status = predicate_read_sign(reader, &node->op)))
        return status;
    if (node->op >= 0)
        return predicate_add_literal(reader, node);
    if (predicate_take_keyword(reader, "is")) {
        node->op = predicate_take_keyword(reader, "not") ? SJ__OP_IS_NOT_NULL : SJ__OP_IS_NULL;
        if (!predicate_take_keyword(reader, "null"))
            return predicate_expected(reader, "null");
        reader->out->recognised = 1;
        return SJ_OK;
    }
    node->op = predicate_take_keyword(reader, "not") ? SJ__OP_NOT_IN : SJ__OP_IN;
    if (predicate_take_keyword(reader, "in"))
        return predicate_read_list(reader, node);
    return predicate_expected(
        reader, node->op == SJ__OP_NOT_IN ? "in" : "a comparison (= != < <= > >=, in, is null)");
}

/* -------------------------------------------------------------------------------------- lists --
 */

static sj_status predicate_add_node(predicate_reader *reader, const sj__node *node, uint32_t *out)
{
    sj__predicate *predicate = reader->out;
    sj_status status = SJ_OK;
    if (predicate->n_nodes >= SJ__NO_NODE)
        return sj__fail(reader->error, SJ_ERR_LIMIT, "a condition has more than 4294967294 parts");
    status = sj__grow(predicate->allocator, &predicate->node, &predicate->node_capacity,
                      predicate->n_nodes + 1, reader->error);
    if (status)
        return status;
    *out = (uint32_t)predicate->n_nodes;
    predicate->node[predicate->n_nodes++] = *node;
    return SJ_OK;
}

static sj_status predicate_read_or(predicate_reader *reader, uint32_t *out);

static sj_status predicate_read_not(predicate_reader *reader, uint32_t *out)
{
    const int negated = predicate_take_keyword(reader, "not");
    sj__node node = {.child = SJ__NO_NODE, .next = SJ__NO_NODE};
    sj_status status = SJ_OK;
    if (predicate_take(reader, '(')) {
        if (++reader->depth > SJ__LIMIT_DEPTH)
            return sj__fail_at(
                reader->error, SJ_ERR_LIMIT, (sj__place){.index = (int64_t)reader->at - 1},
                "a condition nests parentheses more than %i deep", (int64_t)SJ__LIMIT_DEPTH);
        status = predicate_read_or(reader, out);
        reader->depth--;
        if (!status && !predicate_take(reader, ')'))
            status = predicate_expected(reader, "and, or, or the ) that closes");
    } else if (!(status = predicate_read_test(reader, &node))) {
        node.test = reader->out->n_tests++;
        status = predicate_add_node(reader, &node, out);
    }
    if (status || !negated)
        return status;
    node = (sj__node){.kind = SJ__NODE_NOT, .child = *out, .next = SJ__NO_NODE};
    return predicate_add_node(reader, &node, out);
}

/* Hangs a part, or the parts of a list of the same kind, behind the last part of a list; gives the
 * new last one. */
static uint32_t predicate_append(sj__predicate *out, uint32_t list, uint32_t last, uint32_t part)
{
    const uint32_t first =
        out->node[part].kind == out->node[list].kind ? out->node[part].child : part;
    if (last == SJ__NO_NODE) {
        out->node[list].child = first;
    } else {
        out->node[last].next = first;
    }
    for (last = first; out->node[last].next != SJ__NO_NODE;)
        last = out->node[last].next;
    return last;
}

/* Parts with `keyword` between them; one part alone is no list. */
static sj_status predicate_read_parts(predicate_reader *reader, int32_t kind, uint32_t *out)
{
    const char *keyword = kind == SJ__NODE_OR ? "or" : "and";
    const sj__node node = {.kind = kind, .child = SJ__NO_NODE, .next = SJ__NO_NODE};
    uint32_t list = SJ__NO_NODE, last = SJ__NO_NODE, part = SJ__NO_NODE;
    sj_status status = SJ_OK;
    for (;;) {
        status = kind == SJ__NODE_OR ? predicate_read_parts(reader, SJ__NODE_AND, &part)
                                     : predicate_read_not(reader, &part);
        if (status)
            return status;
        if (list != SJ__NO_NODE)
            last = predicate_append(reader->out, list, last, part);
        if (!predicate_take_keyword(reader, keyword))
            break;
        if (list != SJ__NO_NODE)
            continue;
        if ((status = predicate_add_node(reader, &node, &list)))
            return status;
        last = predicate_append(reader->out, list, last, part);
    }
    *out = list == SJ__NO_NODE ? part : list;
    return SJ_OK;
}

static sj_status predicate_read_or(predicate_reader *reader, uint32_t *out)
{
    return predicate_read_parts(reader, SJ__NODE_OR, out);
}

sj_status sj__predicate_parse(sj__predicate *out, const char *text, size_t n,
                              const sj_allocator *allocator, sj_error *error)
{
    predicate_reader reader = {.text = text, .n = n, .out = out, .error = error};
    sj_status status = SJ_OK;
    *out = (sj__predicate){.allocator = allocator};
    sj__text_init(&out->bytes, allocator);
    status = predicate_read_or(&reader, &out->root);
    predicate_skip(&reader);
    if (!status && reader.at < n)
        status = text[reader.at] == ')'
                     ? predicate_fail(&reader, reader.at, "no ( is open for this )")
                     : predicate_expected(&reader, "and, or, or the end");
    if (!status)
        status = sj__text_status(&out->bytes, error);
    if (status)
        sj__predicate_free(out);
    return status;
}

void sj__predicate_free(sj__predicate *predicate)
{
    const sj_allocator *a = predicate->allocator;
    const int32_t recognised = predicate->recognised;
    sj__free(a, predicate->node, predicate->node_capacity, sizeof *predicate->node);
    sj__free(a, predicate->literal, predicate->literal_capacity, sizeof *predicate->literal);
    sj__text_free(&predicate->bytes);
    *predicate = (sj__predicate){.allocator = a, .recognised = recognised};
}
