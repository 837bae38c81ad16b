/* Tallies: what makes a sum of ledgers the same, to the byte, however it came about.
 *
 * Merge and subtract build the new tally beside the old one and then change places with it, so a
 * failure leaves the old one as it was.  A settled tally has no row and no name that says
 * nothing, its names in bytewise order and its rows in order of their keys: equal counts have
 * one form only. O(both tallies), O(rows log rows) to settle. */
#include "tally/tally.h"

#include <string.h>

#include "base/checked.h"
#include "base/utf8.h"
#include "tally/plan.h"

#define SJ__TALLY_SHOWN 64 /* bytes of a line that a message shows */

sj_status sj__tally_new(const sj__analysis *analysis, const char *text, size_t text_size,
                        const sj_allocator *allocator, sj_tally **out, sj_error *error)
{
    *out = NULL;
    sj_allocator a = sj__allocator(allocator);
    sj_tally *tally = sj__alloc_zeroed(&a, 1, sizeof *tally);
    if (tally == NULL)
        return sj__fail_nomem(error);
    tally->allocator = a;
    tally->analysis = analysis;
    sj__intern_init(&tally->names, &tally->allocator);
    tally->text = sj__copy_text(&tally->allocator, text, text_size);
    tally->text_size = text_size;
    tally->ledgers = sj__alloc_zeroed(&tally->allocator, analysis->n_ledgers, sizeof(sj__ledger));
    if (tally->text == NULL || tally->ledgers == NULL) {
        sj_tally_free(tally);
        return sj__fail_nomem(error);
    }
    for (size_t i = 0; i < analysis->n_ledgers; i++)
        sj__ledger_init(&tally->ledgers[i], &analysis->ledgers[i], &tally->allocator);
    *out = tally;
    return SJ_OK;
}

/* Frees everything but the struct itself. */
static void tally_clear(sj_tally *tally)
{
    const sj_allocator *a = &tally->allocator;
    for (size_t i = 0; tally->ledgers != NULL && i < tally->analysis->n_ledgers; i++)
        sj__ledger_free(&tally->ledgers[i]);
    sj__free(a, tally->ledgers, tally->analysis->n_ledgers, sizeof(sj__ledger));
    sj__intern_free(&tally->names);
    sj__free(a, tally->text, tally->text_size + 1, 1);
}

void sj_tally_free(sj_tally *tally)
{
    if (tally == NULL)
        return;
    tally_clear(tally);
    sj_allocator a = tally->allocator;
    sj__free(&a, tally, 1, sizeof *tally);
}

const char *sj_tally_text(const sj_tally *tally)
{
    return tally == NULL ? NULL : tally->text;
}

int64_t sj_tally_customers(const sj_tally *tally)
{
    return tally == NULL ? 0 : tally->customers;
}

sj_status sj__tally_name(sj_tally *tally, const char *name, size_t n, int32_t *out, sj_error *error)
{
    uint32_t number;
    sj_status status = sj__intern_add(&tally->names, name, n, &number, error);
    if (status != SJ_OK)
        return status;
    if (number > INT32_MAX)
        return sj__fail(error, SJ_ERR_LIMIT, "a tally has no room above 2147483648 names");
    *out = (int32_t)number;
    return SJ_OK;
}

/* ----------------------------------------------------------------------------------- settling --
 */

/* What stands at `from` comes to stand at `to` too; the allocator's address is what moves with
 * the struct. */
static void tally_move(sj_tally *to, const sj_tally *from)
{
    to->names = from->names;
    to->names.allocator = &to->allocator;
    to->names.index.allocator = &to->allocator;
    to->ledgers = from->ledgers;
    for (size_t i = 0; i < to->analysis->n_ledgers; i++) {
        to->ledgers[i].allocator = &to->allocator;
        to->ledgers[i].index.allocator = &to->allocator;
    }
    to->customers = from->customers;
}

/* The two change places; both count the same. */
static void tally_swap(sj_tally *tally, sj_tally *other)
{
    const sj_tally old = *tally;
    tally_move(tally, other);
    tally_move(other, &old);
}

/* Names of `from` that are used go into `to` in bytewise order; numbers[old] = new. */
static sj_status tally_order_names(const sj_tally *from, const uint8_t *used, sj_tally *to,
                                   int32_t *numbers, sj_error *error)
{
    const sj_allocator *a = &to->allocator;
    uint32_t n = from->names.count;
    uint32_t *order = sj__alloc(a, n, sizeof *order);
    if (order == NULL)
        return sj__fail_nomem(error);
    sj_status status = sj__intern_order(&from->names, order, error);
    for (uint32_t i = 0; i < n && status == SJ_OK; i++) {
        size_t size;
        const char *name = sj__intern_name(&from->names, order[i], &size);
        if (used[order[i]])
            status = sj__tally_name(to, name, size, &numbers[order[i]], error);
    }
    sj__free(a, order, n, sizeof *order);
    return status;
}

/* Fills `to`, an empty tally, with what is left of `from`; `to` borrows the spreads. */
static sj_status tally_settle_into(sj_tally *from, sj_tally *to, sj_error *error)
{
    const sj_allocator *a = &to->allocator;
    size_t n_names = from->names.count;
    size_t n_ledgers = from->analysis->n_ledgers;
    sj_status status = SJ_ERR_NOMEM;
    uint8_t *used = sj__alloc_zeroed(a, n_names, 1);
    int32_t *numbers = sj__alloc_zeroed(a, n_names, sizeof *numbers);
    if (used == NULL || numbers == NULL) {
        sj__fail_nomem(error);
        goto out;
    }
    for (size_t i = 0; i < n_ledgers; i++)
        sj__ledger_tidy(&from->ledgers[i], used);
    status = tally_order_names(from, used, to, numbers, error);
    for (size_t i = 0; i < n_ledgers && status == SJ_OK; i++)
        status = sj__ledger_settle(&from->ledgers[i], numbers, &to->ledgers[i], error);
    to->customers = from->customers;
out:
    sj__free(a, used, n_names, 1);
    sj__free(a, numbers, n_names, sizeof *numbers);
    return status;
}

sj_status sj__tally_settle(sj_tally *tally, sj_error *error)
{
    sj_tally *settled;
    sj_status status = sj__tally_new(tally->analysis, tally->text, tally->text_size,
                                     &tally->allocator, &settled, error);
    if (settled == NULL)
        return status;
    status = tally_settle_into(tally, settled, error);
    if (status == SJ_OK)
        tally_swap(tally, settled);
    for (size_t i = 0; i < tally->analysis->n_ledgers; i++)
        sj__ledger_forget_spreads(&settled->ledgers[i]);
    sj_tally_free(settled);
    return status;
}

/* ---------------------------------------------------------------------------- merge, subtract --
 */

sj_status sj__tally_add(sj_tally *to, const sj_tally *from, int sign, sj_error *error)
{
    const sj_allocator *a = &to->allocator;
    uint32_t n = from->names.count;
    sj_status status = SJ_OK;
    int32_t *names = sj__alloc(a, n, sizeof *names);
    if (names == NULL)
        return sj__fail_nomem(error);
    for (uint32_t i = 0; i < n && status == SJ_OK; i++) {
        size_t size;
        const char *name = sj__intern_name(&from->names, i, &size);
        status = sj__tally_name(to, name, size, &names[i], error);
    }
    for (size_t i = 0; i < to->analysis->n_ledgers && status == SJ_OK; i++)
        status = sj__ledger_add(&to->ledgers[i], &from->ledgers[i], names, sign, error);
    if (status == SJ_OK &&
        (sign > 0 ? __builtin_add_overflow(to->customers, from->customers, &to->customers)
                  : __builtin_sub_overflow(to->customers, from->customers, &to->customers)))
        status = sj__fail(error, SJ_ERR_OVERFLOW,
                          "the number of customers leaves the range of its type");
    sj__free(a, names, n, sizeof *names);
    return status;
}

/* ------------------------------------------------------------------------------------ the text --
 */

typedef struct tally_lines {
    const char *next, *end;
    const char *line; /* NULL behind the last */
    size_t n;         /* without the newline */
} tally_lines;

static int tally_is_who(const char *line, size_t n)
{
    static const char *const names[] = {"filter ",   "as_of ",         "entry_from ",
                                        "entry_to ", "observed_from ", "observed_until "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t m = strlen(names[i]);
        if (n >= m && memcmp(line, names[i], m) == 0)
            return 1;
    }
    return 0;
}

/* Goes to the next line; with `only_what` past those that say who and when is counted, not what. */
static void tally_next_line(tally_lines *lines, int only_what)
{
    do {
        lines->line = NULL;
        if (lines->next == lines->end)
            return;
        const char *stop = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
        lines->line = lines->next;
        lines->n = (size_t)((stop == NULL ? lines->end : stop) - lines->line);
        lines->next = stop == NULL ? lines->end : stop + 1;
    } while (only_what && tally_is_who(lines->line, lines->n));
}

/* Length of the first word of a line. */
static size_t tally_word(const tally_lines *lines)
{
    const char *blank = memchr(lines->line, ' ', lines->n);
    return blank == NULL ? lines->n : (size_t)(blank - lines->line);
}

/* A copy for a message: cut between characters. */
static const char *tally_shown(char to[SJ__TALLY_SHOWN + 4], const char *line, size_t n)
{
    size_t m = sj__utf8_cut(line, n, SJ__TALLY_SHOWN);
    memcpy(to, line, m);
    memcpy(to + m, m < n ? "..." : "", m < n ? 4 : 1);
    return to;
}

/* Whether a line of this first word still comes. */
static int tally_has_word(tally_lines rest, const char *word, size_t n)
{
    while (rest.line != NULL) {
        if (rest.n >= n && memcmp(rest.line, word, n) == 0 && tally_word(&rest) == n)
            return 1;
        tally_next_line(&rest, 0);
    }
    return 0;
}

static sj_status tally_differ(const tally_lines *here, const tally_lines *there, sj_error *error)
{
    char a[SJ__TALLY_SHOWN + 4], b[SJ__TALLY_SHOWN + 4];
    size_t na = here->line == NULL ? 0 : tally_word(here);
    size_t nb = there->line == NULL ? 0 : tally_word(there);
    if (here->line != NULL && there->line != NULL && na == nb &&
        memcmp(here->line, there->line, na) == 0) {
        const char *value = na < there->n ? there->line + na + 1 : "";
        size_t n = na < there->n ? there->n - na - 1 : 0;
        return sj__fail(error, SJ_ERR_MISMATCH,
                        "the tallies do not count the same thing: %s here, %s there",
                        tally_shown(a, here->line, here->n), tally_shown(b, value, n));
    }
    int only_here =
        here->line != NULL && (there->line == NULL || !tally_has_word(*there, here->line, na));
    const tally_lines *shown = only_here ? here : there;
    return sj__fail(error, SJ_ERR_MISMATCH,
                    only_here ? "the tallies do not count the same thing: %s here, not there"
                              : "the tallies do not count the same thing: %s there, not here",
                    tally_shown(a, shown->line, shown->n));
}

static sj_status tally_check_same(const sj_tally *tally, const sj_tally *other, int only_what,
                                  sj_error *error)
{
    tally_lines here = {tally->text, tally->text + tally->text_size, NULL, 0};
    tally_lines there = {other->text, other->text + other->text_size, NULL, 0};
    do {
        tally_next_line(&here, only_what);
        tally_next_line(&there, only_what);
        int same = (here.line == NULL) == (there.line == NULL) &&
                   (here.line == NULL ||
                    (here.n == there.n && memcmp(here.line, there.line, here.n) == 0));
        if (!same)
            return tally_differ(&here, &there, error);
    } while (here.line != NULL);
    return SJ_OK;
}

/* tally += sign * other, all or nothing */
static sj_status tally_combine(sj_tally *tally, const sj_tally *other, int sign, sj_error *error)
{
    if (tally == NULL || other == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "a tally is NULL");
    sj_status status = tally_check_same(tally, other, 0, error);
    if (status != SJ_OK)
        return status;
    sj_tally *sum;
    status = sj__tally_new(tally->analysis, tally->text, tally->text_size, &tally->allocator, &sum,
                           error);
    if (sum == NULL)
        return status;
    status = sj__tally_add(sum, tally, 1, error);
    if (status == SJ_OK)
        status = sj__tally_add(sum, other, sign, error);
    if (status == SJ_OK)
        status = sj__tally_settle(sum, error);
    if (status == SJ_OK)
        tally_swap(tally, sum);
    sj_tally_free(sum);
    return status;
}

sj_status sj_tally_merge(sj_tally *tally, const sj_tally *other, sj_error *error)
{
    return tally_combine(tally, other, 1, error);
}

sj_status sj_tally_subtract(sj_tally *tally, const sj_tally *other, sj_error *error)
{
    return tally_combine(tally, other, -1, error);
}

sj_status sj__tally_comparable(const sj_tally *tally, const sj_tally *baseline, sj_error *error)
{
    return tally_check_same(tally, baseline, 1, error);
}

sj_status sj__tally_check(const sj_tally *tally, const sj__analysis *analysis, sj_error *error)
{
    if (tally == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "the tally is NULL");
    if (tally->analysis != analysis)
        return sj__fail(error, SJ_ERR_MISMATCH, "this is a tally of %s, not of %s",
                        tally->analysis->name, analysis->name);
    int negative = tally->customers < 0;
    for (size_t i = 0; i < analysis->n_ledgers && !negative; i++)
        negative = sj__ledger_negative(&tally->ledgers[i]);
    if (negative)
        return sj__fail(error, SJ_ERR_NEGATIVE,
                        "this is a difference of tallies in which some count is below 0");
    return SJ_OK;
}
