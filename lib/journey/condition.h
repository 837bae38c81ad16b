/* Conditions: texts that pick events.  A known name, or a predicate (grammar: docs/conditions.md),
 * compiled against a map. */
#ifndef SJ__JOURNEY_CONDITION_H
#define SJ__JOURNEY_CONDITION_H

#include "base/text.h"
#include "journey/graph.h"

typedef struct sj__condition sj__condition;

/* Compiles `text` against a finished map, which must outlive the condition.  SJ_ERR_CONDITION with
 * the byte as index; SJ_ERR_NAME with the nearest known name, or for a name of two kinds how to
 * write each. */
sj_status sj__condition_compile(const sj__map *map, const char *text, size_t n,
                                const sj_allocator *allocator, sj__condition **out,
                                sj_error *error);
/* The condition "conversion = 'x'" for a micro-conversion of the map, by number.  (Its own text,
 * compiled by itself, may mean something else: it names only what comes before it.) */
sj_status sj__condition_of_conversion(const sj__map *map, uint32_t number,
                                      const sj_allocator *allocator, sj__condition **out,
                                      sj_error *error);
/* Only the grammar, no names: what sj_builder_add_micro_conversion can check at once. */
sj_status sj__condition_check(const char *text, size_t n, const sj_allocator *allocator,
                              sj_error *error);
void sj__condition_free(sj__condition *condition);

enum { SJ__NEVER_MET = 0, SJ__ALWAYS_MET = 1, SJ__LOOK = 2 };

/* What the touchpoint alone decides about an event: one of the above. */
int sj__condition_verdict(const sj__condition *condition, uint32_t touchpoint);
/* Whether the event meets the condition. */
int sj__condition_met(const sj__condition *condition, const sj_graph *graph, uint64_t customer,
                      uint64_t event);

/* Canonical text, kind resolved: "touchpoint = 'cart'"; the same for texts that mean the same up to
 * blanks, case of keywords, quotes, needless parentheses and literals' spelling (for tally texts).
 * Lives as long as the condition. */
const char *sj__condition_text(const sj__condition *condition);
/* How a person would name it: the text as given, trimmed. */
const char *sj__condition_name(const sj__condition *condition);

enum { SJ__IS_PREDICATE = 0, SJ__IS_TOUCHPOINT = 1, SJ__IS_CONVERSION = 2, SJ__IS_STAGE = 3 };
/* Whether the condition is one name (given bare, or as touchpoint = 'x' …), and its number. */
int sj__condition_kind(const sj__condition *condition, uint32_t *number);

#endif
