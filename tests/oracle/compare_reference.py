"""The exhaustive search in C against a second one in Python: the reference, where it is present, else a skipped test that says so.

    compare_reference.py PROGRAM ROOT [COUNT [SEED]]

PROGRAM prints random cases with its answers, a line of JSON each.  Level, times, reason, entry and the events that fill the steps must be
the same; units are compared as a set, because their order is the C program's own.
"""
import collections, importlib.util, json, os, subprocess, sys

program, root = sys.argv[1], sys.argv[2]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 400
seed = int(sys.argv[4]) if len(sys.argv) > 4 else 20260101
if "SOJOURN_LONG" in os.environ:
    count = max(count, 20000)
where = os.environ.get("SOJOURN_REFERENCE") or os.path.join(root, "..", "shared", "funnel_reference.py")
name = "two exhaustive searches agree"

print("1..1")
if not os.path.exists(where):
    print("ok 1 - " + name + " # SKIP the reference is not here")
    sys.exit(0)
spec = importlib.util.spec_from_file_location("reference", where)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


def describe(sp, attempt, reason, end):
    """As the reference describes a unit, with its entry and the rows of its events."""
    events = [None] * sp.K
    for step, event in attempt.fills:
        events[step - 1] = event[reference.ROW]
    return {"level": attempt.level, "entered": attempt.levels[0], "reason": reason.split(",")[0],
            "times": reference.times(sp, attempt), "events": events}


theirs = reference.preference


def preference(sp, attempt):
    """The last tie of all, which no figure of the reference depends on: the lowest rows in the order of the steps."""
    return theirs(sp, attempt)[:-1] + ([event[reference.ROW] for _, event in attempt.fills],)


reference.describe, reference.preference = describe, preference


def bare(units):
    return sorted(json.dumps({k: unit[k] for k in ("level", "entered", "reason", "times", "events")}) for unit in units)


run = subprocess.Popen([program, str(count), str(seed)], stdout=subprocess.PIPE, text=True)
cases, differ, levels, reasons = 0, 0, collections.Counter(), collections.Counter()
for line in run.stdout:
    case = json.loads(line)
    cases += 1
    said, asked = bare(case["answer"]), bare(reference.solve(case))
    for unit in case["answer"]:
        levels[unit["level"]] += 1
        reasons[unit["reason"]] += 1
    if said != asked:
        differ += 1
        if differ <= 10:
            print("# " + line.strip() + "\n#   asked: " + " ".join(asked))
run.wait()
print("# seed %d: %d cases, %d differ; units by level %s; by reason %s"
      % (seed, cases, differ, dict(sorted(levels.items())), dict(sorted(reasons.items()))))
good = run.returncode == 0 and cases == count and differ == 0
print(("ok" if good else "not ok") + " 1 - " + name)
sys.exit(not good)
