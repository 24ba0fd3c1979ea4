"""Settings on cards: whole, readable, and with lists that may be missing only in the way that lets nobody in."""

from pathlib import Path
from typing import Any

import pytest
from tests.identity.country_ca import CountryCa
from tests.node.test_provider_settings import BASE, loaded

from allpoints.ground.refusal import Refusal
from allpoints.node import card_settings

CA = CountryCa()
WHOLE = {**BASE, "card.roots": "roots.pem", "card.terminators": "127.0.0.1", "card.secret_file": "secret"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roots.pem").write_bytes(CA.pem)
    (tmp_path / "secret").write_text("sixteen characters\n")
    return tmp_path


def test_without_roots_no_cards_are_taken(folder: Path) -> None:
    settings = loaded(folder, BASE)
    assert card_settings.terms(settings) is None
    assert card_settings.secret(settings) == b""


def test_roots_terminators_and_secret_go_together(folder: Path) -> None:
    for name in ("card.roots", "card.terminators", "card.secret_file"):
        with pytest.raises(Refusal, match="go together"):
            loaded(folder, {**WHOLE, name: ""})
    with pytest.raises(Refusal, match="addresses or networks"):
        loaded(folder, {**WHOLE, "card.terminators": "gate"})
    settings = loaded(folder, WHOLE)
    assert card_settings.secret(settings) == b"sixteen characters"
    terms = card_settings.terms(settings)
    assert terms is not None
    assert (terms.roots, terms.listed) == ((CA.certificate,), False)


def test_lists_are_read_in_both_forms_and_what_is_none_is_no_list(folder: Path) -> None:
    settings = loaded(folder, {**WHOLE, "card.revoked": "lists", "card.between": "roots.pem"})
    other = CountryCa("Other")

    def found(data: bytes) -> int:
        (folder / "lists").write_bytes(data)
        terms = card_settings.terms(settings)
        assert terms is not None
        assert terms.listed
        return len(terms.revoked)

    assert found(CA.revoked() + other.revoked()) == 2
    assert found(b"nothing") == 0
    assert found(CA.revoked()[:-80]) == 0
    (folder / "lists").unlink()
    terms = card_settings.terms(settings)
    assert terms is not None
    assert (terms.listed, terms.revoked) == (True, ())


@pytest.mark.parametrize(
    ("name", "content"),
    [("roots.pem", b"none"), ("roots.pem", b""), ("secret", b"short"), ("secret", b"x" * 2_000)],
)
def test_a_file_that_does_not_fit_is_named(folder: Path, name: str, content: bytes) -> None:
    settings = loaded(folder, WHOLE)
    (folder / name).write_bytes(content)
    with pytest.raises(Refusal, match=f"nothing that fits in .*{name}"):
        _both(settings)


def _both(settings: Any) -> None:
    card_settings.terms(settings)
    card_settings.secret(settings)
