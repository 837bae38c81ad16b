#!/usr/bin/env python3
"""floors.py SOURCE_ROOT: the library's house stands as docs say.

Who includes whom (own folder and lower floors, journey and kernel not each other, the packed layout known to few files, no
analysis another one's header), what file-level names are called, that all sources fit into one unit, and that no source
and no test is left out of the build files."""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

FLOOR = {"base": 1, "journey": 2, "kernel": 2, "tally": 3, "analysis": 4, "io": 5, "report": 5}
KNOW_LAYOUT = {"journey/pack.c", "journey/edges.c", "journey/graph.c", "journey/decode.c", "journey/check.c", "kernel/bits.c",
               "io/snapshot.c"}
COLLECTS_ALL = {"report/catalog.c", "report/catalog_names.c"}  # lists every options struct, so it sees every floor
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
STATIC = re.compile(r"^static\s+(?:inline\s+)?(?!inline)[^;={}()]*?\b(\w+)\s*(?:\[[^;=]*\]\s*)*(?=[(;=])", re.M)
TYPE = re.compile(r"^(?:typedef\s+)?(?:struct|enum|union)\s+(\w+)\s*\{", re.M)
TYPEDEF = re.compile(r"^(?:typedef\b[^;{}()]*|\})\s*\b(\w+);", re.M)
FUNCTION_TYPE = re.compile(r"^typedef\b[^;{}]*?\(\*(\w+)\)", re.M)
MACRO = re.compile(r"^\s*#\s*define\s+(\w+)", re.M)
ENUMERATOR = re.compile(r"^enum\s*\w*\s*\{(.*?)\}", re.M | re.S)


def bare(text):
    """Source without comments and strings, so that no word in them is taken for code."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"',
                  lambda m: m.group(0) if m.group(0)[0] == '"' and "/" in m.group(0) else
                  ('""' if m.group(0)[0] == '"' else " "), text, flags=re.S)


def noun(path):
    return re.split(r"_", path.stem)[0]


def wrong_includes(name, text):
    """What this file includes and should not."""
    folder = name.split("/")[0]
    for target in INCLUDE.findall(text):
        other = target.split("/")[0]
        if other not in FLOOR:
            yield f"{name}: {target} does not name its folder"
        elif other != folder and FLOOR[other] >= FLOOR[folder] and name not in COLLECTS_ALL:
            yield f"{name} includes {target}, which is not on a lower floor"
        if target == "journey/layout.h" and name not in KNOW_LAYOUT:
            yield f"{name} knows the packed layout"
        if folder == other == "analysis" and target != "analysis/table.h" and name != "analysis/table.c" and \
                noun(pathlib.Path(target)) != noun(pathlib.Path(name)):
            yield f"{name} includes {target} of another analysis"


def file_names(text):
    """Names that a source file declares for itself: statics, types, macros, enumerators."""
    statics = STATIC.findall(text)
    others = TYPE.findall(text) + TYPEDEF.findall(text) + FUNCTION_TYPE.findall(text) + MACRO.findall(text)
    for body in ENUMERATOR.findall(text):
        others += re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"=[^,]*", "", body))
    return statics, [o for o in others if o]


def strange_names(sources):
    """Statics that do not begin with their file's noun: a word of its name, or one word that no other file begins with."""
    first = {name: {s.split("_")[0] for s in file_names(text)[0]} for name, text in sources.items()}
    for name, words in first.items():
        stem = pathlib.Path(name).stem
        nouns = set(stem.split("_")) | {w.rstrip("s") for w in stem.split("_")} | {stem}
        elsewhere = set().union(*(w for other, w in first.items() if other != name))
        own = words - elsewhere
        if len(own) == 1:
            nouns |= own
        yield from (f"{name}: {word}_" for word in words - nouns)


def check_names(cases, sources):
    owners, shared = {}, []
    for name, text in sources.items():
        statics, others = file_names(text)
        for n in set(statics + others):
            if owners.setdefault(n, name) != name:
                shared.append(f"{n}: {owners[n]}, {name}")
    strange = sorted(strange_names(sources))
    cases.check(not strange, "every static name begins with its file's noun", "\n".join(strange))
    cases.check(not shared, "no two files share a static name, type, macro or enumerator", "\n".join(sorted(shared)))


def check_one_unit(cases, root, sources):
    """All sources as one unit, as someone would who copies them into an application."""
    unit = "".join(f'#include "{name}"\n' for name in sources)
    for compiler in ("gcc", "clang"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "all.c")
            path.write_text(unit)
            try:
                run = subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{root}/include", f"-I{root}/lib",
                                      '-DSJ__VERSION="0"', "-D_POSIX_C_SOURCE=200809L", "-c", str(path), "-o", str(path.with_suffix(".o"))],
                                     capture_output=True, text=True)
            except FileNotFoundError:
                cases.skip(f"all sources compile as one unit with {compiler}", f"{compiler} is not installed")
                continue
            cases.check(run.returncode == 0, f"all sources compile as one unit with {compiler}", run.stderr)


def main():
    root = pathlib.Path(sys.argv[1])
    cases = tap.Cases()
    files = {str(p.relative_to(root / "lib")): bare(p.read_text()) for p in sorted((root / "lib").rglob("*.[ch]"))}
    sources = {n: t for n, t in files.items() if n.endswith(".c")}
    wrong = [w for n, t in files.items() for w in wrong_includes(n, t)]
    cases.check(len(sources) > 30 and not wrong, "a file includes its own folder and lower floors only", "\n".join(wrong))
    check_names(cases, sources)
    check_one_unit(cases, root, sources)
    listed = re.findall(r"'([\w/]+\.c)'", (root / "lib/meson.build").read_text())
    cases.check(sorted(listed) == sorted(sources), "lib/meson.build lists every source, once", set(listed) ^ set(sources))
    tests = "".join(p.read_text() for p in (root / "tests").rglob("meson.build"))
    named = set(re.findall(r"[\w/.]*?(\w+\.(?:c|py))'", tests)) | {f"test_{n}.c" for n in re.findall(r"'(\w+)': ", tests)}
    named |= {f"{n}.c" for n in re.findall(r"'(\w+)': ", tests)}
    loose = {"tap.py", "count.py", "shop.c"}  # imported, called by tests/run, read by consumer.py
    missing = [p.name for p in sorted((root / "tests").rglob("*")) if p.suffix in (".c", ".py") and p.name not in named | loose]
    cases.check(not missing, "the build files of the tests name every test", missing)
    odd = [n for n, t in files.items() if re.search(r"\w*alloca\b|\bgoto\s+(?!out\b)\w+", t)]
    cases.check(not odd, "no alloca, and goto leads to out only", odd)
    allowed = {"meson.build", "README.md", "LICENSE", "include", "lib", "tests", "examples", "docs"}
    top = {p.name for p in root.iterdir() if not p.name.startswith((".", "build", "__pycache__"))}
    cases.check(top == allowed, "the top level is the fixed list", top ^ allowed)
    cases.finish()


if __name__ == "__main__":
    main()
