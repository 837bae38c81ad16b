#!/usr/bin/env python3
"""consumer.py SOURCE_ROOT MESON: others get at the library, installed or as a subproject, from C and C++."""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap

PROJECT = """project('shop', 'c', 'cpp', default_options: ['cpp_std=c++17'])
sojourn = dependency('sojourn', fallback: ['sojourn', 'sojourn_dep'])
install_data('shop.c', install_dir: get_option('datadir') / 'shop')
executable('shop_c', 'shop.c', dependencies: sojourn, install: true)
executable('shop_cpp', 'shop.cpp', dependencies: sojourn, install: true)
"""
SAYS = "2 viewed, 1 bought"


def run(*command, **more):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)


def leave_out(folder, names):
    """What is no source: history, and folders that meson builds in."""
    return [n for n in names if n in (".git", "__pycache__") or (pathlib.Path(folder, n, "meson-private").exists()) or
            (n.startswith("build") and pathlib.Path(folder, n).is_dir())]


def installed_files(place):
    return sorted(str(p.relative_to(place)) for p in place.rglob("*") if not p.is_dir())


def check_installed(cases, root, meson, place):
    """Installed below a DESTDIR, found through pkg-config."""
    # A sanitised or instrumented build is nobody's package: install a plain one of the same sources.
    own = place / "build"
    setup = run(*meson, "setup", own, root, "--prefix=/usr", "--libdir=lib", "--buildtype=plain")
    made = run(*meson, "install", "-C", own, env={**os.environ, "DESTDIR": str(place / "stage")})
    if not cases.check(setup.returncode == 0 and made.returncode == 0, "it installs",
                       setup.stdout[-1500:] + setup.stderr + made.stdout[-2000:] + made.stderr):
        return
    stage = place / "stage"
    files = installed_files(stage)
    headers = sorted("usr/include/" + str(p.relative_to(root / "include")) for p in (root / "include").rglob("*.h"))
    cases.check([f for f in files if f.startswith("usr/include/")] == headers, "exactly the public headers are installed", files)
    for wanted in ("usr/lib/libsojourn.so", "usr/lib/libsojourn.so.0", "usr/lib/libsojourn.a", "usr/lib/pkgconfig/sojourn.pc"):
        cases.check(wanted in files, f"{wanted} is installed", files)
    env = {**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(stage), "PKG_CONFIG_PATH": str(stage / "usr/lib/pkgconfig"),
           "LD_LIBRARY_PATH": str(stage / "usr/lib")}
    for language, compiler, source in (("C", ["gcc", "-std=c11", "-Wpedantic"], "shop.c"), ("C++", ["g++", "-std=c++17"], "shop.cpp")):
        for how in ([], ["--static"]):
            flags = shlex.split(run("pkg-config", "--cflags", "--libs", *how, "sojourn", env=env).stdout)
            if how:
                flags = [f if f != "-lsojourn" else str(stage / "usr/lib/libsojourn.a") for f in flags]
            program = place / ("shop" + language + "".join(how))
            made = run(*compiler, "-Wall", "-Wextra", "-Werror", place / source, "-o", program, *flags)
            said = run(program, env=env) if made.returncode == 0 else made
            cases.check(SAYS in said.stdout, f"a {language} program links through pkg-config{' '.join([''] + how)} and runs",
                        f"{flags}\n{made.stderr}{said.stdout}{said.stderr}")
    version = run("pkg-config", "--modversion", "sojourn", env=env).stdout.strip()
    said = run(place / "shopC", env=env).stdout
    cases.check(version != "" and said.startswith(version + " "), "sj_version is the version of the package", version + said)


def check_subproject(cases, root, meson, place):
    """Copied into another project's subprojects folder."""
    (place / "meson.build").write_text(PROJECT)
    copy = place / "subprojects/sojourn"
    shutil.copytree(root, copy, ignore=leave_out)
    env = {**os.environ, "PKG_CONFIG_LIBDIR": str(place / "nowhere"), "DESTDIR": str(place / "stage")}
    setup = run(*meson, "setup", place / "build", place, "--prefix=/usr", env=env)
    made = run(*meson, "install", "-C", place / "build", env=env)
    if not cases.check(setup.returncode == 0 and made.returncode == 0, "another meson project builds it as its subproject",
                       setup.stdout[-1500:] + setup.stderr + made.stdout[-3000:] + made.stderr):
        return
    for program in ("shop_c", "shop_cpp"):
        path = place / "stage/usr/bin" / program
        said = run(path) if path.exists() else None
        cases.check(said and SAYS in said.stdout, f"its {program} runs where it was installed", said and said.stdout + said.stderr)
    files = installed_files(place / "stage")
    cases.check(files == ["usr/bin/shop_c", "usr/bin/shop_cpp", "usr/share/shop/shop.c"], "the subproject installs nothing of its own",
                files)
    listed = run(*meson, "test", "--list", "-C", place / "build").stdout
    cases.check("sojourn" not in listed, "the subproject brings no tests", listed)


def main():
    root, meson = pathlib.Path(sys.argv[1]), shlex.split(sys.argv[2])
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        text = (root / "tests/consumer/shop.c").read_text()
        for part in ("installed", "parent"):
            (place / part).mkdir()
            for name in ("shop.c", "shop.cpp"):
                (place / part / name).write_text(text)
        check_installed(cases, root, meson, place / "installed")
        check_subproject(cases, root, meson, place / "parent")
    cases.finish()


if __name__ == "__main__":
    main()
