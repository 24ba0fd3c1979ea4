"""The reference is what the code says now, and nothing in it lacks its sentence."""

import re

import pytest
from tools.reference import audit, commands, http, metrics, refusals, registers, wire
from tools.reference.pages import FOLDER, pages

from allpoints.node.settings import SETTINGS


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return pages()


def test_no_page_is_stale(written: dict[str, str]) -> None:
    stale = [
        name
        for name, text in written.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, "run: make docs"
    assert {path.name for path in FOLDER.iterdir()} == set(written)


def test_every_command_has_a_sentence_and_an_example(written: dict[str, str]) -> None:
    found = commands.commands()
    assert len(found) > 10
    assert not [words for words, one in found if not (one.help or "").strip()]
    assert not [words for words, one in found if "allpoints" not in (one.epilog or "")]
    assert not [words for words, _ in found if f"## `{words}`" not in written["commands.md"]]


def test_every_option_of_a_command_has_a_sentence() -> None:
    assert not [
        (words, parameter.name)
        for words, one in commands.commands()
        for parameter in one.params
        if not getattr(parameter, "help", "")
    ]


def test_every_setting_has_a_sentence(written: dict[str, str]) -> None:
    assert not [one.path for one in SETTINGS if len(one.sentence) < 10]
    assert not [one.path for one in SETTINGS if f"`{one.path}`" not in written["settings.md"]]


def test_every_endpoint_has_a_summary_of_its_own(written: dict[str, str]) -> None:
    found = list(http.endpoints())
    assert len(found) > 20
    assert not [one for one in found if f"### {one.method} {one.path}\n" not in written["http.md"]]
    # Without a summary the framework makes one of the function's name, every word with a capital letter.
    named = [
        one.path for one in found if re.fullmatch(r"([A-Z][a-z]*\s?)+", one.operation.get("summary", ""))
    ]
    assert not [path for path in named if " " in path]
    assert not [one.path for one in found if not one.operation.get("tags")]


def test_every_kind_of_entry_and_message_has_a_sentence() -> None:
    assert set(wire.ENTRIES) == wire.entry_kinds()
    assert set(wire.MESSAGES) == wire.message_kinds()


def test_every_register_and_notice_is_shown_with_an_executed_example(written: dict[str, str]) -> None:
    known = registers.vocabulary()
    for name, register in known.registers.items():
        given, body = registers.example(register)
        assert register.clean(given) == body
        own = written[registers.page_of(name)]
        assert f"(`{name}`, " in own
        assert f"]({registers.page_of(name)})" in written["registers.md"]
        assert all(f"`{field.name}`" in own for field in register.fields)
        assert "Found by:" in own
    assert all(f"(`{name}`, " in written["notices.md"] for name in known.notices)


def test_every_recorded_audit_event_is_declared() -> None:
    assert not set(audit.recorded()) - set(registers.vocabulary().audit_events)


def test_every_metric_has_a_sentence(written: dict[str, str]) -> None:
    found = metrics.metrics()
    assert len(found) > 5
    assert not [name for name, _, told in found if not told or f"`{name}`" not in written["metrics.md"]]


def test_refusals_are_collected_from_the_source() -> None:
    found = refusals.by_code()
    assert {"BAD-SIGNATURE", "NO-PURPOSE", "MRZ-CHECK-DIGIT", "AUTHOR-FORK"} <= set(found)
    assert "403" in {one.status for one in found["NO-PURPOSE"]}
