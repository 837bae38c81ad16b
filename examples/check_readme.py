#!/usr/bin/env python3
"""check_readme.py SOURCE_ROOT PROGRAM: README's C example is examples/funnel.c, its command line prints what README says, and
the files that it names are there."""
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import tap

ROOT, PROGRAM = pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve())
cases = tap.Cases()


def main():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/funnel.c").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", readme, re.M | re.S)
    cases.check(any(kind == "c" and text == example for kind, text in blocks), "the example is examples/funnel.c")
    cases.check(len(example.splitlines()) <= 40, "which has at most 40 lines")
    shown = [text for kind, text in blocks if kind == "console"]
    commands = 0
    for text in shown:
        for command, output in re.findall(r"^\$ sojourn (.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
            ran = subprocess.run([PROGRAM, *shlex.split(command)], cwd=ROOT, capture_output=True, text=True, timeout=60)
            printed = [line.rstrip() for line in ran.stdout.splitlines()]
            commands += 1
            cases.check(printed == [line.rstrip() for line in output.splitlines()], f"sojourn {command[:60]}", ran.stdout + ran.stderr)
    cases.check(commands > 0, "there is a command line")
    for path in sorted(set(re.findall(r"\]\(([\w./-]+)\)", readme))):
        cases.check((ROOT / path).exists(), f"{path} is there")
    cases.finish()


if __name__ == "__main__":
    main()
