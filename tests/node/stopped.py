"""A network in folders of its own, whose nodes run when they are needed: for whatever is done while they are stopped."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from tests.node.samples import NOW_MS, vocabulary
from tests.node.surroundings import Clock, Wire

from allpoints.ground.disk import FolderDisk
from allpoints.identity.approval import ADMISSION, approve
from allpoints.identity.certificate import commitment
from allpoints.identity.joining import read_join_request
from allpoints.identity.keystore import KeyStore
from allpoints.node import frames, membership, rotating, setting_up
from allpoints.node import settings as node_settings
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.founding import Wish
from allpoints.node.relay import Relay
from allpoints.node.setting_up import init, join

SECRETARIAT = Wish("secretariat", "XSC", "General Secretariat", "test.allpoints", "127.0.0.1", 8470)
BUREAU = Wish("bureau", "XBM", "Bureau of Belmora", "", "127.0.0.1", 8471)


class PowerCutError(Exception):
    """The machine is off."""


class Town:
    """A relay, the secretariat's desk and a bureau in folders of their own, started when they are needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock(NOW_MS)
        self.wire = Wire()

    def me(self, name: str = "bureau") -> Credentials:
        return setting_up.credentials(node_settings.load(self.folder / name, {}))

    def rotate(self) -> rotating.Rotated:
        bureau = self.folder / "bureau"
        return rotating.rotate(node_settings.load(bureau, {}), next_keys(bureau, self.me()), self.clock)

    def finish(self) -> None:
        rotating.finish(node_settings.load(self.folder / "bureau", {}), self.clock)

    @contextmanager
    def running(self) -> Iterator[dict[str, Relay | Bureau]]:
        """Everybody runs, with what lies in the folders, until nothing is on its way any more."""
        centre = node_settings.load(self.folder / "centre", {})
        relay_me = setting_up.relay_credentials(centre, self.me("centre"))
        nodes: dict[str, Relay | Bureau] = {
            "XSC/relay": Relay(
                FolderDisk(self.folder / "centre" / "relay"),
                self.clock,
                self.wire.carrier("XSC/relay"),
                relay_me,
            )
        }
        for folder in ("centre", "bureau"):
            me = self.me(folder)
            disk = FolderDisk(self.folder / folder, synchronous="OFF")
            nodes[me.name] = Bureau(disk, self.clock, self.wire.carrier(me.name), me, vocabulary())
        relay = nodes["XSC/relay"]
        for name in ("XSC", "XBM"):
            relay.run([partial(relay.connected, name)])
            nodes[name].run([partial(nodes[name].connected, "XSC/relay")])
        try:
            self.pump(nodes)
            yield nodes
            self.pump(nodes)
        finally:
            for node in nodes.values():
                node.close()
            self.wire.queue.clear()

    def pump(self, nodes: dict[str, Relay | Bureau]) -> None:
        while self.wire.queue:
            one = self.wire.queue.popleft()
            nodes[one.to].run([partial(nodes[one.to].receive, one.sender, one.data)])


def next_keys(folder: Path, me: Credentials) -> Path:
    """The file with the keys to which a node's certificate commits."""
    found = [
        path
        for path in folder.glob("next-keys-*.cbor")
        if commitment(KeyStore(folder, path.name).load().signing.public) == me.certificate.next_key
    ]
    assert len(found) == 1
    return found[0]


def found(folder: Path) -> None:
    """A network with one member, founded and admitted, and stopped."""
    town = Town(folder)
    init(town.folder / "centre", SECRETARIAT, town.clock)
    init(town.folder / "bureau", BUREAU, town.clock)
    text = (town.folder / "bureau" / setting_up.REQUEST_FILE).read_text(encoding="utf-8")
    request = read_join_request(text)
    assert request.certificate is not None
    admission = setting_up.admission_for_bureau(town.me("centre"), request, "http://127.0.0.1:8470")
    join(town.folder / "bureau", admission.write(), town.clock)
    me = town.me("centre")
    relay = setting_up.relay_credentials(node_settings.load(town.folder / "centre", {}), me).certificate
    founding = membership.Founding(
        "test.allpoints", me.root.to_bytes(), me.certificate.to_bytes(), relay.to_bytes()
    )
    data = request.certificate.to_bytes()
    assert me.holder is not None
    approval = approve(me.root, me.holder, ADMISSION, data, town.clock.now() + 1)
    admitting = membership.Admitting(data, [approval.to_bytes()])
    with town.running() as nodes:
        centre = nodes["XSC"]
        assert isinstance(centre, Bureau)
        for kind, body in ((membership.FOUNDED, founding), (membership.ADMITTED, admitting)):
            centre.do(partial(centre.outbox.write_clear, kind, frames.pack(body)))
    # Only now the relay knows the bureau, and answers it.
    with town.running():
        pass


@contextmanager
def power_until(step: int) -> Iterator[list[int]]:
    """The power fails before the step with this number: a sync, a renaming, an unlinking or a commit.

    Only of what this thread does: other tests' networks may live in threads of the same process.
    """
    done, here = [0], threading.get_ident()

    def counted(true: Any) -> Any:
        def act(*args: Any, **named: Any) -> Any:
            if threading.get_ident() == here:
                done[0] += 1
                if done[0] >= step:
                    raise PowerCutError
            return true(*args, **named)

        return act

    with (
        mock.patch.object(os, "fsync", counted(os.fsync)),
        mock.patch.object(Path, "rename", counted(Path.rename)),
        mock.patch.object(Path, "unlink", counted(Path.unlink)),
        mock.patch.object(Bureau, "run", counted(Bureau.run)),
    ):
        yield done
