/* Names to small numbers: the bytes of all names in one arena, where each ends, and an index by
 * hash.
 *
 * Finding and adding are O(length) expected; the order of names is a merge sort of their first
 * eight bytes as a number, and of the rest only where those agree: O(n log n) comparisons.
 * */
#include "journey/intern.h"

#include <string.h>

#include "base/checked.h"
#include "base/sort.h"
#include "base/utf8.h"

typedef struct intern_wanted {
    const char *name;
    size_t n;
} intern_wanted;

void sj__intern_init(sj__intern *names, const sj_allocator *allocator)
{
    *names = (sj__intern){.allocator = allocator};
    sj__index_init(&names->index, allocator);
}

void sj__intern_free(sj__intern *names)
{
    sj__free(names->allocator, names->bytes, names->capacity, 1);
    sj__free(names->allocator, names->ends, names->ends_capacity, sizeof *names->ends);
    sj__index_free(&names->index);
    sj__intern_init(names, names->allocator);
}

const char *sj__intern_name(const sj__intern *names, uint32_t i, size_t *n)
{
    const uint64_t start = i ? names->ends[i - 1] + 1 : 0;
    if (n)
        *n = (size_t)(names->ends[i] - start);
    return names->bytes + start;
}

uint64_t sj__intern_hash(const sj__intern *names, uint32_t i)
{
    size_t n = 0;
    const char *name = sj__intern_name(names, i, &n);
    return sj__hash_key(name, n);
}

static int intern_same(const void *user, uint32_t position, const void *wanted)
{
    const intern_wanted *looked = wanted;
    size_t n = 0;
    const char *name = sj__intern_name(user, position, &n);
    return n == looked->n && memcmp(name, looked->name, n) == 0;
}

uint32_t sj__intern_find_hashed(const sj__intern *names, uint64_t hash, const char *name, size_t n)
{
    const intern_wanted wanted = {.name = name ? name : "", .n = n};
    return sj__index_find(&names->index, hash, intern_same, names, &wanted);
}

uint32_t sj__intern_find(const sj__intern *names, const char *name, size_t n)
{
    return names->count ? sj__intern_find_hashed(names, sj__hash_key(name, n), name, n) : SJ__ABSENT;
}

sj_status sj__intern_add(sj__intern *names, const char *name, size_t n, uint32_t *out,
                         sj_error *error)
{
    const uint64_t hash = sj__hash_key(name, n);
    const uint32_t known = sj__intern_find_hashed(names, hash, name, n);
    size_t need = 0;
    sj_status status = SJ_OK;
    if (known != SJ__ABSENT) {
        *out = known;
        return SJ_OK;
    }
    if (names->count == UINT32_MAX - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "there are more than 4294967294 names of one kind");
    if (!sj__size_add(names->size, n, &need) || !sj__size_add(need, 1, &need))
        return sj__fail_nomem(error);
    if ((status = sj__grow(names->allocator, &names->bytes, &names->capacity, need, error)) ||
        (status = sj__grow(names->allocator, &names->ends, &names->ends_capacity,
                           (size_t)names->count + 1, error)) ||
        (status = sj__index_reserve(&names->index, 1, error)))
        return status;
    if (n)
        memcpy(names->bytes + names->size, name, n);
    names->bytes[need - 1] = '\0';
    names->ends[names->count] = need - 1;
    names->size = need;
    sj__index_insert(&names->index, hash, names->count);
    *out = names->count++;
    return SJ_OK;
}

void sj__intern_truncate(sj__intern *names, uint32_t count)
{
    while (names->count > count) {
        sj__index_remove(&names->index, sj__intern_hash(names, names->count - 1), names->count - 1);
        names->count--;
    }
    names->size = count ? (size_t)names->ends[count - 1] + 1 : 0;
}

sj_status sj__intern_copy(sj__intern *to, const sj__intern *from, const sj_allocator *allocator,
                          sj_error *error)
{
    sj_status status = SJ_OK;
    sj__intern_init(to, allocator);
    if (from->count == 0)
        return SJ_OK;
    if ((status = sj__grow(allocator, &to->bytes, &to->capacity, from->size, error)) ||
        (status = sj__grow(allocator, &to->ends, &to->ends_capacity, from->count, error)) ||
        (status = sj__index_reserve(&to->index, from->count, error))) {
        sj__intern_free(to);
        return status;
    }
    memcpy(to->bytes, from->bytes, from->size);
    memcpy(to->ends, from->ends, from->count * sizeof *to->ends);
    to->size = from->size;
    to->count = from->count;
    for (uint32_t i = 0; i < to->count; i++)
        sj__index_insert(&to->index, sj__intern_hash(to, i), i);
    return SJ_OK;
}

/* ----------------------------------------------------------------------------------- order -- */

/* The first eight bytes as a number that orders as they do; a shorter name is filled up with zeros.
 */
static uint64_t intern_key(const char *name, size_t n)
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++)
        key = key << 8 | (i < n ? (uint64_t)(unsigned char)name[i] : 0);
    return key;
}

static int intern_compare(const char *a, size_t na, const char *b, size_t nb)
{
    const int order = memcmp(a, b, na < nb ? na : nb);
    return order ? order : (na > nb) - (na < nb);
}

static int intern_after(const sj__intern *names, const sj__pair *a, const sj__pair *b)
{
    size_t na = 0, nb = 0;
    const char *name_a = NULL, *name_b = NULL;
    if (a->key != b->key)
        return a->key > b->key;
    name_a = sj__intern_name(names, (uint32_t)a->number, &na);
    name_b = sj__intern_name(names, (uint32_t)b->number, &nb);
    return intern_compare(name_a, na, name_b, nb) > 0;
}

static void intern_merge(const sj__intern *names, const sj__pair *from, size_t middle, size_t n,
                         sj__pair *to)
{
    size_t i = 0, j = middle;
    for (size_t k = 0; k < n; k++) {
        const int second = i == middle || (j < n && intern_after(names, &from[i], &from[j]));
        to[k] = second ? from[j++] : from[i++];
    }
}

/* Sorts in runs of 1, 2, 4 …; returns whichever of the two arrays holds the result. */
static const sj__pair *intern_sort(const sj__intern *names, sj__pair *pairs, sj__pair *scratch)
{
    const size_t n = names->count;
    for (size_t run = 1; run < n; run *= 2) {
        sj__pair *swap = pairs;
        for (size_t start = 0; start < n; start += 2 * run) {
            const size_t left = n - start;
            intern_merge(names, pairs + start, left < run ? left : run,
                         left < 2 * run ? left : 2 * run, scratch + start);
        }
        pairs = scratch;
        scratch = swap;
    }
    return pairs;
}

sj_status sj__intern_order(const sj__intern *names, uint32_t *order, sj_error *error)
{
    const size_t n = names->count;
    sj__pair *pairs = sj__alloc(names->allocator, n, 2 * sizeof *pairs);
    const sj__pair *sorted = NULL;
    if (!pairs)
        return sj__fail_nomem(error);
    for (uint32_t i = 0; i < names->count; i++) {
        size_t size = 0;
        const char *name = sj__intern_name(names, i, &size);
        pairs[i] = (sj__pair){.key = intern_key(name, size), .number = i};
    }
    sorted = intern_sort(names, pairs, pairs + n);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)sorted[i].number;
    sj__free(names->allocator, pairs, n, 2 * sizeof *pairs);
    return SJ_OK;
}

/* --------------------------------------------------------------------------------- nearest -- */

/* Longer names are told apart by a person anyway, and the distance costs length times length. */
enum { INTERN_LONGEST_GUESS = 200, INTERN_FARTHEST_GUESS = 15 };

const char *sj__intern_nearest(const sj__intern *names, const char *name, size_t n)
{
    const char *best = NULL;
    size_t most = n / 3 ? n / 3 : 1, n_best = 0;
    if (n > INTERN_LONGEST_GUESS)
        return NULL;
    if (most > INTERN_FARTHEST_GUESS)
        most = INTERN_FARTHEST_GUESS;
    for (uint32_t i = 0; i < names->count; i++) {
        size_t size = 0, distance = 0;
        const char *known = sj__intern_name(names, i, &size);
        if ((size > n ? size - n : n - size) > most)
            continue;
        distance = sj__text_distance(name, n, known, size, most + 1);
        if (distance > most ||
            (distance == most && best && intern_compare(known, size, best, n_best) > 0))
            continue;
        best = known;
        n_best = size;
        most = distance;
    }
    return best;
}
