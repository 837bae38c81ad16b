/* The signals of friction, found by name and listed by sj_catalog.  Numbers are positions in the
 * table. */
#include "analysis/friction.h"

#include <string.h>

/* In `manner` % is the place; of rates it is what the affected did. */
static const sj__friction_signal friction_signals[] = {
    {"error", "an error before the next visit", "with an error at %"},
    {"rage", "three events of a visit with gaps below a second", "with rage at %"},
    {"repeat", "two events of a visit that is not rage", "with repeats at %"},
    {"slow", "a dwell above the place's 90th percentile", "with a slow visit to %"},
    {"handoff", "the visit before was on another channel", "with a handoff to %"},
    {"custom", "an event that meets the condition `custom`", "with the custom manner at %"},
    {"drop-off", "the last visit before leaving", "visits to %|were the last before leaving"},
    {"backtrack", "the next staged visit is of a lower stage",
     "customers at %|went back to an earlier stage next"},
    {"ping-pong", "A, B, and straight back to A", "customers on %|came straight back"},
    {"loop", "the same touchpoint again within a few visits, no higher stage before it",
     "customers at %|were soon there again"},
    {"unexpected", "a next visit that the map does not expect",
     "customers at %|went where the map does not expect"},
};

const sj__friction_signal *sj__friction_signal_at(size_t i)
{
    return i < sizeof friction_signals / sizeof *friction_signals ? &friction_signals[i] : NULL;
}

int32_t sj__friction_signal_find(const char *name, size_t n)
{
    const sj__friction_signal *signal;
    for (size_t i = 0; (signal = sj__friction_signal_at(i)) != NULL; i++) {
        if (strlen(signal->name) == n && memcmp(signal->name, name, n) == 0)
            return (int32_t)i;
    }
    return -1;
}
