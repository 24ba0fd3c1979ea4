"""Overseeing with real processes: lines taken out and verified, the insider watch, and an owner who asks who opened."""

import datetime as dt
from collections.abc import Iterator

import pytest
from tests.cli.processes import Town, free_ports, until

from allpoints.registers.record import record_id

pytestmark = pytest.mark.network

ROW = "source_ref,family_name,given_names,sex,birth_date,nationalities,status_of_person\n"
PERSON = "P-1,Bellweather,Tomas,M,1979-03-14,XAV,wanted\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A secretariat and two bureaus; Belmora has an overseer, and knows a person of Arvandia's."""
    town = Town(tmp_path_factory.mktemp("town"))
    ports = [str(port) for port in free_ports(3)]
    try:
        town.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--label", "Secretariat"),
            *("--network", "example.allpoints", "--port", ports[0]),
        )
        town.serve("xsc")
        for node, port in zip(("xav", "xbm"), ports[1:], strict=True):
            town.done(
                *("init", "--dir", node, "--role", "bureau", "--name", node.upper(), "--label", node),
                *("--port", port),
            )
            town.done("member", "admit", f"{node}/join-request.json", "--out", f"{node}.json", "--dir", "xsc")
            town.done("join", f"{node}.json", "--dir", node)
            town.serve(node)
        (town.folder / "rows.csv").write_text(ROW + PERSON, encoding="utf-8")
        town.done("import", "rows.csv", "--register", "persons", "--dir", "xav")
        record = record_id("persons", "XAV", "P-1").hex()
        # The first line of Belmora's log, and so under its first anchored head.
        assert until(lambda: town.type("record", "show", record, "--dir", "xbm").code == 0)
        yield town
    finally:
        town.close()


def overseer(town: Town) -> tuple[str, ...]:
    """The options of one who oversees at Belmora, entered by its administrator."""
    if town.type("officer", "token", "olga", "--dir", "xbm").code:
        town.done("officer", "add", "olga", "--role", "overseer", "--dir", "xbm")
    token = town.done("officer", "token", "olga", "--dir", "xbm").out.split()[-1]
    return ("--dir", "xbm", "--token", token)


def test_an_owner_asks_a_member_who_opened_its_records_and_both_logs_say_so(town: Town) -> None:
    today = dt.datetime.now(dt.UTC).date()
    days = ("--since", str(today - dt.timedelta(1)), "--until", str(today + dt.timedelta(1)))
    asked = town.done("openings", "ask", "XBM", "--register", "persons", *days, "--dir", "xav", "--json").json
    assert asked["state"] == "waiting"

    def answered() -> object:
        (found,) = town.done("openings", "list", "--dir", "xav", "--json").json
        return found if found["state"] == "answered" else None

    told = until(answered)
    assert [(one["purpose"], one["told"], one["count"]) for one in told["cells"]] == [
        ("border-control", "few", 0)
    ]
    assert told["size"] >= 1
    assert "few" in town.done("openings", "list", "--dir", "xav").out
    for node, event in (("xav", "openings:asked"), ("xbm", "openings:answered"), ("xav", "openings:heard")):
        assert len(town.done("audit", "list", "--event", event, "--dir", node, "--json").json) == 1, event
    closed = town.type("openings", "ask", "XBM", "--register", "ballistics", *days, "--dir", "xav")
    assert (closed.code, "no such answers" in closed.err) == (1, True)


def test_lines_are_taken_out_and_verified_with_and_without_a_ledger(town: Town) -> None:
    olga = overseer(town)
    assert until(lambda: town.type("audit", "export", *olga).code == 0)
    exported = town.done("audit", "export", *olga).out
    (town.folder / "lines.jsonl").write_text(exported, encoding="utf-8")
    at_home = town.done("audit", "verify", "lines.jsonl", "--dir", "xbm").out
    assert "yes, in this ledger" in at_home
    assert until(lambda: town.type("audit", "verify", "lines.jsonl", "--dir", "xav").code == 0)
    (town.folder / "empty").mkdir(exist_ok=True)
    assert "no ledger here" in town.done("audit", "verify", "lines.jsonl", "--dir", "empty").out
    spoiled = exported.replace('"checkpoint":"', '"checkpoint":"x', 1)
    (town.folder / "spoiled.jsonl").write_text(spoiled, encoding="utf-8")
    refused = town.type("audit", "verify", "spoiled.jsonl", "--dir", "empty")
    assert (refused.code, "did not sign its head" in refused.err) == (1, True)


def test_whom_the_node_protects_is_chosen_and_listed_by_overseers_alone(town: Town) -> None:
    olga = overseer(town)
    assert "Nothing is odd." in town.done("watch", "list", *olga).out + town.done("watch", "list", *olga).err
    protect = ("watch", "protect", "--label", "Minister", "--name", "Ysolde Fenwick")
    assert "Minister" in town.done(*protect, *olga).out
    assert (again := town.type(*protect, *olga)).code == 1, again
    assert "Minister" in town.done("watch", "protected", *olga).out
    assert "Minister" not in town.done("watch", "unprotect", "1", *olga).out
    unknown = town.type("watch", "dismiss", "9", "--reason", "Asked together.", *olga)
    assert (unknown.code, "no such alert" in unknown.err) == (1, True)
    town.done("officer", "add", "dana", "--role", "desk", "--dir", "xbm")
    token = town.done("officer", "token", "dana", "--dir", "xbm").out.split()[-1]
    assert town.type("watch", "list", "--dir", "xbm", "--token", token).code == 1
