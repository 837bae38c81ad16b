#!/usr/bin/env python3
"""run_and_compare.py EXPECTED PROGRAM [ARGUMENT …]: runs a program and compares what it prints with a file.

Line ends may differ between systems; nothing else may.  Exits 1 with the first differing lines."""
import difflib
import pathlib
import subprocess
import sys


def main():
    expected = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    run = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    printed = run.stdout.decode("utf-8", "replace").splitlines()
    if run.returncode == 0 and printed == expected:
        return 0
    print(f"exit {run.returncode}\n{run.stderr.decode('utf-8', 'replace')}", end="")
    print("\n".join(difflib.unified_diff(expected, printed, "expected", "printed", lineterm="")))
    return 1


if __name__ == "__main__":
    sys.exit(main())
