/* A funnel's world in words: a case in JSON, as the reference reads it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "property/funnel_world.h"

static const char *const world_orders[] = {"sequential", "sequential", "adjacent", "any"};
static const char *const world_ties[] = {"any", "any", "input", "strict", "grace"};
static const char *const world_attempts[] = {"best", "best", "first", "each"};
static const char *const world_units[] = {"customers", "customers", "attempts", "sessions",
                                          "values"};

static void world_print_events(FILE *out, const world *w, size_t customer)
{
    funnel_oracle_event events[WORLD_EVENTS];
    const size_t n = world_journey(w, customer, events);
    (void)fprintf(out, "\"events\": [");
    for (size_t i = 0; i < n; i++) {
        const char *comma = "";
        (void)fprintf(out, "%s[%" PRId64 ", [", i > 0 ? ", " : "", events[i].time);
        for (size_t k = 0; k < w->options.n_steps; k++)
            if (events[i].steps >> k & 1)
                (void)fprintf(out, "%s%zu", comma, k + 1), comma = ", ";
        (void)fprintf(out, "], {\"x\": [");
        comma = "";
        for (size_t x = 0; x < w->options.n_exclusions; x++)
            if (events[i].exclusions >> x & 1)
                (void)fprintf(out, "%s%zu", comma, x), comma = ", ";
        (void)fprintf(out, "]");
        if (events[i].held >= 0)
            (void)fprintf(out, ", \"h\": %d", events[i].held);
        (void)fprintf(out, "}]");
    }
    (void)fprintf(out, "]");
}

/* Numbers by step: those of one field. */
static void world_print_steps(FILE *out, const world *w, const char *name, int field, int list)
{
    const char *comma = "";
    (void)fprintf(out, ", \"%s\": %s", name, list ? "[" : "{");
    for (size_t k = 0; k < w->options.n_steps; k++) {
        const sj_step *step = &w->steps[k];
        const int64_t values[] = {step->min_gap, step->max_gap, step->group, step->adjacent,
                                  step->optional};
        if (values[field] == 0)
            continue;
        if (list)
            (void)fprintf(out, "%s%zu", comma, k + 1);
        else
            (void)fprintf(out, "%s\"%zu\": %" PRId64, comma, k + 1, values[field]);
        comma = ", ";
    }
    (void)fprintf(out, "%s", list ? "]" : "}");
}

static void world_print_exclusions(FILE *out, const world *w)
{
    (void)fprintf(out, ", \"exclusions\": [");
    for (size_t x = 0; x < w->options.n_exclusions; x++) {
        const sj_exclusion *exclusion = &w->exclusions[x];
        (void)fprintf(out, "%s{\"from\": %d, \"to\": %d, \"effect\": \"%s\"}", x > 0 ? ", " : "",
                      exclusion->from_step == 0 ? 1 : (int)exclusion->from_step,
                      exclusion->to_step == 0 ? (int)w->options.n_steps : (int)exclusion->to_step,
                      exclusion->effect == SJ_EXCLUDE_REMOVE ? "remove" : "break");
    }
    (void)fprintf(out, "]");
}

static void world_print(FILE *out, const world *w, size_t customer)
{
    const sj_funnel_options *o = &w->options;
    const char *attempt = world_attempts[o->attempt];
    if (o->attempt == 0 && o->unit == SJ_UNIT_ATTEMPTS)
        attempt = "each";
    (void)fprintf(out, "{\"steps\": %zu, ", o->n_steps);
    world_print_events(out, w, customer);
    (void)fprintf(out,
                  ", \"options\": {\"order\": \"%s\", \"tie\": \"%s\", \"attempt\": \"%s\", "
                  "\"violation\": \"%s\", \"unit\": \"%s\", \"reuse\": %s, \"hold\": %s, "
                  "\"enter_anywhere\": %s, \"window\": %" PRId64 ", \"grace\": %" PRId64
                  ", \"session_gap\": %" PRId64,
                  world_orders[o->order], world_ties[o->tie], attempt,
                  o->violation == SJ_VIOLATION_STOP ? "stop" : "break", world_units[o->unit],
                  o->reuse == SJ_REUSE_YES ? "true" : "false", o->n_hold > 0 ? "true" : "false",
                  o->enter_anywhere ? "true" : "false", o->window, o->grace, o->session_gap);
    world_print_steps(out, w, "min", 0, 0);
    world_print_steps(out, w, "max", 1, 0);
    world_print_steps(out, w, "group", 2, 0);
    world_print_steps(out, w, "adjacent", 3, 1);
    world_print_steps(out, w, "optional", 4, 1);
    world_print_exclusions(out, w);
    if (o->entry_from != NULL)
        (void)fprintf(out, ", \"entry_from\": %" PRId64, *o->entry_from);
    if (o->entry_to != NULL)
        (void)fprintf(out, ", \"entry_to\": %" PRId64, *o->entry_to);
    (void)fprintf(out, ", \"as_of\": %" PRId64 "}", o->as_of != NULL ? *o->as_of : w->last);
}

void world_print_case(const world *w, size_t customer)
{
    world_print(stdout, w, customer);
}

void world_show(const world *w, size_t customer)
{
    world_print(stderr, w, customer);
    (void)fprintf(stderr, "}\nsteps:");
    for (size_t k = 0; k < w->options.n_steps; k++)
        (void)fprintf(stderr, " [%s]", w->conditions[k]->text);
    (void)fprintf(stderr, "\nevents:");
    for (size_t i = 0; i < w->n_events[customer]; i++)
        (void)fprintf(stderr, " %s@%" PRId64, world_touchpoint(w->events[customer][i].touchpoint),
                      w->events[customer][i].time);
    (void)fprintf(stderr, "\n");
}
