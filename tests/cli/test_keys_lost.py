"""Keys that are lost, at the command line: next keys shown, checked and copied; new ones made and taken into use."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Allpoints
from tests.cli.test_keys import joined

from allpoints.ground.clock import SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.identity.joining import read_join_request
from allpoints.identity.keystore import KeyStore
from allpoints.node import new_keys, setting_up
from allpoints.node import settings as node_settings

Made = Callable[[str], Path]


@pytest.fixture
def bureau(made: Made) -> Path:
    """A bureau that has joined; the secretariat's folder is beside it."""
    folder, centre = made("bureau"), made("secretariat")
    joined(folder, centre)
    return folder


def the_next(bureau: Path) -> Path:
    (found,) = bureau.glob("next-keys-*.cbor")
    return found


def test_next_keys_are_shown_checked_and_copied_to_where_they_are_kept(
    allpoints: Allpoints, bureau: Path, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"
    safe.mkdir(mode=0o700)
    shown = json.loads(allpoints("keys", "next", "--json", "--dir", bureau).out)
    assert shown["file"] == str(the_next(bureau))
    copied = allpoints("keys", "next", "--copy", safe / "next.cbor", "--dir", bureau)
    assert copied.code == 0, copied.err
    assert (safe / "next.cbor").stat().st_mode & 0o777 == 0o600
    the_next(bureau).unlink()
    assert "not in this folder" in allpoints("keys", "next", "--dir", bureau).out
    kept = json.loads(allpoints("keys", "next", "--file", safe / "next.cbor", "--json", "--dir", bureau).out)
    assert kept["commitment"] == shown["commitment"]
    KeyStore(safe, "other.cbor").create()
    other = allpoints("keys", "next", "--file", safe / "other.cbor", "--dir", bureau)
    assert "does not hold the next keys" in other.err
    again = allpoints(
        "keys", "next", "--file", safe / "next.cbor", "--copy", safe / "next.cbor", "--dir", bureau
    )
    assert again.code != 0


def test_new_keys_wait_until_the_answer_is_joined_and_old_ones_go_on_to_open(
    allpoints: Allpoints, bureau: Path, made: Made
) -> None:
    before = setting_up.credentials(node_settings.load(bureau, {}))
    made_new = allpoints("keys", "new", "--dir", bureau)
    assert made_new.code == 0, made_new.err
    assert "member recover" in made_new.err
    assert "keys in" in allpoints("keys", "new", "--dir", bureau).err
    assert setting_up.credentials(node_settings.load(bureau, {})).signing.public == before.signing.public
    request = read_join_request((bureau / new_keys.REQUEST_FILE).read_text(encoding="utf-8"))
    assert request.certificate is not None
    assert request.holder.verify_key != before.signing.public
    centre = setting_up.credentials(node_settings.load(made_folder(bureau), {}))
    admission = setting_up.admission_of(centre, request.certificate, "http://127.0.0.1:9")
    for _ in range(2):
        # Whoever was stopped in the middle does it again.
        setting_up.join(bureau, admission.write(), SystemClock())
        after = setting_up.credentials(node_settings.load(bureau, {}))
        assert after.certificate == request.certificate
        assert after.signing.public == request.holder.verify_key
        assert [one.seeds for one in after.former] == [before.reception.seeds]
        assert not (bureau / "new-keys.cbor").exists()
    old = setting_up.admission_of(centre, before.certificate, "http://127.0.0.1:9")
    with pytest.raises(Refusal) as caught:
        setting_up.join(bureau, old.write(), SystemClock())
    assert caught.value.code == "NOT-MY-ADMISSION"


def made_folder(bureau: Path) -> Path:
    """The secretariat's folder."""
    return next(one for one in bureau.parent.iterdir() if (one / "relay").is_dir())


def test_new_keys_may_be_the_next_ones_and_no_others(
    allpoints: Allpoints, bureau: Path, tmp_path: Path, made: Made
) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    KeyStore(tmp_path / "elsewhere").create()
    wrong = allpoints("keys", "new", "--next", tmp_path / "elsewhere" / "keys.cbor", "--dir", bureau)
    assert "does not hold the next keys" in wrong.err
    path = the_next(bureau)
    assert "--at-once" in allpoints("keys", "new", "--next", path, "--dir", bureau).err
    request = read_join_request((bureau / new_keys.REQUEST_FILE).read_text(encoding="utf-8"))
    assert request.holder.verify_key == KeyStore(path.parent, path.name).load().signing.public
    assert "Only a member's bureau" in allpoints("keys", "new", "--dir", made_folder(bureau)).err
