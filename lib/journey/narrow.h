/* Codes stored in the narrowest of one, two and four bytes that holds them. */
#ifndef SJ__JOURNEY_NARROW_H
#define SJ__JOURNEY_NARROW_H

#include <stdint.h>

/* Bytes per code where the greatest is `most`. */
static inline int32_t sj__narrow_width(uint64_t most)
{
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

static inline uint32_t sj__narrow_get(const void *codes, int32_t width, uint64_t i)
{
    return width == 1   ? ((const uint8_t *)codes)[i]
           : width == 2 ? ((const uint16_t *)codes)[i]
                        : ((const uint32_t *)codes)[i];
}

static inline void sj__narrow_put(void *codes, int32_t width, uint64_t i, uint32_t code)
{
    if (width == 1) {
        ((uint8_t *)codes)[i] = (uint8_t)code;
    } else if (width == 2) {
        ((uint16_t *)codes)[i] = (uint16_t)code;
    } else {
        ((uint32_t *)codes)[i] = code;
    }
}

#endif
