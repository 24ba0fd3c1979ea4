"""Making nodes of the three roles, and joining."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import NODES, Allpoints

from allpoints.identity.officers import ROLES


@pytest.mark.parametrize("role", NODES)
def test_init_makes_a_folder_that_only_its_owner_reads(made: Callable[[str], Path], role: str) -> None:
    folder = made(role)
    assert folder.stat().st_mode & 0o777 == 0o700
    for secret in ("keys.cbor", "index.key", "operator.token"):
        assert (folder / secret).stat().st_mode & 0o777 == 0o600
    assert (folder / "join-request.json").exists() is (role != "secretariat")


@pytest.mark.parametrize("role", NODES)
def test_the_operator_may_do_what_such_a_node_does(
    allpoints: Allpoints, made: Callable[[str], Path], role: str
) -> None:
    (operator,) = json.loads(allpoints("officer", "list", "--dir", made(role), "--json").out)
    assert operator["name"] == "operator"
    assert operator["has_token"]
    assert set(operator["roles"]) <= set(ROLES)
    assert ("reviewer" in operator["roles"]) is (role == "secretariat")
    assert "administrator" in operator["roles"]


def test_init_prints_the_request_and_its_fingerprint(allpoints: Allpoints, tmp_path: Path) -> None:
    folder = tmp_path / "xav"
    done = allpoints("init", "--dir", folder, "--role", "bureau", *NODES["bureau"], "--json")
    printed = json.loads(done.out)
    asked = json.loads((folder / "join-request.json").read_text(encoding="utf-8"))
    assert printed["request"] == str(folder / "join-request.json")
    assert printed["fingerprint"] == asked["fingerprint"]
    assert done.err.startswith("Next: the secretariat admits it: allpoints member admit")


def test_init_never_writes_over_a_node(allpoints: Allpoints, made: Callable[[str], Path]) -> None:
    folder = made("bureau")
    before = (folder / "keys.cbor").read_bytes()
    again = allpoints("init", "--dir", folder, "--role", "bureau", *NODES["bureau"])
    assert again.code == 1
    assert again.err == (
        f"error: {folder} holds a node already.\n"
        "  field: dir\n"
        "hint: Choose another folder with --dir; keys are never written over.\n"
    )
    assert (folder / "keys.cbor").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--role", "king", "--name", "XAV", "--label", "A"), "A role is one of secretariat, bureau, post."),
        (
            ("--role", "bureau", "--name", "xav", "--label", "A"),
            "A member is named by three capital letters.",
        ),
        (("--role", "post", "--name", "XAV", "--label", "A"), "A post is named like XAV/post-1."),
        (("--role", "bureau", "--name", "XAV", "--label", " "), "A shown name has 1 to 100"),
        (("--role", "secretariat", "--name", "XSC", "--label", "S"), "A shown name has 1 to 100"),
    ],
)
def test_what_cannot_be_a_node_is_refused_and_leaves_nothing(
    allpoints: Allpoints, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    folder = tmp_path / "node"
    refused = allpoints("init", "--dir", folder, *options)
    assert refused.code == 1
    assert said in refused.err
    assert not folder.exists()


def test_a_bureau_that_has_not_joined_says_what_to_do(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    refused = allpoints("verify", "--dir", folder)
    assert refused.code == 1
    assert refused.err == (
        "error: This node has not joined a network yet.\n"
        f"hint: Send {folder}/join-request.json to be admitted, then run allpoints join with the answer.\n"
    )


def test_joining_with_what_is_no_admission_is_refused(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    refused = allpoints("join", folder / "join-request.json", "--dir", folder)
    assert refused.code == 1
    assert "error: The file is no admission of a version this program knows." in refused.err
    missing = allpoints("join", folder / "nothing.json", "--dir", folder)
    assert missing.code == 1
    assert "cannot be read: No such file or directory." in missing.err
