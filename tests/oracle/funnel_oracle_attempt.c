/* What an attempt must obey, how attempts grow fill by fill, and which of two is chosen:
 *     most steps passed, earliest completion, latest entry, most fills, then times from the last to
 * the first as early as can be, then step numbers from the last to the first as high as can be,
 * then the lowest rows in the order of the fills. */
#include "oracle/funnel_oracle_inside.h"

uint64_t oracle_since(int64_t later, int64_t earlier)
{
    return later > earlier ? (uint64_t)later - (uint64_t)earlier : 0;
}

static int64_t oracle_time(const oracle_search *search, size_t event)
{
    return search->events[event].time;
}

int oracle_before(const oracle_search *search, size_t a, size_t b)
{
    return search->question->tie == SJ_TIE_INPUT ? a < b
                                                 : oracle_time(search, a) < oracle_time(search, b);
}

int oracle_in_part(const oracle_search *search, size_t part, size_t event)
{
    return search->part[event] == part &&
           (search->cut[part] == SIZE_MAX || oracle_before(search, event, search->cut[part]));
}

int oracle_meets(const oracle_search *search, size_t event, size_t step)
{
    return (search->events[event].steps >> (step - 1) & 1) != 0;
}

size_t oracle_level(const oracle_attempt *attempt)
{
    return attempt->n == 0 ? 0 : attempt->levels[attempt->n - 1];
}

size_t oracle_length(const oracle_search *search, const oracle_attempt *attempt)
{
    if (attempt->n == 0)
        return 0;
    return oracle_level(attempt) -
           (search->question->enter_anywhere ? (size_t)attempt->steps[0] - 1 : 0);
}

size_t oracle_last(const oracle_attempt *attempt)
{
    return attempt->events[attempt->n - 1];
}

/* Of the first n fills the event at the latest time. */
static size_t oracle_latest(const oracle_search *search, const oracle_attempt *attempt, size_t n)
{
    size_t latest = attempt->events[0];
    for (size_t i = 1; i < n; i++)
        if (oracle_time(search, attempt->events[i]) > oracle_time(search, latest))
            latest = attempt->events[i];
    return latest;
}

size_t oracle_completion(const oracle_search *search, const oracle_attempt *attempt)
{
    return search->question->tie == SJ_TIE_GRACE ? oracle_latest(search, attempt, attempt->n)
                                                 : oracle_last(attempt);
}

/* ---- blocks ---- */

static int oracle_joined(const funnel_oracle_question *question, size_t k)
{
    return k < question->n_steps && question->group[k] != 0 &&
           question->group[k] == question->group[k + 1];
}

static size_t oracle_block_begin(const funnel_oracle_question *question, size_t k)
{
    while (k > 1 && oracle_joined(question, k - 1))
        k--;
    return k;
}

static size_t oracle_block_end(const funnel_oracle_question *question, size_t k)
{
    while (oracle_joined(question, k))
        k++;
    return k;
}

static int oracle_has_filled(const oracle_attempt *attempt, size_t step)
{
    for (size_t i = 0; i < attempt->n; i++)
        if (attempt->steps[i] == step)
            return 1;
    return 0;
}

static void oracle_choose(oracle_choice *out, size_t step, size_t level)
{
    out->steps[out->n] = step;
    out->levels[out->n++] = level;
}

/* Where an attempt can begin. */
static void oracle_choose_entry(const funnel_oracle_question *question, oracle_choice *out)
{
    if (!question->enter_anywhere)
        for (size_t k = 1; k <= oracle_block_end(question, 1); k++)
            oracle_choose(out, k, 1);
    for (size_t k = 1; question->enter_anywhere && k <= question->n_steps; k++)
        if (!question->optional[k])
            oracle_choose(out, k, k);
}

void oracle_choices(const oracle_search *search, const oracle_attempt *attempt, oracle_choice *out)
{
    const funnel_oracle_question *question = search->question;
    out->n = 0;
    if (attempt->n == 0) {
        oracle_choose_entry(question, out);
        return;
    }
    const size_t last = attempt->steps[attempt->n - 1];
    const size_t begin = oracle_block_begin(question, last), end = oracle_block_end(question, last);
    for (size_t k = begin; end > begin && k <= end; k++)
        if (!oracle_has_filled(attempt, k))
            oracle_choose(out, k, oracle_level(attempt) + 1);
    if (out->n > 0)
        return;
    for (size_t k = end + 1; k <= question->n_steps; k = oracle_block_end(question, k) + 1) {
        for (size_t j = k; j <= oracle_block_end(question, k); j++)
            oracle_choose(out, j, k);
        if (!question->optional[k])
            break;
    }
}

/* ---- rules ---- */

/* With which fill (from 1) the exclusion begins to count; 0: not, or no longer. */
static size_t oracle_exclusion_begins(const oracle_search *search, const oracle_attempt *attempt,
                                      size_t exclusion)
{
    const funnel_oracle_question *question = search->question;
    const size_t to = question->to[exclusion];
    size_t from = question->from[exclusion];
    if (attempt->n == 0 || oracle_level(attempt) >= to)
        return 0;
    if (question->enter_anywhere && attempt->steps[0] > from)
        from = attempt->steps[0];
    if (from >= to || oracle_level(attempt) < from)
        return 0;
    for (size_t i = 0;; i++)
        if (attempt->levels[i] >= from)
            return i + 1;
}

int oracle_is_excluded(const oracle_search *search, const oracle_attempt *attempt, size_t exclusion,
                       size_t event, size_t until)
{
    const funnel_oracle_question *question = search->question;
    const size_t fills = oracle_exclusion_begins(search, attempt, exclusion);
    const int64_t time = oracle_time(search, event);
    if ((search->events[event].exclusions >> exclusion & 1) == 0 || fills == 0)
        return 0;
    if (question->tie == SJ_TIE_GRACE) {
        const size_t since = oracle_latest(search, attempt, fills);
        return oracle_since(time, oracle_time(search, since)) > question->grace &&
               (until == SIZE_MAX ||
                oracle_since(oracle_time(search, until), time) > question->grace);
    }
    return oracle_before(search, attempt->events[fills - 1], event) &&
           (until == SIZE_MAX || oracle_before(search, event, until));
}

/* Does `tie` let the event follow the attempt? */
static int oracle_follows(const oracle_search *search, const oracle_attempt *attempt, size_t event)
{
    const funnel_oracle_question *question = search->question;
    const int64_t time = oracle_time(search, event);
    const int64_t last = oracle_time(search, oracle_last(attempt));
    switch (question->tie) {
    case SJ_TIE_INPUT:
        return event >= oracle_last(attempt);
    case SJ_TIE_STRICT:
        return time > last;
    case SJ_TIE_GRACE:
        return oracle_since(oracle_time(search, oracle_completion(search, attempt)), time) <=
               question->grace;
    default:
        return time >= last;
    }
}

/* Does an event of the attempt's own journey keep the step away from this event? */
static int oracle_is_barred(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                            size_t event)
{
    const funnel_oracle_question *question = search->question;
    for (size_t e = 0; e < search->n_events; e++) {
        if (!oracle_in_part(search, attempt->part, e))
            continue;
        if (question->adjacent[step] && oracle_before(search, oracle_last(attempt), e) &&
            oracle_before(search, e, event))
            return 1;
        for (size_t x = 0; x < question->n_exclusions; x++)
            if (oracle_is_excluded(search, attempt, x, e, event))
                return 1;
    }
    return 0;
}

int oracle_fits(const oracle_search *search, const oracle_attempt *attempt, size_t step,
                size_t event)
{
    const funnel_oracle_question *question = search->question;
    const int64_t time = oracle_time(search, event);
    if (!oracle_meets(search, event, step))
        return 0;
    if (attempt->n == 0)
        return !(question->has_entry_from && time < question->entry_from) &&
               !(question->has_entry_to && time >= question->entry_to);
    for (size_t i = 0; i < attempt->n && !question->reuse; i++)
        if (attempt->events[i] == event)
            return 0;
    const uint64_t gap = oracle_since(time, oracle_time(search, oracle_last(attempt)));
    return oracle_follows(search, attempt, event) &&
           (!question->has_window ||
            oracle_since(time, oracle_time(search, attempt->events[0])) <= question->window) &&
           gap >= question->min_gap[step] &&
           (!question->has_max_gap[step] || gap <= question->max_gap[step]) &&
           !oracle_is_barred(search, attempt, step, event);
}

/* ---- growing and comparing ---- */

oracle_attempt oracle_longer(const oracle_attempt *attempt, size_t step, size_t level, size_t event)
{
    oracle_attempt longer = *attempt;
    longer.steps[longer.n] = (unsigned char)step;
    longer.events[longer.n] = (unsigned char)event;
    longer.levels[longer.n++] = (unsigned char)level;
    return longer;
}

int oracle_is_spent(const oracle_search *search)
{
    return search->question->budget > 0 && search->visited > search->question->budget;
}

void oracle_grow(oracle_search *search, const oracle_attempt *attempt, oracle_visit visit,
                 void *user)
{
    oracle_choice choice;
    search->visited++;
    if (attempt->n > 0)
        visit(search, attempt, user);
    oracle_choices(search, attempt, &choice);
    for (size_t c = 0; c < choice.n; c++) {
        for (size_t e = 0; e < search->n_events && !oracle_is_spent(search); e++) {
            if (!oracle_in_part(search, attempt->part, e) ||
                !oracle_fits(search, attempt, choice.steps[c], e))
                continue;
            const oracle_attempt longer =
                oracle_longer(attempt, choice.steps[c], choice.levels[c], e);
            oracle_grow(search, &longer, visit, user);
        }
    }
}

/* Which of two positions is earlier: -1 the first, 1 the second, 0 neither. */
static int oracle_compare(const oracle_search *search, size_t a, size_t b)
{
    return oracle_before(search, a, b) ? -1 : oracle_before(search, b, a);
}

int oracle_better(const oracle_search *search, const oracle_attempt *a, const oracle_attempt *b)
{
    const size_t of_a = oracle_length(search, a), of_b = oracle_length(search, b);
    if (of_a != of_b)
        return of_a > of_b;
    const int complete =
        oracle_compare(search, oracle_completion(search, a), oracle_completion(search, b));
    if (complete != 0)
        return complete < 0;
    const int entry = oracle_compare(search, a->events[0], b->events[0]);
    if (entry != 0)
        return entry > 0;
    if (a->n != b->n)
        return a->n > b->n;
    for (size_t i = a->n; i-- > 0;)
        if (oracle_time(search, a->events[i]) != oracle_time(search, b->events[i]))
            return oracle_time(search, a->events[i]) < oracle_time(search, b->events[i]);
    for (size_t i = a->n; i-- > 0;)
        if (a->steps[i] != b->steps[i])
            return a->steps[i] > b->steps[i];
    for (size_t i = 0; i < a->n; i++)
        if (a->events[i] != b->events[i])
            return a->events[i] < b->events[i];
    return 0;
}
