"""Runs npm with the Node that arrives as a wheel: ``python -m tools.node run check``."""

import sys

from hatch_build import WheelTools

from tools.tree import ROOT


def main() -> int:
    done = WheelTools().npm(sys.argv[1:], ROOT)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
