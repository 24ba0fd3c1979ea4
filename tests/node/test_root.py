"""The root in a whole network: a secretariat that writes what the holders did not approve is believed by nobody."""

import msgspec
import pytest
from tests.node.federation import Federation
from tests.node.samples import (
    ANNA,
    CENTRE,
    NOW_MS,
    RELAY,
    TERM_DAYS,
    approved,
    certificate,
    holder_key,
    keys,
    root,
)

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import ADMISSION, approve
from allpoints.identity.holder_key import HolderKey
from allpoints.identity.joining import make_join_request
from allpoints.identity.root import Root, RootHolder
from allpoints.node import frames, membership

GHOST = "XDV"


def own_root(secretariat: HolderKey) -> Root:
    """A root as a hostile secretariat makes it for itself, with the network's name and its own keys."""
    services = (keys(CENTRE)[0].public, keys(RELAY)[0].public)
    holder = RootHolder("Ines", secretariat.public)
    return Root.draft(root().network, 1, 1, [holder], services).signed(secretariat)


def forged(secretariat: HolderKey) -> bytes:
    data = certificate(GHOST, "bureau").to_bytes()
    approval = approve(own_root(secretariat), secretariat, ADMISSION, data, NOW_MS + DAY)
    return frames.pack(membership.Admitting(data, [approval.to_bytes()]))


def write(federation: Federation, body: bytes) -> None:
    centre = federation.centre
    centre.do(lambda: centre.outbox.write_clear(membership.ADMITTED, body))
    federation.pump()


def refused(federation: Federation, name: str) -> list[str]:
    return [row[0] for row in federation.bureau(name).db.execute("SELECT code FROM state_refused")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (forged(HolderKey.generate()), "APPROVAL-HOLDER"),
        (
            frames.pack(membership.Admitting(certificate(GHOST, "bureau").to_bytes())),
            "APPROVALS-MISSING",
        ),
    ],
    ids=["approved by itself", "approved by nobody"],
)
def test_a_relay_refuses_an_admission_that_the_holders_did_not_approve(
    two: Federation, body: bytes, code: str
) -> None:
    write(two, body)
    assert two.relay.refusals[code] == 1
    assert two.centre.outbox.blocked()[0][0] == code
    assert two.relay.directory.certificate(GHOST) is None


def test_every_node_ignores_a_forged_admission_of_a_hostile_secretariat_and_its_relay(
    three: Federation,
) -> None:
    secretariat = HolderKey.generate()
    for directory in (three.relay.directory, three.centre.following.directory):
        directory.root = own_root(secretariat)
    write(three, forged(secretariat))
    assert three.relay.directory.certificate(GHOST) is not None
    held = three.relay.size
    for name in ("XAV", "XBM", "XCS"):
        node = three.bureau(name)
        assert node.following.size == held
        assert node.following.directory.certificate(GHOST) is None
        assert refused(three, name) == ["APPROVAL-HOLDER"]
        three.restart(name)
        assert three.bureau(name).following.directory.certificate(GHOST) is None
    for directory in (three.relay.directory, three.centre.following.directory):
        directory.root = root()
    write(three, approved(certificate("XEL", "bureau")))
    for name in ("XAV", "XBM", "XCS"):
        assert three.bureau(name).following.directory.certificate("XEL") == certificate("XEL", "bureau")


def test_an_approval_that_ended_before_it_was_used_admits_nobody(two: Federation) -> None:
    now = two.clock.now()
    for name, expires_ms in ((GHOST, now + 1), ("XEL", now)):
        data = certificate(name, "bureau").to_bytes()
        given = approve(root(), holder_key(), ADMISSION, data, expires_ms).to_bytes()
        write(two, frames.pack(membership.Admitting(data, [given])))
    assert two.relay.directory.certificate(GHOST) is not None
    assert two.relay.directory.certificate("XEL") is None
    assert two.centre.outbox.blocked()[0][0] == "APPROVAL-EXPIRED"


def test_a_secretariat_without_a_holders_key_admits_with_the_approvals_it_is_given(two: Federation) -> None:
    centre = two.centre
    centre.network.me = msgspec.structs.replace(centre.network.me, holder=None)
    own = certificate(GHOST, "bureau")
    request = make_join_request(own.holder, keys(GHOST)[0], two.clock.now(), own).write()
    approval = approve(root(), holder_key(), ADMISSION, own.to_bytes(), two.clock.now() + DAY).to_bytes()

    def admit(approvals: list[bytes]) -> None:
        centre.do(lambda: centre.network.admit_member(ANNA, request, "http://a", approvals))
        two.pump()

    with pytest.raises(Refusal) as caught:
        admit([])
    assert caught.value.code == "APPROVALS-NEEDED"
    assert centre.outbox.waiting() == 0
    admit([approval])
    for name in (CENTRE, "XAV", "XBM"):
        assert two.bureau(name).following.directory.certificate(GHOST) == own


def test_a_renewed_certificate_of_a_member_needs_no_approval(two: Federation) -> None:
    renewed = certificate("XAV", "bureau", days=TERM_DAYS + 200)
    write(two, frames.pack(membership.Admitting(renewed.to_bytes())))
    assert two.bureau("XBM").following.directory.certificate("XAV") == renewed
