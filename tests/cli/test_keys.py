"""Keys at the command line: shown, and the certificate that says whose they are renewed."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Allpoints

from allpoints.ground.clock import SystemClock
from allpoints.identity.joining import read_join_request
from allpoints.node import setting_up
from allpoints.node import settings as node_settings


def joined(bureau: Path, centre: Path) -> None:
    me = setting_up.credentials(node_settings.load(centre, {}))
    text = (bureau / setting_up.REQUEST_FILE).read_text(encoding="utf-8")
    admission = setting_up.admission_for_bureau(me, read_join_request(text), "http://127.0.0.1:9")
    setting_up.join(bureau, admission.write(), SystemClock())


def test_a_bureau_shows_its_keys_and_asks_for_a_new_term(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    bureau, centre = made("bureau"), made("secretariat")
    assert "has not joined" in allpoints("keys", "show", "--dir", bureau).err
    joined(bureau, centre)
    shown = json.loads(allpoints("keys", "show", "--json", "--dir", bureau).out)
    assert (shown["name"], shown["role"]) == ("XAV", "bureau")
    renewed = allpoints("keys", "renew", "--dir", bureau)
    assert renewed.code == 0
    assert "member admit" in renewed.err
    joined(bureau, centre)
    after = json.loads(allpoints("keys", "show", "--json", "--dir", bureau).out)
    assert after["signs_with"] == shown["signs_with"]


def test_who_signs_no_certificate_of_its_own_renews_none(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    for role in ("secretariat", "post"):
        outcome = allpoints("keys", "renew", "--dir", made(role))
        assert outcome.code != 0
        assert "Only a bureau renews" in outcome.err
