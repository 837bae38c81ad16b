/* Writes the demo shop's events as CSV.
 *
 *     demo_shop [--customers N] [--seed N] [--plant on|off] [--kinds 1|3] [--output FILE]
 */
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct wishes {
    int64_t customers;
    uint64_t seed;
    int planted;
    int kinds;
    const char *output;
} wishes;

static const char USAGE[] =
    "usage: demo_shop [--customers N] [--seed N] [--plant on|off] [--kinds 1|3] [--output FILE]\n"
    "  --customers N    how many customers (default 31500: about 200,000 events)\n"
    "  --seed N         another shop of the same kind (default 1)\n"
    "  --plant on|off   with the friction at payment (default on)\n"
    "  --kinds 1|3      one kind of customers, or three that leave more or less soon (default 1)\n"
    "  --output FILE    where to write (default: standard output)\n";

/* A whole number below 10^12; 0 if `text` is none. */
static int read_number(const char *text, uint64_t *out)
{
    const size_t n = strspn(text, "0123456789");

    *out = 0;
    if (n == 0 || n > 12 || text[n] != '\0')
        return 0;
    *out = strtoull(text, NULL, 10);
    return 1;
}

static int read_wish(wishes *out, const char *name, const char *value)
{
    uint64_t number = 0;

    if (strcmp(name, "--output") == 0) {
        out->output = value;
    } else if (strcmp(name, "--plant") == 0 &&
               (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)) {
        out->planted = value[1] == 'n';
    } else if (strcmp(name, "--kinds") == 0 &&
               (strcmp(value, "1") == 0 || strcmp(value, "3") == 0)) {
        out->kinds = value[0] - '0';
    } else if (strcmp(name, "--customers") == 0 && read_number(value, &number)) {
        out->customers = (int64_t)number;
    } else if (strcmp(name, "--seed") == 0 && read_number(value, &number)) {
        out->seed = number;
    } else {
        return 0;
    }
    return 1;
}

static int write_event(void *user, const shop_event *event)
{
    char row[SHOP_ROW];
    const size_t n = (size_t)shop_row(event, row);

    return fwrite(row, 1, n, user) != n;
}

static int write_shop(const wishes *wanted, FILE *file)
{
    shop_model models[SHOP_KINDS];
    int failed = fputs(SHOP_HEADER, file) == EOF;

    for (int kind = 0; kind < SHOP_KINDS; kind++)
        shop_prepare_kind(&models[kind], wanted->planted, kind);
    for (int64_t customer = 1; !failed && customer <= wanted->customers; customer++) {
        const int kind = wanted->kinds > 1 ? shop_kind(wanted->seed, customer) : SHOP_PLAIN;

        failed = shop_walk(&models[kind], wanted->seed, customer, write_event, file);
    }
    return failed;
}

int main(int argc, char **argv)
{
    wishes wanted = {.customers = 31500, .seed = 1, .planted = 1, .kinds = 1};
    FILE *file = stdout;
    int failed;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(USAGE, stdout) == EOF;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 >= argc || !read_wish(&wanted, argv[i], argv[i + 1])) {
            fprintf(stderr, "demo_shop: cannot use \"%s\"; demo_shop --help says what there is\n",
                    argv[i]);
            return 2;
        }
    }
    if (wanted.output && !(file = fopen(wanted.output, "wb"))) {
        fprintf(stderr, "demo_shop: cannot write %s\n", wanted.output);
        return 1;
    }
    failed = write_shop(&wanted, file);
    if (fflush(file) == EOF || (file != stdout && fclose(file) == EOF))
        failed = 1;
    if (failed)
        fprintf(stderr, "demo_shop: cannot write %s\n",
                wanted.output ? wanted.output : "standard output");
    return failed;
}
