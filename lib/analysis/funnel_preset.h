/* Presets of the funnel: the rules of a product, as values for the options that are not given. */
#ifndef SJ__ANALYSIS_FUNNEL_PRESET_H
#define SJ__ANALYSIS_FUNNEL_PRESET_H

#include <sojourn/funnel.h>

/* A scan of rows instead of attempts: a counting rule of its own (funnel_scan.c). */
enum { SJ__FUNNEL_NO_SCAN = 0, SJ__FUNNEL_SCAN_ORDER = 1, SJ__FUNNEL_SCAN_DEDUP = 2 };

typedef struct sj__funnel_preset {
    const char *name;
    const char *summary;    /* the product's rule */
    const char *difference; /* where the product is known to answer otherwise */
    const char *
        options; /* what it sets: "window=7d tie=grace", "exclusions.effect=remove", "rules=…" of a scan */
} sj__funnel_preset;

/* By number, NULL past the last. */
const sj__funnel_preset *sj__funnel_preset_at(size_t i);

/* What a preset has beyond the fields of the options. */
typedef struct sj__funnel_product {
    int64_t effect; /* exclusions whose effect is 0 take this; 0: break */
    int32_t scan;   /* SJ__FUNNEL_SCAN_… */
    int32_t reserved;
} sj__funnel_product;

/* Puts the values of the preset where the options have none, and the rest into `out`, zero without
 * a preset. SJ_ERR_NAME with the nearest name. */
sj_status sj__funnel_preset_apply(sj_funnel_options *options, sj__funnel_product *out,
                                  sj_error *error);

#endif
