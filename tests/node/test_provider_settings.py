"""Settings on a provider: an address as safe as TLS makes it, whole, with the files that they name."""

from pathlib import Path
from typing import Any

import pytest

from allpoints.ground.clock import SystemClock
from allpoints.ground.refusal import Refusal
from allpoints.node import settings as node_settings
from allpoints.node.provider_settings import provider

BASE = {"node.role": "bureau", "node.name": "XAV", "web.address": "https://xav.example"}
WHOLE = {**BASE, "provider.issuer": "https://id.example/realm", "provider.client": "XAV"}


def loaded(folder: Path, values: dict[str, Any]) -> node_settings.Settings:
    node_settings.write(folder, values)
    return node_settings.load(folder, {})


def test_without_an_issuer_there_is_no_provider(tmp_path: Path) -> None:
    assert provider(loaded(tmp_path, BASE), SystemClock()) is None


def test_a_provider_is_made_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("shared\n")
    given = {
        **WHOLE,
        "provider.secret_file": "secret",
        "provider.acr": "high, highest",
        "provider.amr": "hwk",
    }
    made = provider(loaded(tmp_path, given), SystemClock())
    assert made is not None
    terms = made.registration.terms
    assert (terms.issuer, terms.client) == ("https://id.example/realm", "XAV")
    assert (terms.acr, terms.amr) == (frozenset({"high", "highest"}), frozenset({"hwk"}))
    assert made.registration.secret == "shared"
    assert made.registration.back == "https://xav.example/en/sign-in/provider/back"


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example",
        "id.example",
        "https://",
        "https://id.example?x=1",
        "https://id.example#x",
        "https://a:b@id.example",
        "https://id. example",
        "https://[id",
    ],
)
def test_an_issuer_that_could_be_listened_to_or_read_two_ways_is_refused(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(Refusal, match="An issuer is an https address"):
        loaded(tmp_path, {**WHOLE, "provider.issuer": issuer})
    assert loaded(tmp_path, {**WHOLE, "provider.issuer": "http://127.0.0.1:9"})


def test_issuer_and_client_go_together(tmp_path: Path) -> None:
    for name in ("provider.issuer", "provider.client"):
        with pytest.raises(Refusal, match="go together"):
            loaded(tmp_path, {**BASE, name: WHOLE[name]})


@pytest.mark.parametrize("name", ["provider.secret_file", "provider.roots"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        provider(loaded(tmp_path, {**WHOLE, name: "missing"}), SystemClock())
    assert (caught.value.code, caught.value.path) == ("SETTINGS-FILE", name)
