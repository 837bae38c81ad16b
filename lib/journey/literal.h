/* Decimal numbers as text: one spelling each, and how whole numbers see them. */
#ifndef SJ__JOURNEY_LITERAL_H
#define SJ__JOURNEY_LITERAL_H

#include "base/decimal.h"
#include "base/text.h"

/* A decimal number as whole numbers see it: the greatest one that is not above it, whether
 * something is left, and on which side it lies (-1, 1) where it is beyond them all. */
typedef struct sj__whole {
    int64_t floor;
    int fraction;
    int beyond;
} sj__whole;
sj__whole sj__decimal_whole(const sj__decimal *decimal);
/* The same text for every spelling of a number. */
void sj__decimal_write(const sj__decimal *decimal, sj__text *text);

#endif
