/* UTF-8: is it well formed, and how does one character follow another. */
#ifndef SJ__BASE_UTF8_H
#define SJ__BASE_UTF8_H

#include <stddef.h>

/* Position of the first byte that is not well-formed UTF-8 (no surrogates, no overlong forms, at
 * most U+10FFFF), or n.  NUL counts as malformed: no name may contain one. */
size_t sj__utf8_check(const char *s, size_t n);

/* The greatest m <= limit at which s (well formed) can be cut between characters. */
size_t sj__utf8_cut(const char *s, size_t n, size_t limit);

/* Columns that s takes on a terminal: characters, wide ones (East Asian) as 2, combining ones as 0.
 */
size_t sj__utf8_width(const char *s, size_t n);

/* How far apart two texts are (Damerau–Levenshtein over bytes), for "did you mean"; `limit`, which
 * is taken as 16 at most, where they are at least so far apart. */
size_t sj__text_distance(const char *a, size_t na, const char *b, size_t nb, size_t limit);

#endif
