"""Files over HTTP: uploaded through the API, seen in the console, and never anything a browser would run."""

import hashlib
from functools import partial
from typing import Any

import httpx
import pytest
from tests.attack.calling import Caller, problem
from tests.registers.exhibits import NAME, NIST, PDF, SOUND, attachment, exhibit, png
from tests.web.console_network import OWNER, SEARCHER, Browser, Network
from tests.web.markup import Page

from allpoints.registers import file_store
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT

UNPACKED = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def desk(network: Network) -> Caller:
    return Caller(network, OWNER)


@pytest.fixture(scope="module")
def reader(network: Network) -> Caller:
    return Caller(network, SEARCHER)


def upload(desk: Caller, content: bytes, media_type: str = "image/png", name: str = "seal.png") -> str:
    address = "/api/v1/files"
    answer = desk.call(
        "POST", address, "desk", content=content, params={"media_type": media_type, "name": name}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["file"])


def enter(desk: Caller, reader: Caller, ref: str, **fields: Any) -> str:
    """Enter an exhibit through the API, and wait until the other member holds its files."""
    address = f"/api/v1/registers/{NAME}/records"
    answer = desk.call("POST", address, "desk", json=exhibit(ref, **fields))
    assert answer.status_code == 200, answer.text
    record = str(answer.json()["record"])
    db = reader.town.hosts[SEARCHER].desk().db
    one = "SELECT 1 FROM state_records WHERE record_id=?"
    reader.town.until(partial(lambda: db.execute(one, (bytes.fromhex(record),)).fetchone()))
    return record


def read(reader: Caller, record: str, content: bytes, **options: Any) -> httpx.Response:
    address = f"/api/v1/records/{record}/files/{hashlib.sha256(content).hexdigest()}"
    return reader.call("GET", address, "desk", **options)


def test_an_upload_is_answered_with_the_reference_for_the_record(desk: Caller) -> None:
    image = png(640, 480)
    address = "/api/v1/files?media_type=image/png&name=../../front%20view.png"
    answer = desk.call("POST", address, "desk", content=image)
    assert answer.status_code == 201
    expected = attachment(image, name="front view.png")
    told = answer.json()
    assert told["file"] == expected.text()
    assert (told["width"], told["height"]) == (640, 480)
    assert file_store.upload(desk.town.hosts[OWNER].desk().db, bytes.fromhex(expected.sha256)) is not None


@pytest.mark.parametrize("media_type", SOUND)
def test_a_file_comes_back_byte_for_byte_with_headers_that_keep_it_harmless(
    desk: Caller, reader: Caller, media_type: str
) -> None:
    content = SOUND[media_type]
    text = upload(desk, content, media_type, "naïve “name”.bin")
    record = enter(desk, reader, f"H-{media_type}".replace("/", "-"), papers=[text])
    answer = read(reader, record, content)
    assert answer.status_code == 200, answer.text
    assert answer.content == content
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    way, _, name = answer.headers["content-disposition"].partition("; ")
    assert way == ("inline" if media_type in {"image/png", "image/jpeg", "image/webp"} else "attachment")
    assert name == "filename*=UTF-8''na%C3%AFve%20%E2%80%9Cname%E2%80%9D.bin"
    assert "content-encoding" not in answer.headers


def test_a_large_image_is_not_packed_again(desk: Caller, reader: Caller) -> None:
    image = png(filling=b"much of the same " * 500)
    record = enter(desk, reader, "L-1", front=upload(desk, image))
    answer = read(reader, record, image, headers={"Accept-Encoding": "gzip"})
    assert answer.content == image
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("media_type", "content", "status", "code"),
    [
        ("image/svg+xml", b"<svg/>", 422, "ATTACHMENT-TYPE"),
        ("text/html", b"<p>", 422, "ATTACHMENT-TYPE"),
        ("image/png;size=4", png(), 422, "ATTACHMENT-FORM"),
        ("image/png", b"<svg onload='alert(1)'/>", 422, "FILE-CONTENT"),
        ("image/jpeg", png(), 422, "FILE-CONTENT"),
        ("image/png", png()[:20], 422, "FILE-CONTENT"),
        ("text/plain", b"#!/bin/sh", 422, "FILE-CONTENT"),
        ("text/plain", b"", 422, "ATTACHMENT-SIZE"),
        ("text/plain", b"x" * (ATTACHMENT_SIZE_LIMIT + 1), 413, "FILE-TOO-LARGE"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_file_of_its_kind_leaves_nothing_behind(
    desk: Caller, media_type: str, content: bytes, status: int, code: str
) -> None:
    files = desk.town.hosts[OWNER].desk().records.files
    before = sorted(files.folder().iterdir())
    answer = desk.call("POST", "/api/v1/files", "desk", content=content, params={"media_type": media_type})
    assert problem(answer, status) == code
    assert sorted(files.folder().iterdir()) == before
    upload(desk, PDF, "application/pdf")


def test_a_file_is_read_by_whom_its_record_is_read_and_only_through_it(desk: Caller, reader: Caller) -> None:
    image, other = png(filling=b"one"), png(filling=b"other")
    record = enter(desk, reader, "R-1", front=upload(desk, image))
    enter(desk, reader, "R-2", front=upload(desk, other))
    assert read(reader, record, image).status_code == 200
    assert problem(read(reader, record, image, purpose=False), 403) == "NO-PURPOSE"
    assert problem(read(reader, record, other), 404) == "UNKNOWN-FILE"
    for address in (f"/api/v1/records/{record}/files/../x", f"/api/v1/records/{record}/files/AB"):
        assert reader.call("GET", address, "desk").status_code == 404
    assert problem(reader.call("GET", f"/api/v1/records/zz/files/{'0' * 64}", "desk"), 404)


def test_a_records_page_shows_its_images_and_links_its_other_files(
    network: Network, desk: Caller, reader: Caller
) -> None:
    image, prints = png(filling=b"shown"), NIST
    fields = {
        "front": upload(desk, image, name="<b>seal</b>.png"),
        "papers": [upload(desk, prints, "application/x-nist", "prints.an2")],
    }
    record = enter(desk, reader, "P-1", **fields)
    browser = Browser(network, SEARCHER, "dirk").look_for()
    page = Page(browser.get(f"/en/records/{record}").text)
    assert page.faults == []
    (shown,) = [one for one in page.all("img") if "/files/" in one["src"]]
    assert shown["alt"] == "Front view, Seal P-1"
    assert browser.get(shown["src"]).content == image
    saved = [one["href"] for one in page.all("a") if "/files/" in one["href"]]
    assert saved == [shown["src"], f"/en/records/{record}/files/{hashlib.sha256(prints).hexdigest()}"]
    answer = browser.get(saved[1])
    assert answer.content == prints
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_file_in_the_console_needs_a_sign_in_and_a_purpose(
    network: Network, desk: Caller, reader: Caller
) -> None:
    image = png(filling=b"behind the door")
    record = enter(desk, reader, "P-2", front=upload(desk, image))
    address = f"/en/records/{record}/files/{hashlib.sha256(image).hexdigest()}"
    assert Browser(network, SEARCHER).get(address).status_code == 303
    assert Browser(network, SEARCHER, "dirk").get(address).status_code == 303
    assert Browser(network, SEARCHER, "dirk").look_for().get(address).content == image
