/* How varied one sequence is: the indicators of Gabadinho, Ritschard, Müller and Studer (TraMineR),
 * for a sequence of small numbers. */
#ifndef SJ__KERNEL_INDICATORS_H
#define SJ__KERNEL_INDICATORS_H

#include "base/alloc.h"

/* Before they are related to the size of the alphabet (below). */
typedef struct sj__indicators {
    uint64_t n;        /* events */
    uint64_t distinct; /* different numbers among them */
    double bits;       /* −Σ p log2 p */
    double changes;    /* changes / (n − 1); 0 where n is 1 */
    double mixed;      /* √(changes · bits) */
    double turbulence; /* needs no alphabet */
} sj__indicators;

/* Room for sequences over `width` numbers. */
typedef struct sj__indicator_room {
    sj_allocator allocator;
    uint32_t width;
    uint64_t *count; /* by number; 0 between calls */
    double *before;  /* by number: subsequences there were when it last began a visit */
    uint32_t *scale; /* by number: how often these had been scaled down by then */
    uint32_t *seen;  /* numbers of the sequence */
} sj__indicator_room;

sj_status sj__indicator_room_init(sj__indicator_room *room, uint32_t width,
                                  const sj_allocator *allocator, sj_error *error);
void sj__indicator_room_free(sj__indicator_room *room);

/* Of n ≥ 1 codes of `code_width` bytes (1, 2 or 4); all but n and distinct are 0 where n is 1.
 * O(n). */
void sj__indicators_of(sj__indicator_room *room, const void *codes, int32_t code_width, uint64_t n,
                       sj__indicators *out);
/* The different numbers of the sequence last looked at; `distinct` of them. */
const uint32_t *sj__indicators_seen(const sj__indicator_room *room);

/* With an alphabet of `a` numbers: 0 where it has one only. */
double sj__indicator_entropy(double bits, uint64_t a);
double sj__indicator_complexity(double mixed, uint64_t a);
double sj__indicator_volatility(double changes, double others,
                                uint64_t a); /* others = distinct − 1 */

#endif
