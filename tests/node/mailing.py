"""Letters between the nodes of a federation, and what became of them."""

from collections.abc import Callable

from tests.node.federation import Federation
from tests.node.samples import ANNA, RELAY
from tests.node.surroundings import Sent

from allpoints.ground.clock import DAY
from allpoints.messages import own_keys
from allpoints.messages import store as letters
from allpoints.messages.letter import Draft
from allpoints.node import frames
from allpoints.node.bureau import Bureau
from allpoints.sealing.envelope import open_header
from allpoints.sealing.header import Header


def write(federation: Federation, subject: str = "Hello", sender: str = "XAV", to: str = "XBM") -> str:
    node = federation.bureau(sender)
    return str(node.do(lambda: node.letters.send(ANNA, Draft((to,), subject, "text"))).reference)


def subjects(federation: Federation, name: str = "XBM") -> list[str]:
    node = federation.bureau(name)
    return sorted(view.letter.subject for view in letters.list_letters(node.db, node.me.storage_key, "inbox"))


def warned(federation: Federation, name: str) -> list[str]:
    return [alert.title for alert in federation.bureau(name).alerts.recent() if alert.link == "/en/messages"]


def seeds(node: Bureau) -> set[bytes]:
    found = {node.mail.keys.file.read(place) for place in own_keys.live(node.db)}
    return {seed for seed in found if seed is not None}


def mail_to(federation: Federation, name: str) -> list[bytes]:
    """Every envelope that the relay handed to a node."""
    told = [one.frame for one in federation.wire.seen if (one.sender, one.to) == (RELAY, name)]
    return [envelope for frame in told if isinstance(frame, frames.Mail) for envelope in frame.envelopes]


def bundle_of(federation: Federation, name: str) -> bytes:
    published = own_keys.published(federation.bureau(name).db)
    assert published is not None
    return published.bundle


def pass_days(federation: Federation, days: int) -> None:
    for _ in range(days):
        federation.tick(DAY)
        federation.tick()


def headers(federation: Federation, name: str) -> list[Header]:
    return [open_header(one) for one in mail_to(federation, name)]


def tell(federation: Federation, frame: frames.Frame, to: str = "XAV") -> dict[str, int]:
    node = federation.bureau(to)
    node.refusals.clear()
    federation.tell(RELAY, to, frame)
    return dict(node.refusals)


def lose_keys(federation: Federation, name: str = "XBM") -> None:
    """A node is restored on another machine, where the file of its seeds is not."""
    node = federation.bureau(name)
    node.mail.keys.file.erase(own_keys.live(node.db))


def drop(federation: Federation, wanted: Callable[[], bool]) -> int:
    """Pump, while a hub takes mail of XAV out of what it hands to XBM; gives how many it took."""
    taken = 0
    while federation.wire.queue:
        one = federation.wire.queue.popleft()
        if (one.sender, one.to) == (RELAY, "XBM") and isinstance(one.frame, frames.Mail):
            kept_numbers: list[int] = []
            kept_mail: list[bytes] = []
            for number, envelope in zip(one.frame.numbers, one.frame.envelopes, strict=True):
                if open_header(envelope).sender == "XAV" and wanted():
                    taken += 1
                    federation.tell("XBM", RELAY, frames.Took([number]))
                    continue
                kept_numbers.append(number)
                kept_mail.append(envelope)
            one = Sent(RELAY, "XBM", frames.encode(frames.Mail(kept_numbers, kept_mail)))
        federation.hand_over(one)
    return taken
