"""Settings: one TOML file, overridden by the environment; every setting has its sentence and knows its origin."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.node import audit_settings, check_settings, officer_settings, quota_settings, tls_settings
from allpoints.node.setting import PREFIX, Setting

FILE_NAME = "allpoints.toml"
FILE_LIMIT_BYTES = 64 * 1024
ROLES = ("secretariat", "bureau", "post")

SETTINGS: tuple[Setting, ...] = (
    Setting("node", "role", str, "", "What this node is: secretariat, bureau or post. Set by init."),
    Setting(
        "node", "name", str, "", "The node's name in its certificate, such as XAV or XBM/post-1. Set by init."
    ),
    Setting("node", "label", str, "", "The name people read, such as National Central Bureau of Arvandia."),
    Setting("network", "name", str, "", "The network's name; every checkpoint of the ledger carries it."),
    Setting(
        "network",
        "address",
        str,
        "",
        "The address of the node that this one dials: the relay for a bureau, the bureau for a post. Set by join.",
    ),
    Setting("web", "host", str, "127.0.0.1", "The address on which console, API and lines are served."),
    Setting("web", "port", int, 8470, "The port on which console, API and lines are served."),
    Setting(
        "web",
        "address",
        str,
        "",
        "The address by which others reach this node, if it is not http://host:port: behind a proxy, say.",
    ),
    *tls_settings.SETTINGS,
    *officer_settings.SETTINGS,
    *quota_settings.SETTINGS,
    *check_settings.SETTINGS,
    Setting(
        "vocabulary",
        "folders",
        str,
        "",
        "Folders with registers of one's own, separated by colons; they are read at start.",
    ),
    Setting(
        "policies",
        "folders",
        str,
        "",
        "Folders with Cedar policies of one's own, separated by colons; they narrow what is allowed.",
    ),
    Setting(
        "policies",
        "widening",
        bool,
        False,
        "Let policies of one's own also allow what the program's do not, where national law does.",
    ),
    Setting(
        "trust",
        "publish_hours",
        int,
        24,
        "How old, in hours, this node's view of the ledger may be when it publishes: 1 to 24.",
    ),
    Setting(
        "trust",
        "act_hours",
        int,
        168,
        "How old, in hours, the view may be when this node writes to others or admits a post: 1 to 168.",
    ),
    *audit_settings.SETTINGS,
    Setting("log", "level", str, "info", "How much is logged: debug, info, warning or error."),
    Setting("log", "form", str, "json", "How log lines look: json for machines, text for people."),
)
_BY_PATH = {setting.path: setting for setting in SETTINGS}
_VARIABLES = {setting.variable for setting in SETTINGS}
_SECTION_PREFIXES = tuple({f"{PREFIX}{setting.section.upper()}_" for setting in SETTINGS})
_WHOLE_NUMBER = re.compile(r"\s*-?[0-9]{1,9}\s*", re.ASCII)
_PARTS = (tls_settings, officer_settings, quota_settings, check_settings)
_LEVELS = ("debug", "info", "warning", "error")


class Origin(NamedTuple):
    """A setting's value and where it comes from: default, the file's name, or the variable's name."""

    value: Any
    origin: str


class Settings:
    """All settings of one node, read once."""

    def __init__(self, values: Mapping[str, Origin], folder: Path) -> None:
        self._values = dict(values)
        self.folder = folder

    def text(self, path: str) -> str:
        return str(self._values[path].value)

    def number(self, path: str) -> int:
        return int(self._values[path].value)

    def flag(self, path: str) -> bool:
        return bool(self._values[path].value)

    def origin(self, path: str) -> str:
        return self._values[path].origin

    def rows(self) -> list[tuple[Setting, Origin]]:
        return [(setting, self._values[setting.path]) for setting in SETTINGS]

    @property
    def role(self) -> str:
        return self.text("node.role")

    @property
    def address(self) -> str:
        """The address by which others reach this node."""
        if own := self.text("web.address"):
            return own
        scheme = "https" if self.serves_tls else "http"
        return f"{scheme}://{self.text('web.host')}:{self.number('web.port')}"

    @property
    def serves_tls(self) -> bool:
        """Whether TLS ends in this process."""
        return self.flag("tls.serve") or bool(self.text("web.certificate"))

    @property
    def over_tls(self) -> bool:
        """Whether officers reach the console over TLS alone."""
        return self.flag("web.secure_cookies") or self.serves_tls

    @property
    def vocabulary_folders(self) -> list[Path]:
        return self._folders(self.text("vocabulary.folders"))

    @property
    def policy_folders(self) -> list[Path]:
        return self._folders(self.text("policies.folders"))

    def _folders(self, listed: str) -> list[Path]:
        return [self.folder / part for part in listed.split(":") if part]


def load(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``allpoints.toml`` in ``folder`` and the environment over it; every fault is named with its place."""
    environment = os.environ if environment is None else environment
    path = folder / FILE_NAME
    if not path.is_file():
        raise Refusal(
            "SETTINGS-MISSING",
            f"There is no {FILE_NAME} in {folder}.",
            hint="Run allpoints init first, or name the node's folder with --dir.",
            status=404,
        )
    values = {setting.path: Origin(setting.default, "default") for setting in SETTINGS}
    faults: list[Fault] = []
    _take_file(path, values, faults)
    for setting in SETTINGS:
        if (given := environment.get(setting.variable)) is not None:
            _take(setting, _parsed(setting, given), setting.variable, values, faults)
    faults += [
        Fault("SETTINGS-UNKNOWN", f"There is no setting {variable}.", variable, "See allpoints settings.")
        for variable in sorted(environment)
        if variable.startswith(_SECTION_PREFIXES) and variable not in _VARIABLES
    ]
    _check(values, faults)
    if faults:
        raise Refusal.of(faults)
    return Settings(values, folder)


def _take_file(path: Path, values: dict[str, Origin], faults: list[Fault]) -> None:
    if path.stat().st_size > FILE_LIMIT_BYTES:
        raise Refusal("SETTINGS-TOO-LARGE", f"{path} is larger than {FILE_LIMIT_BYTES} bytes.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("SETTINGS-UNREADABLE", f"{path} is not TOML: {error}.") from error
    for section, entries in content.items():
        if not isinstance(entries, dict):
            faults.append(Fault("SETTINGS-SECTION", f"{section} is no section.", section, _sections()))
            continue
        for name, value in entries.items():
            setting = _BY_PATH.get(f"{section}.{name}")
            if setting is None:
                faults.append(
                    Fault(
                        "SETTINGS-UNKNOWN",
                        f"There is no setting {section}.{name}.",
                        f"{section}.{name}",
                        "See allpoints settings for all of them.",
                    )
                )
            else:
                _take(setting, value, FILE_NAME, values, faults)


def _sections() -> str:
    return "Sections are " + ", ".join(dict.fromkeys(setting.section for setting in SETTINGS)) + "."


def _parsed(setting: Setting, given: str) -> object:
    if setting.kind is int and _WHOLE_NUMBER.fullmatch(given):
        return int(given)
    if setting.kind is bool and given.lower() in {"true", "false", "1", "0", "yes", "no"}:
        return given.lower() in {"true", "1", "yes"}
    return given


def _take(
    setting: Setting, value: object, origin: str, values: dict[str, Origin], faults: list[Fault]
) -> None:
    if type(value) is not setting.kind:
        words = {str: "text", int: "a whole number", bool: "true or false"}
        faults.append(
            Fault(
                "SETTINGS-TYPE",
                f"{setting.path} is {words[setting.kind]}, not {value!r} (from {origin}).",
                setting.path,
                setting.sentence,
            )
        )
        return
    values[setting.path] = Origin(value, origin)


def _check(values: Mapping[str, Origin], faults: list[Fault]) -> None:
    plain = {path: origin.value for path, origin in values.items()}
    rules = (
        ("node.role", plain["node.role"] in ROLES, f"The role is one of {', '.join(ROLES)}."),
        ("web.port", 1 <= plain["web.port"] <= 65_535, "A port is a number from 1 to 65535."),
        (
            "trust.publish_hours",
            1 <= plain["trust.publish_hours"] <= 24,
            "A view may be 1 to 24 hours old; a setting only tightens.",
        ),
        (
            "trust.act_hours",
            1 <= plain["trust.act_hours"] <= 168,
            "A view may be 1 to 168 hours old; a setting only tightens.",
        ),
        ("log.level", plain["log.level"] in _LEVELS, f"The level is one of {', '.join(_LEVELS)}."),
        ("log.form", plain["log.form"] in {"json", "text"}, "The form is json or text."),
        *(rule for part in _PARTS for rule in part.rules(plain)),
    )
    for path, holds, sentence in rules:
        if not holds:
            faults.append(Fault("SETTINGS-VALUE", sentence, path, f"It comes from {values[path].origin}."))


def check(values: Mapping[str, object]) -> None:
    """Refuse values (by path) that a node could not be started with."""
    given = {setting.path: Origin(setting.default, "default") for setting in SETTINGS}
    given |= {path: Origin(value, "the command") for path, value in values.items()}
    faults: list[Fault] = []
    _check(given, faults)
    if faults:
        raise Refusal.of(faults)


def write(folder: Path, values: Mapping[str, object]) -> None:
    """Write the file with the given values (by path), each with its sentence; other settings keep their default."""
    lines = ["# The settings of this node. The environment overrides them: web.port is ALLPOINTS_WEB_PORT."]
    for section in dict.fromkeys(setting.section for setting in SETTINGS):
        lines += ["", f"[{section}]"]
        for setting in SETTINGS:
            if setting.section != section:
                continue
            lines.append(f"# {setting.sentence}")
            value = values.get(setting.path, setting.default)
            mark = "" if setting.path in values else "# "
            # A JSON string is a TOML string, but for the one control character that JSON lets through.
            written = msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
            lines.append(f"{mark}{setting.name} = {written}")
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
