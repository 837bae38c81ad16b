#!/usr/bin/env python3
"""field_cases.py PROGRAM [ID …]: what users of other products reported as wrong, with the right figures.

Reads $SOJOURN_DATA/field_cases.jsonl: a case a line, {id, csv | paths, command, expect, also: [{command, expect}]}.  Each row
that is expected must be among the rows of its table (columns not named are free, numbers agree to 1e-9); `exact`: there
are no others; `exit` other than 0: exactly one line on standard error and nothing on standard output.  A command
whose options are not built yet is counted as skipped, by the program's own word."""
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

BUILT = {"friction", "funnel", "match", "paths", "summary", "transitions", "variants"}
INPUTS = {"csv": "events.csv", "paths": "paths.csv"}


def agrees(wanted, found):
    """Whether a cell is what was expected."""
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(agrees, wanted, found))
    number = (int, float)
    if isinstance(wanted, number) and isinstance(found, number) and not isinstance(wanted, bool):
        return math.isclose(wanted, found, rel_tol=1e-9, abs_tol=1e-9)
    return wanted == found and type(wanted) is type(found)


def pick_rows(tables, name):
    """The rows of a table; 'a or b' are those of both, where there are any.  None: there is no such table."""
    names = [n for n in name.split(" or ") if n in tables]
    return [row for n in names for row in tables[n]] if names else None


def compare_table(tables, wanted):
    rows = pick_rows(tables, wanted["table"])
    if rows is None:
        return f"no table {wanted['table']} among {sorted(tables)}"
    left = list(rows)
    for row in wanted["rows"]:
        match = next((r for r in left if all(k in r and agrees(v, r[k]) for k, v in row.items())), None)
        if match is None:
            return f"{wanted['table']}: no row with {json.dumps(row)}\nin {json.dumps(rows)[:1500]}"
        left.remove(match)
    return f"{wanted['table']}: further rows {json.dumps(left)[:500]}" if wanted.get("exact") and left else None


def judge(run, expect):
    """None, or what is wrong."""
    if expect.get("exit", 0) != 0:
        lines = [line for line in run.stderr.splitlines() if line.strip()]
        right = run.returncode in (1, 2) and len(lines) == 1 and not run.stdout.strip()
        return None if right else f"exit {run.returncode}, standard error: {run.stderr[:500]!r}, output: {run.stdout[:200]!r}"
    if run.returncode != 0:
        return f"exit {run.returncode}: {run.stderr[:500]}"
    try:
        tables = json.loads(run.stdout)
    except ValueError as problem:
        return f"not JSON: {problem}: {run.stdout[:300]!r}"
    return next((wrong for wrong in (compare_table(tables, t) for t in expect.get("tables", [])) if wrong), None)


def is_later(command, said):
    """Whether the program says that it does not have this yet; never of a whole command that it must have."""
    return "not built yet" in said or command not in BUILT and "there is no command" in said


def try_case(cases, program, case, number, question, folder):
    name = case["id"] + (f" ({number + 1})" if number else "")
    for key, file in INPUTS.items():
        if case.get(key) is not None:
            (folder / file).write_text(case[key], encoding="utf-8", newline="")
    words = shlex.split(question["command"])[1:]
    run = subprocess.run([program, *words, "--format", "json"], cwd=folder, capture_output=True, text=True, timeout=60)
    if run.returncode != 0 and is_later(words[0], run.stderr):
        cases.skip(name, run.stderr.strip().replace("\n", " ")[:120])
        return
    wrong = judge(run, question["expect"])
    cases.check(wrong is None, name, f"{question['command']}\n{wrong}")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    path = pathlib.Path(os.environ.get("SOJOURN_DATA", "../shared/data"), "field_cases.jsonl")
    if not path.exists():
        tap.skip_all(f"no {path}: set SOJOURN_DATA")
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder, open(path, encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            if len(sys.argv) > 2 and case["id"] not in sys.argv[2:]:
                continue
            for number, question in enumerate([case] + (case.get("also") or [])):
                if question.get("command"):
                    try_case(cases, program, case, number, question, pathlib.Path(folder))
    cases.finish()


if __name__ == "__main__":
    main()
