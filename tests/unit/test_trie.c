/* Tries in arrays. */
#include "failing.h"

#include "kernel/trie.h"

static sj_status walk(sj__trie *trie, const uint32_t *steps, size_t n, uint32_t stamp,
                      uint32_t *node)
{
    sj_status status = SJ_OK;
    *node = 0;
    for (size_t i = 0; i < n && status == SJ_OK; i++) {
        status = sj__trie_child(trie, *node, steps[i], node, NULL);
        if (status == SJ_OK)
            sj__trie_count(trie, *node, stamp);
    }
    return status;
}

static void what_begins_alike_shares_nodes(void **state)
{
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    uint32_t ab, abc, abd, steps[3];
    sj__trie trie;
    (void)state;
    sj__trie_init(&trie, 4, &a);
    assert_int_equal(walk(&trie, (uint32_t[]){0, 1, 2}, 3, 1, &abc), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){0, 1, 3}, 3, 1, &abd), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){0, 1}, 2, 2, &ab), SJ_OK);
    assert_int_equal(trie.n_nodes, 5);
    assert_int_equal(trie.nodes[ab].count, 3);
    assert_int_equal(trie.nodes[ab].customers, 2);
    assert_int_equal(trie.nodes[abc].count, 1);
    assert_int_equal(trie.nodes[abc].parent, ab);
    assert_int_equal(sj__trie_steps(&trie, abd, steps, 3), 3);
    assert_int_equal(steps[0], 0);
    assert_int_equal(steps[1], 1);
    assert_int_equal(steps[2], 3);
    assert_int_equal(sj__trie_steps(&trie, 0, steps, 3), 0);
    sj__trie_free(&trie);
    failing_check(&memory);
}

/* So wide that only the first nodes have dense children: the rest goes by the hash. */
static void wide_tries_find_the_same_nodes(void **state)
{
    enum { WIDTH = 100000, WALKS = 3000 };
    failing memory = {0};
    const sj_allocator a = failing_allocator(&memory);
    uint32_t *nodes = malloc(WALKS * sizeof *nodes), again;
    sj__trie trie;
    (void)state;
    assert_non_null(nodes);
    sj__trie_init(&trie, WIDTH, &a);
    assert_in_range(trie.n_dense, 1, 10);
    for (uint32_t i = 0; i < WALKS; i++)
        assert_int_equal(walk(&trie, (uint32_t[]){i % 7, i * 31 % WIDTH, WIDTH - 1 - i % 3}, 3,
                              i + 1, &nodes[i]),
                         SJ_OK);
    const size_t n = trie.n_nodes;
    for (uint32_t i = 0; i < WALKS; i++) {
        assert_int_equal(
            walk(&trie, (uint32_t[]){i % 7, i * 31 % WIDTH, WIDTH - 1 - i % 3}, 3, i + 1, &again),
            SJ_OK);
        assert_int_equal(again, nodes[i]);
    }
    assert_int_equal(trie.n_nodes, n);
    assert_int_equal(n, 1 + 7 + 2 * WALKS);
    sj__trie_free(&trie);
    free(nodes);
    failing_check(&memory);
}

typedef struct seen {
    size_t n;
    char text[16][8];
    size_t fail_behind;
} seen;

static sj_status see(void *user, const sj__trie_node *node, const uint32_t *steps, size_t n,
                     sj_error *error)
{
    seen *all = user;
    (void)node;
    (void)error;
    if (all->n == all->fail_behind)
        return SJ_ERR_LIMIT;
    for (size_t i = 0; i < n; i++)
        all->text[all->n][i] = (char)('a' + steps[i]);
    all->text[all->n++][n] = '\0';
    return SJ_OK;
}

static void nodes_come_in_the_order_of_their_sequences(void **state)
{
    static const char *const forwards[] = {"", "a", "ab", "abc", "abd", "b", "d", "da", "dd"};
    static const char *const backwards[] = {"", "d", "dd", "da", "b", "a", "ab", "abd", "abc"};
    const sj_allocator a = sj__allocator(NULL);
    uint32_t node;
    sj__trie trie;
    (void)state;
    sj__trie_init(&trie, 4, &a);
    assert_int_equal(walk(&trie, (uint32_t[]){3, 3}, 2, 1, &node), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){0, 1, 3}, 3, 1, &node), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){1}, 1, 1, &node), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){0, 1, 2}, 3, 1, &node), SJ_OK);
    assert_int_equal(walk(&trie, (uint32_t[]){3, 0}, 2, 1, &node), SJ_OK);
    for (int way = 0; way < 2; way++) {
        seen all = {.fail_behind = 99};
        const uint32_t orders[2][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}};
        assert_int_equal(sj__trie_each(&trie, orders[way], 3, see, &all, NULL), SJ_OK);
        assert_int_equal(all.n, 9);
        for (size_t i = 0; i < 9; i++)
            assert_string_equal(all.text[i], (way ? backwards : forwards)[i]);
        all = (seen){.fail_behind = 99};
        assert_int_equal(sj__trie_each(&trie, orders[way], 1, see, &all, NULL), SJ_OK);
        assert_int_equal(all.n, 4); /* nothing, a, b, d */
        all = (seen){.fail_behind = 5};
        assert_int_equal(sj__trie_each(&trie, orders[way], 3, see, &all, NULL), SJ_ERR_LIMIT);
    }
    sj__trie_free(&trie);
}

static void a_failed_allocation_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t at = 1; at < 40; at++) {
        failing memory = {.fail_at = at};
        const sj_allocator a = failing_allocator(&memory);
        sj__trie trie;
        uint32_t node = 0;
        int failed = 0;
        sj__trie_init(&trie, 100000, &a); /* two nodes are dense */
        for (uint32_t i = 0; i < 60; i++) {
            const uint32_t steps[] = {i % 3, i, i};
            while (walk(&trie, steps, 3, 1, &node) != SJ_OK)
                failed++;
            assert_int_equal(trie.nodes[node].step, i);
        }
        assert_int_equal(trie.n_nodes, 1 + 3 + 2 * 60);
        assert_int_equal(failed, memory.failures > 0);
        sj__trie_free(&trie);
        failing_check(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_begins_alike_shares_nodes),
        cmocka_unit_test(wide_tries_find_the_same_nodes),
        cmocka_unit_test(nodes_come_in_the_order_of_their_sequences),
        cmocka_unit_test(a_failed_allocation_loses_nothing),
    };
    return cmocka_run_group_tests_name("trie", tests, NULL, NULL);
}
