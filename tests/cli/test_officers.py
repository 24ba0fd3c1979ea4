"""Officers of a stopped node, in its folder."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Allpoints
from tests.identity.country_ca import CountryCa

from allpoints.cli import folders
from allpoints.ground.clock import SystemClock
from allpoints.identity import enrolment, sessions
from allpoints.ledger import audit


def test_an_officer_comes_and_goes_while_the_node_is_stopped(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    added = allpoints("officer", "add", "anna", "--role", "desk", "--role", "border", "--dir", folder)
    assert added.code == 0
    assert len(added.out.strip()) > 20
    assert added.err == "This is anna's enrolment code; it is not shown again.\n"
    issued = allpoints("officer", "token", "anna", "--dir", folder).out.strip()
    assert issued.startswith("ap_")
    listed = json.loads(allpoints("officer", "list", "--dir", folder, "--json").out)
    assert {one["name"]: one["roles"] for one in listed}["anna"] == ["border", "desk"]
    assert allpoints("officer", "password", "anna", "--dir", folder).out != added.out
    assert allpoints("officer", "remove", "anna", "--dir", folder).code == 0
    gone = allpoints("officer", "token", "anna", "--dir", folder)
    assert gone.code == 1
    assert gone.err == "error: There is no officer anna.\n  field: name\n"


def test_what_is_done_in_the_folder_stands_in_the_audit_log(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("post")
    allpoints("officer", "add", "bo", "--role", "border", "--dir", folder)
    with folders.written(folder) as db:
        (line,) = audit.lines(db)
        assert (line.event, line.officer, line.detail) == ("officer:added", "folder", b'{"name":"bo"}')
        assert audit.verify(db) == 1


def test_a_role_that_does_not_exist_is_refused_and_nobody_is_added(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    refused = allpoints("officer", "add", "anna", "--role", "king", "--dir", folder)
    assert refused.code == 1
    assert refused.err == (
        "error: king is no role.\n"
        "  field: roles\n"
        "hint: Roles are border, desk, reviewer, command, administrator, overseer, outsider.\n"
    )
    assert "anna" not in allpoints("officer", "list", "--dir", folder).out


def test_a_new_token_of_the_operator_replaces_the_one_in_the_folder(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    before = (folder / "operator.token").read_text(encoding="utf-8")
    issued = allpoints("officer", "token", "operator", "--dir", folder).out.strip()
    assert (folder / "operator.token").read_text(encoding="utf-8") == issued != before


def test_a_folder_that_another_process_holds_is_left_alone(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    with folders.held(folder):
        refused = allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder)
    assert refused.code == 1
    assert "is in use by another process" in refused.err


def test_an_officer_is_certified_in_the_folder_and_the_list_says_for_what(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder)
    given = allpoints("officer", "certify", "anna", "ballistics", "--dir", folder)
    assert (given.code, given.err) == (0, "anna may read ballistics.\n")
    listed = json.loads(allpoints("officer", "list", "--dir", folder, "--json").out)
    assert {one["name"]: one["certified"] for one in listed}["anna"] == ["ballistics"]
    assert "ballistics" in allpoints("officer", "list", "--dir", folder).out
    refused = allpoints("officer", "certify", "anna", "persons", "--dir", folder)
    assert refused.code == 1
    assert "No officer is certified for 'persons'." in refused.err
    taken = allpoints("officer", "decertify", "anna", "ballistics", "--dir", folder, "--json")
    assert json.loads(taken.out) == {"name": "anna", "decertified": "ballistics"}
    with folders.written(folder) as db:
        events = [(line.event, line.detail) for line in audit.lines(db, limit=2)]
    assert events == [
        ("officer:decertified", b'{"name":"anna","register":"ballistics"}'),
        ("officer:certified", b'{"name":"anna","register":"ballistics"}'),
    ]
    assert allpoints("officer", "decertify", "anna", "ballistics", "--dir", folder).code == 1


def test_an_outsider_is_added_alone(allpoints: Allpoints, made: Callable[[str], Path]) -> None:
    folder = made("bureau")
    assert allpoints("officer", "add", "museum", "--role", "outsider", "--dir", folder).code == 0
    both = allpoints("officer", "add", "dealer", "--role", "outsider", "--role", "desk", "--dir", folder)
    assert (both.code, "An outsider has no other role." in both.err) == (1, True)


def test_an_officer_enrols_anew_changes_roles_and_is_signed_out_in_the_folder(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    first = allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder).out.strip()
    again = json.loads(allpoints("officer", "enrol", "anna", "--dir", folder, "--json").out)
    assert again["name"] == "anna"
    assert again["code"] != first
    assert allpoints("officer", "roles", "anna", "--role", "command", "--dir", folder).code == 0
    listed = json.loads(allpoints("officer", "list", "--dir", folder, "--json").out)
    assert {one["name"]: one["roles"] for one in listed}["anna"] == ["command"]
    with folders.written(folder) as db:
        assert enrolment.check_code(db, "anna", again["code"], SystemClock().now()) is None
        sessions.begin(db, "anna", "passkey", SystemClock().now())
    ended = json.loads(allpoints("officer", "end-sessions", "anna", "--dir", folder, "--json").out)
    assert ended == {"name": "anna", "ended": 1}
    assert json.loads(allpoints("officer", "passkeys", "anna", "--dir", folder, "--json").out) == []
    refused = allpoints("officer", "passkeys", "anna", "--remove", "00ff", "--dir", folder)
    assert refused.code == 1
    assert "There is no such passkey" in refused.err


def test_a_subject_at_the_provider_is_said_to_be_an_officer_in_the_folder(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder)
    off = allpoints("officer", "vouched", "anna", "--subject", "8f", "--dir", folder)
    assert (off.code, "do not sign in at a provider" in off.err) == (1, True)
    settings = folder / "allpoints.toml"
    text = settings.read_text(encoding="utf-8").replace('# issuer = ""', 'issuer = "https://id.example"')
    settings.write_text(text.replace('# client = ""', 'client = "XAV"'), encoding="utf-8")
    assert allpoints("officer", "vouched", "anna", "--subject", "8f", "--dir", folder).code == 0
    (one,) = json.loads(allpoints("officer", "vouched", "anna", "--dir", folder, "--json").out)
    assert (one["kind"], one["value"]) == ("provider", "https://id.example 8f")
    assert "8f" in allpoints("officer", "vouched", "anna", "--dir", folder).out
    gone = allpoints("officer", "vouched", "anna", "--remove", one["id"], "--dir", folder)
    assert gone.code == 0
    assert json.loads(allpoints("officer", "vouched", "anna", "--dir", folder, "--json").out) == []
    assert allpoints("officer", "vouched", "anna", "--remove", one["id"], "--dir", folder).code == 1


def test_a_card_is_said_to_be_an_officers_by_its_file_or_its_subject(
    allpoints: Allpoints, made: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = made("bureau")
    allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder)
    issued = CountryCa().issue("Anna Rask")
    (tmp_path / "anna.pem").write_bytes(issued.pem)
    (tmp_path / "no.pem").write_bytes(b"-----BEGIN nothing")
    allpoints("officer", "vouched", "anna", "--card", tmp_path / "anna.pem", "--dir", folder)
    subject = "CN=Anna Rask,O=Police of Arvandia,C=XA"
    allpoints("officer", "vouched", "anna", "--card-subject", subject, "--dir", folder)
    told = json.loads(allpoints("officer", "vouched", "anna", "--dir", folder, "--json").out)
    assert [(one["kind"], one["value"]) for one in told] == [
        ("card", issued.fingerprint),
        ("card-subject", subject),
    ]
    for name in ("no.pem", "missing.pem"):
        refused = allpoints("officer", "vouched", "anna", "--card", tmp_path / name, "--dir", folder)
        assert (refused.code, "There is no certificate in" in refused.err) == (1, True)


def test_where_passwords_are_off_none_is_made(allpoints: Allpoints, made: Callable[[str], Path]) -> None:
    folder = made("bureau")
    allpoints("officer", "add", "anna", "--role", "desk", "--dir", folder)
    assert allpoints("officer", "password", "anna", "--dir", folder).code == 0
    settings = folder / "allpoints.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("# passwords = true", "passwords = false"), encoding="utf-8")
    refused = allpoints("officer", "password", "anna", "--dir", folder)
    assert refused.code == 1
    assert "without passwords" in refused.err
