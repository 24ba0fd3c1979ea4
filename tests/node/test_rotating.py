"""Rotating the keys of a stopped bureau: the whole way with real folders, and a power cut at every step of it."""

import shutil
from pathlib import Path

import pytest
from tests.node.stopped import PowerCutError, Town, next_keys, power_until

from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import commitment
from allpoints.identity.keystore import KeyStore
from allpoints.node import membership, rotating, setting_up
from allpoints.node import settings as node_settings
from allpoints.node.bureau import Bureau
from allpoints.node.relay import Relay


def signs(town: Town, certificates: int) -> None:
    """The bureau's rotation is in the ledger, everybody knows it, and what it writes now is taken."""
    me = town.me()
    assert me.signing.public == me.certificate.verify_key
    with town.running() as nodes:
        bureau = nodes["XBM"]
        assert isinstance(bureau, Bureau)
        bureau.do(lambda: bureau.outbox.write_clear(membership.EPOCH, b"\x80"))
        town.pump(nodes)
        assert bureau.outbox.waiting() == 0
        for node in nodes.values():
            directory = node.directory if isinstance(node, Relay) else node.following.directory
            assert len(directory.signers("XBM")) == certificates
            assert directory.certificate("XBM") == me.certificate
            assert membership.may_call(directory, me.certificate)


def test_a_bureau_rotates_twice_with_its_folder_alone(town: Town) -> None:
    before = town.me()
    signs(town, 1)
    rotated = town.rotate()
    after = town.me()
    assert after.certificate == rotated.certificate
    assert commitment(after.signing.public) == before.certificate.next_key
    assert [one.seeds for one in after.former] == [before.reception.seeds]
    with pytest.raises(Refusal) as caught:
        town.rotate()
    assert caught.value.code == "ROTATE-EARLY"
    assert rotated.next_keys == next_keys(town.folder / "bureau", after)
    assert rotated.next_keys.stat().st_mode & 0o777 == 0o600
    assert not (town.folder / "bureau" / rotating.PENDING_FILE).exists()
    signs(town, 2)
    town.rotate()
    assert len(town.me().former) == 2
    signs(town, 3)
    renewed = setting_up.renew(town.folder / "bureau", town.clock)
    assert renewed.certificate is not None
    assert renewed.certificate.next_key == town.me().certificate.next_key


def test_keys_that_were_not_committed_to_change_nothing(town: Town) -> None:
    bureau = town.folder / "bureau"
    other = KeyStore(bureau, "other.cbor")
    other.create()
    before = {path.name: path.read_bytes() for path in bureau.glob("*.cbor")}
    with pytest.raises(Refusal) as caught:
        rotating.rotate(node_settings.load(bureau, {}), other.path, town.clock)
    assert caught.value.code == "KEY-NOT-COMMITTED"
    assert {path.name: path.read_bytes() for path in bureau.glob("*.cbor")} == before
    signs(town, 1)


def test_a_secretariat_does_not_rotate(town: Town) -> None:
    with pytest.raises(Refusal) as caught:
        rotating.rotate(node_settings.load(town.folder / "centre", {}), Path("none"), town.clock)
    assert caught.value.code == "ROTATE-ROLE"


def test_a_power_cut_at_any_step_leaves_a_node_that_has_rotated_or_has_not(
    founded: Path, tmp_path: Path
) -> None:
    steps, outcomes = 0, set()
    for step in range(1, 40):
        shutil.copytree(founded, tmp_path / str(step))
        town = Town(tmp_path / str(step))
        try:
            with power_until(step) as done:
                town.rotate()
        except PowerCutError:
            town.finish()
            rotated = bool(town.me().former)
            outcomes.add(rotated)
            signs(town, 2 if rotated else 1)
            if not rotated:
                town.rotate()
                signs(town, 2)
            shutil.rmtree(town.folder)
            continue
        steps = done[0]
        break
    assert steps >= 14
    assert outcomes == {True, False}
