/* A reader of JSON, just large enough, and the files of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/cases.h"

#ifndef SOJOURN_ROOT
#define SOJOURN_ROOT "."
#endif

typedef struct cases_reader {
    char *at;
    cases_node nodes[4000];
    size_t used;
} cases_reader;

static void cases_blank(cases_reader *reader)
{
    while (*reader->at == ' ')
        reader->at++;
}

static const char *cases_string(cases_reader *reader)
{
    char *start = ++reader->at, *to = start;
    for (; *reader->at != '"'; reader->at++) {
        assert_true(*reader->at != '\0');
        if (*reader->at == '\\')
            reader->at++;
        *to++ = *reader->at;
    }
    reader->at++;
    *to = '\0';
    return start;
}

static cases_node *cases_value(cases_reader *reader);

static void cases_children(cases_reader *reader, cases_node *node, char end)
{
    cases_node **last = &node->first;
    reader->at++;
    for (cases_blank(reader); *reader->at != end; cases_blank(reader)) {
        const char *name = NULL;
        if (end == '}') {
            name = cases_string(reader);
            cases_blank(reader);
            assert_int_equal(*reader->at++, ':');
        }
        *last = cases_value(reader);
        (*last)->name = name;
        last = &(*last)->next;
        cases_blank(reader);
        if (*reader->at == ',')
            reader->at++;
    }
    reader->at++;
}

static cases_node *cases_value(cases_reader *reader)
{
    assert_true(reader->used < sizeof reader->nodes / sizeof *reader->nodes);
    cases_node *node = &reader->nodes[reader->used++];
    memset(node, 0, sizeof *node);
    cases_blank(reader);
    node->type = *reader->at;
    switch (node->type) {
    case '{':
        cases_children(reader, node, '}');
        break;
    case '[':
        cases_children(reader, node, ']');
        break;
    case '"':
        node->text = cases_string(reader);
        break;
    case 't':
    case 'n':
        reader->at += 4;
        break;
    case 'f':
        reader->at += 5;
        break;
    default:
        node->type = '0';
        node->number = strtoll(reader->at, &reader->at, 10);
    }
    return node;
}

const cases_node *cases_get(const cases_node *node, const char *name)
{
    for (const cases_node *child = node ? node->first : NULL; child; child = child->next)
        if (strcmp(child->name, name) == 0)
            return child;
    return NULL;
}

int64_t cases_number(const cases_node *node, const char *name, int64_t otherwise)
{
    const cases_node *child = cases_get(node, name);
    return child && child->type == '0' ? child->number : otherwise;
}

/* ---- the files ---- */

/* NULL and a skipped test where the file is not there. */
gzFile cases_open(const char *name)
{
    char path[4096];
    const char *folder = getenv("SOJOURN_DATA");
    (void)snprintf(path, sizeof path, "%s/%s", folder ? folder : SOJOURN_ROOT "/../shared/data",
                   name);
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        skip();
    return file;
}

static char cases_line[1 << 20];
static cases_reader cases_parser;

const cases_node *cases_next(gzFile file)
{
    if (gzgets(file, cases_line, sizeof cases_line) == NULL)
        return NULL;
    cases_parser.at = cases_line;
    cases_parser.used = 0;
    return cases_value(&cases_parser);
}
