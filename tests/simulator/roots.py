"""The root changes in the middle of a play: who decides, and the keys of the secretariat and its relay."""

from collections.abc import Callable, Iterator

from tests.simulator import keys
from tests.simulator.federation import Federation
from tests.simulator.lines import Lines
from tests.simulator.node import Carrier, Crashed, Node, vocabulary

from allpoints.ground.clock import SECOND
from allpoints.ground.disk import FolderDisk
from allpoints.node import frames, root_changes
from allpoints.node.bureau import Bureau
from allpoints.node.relay import Relay


def act(federation: Federation) -> Callable[[], str]:
    """An administrator stops the secretariat when nothing waits there, and it takes the root that the holders signed."""

    def change_root() -> str:
        desk, relay = federation.nodes[keys.DESK], federation.nodes[keys.RELAY]
        if desk.engine is None or relay.engine is None:
            raise Crashed
        waits = federation.bureau(keys.DESK).outbox.waiting()
        if waits or federation.bureau(keys.DESK).following.size != federation.relay().size:
            return ""
        for node in (desk, relay):
            node.stop("stop")
            for line in federation.lines.of(node.name):
                federation.lines.down(line)
        version = _change(federation, desk, relay)
        for node in (relay, desk):
            delay = federation.world.luck.randint(SECOND, 20 * SECOND)
            federation.world.later(delay, node.start)
        return f"{keys.DESK} version {version}"

    return change_root


def _change(federation: Federation, desk: Node, relay: Node) -> int:
    """What is done with both stopped, whole also after a power cut: that is tested with real folders."""
    papers = federation.papers
    change = papers.next_root(desk.clock.now())
    engine = Bureau(
        FolderDisk(desk.folder, synchronous="OFF"),
        desk.clock,
        _silent(federation.lines, desk.name),
        papers.credentials(desk.name),
        vocabulary(),
    )
    engine.do(lambda: engine.outbox.write_clear(root_changes.CHANGED, root_changes.pack(change)))
    handed_in = frames.encode(frames.Append(engine.outbox.entries()))
    engine.close()
    papers.changed(change)
    taking = Relay(
        FolderDisk(relay.folder, synchronous="OFF"),
        relay.clock,
        _silent(federation.lines, relay.name),
        papers.credentials(relay.name),
    )
    taking.do(lambda: taking.receive(desk.name, handed_in))
    taking.close()
    return change.root.version


def _silent(lines: Lines, name: str) -> Carrier:
    carrier = Carrier(lines, name)
    carrier.muted = True
    return carrier


def faults(federation: Federation) -> Iterator[str]:
    """Everybody believes the root in force and the keys that it names, also who was away when it changed."""
    papers = federation.papers
    for name in (keys.RELAY, keys.DESK, *keys.BUREAUS):
        directory = (
            federation.relay().directory
            if name == keys.RELAY
            else federation.bureau(name).following.directory
        )
        if directory.root != papers.root:
            yield f"{name} believes version {directory.root.version} of the root, not {papers.root.version}"
        for one in (keys.DESK, keys.RELAY):
            if directory.certificate(one) != papers.certificate(one):
                yield f"{name} knows {one} by another key"
