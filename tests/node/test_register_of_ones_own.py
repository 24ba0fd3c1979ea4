"""The how-to's livestock: one file, and it is entered, replicated, searched and checked like any other register."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA
from tools.tree import DOCS

from allpoints.border.question import Question
from allpoints.border.verdict import Verdict
from allpoints.registers.searching import Query
from allpoints.vocabulary.loading import load

PAGE = DOCS / "how-to" / "add-a-register.md"
ANIMAL = {
    "source_ref": "XAV-AGR-0007",
    "country": "XAV",
    "ear_tag": "0301 4410",
    "status": "stolen",
    "breed": "Port Arven red",
    "marks": "White blaze",
}


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Federation]:
    folder = tmp_path / "registers"
    folder.mkdir()
    for name, text in re.findall(
        r"```yaml title=registers/(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    ):
        (folder / name).write_text(text, encoding="utf-8")
    made = Federation(tmp_path / "nodes", ("XAV", "XBM"), ("XBM/post-1",), words=load([folder]))
    yield made
    for node in made.nodes.values():
        node.close()


def test_an_animal_entered_in_one_country_is_found_and_checked_in_another(farm: Federation) -> None:
    farm.enter("XAV", ANIMAL, register="stolen-livestock")
    bureau = farm.bureau("XBM")

    def refs(**asked: object) -> list[str]:
        query = Query(**asked)  # type: ignore[arg-type]
        return [one.ref for one in bureau.do(lambda: bureau.records.search(ANNA, query)).results]

    assert refs(identifiers={"ear-tag": "XAV 03014410"}) == ["XAV-AGR-0007"]
    assert refs(identifiers={"ear-tag": "0301*"}) == ["XAV-AGR-0007"]
    assert refs(text="blaze") == ["XAV-AGR-0007"]
    assert refs(register="stolen-livestock", filters={"status": "stolen"}) == ["XAV-AGR-0007"]
    near = bureau.do(lambda: bureau.records.search(ANNA, Query(identifiers={"ear-tag": "XAV O3014410"})))
    assert (near.results, [one.held for one in near.warnings]) == ((), ["03014410"])

    hit = farm.check("XBM", Question(identifiers={"ear-tag": "XAV 0301-4410"}))
    assert (hit.verdict, hit.matches[0].register) == (Verdict.OBJECT, "stolen-livestock")
    (at_post,) = farm.check_at_post(Question(identifiers={"ear-tag": "XAV 03014410"}))
    assert getattr(at_post, "verdict", None) is Verdict.OBJECT
    assert farm.check("XBM", Question(identifiers={"ear-tag": "XAV 03014411"})).verdict is Verdict.CLEAR


def test_a_recovered_animal_is_gone_everywhere(farm: Federation) -> None:
    farm.enter("XAV", ANIMAL, register="stolen-livestock")
    farm.enter("XAV", ANIMAL, register="stolen-livestock", status="recovered")
    answer = farm.check("XBM", Question(identifiers={"ear-tag": "XAV 03014410"}))
    assert answer.verdict is Verdict.CLEAR
