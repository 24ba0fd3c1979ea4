"""A whole node in one process: its engines with their drivers and lines, started and stopped together."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from allpoints.ground.clock import HOUR, Clock, SystemClock, monotonic_ms
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import Certificate, check
from allpoints.identity.officers import Asker
from allpoints.node import (
    dialling,
    founding,
    frames,
    lines,
    membership,
    quota_settings,
    reach,
    setting_up,
    tls,
    watch_settings,
)
from allpoints.node.bureau import Bureau
from allpoints.node.check_sharing import CheckSharing
from allpoints.node.credentials import Credentials
from allpoints.node.driver import Driver
from allpoints.node.lines import Lines, Socket
from allpoints.node.post import Post
from allpoints.node.quotas import MIB, Quotas
from allpoints.node.reach import ReachView
from allpoints.node.relay import Relay
from allpoints.node.settings import Settings
from allpoints.node.tls_session import Secured
from allpoints.node.tls_settings import KNOWN, MUTUAL
from allpoints.node.upper import Upper
from allpoints.registers.import_job import ImportJob
from allpoints.sealing.line import Peer
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.policy_set import load_policies
from allpoints.vocabulary.register import Vocabulary

POST_TICK_SECONDS = 0.1
"""A post looks often whether its bureau let a traveller wait too long."""
IMPORT_REST_SECONDS = 0.05

T = TypeVar("T")
log = structlog.get_logger("host")


class Host:
    """One node as a process runs it. ``office`` is its bureau (or the secretariat's desk) or its post."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        policies = load_policies(settings.policy_folders, widening=settings.flag("policies.widening"))
        self.vocabulary: Vocabulary = load(settings.vocabulary_folders, policies)
        self.me: Credentials = setting_up.credentials(settings)
        self.lines = self._lines()
        self.started_ms = self.clock.now()
        self.bureau: Bureau | None = None
        self.sharing: CheckSharing | None = None
        self.post: Post | None = None
        self.relay: Relay | None = None
        self._relay_driver: Driver | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        disk = FolderDisk(settings.folder)
        if settings.role == "post":
            self.post = Post(disk, self.clock, self.lines, self.me, self.vocabulary)
            self.driver = Driver(self.post, self.post, POST_TICK_SECONDS)
        else:
            self.bureau = Bureau(disk, self.clock, self.lines, self.me, self.vocabulary)
            self.bureau.orders.publish_ms = settings.number("trust.publish_hours") * HOUR
            self.bureau.orders.act_ms = settings.number("trust.act_hours") * HOUR
            self.bureau.audit.oversight.kept_days = settings.number("audit.kept_days")
            self.bureau.audit.watch.dials = watch_settings.dials(settings)
            self.sharing = CheckSharing(self.bureau, monotonic_ms)
            self.driver = Driver(self.bureau, self.bureau)
        self.driver.peer_limit_bytes = settings.number("lines.waiting_mebibytes") * MIB
        if self.bureau is not None:
            self.bureau.network.on_withdrawn = self.lines.drop
        if settings.role == "secretariat":
            self._add_relay()
        self.door = self._door() if settings.serves_tls else None

    def _door(self) -> tls.Door:
        """Where callers over TLS come in: as the node that lines are for."""
        settings, me = self.settings, self.me if self.relay is None else self.relay.me
        name = settings.text("web.certificate")
        files = (settings.folder / name, settings.folder / settings.text("web.key")) if name else None
        return tls.Door(
            tls.Identity(me.certificate, me.signing, self.clock),
            self._admit_tls,
            files,
            known_only=settings.text("tls.clients") == KNOWN,
        )

    def _lines(self) -> Lines:
        return Lines(Quotas(self.clock, quota_settings.line_limits(self.settings)))

    def _add_relay(self) -> None:
        """The relay lives in the secretariat's process, with a folder, a database and keys of its own."""
        credentials = setting_up.relay_credentials(self.settings, self.me)
        self.relay_lines = self._lines()
        self.relay = Relay(
            FolderDisk(self.settings.folder / founding.RELAY_FOLDER),
            self.clock,
            self.relay_lines,
            credentials,
        )
        self.relay.on_key_ended = self.relay_lines.drop
        self._relay_driver = Driver(self.relay, self.relay)
        self._relay_driver.peer_limit_bytes = self.driver.peer_limit_bytes
        relay, desk = credentials.name, self.me.name
        self.lines.join_local(relay, lambda data: self._required_relay().frame(desk, data))
        self.relay_lines.join_local(desk, lambda data: self.driver.frame(relay, data))

    def _required_relay(self) -> Driver:
        if self._relay_driver is None:
            raise Refusal("NO-RELAY", "This node is no relay.", status=404)
        return self._relay_driver

    @property
    def office(self) -> Bureau | Post:
        office = self.bureau or self.post
        if office is None:
            raise Refusal("NO-OFFICE", "This node has no office.", status=503)
        return office

    @property
    def refusals(self) -> Counter[str]:
        """Callers and frames that no line let in, by code."""
        own = self.relay_lines.refusals if self.relay is not None else Counter()
        return self.lines.refusals + own

    @property
    def slowed(self) -> int:
        """How often a line was not read for a while, since its peer was over its quota."""
        return self.lines.slowed + (self.relay_lines.slowed if self.relay is not None else 0)

    def desk(self) -> Bureau:
        """The bureau or the secretariat's desk; a post has none."""
        if self.bureau is None:
            raise Refusal("NOT-AT-POST", "This is done at a bureau, not at a post.", status=404)
        return self.bureau

    async def do(self, work: Callable[[], T]) -> T:
        """Run an officer's act in the office's engine; returns once what it rests on is on disk."""
        return await self.driver.do(work)

    async def reach(self, asker: Asker, member: str) -> ReachView:
        """Whom the newest measure against a member has reached; the secretariat alone hears all members."""
        desk, relay = self.desk(), self.relay
        if relay is None:
            raise Refusal("NOT-SECRETARIAT", "Whom an order reached is known to the secretariat.", status=403)
        place, sentence = await self.do(lambda: desk.orders.newest(asker, member))
        codes = [one.code for one in desk.following.directory.members()]
        heard = await self._required_relay().do(lambda: reach.all_(relay.db))
        rows = []
        for code in codes:
            seq, heard_ms = heard.get(code, reach.Reached(0, 0))
            connected = code in relay.followers
            rows.append(reach.MemberReach(code, seq >= place, seq, heard_ms, connected))
        return ReachView(member, place, relay.size, sentence, rows)

    async def start(self) -> None:
        """Start drivers, lines and imports; the first start of a secretariat founds its network."""
        self._begin(self.driver.run())
        if self._relay_driver is not None:
            self._begin(self._relay_driver.run())
            self.driver.line_up(self._required_relay().engine.me.name)  # type: ignore[attr-defined]
            await self.do(self._found)
        else:
            vouching = self.settings.text("tls.upper")
            desk = self.bureau
            upper = Upper(self.me, None if desk is None else lambda: desk.following.directory)
            self._begin(dialling.dial_for_ever(upper, self.clock, self.lines, self.driver, vouching))
        if self.bureau is not None:
            self._begin(self._import_for_ever(self.bureau))
        if self.sharing is not None:
            shared = self.settings.number("checks.workers") > 0
            await self.sharing.start(self.do, self._begin, shared=shared)
        log.info("started", node=self.me.name, role=self.me.role)

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("a part of the node stopped", error=repr(error))
            asyncio.get_running_loop().call_soon(self.fail, error)

    def fail(self, error: BaseException) -> None:
        """A part stopped that must not: the process ends, so that whoever supervises it starts it again."""
        raise SystemExit(f"The node stopped: {error!r}")

    def _found(self) -> None:
        """Write the network's first entry, once."""
        desk = self.desk()
        upper = self.me.upper
        if upper is None or desk.outbox.has_written():
            return
        log = "" if self.me.log is None else self.me.log.vkey(self.me.network).text()
        founding = membership.Founding(
            self.me.network, self.me.root.to_bytes(), self.me.certificate.to_bytes(), upper.to_bytes(), log
        )
        desk.outbox.write_clear(membership.FOUNDED, frames.pack(founding))

    async def stop(self) -> None:
        self.lines.stop()
        if self.sharing is not None:
            await self.sharing.stop(self.do)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.office.close()
        if self.relay is not None:
            self.relay.close()
        log.info("stopped", node=self.me.name)

    async def answer_line(self, socket: Socket, secured: Secured | None = None) -> None:
        """A node below dials this one: the relay takes bureaus, a bureau takes its posts.

        ``secured`` says by which TLS it came, if that ends in this process.
        """
        driver, me, own = self.driver, self.me, self.lines
        if self.relay is not None:
            driver, me, own = self._required_relay(), self.relay.me, self.relay_lines
        shown = None if secured is None else secured.peer
        if self.door is not None and shown is None and self.settings.text("tls.lines") == MUTUAL:
            own.refused(
                Refusal("TLS-NO-CERTIFICATE", "A line here needs a certificate of the network in TLS.")
            )
            await socket.close()
            return

        def admit(data: bytes, now_ms: int) -> Peer:
            peer = self._admit(data, now_ms)
            if shown not in {None, peer}:
                raise Refusal(
                    "TLS-OTHER-PEER",
                    f"{peer.name} says hello in a connection that another node made.",
                    status=403,
                )
            return peer

        answered = await lines.answer(own, me, self.clock, admit, socket)
        if answered is not None:
            line, first = answered
            await own.carry(line, socket, driver, first)

    def _admit(self, data: bytes, now_ms: int) -> Peer:
        offered = Certificate.from_bytes(data)
        if self.relay is not None:
            known, issuer_key = membership.may_call(self.relay.directory, offered), offered.verify_key
        else:
            held = self.desk().posts.certificate(offered.subject)
            withdrawn = self.desk().posts.withdrawn.knows(offered)
            known = withdrawn or (held is not None and held.to_bytes() == data)
            issuer_key = self.me.certificate.verify_key
        if not known or offered.role not in {"bureau", "post"}:
            raise Refusal("CALLER-UNKNOWN", f"{offered.subject} is not admitted here.", status=403)
        check(offered, issuer_key, now_ms)
        return Peer(offered.subject, offered.verify_key)

    def _admit_tls(self, data: bytes, now_ms: int) -> Peer:
        """Whoever may have a line, and this node's own commands, which have its keys."""
        offered = Certificate.from_bytes(data)
        if offered.verify_key == self.me.signing.public and offered.subject == self.me.name:
            return Peer(offered.subject, offered.verify_key)
        return self._admit(data, now_ms)

    def refused_tls(self, refusal: Refusal) -> None:
        """Count and log a connection that came to nothing."""
        (self.lines if self.relay is None else self.relay_lines).refused(refusal)

    async def _import_for_ever(self, desk: Bureau) -> None:
        """Go on with whatever import is going, a piece at a time, so that checks and mail are never held up."""
        while True:
            going = desk.imports.going()
            if going:
                await self._import_piece(desk, going[0])
            else:
                await asyncio.sleep(IMPORT_REST_SECONDS)

    async def _import_piece(self, desk: Bureau, job: ImportJob) -> None:
        try:
            chunk = await asyncio.to_thread(desk.imports.read, job)
            await self.do(lambda: desk.imports.commit(job, chunk))
        except Refusal as refusal:
            if refusal.code in {"IMPORT-NOT-GOING", "STALE-CHUNK"}:
                return
            why = refusal
            await self.do(lambda: desk.imports.fail(job, why))
