/* Pictures as Mermaid flowcharts, which Markdown viewers draw: a node has a number, its name is its
 * label. */
#include "report/picture.h"

#include <string.h>

/* Of ASCII, what is a letter, a digit or harmless stands for itself; the rest could be Mermaid's,
 * HTML or Markdown, and is written as an entity. */
static void mermaid_escape(sj__text *to, char c)
{
    const unsigned char byte = (unsigned char)c;
    const int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (byte >= 0x80 || is_letter || (c >= '0' && c <= '9') || strchr(" _-(),:/%'", c) != NULL) {
        sj__text_char(to, c);
        return;
    }
    sj__text_char(to, '#');
    sj__text_unsigned(to, byte);
    sj__text_char(to, ';');
}

static void mermaid_node(const sj__picture *picture, uint32_t node, sj__text *to)
{
    size_t n;
    const char *name = sj__picture_name(picture, node, &n);
    const int is_pseudo = sj__picture_is_pseudo(name, n);
    sj__text_add(to, "    n");
    sj__text_unsigned(to, node);
    sj__text_add(to, is_pseudo ? "([\"" : "[\"");
    if (n > 0 && name[0] == '-') { /* a list, to Markdown */
        sj__text_add(to, "#45;");
        name++;
        n--;
    }
    sj__picture_text(to, name, n, mermaid_escape);
    sj__text_add(to, is_pseudo ? "\"])\n" : "\"]\n");
}

void sj__write_mermaid(const sj__picture *picture, sj__text *to)
{
    sj__text_add(to, "flowchart LR\n");
    for (uint32_t node = 0; node < picture->nodes.count; node++)
        mermaid_node(picture, node, to);
    for (size_t i = 0; i < picture->n_arrows; i++) {
        const size_t before = to->size;
        sj__text_add(to, "    n");
        sj__text_unsigned(to, picture->arrows[i].from);
        sj__text_add(to, " -->|\"");
        const size_t label = to->size;
        sj__picture_label(picture, picture->arrows[i].row, to);
        if (to->size == label && before < label) /* no empty label */
            to->size -= 2;
        else
            sj__text_add(to, "\"|");
        sj__text_add(to, " n");
        sj__text_unsigned(to, picture->arrows[i].to);
        sj__text_char(to, '\n');
    }
}
