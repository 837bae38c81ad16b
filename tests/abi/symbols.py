#!/usr/bin/env python3
"""symbols.py SOURCE_ROOT SHARED_OBJECT: the shared object exports exactly what tests/abi/exports.txt lists.

With MESON as third argument it also builds the library bare (release, no zlib) in a scratch folder, and looks at what
that one needs and holds: nothing that prints, aborts, exits, reads the locale or draws random numbers; no data that
could be written to; no other library than libc, libm and threads."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

FORBIDDEN = re.compile(
    r"_*(?:\w*printf|\w*scanf|f?puts\w*|f?putc\w*|putchar\w*|perror|v?warnx?|v?errx?|abort|_?exit|quick_exit|atexit|assert_\w+|"
    r"strto(?:d|f|ld|l|ll|ul|ull|imax|umax)\w*|isoc\d+_strto\w+|ato[fil]l?|(?:set|new|use|free)locale|localeconv|qsort(?:_r)?|s?rand\w*|"
    r"[dejlmn]rand48|s?random\w*|signal|sigaction|fopen|fwrite|longjmp\w*|setjmp\w*|system|getenv|secure_getenv|localtime\w*|gmtime\w*|"
    r"strftime|mktime|strerror|strtok|sleep|usleep)(?:_chk)?")
MAY_NEED = re.compile(r"lib(?:c|m|pthread)\.so\.\d+|ld-linux[\w-]*\.so\.\d+|linux-(?:vdso|gate)\.so\.1")


def output(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def exported(shared):
    lines = output("nm", "-D", "--defined-only", str(shared)).splitlines()
    return sorted(line.split()[-1].split("@")[0] for line in lines if line.strip())


def check_exports(cases, shared, root, which):
    wanted = (root / "tests/abi/exports.txt").read_text().split()
    found = exported(shared)
    detail = f"missing: {sorted(set(wanted) - set(found))}\ntoo many: {sorted(set(found) - set(wanted))}"
    cases.check(found == wanted, f"{which} exports what exports.txt lists", detail)


def writable(archive):
    """Sections of the library's own objects that a running program could write to, and their sizes."""
    found, member = [], "?"
    for line in output("size", "-A", str(archive)).splitlines():
        words = line.split()
        if len(words) > 1 and words[1] == ":" or line.endswith("):"):
            member = words[0]
        elif len(words) == 3 and words[1].isdigit() and int(words[1]):
            section = words[0]
            data = section.startswith((".data", ".bss", ".tdata", ".tbss", ".common"))
            if data and not section.startswith(".data.rel.ro"):
                found.append(f"{member} {section} {words[1]} bytes")
    return found


def check_bare(cases, root, meson):
    with tempfile.TemporaryDirectory() as folder:
        build = pathlib.Path(folder, "build")
        output(*meson, "setup", str(build), str(root), "--buildtype=release", "-Dc_args=-DSJ_WITHOUT_ZLIB")
        output(*meson, "compile", "-C", str(build), "sojourn:shared_library", "sojourn:static_library")
        shared = (build / "lib/libsojourn.so").resolve()
        archive = build / "lib/libsojourn.a"
        check_exports(cases, shared, root, "a release without zlib")
        needs = [line.split()[-1].split("@")[0] for line in output("nm", "-D", "--undefined-only", str(shared)).splitlines()]
        bad = sorted(n for n in needs if FORBIDDEN.fullmatch(n))
        cases.check(len(needs) > 0 and not bad, "the library prints, aborts and exits nowhere, and knows no locale", bad)
        cases.check(not writable(archive), "there is no global data that could be written to", "\n".join(writable(archive)))
        libraries = [line.split()[0] for line in output("ldd", str(shared)).splitlines() if line.strip()]
        bad = [l for l in libraries if not MAY_NEED.fullmatch(os.path.basename(l))]
        cases.check(len(libraries) > 0 and not bad, "without zlib it needs libc, libm and threads only", bad)
        dynamic = output("readelf", "-dW", str(shared))
        cases.check("NODELETE" not in dynamic and "NOOPEN" not in dynamic, "it can be loaded and unloaded while a program runs")
        cases.check("BIND_NOW" in dynamic and "GNU_RELRO" in output("readelf", "-lW", str(shared)),
                    "its relocations are read-only once it is loaded")
        cases.check("libsojourn.so.0" in dynamic, "its soversion is 0")


def main():
    root, shared = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    cases = tap.Cases()
    check_exports(cases, shared, root, "the build under test")
    if len(sys.argv) > 3:
        check_bare(cases, root, shlex.split(sys.argv[3]))
    cases.finish()


if __name__ == "__main__":
    main()
