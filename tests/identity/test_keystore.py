import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.keystore import KeyStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "node"


def code_of(store: KeyStore) -> str:
    with pytest.raises(Refusal) as refused:
        store.load()
    return refused.value.code


def test_keys_are_made_once_and_read_back(folder: Path) -> None:
    store = KeyStore(folder)
    assert not store.exists()
    keys = store.create()
    assert store.exists()
    again = store.load()
    assert again.signing.seeds == keys.signing.seeds
    assert again.reception.seeds == keys.reception.seeds
    assert folder.stat().st_mode & 0o777 == 0o700
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys.cbor"]


def test_keys_are_never_replaced(folder: Path) -> None:
    store = KeyStore(folder)
    keys = store.create()
    with pytest.raises(Refusal) as refused:
        store.create()
    assert refused.value.code == "KEYS-EXIST"
    assert store.load().signing.seeds == keys.signing.seeds


def test_a_set_up_that_did_not_finish_is_not_overwritten(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    left = folder / "keys.cbor.new"
    left.write_bytes(b"")
    with pytest.raises(Refusal) as refused:
        KeyStore(folder).create()
    assert refused.value.code == "KEYS-EXIST"
    left.unlink()
    KeyStore(folder).create()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_can_reach_is_refused_with_the_cure(folder: Path, mode: int) -> None:
    store = KeyStore(folder)
    store.create()
    store.path.chmod(mode)
    with pytest.raises(Refusal) as refused:
        store.load()
    assert refused.value.code == "KEYS-EXPOSED"
    assert refused.value.hint == f"chmod 600 {store.path}"
    store.path.chmod(0o400)
    assert store.load()


def test_a_folder_that_others_can_reach_is_refused_with_the_cure(folder: Path) -> None:
    store = KeyStore(folder)
    store.create()
    folder.chmod(0o750)
    with pytest.raises(Refusal) as refused:
        store.load()
    assert (refused.value.code, refused.value.hint) == ("KEYS-EXPOSED", f"chmod 700 {folder}")
    folder.chmod(0o700)
    assert store.load()
    other = folder / "open"
    other.mkdir()
    other.chmod(0o755)
    with pytest.raises(Refusal):
        KeyStore(other).create()
    assert list(other.iterdir()) == []


def test_missing_keys_and_things_that_are_no_plain_file_are_refused(folder: Path, tmp_path: Path) -> None:
    store = KeyStore(folder)
    assert code_of(store) == "KEYS-MISSING"
    folder.mkdir(mode=0o700)
    assert code_of(store) == "KEYS-MISSING"
    os.mkfifo(store.path, 0o600)
    assert code_of(store) == "KEYS-EXPOSED"
    store.path.unlink()
    elsewhere = KeyStore(tmp_path / "elsewhere")
    elsewhere.create()
    store.path.symlink_to(elsewhere.path)
    assert code_of(store) == "KEYS-EXPOSED"
    store.path.unlink()
    store.create()
    assert store.load()


def test_another_users_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KeyStore(folder)
    store.create()
    assert store.load()
    true_user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: true_user + 1)
    assert code_of(store) == "KEYS-EXPOSED"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=200), st.binary(max_size=70).map(lambda b: row.encode("allpoints/keys/2", b, b, b))
    )
)
def test_a_damaged_key_file_is_a_refusal(folder: Path, data: bytes) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    store = KeyStore(folder)
    store.path.touch(mode=0o600)
    store.path.write_bytes(data)
    assert code_of(store) == "KEY-FILE-UNREADABLE"


def test_a_key_file_of_another_version_or_cut_off_is_refused(folder: Path) -> None:
    store = KeyStore(folder)
    keys = store.create()
    whole = store.path.read_bytes()
    other = row.encode("allpoints/keys/2", keys.signing.seeds, keys.reception.seeds)
    for data in (whole[:-1], whole + b"\0", other, whole * 100):
        store.path.write_bytes(data)
        assert code_of(store) == "KEY-FILE-UNREADABLE"
    store.path.write_bytes(whole)
    assert store.load().signing.seeds == keys.signing.seeds


def test_a_write_that_fails_leaves_no_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handle: int) -> None:
        raise OSError("the disk is full")

    store = KeyStore(folder)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="full"):
            store.create()
    assert not store.exists()
