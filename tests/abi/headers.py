#!/usr/bin/env python3
"""headers.py INCLUDE: every public header compiles alone, as C and as C++, without a warning, and no struct has padding."""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

include = pathlib.Path(sys.argv[1])
cases = tap.Cases()
common = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wundef", "-Wshadow"]
languages = {
    "C11": (["gcc", "clang"], ["-std=c11", "-x", "c", "-Wstrict-prototypes", "-Wmissing-prototypes"]),
    "C++17": (["g++", "clang++"], ["-std=c++17", "-x", "c++"]),
}


def compiles(compiler, flags, text):
    run = subprocess.run([compiler, *flags, f"-I{include}", "-fsyntax-only", "-"], input=text, text=True,
                         capture_output=True)
    return run.returncode == 0, run.stderr


headers = sorted(str(p.relative_to(include)) for p in include.rglob("*.h"))
for header in headers:
    for language, (compilers, flags) in languages.items():
        for compiler in compilers:
            name = f"{header} compiles alone as {language} with {compiler}"
            if shutil.which(compiler):
                # A file that declares something: an empty unit is no unit.
                unit = f"#include <{header}>\ntypedef int unit;\n"
                holds, said = compiles(compiler, common + flags, unit)
                cases.check(holds, name, said)
            elif compiler.startswith("g"):
                cases.check(False, name, f"{compiler} is not installed")
            else:
                cases.skip(name, f"{compiler} is not installed")

holds, said = compiles("gcc", ["-std=c11", "-x", "c", "-Wpadded", "-Werror"], "#include <sojourn.h>\n")
cases.check(holds, "no public struct has padding", said)
umbrella = (include / "sojourn.h").read_text()
for header in headers:
    if header != "sojourn.h":
        cases.check(f"#include <{header}>" in umbrella, f"sojourn.h brings {header}")
cases.finish()
