"""What a member was shut out of does not exist for it any more: every answer is the one about a thing that never was."""

from itertools import product

import pytest
from tests.attack.calling import Caller
from tests.attack.endpoints import settled
from tests.attack.seeding import DANA
from tests.attack.test_existence import shape
from tests.node.samples import PERSON
from tests.web.console_network import OWNER, POST, SEARCHER, Browser, Network
from tests.web.markup import Page

from allpoints.registers.entering import Carriage

SHUT, NEVER = "SHUT0001", "NEVER009"
NAME, NONAME = "Thistlewick", "Nobodythere"
ROLES = ("border", "desk", "command", "reviewer", "administrator")
FIELDS = PERSON | {
    "source_ref": "SHUT-P",
    "family_name": NAME,
    "documents": [{"number": SHUT, "issuer": OWNER, "type": "passport"}],
    "marks": f"{NAME} on the left arm",
    "sex": "X",
}


@pytest.fixture(scope="module")
def dirk(town: Network) -> Browser:
    """An officer of Belmora, signed in all the while."""
    return Browser(town, SEARCHER, "dirk").look_for()


@pytest.fixture(scope="module")
def shut(town: Network, callers: dict[str, Caller], dirk: Browser) -> str:
    """A person whom Belmora found in every way, until Arvandia shut Belmora out; its identifier."""
    owner, reader = town.hosts[OWNER].desk(), callers[SEARCHER]

    def enter(*excluded: str) -> str:
        carriage = Carriage("border-control", "official-use", excluded)
        return str(town.do(OWNER, lambda: owner.records.enter(DANA, "persons", FIELDS, carriage)))

    record = enter()
    town.until(lambda: bool(town.hosts[SEARCHER].desk().index.lookup("document", f"{OWNER}|{SHUT}")))
    settled(town)
    assert reader.call("GET", f"/api/v1/records/{record}", "desk").status_code == 200
    for page in (f"records/{record}", "desk"):
        assert NAME.upper() in dirk.get(f"/en/{page}").text.upper()
    enter(SEARCHER)
    db = town.hosts[OWNER].office.db
    town.until(
        lambda: db.execute("SELECT 1 FROM office_exclusions WHERE obeyed_ms > 0").fetchone() is not None
    )
    settled(town)
    return record


def paths(record: str, name: str, number: str, ref: str) -> list[str]:
    """Every address of the API that could tell of it."""
    return [
        *(f"/api/v1/records/{record}{part}" for part in ("", "/links", "/readers", f"/files/{'0' * 64}")),
        f"/api/v1/open/records/{record}",
        *(
            f"/api/v1/search?{one}"
            for one in (f"name={name}", f"ref={ref}", f"number={number}&issuer={OWNER}")
        ),
        f"/api/v1/search?register=persons&text={name}",
        f"/api/v1/search?name={name}&birth_year=1979",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_differs_from_that_about_what_never_was(
    callers: dict[str, Caller], shut: str, role: str
) -> None:
    given, never = (shut, NAME, SHUT, "SHUT-P"), ("0" * 32, NONAME, NEVER, "NONE-P")
    for left, right in zip(paths(*given), paths(*never), strict=True):
        answers = [callers[SEARCHER].call("GET", path, role) for path in (left, right)]
        assert shape(answers[0], *given, *never) == shape(answers[1], *given, *never), (left, role)


def test_no_facet_or_count_has_it(callers: dict[str, Caller], shut: str) -> None:
    del shut
    asked = "/api/v1/search?register=persons&filter=sex:X"
    assert callers[SEARCHER].call("GET", asked, "desk").json()["results"] == []
    found = callers[OWNER].call("GET", asked, "desk").json()
    assert [one["ref"] for one in found["results"]] == ["SHUT-P"]


def test_a_check_is_clear_at_every_place_of_the_member_and_a_hit_for_the_others(
    town: Network, callers: dict[str, Caller], shut: str
) -> None:
    del shut
    questions = (
        {"number": SHUT, "issuer": OWNER},
        {"family_name": NAME, "given_names": "Tomas", "birth_date": "1979-03-14"},
    )
    for place, question in product((SEARCHER, POST), questions):
        answer = callers[place].call("POST", "/api/v1/checks", "border", json=question).json()
        assert (answer["verdict"], answer["matches"]) == ("clear", []), place
    assert callers[OWNER].call("POST", "/api/v1/checks", "border", json=questions[0]).json()["matches"]
    settled(town)


def test_no_link_to_it_can_be_made(callers: dict[str, Caller], shut: str, town: Network) -> None:
    own = town.report("LI000077")
    answers = []
    for target in (shut, "0" * 32):
        said = {"source": own, "target": target, "relation": "same-as", "reason": "A guess."}
        answers.append(shape(callers[SEARCHER].call("POST", "/api/v1/links", "desk", json=said), target))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_the_console_forgets_that_the_officer_saw_it(dirk: Browser, shut: str) -> None:
    assert dirk.get(f"/en/records/{shut}").status_code == 404
    for page in ("desk", "search", "hits", "registers/persons", "state"):
        assert NAME.upper() not in dirk.get(f"/en/{page}").text.upper(), page


def test_the_owner_sees_on_the_records_page_who_has_deleted_it(town: Network, shut: str) -> None:
    browser = Browser(town, OWNER, "dana").look_for()
    page = browser.get(f"/en/records/{shut}")
    assert Page(page.text).faults == []
    assert "Members that may not read it" in page.text
    assert "Has deleted it" in page.text
    form = browser.get(f"/en/records/{shut}/change").text
    assert "ordered to delete it" in form
