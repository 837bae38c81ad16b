/* Tallies to bytes: one form for each tally, on every machine (tally_format.h).  O(size). */
#include <string.h>

#include "tally/plan.h"
#include "tally/tally_format.h"

static void tally_write_fixed(sj__text *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        sj__text_char(to, (char)(unsigned char)(v >> (8 * i) & 0xff));
}

static void tally_write_varint(sj__text *to, sj__u128 v)
{
    char bytes[20];
    size_t n = 0;
    while (v > 127) {
        bytes[n++] = (char)(unsigned char)((unsigned)(v & 127) | 128u);
        v >>= 7;
    }
    bytes[n++] = (char)v;
    sj__text_bytes(to, bytes, n);
}

static void tally_write_signed(sj__text *to, sj__i128 v)
{
    tally_write_varint(to, v < 0 ? ~((sj__u128)v << 1) : (sj__u128)v << 1);
}

static void tally_write_bytes(sj__text *to, const char *bytes, size_t n)
{
    tally_write_varint(to, n);
    sj__text_bytes(to, bytes, n);
}

static void tally_write_spread(sj__text *to, const sj__spread *spread)
{
    uint32_t before = 0;
    tally_write_varint(to, spread->used);
    for (size_t i = 0; i < spread->used; i++) {
        const sj__spread_cell *cell = &spread->cells[i];
        tally_write_varint(to, cell->bucket - before);
        tally_write_signed(to, cell->count);
        tally_write_signed(to, cell->sum);
        before = cell->bucket;
    }
}

static void tally_write_row(sj__text *to, const sj__ledger *ledger, size_t row)
{
    size_t n;
    const int32_t *key = sj__ledger_key(ledger, row, &n);
    tally_write_varint(to, n);
    for (size_t i = 0; i < n; i++)
        tally_write_signed(to, key[i]);
    for (size_t i = 0; i < ledger->n_counts; i++)
        tally_write_signed(to, sj__ledger_counts(ledger, row)[i]);
    for (size_t i = 0; i < ledger->n_sums; i++)
        tally_write_signed(to, sj__ledger_sums(ledger, row)[i]);
    for (size_t i = 0; i < ledger->n_spreads; i++)
        tally_write_spread(to, &sj__ledger_spreads(ledger, row)[i]);
}

static void tally_write_ledger(sj__text *to, const sj__ledger *ledger)
{
    const sj__ledger_spec *spec = ledger->spec;
    const char *const about[] = {spec->name, spec->key, spec->counts, spec->sums, spec->spreads};
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        tally_write_bytes(to, about[i], strlen(about[i]));
    tally_write_varint(to, ledger->n_rows);
    for (size_t row = 0; row < ledger->n_rows; row++)
        tally_write_row(to, ledger, row);
}

sj_status sj_tally_write(const sj_tally *tally, sj_buffer **out, sj_error *error)
{
    if (out == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "out is NULL");
    *out = NULL;
    if (tally == NULL)
        return sj__fail(error, SJ_ERR_ARGUMENT, "the tally is NULL");
    sj__text text;
    sj__text_init(&text, &tally->allocator);
    sj__text_bytes(&text, SJ__TALLY_MAGIC, 8);
    tally_write_fixed(&text, SJ__TALLY_FORMAT, 4);
    tally_write_bytes(&text, tally->text, tally->text_size);
    tally_write_signed(&text, tally->customers);
    tally_write_varint(&text, tally->names.count);
    for (uint32_t i = 0; i < tally->names.count; i++) {
        size_t n;
        const char *name = sj__intern_name(&tally->names, i, &n);
        tally_write_bytes(&text, name, n);
    }
    for (size_t i = 0; i < tally->analysis->n_ledgers; i++)
        tally_write_ledger(&text, &tally->ledgers[i]);
    tally_write_fixed(&text, sj__hash_key(sj__text_data(&text), text.size), SJ__TALLY_TAIL);
    sj_status status = sj__text_to_buffer(&text, out, error);
    sj__text_free(&text);
    return status;
}
