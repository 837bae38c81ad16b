#!/usr/bin/env python3
"""friction.py PROGRAM: errors, repeats and drop-offs of a web shop's 600 customers, by the program from the file as it is, with
legs cut at pauses of 30 minutes; counted here a second time, from the definition, over the sessions between pauses."""
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

ERRORS, GAP = ("payment_error", "checkout_bug", "error_page"), 1800
SIGNALS = ("error", "repeat", "rage", "drop-off")


def read_journeys(path):
    journeys = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            at = datetime.datetime.fromisoformat(row["timestamp"] + "+00:00").timestamp()
            journeys.setdefault(row["user_id"], []).append((at, row["event"]))
    return {customer: sorted(events, key=lambda e: e[0]) for customer, events in journeys.items()}


def cut_legs(events):
    """Lists of events: cut at pauses and behind conversions."""
    legs = []
    for event in events:
        if not legs or event[0] - legs[-1][-1][0] > GAP or legs[-1][-1][1] == "purchase":
            legs.append([])
        legs[-1].append(event)
    return legs


def list_visits(leg):
    """[place, [times], has an error] in order."""
    visits = []
    for at, name in leg:
        if name == "purchase":
            continue
        if name in ERRORS:
            if visits:
                visits[-1][2] = True  # all pauses are within the gap
        elif visits and visits[-1][0] == name:
            visits[-1][1].append(at)
        else:
            visits.append([name, [at], False])
    return visits


def count(journeys):
    """(signal, place) → [customers, affected]."""
    found = {}

    def add(signal, place, affected):
        row = found.setdefault((signal, place), [0, 0])
        row[0] += 1
        row[1] += bool(affected)

    for events in journeys.values():
        been = set()
        for leg in cut_legs(events):
            visits = list_visits(leg)
            for i, (place, times, error) in enumerate(visits):
                add("drop-off", place, i + 1 == len(visits) and leg[-1][1] != "purchase")
                if place in been:
                    continue
                been.add(place)
                rage = any(c - b < 1 and b - a < 1 for a, b, c in zip(times, times[1:], times[2:]))
                add("error", place, error)
                add("rage", place, rage)
                if not rage:
                    add("repeat", place, len(times) > 1)
    return {key: row for key, row in found.items() if row[1]}


def main():
    cases = tap.Cases()
    path = pathlib.Path(os.environ.get("SOJOURN_DATA", ""), "ecom.csv.gz")
    if not path.is_file():
        tap.skip_all("$SOJOURN_DATA has no ecom.csv.gz")
    words = [w for s in SIGNALS for w in ("--signal", s)]
    ran = subprocess.run([sys.argv[1], "friction", str(path), "--customer", "user_id", "--time", "timestamp", "--touchpoint", "event",
                          "--conversion", "purchase",
                          "--error", f"touchpoint in {ERRORS}", "--horizon", "none", "--session-gap", "30m", "--format", "json", *words],
                         capture_output=True, text=True, timeout=120)
    if cases.check(ran.returncode == 0, "friction of the web shop", ran.stderr):
        tables = json.loads(ran.stdout)
        told = {(r["signal"], r["place"]): [r["customers"], r["affected"]] for t in ("friction", "few") for r in tables[t]}
        expected = count(read_journeys(path))
        for signal in SIGNALS:
            one, other = ({k: v for k, v in rows.items() if k[0] == signal} for rows in (told, expected))
            cases.check(one == other, f"{len(other)} places of {signal}", {k: (one.get(k), other.get(k)) for k in one.keys() | other.keys()
                                                                            if one.get(k) != other.get(k)})
        cases.check(len(expected) > 20, "there is something to compare", len(expected))
    cases.finish()


if __name__ == "__main__":
    main()
