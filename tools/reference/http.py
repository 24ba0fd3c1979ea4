"""Every endpoint of the HTTP API, from its OpenAPI document."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar

from allpoints.border.question import Question
from allpoints.border.verdict import Answer, Match, Reason, Verdict
from allpoints.ground.refusal import Fault, Problem
from allpoints.web import api
from allpoints.web.measures import Health
from tools.reference.markdown import code, codes, page, table
from tools.reference.reading import sentence

NAME = "http"
METHODS = ("get", "post", "put", "patch", "delete")
RAW = (
    (
        "POST",
        "/api/v1/checks",
        "Check a document or a person: body `Question`, answer `Answer`; also by [workers](../how-to/answer-checks-with-workers.md)",
    ),
    (
        "POST",
        "/api/v1/checks/batch",
        "Up to 10,000 checks, one `Question` a line (or a MessagePack array): in their order `Answer` or `Problem`",
    ),
    ("GET", "/health", "How this node is: answer `Health`, no sign-in"),
    (
        "GET",
        "/log/checkpoint",
        "The ledger's signed checkpoint, no sign-in; see [the log](log.md)",
    ),
    ("GET", "/log/tile/{level}/{index}[.p/{width}]", "Hashes of the ledger's tree, no sign-in"),
    ("GET", "/log/tile/entries/{index}[.p/{width}]", "Commitments to the ledger's entries, no sign-in"),
    ("GET", "/metrics", "Counters in Prometheus' text form, no sign-in"),
    ("GET", "/api/openapi.json", "This API as OpenAPI 3.1"),
    ("POST", "/witness/add-checkpoint", "Cosign a checkpoint: see [witnesses](witnesses.md), no sign-in"),
    ("GET", "/witness/{hash}/checkpoint", "What this witness cosigned last, no sign-in"),
    ("WebSocket", "/line", "The line from a node below: sealed frames only, see [wire](wire.md)"),
)
INTRODUCTION = (
    "Sign in with `Authorization: Bearer TOKEN` (`allpoints officer token NAME`). Whoever reads or decides about "
    "people also sends `Allpoints-Purpose` (a code of the list of purposes) and, where there is one, "
    "`Allpoints-Case`: without a purpose such an answer is refused (`NO-PURPOSE`), and alerts and audit lines leave "
    "out whom they are about. Times are milliseconds UTC. An error is a problem document (RFC 9457) with a stable code: see "
    "[refusals](refusals.md).\n"
)
STRUCTS = (Question, Answer, Match, Reason, Health, Problem, Fault)


class Endpoint(NamedTuple):
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def group(self) -> str:
        return str((self.operation.get("tags") or ["other"])[0])


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; describing the API needs no node."""
    described: dict[str, Any] = Litestar(
        route_handlers=api.handlers(), logging_config=None
    ).openapi_schema.to_schema()
    return described


def endpoints() -> Iterator[Endpoint]:
    for path, item in sorted(document()["paths"].items()):
        for method in METHODS:
            if method in item:
                yield Endpoint(method.upper(), path, item[method])


def shape(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return code(schema["$ref"].rsplit("/", 1)[-1])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(shape(one) for one in schema[key]))
    if "enum" in schema:
        return codes(schema["enum"])
    if schema.get("type") == "array":
        return f"list of {shape(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _content(part: dict[str, Any]) -> str:
    found = [shape(body.get("schema", {})) for body in part.get("content", {}).values()]
    return ", ".join(dict.fromkeys(found))


def _answer(operation: dict[str, Any]) -> str:
    good = [one for status, one in operation.get("responses", {}).items() if str(status).startswith("2")]
    return _content(good[0]) if good else ""


def _detail(endpoint: Endpoint) -> str:
    operation = endpoint.operation
    rows = [
        (code(one["name"]), one["in"], shape(one.get("schema", {})), "yes" if one.get("required") else "")
        for one in operation.get("parameters", [])
    ]
    lines = [f"### {endpoint.method} {endpoint.path}\n", f"{operation.get('summary', '')}.\n"]
    if rows:
        lines.append(table(["parameter", "in", "type", "required"], rows))
    body = _content(operation.get("requestBody", {}))
    said = [f"Body: {body}."] if body else []
    said += [f"Answer: {_answer(operation)}."] if _answer(operation) else []
    return "\n".join([*lines, " ".join(said) + "\n"])


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (code(field), shape(kind), "yes" if field in required else "")
        for field, kind in schema.get("properties", {}).items()
    ]
    told = " ".join(str(schema.get("description", "")).split())
    return "\n".join(
        [f"### {name}\n", f"{told}\n" if told else "", table(["field", "type", "required"], rows)]
    )


def _struct(kind: type[msgspec.Struct]) -> str:
    rows = [
        (code(one.encode_name), _annotation(one.type), "yes" if one.required else "")
        for one in msgspec.structs.fields(kind)
    ]
    return "\n".join(
        [f"### {kind.__name__}\n", f"{sentence(kind)}\n", table(["field", "type", "always there"], rows)]
    )


def _annotation(kind: Any) -> str:
    named = getattr(kind, "__name__", str(kind))
    return code(str(kind).replace("allpoints.border.verdict.", "") if "[" in str(kind) else named)


def write() -> str:
    found = list(endpoints())
    groups = dict.fromkeys(one.group for one in found)
    schemas = document().get("components", {}).get("schemas", {})
    parts = [
        INTRODUCTION,
        "## Outside the framework\n",
        table(["method", "path", "what it does"], [(code(m), code(p), s) for m, p, s in RAW]),
        f"Verdicts: {codes(Verdict)}.\n",
    ]
    for group in groups:
        parts += [f"## {group.capitalize()}\n", *(_detail(one) for one in found if one.group == group)]
    parts += ["## Bodies of the entrance\n", *(_struct(kind) for kind in STRUCTS)]
    parts += ["## Bodies of the API\n", *(_schema(name, schemas[name]) for name in sorted(schemas))]
    return page("HTTP API", *parts)
