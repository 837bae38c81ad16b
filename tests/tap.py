"""Cases of a test script, printed in the TAP protocol so that each is counted."""
import sys


class Cases:
    def __init__(self):
        self.n = 0
        self.bad = 0

    def check(self, holds, name, detail=""):
        """One case.  `detail` says what was found where it does not hold."""
        self.n += 1
        self.bad += not holds
        print(f"{'ok' if holds else 'not ok'} {self.n} - {name}", flush=True)
        if not holds and detail:
            for line in str(detail).splitlines()[:40]:
                print(f"# {line}", flush=True)
        return holds

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}", flush=True)

    def finish(self):
        """Closes the protocol and ends the program."""
        print(f"1..{self.n}", flush=True)
        sys.exit(bool(self.bad) or not self.n)


def skip_all(why):
    """Ends a script that has nothing to look at; the reason stands in the log."""
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
