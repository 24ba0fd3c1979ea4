"""One sitting with real processes on real sockets: from four empty folders to a confirmed hit, and what follows."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli import keeping_current, naming_witnesses
from tests.cli.processes import Town, free_ports, until
from tests.registers import exhibits

pytestmark = pytest.mark.network

LABELS = {"xav": "Bureau of Arvandia", "xbm": "Bureau of Belmora"}
ROWS = """source_ref,document_number,issuer,document_type,fraud
A-1,L898902C3,XAV,passport,stolen
A-2,AB123456,XAV,passport,lost
A-3,CD123457,XBM,passport,lost
A-4,EF123458,XAV,passport,eaten
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A secretariat, two bureaus and a post at XBM, admitted, joined and served."""
    town = Town(tmp_path_factory.mktemp("town"), exhibits.FOLDER)
    ports = [str(port) for port in free_ports(4)]
    try:
        town.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--port", ports[0]),
            *("--label", "General Secretariat", "--network", "example.allpoints"),
        )
        town.serve("xsc")
        for (node, label), port in zip(LABELS.items(), ports[1:3], strict=True):
            town.done(
                *("init", "--dir", node, "--role", "bureau", "--name", node.upper()),
                *("--label", label, "--port", port),
            )
            town.done("member", "admit", f"{node}/join-request.json", "--out", f"{node}.json", "--dir", "xsc")
            town.done("join", f"{node}.json", "--dir", node)
            town.serve(node)
        town.done(
            *("init", "--dir", "airport", "--role", "post", "--name", "XBM/airport"),
            *("--label", "Airport", "--port", ports[3]),
        )
        town.done("post", "admit", "airport/join-request.json", "--out", "airport.json", "--dir", "xbm")
        town.done("join", "airport.json", "--dir", "airport")
        town.serve("airport")
        (town.folder / "rows.csv").write_text(ROWS, encoding="utf-8")
        yield town
    finally:
        town.close()


def test_the_main_job_is_done_from_the_command_line(town: Town) -> None:
    refused = town.type("import", "rows.csv", "--register", "travel-documents", "--dir", "xav")
    assert refused.code == 1
    assert [line.split()[:2] for line in refused.out.splitlines()[1:3]] == [["4", "issuer"], ["5", "fraud"]]
    assert "nothing of it was entered" in refused.err

    entered = town.done(
        *("import", "rows.csv", "--register", "travel-documents", "--keep-going", "--dir", "xav", "--json")
    ).json
    assert (entered["state"], entered["accepted"], entered["bad"], entered["waiting"]) == ("done", 2, 2, 0)
    again = town.done(
        *("import", "rows.csv", "--register", "travel-documents", "--keep-going", "--dir", "xav", "--json")
    ).json
    assert (again["accepted"], again["unchanged"]) == (0, 2)
    assert town.done("import", "--follow", entered["id"], "--dir", "xav", "--json").json == entered

    def check(number: str) -> int:
        return town.type(
            "check", "--number", number, "--issuer", "XAV", "--dir", "airport", "--exit-code"
        ).code

    assert until(lambda: check("L898902C3") == 10)
    assert check("L898902C4") == 0
    misread = town.type(
        *("check", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "--dir", "airport", "--exit-code"),
        "L898902C36UTO7408122F1204159ZE184226B<<<<<11",
    )
    assert (misread.code, misread.out.split(":")[0]) == (11, "UNREADABLE")

    def open_hits() -> list[dict[str, dict[str, str]]]:
        found: list[dict[str, dict[str, str]]] = town.done("hits", "--open", "--dir", "xav", "--json").json
        return found

    (hit,) = until(open_hits)
    name = hit["hit"]["hit"]
    confirmed = town.done("hit", "confirm", name[:6], "--reason", "As in our report.", "--dir", "xav")
    assert "confirmed by operator: As in our report." in confirmed.out
    for told in ("xbm", "xsc"):
        assert until(lambda at=told: "confirmed" in town.done("hits", "--dir", at).out)


def test_a_message_is_sent_read_and_receipted(town: Town) -> None:
    sent = town.done(
        *("message", "send", "--to", "XBM", "--subject", "Hello", "--text", "Keep the document."),
        *("--dir", "xav", "--json"),
    ).json
    reference = sent["reference"]
    assert until(lambda: reference[:12] in town.done("message", "inbox", "--dir", "xbm").out)
    assert "Keep the document." in town.done("message", "read", reference[:8], "--dir", "xbm").out
    assert until(lambda: "read by XBM" in town.done("message", "read", reference, "--dir", "xav").out)


def test_a_file_goes_with_a_message_and_is_fetched_by_its_reader(town: Town) -> None:
    content = bytes(range(256)) * 10_000
    (town.folder / "film.mp4").write_bytes(content)
    sent = town.done(
        *("message", "send", "--to", "XBM", "--subject", "The film", "--text", "See it."),
        *("--attach", str(town.folder / "film.mp4"), "--dir", "xav", "--json"),
    ).json
    reference, saved = sent["reference"], town.folder / "evidence"
    saved.mkdir()
    fetch = ("message", "fetch", reference, "--to", str(saved), "--dir", "xbm")
    assert "key" not in sent["files"][0]
    assert until(lambda: town.type(*fetch).code == 0)
    assert (saved / "film.mp4").read_bytes() == content
    again = town.type(*fetch)
    assert (again.code, "film.mp4" in again.err) == (1, True)
    nothing = town.type(*fetch, "--file", "other.mp4")
    assert (nothing.code, "no such file" in nothing.err) == (1, True)
    missing = town.type(
        "message", "send", "--to", "XBM", "--subject", "x", "--attach", "gone", "--dir", "xav"
    )
    assert missing.code == 1


def test_records_are_kept_current_as_the_page_says(town: Town) -> None:
    keeping_current.type_the_page(town)


def test_a_firearm_is_traced_from_the_command_line(town: Town) -> None:
    pistol = ("trace", "request", "--serial", "K18204417", "--make", "Sablewerk", "--dir", "xbm")
    refused = town.type(*pistol)
    assert (refused.code, "hint: Compare the marks again" in refused.err) == (1, True)
    asked = town.done(*pistol, "--unlisted", "A village maker.", "--to", "XAV", "--json").json["trace"]
    name = asked["trace"]
    assert (asked["state"], asked["steps"][0]["country"]) == ("awaiting", "XAV")
    assert until(lambda: name in town.done("trace", "list", "--open", "--ids", "--dir", "xav").out)
    shown = town.done("trace", "show", name[:9], "--dir", "xav").out
    assert "Sablewerk, serial K18204417" in shown
    unsaid = town.type("trace", "answer", name, "--finding", "sold", "--text", "In the book.", "--dir", "xav")
    assert (unsaid.code, "field: party" in unsaid.err) == (1, True)
    answered = town.done(
        *("trace", "answer", name, "--finding", "sold", "--party", "Harbour Arms", "--dated", "2019-05"),
        *("--text", "In the book of 2019.", "--dir", "xav"),
    ).out
    assert "Sold in XAV: Harbour Arms, 2019-05. In the book of 2019." in answered
    assert until(lambda: "found" in town.done("trace", "list", "--dir", "xbm").out)
    found = town.done("trace", "show", name, "--dir", "xbm").out
    assert re.search(r"^last known +XAV Harbour Arms$", found, re.MULTILINE)
    over = town.type("trace", "withdraw", name, "--reason", "Solved.", "--dir", "xbm")
    assert (over.code, "This trace has ended: found." in over.err) == (1, True)


def test_a_trace_goes_on_and_is_withdrawn_from_the_command_line(town: Town) -> None:
    rifle = ("--serial", "7", "--make", "Sablewerk", "--unlisted", "A village maker.", "--to", "XAV")
    name = town.done("trace", "request", *rifle, "--approve", "--dir", "xbm", "--json").json["trace"]["trace"]
    assert until(lambda: name in town.done("trace", "list", "--open", "--ids", "--dir", "xav").out)
    town.done("trace", "answer", name, "--finding", "more-marks", "--text", "Which proof?", "--dir", "xav")
    assert until(lambda: "answered" in town.done("trace", "show", name, "--dir", "xbm").out)
    town.done("trace", "next", name, "--marks", "Crown over N", "--dir", "xbm")
    assert until(lambda: "Crown over N" in town.done("trace", "show", name, "--dir", "xav").out)
    home = ("--finding", "exported", "--country", "XBM", "--text", "Shipped in 2020.")
    town.done("trace", "answer", name, *home, "--dir", "xav")
    asks_home = re.compile(r"^may be asked next +XBM$", re.MULTILINE)
    assert until(lambda: asks_home.search(town.done("trace", "show", name, "--dir", "xbm").out))
    both = town.type("trace", "next", name, "--to", "XBM", "--marks", "x", "--dir", "xbm")
    assert both.code == 2
    assert "awaiting" in town.done("trace", "next", name, "--dir", "xbm").out
    gone = town.done("trace", "withdraw", name, "--reason", "Solved by other means.", "--dir", "xbm").out
    assert "Withdrawn: Solved by other means." in gone


def test_officers_are_kept_by_the_running_node(town: Town) -> None:
    town.done("officer", "add", "anna", "--role", "desk", "--dir", "xav")
    token = town.done("officer", "token", "anna", "--dir", "xav").out.strip()
    assert town.done("search", "nobody", "--dir", "xav", "--token", token).out == ""
    refused = town.type("audit", "list", "--dir", "xav", "--token", token)
    assert (refused.code, "administrator or overseer" in refused.err) == (1, True)
    town.done("officer", "remove", "anna", "--dir", "xav")
    assert town.type("search", "nobody", "--dir", "xav", "--token", token).code == 1


def test_emergency_accesses_are_listed_ended_and_reviewed_by_the_running_node(town: Town) -> None:
    """Opened in the folder here, since opening one needs a person at the console."""
    assert town.done("emergency", "list", "--dir", "xav").err == "There is no emergency access.\n"
    unknown = town.type("emergency", "end", "1", "--dir", "xav")
    assert (unknown.code, unknown.err.splitlines()[0]) == (1, "error: There is no such emergency access.")
    with closing(sqlite3.connect(town.folder / "xav" / "node.sqlite", timeout=30)) as db, db:
        db.execute(
            "INSERT INTO office_sessions VALUES (x'aa', 'anna', 'passkey', 1, 9000000000000, 9000000000000)"
        )
        db.execute(
            "INSERT INTO office_emergencies VALUES"
            " (1, 'anna', x'aa', 'ballistics', '', 'A shot.', 1, 9000000000000, '', '', '', '', 0)"
        )
    assert "open" in town.done("emergency", "list", "--dir", "xav").out
    verdict = ("--verdict", "justified", "--text", "It was one.", "--dir", "xav")
    assert "hint: End it first." in town.type("emergency", "review", "1", *verdict).err
    assert town.done("emergency", "end", "1", "--dir", "xav").err == "Emergency access 1 has ended.\n"
    assert town.done("emergency", "review", "1", *verdict, "--json").out
    (kept,) = json.loads(town.done("emergency", "list", "--dir", "xav", "--json").out)
    assert (kept["verdict"], kept["review"], kept["open"]) == ("justified", "It was one.", False)


def test_files_are_attached_one_by_one_and_beside_rows_and_saved_at_another_member(town: Town) -> None:
    front, back, deed = exhibits.png(filling=b"front"), exhibits.png(filling=b"back"), exhibits.PDF
    (town.folder / "pictures").mkdir()
    for name, content in (("front.png", front), ("back view.png", back), ("deed.pdf", deed)):
        (town.folder / "pictures" / name).write_bytes(content)
    reference = town.done("file", "add", "pictures/front.png", "--dir", "xav").out.strip()
    assert reference == exhibits.attachment(front).text()
    fields = ("source_ref=E-1", "title=Seal", f"front={reference}")
    record = town.done("record", "enter", "exhibits", *fields, "--dir", "xav").out.strip()
    saving = ("record", "file", record, reference.partition("sha256=")[2][:64], "--dir", "xbm")
    assert until(lambda: town.type(*saving, "--out", "front.png").code == 0)
    assert (town.folder / "front.png").read_bytes() == front
    assert "There is a file front.png already." in town.type(*saving, "--out", "front.png").err

    rows = "source_ref;title;views;papers\nE-2;Seal;file:front.png | file:back view.png;file:deed.pdf\n"
    (town.folder / "exhibits.csv").write_text(rows, encoding="utf-8")
    entering = ("import", "exhibits.csv", "--register", "exhibits", "--dir", "xav", "--json")
    assert town.type(*entering).json["bad"] == 1
    assert town.done(*entering, "--files", "pictures").json["accepted"] == 1
    assert town.done(*entering, "--files", "pictures").json["unchanged"] == 1
    other = exhibits.identity("XAV", "E-2").hex()
    assert until(lambda: town.type("record", "show", other, "--dir", "xbm").code == 0)
    shown = town.done("record", "show", other, "--dir", "xbm", "--json").json["fields"]
    assert shown["views"] == [
        exhibits.attachment(front).text(),
        exhibits.attachment(back, name="back view.png").text(),
    ]
    assert shown["papers"] == [exhibits.attachment(deed, "application/pdf", "deed.pdf").text()]


def test_a_file_that_the_node_refuses_at_once_is_refused_with_its_reason(town: Town) -> None:
    large = town.folder / "large.csv"
    large.write_text("x" * 8_000_000, encoding="utf-8")
    unknown = town.type("import", "large.csv", "--register", "cattle", "--dir", "xav")
    assert (unknown.code, "There is no register 'cattle'." in unknown.err) == (1, True)
    header = town.type("import", "large.csv", "--register", "travel-documents", "--dir", "xav")
    assert header.code == 1
    assert header.err.startswith("error: ")


def test_an_interrupted_import_goes_on_by_itself(town: Town) -> None:
    rows = "".join(f"B-{n},BK{n:06d},XBM,passport,lost\n" for n in range(10_000))
    header = ROWS.split("\n", 1)[0]
    (town.folder / "many.csv").write_text(f"{header}\n{rows}", encoding="utf-8")

    def going() -> list[dict[str, str]]:
        found = town.done("imports", "--dir", "xbm", "--json").json
        return [one for one in found if one["state"] in {"checking", "running"}]

    watching = town.spawn("import", "many.csv", "--register", "travel-documents", "--dir", "xbm")
    (begun,) = until(going)
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=20)
    assert watching.returncode == 130
    assert f"The import goes on. Follow it: allpoints import --follow {begun['id']} --dir xbm" in said
    ended = town.done("import", "--follow", begun["id"], "--dir", "xbm", "--json").json
    assert (ended["state"], ended["accepted"], ended["waiting"]) == ("done", 10_000, 0)


def test_a_node_stops_gracefully_is_rebuilt_and_verified(town: Town) -> None:
    beside = town.done("verify", "--dir", "xav")
    assert beside.out.startswith("ledger: sound")
    busy = town.type("rebuild", "--dir", "xav")
    assert (busy.code, "is in use by another process" in busy.err) == (1, True)

    assert town.stop("xav") == 0
    assert '"event": "stopped"' in town.log("xav")
    assert town.type("status", "--dir", "xav").code == 3
    before = _state(town.folder / "xav")
    assert before["state_records"] > 2
    town.done("rebuild", "--dir", "xav")
    assert _state(town.folder / "xav") == before
    town.serve("xav")
    found = town.done("search", "--number", "L898902C3", "--issuer", "XAV", "--dir", "xav", "--json").json
    assert [one["ref"] for one in found["results"]] == ["A-1"]


def test_a_killed_node_comes_back_with_all_it_acknowledged(town: Town) -> None:
    assert town.stop("xbm", signal.SIGKILL) == -signal.SIGKILL
    alone = town.type("check", "--number", "L898902C3", "--issuer", "XAV", "--dir", "airport", "--json")
    assert alone.json["source"] == "extract"
    town.serve("xbm")
    assert "sound" in town.done("verify", "--dir", "xbm").out
    assert until(lambda: town.done("status", "--dir", "airport", "--json").json["health"]["waiting"] == 0)


def test_a_bureau_rotates_its_keys_and_the_network_goes_on(town: Town) -> None:
    (held,) = (town.folder / "xav").glob("next-keys-*.cbor")
    rotating = ("keys", "rotate", "--next", str(held), "--dir", "xav")
    busy = town.type(*rotating)
    assert (busy.code, "is in use by another process" in busy.err) == (1, True)
    before = town.done("keys", "show", "--dir", "xav", "--json").json
    assert town.stop("xav") == 0
    rotated = town.done(*rotating, "--json").json
    again = town.type(*rotating)
    assert (again.code, "not in this node's copy" in again.err) == (1, True)
    after = town.done("keys", "show", "--dir", "xav", "--json").json
    assert before["signs_with"] != after["signs_with"] == rotated["signs_with"]
    town.serve("xav")
    asking = ("ledger", "export", "seen", "--contents", "--dir", "xbm")

    def signers() -> int:
        town.done(*asking)
        return (town.folder / "seen" / "authors.txt").read_text().count("XAV ")

    assert until(lambda: signers() == 2)
    for node in ("xav", "xbm", "xsc"):
        assert "sound" in town.done("verify", "--dir", node).out


def test_a_proof_holds_without_any_node_and_an_export_without_the_program(town: Town) -> None:
    """The key from the secretariat's copy and from a member's are one; the proof is checked where there is no node."""
    key = town.done("ledger", "key", "--dir", "xav").out.strip()
    assert key == town.done("ledger", "key", "--dir", "xsc").out.strip()
    policy = town.folder / "policy.txt"
    policy.write_text(f"log {key}\nquorum none\n")
    made = town.done(
        "ledger", "prove", "3", "--dir", "xbm", "--out", "3.tlog-proof", "--entry", "3.entry", "--json"
    )
    checking = ("verify", "3.tlog-proof", "--policy", "policy.txt", "--dir", "nowhere")
    told = town.done(*checking, "--entry", "3.entry", "--json").json
    assert (told["entry"], told["author"], told["bytes"]) == (3, made.json["author"], True)
    trusting = town.done("verify", "3.tlog-proof", "--dir", "xav")
    assert "the log key in this node's own copy of the ledger" in trusting.out
    assert "No policy was given" in trusting.err
    wrong = town.type(*checking, "--entry", "policy.txt")
    assert (wrong.code, "not the bytes" in wrong.err) == (1, True)
    assert town.type("verify", "--policy", "policy.txt", "--dir", "xav").code == 1
    town.done("ledger", "export", "mirror", "--contents", "--dir", "xav")
    again = town.done("ledger", "export", "mirror", "--contents", "--dir", "xav", "--json").json
    assert again["written"] == 1
    program = Path(__file__).parents[2] / "tools" / "verify.py"
    mirror = town.folder / "mirror"
    line = [
        str(one)
        for one in (
            sys.executable,
            "-I",
            program,
            mirror,
            "--policy",
            policy,
            "--authors",
            mirror / "authors.txt",
        )
    ]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "signed by the relay" in done.stdout
    naming_witnesses.check_a_proof_with_the_named_policy(town)


def test_a_changed_entry_is_named(town: Town) -> None:
    assert town.stop("xsc") == 0
    assert "relay's ledger: sound" in town.done("verify", "--dir", "xsc").out
    with closing(sqlite3.connect(town.folder / "xsc" / "node.sqlite")) as db, db:
        (data,) = db.execute("SELECT bytes FROM ledger_entries WHERE seq = 2").fetchone()
        changed = bytes([*data[:-1], data[-1] ^ 1])
        db.execute("UPDATE ledger_entries SET bytes = ? WHERE seq = 2", (changed,))
    found = town.type("verify", "--dir", "xsc")
    assert found.code == 1
    assert "ledger: NOT SOUND at entry 2:" in found.out
    assert "relay's ledger: sound" in found.out


def test_logs_name_no_traveller_and_no_document(town: Town) -> None:
    for node in ("xsc", "xav", "xbm", "airport"):
        log = town.log(node)
        assert '"event": "started"' in log
        for personal in ("L898902C3", "ERIKSSON", "Keep the document"):
            assert personal not in log


def _state(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "node.sqlite")) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if name.startswith("state_")
        ]
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
