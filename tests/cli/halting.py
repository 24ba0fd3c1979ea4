"""A node that stands still at one instant, so that a test can kill it there: ``python -m tests.cli.halting serve …``.

It stands still once it has written an audit line, on one side of the commit that holds it, while the pipe that
``HALT_PIPE`` names is there. Reading from the pipe tells that it does.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from allpoints.cli.main import run
from allpoints.node.engine import Engine, Outcome, Work

Run = Callable[[Engine, Sequence[Work]], list[Outcome]]
BEFORE, AFTER = "before the commit", "after the commit"


class Halting:
    """Watches what engines say to their databases; statements are told before they are carried out."""

    def __init__(self, pipe: Path, side: str) -> None:
        self.pipe = pipe
        self.side = side
        self.wrote = False

    def heard(self, statement: str) -> None:
        self.wrote |= statement.startswith("INSERT INTO office_audit ")
        if statement == "COMMIT" and self.side == BEFORE:
            self.stand_still()

    def stand_still(self) -> None:
        if not self.wrote or not self.pipe.exists():
            return
        self.pipe.write_text("here")
        while True:
            signal.pause()

    def run(self, carried_out: Run) -> Run:
        def ran(engine: Engine, batch: Sequence[Work]) -> list[Outcome]:
            self.wrote = False
            engine.db.set_trace_callback(self.heard)
            outcomes = carried_out(engine, batch)
            if self.side == AFTER:
                self.stand_still()
            return outcomes

        return ran


if __name__ == "__main__":
    halting = Halting(Path(os.environ["HALT_PIPE"]), os.environ["HALT_SIDE"])
    Engine.run = halting.run(Engine.run)  # type: ignore[assignment, method-assign]
    sys.exit(run(sys.argv[1:]))
