"""What hostile members do in a federation of real engines, and what must still be so afterwards."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from tests.attack.absurd import outcome_of
from tests.node.federation import Federation
from tests.node.samples import ANNA, CENTRE, POST, RELAY

from allpoints.ground.refusal import Refusal
from allpoints.notices.viewing import Filter

EXAMPLES = 60
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def after(world: Federation) -> None:
    """Whatever was taken, every node still ticks, and officers can still read what they may."""
    for name in ("XBM", "XAV", CENTRE, POST, RELAY):
        node = world.nodes[name]
        node.run([node.tick])
    world.wire.queue.clear()


def written(world: Federation, author: str, kind: str, body: bytes) -> None:
    """An admitted member writes an entry with this body, well signed and sealed, and everybody folds it."""
    writer = world.bureau(author)
    writer.do(lambda: writer.audience.write(kind, body))
    refused = world.pump()
    assert not refused, refused


def mailed(world: Federation, kind: str, to: str, body: bytes) -> None:
    sender = world.bureau("XAV")
    sender.do(lambda: sender.mail.send(kind, [to], body))
    refused = world.pump()
    assert not refused, refused


def everything_readable(bureau: Any) -> None:
    """All that an officer's pages and programs read is still read, and can be written as JSON."""
    read = [
        *outcome(bureau, lambda: bureau.hits.list_(ANNA)),
        *outcome(bureau, lambda: bureau.letters.list_(ANNA, "inbox")),
        *outcome(bureau, lambda: bureau.notices.submissions(ANNA)),
        *outcome(bureau, lambda: bureau.notices.list_(ANNA, Filter()).rows),
        *outcome(bureau, bureau.alerts.recent),
    ]
    if bureau.review is not None:
        rows = outcome(bureau, lambda: bureau.review.queue(ANNA))
        read += rows
        for row in rows[:3]:
            read.append(outcome(bureau, partial(bureau.review.case, ANNA, row.case.id)))
    for view in bureau.hits.list_(ANNA)[:3]:
        read.append(outcome(bureau, partial(bureau.hits.read, ANNA, view.hit.hit)))
    msgspec.json.encode(read, enc_hook=repr)


def outcome(bureau: Any, work: Callable[[], Any]) -> Any:
    done = outcome_of(lambda: bureau.do(work))
    assert not isinstance(done, Refusal), done
    return done
