"""Settings: strict, over all sources, and every one knows where it came from and is used."""

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import allpoints
from allpoints.ground.refusal import Refusal
from allpoints.node.setting import Setting
from allpoints.node.settings import (
    FILE_LIMIT_BYTES,
    FILE_NAME,
    SETTINGS,
    load,
    write,
)

SOURCE = Path(allpoints.__file__).parent
ROLE = '[node]\nrole = "bureau"\n'


def put(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, environment: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        load(folder, environment or {})
    return {fault.path: fault.code for fault in caught.value.faults} or {"": caught.value.code}


def test_a_value_says_whether_default_file_or_environment_gave_it(tmp_path: Path) -> None:
    put(tmp_path, ROLE + "[web]\nport = 9000\n")
    found = load(tmp_path, {"ALLPOINTS_WEB_HOST": "0.0.0.0"})
    assert (found.number("web.port"), found.origin("web.port")) == (9000, FILE_NAME)
    assert (found.text("web.host"), found.origin("web.host")) == ("0.0.0.0", "ALLPOINTS_WEB_HOST")
    assert (found.text("log.form"), found.origin("log.form")) == ("json", "default")
    assert [row[0].path for row in found.rows()] == [setting.path for setting in SETTINGS]


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    put(tmp_path, ROLE + "[web]\nport = 9000\nsecure_cookies = false\n")
    found = load(tmp_path, {"ALLPOINTS_WEB_PORT": " 9001 ", "ALLPOINTS_WEB_SECURE_COOKIES": "Yes"})
    assert (found.number("web.port"), found.flag("web.secure_cookies")) == (9001, True)


def test_every_fault_of_a_file_is_named_with_its_place_at_once(tmp_path: Path) -> None:
    text = 'stray = 1\n[node]\nrole = "hub"\nnmae = "XAV"\n[web]\nport = "9000"\nsecure_cookies = 1\n[nowhere]\na = 1\n'
    assert faults(put(tmp_path, text)) == {
        "stray": "SETTINGS-SECTION",
        "node.nmae": "SETTINGS-UNKNOWN",
        "web.port": "SETTINGS-TYPE",
        "web.secure_cookies": "SETTINGS-TYPE",
        "nowhere.a": "SETTINGS-UNKNOWN",
        "node.role": "SETTINGS-VALUE",
    }


@pytest.mark.parametrize("given_port", ["x", "", "80.5", "--5", "-", "²", "0x50", "9" * 5000])
def test_a_port_in_the_environment_that_is_no_number_is_refused_with_its_variable(
    tmp_path: Path, given_port: str
) -> None:
    put(tmp_path, ROLE)
    with pytest.raises(Refusal) as caught:
        load(tmp_path, {"ALLPOINTS_WEB_PORT": given_port})
    assert caught.value.path == "web.port"
    assert load(tmp_path, {"ALLPOINTS_WEB_PORT": "80"}).number("web.port") == 80


def test_a_variable_that_names_no_setting_of_a_known_section_is_refused(tmp_path: Path) -> None:
    put(tmp_path, ROLE)
    assert faults(tmp_path, {"ALLPOINTS_WEB_PROT": "80"}) == {"ALLPOINTS_WEB_PROT": "SETTINGS-UNKNOWN"}
    assert load(tmp_path, {"ALLPOINTS_DIR": "x", "PATH": "y"}).role == "bureau"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[node]\nrole = ""\n', "node.role"),
        (ROLE + "[web]\nport = 0\n", "web.port"),
        (ROLE + "[web]\nport = 65536\n", "web.port"),
        (ROLE + "[trust]\npublish_hours = 25\n", "trust.publish_hours"),
        (ROLE + "[trust]\nact_hours = 0\n", "trust.act_hours"),
        (ROLE + "[lines]\nframes = 0\n", "lines.frames"),
        (ROLE + "[http]\nopen_requests = 1000001\n", "http.open_requests"),
        (ROLE + '[http]\ntrusted_proxies = "the proxy"\n', "http.trusted_proxies"),
        (ROLE + "[checks]\nworkers = -1\n", "checks.workers"),
        (ROLE + "[checks]\nworkers = 65\n", "checks.workers"),
        ('[node]\nrole = "post"\n[checks]\nworkers = 1\n', "checks.workers"),
        (ROLE + "[checks]\nworkers = 1\n[tls]\nserve = true\n", "checks.workers"),
        (ROLE + '[checks]\nworkers = 1\n[tls]\nclients = "known"\n', "checks.workers"),
        (ROLE + "[checks]\nport = 0\n", "checks.port"),
        (ROLE + "[checks]\nworkers = 1\nport = 8470\n", "checks.port"),
        (ROLE + '[log]\nlevel = "loud"\n', "log.level"),
        (ROLE + '[log]\nform = "xml"\n', "log.form"),
        (ROLE + '[web]\ncertificate = "c.pem"\n', "web.key"),
        (ROLE + '[web]\nkey = "k.pem"\n', "web.key"),
        (ROLE + '[tls]\nlines = "known"\n', "tls.lines"),
        (ROLE + '[tls]\nclients = "mutual"\n', "tls.clients"),
        (ROLE + '[tls]\nupper = "nobody"\n', "tls.upper"),
    ],
)
def test_a_value_outside_what_it_may_be_is_refused(tmp_path: Path, text: str, path: str) -> None:
    assert faults(put(tmp_path, text)) == {path: "SETTINGS-VALUE"}


def test_a_file_that_is_missing_too_large_or_no_toml_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path) == {"": "SETTINGS-MISSING"}
    assert faults(put(tmp_path, "#" * (FILE_LIMIT_BYTES + 1))) == {"": "SETTINGS-TOO-LARGE"}
    assert faults(put(tmp_path, "[node")) == {"": "SETTINGS-UNREADABLE"}
    assert faults(put(tmp_path, "a = " + "[" * 20_000)) == {"": "SETTINGS-UNREADABLE"}
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe")
    assert faults(tmp_path) == {"": "SETTINGS-UNREADABLE"}
    assert load(put(tmp_path, ROLE), {}).role == "bureau"


PRINTABLE = st.text(string.printable + "ßæΩ漢\x7f\x00\u2028", max_size=12)


def values() -> st.SearchStrategy[dict[str, Any]]:
    kinds: dict[type, st.SearchStrategy[Any]] = {
        str: PRINTABLE,
        int: st.integers(1, 65_535),
        bool: st.booleans(),
    }
    free = [
        one
        for one in SETTINGS
        if one.path
        not in {
            "node.role",
            "log.level",
            "log.form",
            "web.key",
            "officers.attestation",
            "http.trusted_proxies",
            "provider.issuer",
            "provider.client",
            "card.roots",
            "card.terminators",
            "card.secret_file",
            "tls.lines",
            "tls.clients",
            "tls.upper",
            "checks.workers",
        }
    ]
    return st.fixed_dictionaries(
        {"node.role": st.just("post"), "web.key": st.just("k"), "web.certificate": st.just("c")},
        optional={
            one.path: st.integers(1, 24) if one.section == "trust" else kinds[one.kind]
            for one in free
            if one.path != "web.certificate"
        },
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values())
def test_what_is_written_is_read_back_with_the_file_as_its_origin(tmp_path: Path, given_values: Any) -> None:
    write(tmp_path, given_values)
    found = load(tmp_path, {})
    for setting, origin in found.rows():
        if setting.path in given_values:
            assert (origin.value, origin.origin) == (given_values[setting.path], FILE_NAME)
        else:
            assert (origin.value, origin.origin) == (setting.default, "default")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_as_a_file_is_read_or_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8", newline="")
    with pytest.raises(Refusal):
        load(tmp_path, {})


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SETTINGS), st.text(max_size=12))
def test_any_text_in_the_environment_is_taken_or_refused_with_its_path(
    tmp_path: Path, setting: Setting, text: str
) -> None:
    put(tmp_path, ROLE + '[web]\ncertificate = "c"\nkey = "k"\n')
    try:
        origin = load(tmp_path, {setting.variable: text}).origin(setting.path)
    except Refusal as refusal:
        origin = refusal.path
    assert origin in {setting.variable, setting.path, "web.key"}


def test_every_setting_has_a_sentence_and_a_variable_of_its_own() -> None:
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.sentence.endswith((".", ";", ","))
        assert type(setting.default) is setting.kind


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.path)
def test_every_setting_is_used_somewhere(setting: Setting) -> None:
    wanted = f'"{setting.path}"'
    own = (SOURCE / "node" / "settings.py").read_text(encoding="utf-8")
    read_here = any(call + wanted in own for call in ("text(", "number(", "flag("))
    others = (path for path in SOURCE.rglob("*.py") if path.name != "settings.py")
    assert read_here or any(wanted in path.read_text(encoding="utf-8") for path in others)


def test_the_address_of_a_node_follows_from_host_and_port_unless_it_is_given(tmp_path: Path) -> None:
    assert load(put(tmp_path, ROLE), {}).address == "http://127.0.0.1:8470"
    pair = '[web]\ncertificate = "c"\nkey = "k"\n'
    assert load(put(tmp_path, ROLE + pair), {}).address == "https://127.0.0.1:8470"
    own = {"ALLPOINTS_WEB_ADDRESS": "https://bureau.example"}
    assert load(tmp_path, own).address == "https://bureau.example"


def test_folders_of_own_registers_are_taken_from_the_nodes_folder_on(tmp_path: Path) -> None:
    found = load(put(tmp_path, ROLE + '[vocabulary]\nfolders = "own:/srv/more:"\n'), {})
    assert found.vocabulary_folders == [tmp_path / "own", Path("/srv/more")]
