#!/usr/bin/env python3
"""same_output.py PROGRAM … -- NAME: all programs print the same lines, and some, when told to --print."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

split = sys.argv.index("--")
programs, name = sys.argv[1:split], " ".join(sys.argv[split + 1:])
cases = tap.Cases()
printed = [subprocess.run([p, "--print"], capture_output=True, text=True, check=True).stdout.splitlines() for p in programs]
differing = [line for others in printed[1:] for line in set(printed[0]) ^ set(others)]
cases.check(len(printed[0]) > 20 and not differing, name, "\n".join(sorted(differing)) or f"{len(printed[0])} lines")
cases.finish()
