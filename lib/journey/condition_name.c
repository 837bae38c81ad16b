/* Canonical conditions read back: see condition_name.h. */
#include "journey/condition_name.h"

#include <string.h>

void sj__condition_unescape(sj__text *to, const char *value, size_t n)
{
    to->size = 0;
    for (size_t i = 0; i < n; i++) {
        const int escaped = value[i] == '\\' && i + 1 < n;
        i += (size_t)escaped;
        sj__text_char(to, escaped && value[i] == 'n' ? '\n' : value[i]);
    }
}

/* The size of the text in single quotes at s, both quotes included; 0 if s is not one such text. */
static size_t condition_name_quoted(const char *s, size_t n)
{
    size_t i = 1;
    if (n < 2 || s[0] != '\'')
        return 0;
    while (i < n && !(s[i] == '\'' && (i + 1 == n || s[i + 1] != '\'')))
        i += s[i] == '\'' ? 2 : 1;
    return i < n ? i + 1 : 0;
}

int sj__condition_bare_name(sj__text *name, const char *condition, size_t n)
{
    static const char *const kinds[] = {"touchpoint = ", "conversion = ", "stage = "};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const size_t skip = strlen(kinds[k]);
        if (n <= skip + 2 || memcmp(condition, kinds[k], skip) != 0 ||
            condition_name_quoted(condition + skip, n - skip) != n - skip)
            continue;
        for (size_t i = skip + 1; i + 1 < n; i += condition[i] == '\'' ? 2 : 1)
            sj__text_char(name, condition[i]);
        return 1;
    }
    return 0;
}
