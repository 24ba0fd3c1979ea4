import re
from pathlib import Path

import pytest
import yaml
from tests.web.markup import Page
from tests.web.sample_views import all_samples
from tests.web.test_rendering import PAGES

from allpoints.web import catalogue
from allpoints.web.rendering import COMPONENTS, HERE

FOLDERS = sorted(folder for folder in COMPONENTS.iterdir() if folder.is_dir())
STYLES = sorted([*COMPONENTS.glob("*/style.css"), *(HERE / "assets").glob("*.css")])
ISLANDS = sorted([*COMPONENTS.glob("*/*.ts"), *(HERE / "assets").glob("*.ts")])
ISLAND_LINES = 150

by_path = pytest.mark.parametrize(
    "path", [*STYLES, *ISLANDS], ids=lambda path: f"{path.parent.name}/{path.name}"
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_component_is_a_macro_with_described_examples(folder: Path) -> None:
    described = yaml.compose((folder / "examples.yaml").read_text())
    assert described is not None
    component = next(one for one in catalogue.load() if one.name == folder.name)
    assert component.description
    assert f"macro {component.macro}(" in (folder / "macro.html").read_text()


def test_the_components_page_draws_every_example_of_every_component() -> None:
    sample = next(one for one in all_samples() if one.name == "components")
    text = PAGES.render(sample.template, sample.view, session=sample.session)
    examples = sum(len(component.examples) for component in catalogue.load())
    assert text.count('class="component-stage') == examples
    assert examples >= len(FOLDERS)
    assert Page(text).faults == []


def test_an_example_that_no_page_could_show_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tag").mkdir()
    path = tmp_path / "tag" / "examples.yaml"
    text = "description: d\nmacro: tag\nexamples: [{name: n, arguments: {state: !State {word: Draft, tone: TONE}}}]\n"
    path.write_text(text.replace("TONE", "quiet"))
    assert catalogue.load(tmp_path)[0].examples[0].name == "n"
    path.write_text(text.replace("TONE", "purple"))
    with pytest.raises(ValueError, match="purple"):
        catalogue.load(tmp_path)


@by_path
def test_styles_and_islands_know_no_left_and_right(path: Path) -> None:
    physical = re.compile(
        r"(?<![-\w])(left|right|(margin|padding|border)-(left|right|top|bottom)|float)\s*:|text-align:\s*(left|right)"
    )
    assert not physical.search(path.read_text())


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.parent.name)
def test_styles_load_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"url\(|https?:", path.read_text())


@pytest.mark.parametrize("path", ISLANDS, ids=lambda path: path.parent.name)
def test_islands_are_short_and_make_no_code_from_text(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= ISLAND_LINES
    assert not re.search(r"\beval\(|new Function|innerHTML\s*[+]?=|document\.write|https?:", text)


def test_colours_are_defined_once_as_tokens() -> None:
    for path in STYLES:
        if path.name == "base.css":
            continue
        assert not re.search(r"#[0-9a-f]{3,8}\b(?!-)", re.sub(r"#field-scan|#live", "", path.read_text())), (
            path
        )


def _luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "paper", 7),
        ("ink", "ground", 7),
        ("quiet", "paper", 4.5),
        ("quiet", "ground", 4.5),
        ("quiet", "quiet-paper", 4.5),
        ("accent", "paper", 4.5),
        ("accent", "ground", 4.5),
        ("accent-ink", "accent", 4.5),
        ("good", "good-paper", 4.5),
        ("bad", "bad-paper", 4.5),
        ("warn", "warn-paper", 4.5),
        ("info", "info-paper", 4.5),
        ("red-ink", "red", 4.5),
        ("paper", "bad", 4.5),
        ("focus", "paper", 3),
        ("focus", "ground", 3),
        ("edge", "paper", 3),
    ],
)
def test_tokens_have_enough_contrast(ink: str, paper: str, least: float, scheme: int) -> None:
    text = (HERE / "assets" / "base.css").read_text()
    pairs = dict(re.findall(r"--([\w-]+): light-dark\(([^)]+)\)", text))

    def colour(name: str) -> str:
        return str(pairs[name]).split(",")[scheme].strip().removeprefix("#")

    assert _contrast(colour(ink), colour(paper)) >= least


def test_the_colours_for_older_engines_are_the_light_ones() -> None:
    text = (HERE / "assets" / "base.css").read_text()
    plain = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", text))
    for name, pair in re.findall(r"--([\w-]+): light-dark\(([^)]+)\)", text):
        assert plain[name] == pair.split(",")[0].strip()


def test_templates_and_macros_are_written_for_the_htmx_that_comes_next() -> None:
    for path in [*COMPONENTS.glob("*/macro.html"), *(HERE / "templates").glob("*.html")]:
        text = path.read_text()
        assert "hx-on" not in text
        assert "|safe" not in text
