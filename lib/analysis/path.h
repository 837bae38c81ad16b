/* What the files of paths share: the question (options made ready for one graph) and the tally's
 * shape. */
#ifndef SJ__ANALYSIS_PATH_H
#define SJ__ANALYSIS_PATH_H

#include <sojourn/path.h>

#include "analysis/table.h"
#include "journey/marks.h"
#include "kernel/trie.h"
#include "tally/plan.h"
#include "tally/result.h"

#define SJ__PATH_DEPTH 64 /* most events behind an anchor */
#define SJ__PATH_USUAL 5  /* and how many there are by default */

extern const sj__struct sj__path_options_struct;

/* The one ledger: path (names, the one next to the anchor first): count. */
enum { SJ__PATH_NODES = 0, SJ__PATH_LEDGERS = 1 };

/* Last parts of a key that are no name. */
enum {
    SJ__PATH_END =
        -1, /* the journey ends (read backwards: begins), or `to` was met, before `depth` */
    SJ__PATH_LOST = -2 /* with `from` and `to`: `to` was not met within `depth` */
};

/* Bits of the marks of events. */
enum { SJ__PATH_FROM = 0, SJ__PATH_TO = 1 };

typedef struct sj__path {
    sj_allocator allocator;
    sj__marks marks;
    int32_t has_from, has_to;
    int32_t occurrence; /* SJ_OCCURRENCE_…, resolved, and so on */
    int32_t count;
    int32_t collapse;
    uint32_t depth;
    uint64_t gap; /* longest pause in a session; SJ__NO_LIMIT: any */
    uint32_t n_touchpoints;
} sj__path;

/* Options checked and resolved: what is neutral is 0. */
sj_status sj__path_options_resolve(const sj_path_options *given, sj_path_options *out,
                                   sj_error *error);
/* The question of resolved options. */
sj_status sj__path_new(const sj_graph *graph, const sj_path_options *options, sj__path **out,
                       sj_error *error);
void sj__path_free(void *question, const sj_allocator *allocator);
/* Lines of the tally's text. */
void sj__path_write(const sj__path *path, const sj_path_options *options, sj__text *text);

/* ---- conclusions ---- */

/* A tally of paths read back: its options, and its rows as a tree (path_reading.c). */
typedef struct sj__path_reading {
    sj_allocator allocator;
    const sj_tally *tally;
    sj_path_options options; /* scalar fields, as the text has them */
    int32_t has_from, has_to;
    sj__text anchor;  /* as tables show it */
    sj__text to;      /* likewise */
    uint32_t *beyond; /* by row: the first row behind it and all that begins with it */
    size_t n_rows;    /* row 0 is the anchor, where there are any */
} sj__path_reading;

/* SJ_ERR_FORMAT where the tally holds what no scan can have counted; nothing is left behind then.
 */
sj_status sj__path_reading_init(sj__path_reading *reading, const sj_tally *tally, sj_error *error);
void sj__path_reading_free(sj__path_reading *reading);

static inline int64_t sj__path_count(const sj__path_reading *reading, size_t row)
{
    return sj__ledger_counts(&reading->tally->ledgers[SJ__PATH_NODES], row)[0];
}

/* Part of a key as tables show it. */
void sj__path_show(const sj__path_reading *reading, int32_t part, sj__text *text);

/* Table `layers` (path_layers.c). */
sj_status sj__path_layers(const sj__path_reading *reading, sj_result *result, sj_error *error);

#endif
