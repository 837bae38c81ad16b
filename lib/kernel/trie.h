/* Tries in arrays: how often each sequence of small numbers began somewhere, and with how many
 * customers. */
#ifndef SJ__KERNEL_TRIE_H
#define SJ__KERNEL_TRIE_H

#include "base/hash.h"

/* A sequence: its last step, and the node of what stands before that. */
typedef struct sj__trie_node {
    int64_t count;      /* times passed */
    uint32_t customers; /* of them with another stamp than the time before */
    uint32_t stamp;     /* of the last time */
    uint32_t parent;
    uint32_t step;
} sj__trie_node;

/* Node 0 is the empty sequence.  Steps are 0 … width − 1. */
typedef struct sj__trie {
    sj_allocator allocator;
    uint32_t width;
    uint32_t n_dense; /* nodes below have their children in a row of `dense`, 0 for none */
    uint32_t *dense;
    size_t dense_capacity;
    sj__trie_node *nodes;
    size_t n_nodes, capacity;
    sj__index index; /* children of the other nodes */
} sj__trie;

/* The trie must not move afterwards. */
void sj__trie_init(sj__trie *trie, uint32_t width, const sj_allocator *allocator);
void sj__trie_free(sj__trie *trie);

/* The node of a sequence with one more step, added where it is new; `node` 0 too is made by the
 * first call. SJ_ERR_NOMEM, SJ_ERR_LIMIT above 2^32 − 2 nodes. */
sj_status sj__trie_find(sj__trie *trie, uint32_t node, uint32_t step, uint32_t *child,
                        sj_error *error);

/* The node where it lies in the dense part and is there, else sj__trie_find. */
static inline sj_status sj__trie_child(sj__trie *trie, uint32_t node, uint32_t step,
                                       uint32_t *child, sj_error *error)
{
    if (node < trie->n_dense && node < trie->n_nodes) {
        *child = trie->dense[(size_t)node * trie->width + step];
        if (*child != 0)
            return SJ_OK;
    }
    return sj__trie_find(trie, node, step, child, error);
}

/* One more of a node; stamps of one customer are equal, of different customers not, never 0. */
static inline void sj__trie_count(sj__trie *trie, uint32_t node, uint32_t stamp)
{
    sj__trie_node *at = &trie->nodes[node];
    at->count++;
    at->customers += at->stamp != stamp;
    at->stamp = stamp;
}

/* Makes sure that node 0 is there. */
sj_status sj__trie_root(sj__trie *trie, sj_error *error);

/* Called for a node and the steps of its sequence. */
typedef sj_status (*sj__trie_visit)(void *user, const sj__trie_node *node, const uint32_t *steps,
                                    size_t n, sj_error *error);
/* All nodes in the order of their sequences, where `order` has the steps in theirs: what begins a
 * sequence comes before it.  At most `deepest` steps.  O(nodes + width); SJ_ERR_NOMEM, or what
 * `visit` gave. */
sj_status sj__trie_each(const sj__trie *trie, const uint32_t *order, size_t deepest,
                        sj__trie_visit visit, void *user, sj_error *error);

/* The steps of a node's sequence into `steps`; how many.  At most `room`, the last ones. */
size_t sj__trie_steps(const sj__trie *trie, uint32_t node, uint32_t *steps, size_t room);

#endif
