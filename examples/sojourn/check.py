#!/usr/bin/env python3
"""check.py PROGRAM EVENTS.csv: what the program `sojourn` answers to command lines.

Figures are of data/events.csv, worked by hand as funnel.c says: ann goes all the way, bob and cem add to the cart within
a day, dee only looks (she added before).  tap.py is that of the tests."""
import csv
import gzip
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

import tap

PROGRAM, EVENTS = str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve())
COLUMNS = ["--customer", "customer", "--time", "time", "--touchpoint", "touchpoint"]
STEPS = ["--step", "product_view", "--step", "add_to_cart", "--step", "checkout", "--step", "purchase"]
DAY = STEPS + ["--window", "1d"]
cases = tap.Cases()


def run(*words, input=None, **more):
    return subprocess.run([PROGRAM, *words], input=input, capture_output=True, timeout=60, **more)


def ask(command, *words, file=EVENTS, input=None):
    return run(command, file, *COLUMNS, *words, input=input)


def tables(command, *words, **more):
    ran = ask(command, *words, "--format", "json", **more)
    return json.loads(ran.stdout) if ran.returncode == 0 else {"error": ran.stderr.decode()}


def reached(*words, **more):
    found = tables("funnel", *words, **more)
    return [row["reached"] for row in found["steps"]] if "steps" in found else found


def same(name, found, expected):
    cases.check(found == expected, name, f"{expected!r} is due, not {found!r}")


def refuses(name, status, pattern, *words, **more):
    """One line on standard error that says what would be right, nothing on standard output."""
    ran = run(*words, **more)
    lines = ran.stderr.decode().splitlines()
    right = ran.returncode == status and not ran.stdout and len(lines) == 1 and re.search(pattern, lines[0])
    cases.check(right, name, f"exit {ran.returncode}, {status} is due; output {ran.stdout[:200]!r}\n{ran.stderr.decode()}")


def check_answers(folder):
    same("the funnel of the example", reached(*DAY), [4, 3, 1, 1])
    same("without a window bob checks out too", reached(*STEPS), [4, 3, 2, 1])
    same("--NAME=VALUE is --NAME VALUE", reached(*STEPS, "--window=1d"), [4, 3, 1, 1])
    same("--step-where is --step", reached("--step", "product_view", "--step-where", "touchpoint = 'purchase'"), [4, 1])
    same("a window of 86400 is one of a day", reached(*STEPS, "--window", "86400"), [4, 3, 1, 1])
    same("a window of 0 is the same instant", reached(*STEPS, "--window", "0"), [4, 0, 0, 0])
    same("a window of none is none", reached(*STEPS, "--window", "none"), [4, 3, 2, 1])
    same("every unit of time is known",
         [reached("--step", "product_view", "--step", "add_to_cart", "--window", w)[1]
          for w in ("239999999us", "240000000us", "240000ms", "4m", "1200s", "24h", "1w")], [0, 1, 1, 1, 2, 3, 3])
    same("what is observed until then is open",
         [row["open"] for row in tables("funnel", *DAY, "--as-of", "2026-03-03T10:59:00+01:00")["steps"]], [2, 1, 0, 0])
    same("--reuse alone lets one event fill two steps", reached("--step", "purchase", "--step", "purchase", "--reuse"), [1, 1])
    same("--reuse takes no as its value", reached("--step", "purchase", "--reuse", "no", "--step", "purchase"), [1, 0])
    same("--no-reuse is --reuse no", reached("--step", "purchase", "--no-reuse", "--step", "purchase"), [1, 0])
    ran = ask("funnel", "--step", "product_view", "--step", "refund", "--format", "json", "--table", "steps")
    same("a step that no event is at is reached by nobody", [row["reached"] for row in json.loads(ran.stdout or "[]")], [4, 0])
    cases.check(b'no event is at "refund"' in ran.stderr, "and that is said", ran.stderr)
    counts = tables("funnel", *DAY, "--figures", "counts")
    same("--figures counts leaves times and reasons out", [counts["steps"][1].get("time_mean"), "reasons" in counts], [None, False])
    some = tables("funnel", *DAY, "--figures", "times,reasons")
    same("--figures takes a list", [some["steps"][1]["time_p50"] is None, "reasons" in some], [False, True])
    levels = {row["customer"]: row["level"] for row in tables("funnel", *DAY, "--levels")["levels"]}
    same("--levels has a row per customer", levels, {"ann": 4, "bob": 2, "cem": 2, "dee": 1})
    same("--threads changes nothing", tables("funnel", *DAY, "--threads", "3"), tables("funnel", *DAY))
    whole = tables("summary")["summary"][0]
    same("the summary", [whole[k] for k in ("events", "customers", "touchpoints", "first_time", "skipped")],
         [12, 4, 4, "2026-03-02T09:00:00.000000Z", 0])


def check_selections(folder):
    same("--where leaves events out", tables("summary", "--where", "not touchpoint = 'purchase'")["summary"][0]["events"], 11)
    same("--customers-where keeps whole journeys", tables("summary", "--customers-where", "checkout")["summary"][0]["events"], 7)
    same("customers are judged before events are left out",
         tables("summary", "--customers-where", "checkout", "--where", "product_view")["summary"][0]["events"], 2)
    compared = tables("funnel", *DAY, "--baseline-where", "checkout")
    same("--baseline-where shows the others", [row["reached"] for row in compared.get("steps", [])], [2, 1, 0, 0])
    difference = compared.get("compare", [{}, {}])[1].get("difference")
    cases.check(difference is not None and abs(difference + 0.5) < 1e-12, "and compares them: 1/2 - 2/2", compared.get("compare"))


def check_input(folder):
    text = pathlib.Path(EVENTS).read_bytes()
    same("- is standard input", reached(*DAY, file="-", input=text), [4, 3, 1, 1])
    same("which may be compressed", reached(*DAY, file="-", input=gzip.compress(text)), [4, 3, 1, 1])
    packed = folder / "events.csv.gz"
    packed.write_bytes(gzip.compress(text))
    same("as may a file", reached(*DAY, file=str(packed)), [4, 3, 1, 1])
    lines = text.decode().splitlines(keepends=True)
    (folder / "one.csv").write_text("".join(lines[:6]))
    (folder / "two.csv").write_text(lines[0] + "".join(lines[6:]))
    ran = run("funnel", str(folder / "one.csv"), str(folder / "two.csv"), *COLUMNS, *DAY, "--table", "steps", "--format", "json")
    same("several files are read as one", [row["reached"] for row in json.loads(ran.stdout or "[]")], [4, 3, 1, 1])
    tabs = folder / "other.txt"
    tabs.write_text("who\twhen\twhat\tby\tload\tplan:x\nann\t60000\tview\tweb\t2.5\tpro\nann\t61000\tbuy\tweb\t\t\n")
    words = ["--customer", "who", "--time", "when", "--touchpoint", "what", "--channel", "by", "--time-unit", "ms",
             "--attribute", "load:real", "--attribute", "plan:x", "--format", "json"]
    for delimiter in ("tab", "\\t", "\t"):
        ran = run("summary", str(tabs), "--delimiter", delimiter, *words)
        found = json.loads(ran.stdout)["summary"][0] if ran.returncode == 0 else {}
        same(f"--delimiter {delimiter!r}", [found.get(k) for k in ("events", "channels", "last_time")],
             [2, 1, "1970-01-01T00:01:01.000000Z"])
    ran = run("summary", str(tabs), *words, "--where", "load > 2 and \"plan:x\" = 'pro'")
    same("attributes have the type asked for", json.loads(ran.stdout or '{"summary":[{}]}')["summary"][0].get("events"), 1)
    dirty = folder / "dirty.csv"
    dirty.write_text("customer,time,touchpoint\nann,2026-03-02,view\nbob,soon,view\n,2026-03-02,view\n")
    ran = run("summary", str(dirty), *COLUMNS, "--on-error", "skip", "--format", "json")
    said = ran.stderr.decode()
    cases.check(ran.returncode == 0 and json.loads(ran.stdout)["summary"][0]["skipped"] == 2 and
                re.search(r"dirty.csv: 2 of 3 rows skipped: .*first in line 3.*first in line 4|"
                          r"dirty.csv: 2 of 3 rows skipped: .*first in line 4.*first in line 3", said),
                "--on-error skip says what it skipped, and where", said)
    refuses("without it the first bad row is named by line and column", 1, r"dirty\.csv:3:5: .*ISO 8601", "summary", str(dirty), *COLUMNS)
    late = ["--observed-until", "2026-03-03T11:00:00Z"]
    refuses("an event outside the observation is refused", 1, r"events\.csv:\d+.*observ|observ", "summary", EVENTS, *COLUMNS, *late)
    map_file = folder / "shop.map"
    map_file.write_text("stage looking: product_view\nstage buying: add_to_cart, checkout, purchase\n")
    same("--map names stages, and a stage is a condition", reached("--step", "looking", "--step", "buying", "--map", str(map_file)), [4, 3])
    map_file.write_text("stage looking: product_view\nstge buying: checkout\n")
    refuses("a map's error is named by line and column", 1, r"shop\.map:2:1: ", "summary", EVENTS, *COLUMNS, "--map", str(map_file))


def check_output(folder):
    ran = ask("funnel", *DAY, "--format", "csv")
    rows = list(csv.DictReader(ran.stdout.decode().splitlines()))
    same("CSV is the first table", [(row["name"], row["reached"]) for row in rows],
         [("product_view", "4"), ("add_to_cart", "3"), ("checkout", "1"), ("purchase", "1")])
    ran = ask("funnel", *DAY, "--format", "csv", "--table", "reasons")
    cases.check(ran.stdout.startswith(b"step,reason,units"), "--table names another", ran.stdout[:100])
    ran = ask("funnel", *DAY, "--table", "steps")
    cases.check(ran.stdout.decode().splitlines()[0].split()[:2] == ["step", "name"], "a table for people has its columns' names", ran.stdout)
    place = folder / "answer.json"
    place.write_text("old")
    ran = ask("funnel", *DAY, "--format", "json", "--output", str(place))
    same("--output writes there and nothing to standard output", [ran.stdout, json.loads(place.read_text())["steps"][0]["reached"]], [b"", 4])
    mask = os.umask(0)
    os.umask(mask)
    same("with the rights of any new file", stat.S_IMODE(place.stat().st_mode), 0o666 & ~mask)
    same("and leaves nothing beside it", sorted(p.name for p in folder.glob("answer*")), ["answer.json"])
    refuses("--output into no folder is an error", 1, "cannot write", "summary", EVENTS, *COLUMNS, "--output", str(folder / "no" / "x"))
    if pathlib.Path("/dev/full").exists():
        with open("/dev/full", "w") as full:
            ran = subprocess.run([PROGRAM, "summary", EVENTS, *COLUMNS], stdout=full, stderr=subprocess.PIPE, check=False)
        same("a full disk is an error", ran.returncode, 1)


def check_usage(folder):
    refuses("no command", 2, "--help")
    refuses("an unknown command lists what there is", 2, "summary, funnel", "funel")
    refuses("an unknown option names the nearest", 2, "--step", "funnel", EVENTS, *COLUMNS, "--stpe", "x")
    refuses("an option of another command is unknown", 2, "no option --window", "summary", EVENTS, *COLUMNS, "--window", "1d")
    refuses("a short option is unknown", 2, "no option -s", "funnel", EVENTS, "-s", "x")
    refuses("a missing value", 2, "--step needs a value", "funnel", EVENTS, *COLUMNS, "--step")
    refuses("an option is no value", 2, "--step needs a value", "funnel", EVENTS, *COLUMNS, "--step", "--window", "1d")
    refuses("no FILE", 2, "FILE", "summary", *COLUMNS)
    refuses("no --touchpoint", 2, "--touchpoint", "summary", EVENTS, *COLUMNS[:4])
    refuses("an unreadable span", 2, "--window.*30m", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "1 month")
    refuses("a negative span", 2, "--window", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "-5s")
    refuses("a span beyond the largest", 2, "--window.*9223372036854s", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "7300000000000000s")
    refuses("a span of more digits than any", 2, "--window.*15250284w", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "9" * 40 + "w")
    refuses("an unreadable time", 2, "--as-of.*2026-02-05", "funnel", EVENTS, *COLUMNS, *STEPS, "--as-of", "2026-02-30")
    refuses("an unreadable number", 2, "--top", "funnel", EVENTS, *COLUMNS, *STEPS, "--top", "-1")
    refuses("an unknown word", 2, "any input strict grace", "funnel", EVENTS, *COLUMNS, *STEPS, "--tie", "none")
    refuses("an unknown figure", 2, "counts times reasons values", "funnel", EVENTS, *COLUMNS, *STEPS, "--figures", "times,money")
    refuses("an option given twice", 2, "--window is given twice", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "1d", "--window", "2d")
    refuses("a switch with a value", 2, "takes no value", "funnel", EVENTS, *COLUMNS, *STEPS, "--survival=yes")
    refuses("flags without a step", 2, "--step-flags", "funnel", EVENTS, *COLUMNS, "--step-flags", "optional")
    refuses("an unknown flag", 2, "--step-flags", "funnel", EVENTS, *COLUMNS, "--step", "purchase", "--step-flags", "sometimes")
    refuses("a flag without its value", 2, "min", "funnel", EVENTS, *COLUMNS, "--step", "purchase", "--step-flags", "min")
    refuses("a delimiter of two characters", 2, "--delimiter", "summary", EVENTS, *COLUMNS, "--delimiter", ",;")
    refuses("standard input twice", 2, "once", "summary", "-", "-", *COLUMNS)
    refuses("a file that is not there", 1, "nowhere.csv", "summary", "nowhere.csv", *COLUMNS)
    refuses("a column that is not there", 1, r"events\.csv", "summary", EVENTS, *COLUMNS[:-1], "place")
    refuses("an unknown touchpoint names the nearest", 1, "add_to_cart", "funnel", EVENTS, *COLUMNS, "--step", "add_to_crat")
    refuses("a condition that cannot be read", 1, "--where", "summary", EVENTS, *COLUMNS, "--where", "touchpoint = ")
    refuses("a table that is not there lists those that are", 1, "steps", "funnel", EVENTS, *COLUMNS, *STEPS, "--table", "stpes")
    refuses("no steps", 1, "step", "funnel", EVENTS, *COLUMNS)
    refuses("a name with a line break stays one line", 2, "fun.nel", "fun\nnel")
    refuses("--levels with a baseline", 2, "exclude each other", "funnel", EVENTS, *COLUMNS, *STEPS, "--levels", "--baseline-where", "checkout")
    for words in (["--tie", "grace=2s"], ["--step-flags", "optional,min=1s,max=1d"], ["--exclude", "checkout", "--exclude-flags", "from=1,to=2,remove"],
                  ["--breakdown-at", "step=2"], ["--hold", "touchpoint"], ["--entry-from", "2026-03-02"], ["--preset", "clickhouse"]):
        ran = run("funnel", EVENTS, *COLUMNS, *STEPS[:6], *words, *STEPS[6:])
        cases.check(ran.returncode in (0, 1), f"{words[0]} {words[1]} is understood", ran.stderr.decode())


def check_help(folder):
    for words in (["--help"], ["help"], ["-h"]):
        ran = run(*words)
        cases.check(ran.returncode == 0 and b"funnel" in ran.stdout and b"--customer" in ran.stdout and not ran.stderr,
                    f"sojourn {words[0]}", ran.stdout)
    one = run("help", "funnel")
    cases.check(one.returncode == 0 and all(w in one.stdout.decode() for w in ("--window SPAN", "--tie any|input|strict|grace=SPAN",
                "--step-flags", "min=SPAN", "--breakdown-at entry|step=K", "--levels", "--map FILE")), "help funnel lists every option", one.stdout)
    same("funnel --help is the same", run("funnel", "--help").stdout, one.stdout)
    same("wherever it stands", run("funnel", EVENTS, "--step", "x", "--help").stdout, one.stdout)
    cases.check(re.fullmatch(rb"sojourn \d+\.\d+\.\d+\n", run("--version").stdout), "--version", run("--version").stdout)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_answers, check_selections, check_input, check_output, check_usage, check_help):
            check(pathlib.Path(folder))
    cases.finish()


if __name__ == "__main__":
    main()
