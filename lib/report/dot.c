/* Pictures for Graphviz (the DOT language): a node has a number, its name is its label. */
#include "report/picture.h"

/* In a quoted label: quotes and backslashes are escaped, & would begin an entity. */
static void dot_escape(sj__text *to, char c)
{
    if (c == '&') {
        sj__text_add(to, "&amp;");
        return;
    }
    if (c == '"' || c == '\\')
        sj__text_char(to, '\\');
    sj__text_char(to, c);
}

static void dot_node(const sj__picture *picture, uint32_t node, sj__text *to)
{
    size_t n;
    const char *name = sj__picture_name(picture, node, &n);
    sj__text_add(to, "    n");
    sj__text_unsigned(to, node);
    sj__text_add(to, " [label=\"");
    sj__picture_text(to, name, n, dot_escape);
    sj__text_add(to, sj__picture_is_pseudo(name, n) ? "\", shape=ellipse];\n" : "\"];\n");
}

void sj__write_dot(const sj__picture *picture, sj__text *to)
{
    sj__text_add(to, "digraph sojourn {\n    rankdir=LR;\n    node [shape=box];\n");
    for (uint32_t node = 0; node < picture->nodes.count; node++)
        dot_node(picture, node, to);
    for (size_t i = 0; i < picture->n_arrows; i++) {
        sj__text_add(to, "    n");
        sj__text_unsigned(to, picture->arrows[i].from);
        sj__text_add(to, " -> n");
        sj__text_unsigned(to, picture->arrows[i].to);
        sj__text_add(to, " [label=\"");
        sj__picture_label(picture, picture->arrows[i].row, to);
        sj__text_add(to, "\"];\n");
    }
    sj__text_add(to, "}\n");
}
