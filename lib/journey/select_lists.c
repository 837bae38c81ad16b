/* Lists of customers to include and to exclude, sorted and walked side by side: O(customers
 * listed). */
#include "journey/select.h"

static sj_status lists_sort(const sj_graph *graph, const char *what, const uint64_t *customers,
                            size_t n, sj__select_list *list, sj_error *error)
{
    const sj_allocator *a = sj__graph_allocator(graph);
    uint64_t known = sj__graph_customers(graph);
    sj__pair *scratch;
    for (size_t i = 0; i < n; i++) {
        if (customers[i] >= known) {
            return sj__fail_at(error, SJ_ERR_ARGUMENT, (sj__place){.index = (int64_t)i},
                               "%s has customer %u; the graph has customers 0 to less than %u",
                               what, customers[i], known);
        }
    }
    scratch = sj__alloc(a, n, sizeof *scratch);
    list->pairs = sj__alloc(a, n, sizeof *list->pairs);
    list->capacity = n;
    if (scratch && list->pairs) {
        for (size_t i = 0; i < n; i++) {
            list->pairs[i] = (sj__pair){customers[i], 0};
        }
        sj__sort_pairs(list->pairs, scratch, n);
        for (size_t i = 0; i < n; i++) {
            if (list->n == 0 || list->pairs[list->n - 1].key != list->pairs[i].key) {
                list->pairs[list->n++] = list->pairs[i];
            }
        }
    }
    sj__free(a, scratch, n, sizeof *scratch);
    return scratch && list->pairs ? SJ_OK : sj__fail_nomem(error);
}

sj_status sj__select_lists_init(sj__select_lists *lists, const sj_graph *graph,
                                const sj_selection *selection, sj_error *error)
{
    sj_status status;
    *lists = (sj__select_lists){.graph = graph, .includes = selection->include != NULL};
    status = lists_sort(graph, "include", selection->include, selection->n_include, &lists->include,
                        error);
    return status ? status
                  : lists_sort(graph, "exclude", selection->exclude, selection->n_exclude,
                               &lists->exclude, error);
}

void sj__select_lists_free(sj__select_lists *lists)
{
    if (lists->graph) {
        const sj_allocator *a = sj__graph_allocator(lists->graph);
        sj__free(a, lists->include.pairs, lists->include.capacity, sizeof *lists->include.pairs);
        sj__free(a, lists->exclude.pairs, lists->exclude.capacity, sizeof *lists->exclude.pairs);
    }
    *lists = (sj__select_lists){0};
}

uint64_t sj__select_lists_count(const sj__select_lists *lists)
{
    return lists->includes ? lists->include.n : sj__graph_customers(lists->graph);
}

int sj__select_lists_next(const sj__select_lists *lists, sj__select_walk *walk, uint64_t *customer)
{
    const sj__select_list *exclude = &lists->exclude;
    while (walk->next < sj__select_lists_count(lists)) {
        uint64_t c = lists->includes ? lists->include.pairs[walk->next].key : walk->next;
        walk->next++;
        while (walk->excluded < exclude->n && exclude->pairs[walk->excluded].key < c) {
            walk->excluded++;
        }
        if (walk->excluded == exclude->n || exclude->pairs[walk->excluded].key != c) {
            *customer = c;
            return 1;
        }
    }
    return 0;
}
