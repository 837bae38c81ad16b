/* --help at every level: the commands, the program's own options, and what the catalog says of an
 * analysis's. */
#include "program.h"

#include <stdio.h>
#include <string.h>

/* A line for each option of an analysis; one without is still listed, with what the catalog knows.
 */
static const struct {
    const char *command;
    const char *option;
    const char *text;
} LINES[] = {
    {"funnel", "preset", "a product's rules for what is not given"},
    {"funnel", "step", "the next step; repeat it in order"},
    {"funnel", "exclude", "an event that must not lie between steps; repeatable"},
    {"funnel", "hold", "attribute whose value the whole attempt must share; repeatable"},
    {"funnel", "window", "from the entry, inclusive"},
    {"funnel", "grace", "how much earlier a step may be, with --tie grace"},
    {"funnel", "session-gap", "journeys are cut at longer pauses"},
    {"funnel", "entry-from", "no attempt begins before"},
    {"funnel", "entry-to", "attempts begin before this"},
    {"funnel", "as-of", "end of observation"},
    {"funnel", "breakdown", "the same figures by an attribute, channel or stage"},
    {"funnel", "order", "of the steps"},
    {"funnel", "tie", "events at one time: any order, row order, never, or a little early"},
    {"funnel", "attempt", "which attempt speaks for the unit"},
    {"funnel", "violation", "of adjacency: ends the attempt, or the journey"},
    {"funnel", "reuse", "whether an event may fill several steps (alone: yes)"},
    {"funnel", "unit", "what is counted"},
    {"funnel", "enter-anywhere", "an open funnel: customers may begin at any step"},
    {"funnel", "breakdown-at", "which event gives the breakdown's value"},
    {"funnel", "breakdown-step", "the step, with --breakdown-at step"},
    {"funnel", "trend", "the same figures by time of entry"},
    {"funnel", "utc-offset", "minutes, for the trend"},
    {"funnel", "survival", "table of who has not yet converted, by time"},
    {"funnel", "figures", "what is counted beyond how many"},
    {"funnel", "top", "rows per step of the table next"},
    {"match", "pattern", "tokens: (?1) . .* [1|2] [^3] [^3]* (?t<=3600)"},
    {"match", "condition", "what (?1) stands for, then (?2) …; repeat it in order"},
    {"match", "span", "from the first to the last event of a match"},
    {"match", "session-gap", "no match reaches over a longer pause"},
    {"match", "find", "which matches of a customer, or only how many"},
    {"match", "only-matching", "events that meet no condition do not exist"},
    {"match", "overall", "figures over all customers instead of a row per match"},
    {"paths", "from", "an anchor: paths start here"},
    {"paths", "to", "paths end here; without --from they are read backwards from here"},
    {"paths", "session-gap", "paths end at longer pauses"},
    {"paths", "depth", "events behind the anchor, at most 64"},
    {"paths", "occurrence", "which of a customer's anchors"},
    {"paths", "count", "what is counted"},
    {"paths", "collapse", "a visit counts as one event"},
    {"paths", "top", "branches per node; the rest is (other)"},
    {"variants", "conversion", "legs up to this event, and its rate"},
    {"variants", "as-of", "end of observation"},
    {"variants", "horizon", "longest leg, with --conversion"},
    {"variants", "session-gap", "journeys are cut at longer pauses"},
    {"variants", "what", "which tables"},
    {"variants", "collapse", "a visit counts as one event"},
    {"variants", "min-length", "of n-grams"},
    {"variants", "max-length", "of n-grams"},
    {"variants", "ngrams", "also n-grams, of such lengths"},
    {"variants", "indicators", "also indicators: entropy, turbulence, complexity, volatility"},
    {"variants", "top", "rows"},
    {"friction", "conversion", "the outcome: which events convert"},
    {"friction", "error", "events that are errors, and no visits"},
    {"friction", "custom", "a visit with such an event is affected"},
    {"friction", "score", "numeric attribute, such as satisfaction"},
    {"friction", "strata", "attribute that compared groups must share, too"},
    {"friction", "signal", "only this one; repeatable"},
    {"friction", "as-of", "end of observation"},
    {"friction", "horizon", "a conversion within this time counts"},
    {"friction", "session-gap", "legs and visits are cut at longer pauses"},
    {"friction", "ping-pong-span", "longest time to come straight back"},
    {"friction", "loop-visits", "most visits in a loop"},
    {"friction", "slow", "when a visit is slow"},
    {"friction", "period", "impact is per this time"},
    {"friction", "benchmark", "what rates are held against"},
    {"friction", "adjust", "how q allows for many tests"},
    {"friction", "min-group", "least customers on each side of a test"},
    {"friction", "top", "rows of the table friction"},
    {"transitions", "conversion", "an event that ends a leg, with --eventually"},
    {"transitions", "key", "channel or attribute, for handoffs and rework"},
    {"transitions", "as-of", "end of observation: later events are not seen"},
    {"transitions", "horizon", "legs are no longer, with --eventually"},
    {"transitions", "session-gap", "a longer pause is an (end) and a (start)"},
    {"transitions", "between", "what the arrows join"},
    {"transitions", "collapse", "repeats count once: between visits, not events"},
    {"transitions", "eventually", "at once or later in the same leg, not at once only"},
    {"transitions", "figures", "quantiles and values beyond counts and mean dwell"},
};

static void help_row(const char *option, const char *takes, const char *text, const char *fallback)
{
    char left[96];

    (void)snprintf(left, sizeof left, "--%s%s%s", option, takes ? " " : "", takes ? takes : "");
    if (strlen(left) > 30)
        printf("  %s\n  %-30s  %s", left, "", text);
    else
        printf("  %-30s  %s", left, text);
    if (fallback && *fallback)
        printf("%s(default: %s)", *text ? " " : "", fallback);
    putchar('\n');
}

/* "any|input|strict|grace[=SPAN]" */
static void help_words(const field *at, char separator, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (const char *word = at->values; *word;) {
        const int n = (int)strcspn(word, " ");

        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%.*s", n, word);
        for (size_t i = 0; extension_at(i); i++) {
            const extension *form = extension_at(i);

            if (same_name(form->option, at->option) && strlen(form->word) == (size_t)n &&
                strncmp(form->word, word, (size_t)n) == 0 && used < size)
                used += (size_t)snprintf(out + used, size - used, "=%s", form->operand);
        }
        word += n;
        word += strspn(word, " ");
        if (*word && used < size)
            used += (size_t)snprintf(out + used, size - used, "%c", separator);
    }
}

static void help_operand(const field *at, char *out, size_t size)
{
    static const char *const NAMES[][2] = {
        {"span", "SPAN"}, {"time", "TIME"}, {"count", "N"},    {"real", "X"},
        {"integer", "N"}, {"text", "TEXT"}, {"texts", "TEXT"}, {"structs", "CONDITION"}};

    out[0] = '\0';
    if (strcmp(at->kind, "choice") == 0) {
        help_words(at, '|', out, size);
    } else if (strcmp(at->kind, "bits") == 0) {
        help_words(at, ',', out, size);
    } else {
        for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
            if (strcmp(NAMES[i][0], at->kind) == 0)
                (void)snprintf(out, size, "%s", NAMES[i][1]);
        }
    }
}

static const char *help_text(const char *asked, const char *option)
{
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        if (strcmp(LINES[i].command, asked) == 0 && same_name(LINES[i].option, option))
            return LINES[i].text;
    }
    return "";
}

/* --step-flags: what the fields of an element are, besides its condition. */
static int help_flags(const field *at)
{
    shape element;
    char option[80], all[256] = "", takes[96];
    size_t used = 0;
    int status = shape_open(at->element, &element);

    if (status)
        return status;
    for (size_t i = 0; i < element.n_fields; i++) {
        const field one = shape_field(&element, i);
        const int words = strcmp(one.kind, "choice") == 0;

        if (!one.option[0] || strcmp(one.kind, "text") == 0 || used >= sizeof all)
            continue;
        help_operand(&one, takes, sizeof takes);
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%.*s%s%s", used ? "," : "",
                                 words ? 0 : (int)strcspn(one.option, "-"), one.option,
                                 takes[0] && !words ? "=" : "", takes);
    }
    (void)snprintf(option, sizeof option, "%s-flags", at->option);
    help_row(option, "FLAGS", "of the one before it; with commas between, any of", NULL);
    printf("  %-30s  %s\n", "", all);
    shape_close(&element);
    return 0;
}

/* Products whose rules an analysis can take over: the catalog "funnel presets", with what each
 * sets. */
static int help_presets(const command *asked)
{
    char name[64];
    sj_error error = {0};
    sj_result *presets = NULL;

    (void)snprintf(name, sizeof name, "%s presets", asked->name);
    if (sj_catalog(name, NULL, &presets, &error))
        return say_error(name, &error);
    const sj_table *table = sj_result_find(presets, "catalog");

    printf("\nPresets (an option that is given overrides what they set):\n");
    for (size_t i = 0; i < sj_table_rows(table); i++)
        printf("  %-30s  %s\n  %-30s  %s\n", sj_table_text(table, "name", i),
               sj_table_text(table, "options", i), "", sj_table_text(table, "summary", i));
    sj_result_free(presets);
    return 0;
}

static int help_analysis(const command *asked)
{
    shape options;
    field preset;
    char takes[128];
    int status = 0;

    if (!asked->options)
        return 0;
    if ((status = shape_open(asked->options, &options)) != 0)
        return status;
    printf("\nOptions of %s:\n", asked->name);
    for (size_t i = 0; !status && i < options.n_fields; i++) {
        const field at = shape_field(&options, i);

        if (!at.option[0])
            continue;
        help_operand(&at, takes, sizeof takes);
        help_row(at.option, takes[0] ? takes : NULL, help_text(asked->name, at.option),
                 at.fallback);
        if (strcmp(at.kind, "structs") == 0)
            status = help_flags(&at);
    }
    for (size_t i = 0; !status && set_form_at(&options, i); i++)
        help_row(set_form_at(&options, i)->name, set_form_at(&options, i)->low ? "LOW..HIGH" : NULL,
                 help_text(asked->name, set_form_at(&options, i)->name), NULL);
    if (asked->list_option) {
        const char *text = help_text(asked->name, asked->list_option);

        help_row(asked->list_option, NULL, *text ? text : "a row per unit instead of figures",
                 NULL);
    }
    for (size_t i = 0; asked->plan && baseline_option_at(i); i++)
        help_row(baseline_option_at(i)->name, baseline_option_at(i)->operand,
                 baseline_option_at(i)->help, NULL);
    if (!status && shape_find_option(&options, "preset", &preset))
        status = help_presets(asked);
    shape_close(&options);
    return status;
}

static void help_own(void)
{
    char takes[64];

    printf("\nInput and output:\n");
    for (size_t i = 0; own_option_at(i); i++) {
        const own_option *own = own_option_at(i);

        (void)snprintf(takes, sizeof takes, "%s",
                       own->words ? own->words : (own->operand ? own->operand : ""));
        for (char *c = takes; own->words && *c; c++) {
            if (*c == ' ')
                *c = '|';
        }
        help_row(own->name, takes[0] ? takes : NULL, own->help, NULL);
    }
    printf(
        "\nCONDITION  the name of a touchpoint, micro-conversion or stage, or a predicate, as in\n"
        "           \"touchpoint = 'cart' and (device in ('phone', 'tablet') or value >= 10)\"\n"
        "SPAN       a whole number and one of us ms s m h d w; a bare number is seconds; 0; none\n"
        "TIME       2026-02-05, 2026-02-05T14:30:00Z or 2026-02-05T14:30:00+02:00\n"
        "FILE       CSV or TSV, also compressed with gzip; several are read as one; - is standard "
        "input\n");
}

int help_show(const command *asked)
{
    int status = 0;

    if (asked) {
        printf("sojourn %s: %s\n\n  sojourn %s FILE --customer COL --time COL --touchpoint COL "
               "[OPTIONS]\n",
               asked->name, asked->summary, asked->name);
        status = help_analysis(asked);
    } else {
        printf("sojourn %s: customer journeys from the command line\n\n"
               "  sojourn COMMAND FILE --customer COL --time COL --touchpoint COL [OPTIONS]\n"
               "  sojourn help COMMAND\n\nCommands:\n",
               sj_version());
        for (size_t i = 0; command_at(i); i++)
            printf("  %-30s  %s\n", command_at(i)->name, command_at(i)->summary);
    }
    if (!status)
        help_own();
    return status;
}
