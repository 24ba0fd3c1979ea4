"""The scenes, in order. Each announces what will happen, lets it happen, and requires that it was seen elsewhere."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from allpoints.cli import output
from demo import world
from demo.network import CASE, PURPOSE, Node, refusal_of, until
from demo.suspending import suspension
from demo.things import other_registers
from demo.witnessing import witnesses

if TYPE_CHECKING:
    from demo.play import Stage

DOCUMENTS = 100_000
SECOND_FILE = 30_000


async def set_up(stage: "Stage") -> None:
    """Keys and folders for six nodes, by the commands that a newcomer would type."""
    account = stage.account
    account.scene(
        "", "The network: one secretariat, three bureaus, two posts, each with its own folder and keys"
    )
    await _found(stage)
    for bureau in stage.bureaus:
        await _take_in(stage.secretariat, bureau, "member", stage.folder)
    for bureau in stage.bureaus:
        bureau.start()
    await asyncio.gather(*(bureau.ready() for bureau in stage.bureaus))
    await stage.cable.mend()
    for post in stage.posts:
        await _take_in(stage.belmora, post, "post", stage.folder)
    _lead_through_cable(stage)
    for post in stage.posts:
        post.start()
    await asyncio.gather(*(post.ready() for post in stage.posts))
    members = await stage.belmora.get("/api/v1/members")
    account.require(len(members) == len(stage.bureaus), "six processes run; every bureau hears the relay")
    await _sign_ins(stage)


async def _found(stage: "Stage") -> None:
    from demo.play import NETWORK

    await asyncio.gather(
        *(
            node.command(
                "init",
                "--role",
                node.role,
                "--name",
                node.name,
                "--label",
                node.label,
                "--port",
                str(node.port),
                *(("--network", NETWORK) if node.role == "secretariat" else ()),
            )
            for node in stage.nodes
        )
    )
    stage.secretariat.start()
    await stage.secretariat.ready()


async def _take_in(upper: Node, node: Node, kind: str, folder: Any) -> None:
    admission = folder / f"admission-{node.folder.name}.json"
    request = node.folder / "join-request.json"
    await upper.command(kind, "admit", str(request), "--out", str(admission))
    await node.command("join", str(admission))


def _lead_through_cable(stage: "Stage") -> None:
    """The harbour's line runs over a cable that this play can cut."""
    settings = stage.harbour.folder / "allpoints.toml"
    text = settings.read_text()
    settings.write_text(text.replace(f":{stage.belmora.port}", f":{stage.cable.port}"))


async def _sign_ins(stage: "Stage") -> None:
    wanted = (
        (stage.secretariat, (("reviewer.one", ["reviewer"]), ("reviewer.two", ["reviewer"]))),
        (stage.secretariat, (("watch", ["command"]),)),
        *((bureau, (("desk", ["desk", "border"]),)) for bureau in stage.bureaus),
        *((post, (("gate", ["border"]),)) for post in stage.posts),
    )
    for node, people in wanted:
        for name, roles in people:
            await node.post("/api/v1/officers", {"name": name, "roles": roles})
            made = await node.post(f"/api/v1/officers/{name}/password")
            node.sign_ins.append((name, made["password"]))
    for name in ("reviewer.one", "reviewer.two"):
        issued = await stage.secretariat.post(f"/api/v1/officers/{name}/token", {"may": []})
        stage.kept[name] = issued["token"]
    stage.account.observed("officers are entered, each with a generated password (shown at the end)")


async def import_documents(stage: "Stage") -> None:
    """a. Arvandia imports its stolen and lost documents; they become checkable in Belmora."""
    account = stage.account
    account.scene("a", f"Arvandia imports {DOCUMENTS:,} stolen and lost travel documents")
    path = stage.folder / "documents-XAV.csv"
    numbers = world.write_documents(path, "XAV", DOCUMENTS)
    stage.kept["numbers"] = numbers
    account.say(f"generated {path} ({path.stat().st_size / 1e6:.1f} MB), kept for you to open")
    began = time.perf_counter()
    job = await stage.arvandia.send_file(path, register="travel-documents")
    done = await _follow(stage, stage.arvandia, job["id"], DOCUMENTS, "import")
    account.require(
        done["accepted"] == DOCUMENTS and done["bad"] == 0,
        f"{done['accepted']:,} accepted and acknowledged by the relay",
        ms=1e3 * (time.perf_counter() - began),
    )
    held = await until(lambda: _holds(stage.belmora, DOCUMENTS), "Belmora to hold the documents")
    seconds = time.perf_counter() - began
    account.require(
        held == DOCUMENTS,
        f"{held:,} checkable in Belmora, {DOCUMENTS / seconds:,.0f} documents a second from file to border",
        ms=1e3 * seconds,
    )
    again = await stage.arvandia.send_file(path, register="travel-documents")
    same = await _follow(stage, stage.arvandia, again["id"], DOCUMENTS, "the same file again")
    account.require(
        same["accepted"] == 0 and same["unchanged"] == DOCUMENTS,
        "the same file a second time changes nothing",
    )


async def _follow(stage: "Stage", node: Node, job: str, total: int, title: str) -> Any:
    with stage.account.bar(title, total) as bar:

        async def ended() -> Any:
            state = await node.get(f"/api/v1/imports/{job}")
            bar.at(state["read"] if state["checked"] else 0)
            return state if state["state"] in {"done", "failed"} and not state["waiting"] else None

        return await until(ended, f"import {job} to end", 120.0, 0.1)


async def _holds(node: Node, least: int, register: str = "travel-documents") -> int:
    status = await node.get("/api/v1/status")
    held = int(status["records"].get(f"{register}:valid", 0))
    return held if held >= least else 0


async def notice(stage: "Stage") -> None:
    """b. Arvandia asks for a red notice; two reviewers examine it; it is published."""
    account = stage.account
    account.scene("b", "Arvandia asks for a red notice on an invented person; two reviewers examine it")
    body = {"kind": "red", "owner_ref": world.NOTICE["source_ref"], "body": world.NOTICE}
    submitted = await stage.arvandia.post("/api/v1/notices", body)
    case = submitted["submission"]
    queue = await until(lambda: _queued(stage, case), "the case to reach the secretariat")
    account.observed(
        f"submitted, signed by Arvandia; the gates ran: {queue['passed']} of {queue['gates']} pass"
    )
    first = await _decide(stage, case, "reviewer.one")
    account.require(first["state"] == "legal_review", "reviewer one examined and found it in order")
    refused = await refusal_of(_decide(stage, case, "reviewer.one"))
    account.require("REVIEW" in refused, "the same reviewer cannot approve a second time")
    second = await _decide(stage, case, "reviewer.two")
    stage.kept["published"] = time.time()
    account.require(second["state"] == "approved", "reviewer two approved: the secretariat publishes")
    found = await until(lambda: _published(stage.belmora), "the notice to reach Belmora")
    took = 1e3 * (time.time() - stage.kept["published"])
    account.observed(f"red notice {found['notice']} is in force in Belmora", ms=took)


async def _queued(stage: "Stage", case: str) -> Any:
    queue = await stage.secretariat.get("/api/v1/review")
    return next((row for row in queue if row["case"] == case), None)


async def _decide(stage: "Stage", case: str, reviewer: str) -> Any:
    detail = await stage.secretariat.get(f"/api/v1/review/{case}")
    weighed = [gate["code"] for gate in detail["checklist"] if gate["result"] == "needs-human"]
    decision = {
        "verdict": "approve",
        "codes": weighed,
        "text": "Facts, law and warrant read; ordinary crime.",
    }
    return await stage.secretariat.post(
        f"/api/v1/review/{case}/decisions", decision, token=stage.kept[reviewer]
    )


async def _published(node: Node) -> Any:
    notices = await node.get("/api/v1/notices", state="in_force")
    return notices[0] if notices else None


async def travellers(stage: "Stage") -> None:
    """c. Four travellers at the airport of Belmora."""
    account = stage.account
    account.scene("c", "Four travellers at Port Belmora airport, one scan each")
    wanted = world.passport("L8988901C", "XAV", "Bellweather", "Tomas Emil", "1979-03-14", sex="M")
    answer, ms = await _scan(stage.airport, wanted)
    since = answer["asked_ms"] - answer["matches"][0]["published_ms"] if answer["matches"] else 0
    account.require(answer["verdict"] == "bearer", f"traveller 1: {answer['headline']}", ms=ms)
    account.say(f"{answer['matches'][0]['caption']}; published {since / 1000:.1f} s before this scan")
    account.say(_moment(answer))
    account.say(f"what to do: {answer['action']}")
    stage.kept["bearer"] = answer
    number = stage.kept["numbers"][4_711]
    stolen = world.passport(number, "XAV", "Ondrasek", "Ilse", "1990-07-02")
    answer, ms = await _scan(stage.airport, stolen)
    account.require(answer["verdict"] == "document", f"traveller 2: {answer['headline']}", ms=ms)
    account.say(_moment(answer))
    clear = world.passport("N1234567X", "UTO", "Marlowe", "Ada", "1985-11-30")
    answer, ms = await _scan(stage.airport, clear)
    account.require(answer["verdict"] == "clear", f"traveller 3: {answer['headline']}", ms=ms)
    account.say(
        f"{_moment(answer)}; looked up in {answer['took_us']} microseconds among {DOCUMENTS:,} documents"
    )
    answer, ms = await _scan(stage.airport, world.misread(stolen))
    account.require(answer["verdict"] == "unreadable", f"traveller 4: {answer['headline']}", ms=ms)
    account.say(_moment(answer))
    account.say(answer["faults"][0]["sentence"])


def _moment(answer: Any) -> str:
    return f"checked {output.at(answer['asked_ms'])}"


async def _scan(post: Node, zone: str) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = await post.post("/api/v1/checks", {"mrz": zone})
    return answer, 1e3 * (time.perf_counter() - began)


async def confirmation(stage: "Stage") -> None:
    """d. The hit reaches its owner, who confirms it; all three parties see the outcome."""
    account = stage.account
    account.scene("d", "The hit reaches Arvandia's desk, which confirms it")
    hit = stage.kept["bearer"]["matches"][0]["hit"]
    began = time.perf_counter()
    at_owner = await until(lambda: _hit(stage.arvandia, hit), "the hit to reach its owner")
    account.observed(
        f"the owner has the hit on its desk ({at_owner['hit']['post']})",
        ms=1e3 * (time.perf_counter() - began),
    )
    await until(lambda: _hit(stage.belmora, hit, "notified"), "the receipt of the owner")
    account.observed("the owner's signed receipt is back in Belmora: notified")
    reason = "Name, birth date and passport agree; the warrant is valid. Extradition will be asked for."
    began = time.perf_counter()
    await stage.arvandia.post(f"/api/v1/hits/{hit}/answer", {"state": "confirmed", "reason": reason})
    for node in (stage.belmora, stage.secretariat):
        await until(lambda node=node: _hit(node, hit, "confirmed"), f"{node.name} to learn the outcome")  # type: ignore[misc]
    account.observed(
        "confirmed: Belmora and the command centre both know", ms=1e3 * (time.perf_counter() - began)
    )


async def _hit(node: Node, hit: str, state: str = "") -> Any:
    hits = await node.get("/api/v1/hits")
    return next((one for one in hits if one["hit"]["hit"] == hit and state in {"", one["state"]}), None)


async def cut_off(stage: "Stage") -> None:
    """e. The harbour's cable is cut; it goes on from its extract, and tells later."""
    account = stage.account
    account.scene("e", "The cable to the lower harbour gate is cut; it goes on from its extract")
    await until(lambda: _carries(stage.harbour, stage.belmora), "the harbour's extract to be complete")
    number = stage.kept["numbers"][815]
    stolen = world.passport(number, "XAV", "Quill", "Janos", "1971-02-28", sex="M")
    answer, ms = await _scan(stage.harbour, stolen)
    account.require(answer["source"] == "live", "before the cut the harbour asks its bureau", ms=ms)
    await stage.cable.cut()
    await until(lambda: _line(stage.harbour, up=False), "the harbour to notice the cut", 30.0)
    number = stage.kept["numbers"][42]
    stolen = world.passport(number, "XAV", "Varga", "Mirela", "1994-05-09")
    answer, ms = await _scan(stage.harbour, stolen)
    account.require(
        answer["source"] == "extract" and answer["verdict"] == "document",
        f"cut off: {answer['headline']}",
        ms=ms,
    )
    age = (answer["asked_ms"] - answer["as_of_ms"]) / 1000
    account.say(f"answered from an extract that is {age:.1f} seconds old, and says so")
    clear, _ = await _scan(stage.harbour, world.passport("N7654321X", "UTO", "Roe", "Iris", "1969-01-17"))
    account.require(
        clear["source"] == "extract" and clear["verdict"] == "clear", "a second traveller is clear"
    )
    waiting = (await stage.harbour.get("/health"))["waiting"]
    account.require(waiting == 2, f"{waiting} checks wait on the device, sealed to the bureau")
    await stage.cable.mend()
    await until(lambda: _told(stage.harbour), "the harbour to tell its checks", 30.0)
    found = await until(lambda: _hit_of(stage.arvandia, answer["check"]), "the hit to reach its owner")
    account.observed(
        f"the line is back: both checks are told, the hit is on Arvandia's desk ({found['state']})"
    )


async def _carries(post: Node, bureau: Node) -> bool:
    held = (await post.get("/health"))["ledger"]
    return bool(held >= DOCUMENTS) and bool((await bureau.get("/health"))["line"])


async def _line(node: Node, *, up: bool) -> bool:
    return bool((await node.get("/health"))["line"]) is up


async def _told(post: Node) -> bool:
    health = await post.get("/health")
    return bool(health["line"]) and not health["waiting"]


async def _hit_of(node: Node, check: str) -> Any:
    hits = await node.get("/api/v1/hits")
    return next((one for one in hits if one["hit"]["check"] == check), None)


async def killed(stage: "Stage") -> None:
    """f. Castrovia is killed in the middle of an import, and restarted."""
    account = stage.account
    account.scene("f", f"Castrovia imports {SECOND_FILE:,} documents and is killed (SIGKILL) in the middle")
    path = stage.folder / "documents-XCS.csv"
    world.write_documents(path, "XCS", SECOND_FILE)
    before = await _holds(stage.belmora, 0)
    job = await stage.castrovia.send_file(path, register="travel-documents", keep_going="true")
    state = await until(
        lambda: _half_way(stage.castrovia, job["id"]), "the import to be half way", every=0.01
    )
    stage.castrovia.kill()
    account.observed(f"killed with {state['accepted']:,} of {SECOND_FILE:,} accepted")
    seen = await _holds(stage.belmora, 0) - before
    began = time.perf_counter()
    stage.castrovia.start()
    await stage.castrovia.ready()
    account.say(f"restarted; Belmora had {seen:,} of them by then")
    done = await _follow(stage, stage.castrovia, job["id"], SECOND_FILE, "import goes on")
    account.require(
        done["state"] == "done" and done["accepted"] == SECOND_FILE,
        f"the import went on by itself: {done['accepted']:,} accepted",
        ms=1e3 * (time.perf_counter() - began),
    )
    held = await until(lambda: _holds(stage.belmora, before + SECOND_FILE), "Belmora to hold all of them")
    account.require(held == before + SECOND_FILE, f"Belmora holds exactly {held:,}: none lost, none doubled")
    reports = json.loads(await stage.castrovia.command("verify", "--json"))
    account.require(
        len(reports) > 1 and all(report["fault"] is None for report in reports),
        f"allpoints verify: {reports[0]['entries']} entries, every signature and every audit line holds",
    )


async def _half_way(node: Node, job: str) -> Any:
    state = await node.get(f"/api/v1/imports/{job}")
    return state if state["accepted"] >= SECOND_FILE // 3 or state["state"] == "done" else None


async def late_hit(stage: "Stage") -> None:
    """A record that comes after the check finds it."""
    account = stage.account
    account.scene(
        "g", "A passport is reported stolen after its bearer has passed: the earlier check is found"
    )
    zone = world.passport("K5550123", "XAV", "Imrie", "Noor", "1988-12-01")
    answer, _ = await _scan(stage.airport, zone)
    account.require(answer["verdict"] == "clear", "the traveller passes: nothing is on record")
    record = {
        "source_ref": "XAV-LATE-1",
        "document_number": "K5550123",
        "issuer": "XAV",
        "document_type": "passport",
        "fraud": "stolen",
    }
    began = time.perf_counter()
    await stage.arvandia.post("/api/v1/registers/travel-documents/records", record)
    found = await until(lambda: _hit_of(stage.belmora, answer["check"]), "the late hit")
    account.require(
        found["hit"]["late"],
        "Belmora raises a late hit for that very check",
        ms=1e3 * (time.perf_counter() - began),
    )


async def letter(stage: "Stage") -> None:
    """An officer writes; the relay carries what it cannot read."""
    account = stage.account
    account.scene("h", "An officer of Belmora writes to Arvandia; the relay cannot read it")
    canary = "the lighthouse keeper knows the way"
    draft = {"to": ["XAV"], "subject": "Bellweather", "text": canary, "priority": "urgent"}
    sent = await stage.belmora.post("/api/v1/messages", draft)
    arrived = await until(lambda: _inbox(stage.arvandia), "the message to arrive")
    opened = await stage.arvandia.get(f"/api/v1/messages/{arrived['reference']}")
    account.require(opened["letter"]["text"] == canary, "Arvandia reads it")
    await until(lambda: _receipt(stage.belmora, sent["reference"], "read"), "the receipt that it was read")
    account.observed("Belmora has three signed receipts: relayed, delivered, read")
    relay = stage.secretariat.folder / "relay"
    clear = [path for path in relay.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]
    account.require(not clear, "not a word of it is on the relay's disk")


async def _inbox(node: Node) -> Any:
    letters = await node.get("/api/v1/messages", folder="inbox")
    return letters[0] if letters else None


async def _receipt(node: Node, reference: str, kind: str) -> bool:
    letter = await node.get(f"/api/v1/messages/{reference}")
    return any(receipt["kind"] == kind for receipt in letter["receipts"])


Scene = Callable[["Stage"], Awaitable[None]]
ALL: tuple[Scene, ...] = (
    set_up,
    import_documents,
    notice,
    travellers,
    confirmation,
    cut_off,
    killed,
    late_hit,
    letter,
    other_registers,
    suspension,
    witnesses,
)
__all__ = ["ALL", "CASE", "PURPOSE"]
