#!/usr/bin/env python3
"""check_quickstart.py QUICKSTART BUILD_FOLDER: the walk through the demo shop, and through a file of one's own, from another
folder, twice; what it shows is counted here a second time from the events that it made."""
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import tap

QUICKSTART, BUILD = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ROOT = QUICKSTART.parent.parent
cases = tap.Cases()


def walk(folder, *words):
    return subprocess.run([str(QUICKSTART), *words], cwd=folder, env={**os.environ, "BUILD": str(BUILD)}, capture_output=True,
                          text=True, timeout=250)


def list_tree():
    """Files of the source tree, but for build folders, the repository's own and what Python leaves."""
    passed_over = ("build", ".git", "__pycache__")
    return {str(p): p.stat().st_mtime_ns for top in ROOT.iterdir() if not top.name.startswith(passed_over)
            for p in ([top] if top.is_file() else top.rglob("*")) if p.is_file() and "__pycache__" not in p.parts}


def count_shop():
    """Rows, customers, and who looks at a product, from the events themselves."""
    with open(BUILD / "quickstart" / "shop.csv", encoding="utf-8", newline="") as rows:
        found = [(row["customer"], row["touchpoint"]) for row in csv.DictReader(rows)]
    return len(found), len({c for c, _ in found}), len({c for c, t in found if t == "product_view"})


def main():
    with tempfile.TemporaryDirectory() as folder:
        before = list_tree()
        ran = walk(folder)
        if not cases.check(ran.returncode == 0, "the walk through the demo shop succeeds", ran.stdout[-2000:] + ran.stderr[-2000:]):
            cases.finish()
        events, customers, lookers = count_shop()
        line = next((l.split() for l in ran.stdout.splitlines() if l.split()[:1] == [str(events)]), [])
        cases.check(line[1:2] == [str(customers)], "the summary counts events and customers", f"{events} {customers}\n{ran.stdout[:1500]}")
        steps = re.findall(r"^ *1 +product_view +(\d+)", ran.stdout, re.M)
        cases.check(steps == [str(lookers)], "the funnel counts who looks at a product", f"{lookers} {steps}")
        cases.check(len(re.findall(r"^\S.*[?:.)…]\n\n\$ sojourn ", ran.stdout, re.M)) >= 5, "a sentence stands before each command", ran.stdout)
        first = re.search(r"^ *1 +error +payment ", ran.stdout, re.M)
        cases.check(first and "with an error at payment" in ran.stdout, "friction finds what is planted, and says so", ran.stdout[-3000:])
        lost = re.search(r"^all: (\d+) purchases lost, (\d+) found", ran.stdout, re.M)
        cases.check(lost and abs(int(lost[2]) / int(lost[1]) - 1) < .1, "and how much it costs, within a tenth over 20 shops", lost)
        began = time.monotonic()
        again = walk(folder)
        cases.check(again.stdout == ran.stdout and again.returncode == 0, "a second run says the same")
        cases.check(time.monotonic() - began < 60, "in seconds")
        own = pathlib.Path(folder, "own events.csv")
        own.write_bytes((ROOT / "examples/data/events.csv").read_bytes())
        words = ["--customer", "customer", "--time", "time", "--touchpoint=touchpoint"]
        ran = walk(folder, own.name, *words, "--step", "product_view", "--window", "1d", "--step", "purchase", "--reuse")
        cases.check(ran.returncode == 0 and re.search(r"^ *1 +product_view +4 ", ran.stdout, re.M) and
                    re.search(r"^ *2 +purchase +1 ", ran.stdout, re.M), "a file of one's own is walked", ran.stdout + ran.stderr)
        ran = walk(folder, own.name, *words)
        cases.check(ran.returncode == 0 and "--step NAME" in ran.stdout, "without steps it says how to name them", ran.stdout + ran.stderr)
        ran = walk(folder, "nowhere.csv", *words)
        cases.check(ran.returncode == 1 and "nowhere.csv" in ran.stderr, "a file that is not there is an error", ran.stderr)
        cases.check(list_tree() == before, "nothing is written into the source tree", set(list_tree()) ^ set(before))
    cases.finish()


if __name__ == "__main__":
    main()
