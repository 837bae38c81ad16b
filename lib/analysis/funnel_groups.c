/* Rows of a ledger of groups.  A unit touches a row per step it passed; a table of slots by group
 * remembers where these rows are, so that a group seen lately costs no search.  Room is bounded
 * (GROUPS_SLOT_ROWS rows in all), whatever the number of groups. */
#include "analysis/funnel.h"

#include <string.h>

#define GROUPS_SLOTS 4096
#define GROUPS_SLOT_ROWS (UINT32_C(1) << 18)

sj_status sj__funnel_groups_init(sj__funnel_groups *groups, sj__ledger *ledger, uint32_t n_steps,
                                 const sj_allocator *allocator, sj_error *error)
{
    size_t slots = GROUPS_SLOTS;
    while (slots > 1 && slots * n_steps > GROUPS_SLOT_ROWS)
        slots /= 2;
    *groups = (sj__funnel_groups){
        .ledger = ledger, .allocator = *allocator, .n_steps = n_steps, .n_slots = slots};
    groups->keys = sj__alloc_zeroed(allocator, slots, sizeof *groups->keys);
    groups->rows = sj__alloc_zeroed(allocator, slots * n_steps, sizeof *groups->rows);
    groups->row = sj__alloc_zeroed(allocator, (size_t)n_steps + 1, sizeof *groups->row);
    if (groups->keys == NULL || groups->rows == NULL || groups->row == NULL)
        return sj__fail_nomem(error);
    return SJ_OK;
}

void sj__funnel_groups_free(sj__funnel_groups *groups)
{
    const sj_allocator *a = &groups->allocator;
    if (groups->ledger == NULL)
        return;
    sj__free(a, groups->keys, groups->n_slots, sizeof *groups->keys);
    sj__free(a, groups->rows, groups->n_slots * groups->n_steps, sizeof *groups->rows);
    sj__free(a, groups->row, (size_t)groups->n_steps + 1, sizeof *groups->row);
    sj__free(a, groups->seen, groups->seen_capacity, sizeof *groups->seen);
    *groups = (sj__funnel_groups){0};
}

/* groups->row[from … to] of a group, new rows where it has none. */
static sj_status groups_find(sj__funnel_groups *groups, int64_t key, int32_t *key_parts, size_t n,
                             uint32_t from, uint32_t to, sj_error *error)
{
    const size_t slot = (size_t)((uint64_t)key & (groups->n_slots - 1));
    uint32_t *known = groups->rows + slot * groups->n_steps; /* of step 1 */
    sj_status status = SJ_OK;
    if (groups->keys[slot] != key) {
        memset(known, 0, groups->n_steps * sizeof *known);
        groups->keys[slot] = key;
    }
    for (uint32_t k = from; k <= to && status == SJ_OK; k++) {
        size_t row = (size_t)known[k - 1] - 1;
        if (known[k - 1] == 0) {
            key_parts[n] = (int32_t)k;
            status = sj__ledger_row(groups->ledger, key_parts, n + 1, &row, error);
            if (status == SJ_OK && row < UINT32_MAX)
                known[k - 1] = (uint32_t)row + 1;
        }
        groups->row[k] = row;
    }
    return status;
}

/* Each customer once in a row, however many units of it are there. */
static sj_status groups_see(sj__funnel_groups *groups, const sj__funnel_member *member,
                            sj_error *error)
{
    const size_t before = groups->seen_capacity;
    const sj_status status = sj__grow(&groups->allocator, &groups->seen, &groups->seen_capacity,
                                      groups->ledger->n_rows, error);
    if (status != SJ_OK)
        return status;
    if (groups->seen_capacity > before)
        memset(groups->seen + before, 0, (groups->seen_capacity - before) * sizeof *groups->seen);
    for (uint32_t k = member->entered; k <= member->level; k++) {
        const size_t row = groups->row[k];
        if (groups->seen[row] != member->customer)
            sj__ledger_counts(groups->ledger, row)[SJ__GROUP_CUSTOMERS]++;
        groups->seen[row] = member->customer;
    }
    return SJ_OK;
}

sj_status sj__funnel_groups_add(sj__funnel_groups *groups, int64_t key, int32_t *key_parts,
                                size_t n, const sj__funnel_member *member, sj_error *error)
{
    sj__ledger *ledger = groups->ledger;
    const sj_status status =
        groups_find(groups, key, key_parts, n, member->entered, member->level, error);
    if (status != SJ_OK)
        return status;
    for (uint32_t k = member->entered; k <= member->level; k++)
        sj__ledger_counts(ledger, groups->row[k])[SJ__GROUP_FILLED] +=
            member->empty == NULL || member->empty[k] != member->none;
    if (member->entered > 1)
        sj__ledger_counts(ledger, groups->row[member->entered])[SJ__GROUP_ENTERED]++;
    int64_t *last = sj__ledger_counts(ledger, groups->row[member->level]);
    last[SJ__GROUP_LEVEL]++;
    if (member->reason != 0)
        last[member->reason]++;
    return member->customer != 0 ? groups_see(groups, member, error) : SJ_OK;
}
