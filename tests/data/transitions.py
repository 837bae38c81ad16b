#!/usr/bin/env python3
"""transitions.py PROGRAM: transitions of real logs, by the program from the files as they are.

Reads $SOJOURN_DATA.  The textbook log has 16 transitions; the counts of timed actions are given as a matrix; of hospital pathways
and loan applications every count, customer and mean is computed here a second time."""
import csv
import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
PSEUDO = {"(start)", "(end)"}
# Of those who go on, the share who go on to adapt (published figures).
PUBLISHED = {"cohesion": .0029498525, "consensus": .0047400853, "coregulate": .0162436548, "discuss": .0713743356}


def open_text(path):
    return gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else open(path, encoding="utf-8", newline="")


def ask(program, path, columns, *words):
    customer, time, touchpoint = columns
    run = subprocess.run([program, "transitions", str(path), "--customer", customer, "--time", time, "--touchpoint", touchpoint,
                          "--format", "json", *words], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print("#", run.stderr.strip())
        return {"transitions": [], "touchpoints": []}
    return json.loads(run.stdout)


def inner(tables):
    return {(r["from"], r["to"]): r for r in tables["transitions"] if not {r["from"], r["to"]} & PSEUDO}


def check_balance(cases, tables, name):
    wrong = []
    for node in tables["touchpoints"]:
        into = sum(r["count"] for r in tables["transitions"] if r["to"] == node["name"])
        out = sum(r["count"] for r in tables["transitions"] if r["from"] == node["name"])
        if not into == out == node["events"]:
            wrong.append((node["name"], into, out, node["events"]))
    cases.check(tables["touchpoints"] and not wrong, f"{name}: inflow + starts = outflow + ends = events", wrong)


def check_textbook(cases, program, folder):
    tables = ask(program, folder / "running-example.csv", ("case:concept:name", "time:timestamp", "concept:name"))
    cases.check(len(inner(tables)) == 16, "the textbook log has 16 transitions", sorted(inner(tables)))
    check_balance(cases, tables, "the textbook log")


def check_actions(cases, program, folder):
    tables = ask(program, folder / "group_regulation.csv.gz", ("Actor", "Time", "Action"))
    found = inner(tables)
    with open(folder / "group_regulation_transition_counts.csv", encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    wanted = {(row[0], to): int(n) for row in rows[1:] for to, n in zip(rows[0][1:], row[1:])}
    wrong = {pair: n for pair, n in wanted.items() if found.get(pair, {"count": 0})["count"] != n}
    cases.check(len(wanted) == 81 and not wrong and sum(r["count"] for r in found.values()) == 25533,
                "every cell of the matrix of timed actions", wrong)
    onward = {}
    for (source, _), row in found.items():
        onward[source] = onward.get(source, 0) + row["count"]
    shares = {name: found[name, "adapt"]["count"] / onward[name] for name in PUBLISHED if (name, "adapt") in found}
    cases.check(len(shares) == len(PUBLISHED) and all(abs(shares[n] - p) < 1e-9 for n, p in PUBLISHED.items()),
                "shares of those who go on to adapt", shares)
    check_balance(cases, tables, "timed actions")


def expect(path, columns):
    """(from, to) → count, customers, time in all; events at one time stand in the order of the file, rows without a customer are none."""
    customer, time, touchpoint = columns
    journeys, edges = {}, {}
    with open_text(path) as rows:
        for row in csv.DictReader(rows):
            if not row[customer]:
                continue
            at = datetime.datetime.fromisoformat(row[time])
            if at.tzinfo is None:
                at = at.replace(tzinfo=datetime.timezone.utc)
            journeys.setdefault(row[customer], []).append((at, row[touchpoint]))
    for journey in journeys.values():
        journey.sort(key=lambda event: event[0])
        seen = set()
        for (before, source), (at, target) in zip(journey, journey[1:]):
            edge = edges.setdefault((source, target), [0, 0, datetime.timedelta()])
            edge[0] += 1
            edge[1] += (source, target) not in seen
            edge[2] += at - before
            seen.add((source, target))
    return edges


def check_again(cases, program, path, columns, name):
    wanted, tables = expect(path, columns), ask(program, path, columns, "--on-error", "skip")
    found = inner(tables)
    wrong = [(pair, edge) for pair, edge in wanted.items()
             if pair not in found or [found[pair]["count"], found[pair]["customers"]] != edge[:2]
             or abs(found[pair]["dwell_mean"] - edge[2].total_seconds() / edge[0]) > 1e-6 * max(1, found[pair]["dwell_mean"])]
    cases.check(len(found) == len(wanted) and not wrong, f"{name}: {len(wanted)} transitions, counts, customers and mean dwell", wrong[:5])
    check_balance(cases, tables, name)


CHECKS = (
    ("running-example.csv", check_textbook),
    ("group_regulation.csv.gz", check_actions),
    ("sepsis.csv.gz", lambda cases, program, folder: check_again(
        cases, program, folder / "sepsis.csv.gz", ("case_id", "timestamp", "activity"), "hospital pathways")),
    ("loans_bpic2012.csv.gz", lambda cases, program, folder: check_again(
        cases, program, folder / "loans_bpic2012.csv.gz", ("case_id", "timestamp", "activity"), "loan applications")),
)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(os.environ.get("SOJOURN_DATA", "../shared/data"))
    if not any((folder / name).exists() for name, _ in CHECKS):
        tap.skip_all(f"no data in {folder}: set SOJOURN_DATA")
    cases = tap.Cases()
    for name, check in CHECKS:
        if (folder / name).exists():
            check(cases, program, folder)
        else:
            cases.skip(name, f"not in {folder}")
    cases.finish()


if __name__ == "__main__":
    main()
