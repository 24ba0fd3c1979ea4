"""Every page of the documentation: one title, links that lead somewhere, the network's words, code that runs."""

import itertools
import re
from pathlib import Path

import pytest
from tests.docs.pages import HEADING, LINK, blocks, name_of, pages, prose
from tests.docs.pages import anchors as anchors_of
from tools.tree import DOCS, ROOT

BANNED = {
    "blacklist": "say what is listed",
    "country node": "member, or bureau",
    "hub": "relay",
    "master": "say what it does",
    "military-grade": "say what it is",
    "real-time": "say how fast",
    "seamless": "say what it does",
    "simply": "leave it out",
    "slave": "say what it does",
    "unhackable": "nothing is",
    "whitelist": "say what is listed",
}
TUTORIAL = DOCS / "tutorial"
PROSE_LIMIT_LINES = 400


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_has_one_title_and_it_comes_first(page: Path) -> None:
    headings = HEADING.findall(prose(page))
    assert headings[0][0] == "#"
    assert [level for level, _ in headings].count("#") == 1


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_headings_go_down_one_step_at_a_time(page: Path) -> None:
    levels = [len(level) for level, _ in HEADING.findall(prose(page))]
    assert not [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = []
    for _, target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors_of(there)):
            missing.append(target)
    assert not missing


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_only_the_networks_words_are_used(page: Path) -> None:
    text = prose(page).lower()
    found = {word: better for word, better in BANNED.items() if re.search(rf"\b{re.escape(word)}\b", text)}
    assert re.search(r"\bhub\b", "a hub")
    assert not found


@pytest.mark.parametrize("page", [page for page in pages() if "reference" not in page.parts], ids=name_of)
def test_a_page_can_be_read_in_one_sitting(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= PROSE_LIMIT_LINES


@pytest.mark.parametrize(
    "page", [page for page in sorted(DOCS.rglob("*.md")) if page.name != "index.md"], ids=name_of
)
def test_every_page_can_be_reached_from_an_index(page: Path) -> None:
    indexes = [DOCS / "index.md", page.parent / "index.md"]
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for index in indexes
        if index.is_file()
        for _, target in LINK.findall(prose(index))
    }
    assert page in linked


CODE = [
    page
    for page in pages()
    if TUTORIAL not in page.parents and any(b.language == "python" for b in blocks(page))
]


@pytest.mark.parametrize("page", CODE, ids=name_of)
def test_python_on_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page):
        if block.title:
            path = tmp_path / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        if block.language == "python":
            exec(compile(block.text, name_of(page), "exec"), names)


def test_some_page_has_python_to_run() -> None:
    assert DOCS / "how-to/add-a-register.md" in CODE


@pytest.mark.parametrize("part", ["how-to", "explanation", "reference"])
def test_all_parts_of_the_documentation_are_there(part: str) -> None:
    assert list((DOCS / part).glob("*.md"))


def test_every_test_that_the_threat_table_names_exists() -> None:
    page = DOCS / "explanation/security.md"
    named = re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", prose(page))
    assert len(named) > 15
    missing = [
        (test, path)
        for test, path in named
        if not re.search(
            rf"^def {test}\(", (page.parent / path).resolve().read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert not missing


def test_every_row_of_the_threat_table_names_a_test_or_says_that_there_is_none() -> None:
    rows = re.findall(
        r"^\|.*\|$", prose(DOCS / "explanation/security.md").split("## Threats")[1], re.MULTILINE
    )[2:]
    assert len(rows) > 10
    assert not [row for row in rows if "`test_" not in row and "no test yet" not in row]


# -- the top pages


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in pages() if "reference" not in page.parts], ids=name_of)
def test_every_make_target_on_a_page_exists(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)[^`]*`", prose(page)))
    typed = {
        word for block in blocks(page) for word in re.findall(r"^\$ make ([a-z-]+)", block.text, re.MULTILINE)
    }
    assert not (named | typed) - targets()


def test_the_readme_names_what_a_newcomer_types() -> None:
    typed = [block.text for block in blocks(ROOT / "README.md") if block.language == "console"]
    assert "\n".join(typed).split("\n")[:2] == ["$ make demo", "$ make test"]


def test_make_help_lists_every_habit() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    helped = set(re.findall(r"^([a-z-]+):.*## .+$", makefile, re.MULTILINE))
    assert phony == helped == targets()
