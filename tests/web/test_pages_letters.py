import re

from tests.web.console_network import OWNER, SEARCHER, Browser, Network, token_in
from tests.web.markup import Page

from allpoints.messages import file_store, store


def test_a_letter_is_sent_delivered_read_and_answered(network: Network) -> None:
    writer = Browser(network, OWNER, "dana").look_for("investigate")
    form = writer.get("/en/messages/new?to=XBM")
    assert Page(form.text).faults == []
    assert "Bureau of Belmora" in form.text
    fields = {
        "to": ["XBM", "XSC"],
        "subject": "Passenger list of the ferry",
        "urgency": "urgent",
        "handling": "restricted",
        "text": "First paragraph.\r\n\r\nSecond <b>paragraph</b>.",
    }
    sent = writer.post("/en/messages/new", fields)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    reference = path.rpartition("/")[2]
    desk = network.hosts[SEARCHER].desk()
    network.until(lambda: store.read_letter(desk.db, desk.me.storage_key, reference) is not None)
    reader = Browser(network, SEARCHER, "dirk").look_for("investigate")
    assert "Passenger list of the ferry" in reader.get("/en/desk").text
    inbox = reader.get("/en/messages").text
    assert "Passenger list of the ferry" in inbox
    assert "Urgent" in inbox
    page = reader.get(path)
    assert Page(page.text).faults == []
    assert "Signature verified" in page.text
    assert "Second &lt;b&gt;paragraph&lt;/b&gt;." in page.text
    assert "Restricted" in page.text
    mine = network.hosts[OWNER].desk()

    def receipts() -> set[tuple[str, str]]:
        view = store.read_letter(mine.db, mine.me.storage_key, reference)
        return {(one.kind, one.by) for one in view.receipts} if view is not None else set()

    network.until(lambda: {("read", "XBM"), ("delivered", "XSC")} <= receipts())
    shown = writer.get(f"{path}.json").json()["receipts"]
    told = {one["recipient"]: one for one in shown}
    assert told["Bureau of Belmora"]["read_ms"] > 0
    assert told["Secretariat"]["read_ms"] == 0
    answer = reader.get(f"/en/messages/new?to=XAV&about=message:{reference}")
    assert 'value="Re: Passenger list of the ferry"' in answer.text
    reply = {**fields, "to": "XAV", "about": f"message:{reference}", "subject": "Re: list"}
    back = reader.post("/en/messages/new", reply).headers["location"]
    assert "An earlier message" in reader.get(back).text


def test_a_letter_with_faults_comes_back_whole(network: Network) -> None:
    writer = Browser(network, OWNER, "dana").look_for("investigate")
    fields = {
        "to": "XZZ",
        "subject": "",
        "urgency": "normal",
        "handling": "official-use",
        "text": "Keep this.",
    }
    refused = writer.post("/en/messages/new", fields)
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.faults == []
    assert {"#field-to", "#field-subject"} <= {link["href"] for link in page.all("a")}
    assert "Keep this." in refused.text
    empty = writer.post("/en/messages/new", {**fields, "to": "XBM", "subject": "S", "text": " "})
    assert "A message needs a text." in empty.text


def test_letters_are_for_those_who_write_them(network: Network) -> None:
    border = Browser(network, OWNER, "bo").look_for()
    assert border.get("/en/messages").status_code == 403
    assert (
        border.post(
            "/en/messages/new", {"to": "XBM", "subject": "S", "text": "T", "handling": "official-use"}
        ).status_code
        == 403
    )


def test_a_file_goes_with_a_letter_and_is_saved_by_its_reader(network: Network) -> None:
    writer = Browser(network, OWNER, "dana").look_for("investigate")
    page = writer.get("/en/messages/new?to=XBM")
    assert 'enctype="multipart/form-data"' in page.text
    content = b"moving pictures " * 200_000
    fields = {
        "csrf": token_in(page.text),
        "to": "XBM",
        "subject": "The film",
        "urgency": "normal",
        "handling": "restricted",
        "text": "See the file.",
    }
    files = {"files": ("../film <1>.mp4", content, "text/html")}
    sent = network.run(writer.client.post("/en/messages/new", data=fields, files=files))
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    reader = Browser(network, SEARCHER, "dirk").look_for("investigate")
    desk = network.hosts[SEARCHER].desk()
    network.until(lambda: [one.state for one in file_store.in_state(desk.db, "here")])
    shown = reader.get(path).text
    assert "film &lt;1&gt;.mp4" in shown
    (link,) = set(re.findall(rf'href="({path}/files/[0-9a-f]+)"', shown))
    saved = reader.get(link)
    assert saved.content == content
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert reader.get(f"{path}/files/{'0' * 32}").status_code == 404
    nosy = Browser(network, SEARCHER, "bea").look_for("border-control")
    assert nosy.get(link).status_code == 403
