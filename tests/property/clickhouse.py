#!/usr/bin/env python3
"""clickhouse.py [--seed N] [--rounds N] [--customers N]: the funnel's presets against ClickHouse's windowFunnel.

ClickHouse runs in this process (the package chdb; without it the test is skipped, and says so), sojourn through its shared object by the
Python binding.  A round is one random question (steps, window) over thousands of random customers: short journeys with many
events at one time, events that match several steps, and events that match none.  Each engine answers a mode in one go; levels
are compared customer by customer, and the counts that sojourn makes on its other path with them.

Where the two differ, a third, exhaustive search says who is right (of the scans: their rules, written down again).  A difference is
*explained* where that search agrees with sojourn and the mode is known to be wrong there (KNOWN); its smallest case is shown.
Anything else fails."""
import argparse
import collections
import os
import pathlib
import random
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "examples" / "bindings" / "python")]
import tap

try:
    import chdb
except ImportError:
    chdb = None

# mode → words of windowFunnel's mode, options of sojourn beside steps and window
MODES = {
    "default": ([], {"preset": "clickhouse"}),
    "strict_once": (["strict_once"], {"preset": "clickhouse", "reuse": "no"}),
    "strict_increase": (["strict_increase"], {"preset": "clickhouse", "tie": "strict"}),
    "strict_order": (["strict_order"], {"preset": "clickhouse_strict_order"}),
    "strict_deduplication": (["strict_deduplication"], {"preset": "clickhouse_strict_dedup"}),
}

# Modes in which ClickHouse is known to find less than there is, and why.
KNOWN = {
    "strict_increase": "it keeps the newest attempt of a step alone: an event of step k at the very time of step k + 1 takes the place "
                       "of an earlier one that could have gone on (its issues 52844, 93789)",
}
INSTANT = -1


# --------------------------------------------------------------------------------------------------------------- judges

def exhaustive(n_steps, events, window, strict, reuse):
    """The most steps that any attempt fills: every choice is tried.  Events are (time, mask)."""
    def grow(step, i, entry, used):
        best = step
        for k, (time, mask) in enumerate(events):
            if step == n_steps or not mask >> step & 1 or (k in used and not reuse):
                continue
            if i is not None and (time < events[i][0] or strict and time == events[i][0] or time - entry > window):
                continue
            best = max(best, grow(step + 1, k, time if entry is None else entry, used | {k}))
        return best
    return grow(0, None, None, frozenset())


def scan(n_steps, events, window, ends_at_strangers):
    """The two scans, rule by rule; the first ends at events that match nothing and at gaps, the other at repeats."""
    rows = sorted((time, k) for time, mask in events
                  for k in ([k + 1 for k in range(n_steps) if mask >> k & 1] or ([0] if ends_at_strangers else [])))
    began = {}
    for time, k in rows:
        if k == 0:
            if began:
                break
        elif k == 1:
            began[1] = time
        elif not ends_at_strangers and k in began:
            break
        elif ends_at_strangers and began and k - 1 not in began:
            return next(j for j in range(1, n_steps + 2) if j not in began) - 1
        elif k - 1 in began and time - began[k - 1] <= window:
            began[k] = began[k - 1]
        if n_steps in began:
            return n_steps
    return max(began, default=0)


def judge(mode, n_steps, events, window):
    if mode == "strict_order":
        return scan(n_steps, events, window, True)
    if mode == "strict_deduplication":
        return scan(n_steps, events, window, False)
    return exhaustive(n_steps, events, window, mode == "strict_increase", mode != "strict_once")


# -------------------------------------------------------------------------------------------------------------- engines

def ask_clickhouse(mode, n_steps, window, customers, folder):
    """Level by customer.  One query; the rows go through a file."""
    path = pathlib.Path(folder, "events.tsv")
    with open(path, "w", encoding="ascii") as out:
        for c, events in enumerate(customers):
            out.writelines(f"{c}\t{time}\t{mask}\n" for time, mask in events)
    words = "".join(f", '{word}'" for word in MODES[mode][0])
    steps = ", ".join(f"bitTest(m, {k})" for k in range(n_steps))
    answer = chdb.query(f"SELECT c, windowFunnel({window}{words})(t, {steps}) FROM file('{path}', TSV, 'c UInt32, t UInt64, m UInt64') "
                        f"GROUP BY c", "TSV")
    levels = [0] * len(customers)
    for line in str(answer).splitlines():
        c, level = line.split("\t")
        levels[int(c)] = int(level)
    return levels


def make_graph(n_steps, customers):
    import sojourn
    builder = sojourn.Builder()
    masks = sorted({mask for events in customers for _, mask in events} | {1 << k for k in range(n_steps)})
    for mask in masks:
        builder.add_touchpoint(f"m{mask}")
    rows = [(f"c{c}", f"m{mask}", time) for c, events in enumerate(customers) for time, mask in events]
    if rows:
        who, what, when = zip(*rows)
        builder.add_events(customer=list(who), touchpoint=list(what), time=list(when))
    steps = ["touchpoint in (" + ", ".join(f"'m{mask}'" for mask in masks if mask >> k & 1) + ")" for k in range(n_steps)]
    return builder.build(), steps


def ask_sojourn(mode, graph, steps, window, n_customers):
    """Level by customer, and the sum of `reached` as the counts alone have it."""
    options = dict(MODES[mode][1], steps=steps, window=window if window > 0 else INSTANT)
    found = graph.list("funnel", **options)["levels"]
    levels = [0] * n_customers
    for customer, level in zip(found["customer"], found["level"]):
        levels[int(customer[1:])] = level
    counted = graph.compute("funnel", figures="counts", **options)["steps"]["reached"]
    return levels, counted


# --------------------------------------------------------------------------------------------------------------- rounds

def draw_round(source, n_customers):
    n_steps = source.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8])
    window = source.choice([0, 1, 2, 3, 5, 8, 13, 1000])
    span = source.choice([1, 3, 6, 12, 20])
    several = source.choice([0, 0, 0.1, 0.4])   # share of events that match more than one step
    none = source.choice([0, 0.1, 0.3])
    def event():
        if source.random() < none:
            return source.randrange(span + 1), 0
        mask = 1 << source.randrange(n_steps)
        while source.random() < several:
            mask |= 1 << source.randrange(n_steps)
        return source.randrange(span + 1), mask
    return n_steps, window, [[event() for _ in range(source.randrange(1, 11))] for _ in range(n_customers)]


def shrink(mode, n_steps, events, window, folder):
    """A smallest case on which the two still differ."""
    def differs(events, window):
        graph, steps = make_graph(n_steps, [events])
        return ask_clickhouse(mode, n_steps, window, [events], folder) != ask_sojourn(mode, graph, steps, window, 1)[0]
    smaller = True
    while smaller:
        smaller = False
        candidates = [(events[:i] + events[i + 1:], window) for i in range(len(events))]
        candidates += [(events[:i] + [(t - 1, m)] + events[i + 1:], window) for i, (t, m) in enumerate(events) if t > 0]
        candidates += [(events[:i] + [(t, m & ~(1 << k))] + events[i + 1:], window) for i, (t, m) in enumerate(events)
                       for k in range(n_steps) if m >> k & 1]
        for case in candidates:
            if case[0] and differs(*case):
                events, window, smaller = case[0], case[1], True
                break
    return sorted(events), window


def show(n_steps, events, window):
    def letters(mask):
        return "".join("ABCDEFGH"[k] for k in range(n_steps) if mask >> k & 1) or "-"
    return f"steps {n_steps}, window {window}: " + " ".join(f"{letters(m)}{t}" for t, m in events)


class Tally:
    def __init__(self):
        self.compared = collections.Counter()
        self.explained = collections.Counter()
        self.smallest = {}
        self.wrong = collections.defaultdict(list)


def compare(tally, mode, round_, theirs, ours, counted, folder):
    n_steps, window, customers = round_
    tally.compared[mode] += len(customers)
    if counted != [sum(level >= k for level in ours) for k in range(1, n_steps + 1)]:
        tally.wrong[mode].append(f"counts alone differ from the list: {show(n_steps, customers[0], window)} …")
    for events, their, our in zip(customers, theirs, ours):
        if their == our:
            continue
        right = judge(mode, n_steps, events, window)
        if right == our and mode in KNOWN and their < our:
            tally.explained[mode] += 1
            if mode not in tally.smallest:
                case, least = shrink(mode, n_steps, events, window, folder)
                tally.smallest[mode] = f"{show(n_steps, case, least)}: {ask_clickhouse(mode, n_steps, least, [case], folder)[0]} there, " \
                                       f"{judge(mode, n_steps, case, least)} here and by exhaustive search"
        elif len(tally.wrong[mode]) < 5:
            case, least = shrink(mode, n_steps, events, window, folder)
            tally.wrong[mode].append(f"{show(n_steps, case, least)}: {their} there and {our} here (before shrinking), "
                                     f"{judge(mode, n_steps, case, least)} by the judge")


def main():
    known = argparse.ArgumentParser()
    known.add_argument("--seed", type=int, default=1)
    known.add_argument("--rounds", type=int, default=12)
    known.add_argument("--customers", type=int, default=2000)
    given = known.parse_args()
    if chdb is None:
        tap.skip_all("no package chdb: ClickHouse in process is not there to compare with")
    version = str(chdb.query("SELECT version()", "TSV")).strip()
    cases, tally, source = tap.Cases(), Tally(), random.Random(given.seed)
    print(f"# ClickHouse {version} in chdb {chdb.__version__}, seed {given.seed}, {given.rounds} rounds of {given.customers} customers",
          flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(given.rounds):
            round_ = draw_round(source, given.customers)
            n_steps, window, customers = round_
            graph, steps = make_graph(n_steps, customers)
            for mode in MODES:
                theirs = ask_clickhouse(mode, n_steps, window, customers, folder)
                compare(tally, mode, round_, theirs, *ask_sojourn(mode, graph, steps, window, len(customers)), folder)
    for mode in MODES:
        cases.check(not tally.wrong[mode], f"{mode}: {tally.compared[mode]} levels, {tally.explained[mode]} differences explained",
                    "\n".join(tally.wrong[mode]))
        if mode in tally.smallest:
            print(f"# {tally.smallest[mode]}\n# {KNOWN[mode]}", flush=True)
    cases.finish()


if __name__ == "__main__":
    main()
