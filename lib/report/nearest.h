/* The known name that is nearest to one that is not known, for messages. */
#ifndef SJ__REPORT_NEAREST_H
#define SJ__REPORT_NEAREST_H

#include <stddef.h>

typedef struct sj__nearest {
    const char *wanted;
    const char *best; /* NULL: none is near */
    size_t limit;     /* what is nearer than this is taken */
} sj__nearest;

/* Near is what differs in no more than a third of its bytes, and one at least. */
sj__nearest sj__nearest_begin(const char *wanted);
void sj__nearest_offer(sj__nearest *nearest, const char *name);

#endif
