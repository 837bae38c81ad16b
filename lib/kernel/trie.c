/* Tries: nodes in one array in order of arrival, children found by a dense table or by a hash.
 *
 * The nodes that come first are those near the root, which most steps go through: their children
 * lie in a table of `width` places per node, while that fits SJ__TRIE_DENSE places (about a
 * megabyte); the children of later nodes are found by a hash of parent and step.  O(1) a step. */
#include "kernel/trie.h"

#define SJ__TRIE_DENSE 262144

void sj__trie_init(sj__trie *trie, uint32_t width, const sj_allocator *allocator)
{
    *trie = (sj__trie){.allocator = *allocator, .width = width};
    trie->n_dense = width > 0 ? SJ__TRIE_DENSE / width : 0;
    sj__index_init(&trie->index, &trie->allocator);
}

void sj__trie_free(sj__trie *trie)
{
    const sj_allocator *a = &trie->allocator;
    if (a->resize == NULL)
        return;
    sj__free(a, trie->dense, trie->dense_capacity, sizeof *trie->dense);
    sj__free(a, trie->nodes, trie->capacity, sizeof *trie->nodes);
    sj__index_free(&trie->index);
    *trie = (sj__trie){0};
}

static uint64_t trie_hash(uint32_t parent, uint32_t step)
{
    return sj__hash_mix((uint64_t)parent << 32 | step);
}

static int trie_same(const void *user, uint32_t position, const void *wanted)
{
    const sj__trie_node *node = &((const sj__trie *)user)->nodes[position];
    const sj__trie_node *other = wanted;
    return node->parent == other->parent && node->step == other->step;
}

/* Room for one more node, and for its children where they are dense. */
static sj_status trie_reserve(sj__trie *trie, int hashed, sj_error *error)
{
    const sj_allocator *a = &trie->allocator;
    const size_t before = trie->dense_capacity, n = trie->n_nodes + 1;
    sj_status status = SJ_OK;
    if (n > UINT32_MAX - 1)
        return sj__fail(error, SJ_ERR_LIMIT, "more than 4294967294 different paths");
    status = sj__grow(a, &trie->nodes, &trie->capacity, n, error);
    if (status == SJ_OK && n <= trie->n_dense)
        status = sj__grow(a, &trie->dense, &trie->dense_capacity, n * trie->width, error);
    for (size_t i = before; i < trie->dense_capacity; i++)
        trie->dense[i] = 0;
    if (status == SJ_OK && hashed)
        status = sj__index_reserve(&trie->index, 1, error);
    return status;
}

sj_status sj__trie_root(sj__trie *trie, sj_error *error)
{
    if (trie->n_nodes > 0)
        return SJ_OK;
    const sj_status status = trie_reserve(trie, 0, error);
    if (status == SJ_OK)
        trie->nodes[trie->n_nodes++] = (sj__trie_node){.parent = 0};
    return status;
}

sj_status sj__trie_find(sj__trie *trie, uint32_t node, uint32_t step, uint32_t *child,
                        sj_error *error)
{
    const sj__trie_node wanted = {.parent = node, .step = step};
    const int hashed = node >= trie->n_dense;
    sj_status status = sj__trie_root(trie, error);
    if (status != SJ_OK)
        return status;
    *child = hashed ? sj__index_find(&trie->index, trie_hash(node, step), trie_same, trie, &wanted)
                    : trie->dense[(size_t)node * trie->width + step];
    if (hashed ? *child != SJ__ABSENT : *child != 0)
        return SJ_OK;
    status = trie_reserve(trie, hashed, error);
    if (status != SJ_OK)
        return status;
    *child = (uint32_t)trie->n_nodes++;
    trie->nodes[*child] = wanted;
    if (hashed)
        sj__index_insert(&trie->index, trie_hash(node, step), *child);
    else
        trie->dense[(size_t)node * trie->width + step] = *child;
    return SJ_OK;
}

/* Room for the walk: children as lists in order. */
typedef struct trie_walk {
    uint32_t *first; /* by node: its first child; 0: none */
    uint32_t *next;  /* by node: the child behind it; 0: none */
    uint32_t *start; /* by step: where its nodes begin in `nodes`; width + 1 */
    uint32_t *nodes; /* by step */
    uint32_t *steps; /* of the way down */
    uint32_t *way;   /* nodes of it */
} trie_walk;

/* Nodes by step (a counting sort), then hung in front of their siblings from the last step to the
 * first. */
static void trie_hang(const sj__trie *trie, const uint32_t *order, trie_walk *walk)
{
    for (size_t i = 1; i < trie->n_nodes; i++)
        walk->start[trie->nodes[i].step + 1]++;
    for (uint32_t s = 0; s < trie->width; s++)
        walk->start[s + 1] += walk->start[s];
    for (size_t i = trie->n_nodes; i-- > 1;)
        walk->nodes[--walk->start[trie->nodes[i].step + 1]] = (uint32_t)i;
    for (uint32_t k = trie->width; k-- > 0;) {
        const uint32_t s = order[k];
        const size_t end = s + 1 < trie->width ? walk->start[s + 2] : trie->n_nodes - 1;
        for (size_t i = walk->start[s + 1]; i < end; i++) {
            const uint32_t node = walk->nodes[i], parent = trie->nodes[node].parent;
            walk->next[node] = walk->first[parent];
            walk->first[parent] = node;
        }
    }
}

static sj_status trie_go(const sj__trie *trie, const trie_walk *walk, size_t deepest,
                         sj__trie_visit visit, void *user, sj_error *error)
{
    size_t n = 0;
    uint32_t node = 0;
    sj_status status = visit(user, &trie->nodes[0], walk->steps, 0, error);
    while (status == SJ_OK) {
        if (walk->first[node] != 0 && n < deepest) {
            walk->way[n++] = node;
            node = walk->first[node];
        } else {
            while (n > 0 && walk->next[node] == 0)
                node = walk->way[--n];
            if (n == 0)
                break;
            node = walk->next[node];
        }
        walk->steps[n - 1] = trie->nodes[node].step;
        status = visit(user, &trie->nodes[node], walk->steps, n, error);
    }
    return status;
}

sj_status sj__trie_each(const sj__trie *trie, const uint32_t *order, size_t deepest,
                        sj__trie_visit visit, void *user, sj_error *error)
{
    const sj_allocator *a = &trie->allocator;
    const size_t n = trie->n_nodes, width = (size_t)trie->width + 2;
    trie_walk walk = {.first = sj__alloc_zeroed(a, n, sizeof(uint32_t)),
                      .next = sj__alloc_zeroed(a, n, sizeof(uint32_t)),
                      .start = sj__alloc_zeroed(a, width, sizeof(uint32_t)),
                      .nodes = sj__alloc(a, n, sizeof(uint32_t)),
                      .steps = sj__alloc(a, deepest, sizeof(uint32_t)),
                      .way = sj__alloc(a, deepest, sizeof(uint32_t))};
    sj_status status = SJ_OK;
    if (walk.first == NULL || walk.next == NULL || walk.start == NULL || walk.nodes == NULL ||
        walk.steps == NULL || walk.way == NULL) {
        status = sj__fail_nomem(error);
    } else if (n > 0) {
        trie_hang(trie, order, &walk);
        status = trie_go(trie, &walk, deepest, visit, user, error);
    }
    sj__free(a, walk.first, n, sizeof(uint32_t));
    sj__free(a, walk.next, n, sizeof(uint32_t));
    sj__free(a, walk.start, width, sizeof(uint32_t));
    sj__free(a, walk.nodes, n, sizeof(uint32_t));
    sj__free(a, walk.steps, deepest, sizeof(uint32_t));
    sj__free(a, walk.way, deepest, sizeof(uint32_t));
    return status;
}

size_t sj__trie_steps(const sj__trie *trie, uint32_t node, uint32_t *steps, size_t room)
{
    size_t n = 0;
    for (; node != 0 && n < room; node = trie->nodes[node].parent)
        steps[n++] = trie->nodes[node].step;
    for (size_t i = 0; i < n / 2; i++) {
        const uint32_t swap = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = swap;
    }
    return n;
}
