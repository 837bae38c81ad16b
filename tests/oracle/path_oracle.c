/* See path_oracle.h. */
#include "oracle/path_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORACLE_PARTS = 66 };

/* One anchor's path: parts in order from the anchor, without the anchor. */
typedef struct oracle_path {
    uint64_t customer;
    size_t n;
    char *parts[ORACLE_PARTS];
} oracle_path;

/* An event that counts: one, or a visit. */
typedef struct oracle_event {
    const char *name;
    int64_t time, last; /* of its first and last event */
    int meets[2];
    uint64_t session;
} oracle_event;

typedef struct oracle_tree {
    const path_oracle_question *question;
    path_oracle_answer *answer;
    oracle_path *paths;
    size_t n, capacity;
    char anchor[PATH_ORACLE_TEXT];
    int backwards;
} oracle_tree;

static void *oracle_more(void *block, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return block;
    *capacity = *capacity ? 2 * *capacity : 64;
    block = realloc(block, *capacity * size);
    if (!block)
        abort();
    return block;
}

static char *oracle_copy(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    if (!copy)
        abort();
    strcpy(copy, text);
    return copy;
}

void path_oracle_show(const char *name, char *to, size_t room)
{
    size_t n = 0;
    if (name[0] != '(' && name[0] != '\'' && !strstr(name, " > ")) {
        snprintf(to, room, "%s", name);
        return;
    }
    to[n++] = '\'';
    for (; *name && n + 3 < room; name++) {
        if (*name == '\'')
            to[n++] = '\'';
        to[n++] = *name;
    }
    to[n++] = '\'';
    to[n] = 0;
}

/* ---- journeys ---- */

static size_t oracle_journey(const sj_graph *graph, uint64_t customer,
                             const path_oracle_question *question, oracle_event *events)
{
    const sj_path_options *options = question->options;
    const int64_t gap = options->session_gap == SJ_INSTANT ? 0 : options->session_gap;
    const int cuts = options->session_gap != 0 && options->session_gap != SJ_UNLIMITED;
    sj_moment moment;
    size_t n = 0;
    for (uint64_t i = 0; sj_graph_event(graph, customer, i, &moment); i++) {
        oracle_event event = {.name = sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, moment.touchpoint),
                              .time = moment.time,
                              .last = moment.time,
                              .session = n ? events[n - 1].session : 0};
        for (int which = 0; which < 2; which++)
            event.meets[which] = (which ? options->to : options->from) &&
                                 question->meets(question->user, &moment, which);
        if (n && cuts && moment.time - events[n - 1].last > gap)
            event.session++;
        if (n && options->collapse && event.session == events[n - 1].session &&
            strcmp(event.name, events[n - 1].name) == 0) {
            events[n - 1].last = moment.time;
            for (int which = 0; which < 2; which++)
                events[n - 1].meets[which] |= event.meets[which];
            continue;
        }
        events[n++] = event;
    }
    return n;
}

static size_t oracle_depth(const path_oracle_question *question)
{
    return question->options->depth ? (size_t)question->options->depth : 5;
}

static void oracle_add_part(oracle_path *path, const char *name, int is_name)
{
    char shown[PATH_ORACLE_TEXT];
    if (is_name)
        path_oracle_show(name, shown, sizeof shown);
    path->parts[path->n++] = oracle_copy(is_name ? shown : name);
}

/* The path from an anchor; `at` is the anchor, or where there is none −1 before the first event of
 * `session`. */
static void oracle_walk(oracle_tree *tree, uint64_t customer, const oracle_event *events, size_t n,
                        int64_t at, uint64_t session)
{
    const sj_path_options *options = tree->question->options;
    const size_t depth = oracle_depth(tree->question);
    const int between = options->from && options->to;
    oracle_path path = {.customer = customer};
    int64_t step = tree->backwards ? -1 : 1, i = at;
    int met = 0;
    while (path.n < depth && !met) {
        i += step;
        if (i < 0 || i >= (int64_t)n || events[i].session != session)
            break;
        oracle_add_part(&path, events[i].name, 1);
        met = between && events[i].meets[1];
    }
    if (between && !met) {
        while (path.n)
            free(path.parts[--path.n]);
        oracle_add_part(&path, "(none)", 0);
    } else if (path.n < depth) {
        oracle_add_part(&path, tree->backwards ? "(start)" : "(end)", 0);
    }
    tree->paths = oracle_more(tree->paths, tree->n, &tree->capacity, sizeof *tree->paths);
    tree->paths[tree->n++] = path;
}

static void oracle_customer(oracle_tree *tree, uint64_t customer, const oracle_event *events,
                            size_t n)
{
    const sj_path_options *options = tree->question->options;
    const int which = options->from ? 0 : 1;
    int64_t first = -1, last = -1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            int is_anchor = options->from || options->to
                                ? events[i].meets[which]
                                : i == 0 || events[i].session != events[i - 1].session;
            if (!is_anchor)
                continue;
            if (pass == 0) {
                first = first < 0 ? (int64_t)i : first;
                last = (int64_t)i;
            } else if (options->occurrence == SJ_OCCURRENCE_EVERY ||
                       (int64_t)i == (options->occurrence == SJ_OCCURRENCE_LAST ? last : first)) {
                oracle_walk(tree, customer, events, n,
                            options->from || options->to ? (int64_t)i : (int64_t)i - 1,
                            events[i].session);
            }
        }
    }
}

/* ---- the tree ---- */

typedef struct oracle_branch {
    const char *name;
    size_t *members;
    size_t n, capacity;
    int64_t count;
} oracle_branch;

static int64_t oracle_count(const oracle_tree *tree, const size_t *members, size_t n)
{
    const sj_path_options *options = tree->question->options;
    int64_t customers = 0;
    for (size_t i = 0; i < n; i++) {
        int again = 0;
        for (size_t k = 0; k < i && !again; k++)
            again = tree->paths[members[k]].customer == tree->paths[members[i]].customer;
        customers += !again;
    }
    return options->count == SJ_COUNT_OCCURRENCES ? (int64_t)n : customers;
}

static void oracle_put(oracle_tree *tree, int64_t depth, int64_t count, const char *path)
{
    path_oracle_answer *answer = tree->answer;
    path_oracle_row *row;
    answer->rows =
        oracle_more(answer->rows, answer->n_rows, &answer->capacity, sizeof *answer->rows);
    row = &answer->rows[answer->n_rows++];
    row->depth = depth;
    row->count = count;
    snprintf(row->path, sizeof row->path, "%s", path);
}

static void oracle_join(const oracle_tree *tree, const char *path, const char *part, char *to)
{
    if (tree->backwards)
        snprintf(to, PATH_ORACLE_TEXT, "%s > %s", part, path);
    else
        snprintf(to, PATH_ORACLE_TEXT, "%s > %s", path, part);
}

/* The bare bytes of a shown name, for the order. */
static void oracle_bare(const char *shown, char *to)
{
    size_t n = strlen(shown);
    if (shown[0] != '\'') {
        strcpy(to, shown);
        return;
    }
    for (size_t i = 1; i + 1 < n; i++) {
        *to++ = shown[i];
        i += shown[i] == '\'';
    }
    *to = 0;
}

static int oracle_compare(const void *left, const void *right)
{
    const oracle_branch *a = left, *b = right;
    char x[PATH_ORACLE_TEXT], y[PATH_ORACLE_TEXT];
    const int last_a = a->name[0] == '(', last_b = b->name[0] == '(';
    if (last_a != last_b)
        return last_a - last_b;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    oracle_bare(a->name, x);
    oracle_bare(b->name, y);
    return strcmp(x, y);
}

static void oracle_node(oracle_tree *tree, int64_t depth, const char *path, const size_t *members,
                        size_t n)
{
    const size_t top = tree->question->options->top ? (size_t)tree->question->options->top : 8;
    const int64_t count = oracle_count(tree, members, n);
    oracle_branch *branches = NULL;
    size_t n_branches = 0, capacity = 0, shown = 0;
    int64_t other = 0, sum = 0;
    char next[PATH_ORACLE_TEXT];
    oracle_put(tree, depth, count, path);
    for (size_t i = 0; i < n; i++) {
        const oracle_path *one = &tree->paths[members[i]];
        size_t b = 0;
        if (one->n <= (size_t)depth)
            continue;
        while (b < n_branches && strcmp(branches[b].name, one->parts[depth]) != 0)
            b++;
        if (b == n_branches) {
            branches = oracle_more(branches, n_branches, &capacity, sizeof *branches);
            branches[n_branches++] = (oracle_branch){.name = one->parts[depth]};
        }
        branches[b].members = oracle_more(branches[b].members, branches[b].n, &branches[b].capacity,
                                          sizeof *branches[b].members);
        branches[b].members[branches[b].n++] = members[i];
    }
    for (size_t b = 0; b < n_branches; b++) {
        branches[b].count = oracle_count(tree, branches[b].members, branches[b].n);
        sum += branches[b].count;
    }
    if (n_branches) {
        qsort(branches, n_branches, sizeof *branches, oracle_compare);
        tree->answer->adds_up = tree->answer->adds_up && sum == count;
    }
    for (size_t b = 0; b < n_branches; b++) {
        const int is_end = branches[b].name[0] == '(';
        if (is_end && other >= 0 && shown > top) {
            oracle_join(tree, path, "(other)", next);
            oracle_put(tree, depth + 1, other, next);
            other = -1;
        }
        if (!is_end && ++shown > top) {
            other += branches[b].count;
            continue;
        }
        oracle_join(tree, path, branches[b].name, next);
        oracle_node(tree, depth + 1, next, branches[b].members, branches[b].n);
    }
    if (other >= 0 && shown > top) {
        oracle_join(tree, path, "(other)", next);
        oracle_put(tree, depth + 1, other, next);
    }
    for (size_t b = 0; b < n_branches; b++)
        free(branches[b].members);
    free(branches);
}

void path_oracle_ask(const sj_graph *graph, const path_oracle_question *question,
                     path_oracle_answer *out)
{
    const sj_path_options *options = question->options;
    oracle_tree tree = {.question = question, .answer = out};
    uint64_t customers = sj_graph_count(graph, SJ_KIND_CUSTOMERS);
    size_t *all;
    *out = (path_oracle_answer){.adds_up = 1};
    tree.backwards = !options->from && options->to;
    if (options->from || options->to)
        path_oracle_show(options->from ? options->from : options->to, tree.anchor,
                         sizeof tree.anchor);
    else
        strcpy(tree.anchor, "(start)");
    for (uint64_t c = 0; c < customers; c++) {
        oracle_event *events = malloc((size_t)(sj_graph_length(graph, c) + 1) * sizeof *events);
        if (!events)
            abort();
        oracle_customer(&tree, c, events, oracle_journey(graph, c, question, events));
        free(events);
    }
    out->n_paths = tree.n;
    all = malloc((tree.n + 1) * sizeof *all);
    if (!all)
        abort();
    for (size_t i = 0; i < tree.n; i++)
        all[i] = i;
    oracle_node(&tree, 0, tree.anchor, all, tree.n);
    for (size_t i = 0; i < tree.n; i++)
        while (tree.paths[i].n)
            free(tree.paths[i].parts[--tree.paths[i].n]);
    free(tree.paths);
    free(all);
}

void path_oracle_free(path_oracle_answer *answer)
{
    free(answer->rows);
}
