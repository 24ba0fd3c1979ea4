"""Reaching the node: where it is dialled, and what is said when it is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Allpoints

from allpoints.cli import client
from allpoints.node import settings


@pytest.mark.parametrize(
    ("host", "dialled"),
    [
        ("127.0.0.1", "http://127.0.0.1:9"),
        ("0.0.0.0", "http://127.0.0.1:9"),
        ("::", "http://[::1]:9"),
        ("::1", "http://[::1]:9"),
        ("node.example", "http://node.example:9"),
    ],
)
def test_the_node_is_dialled_on_this_machine(made: Callable[[str], Path], host: str, dialled: str) -> None:
    held = settings.load(
        made("bureau"), {"ALLPOINTS_WEB_HOST": host, "ALLPOINTS_WEB_ADDRESS": "https://far.example"}
    )
    assert client.local_address(held) == dialled


def test_a_node_that_does_not_run_is_said_with_its_address(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    away = allpoints("status", "--dir", folder)
    assert (away.code, away.out) == (3, "")
    assert away.err == (
        "error: The node is not running: nobody answers at http://127.0.0.1:9.\n"
        f"hint: Start it: allpoints serve --dir {folder}\n"
    )


def test_a_folder_without_a_token_says_how_to_get_one(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    (folder / "operator.token").unlink()
    refused = allpoints("status", "--dir", folder)
    assert refused.code == 1
    assert "There is no operator.token" in refused.err
    assert "allpoints officer token operator" in refused.err
    assert allpoints("status", "--dir", folder, "--token", "ap_given").code == 3


def test_a_question_without_purpose_is_refused_before_anything_is_asked(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("post")
    refused = allpoints("check", "--number", "L898902C3", "--issuer", "XAV", "--dir", folder)
    assert refused.code == 1
    assert refused.err.startswith(
        "error: A question states its purpose.\n"
        "  field: purpose\n"
        "hint: Add --purpose, or set ALLPOINTS_PURPOSE. Purposes are find-wanted, "
    )
    asked = allpoints(
        "check", "--number", "L898902C3", "--issuer", "XAV", "--dir", folder, "--purpose", "border-control"
    )
    assert asked.code == 3


def test_the_purpose_may_stand_in_the_environment(
    allpoints: Allpoints, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made("bureau")
    monkeypatch.setenv("ALLPOINTS_PURPOSE", "border-control")
    monkeypatch.setenv("ALLPOINTS_DIR", str(folder))
    assert allpoints("search", "bellweather").code == 3


def test_a_case_that_no_header_can_carry_is_refused(
    allpoints: Allpoints, made: Callable[[str], Path]
) -> None:
    folder = made("bureau")
    refused = allpoints("search", "x", "--purpose", "locate", "--case", "a\nb", "--dir", folder)
    assert refused.code == 1
    assert "field: case" in refused.err
