import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.markup import Page
from tests.web.sample_views import all_samples
from tests.web.samples.frame import COUNTRIES, NOW, Sample, session

from allpoints.ground.refusal import Fault, Refusal
from allpoints.web import csp, printing
from allpoints.web.rendering import Assets, Chunk, Pages, element_id
from allpoints.web.views.common import FormSection, Input, Option, filled, filled_sections
from allpoints.web.views.desk import Alert

ASSETS = Assets(
    {
        "console.ts": Chunk("assets/console-abc.js", ("assets/console-def.css",)),
        "icon.svg": Chunk("assets/icon-012.svg"),
    }
)
PAGES = Pages(ASSETS, COUNTRIES)
SAMPLES = all_samples()
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


def drawn(sample: Sample) -> str:
    return PAGES.render(sample.template, sample.view, session=sample.session)


def by_name(name: str) -> Sample:
    return next(sample for sample in SAMPLES if sample.name == name)


@every_sample
def test_every_page_is_well_formed_in_every_state(sample: Sample) -> None:
    assert Page(drawn(sample)).faults == []


@every_sample
def test_every_page_has_one_main_heading_a_language_and_a_skip_link(sample: Sample) -> None:
    page = Page(drawn(sample))
    assert len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("html")[0]["dir"] == "ltr"
    assert page.all("a")[0]["href"] == "#main"
    assert len(page.all("main")) == 1


@every_sample
def test_every_control_has_a_label(sample: Sample) -> None:
    page = Page(drawn(sample))
    for tag in ("input", "select", "textarea", "progress"):
        for control in page.all(tag):
            within = "label" in control["#inside"].split()
            named = control.get("id") in page.labelled or "aria-label" in control
            assert control.get("type") == "hidden" or within or named, control


@every_sample
def test_nothing_on_a_page_needs_inline_script_or_style_or_another_host(sample: Sample) -> None:
    page = Page(drawn(sample))
    for tag, values in page.elements:
        assert tag != "style"
        assert "style" not in values
        assert not any(name.startswith(("on", "hx-on")) for name in values)
        for name in ("src", "href", "action", "hx-get", "hx-post"):
            assert values.get(name, "/").startswith(("/", "#", "tel:")), values
            assert not values.get(name, "/").startswith("//"), values


@every_sample
def test_every_form_that_posts_carries_the_token_of_the_session(sample: Sample) -> None:
    text = drawn(sample)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert 'name="csrf" value="sample-token"' in form
        assert 'action="/en/' in form


@every_sample
def test_each_fault_is_named_in_the_title_and_linked_to_its_field(sample: Sample) -> None:
    page = Page(drawn(sample))
    faults: tuple[Fault, ...] = getattr(sample.view, "errors", ())
    assert page.title.startswith("Error: ") == (bool(faults) or sample.name.startswith("sign-in-"))
    targets = {link["href"] for link in page.all("a")}
    for fault in faults:
        assert f"#{element_id(fault.path)}" in targets
        assert element_id(fault.path) in page.ids


@every_sample
def test_every_view_is_also_a_json_twin_that_reads_back_the_same(sample: Sample) -> None:
    if sample.template == "components":
        return
    twin = msgspec.json.encode(sample.view)
    assert b"sample-token" not in twin
    assert msgspec.json.decode(twin, type=type(sample.view)) == sample.view


def test_titles_tell_the_pages_apart() -> None:
    titles: dict[str, str] = {}
    for sample in SAMPLES:
        if "error" in sample.template:
            continue
        title = Page(drawn(sample)).title.removeprefix("Error: ").split(" · XAV")[0]
        assert titles.setdefault(title, sample.template) == sample.template
    assert len(set(titles.values())) == len({sample.template for sample in SAMPLES}) - 1


def test_values_from_data_are_escaped_wherever_they_are_shown() -> None:
    spite = "<script>alert(1)</script>\"'&"
    alert = Alert(id="1", at_ms=NOW, kind=spite, title=spite, text=spite, href="/en/hits/1")
    assert "<script>" not in PAGES.feed_event(alert)
    desk = by_name("desk")
    view = msgspec.structs.replace(desk.view, alerts=(alert,))
    frame = msgspec.structs.replace(desk.session, officer=spite, node_label=spite)
    assert "<script>alert" not in PAGES.render("desk", view, session=frame)


def test_a_feed_event_carries_its_id_and_the_alert_as_the_desk_draws_it() -> None:
    alert = Alert(id="77", at_ms=NOW, kind="Hit", title="ORHANLI\nid: 99\n\nevent: alert", href="/en/hits/1")
    lines = PAGES.feed_event(alert).split("\n")
    assert lines[:2] == ["id: 77", "event: alert"]
    assert all(line.startswith("data: ") for line in lines[2:-2])
    assert lines[-2:] == ["", ""]
    assert any('data-id="77"' in line for line in lines)


def test_a_fragment_is_a_block_of_the_same_page() -> None:
    sample = by_name("border-bearer")
    fragment = PAGES.render("border", sample.view, session=sample.session, fragment="live")
    assert fragment.startswith('<div id="live"')
    assert "<html" not in fragment
    assert fragment.strip() in drawn(sample)


@pytest.mark.parametrize("verdict", ["clear", "document", "bearer", "possible", "unreadable", "unable"])
def test_a_verdict_says_what_to_do_before_why(verdict: str) -> None:
    text = PAGES.render(
        "border", by_name(f"border-{verdict}").view, session=session("/en/border"), fragment="live"
    )
    assert f'data-verdict="{verdict}"' in text
    todo = text.index("What to do")
    assert all(todo < text.index(word) for word in ("Answered in", "Reference", "Source"))
    if verdict in {"unreadable", "unable"}:
        assert todo < text.index("<h3>Why</h3>")


def test_an_answer_from_an_extract_says_so_with_its_age() -> None:
    assert "Extract, 3 h 12 min old" in drawn(by_name("border-extract"))
    assert "Extract, " not in drawn(by_name("border-document"))


def test_the_scan_field_has_the_focus_once_the_shift_has_a_purpose_and_case() -> None:
    def scan(name: str) -> dict[str, str]:
        return next(one for one in Page(drawn(by_name(name))).all("textarea") if one["name"] == "scan")

    assert "autofocus" in scan("border")
    assert "autofocus" not in scan("border-no-purpose")


def test_only_the_owner_of_a_hit_is_offered_the_three_verdicts() -> None:
    buttons = ('value="confirm"', 'value="refute"', 'value="cannot-say"')
    owner, searcher = drawn(by_name("hit-owner")), drawn(by_name("hit-searcher"))
    assert all(button in owner for button in buttons)
    assert not any(button in searcher for button in buttons)


def test_a_page_offers_only_what_the_officers_roles_and_node_allow() -> None:
    border, desk = drawn(by_name("border")), drawn(by_name("desk"))
    assert 'href="/en/review"' not in desk
    assert 'href="/en/imports"' in desk
    assert 'href="/en/imports"' not in border
    assert 'href="/en/review"' in drawn(by_name("review"))


def test_a_page_with_a_name_the_view_does_not_have_is_an_error() -> None:
    frame = session("/en/desk")
    with pytest.raises(Exception, match="has no attribute"):
        PAGES.render("hit", by_name("desk").view, session=frame)


def test_hashed_names_come_from_the_manifest(tmp_path: Path) -> None:
    entry = {"file": "assets/console-1.js", "css": ["assets/console-2.css"], "isEntry": True}
    (tmp_path / "manifest.json").write_text(
        json.dumps({"console.ts": entry, "icon.svg": {"file": "assets/i.svg"}})
    )
    assets = Assets.load(tmp_path)
    assert assets.script == "/static/assets/console-1.js"
    assert assets.styles == ("/static/assets/console-2.css",)
    assert assets.picture("icon.svg") == "/static/assets/i.svg"


def test_an_installation_without_console_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        Pages.open(COUNTRIES, tmp_path)
    assert refused.value.code == "CONSOLE-NOT-BUILT"
    assert refused.value.status == 503


def test_the_policy_allows_nothing_inline_and_pages_are_not_kept() -> None:
    policy = csp.PAGE_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert csp.PAGE_HEADERS["Cache-Control"] == "no-store"
    assert "immutable" in csp.STATIC_HEADERS["Cache-Control"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1979-03-14", "14 March 1979"),
        ("1979-03", "March 1979"),
        ("1979", "1979"),
        ("1979-13", "1979-13"),
        ("", ""),
    ],
)
def test_dates_are_shown_with_the_month_by_name_and_as_precise_as_known(text: str, shown: str) -> None:
    assert printing.shown_date(text) == shown


@given(st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_text_makes_the_date_fail(text: str) -> None:
    assert isinstance(printing.shown_date(text), str)


@pytest.mark.parametrize(
    ("span_ms", "shown"),
    [
        (-5, "0 ms"),
        (350, "350 ms"),
        (14_000, "14 s"),
        (192_000, "3 min 12 s"),
        (7_440_000, "2 h 4 min"),
        (86_400_000, "1 d"),
        (9 * 86_400_000 + 3_600_000, "9 d 1 h"),
    ],
)
def test_spans_are_shown_in_their_two_largest_units(span_ms: int, shown: str) -> None:
    assert printing.shown_duration(span_ms) == shown


@pytest.mark.parametrize(
    ("took_us", "shown"), [(38, "38 µs"), (410, "0.41 ms"), (12_400, "12 ms"), (1_240_000, "1.2 s")]
)
def test_measured_times_keep_their_figures(took_us: int, shown: str) -> None:
    assert printing.shown_elapsed(took_us) == shown


def test_a_refused_form_keeps_what_was_entered_but_never_a_password() -> None:
    inputs = (
        Input(name="name", label="Name"),
        Input(name="secret", label="Password", kind="password"),
        Input(name="to", label="To", kind="checkboxes", options=(Option("XAV", "Arvandia"),)),
    )
    entered = {"name": "terlan", "secret": "hidden", "to": ["XAV"]}
    name, secret, to = filled(inputs, entered, [Fault("X", "first", "name"), Fault("X", "second", "name")])
    assert (name.value, name.error) == ("terlan", "first")
    assert secret.value == ""
    assert to.values == ("XAV",)


def test_a_section_says_how_far_it_has_come() -> None:
    section = FormSection(
        name="person",
        title="Person",
        inputs=(Input(name="a", label="A", required=True), Input(name="b", label="B")),
    )

    def word(values: dict[str, str], faults: tuple[Fault, ...] = ()) -> str:
        return filled_sections([section], values, faults)[0].state.word

    assert word({}) == "Not started"
    assert word({"b": "1"}) == "In progress"
    assert word({"a": "1"}) == "Complete"
    assert word({"a": "1"}, (Fault("X", "wrong", "a"),)) == "To mend"
