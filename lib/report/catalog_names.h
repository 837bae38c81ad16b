/* What the catalog lists beyond the options structs. */
#ifndef SJ__REPORT_CATALOG_NAMES_H
#define SJ__REPORT_CATALOG_NAMES_H

#include "base/options.h"

typedef struct sj__constant {
    const char *name;
    int64_t value;
} sj__constant;

/* The public constants in the order of the headers; NULL past the last. */
const sj__constant *sj__constant_at(size_t i);

/* The public structs in the order of the headers; NULL past the last. */
const sj__struct *sj__struct_at(size_t i);

#endif
