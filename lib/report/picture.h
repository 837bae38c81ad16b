/* A table as a picture: nodes and arrows, for the formats that draw.  Of a table with columns
 * `from` and `to` (in layers, where it has an integer column `layer`), or of a tree that a column
 * `path` spells out. */
#ifndef SJ__REPORT_PICTURE_H
#define SJ__REPORT_PICTURE_H

#include "journey/intern.h"
#include "report/cells.h"

typedef struct sj__picture_arrow {
    uint32_t from, to; /* nodes */
    size_t row;
} sj__picture_arrow;

typedef struct sj__picture {
    const sj_allocator *allocator;
    sj__intern nodes;   /* by what tells them apart: layer and name, or the whole path */
    uint32_t *label_at; /* by node: where in that its name begins */
    size_t label_capacity;
    sj__picture_arrow *arrows;
    size_t n_arrows, capacity;
    const sj__cells *count, *share; /* of an arrow; NULL: none */
} sj__picture;

/* Whether there is a picture of it. */
int sj__picture_is_of(const sj_table *table);
/* `cells` are the table's and outlive the picture; free it in any case.  SJ_ERR_NOMEM,
 * SJ_ERR_LIMIT. */
sj_status sj__picture_init(sj__picture *picture, const sj_table *table, const sj__cells *cells,
                           const sj_allocator *allocator, sj_error *error);
void sj__picture_free(sj__picture *picture);
const char *sj__picture_name(const sj__picture *picture, uint32_t node, size_t *n);
/* "12 (34.5%)"; nothing where the table has neither. */
void sj__picture_label(const sj__picture *picture, size_t row, sj__text *to);
/* Whether a name is one of ours, such as (start). */
int sj__picture_is_pseudo(const char *name, size_t n);

/* Writes a byte so that it stands for itself. */
typedef void (*sj__picture_escape)(sj__text *to, char c);
/* A text for a picture: control characters as \n, \t, \x1b, everything through `escape`. */
void sj__picture_text(sj__text *to, const char *s, size_t n, sj__picture_escape escape);

/* The formats. */
void sj__write_dot(const sj__picture *picture, sj__text *to);
void sj__write_mermaid(const sj__picture *picture, sj__text *to);

#endif
