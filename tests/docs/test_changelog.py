"""Fragments become a section of the changelog."""

from pathlib import Path

import pytest
from tools.changelog import MARK, collect, fragments


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d/README.md").write_text("# Fragments\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changes\n\n{MARK}\n## 0.1.0 (2026-01-01)\n\n- Old.\n", encoding="utf-8"
    )
    return tmp_path


def test_fragments_are_collected_by_kind_above_older_releases_and_deleted(tree: Path) -> None:
    (tree / "changelog.d/b-thing.fixed.md").write_text("A thing\nworks again.\n", encoding="utf-8")
    (tree / "changelog.d/a-thing.added.md").write_text("A new thing.\n", encoding="utf-8")
    assert collect(tree, "0.2.0", "2026-12-01") == 2
    text = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text == (
        f"# Changes\n\n{MARK}\n## 0.2.0 (2026-12-01)\n\n### Added\n\n- A new thing.\n\n"
        "### Fixed\n\n- A thing works again.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n"
    )
    assert [path.name for path in (tree / "changelog.d").iterdir()] == ["README.md"]


def test_without_fragments_nothing_changes(tree: Path) -> None:
    before = (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert collect(tree, "0.2.0", "2026-12-01") == 0
    assert (tree / "CHANGELOG.md").read_text(encoding="utf-8") == before


def test_a_file_that_is_no_fragment_is_refused(tree: Path) -> None:
    (tree / "changelog.d/thing.nonsense.md").write_text("x\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"thing\.nonsense\.md is no fragment"):
        fragments(tree / "changelog.d")
