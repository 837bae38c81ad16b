#!/usr/bin/env python3
"""Adds up what meson's logs say: count.py BUILD_FOLDER … prints 'N passed, N failed, N skipped'.

Every case of a TAP test counts; a test that ended badly without a failing case (a crash, a time-out) counts as one
failure, so nothing can vanish.  Exits 1 where something failed or nothing ran."""
import pathlib
import sys
import xml.etree.ElementTree as tree


def explain(suite, name):
    """Prints what the program said about a failed case."""
    print(f"failed: {suite.get('name')}: {name}")
    lines = (suite.findtext("system-out") or "").splitlines()
    place = next((i for i, line in enumerate(lines) if line.startswith("not ok") and name.split(" - ")[-1] in line), None)
    for line in lines[place + 1:] if place is not None else []:
        if not line.startswith("#"):
            break
        print("    " + line)


def count_suite(suite):
    """Passed, failed, skipped of one test program, or of all programs without cases."""
    passed = failed = skipped = 0
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            explain(suite, case.get("name"))
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    if int(suite.get("errors", 0)) + int(suite.get("failures", 0)) and not failed:
        failed = 1
        print(f"failed: {suite.get('name')} ended badly")
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    for folder in sys.argv[1:]:
        logs = sorted(pathlib.Path(folder, "meson-logs").glob("testlog*.junit.xml"))
        if not logs:
            print(f"failed: {folder}: no test ran there")
            totals[1] += 1
        for log in logs:
            for suite in tree.parse(log).getroot().iter("testsuite"):
                totals = [a + b for a, b in zip(totals, count_suite(suite))]
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return totals[1] > 0 or totals[0] == 0


if __name__ == "__main__":
    sys.exit(main())
