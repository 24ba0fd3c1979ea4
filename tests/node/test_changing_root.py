"""A root that changes: holders, threshold and the keys that serve the network, with real folders and power cuts."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.node.stopped import PowerCutError, Town, power_until

from allpoints.ground.refusal import Refusal
from allpoints.identity.directory import Directory
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.root import Root, RootHolder
from allpoints.identity.root_files import write_root_file
from allpoints.ledger.checkpoint import RelayKeys
from allpoints.ledger.verify import verify_ledger
from allpoints.node import changing_root, membership, own_root, root_changes, setting_up
from allpoints.node import settings as node_settings
from allpoints.node.bureau import Bureau
from allpoints.node.ledger_copy import DATABASE, authors, open_copy
from allpoints.node.member_keys import Event
from allpoints.node.relay import Relay

HOLDERS = {name: HolderKey.generate() for name in ("Ines", "Bram", "Cleo")}


def settings(town: Town) -> node_settings.Settings:
    return node_settings.load(town.folder / "centre", {})


def draft(town: Town, before: Root, *names: str, threshold: int = 2, new_keys: bool = False) -> Root:
    made = changing_root.services(settings(town), town.clock, new_keys=new_keys)
    listed = [RootHolder(name, HOLDERS[name].public) for name in names]
    keys = (made.secretariat.verify_key, made.relay.verify_key)
    return Root.draft(made.network, before.version + 1, threshold, listed, keys)


def change(town: Town, root: Root, *names: str) -> Root:
    for name in names:
        root = root.signed(HOLDERS[name])
    return changing_root.change(settings(town), write_root_file(root), town.clock)


def code(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def directories(nodes: dict[str, Relay | Bureau]) -> list[Directory]:
    return [
        node.directory if isinstance(node, Relay) else node.following.directory for node in nodes.values()
    ]


def served(town: Town, version: int, keys: int) -> None:
    """Everybody believes this version and the keys that it names, and what the secretariat writes now is taken."""
    me = town.me("centre")
    relay = setting_up.relay_credentials(settings(town), me)
    assert (me.signing.public, relay.signing.public) == (
        me.certificate.verify_key,
        relay.certificate.verify_key,
    )
    with town.running() as nodes:
        desk = nodes["XSC"]
        assert isinstance(desk, Bureau)
        desk.do(lambda: desk.outbox.write_clear(membership.EPOCH, b"\x80"))
        town.pump(nodes)
        assert desk.outbox.waiting() == 0
        assert desk.outbox.blocked() == []
        for directory in directories(nodes):
            assert directory.root.version == version
            assert directory.certificate("XSC") == me.certificate
            assert directory.certificate("XSC/relay") == relay.certificate
            assert [len(directory.signers(name)) for name in ("XSC", "XSC/relay")] == [keys, keys]
        sizes = {desk.following.size, nodes["XBM"].following.size, nodes["XSC/relay"].size}  # type: ignore[union-attr]
        assert len(sizes) == 1


def test_the_root_of_a_network_for_trials_goes_to_people_who_hold_it_from_then_on(town: Town) -> None:
    before = town.me("centre")
    root = change(town, draft(town, before.root, *HOLDERS), "Ines", "Bram")
    assert (root.version, len(root.signatures)) == (2, 3)
    served(town, 2, 1)
    assert not (town.folder / "centre" / own_root.TRIAL_HOLDER_FILE).exists()
    assert town.me("centre").holder is None
    assert town.me("centre").root == before.root


def test_the_keys_of_secretariat_and_relay_are_replaced_twice_and_a_newcomer_reads_it_all(
    town: Town,
) -> None:
    first = town.me("centre")
    held = change(town, draft(town, first.root, *HOLDERS, new_keys=True), "Ines", "Bram")
    served(town, 2, 2)
    change(town, draft(town, held, "Bram", "Cleo", new_keys=True), "Bram", "Cleo")
    served(town, 3, 3)
    me = town.me("centre")
    assert (me.secretariat, me.upper) == (first.certificate, first.upper)
    assert len(me.former) == 2
    for folder in ("centre", "bureau"):
        with closing(open_copy(town.folder / folder / DATABASE)) as db:
            directory = membership.begin(town.me(folder))

            def learn(entry: object, directory: Directory = directory, folder: str = folder) -> None:
                event = Event.of(entry, 0)  # type: ignore[arg-type]
                if event.kind in membership.MEMBERSHIP_KINDS:
                    membership.apply(directory, town.me(folder), event)

            report = verify_ledger(
                db,
                lambda directory=directory: RelayKeys(  # type: ignore[misc]
                    me.network, root_changes.relay_keys(directory, me).keys[-1:]
                ),
                lambda *asked, directory=directory: membership.author_key(directory, me, *asked),
                lambda _done, _total: None,
                learn,
            )
            assert report.fault is None
            named = [line.split()[0] for line in authors(db, town.me(folder)).splitlines()]
            assert (named.count("XSC"), named.count("XSC/relay")) == (3, 3)
    bureau = town.folder / "bureau"
    for path in bureau.glob("node.sqlite*"):
        path.unlink()
    with town.running() as nodes:
        assert all(one.root.version == 3 for one in directories(nodes))


def test_what_does_not_follow_changes_nothing(town: Town) -> None:
    before = town.me("centre").root
    true = draft(town, before, *HOLDERS)
    stranger = draft(town, before, *HOLDERS, new_keys=True)
    files = {
        path: path.read_bytes() for path in (town.folder / "centre").rglob("*") if path.suffix == ".cbor"
    }
    assert code(lambda: change(town, true, "Ines")) == "ROOT-THRESHOLD"
    made = changing_root.services(settings(town), town.clock, new_keys=False)
    keys = (made.secretariat.verify_key, made.relay.verify_key)
    later = Root.draft(before.network, 3, 1, true.holders, keys)
    assert code(lambda: change(town, later, "Ines")) == "ROOT-NOT-NEXT"
    other = Root.draft(before.network, 2, 1, true.holders, (keys[1], keys[0]))
    assert code(lambda: change(town, other, "Ines")) == "NOT-IN-ROOT"
    assert {path: path.read_bytes() for path in files} == files
    served(town, 1, 1)
    change(town, stranger, "Ines", "Cleo")
    served(town, 2, 2)


def test_a_power_cut_at_any_step_leaves_a_network_whose_root_has_changed_or_has_not(
    founded: Path, tmp_path: Path
) -> None:
    steps, outcomes = 0, set()
    for step in range(1, 60):
        shutil.copytree(founded, tmp_path / str(step))
        town = Town(tmp_path / str(step))
        root = draft(town, town.me("centre").root, *HOLDERS, new_keys=True)
        try:
            with power_until(step) as done:
                change(town, root, "Ines", "Bram")
        except PowerCutError:
            changing_root.finish(settings(town), town.clock)
            changed = bool(town.me("centre").former)
            outcomes.add(changed)
            if not changed:
                change(town, root, "Ines", "Bram")
            served(town, 2, 2)
            shutil.rmtree(town.folder)
            continue
        steps = done[0]
        break
    assert steps >= 14
    assert outcomes == {True, False}
