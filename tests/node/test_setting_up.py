"""How a node comes to be: init, join and admission for all three roles, in folders of their own."""

import stat
from pathlib import Path

import pytest
from tests.node.samples import ANNA, vocabulary
from tests.node.surroundings import Clock, Wire

from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity.joining import JoinRequest, read_join_request
from allpoints.identity.keystore import KeyStore
from allpoints.node import setting_up
from allpoints.node import settings as node_settings
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.founding import Wish
from allpoints.node.setting_up import init, join

ADDRESS = "http://127.0.0.1:8470"
SECRETARIAT = Wish("secretariat", "XSC", "General Secretariat", "test.allpoints", "127.0.0.1", 8470)
BUREAU = Wish("bureau", "XBM", "Bureau of Belmora", "", "127.0.0.1", 8471)
POST = Wish("post", "XBM/post-1", "Airport", "", "127.0.0.1", 8472)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def who(folder: Path) -> Credentials:
    return setting_up.credentials(node_settings.load(folder, {}))


def request_of(folder: Path) -> JoinRequest:
    return read_join_request((folder / setting_up.REQUEST_FILE).read_text(encoding="utf-8"))


def admitted_bureau(tmp_path: Path, clock: Clock) -> Credentials:
    init(tmp_path / "centre", SECRETARIAT, clock)
    init(tmp_path / "bureau", BUREAU, clock)
    admission = setting_up.admission_for_bureau(
        who(tmp_path / "centre"), request_of(tmp_path / "bureau"), ADDRESS
    )
    join(tmp_path / "bureau", admission.write(), clock)
    return who(tmp_path / "bureau")


def test_a_secretariat_is_founded_with_a_relay_that_has_keys_of_its_own(tmp_path: Path, clock: Clock) -> None:
    assert init(tmp_path, SECRETARIAT, clock) is None
    me = who(tmp_path)
    assert (me.name, me.role, me.network, me.is_secretariat) == ("XSC", "secretariat", "test.allpoints", True)
    relay = setting_up.relay_credentials(node_settings.load(tmp_path, {}), me)
    assert (relay.name, relay.role, relay.upper) == ("XSC/relay", "relay", None)
    assert relay.signing.public != me.signing.public
    assert me.upper == relay.certificate
    assert me.address == ADDRESS


def test_a_bureau_joins_with_what_the_secretariat_gave_it(tmp_path: Path, clock: Clock) -> None:
    me = admitted_bureau(tmp_path, clock)
    centre = who(tmp_path / "centre")
    assert (me.name, me.role, me.network, me.address) == ("XBM", "bureau", "test.allpoints", ADDRESS)
    assert (me.secretariat, me.upper) == (centre.certificate, centre.upper)
    assert len(me.index_key) == 32
    found = node_settings.load(tmp_path / "bureau", {})
    assert found.origin("network.address") == node_settings.FILE_NAME
    assert found.text("node.label") == "Bureau of Belmora"


def test_a_post_joins_with_a_months_certificate_of_its_bureau(tmp_path: Path, clock: Clock) -> None:
    bureau = admitted_bureau(tmp_path, clock)
    init(tmp_path / "post", POST, clock)
    admission = setting_up.admission_for_post(
        bureau, request_of(tmp_path / "post"), "http://127.0.0.1:8471", clock.now()
    )
    join(tmp_path / "post", admission.write(), clock)
    me = who(tmp_path / "post")
    assert (me.name, me.role, me.member, me.upper) == ("XBM/post-1", "post", "XBM", bureau.certificate)
    assert me.certificate.issuer == "XBM"
    assert me.certificate.not_after_ms <= clock.now() + 31 * DAY


def test_a_node_that_has_not_joined_yet_says_what_to_do(tmp_path: Path, clock: Clock) -> None:
    init(tmp_path, BUREAU, clock)
    with pytest.raises(Refusal) as caught:
        who(tmp_path)
    assert caught.value.code == "NOT-JOINED"
    assert setting_up.REQUEST_FILE in caught.value.hint


def test_an_admission_is_for_the_keys_that_asked_and_no_others(tmp_path: Path, clock: Clock) -> None:
    admitted_bureau(tmp_path, clock)
    text = (tmp_path / "bureau" / setting_up.ADMISSION_FILE).read_text(encoding="utf-8")
    init(tmp_path / "other", BUREAU, clock)
    before = (tmp_path / "other" / node_settings.FILE_NAME).read_bytes()
    with pytest.raises(Refusal):
        join(tmp_path / "other", text, clock)
    assert not (tmp_path / "other" / setting_up.ADMISSION_FILE).exists()
    assert (tmp_path / "other" / node_settings.FILE_NAME).read_bytes() == before


def test_a_bureau_admits_posts_of_its_own_and_no_other_node(tmp_path: Path, clock: Clock) -> None:
    bureau = admitted_bureau(tmp_path, clock)
    foreign = init(tmp_path / "foreign", POST._replace(name="XAV/post-1"), clock)
    no_post = init(tmp_path / "nopost", BUREAU, clock)
    for request in (foreign, no_post):
        assert request is not None
        with pytest.raises(Refusal) as caught:
            setting_up.admission_for_post(bureau, request, ADDRESS, clock.now())
        assert caught.value.code == "ADMIT-REQUEST"


def test_a_post_is_not_admitted_as_a_member(tmp_path: Path, clock: Clock) -> None:
    init(tmp_path / "centre", SECRETARIAT, clock)
    request = init(tmp_path / "post", POST, clock)
    assert request is not None
    with pytest.raises(Refusal) as caught:
        setting_up.admission_for_bureau(who(tmp_path / "centre"), request, ADDRESS)
    assert caught.value.code == "ADMIT-REQUEST"


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        (BUREAU._replace(role="hub"), "role"),
        (SECRETARIAT._replace(network=""), "network"),
        (BUREAU._replace(name="Belmora"), ""),
        (BUREAU._replace(label=""), ""),
        (BUREAU._replace(label="line\nbreak"), ""),
        (POST._replace(name="XBM"), ""),
        (BUREAU._replace(port=0), "web.port"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wish_that_cannot_be_leaves_nothing_behind_and_can_be_made_again(
    tmp_path: Path, clock: Clock, wish: Wish, path: str
) -> None:
    folder = tmp_path / "node"
    with pytest.raises(Refusal) as caught:
        init(folder, wish, clock)
    assert path in caught.value.path
    assert not KeyStore(folder).exists()
    assert init(folder, BUREAU, clock) is not None


def test_keys_that_are_there_are_never_replaced(tmp_path: Path, clock: Clock) -> None:
    init(tmp_path, BUREAU, clock)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Refusal) as caught:
        init(tmp_path, BUREAU, clock)
    assert caught.value.code == "KEYS-EXIST"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path, clock: Clock) -> None:
    init(tmp_path, SECRETARIAT, clock)
    setting_up.write_token(tmp_path, "ap_one")
    setting_up.write_token(tmp_path, "ap_two")
    assert (tmp_path / setting_up.TOKEN_FILE).read_text(encoding="utf-8") == "ap_two"
    secret = [setting_up.INDEX_KEY_FILE, setting_up.TOKEN_FILE, "keys.cbor", "relay/keys.cbor"]
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in secret] == [0o600] * 4
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_certificate_holds_a_little_before_it_was_made(tmp_path: Path, clock: Clock) -> None:
    me = admitted_bureau(tmp_path, clock)
    assert me.certificate.not_before_ms == clock.now() - HOUR


def test_the_administrators_desk_admits_a_member_and_writes_it_to_the_audit_log(
    tmp_path: Path, clock: Clock
) -> None:
    init(tmp_path / "centre", SECRETARIAT, clock)
    init(tmp_path / "bureau", BUREAU, clock)
    disk = FolderDisk(tmp_path / "centre", synchronous="OFF")
    desk = Bureau(disk, clock, Wire().carrier("XSC"), who(tmp_path / "centre"), vocabulary())
    text = (tmp_path / "bureau" / setting_up.REQUEST_FILE).read_text(encoding="utf-8")
    admission = desk.do(lambda: desk.network.admit_member(ANNA, text, ADDRESS))
    assert join(tmp_path / "bureau", admission, clock).network == "test.allpoints"
    assert desk.outbox.waiting() == 1
    assert desk.db.execute("SELECT event FROM office_audit").fetchall() == [("member:admitted",)]
    post = init(tmp_path / "post", POST, clock)
    assert post is not None
    with pytest.raises(Refusal) as caught:
        desk.do(lambda: desk.network.admit_member(ANNA, post.write(), ADDRESS))
    assert caught.value.code == "ADMIT-REQUEST"
    assert desk.outbox.waiting() == 1
    desk.close()


def test_a_bureau_renews_its_certificate_for_the_keys_that_it_has(tmp_path: Path, clock: Clock) -> None:
    before = admitted_bureau(tmp_path, clock)
    clock.now_ms += 1_000 * DAY
    request = setting_up.renew(tmp_path / "bureau", clock)
    assert request.certificate is not None
    assert request.certificate.not_after_ms > before.certificate.not_after_ms
    assert request_of(tmp_path / "bureau") == request
    assert who(tmp_path / "bureau").certificate == before.certificate
    admission = setting_up.admission_for_bureau(who(tmp_path / "centre"), request, ADDRESS)
    join(tmp_path / "bureau", admission.write(), clock)
    after = who(tmp_path / "bureau")
    assert (after.certificate, after.signing.public) == (request.certificate, before.signing.public)
    with pytest.raises(Refusal) as caught:
        setting_up.renew(tmp_path / "centre", clock)
    assert caught.value.code == "RENEW-ROLE"
