#!/usr/bin/env python3
"""check.py PROGRAM EVENTS.csv: what the program `sojourn` answers to command lines.

Figures are of data/events.csv, worked by hand as funnel.c says: ann goes all the way, bob and cem add to the cart within
a day, dee only looks (she added before).  tap.py is that of the tests."""
import csv
import gzip
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

import tap

PROGRAM, EVENTS = str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve())
COLUMNS = ["--customer", "customer", "--time", "time", "--touchpoint", "touchpoint"]
STEPS = ["--step", "product_view", "--step", "add_to_cart", "--step", "checkout", "--step", "purchase"]
DAY = STEPS + ["--window", "1d"]
cases = tap.Cases()


def run(*words, input=None, **more):
    return subprocess.run([PROGRAM, *words], input=input, capture_output=True, timeout=60, **more)


def ask(command, *words, file=EVENTS, input=None):
    return run(command, file, *COLUMNS, *words, input=input)


def tables(command, *words, **more):
    ran = ask(command, *words, "--format", "json", **more)
    return json.loads(ran.stdout) if ran.returncode == 0 else {"error": ran.stderr.decode()}


def reached(*words, **more):
    found = tables("funnel", *words, **more)
    return [row["reached"] for row in found["steps"]] if "steps" in found else found


def same(name, found, expected):
    cases.check(found == expected, name, f"{expected!r} is due, not {found!r}")


def refuses(name, status, pattern, *words, **more):
    """One line on standard error that says what would be right, nothing on standard output."""
    ran = run(*words, **more)
    lines = ran.stderr.decode().splitlines()
    right = ran.returncode == status and not ran.stdout and len(lines) == 1 and re.search(pattern, lines[0])
    cases.check(right, name, f"exit {ran.returncode}, {status} is due; output {ran.stdout[:200]!r}\n{ran.stderr.decode()}")


def check_answers(folder):
    same("the funnel of the example", reached(*DAY), [4, 3, 1, 1])
    same("without a window bob checks out too", reached(*STEPS), [4, 3, 2, 1])
    same("--NAME=VALUE is --NAME VALUE", reached(*STEPS, "--window=1d"), [4, 3, 1, 1])
    same("--step-where is --step", reached("--step", "product_view", "--step-where", "touchpoint = 'purchase'"), [4, 1])
    same("a window of 86400 is one of a day", reached(*STEPS, "--window", "86400"), [4, 3, 1, 1])
    same("a window of 0 is the same instant", reached(*STEPS, "--window", "0"), [4, 0, 0, 0])
    same("a window of none is none", reached(*STEPS, "--window", "none"), [4, 3, 2, 1])
    same("every unit of time is known",
         [reached("--step", "product_view", "--step", "add_to_cart", "--window", w)[1]
          for w in ("239999999us", "240000000us", "240000ms", "4m", "1200s", "24h", "1w")], [0, 1, 1, 1, 2, 3, 3])
    same("what is observed until then is open",
         [row["open"] for row in tables("funnel", *DAY, "--as-of", "2026-03-03T10:59:00+01:00")["steps"]], [2, 1, 0, 0])
    same("--reuse alone lets one event fill two steps", reached("--step", "purchase", "--step", "purchase", "--reuse"), [1, 1])
    same("--reuse takes no as its value", reached("--step", "purchase", "--reuse", "no", "--step", "purchase"), [1, 0])
    same("--no-reuse is --reuse no", reached("--step", "purchase", "--no-reuse", "--step", "purchase"), [1, 0])
    ran = ask("funnel", "--step", "product_view", "--step", "refund", "--format", "json", "--table", "steps")
    same("a step that no event is at is reached by nobody", [row["reached"] for row in json.loads(ran.stdout or "[]")], [4, 0])
    cases.check(b'no event is at "refund"' in ran.stderr, "and that is said", ran.stderr)
    counts = tables("funnel", *DAY, "--figures", "counts")
    same("--figures counts leaves times and reasons out", [counts["steps"][1].get("time_mean"), "reasons" in counts], [None, False])
    some = tables("funnel", *DAY, "--figures", "times,reasons")
    same("--figures takes a list", [some["steps"][1]["time_p50"] is None, "reasons" in some], [False, True])
    levels = {row["customer"]: row["level"] for row in tables("funnel", *DAY, "--levels")["levels"]}
    same("--levels has a row per customer", levels, {"ann": 4, "bob": 2, "cem": 2, "dee": 1})
    same("--threads changes nothing", tables("funnel", *DAY, "--threads", "3"), tables("funnel", *DAY))
    whole = tables("summary")["summary"][0]
    same("the summary", [whole[k] for k in ("events", "customers", "touchpoints", "first_time", "skipped")],
         [12, 4, 4, "2026-03-02T09:00:00.000000Z", 0])


def rows(table, *columns):
    return [tuple(row.get(c) for c in columns) for row in table]


def check_groups(folder):
    """Everybody enters on 2 March, ann and cem by web, bob and dee by app."""
    events = folder / "groups.csv"
    lines = pathlib.Path(EVENTS).read_text().split()
    channel = {"customer": "channel", "ann": "web", "bob": "app", "cem": "web", "dee": "app"}
    events.write_text("".join(f"{line},{channel[line.split(',')[0]]}\n" for line in lines))
    words = [*DAY[:4], "--window", "1d", "--channel", "channel"]
    found = tables("funnel", *words, "--breakdown", "channel", file=str(events))
    same("--breakdown: rows per key, many first, then by name", rows(found["breakdown"], "key", "step", "reached"),
         [("app", 1, 2), ("app", 2, 1), ("web", 1, 2), ("web", 2, 2)])
    found = tables("funnel", *words, "--breakdown", "channel", "--breakdown-at", "step=2", file=str(events))
    same("--breakdown-at step=2: who did not get there is (none)", rows(found["breakdown"], "key", "step", "reached"),
         [("web", 1, 2), ("web", 2, 2), ("(none)", 1, 1), ("(none)", 2, 0), ("app", 1, 1), ("app", 2, 1)])
    found = tables("funnel", *words, "--trend", "day", "--utc-offset", "-600", file=str(events))
    same("--trend with --utc-offset: days that begin at 10:00 UTC", rows(found["trend"], "key", "step", "reached"),
         [("2026-03-01T10:00:00.000000Z", 1, 1), ("2026-03-01T10:00:00.000000Z", 2, 1),
          ("2026-03-02T10:00:00.000000Z", 1, 3), ("2026-03-02T10:00:00.000000Z", 2, 2)])
    found = tables("funnel", *words, "--survival", file=str(events))
    same("--survival: dee is censored before cem converts", rows(found["survival"], "at_risk", "converted", "share"),
         [(4, 1, 0.25), (3, 1, 0.5), (1, 1, 1)])
    ran = run("funnel", str(events), *COLUMNS, *words, "--trend", "month", "--format", "csv", "--table", "trend")
    same("a trend as CSV", ran.stdout.decode().splitlines()[1].split(",")[:4], ["2026-03-01T00:00:00.000000Z", "1", "product_view", "4"])
    file = [str(events), *COLUMNS, *words]
    refuses("--breakdown-at alone", 1, "breakdown_at without breakdown", "funnel", *file, "--breakdown-at", "first")
    refuses("--utc-offset alone", 1, "utc_offset without trend", "funnel", *file, "--utc-offset", "60")
    refuses("an unknown breakdown names the nearest", 1, "'channel'", "funnel", *file, "--breakdown", "chanel")
    refuses("a step that there is not", 1, "steps 1 to 2", "funnel", *file, "--breakdown", "channel", "--breakdown-at", "step=3")
    refuses("a step that is no number", 2, "--breakdown-at", "funnel", *file, "--breakdown", "channel", "--breakdown-at", "step=b")
    refuses("--survival needs times and reasons", 1, "survival", "funnel", *file, "--survival", "--figures", "counts")
    refuses("--trend knows its words", 2, "hour day week month", "funnel", *file, "--trend", "year")


def check_paths(folder):
    tree = [(0, "product_view", 4), (1, "product_view > add_to_cart", 2), (1, "product_view > product_view", 1),
            (1, "product_view > (end)", 1)]
    found = tables("paths", "--from", "product_view", "--depth", "1")
    same("paths: a tree from an anchor", rows(found["paths"], "depth", "path", "count"), tree)
    same("and its layers", rows(found["layers"], "layer", "from", "to", "count")[0], (1, "product_view", "add_to_cart", 2))
    found = tables("paths", "--from", "product_view", "--depth", "1", "--top", "1")["paths"]
    same("--top leaves (other)", rows(found, "path", "count")[1:],
         [("product_view > add_to_cart", 2), ("product_view > (other)", 1), ("product_view > (end)", 1)])
    found = tables("paths", "--to", "checkout")["paths"]
    same("--to alone reads backwards", rows(found, "path", "count"),
         [("checkout", 2), ("add_to_cart > checkout", 2), ("product_view > add_to_cart > checkout", 2),
          ("(start) > product_view > add_to_cart > checkout", 2)])
    found = tables("paths", "--from", "product_view", "--to", "purchase")["paths"]
    same("between two anchors who does not arrive is (none)", rows(found, "path", "count")[-1], ("product_view > (none)", 3))
    found = tables("paths", "--from", "product_view", "--occurrence", "every", "--count", "occurrences", "--depth", "1")["paths"]
    same("--occurrence every --count occurrences", rows(found, "count"), [(5,), (3,), (1,), (1,)])
    found = tables("paths", "--from", "product_view", "--collapse", "--session-gap", "1h", "--depth", "1")["paths"]
    same("--collapse and --session-gap", rows(found, "path", "count"),
         [("product_view", 4), ("product_view > add_to_cart", 2), ("product_view > (end)", 2)])
    ran = ask("paths", "--from", "refund", "--format", "json", "--table", "paths")
    same("an anchor that no event is at", rows(json.loads(ran.stdout or "[]"), "path", "count"), [("refund", 0)])
    cases.check(b'no event is at "refund"' in ran.stderr, "and that is said", ran.stderr)
    refuses("too deep", 1, "at most 64", "paths", EVENTS, *COLUMNS, "--depth", "65")
    refuses("paths have no baseline yet", 2, "no option --baseline-where", "paths", EVENTS, *COLUMNS, "--baseline-where", "purchase")


def check_variants(folder):
    found = tables("variants")["variants"]
    same("variants: no two journeys are alike", rows(found, "path", "count", "coverage"),
         [("add_to_cart > product_view", 1, 0.25), ("product_view > add_to_cart > checkout", 1, 0.5),
          ("product_view > add_to_cart > checkout > purchase", 1, 0.75), ("product_view > product_view > add_to_cart", 1, 1)])
    found = tables("variants", "--conversion", "purchase")["variants"]
    same("--conversion: up to it, and its rate", rows(found, "path", "count", "conversion_rate", "time_p50")[0][:3],
         ("product_view > add_to_cart > checkout", 2, 0.5))
    found = tables("variants", "--ngrams", "2..3")
    same("--ngrams 2..3 stand beside them", [len(found["variants"]), rows(found["ngrams"], "path", "count", "customers")[0], len(found["ngrams"])],
         [4, ("product_view > add_to_cart", 3, 3), 8])
    same("--ngrams 4 is 4..4", rows(tables("variants", "--ngrams", "4")["ngrams"], "count"), [(1,)])
    found = tables("variants", "--what", "ngrams", "--max-length", "2")
    same("--what says which alone", ["variants" in found, len(found["ngrams"])], [False, 5])
    found = tables("variants", "--indicators")["indicators"]
    same("--indicators are means", [rows(found, "name"), found[0]["mean"], found[0]["n"]],
         [[("length",), ("entropy",), ("turbulence",), ("complexity",), ("volatility",)], 3, 4])
    found = tables("variants", "--per-customer")["indicators"]
    same("--per-customer has a row each", sorted(rows(found, "customer", "length")), [("ann", 4), ("bob", 3), ("cem", 3), ("dee", 2)])
    same("--top cuts rows", len(tables("variants", "--top", "3")["variants"]), 3)
    refuses("a range that falls", 1, "above max_length", "variants", EVENTS, *COLUMNS, "--ngrams", "5..2")
    refuses("a range that is none", 2, "--ngrams", "variants", EVENTS, *COLUMNS, "--ngrams", "two")
    refuses("--indicators with a value", 2, "takes no value", "variants", EVENTS, *COLUMNS, "--indicators=yes")
    refuses("a horizon without a conversion", 1, "horizon has no effect", "variants", EVENTS, *COLUMNS, "--horizon", "1d")
    listed = run("help", "variants").stdout.decode()
    cases.check("--ngrams LOW..HIGH" in listed and "--per-customer" in listed, "help variants lists the short forms", listed)


def check_transitions(folder):
    found = tables("transitions")
    rows = {(row["from"], row["to"]): row for row in found.get("transitions", [])}
    same("the first table of transitions has the columns of the manual", list(found["transitions"][0])[:9],
         ["from", "to", "count", "customers", "share_out", "share_in", "dwell_mean", "dwell_p50", "dwell_p90"])
    for node in found["touchpoints"]:
        into = sum(row["count"] for pair, row in rows.items() if pair[1] == node["name"])
        out = sum(row["count"] for pair, row in rows.items() if pair[0] == node["name"])
        same(f"{node['name']}: inflow + starts = outflow + ends = events", [into, out], [node["events"]] * 2)
    same("all journeys start and end", [sum(r["count"] for p, r in rows.items() if p[0] == "(start)"),
                                        sum(r["count"] for p, r in rows.items() if p[1] == "(end)")], [4, 4])
    counts = tables("transitions", "--figures", "counts")["transitions"]
    same("--figures counts leaves quantiles out, not the mean", [any(r["dwell_p50"] for r in counts), any(r["dwell_mean"] for r in counts)],
         [False, True])
    same("--session-gap 0 cuts at every pause", {r["from"] for r in tables("transitions", "--session-gap", "0")["transitions"]} >= {"(start)"}, True)
    same("--eventually has no start", "(start)" in {r["from"] for r in tables("transitions", "--eventually")["transitions"]}, False)
    same("--between channels without a channel is at none", [n["name"] for n in tables("transitions", "--between", "channels")["nodes"]], ["(none)"])
    compared = tables("transitions", "--baseline-where", "checkout")
    cases.check(compared.get("compare") and {"difference", "low", "high", "p", "q"} <= set(compared["compare"][0]),
                "--baseline-where compares shares", compared)
    ran = ask("transitions", "--format", "dot")
    cases.check(ran.stdout.startswith(b"digraph sojourn {") and b'label="(start)"' in ran.stdout, "--format dot is a graph", ran.stdout[:200])
    ran = ask("transitions", "--format", "mermaid")
    cases.check(ran.stdout.startswith(b"flowchart LR\n") and b'["product_view"]' in ran.stdout, "--format mermaid is a flowchart", ran.stdout[:200])
    refuses("a table without from and to cannot be drawn", 1, "cannot be drawn", "transitions", EVENTS, *COLUMNS, "--format", "dot", "--table", "touchpoints")
    refuses("a funnel cannot be drawn", 1, "drawn", "funnel", EVENTS, *COLUMNS, *STEPS, "--format", "mermaid")
    refuses("--conversion needs --eventually", 1, "no effect", "transitions", EVENTS, *COLUMNS, "--conversion", "purchase")
    refuses("--between stages needs stages", 1, "stages", "transitions", EVENTS, *COLUMNS, "--between", "stages")
    refuses("--between knows its words", 2, "touchpoints stages channels", "transitions", EVENTS, *COLUMNS, "--between", "days")


def check_match(folder):
    """Worked from the rows of data/events.csv: five views, three of them before an add_to_cart; dee adds before she views."""
    words = ["--condition", "product_view", "--condition", "add_to_cart", "--condition", "purchase"]
    found = tables("match", "--pattern", "(?1).*(?3)", *words).get("matches", [])
    same("match: who viewed and bought", [(r["customer"], r["match"], r["count"], len(r["times"])) for r in found], [("ann", 1, 1, 2)])
    found = tables("match", "--pattern", "(?1)", *words, "--find", "count").get("matches", [])
    same("match: --find count", [sorted(r) for r in found][:1] + [sum(r["count"] for r in found)], [["count", "customer"], 5])
    found = tables("match", "--pattern", "(?1).*(?2)", *words, "--overall").get("overall", [{}])
    same("match: --overall", [found[0].get(k) for k in ("matches", "customers", "seen")], [3, 3, 4])
    found = tables("match", "--pattern", "(?2).*(?1)", *words, "--only-matching", "--span", "52w", "--session-gap", "none").get("matches", [])
    same("match: what came before the view", [r["customer"] for r in found], ["dee"])
    ran = ask("match", "--pattern", "(?1)", "--condition", "refund", "--format", "json", "--table", "matches")
    same("match: a condition that no event meets", json.loads(ran.stdout or "{}"), [])
    cases.check(b'no event is at "refund"' in ran.stderr, "and that is said", ran.stderr)
    file = [EVENTS, *COLUMNS]
    refuses("match: a number that no condition has", 1, "character 6.*no condition of this number", "match", *file, "--pattern", "(?1)[4]", *words)
    refuses("match: no pattern", 1, "pattern", "match", *file, *words)
    found = [tables("match", "--pattern", "(?1)", *words, "--find", how).get("matches", []) for how in ("first", "last", "all")]
    same("match: --find first, last, all", [[len(f), max(r["match"] for r in f)] for f in found], [[4, 1], [4, 1], [5, 2]])
    same("match: first and last of cem's views", [[r["times"][0][14:16] for r in f if r["customer"] == "cem"] for f in found], [["00"], ["01"], ["00", "01"]])
    same("match: --span, in minutes of ann's four", [len(tables("match", "--pattern", "(?1).*(?3)", *words, "--span", w)["matches"]) for w in ("7m", "6m")], [1, 0])
    refuses("match: a gate without a number", 1, "character", "match", *file, "--pattern", "(?1)(?t<=)(?2)", *words)
    refuses("match: an unknown way to find", 2, "first last all count", "match", *file, "--pattern", ".", "--find", "some")


def check_presets(folder):
    """ann: view, add, checkout, purchase; bob: view, add, checkout a day later; cem: view, view, add; dee: add, view."""
    two = ["--step", "product_view", "--step", "checkout"]
    same("--preset clickhouse_strict_order: an event of no step ends it", reached(*two, "--preset", "clickhouse_strict_order"), [4, 0])
    same("--preset clickhouse_strict_dedup: none does", reached(*two, "--preset", "clickhouse_strict_dedup"), [4, 2])
    same("--preset clickhouse: one event may fill several steps", reached("--step", "purchase", "--step", "purchase", "--preset", "clickhouse"), [1, 1])
    same("an option that is given overrides it", reached("--step", "purchase", "--step", "purchase", "--preset", "clickhouse", "--no-reuse"), [1, 0])
    same("--preset amplitude: within a day", reached(*STEPS, "--preset", "amplitude"), [4, 3, 1, 1])
    same("--window none is none, whatever the preset has", reached(*STEPS, "--preset", "amplitude", "--window", "none"), [4, 3, 2, 1])
    same("--window 0 is the same instant, likewise", reached(*STEPS, "--preset", "amplitude", "--window", "0"), [4, 0, 0, 0])
    barred = ["--step", "product_view", "--step", "purchase", "--exclude", "checkout", "--preset", "posthog_ordered"]
    same("--preset posthog_ordered: who meets an exclusion counts nowhere", reached(*barred), [2, 0])
    same("--exclude-flags break: or as excluded", [(r["reached"], r["excluded"]) for r in tables("funnel", *barred[:6], "--exclude-flags", "break",
                                                                                                *barred[6:])["steps"]], [(4, 2), (0, 0)])
    same("--preset mixpanel: within seven days of the first entry", reached(*STEPS, "--preset", "mixpanel"), [4, 3, 2, 1])
    same("--preset mixpanel_reentry", reached(*STEPS, "--preset", "mixpanel_reentry"), [4, 3, 2, 1])
    same("--preset mixpanel_totals: each attempt", reached(*STEPS, "--preset", "mixpanel_totals"), [4, 3, 2, 1])
    found = tables("funnel", *DAY, "--preset", "clickhouse_strict_dedup", "--levels")
    same("--levels of a scan know the level and the entry", {r["customer"]: (r["level"], r["times"][0][11:16], r["times"][1:]) for r in found["levels"]},
         {"ann": (4, "09:00", [None] * 3), "bob": (2, "10:00", [None] * 3), "cem": (2, "12:01", [None] * 3), "dee": (1, "13:05", [None] * 3)})
    file = [EVENTS, *COLUMNS, *STEPS]
    refuses("an unknown preset names the nearest", 1, "nearest is 'mixpanel'", "funnel", *file, "--preset", "mixpanl")
    refuses("a scan takes nothing about attempts", 1, "clickhouse_strict_order.*reuse", "funnel", *file, "--preset", "clickhouse_strict_order", "--reuse")
    listed = run("help", "funnel").stdout.decode()
    cases.check("window=14d tie=any attempt=best exclusions.effect=remove" in listed, "help funnel lists the presets", listed)


def check_steps(folder):
    """Rules of steps by their short forms, with the events of ann and the others."""
    flags = lambda *given: [w for step, flag in zip(STEPS[1::2], given) for w in ["--step", step] + (["--step-flags", flag] if flag else [])]
    same("--step-flags max: four minutes are too long", reached(*flags("", "max=239s", "", "")), [4, 0, 0, 0])
    same("--step-flags min", reached(*flags("", "min=5m", "", "")), [4, 2, 1, 0])
    same("--step-flags optional", reached("--step", "product_view", "--step", "purchase", "--step-flags", "optional", "--step", "checkout"), [4, 2, 2])
    same("--step-flags adjacent", reached("--step", "product_view", "--step", "checkout", "--step-flags", "adjacent"), [4, 0])
    same("--step-flags of several words", reached(*flags("", "adjacent,min=5m,max=1h", "", "")), [4, 1, 1, 0])
    same("--order adjacent", reached(*STEPS, "--order", "adjacent"), [4, 3, 2, 1])
    same("--tie strict, --tie input", [reached(*STEPS, "--tie", t) for t in ("strict", "input")], [[4, 3, 2, 1]] * 2)
    same("--entry-from, --entry-to", reached(*STEPS, "--entry-from", "2026-03-02T10:00:00Z", "--entry-to", "2026-03-02T13:00:00Z"), [2, 2, 1, 0])
    same("--unit sessions --session-gap", reached(*STEPS, "--unit", "sessions", "--session-gap", "30m"), [4, 2, 1, 1])
    same("--step-flags group: dee added before she viewed", reached("--step", "product_view", "--step-flags", "group=1", "--step", "add_to_cart",
         "--step-flags", "group=1", "--step", "checkout"), [4, 4, 2])
    same("--order any is one group of all", reached("--step", "product_view", "--step", "add_to_cart", "--step", "checkout", "--order", "any"), [4, 4, 2])
    same("--tie grace=2s", reached(*STEPS, "--tie", "grace=2s"), [4, 3, 2, 1])
    same("--tie grace=5m: dee's view came five minutes late", reached(*STEPS, "--tie", "grace", "--grace", "5m"), [4, 4, 2, 1])
    same("--attempt first", reached(*STEPS, "--attempt", "first"), [4, 3, 2, 1])
    same("--unit attempts: cem viewed twice", reached("--step", "product_view", "--step", "add_to_cart", "--unit", "attempts", "--window", "30s"), [5, 0])
    same("--enter-anywhere: dee begins at the cart", reached(*STEPS, "--enter-anywhere"), [3, 4, 2, 1])
    same("--violation stop", reached(*STEPS, "--order", "adjacent", "--violation", "stop"), [4, 3, 2, 1])
    file = [EVENTS, *COLUMNS]
    refuses("a gap on step 1", 1, "step 1 has a gap", "funnel", *file, *flags("min=1s", "", "", ""))
    refuses("an exclusion's step that there is not", 1, "step 9", "funnel", *file, *STEPS, "--exclude", "checkout", "--exclude-flags", "from=9")
    refuses("two effects of one exclusion", 2, "only one of", "funnel", *file, *STEPS, "--exclude", "checkout", "--exclude-flags", "break,remove")


def check_selections(folder):
    same("--where leaves events out", tables("summary", "--where", "not touchpoint = 'purchase'")["summary"][0]["events"], 11)
    same("--customers-where keeps whole journeys", tables("summary", "--customers-where", "checkout")["summary"][0]["events"], 7)
    same("customers are judged before events are left out",
         tables("summary", "--customers-where", "checkout", "--where", "product_view")["summary"][0]["events"], 2)
    compared = tables("funnel", *DAY, "--baseline-where", "checkout")
    same("--baseline-where shows the others", [row["reached"] for row in compared.get("steps", [])], [2, 1, 0, 0])
    difference = compared.get("compare", [{}, {}])[1].get("difference")
    cases.check(difference is not None and abs(difference + 0.5) < 1e-12, "and compares them: 1/2 - 2/2", compared.get("compare"))
    then = ("--baseline-from", "2026-03-01", "--baseline-to", "2026-03-02T11:00:00Z")
    compared = tables("funnel", *DAY, *then)
    same("--baseline-from, -to: the figures are of what came after", [row["reached"] for row in compared.get("steps", [])], [2, 1, 0, 0])
    difference = compared.get("compare", [{}, {}])[1].get("difference")
    cases.check(difference is not None and abs(difference + 0.5) < 1e-12, "compared with the period: cem of cem and dee, ann and bob then",
                compared.get("compare"))
    refuses("a period with one end", 2, "need each other", "funnel", EVENTS, *COLUMNS, *STEPS, *then[:2])
    refuses("a period that ends before it begins", 2, "must lie before", "funnel", EVENTS, *COLUMNS, *STEPS, "--baseline-from", "2026-03-02",
            "--baseline-to", "2026-03-01")
    refuses("two baselines", 2, "exclude each other", "funnel", EVENTS, *COLUMNS, *STEPS, *then, "--baseline-where", "checkout")


def check_input(folder):
    text = pathlib.Path(EVENTS).read_bytes()
    same("- is standard input", reached(*DAY, file="-", input=text), [4, 3, 1, 1])
    same("which may be compressed", reached(*DAY, file="-", input=gzip.compress(text)), [4, 3, 1, 1])
    packed = folder / "events.csv.gz"
    packed.write_bytes(gzip.compress(text))
    same("as may a file", reached(*DAY, file=str(packed)), [4, 3, 1, 1])
    lines = text.decode().splitlines(keepends=True)
    (folder / "one.csv").write_text("".join(lines[:6]))
    (folder / "two.csv").write_text(lines[0] + "".join(lines[6:]))
    ran = run("funnel", str(folder / "one.csv"), str(folder / "two.csv"), *COLUMNS, *DAY, "--table", "steps", "--format", "json")
    same("several files are read as one", [row["reached"] for row in json.loads(ran.stdout or "[]")], [4, 3, 1, 1])
    tabs = folder / "other.txt"
    tabs.write_text("who\twhen\twhat\tby\tload\tplan:x\nann\t60000\tview\tweb\t2.5\tpro\nann\t61000\tbuy\tweb\t\t\n")
    words = ["--customer", "who", "--time", "when", "--touchpoint", "what", "--channel", "by", "--time-unit", "ms",
             "--attribute", "load:real", "--attribute", "plan:x", "--format", "json"]
    for delimiter in ("tab", "\\t", "\t"):
        ran = run("summary", str(tabs), "--delimiter", delimiter, *words)
        found = json.loads(ran.stdout)["summary"][0] if ran.returncode == 0 else {}
        same(f"--delimiter {delimiter!r}", [found.get(k) for k in ("events", "channels", "last_time")],
             [2, 1, "1970-01-01T00:01:01.000000Z"])
    ran = run("summary", str(tabs), *words, "--where", "load > 2 and \"plan:x\" = 'pro'")
    same("attributes have the type asked for", json.loads(ran.stdout or '{"summary":[{}]}')["summary"][0].get("events"), 1)
    dirty = folder / "dirty.csv"
    dirty.write_text("customer,time,touchpoint\nann,2026-03-02,view\nbob,soon,view\n,2026-03-02,view\n")
    ran = run("summary", str(dirty), *COLUMNS, "--on-error", "skip", "--format", "json")
    said = ran.stderr.decode()
    cases.check(ran.returncode == 0 and json.loads(ran.stdout)["summary"][0]["skipped"] == 2 and
                re.search(r"dirty.csv: 2 of 3 rows skipped: .*first in line 3.*first in line 4|"
                          r"dirty.csv: 2 of 3 rows skipped: .*first in line 4.*first in line 3", said),
                "--on-error skip says what it skipped, and where", said)
    refuses("without it the first bad row is named by line and column", 1, r"dirty\.csv:3:5: .*ISO 8601", "summary", str(dirty), *COLUMNS)
    late = ["--observed-until", "2026-03-03T11:00:00Z"]
    refuses("an event outside the observation is refused", 1, r"events\.csv:\d+.*observ|observ", "summary", EVENTS, *COLUMNS, *late)
    map_file = folder / "shop.map"
    map_file.write_text("stage looking: product_view\nstage buying: add_to_cart, checkout, purchase\n")
    same("--map names stages, and a stage is a condition", reached("--step", "looking", "--step", "buying", "--map", str(map_file)), [4, 3])
    map_file.write_text("stage looking: product_view\nstge buying: checkout\n")
    refuses("a map's error is named by line and column", 1, r"shop\.map:2:1: ", "summary", EVENTS, *COLUMNS, "--map", str(map_file))


def check_output(folder):
    ran = ask("funnel", *DAY, "--format", "csv")
    rows = list(csv.DictReader(ran.stdout.decode().splitlines()))
    same("CSV is the first table", [(row["name"], row["reached"]) for row in rows],
         [("product_view", "4"), ("add_to_cart", "3"), ("checkout", "1"), ("purchase", "1")])
    ran = ask("funnel", *DAY, "--format", "csv", "--table", "reasons")
    cases.check(ran.stdout.startswith(b"step,reason,units"), "--table names another", ran.stdout[:100])
    ran = ask("funnel", *DAY, "--table", "steps")
    cases.check(ran.stdout.decode().splitlines()[0].split()[:2] == ["step", "name"], "a table for people has its columns' names", ran.stdout)
    place = folder / "answer.json"
    place.write_text("old")
    ran = ask("funnel", *DAY, "--format", "json", "--output", str(place))
    same("--output writes there and nothing to standard output", [ran.stdout, json.loads(place.read_text())["steps"][0]["reached"]], [b"", 4])
    mask = os.umask(0)
    os.umask(mask)
    same("with the rights of any new file", stat.S_IMODE(place.stat().st_mode), 0o666 & ~mask)
    same("and leaves nothing beside it", sorted(p.name for p in folder.glob("answer*")), ["answer.json"])
    refuses("--output into no folder is an error", 1, "cannot write", "summary", EVENTS, *COLUMNS, "--output", str(folder / "no" / "x"))
    if pathlib.Path("/dev/full").exists():
        with open("/dev/full", "w") as full:
            ran = subprocess.run([PROGRAM, "summary", EVENTS, *COLUMNS], stdout=full, stderr=subprocess.PIPE, check=False)
        same("a full disk is an error", ran.returncode, 1)


def check_usage(folder):
    refuses("no command", 2, "--help")
    refuses("an unknown command lists what there is", 2, "summary, funnel", "funel")
    refuses("an unknown option names the nearest", 2, "--step", "funnel", EVENTS, *COLUMNS, "--stpe", "x")
    refuses("an option of another command is unknown", 2, "no option --window", "summary", EVENTS, *COLUMNS, "--window", "1d")
    refuses("a short option is unknown", 2, "no option -s", "funnel", EVENTS, "-s", "x")
    refuses("a missing value", 2, "--step needs a value", "funnel", EVENTS, *COLUMNS, "--step")
    refuses("an option is no value", 2, "--step needs a value", "funnel", EVENTS, *COLUMNS, "--step", "--window", "1d")
    refuses("no FILE", 2, "FILE", "summary", *COLUMNS)
    refuses("no --touchpoint", 2, "--touchpoint", "summary", EVENTS, *COLUMNS[:4])
    refuses("an unreadable span", 2, "--window.*30m", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "1 month")
    refuses("a negative span", 2, "--window", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "-5s")
    refuses("a span beyond the largest", 2, "--window.*9223372036854s", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "7300000000000000s")
    refuses("a span of more digits than any", 2, "--window.*15250284w", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "9" * 40 + "w")
    refuses("an unreadable time", 2, "--as-of.*2026-02-05", "funnel", EVENTS, *COLUMNS, *STEPS, "--as-of", "2026-02-30")
    refuses("an unreadable number", 2, "--top", "funnel", EVENTS, *COLUMNS, *STEPS, "--top", "-1")
    refuses("an unknown word", 2, "any input strict grace", "funnel", EVENTS, *COLUMNS, *STEPS, "--tie", "none")
    refuses("an unknown figure", 2, "counts times reasons values", "funnel", EVENTS, *COLUMNS, *STEPS, "--figures", "times,money")
    refuses("an option given twice", 2, "--window is given twice", "funnel", EVENTS, *COLUMNS, *STEPS, "--window", "1d", "--window", "2d")
    refuses("a switch with a value", 2, "takes no value", "funnel", EVENTS, *COLUMNS, *STEPS, "--survival=yes")
    refuses("flags without a step", 2, "--step-flags", "funnel", EVENTS, *COLUMNS, "--step-flags", "optional")
    refuses("an unknown flag", 2, "--step-flags", "funnel", EVENTS, *COLUMNS, "--step", "purchase", "--step-flags", "sometimes")
    refuses("a flag without its value", 2, "min", "funnel", EVENTS, *COLUMNS, "--step", "purchase", "--step-flags", "min")
    refuses("a delimiter of two characters", 2, "--delimiter", "summary", EVENTS, *COLUMNS, "--delimiter", ",;")
    refuses("standard input twice", 2, "once", "summary", "-", "-", *COLUMNS)
    refuses("a file that is not there", 1, "nowhere.csv", "summary", "nowhere.csv", *COLUMNS)
    refuses("a column that is not there", 1, r"events\.csv", "summary", EVENTS, *COLUMNS[:-1], "place")
    refuses("an unknown touchpoint names the nearest", 1, "add_to_cart", "funnel", EVENTS, *COLUMNS, "--step", "add_to_crat")
    refuses("a condition that cannot be read", 1, "--where", "summary", EVENTS, *COLUMNS, "--where", "touchpoint = ")
    refuses("a table that is not there lists those that are", 1, "steps", "funnel", EVENTS, *COLUMNS, *STEPS, "--table", "stpes")
    refuses("no steps", 1, "step", "funnel", EVENTS, *COLUMNS)
    refuses("a name with a line break stays one line", 2, "fun.nel", "fun\nnel")
    refuses("--levels with a baseline", 2, "exclude each other", "funnel", EVENTS, *COLUMNS, *STEPS, "--levels", "--baseline-where", "checkout")
    for words in (["--tie", "grace=2s"], ["--step-flags", "optional,min=1s,max=1d"], ["--exclude", "checkout", "--exclude-flags", "from=1,to=2,remove"],
                  ["--breakdown-at", "step=2"], ["--hold", "touchpoint"], ["--entry-from", "2026-03-02"], ["--preset", "clickhouse"]):
        ran = run("funnel", EVENTS, *COLUMNS, *STEPS[:6], *words, *STEPS[6:])
        cases.check(ran.returncode in (0, 1), f"{words[0]} {words[1]} is understood", ran.stderr.decode())


def check_friction(folder):
    """Four at a place p: rage needs gaps below a second, and repeats are asked of who does not rage."""
    events = folder / "friction.csv"
    rows = [("u1", 0, "p"), ("u1", 0.4, "p"), ("u1", 0.8, "p"), ("u2", 0, "p"), ("u2", 1, "p"), ("u2", 2, "p"),
            ("u3", 0, "p"), ("u3", 0.5, "p"), ("u3", 20, "buy"), ("u4", 0, "p"), ("u4", 1, "oops"), ("u4", 30, "buy")]
    events.write_text("customer,time,touchpoint\n" + "".join(f"{c},2026-01-01T00:00:{s:04.1f}Z,{t}\n" for c, s, t in rows))
    words = ["--conversion", "buy", "--error", "oops", "--observed-until", "2026-06-01"]
    few = {(r["signal"], r["place"]): (r["customers"], r["affected"]) for r in tables("friction", *words, file=str(events)).get("few", [])}
    same("friction: rage, repeats and errors, all too few to test", [few.get((s, "p")) for s in ("rage", "repeat", "error", "custom")],
         [(4, 1), (3, 2), (4, 1), None])
    same("friction: the last visit before leaving", few.get(("drop-off", "p")), (4, 2))
    found = tables("friction", *words, "--min-group", "1", file=str(events))
    same("friction: with a lower limit a rate is shown alone",
         [(r["rank"], r["signal"], r["place"], r["rate"], r["p"]) for r in found.get("friction", []) if r["signal"] == "drop-off"],
         [(1, "drop-off", "p", 0.5, None)])
    one = tables("friction", *words, "--signal", "rage", "--signal", "loop", file=str(events))
    same("friction: --signal leaves the others out", sorted({r["signal"] for r in one.get("tested", [])}), ["loop", "rage"])
    base = tables("friction", *words, "--signal", "drop-off", "--benchmark", "group", "--baseline-where", "oops", file=str(events))
    same("friction: a baseline of other customers", [(r["customers"], r["affected"]) for r in base.get("few", [])], [(3, 2)])
    file = [str(events), *COLUMNS]
    refuses("friction: no conversion", 1, "conversion", "friction", *file)
    refuses("friction: an unknown signal", 1, "drop-off", "friction", *file, *words, "--signal", "rge")
    refuses("friction: what is not built yet", 1, "score.*not built yet", "friction", *file, *words, "--score", "stars")
    refuses("friction: an unknown benchmark", 2, "peers group map", "friction", *file, *words, "--benchmark", "pears")


def check_help(folder):
    for words in (["--help"], ["help"], ["-h"]):
        ran = run(*words)
        cases.check(ran.returncode == 0 and b"funnel" in ran.stdout and b"--customer" in ran.stdout and not ran.stderr,
                    f"sojourn {words[0]}", ran.stdout)
    one = run("help", "funnel")
    cases.check(one.returncode == 0 and all(w in one.stdout.decode() for w in ("--window SPAN", "--tie any|input|strict|grace=SPAN",
                "--step-flags", "min=SPAN", "--breakdown-at entry|step=K", "--levels", "--map FILE")), "help funnel lists every option", one.stdout)
    same("funnel --help is the same", run("funnel", "--help").stdout, one.stdout)
    same("wherever it stands", run("funnel", EVENTS, "--step", "x", "--help").stdout, one.stdout)
    cases.check(re.fullmatch(rb"sojourn \d+\.\d+\.\d+\n", run("--version").stdout), "--version", run("--version").stdout)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_answers, check_presets, check_groups, check_steps, check_match, check_transitions, check_paths, check_variants, check_selections, check_input, check_output, check_usage, check_friction, check_help):
            check(pathlib.Path(folder))
    cases.finish()


if __name__ == "__main__":
    main()
