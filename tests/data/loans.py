#!/usr/bin/env python3
"""loans.py PROGRAM [SLOW]: the funnel of 13,087 loan applications, and a large log, by the program from the files as they are.

The figures are computed here a second time, from the definition: of all attempts that begin with an entry, each step as early
as it can be, the one that gets furthest, then ends earliest, then begins latest.  Times are the best of five runs; with
SLOW (a sanitised build) they are not judged."""
import csv
import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

STEPS = ["A_SUBMITTED", "A_PARTLYSUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED", "A_APPROVED"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def read_times(path):
    """customer → touchpoint → times in microseconds, rising."""
    journeys = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            at = (datetime.datetime.fromisoformat(row["timestamp"]) - EPOCH) // MICROSECOND
            journeys.setdefault(row["case_id"], {}).setdefault(row["activity"], []).append(at)
    for journey in journeys.values():
        for times in journey.values():
            times.sort()
    return journeys


def walk(journey, entry, window):
    """Times of the steps that an attempt from this entry fills."""
    filled = [entry]
    for step in STEPS[1:]:
        at = next((t for t in journey.get(step, []) if t >= filled[-1]), None)
        if at is None or window is not None and at - entry > window:
            break
        filled.append(at)
    return filled


def expect_funnel(journeys, window):
    """reached, and mean time since the entry in seconds, of each step."""
    reached, spent = [0] * len(STEPS), [0] * len(STEPS)
    for journey in journeys.values():
        attempts = [walk(journey, entry, window) for entry in journey.get(STEPS[0], [])]
        if attempts:
            best = min(attempts, key=lambda filled: (-len(filled), filled[-1], -filled[0]))
            for k, at in enumerate(best):
                reached[k] += 1
                spent[k] += at - best[0]
    return reached, [s / r / 1e6 if r else None for s, r in zip(spent, reached)]


def ask(program, *words):
    """Tables, and the best time of five runs in seconds."""
    best = None
    for _ in range(5):
        begun = time.perf_counter()
        run = subprocess.run([program, *words, "--format", "json"], capture_output=True, text=True)
        taken = time.perf_counter() - begun
        if run.returncode != 0:
            return None, run.stderr
        best = taken if best is None else min(best, taken)
    return json.loads(run.stdout), best


def judge_time(cases, slow, taken, limit, name):
    name = f"{name} within {limit} s"
    if slow:
        cases.skip(name, "not a build to be timed")
    else:
        cases.check(isinstance(taken, float) and taken <= limit, name, f"{taken} s")
        print(f"# {name}: {taken} s")


def check_loans(cases, program, path, slow):
    journeys = read_times(path)
    words = ["funnel", str(path), "--customer", "case_id", "--time", "timestamp", "--touchpoint", "activity"]
    for step in STEPS:
        words += ["--step", step]
    for window, more in ((None, []), (7 * 86400 * 10**6, ["--window", "7d"]), (3600 * 10**6, ["--window", "1h"])):
        wanted, means = expect_funnel(journeys, window)
        tables, taken = ask(program, *words, *more)
        what = "the loans funnel " + (" ".join(more) or "without a window")
        rows = tables["steps"] if tables else []
        cases.check([r["reached"] for r in rows] == wanted, f"{what}: reached", f"{taken} {rows}\nnot {wanted}")
        close = len(rows) == len(means) and all(abs(r["time_mean"] - m) <= 1e-9 * max(1, m) for r, m in zip(rows, means))
        cases.check(close, f"{what}: mean times", f"{[r.get('time_mean') for r in rows]}\nnot {means}")
        if window is None:
            cases.check(wanted[0] == 13087 and rows and rows[0]["reached"] == 13087, "13,087 enter", wanted)
            judge_time(cases, slow, taken, 0.5, what)


def check_git(cases, program, path, slow):
    words = [str(path), "--customer", "user", "--time", "author_time", "--touchpoint", "touchpoint", "--channel", "channel"]
    tables, taken = ask(program, "summary", *words)
    wanted = {"events": 1102220, "customers": 12790, "touchpoints": 172, "channels": 6}
    found = {k: tables["summary"][0].get(k) for k in wanted} if tables else taken
    cases.check(found == wanted, "what the log of file changes holds", f"{found}\nnot {wanted}")
    judge_time(cases, slow, taken, 2, "a summary of 1.1 million file changes")


def main():
    program, slow = str(pathlib.Path(sys.argv[1]).resolve()), len(sys.argv) > 2
    folder = pathlib.Path(os.environ.get("SOJOURN_DATA", "../shared/data"))
    loans, git = folder / "loans_bpic2012.csv.gz", folder / "git_events.csv.gz"
    if not loans.exists() and not git.exists():
        tap.skip_all(f"no data in {folder}: set SOJOURN_DATA")
    cases = tap.Cases()
    for path, check in ((loans, check_loans), (git, check_git)):
        if path.exists():
            check(cases, program, path, slow)
        else:
            cases.skip(path.name, f"not in {folder}")
    cases.finish()


if __name__ == "__main__":
    main()
