/* See variant_oracle.h. */
#include "oracle/variant_oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *variants_more(void *block, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return block;
    *capacity = *capacity ? 2 * *capacity : 64;
    block = realloc(block, *capacity * size);
    if (!block)
        abort();
    return block;
}

/* ---- units ---- */

/* Events `from` … `to` − 1 of a customer, which is all of a leg, conversion left out. */
static void variants_unit(const sj_graph *graph, const variant_oracle_question *question,
                          variant_oracle_answer *out, uint64_t customer, uint64_t from, uint64_t to,
                          int converted, int open)
{
    variant_oracle_unit unit = {.customer = customer, .converted = converted, .open = open};
    sj_moment moment, first;
    unit.number = 1;
    if (out->n_units && out->units[out->n_units - 1].customer == customer)
        unit.number = out->units[out->n_units - 1].number + 1;
    for (uint64_t i = from; i < to; i++) {
        const char *name;
        sj_graph_event(graph, customer, i, &moment);
        name = sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, moment.touchpoint);
        unit.value += moment.has_value ? moment.value : 0;
        if (unit.n && question->options->collapse && strcmp(unit.names[unit.n - 1], name) == 0)
            continue;
        if (unit.n == VARIANT_ORACLE_EVENTS)
            abort();
        unit.names[unit.n++] = name;
    }
    if (to > from) {
        sj_graph_event(graph, customer, from, &first);
        unit.time = moment.time - first.time;
        unit.has_events = 1;
    }
    out->units = variants_more(out->units, out->n_units, &out->unit_capacity, sizeof *out->units);
    out->units[out->n_units++] = unit;
}

static int64_t variants_horizon(const variant_oracle_question *question)
{
    const int64_t given = question->options->horizon;
    if (given)
        return given == SJ_INSTANT ? 0 : given;
    return question->as_of - question->observed_from < 60 * SJ_DAY ? SJ_UNLIMITED : 30 * SJ_DAY;
}

static void variants_customer(const sj_graph *graph, const variant_oracle_question *question,
                              variant_oracle_answer *out, uint64_t customer)
{
    const sj_variant_options *options = question->options;
    const int64_t gap = options->session_gap == SJ_INSTANT ? 0
                        : options->session_gap == 0        ? SJ_UNLIMITED
                                                           : options->session_gap;
    const int64_t horizon = options->conversion ? out->horizon : SJ_UNLIMITED;
    uint64_t from = 0;
    sj_moment moment, before = {0}, first = {0};
    for (uint64_t i = 0;; i++) {
        const int there =
            sj_graph_event(graph, customer, i, &moment) && moment.time <= question->as_of;
        if (i > from &&
            (!there || moment.time - before.time > gap || moment.time - first.time > horizon)) {
            variants_unit(graph, question, out, customer, from, i, 0,
                          horizon != SJ_UNLIMITED && question->as_of - first.time < horizon);
            from = i;
        }
        if (!there)
            return;
        if (i == from)
            first = moment;
        if (options->conversion && question->meets(question->user, &moment)) {
            variants_unit(graph, question, out, customer, from, i, 1,
                          horizon != SJ_UNLIMITED && question->as_of - first.time < horizon);
            from = i + 1;
        }
        before = moment;
    }
}

/* ---- indicators ---- */

/* How many different subsequences the visits have, the empty one too: by writing each one down. */
static double variants_subsequences(const char *const *visits, size_t n)
{
    size_t count = 0, all = (size_t)1 << n;
    uint8_t(*found)[VARIANT_ORACLE_EVENTS + 1] = calloc(all, sizeof *found);
    uint8_t letters[VARIANT_ORACLE_EVENTS];
    if (!found || n >= 20)
        abort();
    for (size_t i = 0; i < n; i++) {
        letters[i] = (uint8_t)(i + 1);
        for (size_t k = i; k-- > 0;)
            if (strcmp(visits[i], visits[k]) == 0)
                letters[i] = letters[k];
    }
    for (size_t set = 0; set < all; set++) {
        uint8_t one[VARIANT_ORACLE_EVENTS + 1] = {0};
        size_t length = 0, k = 0;
        for (size_t i = 0; i < n; i++)
            if (set >> i & 1)
                one[length++] = letters[i];
        while (k < count && memcmp(found[k], one, sizeof one) != 0)
            k++;
        if (k == count)
            memcpy(found[count++], one, sizeof one);
    }
    free(found);
    return (double)count;
}

static void variants_indicate(variant_oracle_unit *unit, size_t alphabet)
{
    const char *visits[VARIANT_ORACLE_EVENTS];
    double lengths[VARIANT_ORACLE_EVENTS], entropy = 0, mean, spread = 0, most;
    size_t v = 0, distinct = 0;
    const double n = (double)unit->n, a = (double)alphabet;
    if (unit->n < 2)
        return;
    for (size_t i = 0; i < unit->n; i++) {
        size_t same = 0, again = 0;
        for (size_t k = 0; k < unit->n; k++) {
            same += strcmp(unit->names[i], unit->names[k]) == 0;
            again += k < i && strcmp(unit->names[i], unit->names[k]) == 0;
        }
        if (!again) {
            entropy -= (double)same / n * log((double)same / n);
            distinct++;
        }
        if (v && strcmp(visits[v - 1], unit->names[i]) == 0) {
            lengths[v - 1]++;
            continue;
        }
        visits[v] = unit->names[i];
        lengths[v++] = 1;
    }
    entropy = alphabet > 1 ? entropy / log(a) : 0;
    mean = n / (double)v;
    for (size_t i = 0; i < v; i++)
        spread += (lengths[i] - mean) * (lengths[i] - mean) / (double)v;
    most = ((double)v - 1) * (1 - mean) * (1 - mean);
    unit->entropy = entropy < 0 ? 0 : entropy;
    unit->complexity = sqrt(((double)v - 1) / (n - 1) * unit->entropy);
    unit->turbulence = log2(variants_subsequences(visits, v) * (most + 1) / (spread + 1));
    unit->volatility = 0.5 * ((double)v - 1) / (n - 1) +
                       (alphabet > 1 ? 0.5 * ((double)distinct - 1) / (a - 1) : 0);
}

/* Touchpoints of the graph: in the tests, those that are declared ("never", a, b, c) and those that
 * a unit has. */
static size_t variants_alphabet(const sj_graph *graph, const variant_oracle_question *question,
                                uint64_t customers)
{
    static const char *const declared[] = {"never", "a", "b", "c"};
    size_t count = 0;
    for (uint64_t t = 0; t < sj_graph_count(graph, SJ_KIND_TOUCHPOINTS); t++) {
        const char *name = sj_graph_name(graph, SJ_KIND_TOUCHPOINTS, t);
        int has = 0;
        sj_moment moment;
        for (size_t i = 0; i < 4; i++)
            has |= strcmp(name, declared[i]) == 0;
        for (uint64_t c = 0; c < customers && !has; c++)
            for (uint64_t i = 0; sj_graph_event(graph, c, i, &moment) && !has; i++)
                has = moment.touchpoint == t && moment.time <= question->as_of &&
                      !(question->options->conversion && question->meets(question->user, &moment));
        count += (size_t)has;
    }
    return count;
}

/* ---- rows ---- */

static void variants_show(const char *const *names, size_t n, char *to)
{
    *to = 0;
    for (size_t i = 0; i < n; i++) {
        const int quoted =
            names[i][0] == '(' || names[i][0] == '\'' || strstr(names[i], " > ") != NULL;
        if (i)
            strcat(to, " > ");
        if (quoted)
            strcat(to, "'");
        for (const char *s = names[i]; *s; s++)
            strncat(strcat(to, quoted && *s == '\'' ? "'" : ""), s, 1);
        if (quoted)
            strcat(to, "'");
    }
    if (n == 0)
        strcpy(to, "(none)");
}

/* The row of a path, added where it is new. */
static size_t variants_row(variant_oracle_row **rows, size_t *n_rows, size_t *capacity,
                           const char *const *names, size_t n)
{
    char path[VARIANT_ORACLE_TEXT];
    size_t i = 0;
    variants_show(names, n, path);
    while (i < *n_rows && strcmp((*rows)[i].path, path) != 0)
        i++;
    if (i < *n_rows)
        return i;
    *rows = variants_more(*rows, *n_rows, capacity, sizeof **rows);
    (*rows)[i] = (variant_oracle_row){.n = n};
    strcpy((*rows)[i].path, path);
    memcpy((*rows)[i].names, names, n * sizeof *names);
    ++*n_rows;
    return i;
}

static int variants_compare(const void *left, const void *right)
{
    const variant_oracle_row *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        const int order = strcmp(a->names[i], b->names[i]);
        if (order)
            return order;
    }
    return (a->n > b->n) - (a->n < b->n);
}

static int variants_has(const variant_oracle_unit *unit, const variant_oracle_row *row)
{
    char path[VARIANT_ORACLE_TEXT];
    for (size_t i = 0; i + row->n <= unit->n; i++) {
        variants_show(unit->names + i, row->n, path);
        if (strcmp(path, row->path) == 0)
            return 1;
    }
    return 0;
}

static void variants_paths(variant_oracle_answer *out)
{
    for (size_t u = 0; u < out->n_units; u++) {
        const variant_oracle_unit *unit = &out->units[u];
        const size_t r =
            variants_row(&out->paths, &out->n_paths, &out->path_capacity, unit->names, unit->n);
        variant_oracle_row *row = &out->paths[r];
        char path[VARIANT_ORACLE_TEXT];
        int again = 0;
        for (size_t k = 0; k < u && !again; k++) {
            variants_show(out->units[k].names, out->units[k].n, path);
            again = out->units[k].customer == unit->customer && strcmp(path, row->path) == 0;
        }
        row->count++;
        row->customers += !again;
        row->converted += unit->converted && !unit->open;
        row->open += unit->open;
        row->value += unit->value;
    }
    if (out->n_paths)
        qsort(out->paths, out->n_paths, sizeof *out->paths, variants_compare);
}

static void variants_grams(variant_oracle_answer *out, size_t least, size_t most)
{
    for (size_t u = 0; u < out->n_units; u++)
        for (size_t n = least; n <= most; n++)
            for (size_t i = 0; i + n <= out->units[u].n; i++) {
                const size_t r = variants_row(&out->grams, &out->n_grams, &out->gram_capacity,
                                              out->units[u].names + i, n);
                out->grams[r].count++;
            }
    for (size_t r = 0; r < out->n_grams; r++)
        for (size_t u = 0; u < out->n_units; u++) {
            int again = 0;
            for (size_t k = 0; k < u && !again; k++)
                again = out->units[k].customer == out->units[u].customer &&
                        variants_has(&out->units[k], &out->grams[r]);
            out->grams[r].customers += !again && variants_has(&out->units[u], &out->grams[r]);
        }
    if (out->n_grams)
        qsort(out->grams, out->n_grams, sizeof *out->grams, variants_compare);
}

void variant_oracle_ask(const sj_graph *graph, const variant_oracle_question *question,
                        variant_oracle_answer *out)
{
    const sj_variant_options *options = question->options;
    const uint64_t customers = sj_graph_count(graph, SJ_KIND_CUSTOMERS);
    *out = (variant_oracle_answer){.horizon = variants_horizon(question)};
    for (uint64_t c = 0; c < customers; c++)
        variants_customer(graph, question, out, c);
    out->alphabet = variants_alphabet(graph, question, customers);
    for (size_t u = 0; u < out->n_units; u++)
        variants_indicate(&out->units[u], out->alphabet);
    if (options->what == 0 || options->what & SJ_VARIANT_WHOLE)
        variants_paths(out);
    if (options->what & SJ_VARIANT_NGRAMS)
        variants_grams(out, options->min_length ? (size_t)options->min_length : 2,
                       options->max_length ? (size_t)options->max_length : 5);
}

void variant_oracle_free(variant_oracle_answer *answer)
{
    free(answer->units);
    free(answer->paths);
    free(answer->grams);
}
