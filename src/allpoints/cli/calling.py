"""What every command shares: the node's folder, who asks and why, and how its help looks."""

import inspect
import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, NamedTuple, ParamSpec, Self, get_type_hints

import typer

from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    from allpoints.cli.client import Client
    from allpoints.node.settings import Settings
    from allpoints.vocabulary.register import Vocabulary

PURPOSE_VARIABLE = "ALLPOINTS_PURPOSE"
CASE_VARIABLE = "ALLPOINTS_CASE"
P = ParamSpec("P")
_WHOLE_LINE = re.compile(r"(?:^|[ (])allpoints ")


class Options(NamedTuple):
    """The options that every command takes."""

    folder: Path
    token: str
    as_json: bool
    purpose: str
    case: str


class Call:
    """One command being carried out."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    @property
    def folder(self) -> Path:
        return self.options.folder

    @property
    def as_json(self) -> bool:
        return self.options.as_json

    @cached_property
    def settings(self) -> "Settings":
        from allpoints.node import settings

        return settings.load(self.folder)

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The registers of this folder's node; without a node, those that come with the program."""
        from allpoints.node.settings import FILE_NAME
        from allpoints.vocabulary.loading import load

        known = (self.folder / FILE_NAME).is_file()
        return load(self.settings.vocabulary_folders if known else ())

    @cached_property
    def client(self) -> "Client":
        """The running node of this folder, as its API."""
        from allpoints.cli.client import Client

        client = Client(self.settings, self.options)
        self._opened.callback(client.close)
        return client

    def require_purpose(self) -> None:
        """Refuse a question without purpose here already, naming the purposes that there are."""
        if self.options.purpose:
            return
        purposes = ", ".join(self.vocabulary.purposes)
        raise Refusal(
            "NO-PURPOSE",
            "A question states its purpose.",
            path="purpose",
            hint=f"Add --purpose, or set {PURPOSE_VARIABLE}. Purposes are {purposes}.",
            status=403,
        )


FolderOption = Annotated[
    Path, typer.Option("--dir", envvar="ALLPOINTS_DIR", help="The node's folder.", show_envvar=True)
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="ALLPOINTS_TOKEN",
        help="Ask as the officer with this token, not as the operator of the folder.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
PurposeOption = Annotated[
    str,
    typer.Option(
        "--purpose", envvar=PURPOSE_VARIABLE, help="Why you ask, such as border-control.", show_default=False
    ),
]
CaseOption = Annotated[
    str,
    typer.Option(
        "--case", envvar=CASE_VARIABLE, help="The case or file in which you ask.", show_default=False
    ),
]
IdsOption = Annotated[bool, typer.Option("--ids", help="Print identifiers only, one a line, for scripts.")]

_LOCAL: dict[str, tuple[Any, Any]] = {
    "folder": (FolderOption, Path()),
    "as_json": (JsonOption, False),
}
_REMOTE = {"folder": _LOCAL["folder"], "token": (TokenOption, ""), "as_json": _LOCAL["as_json"]}
_ASKING = {"purpose": (PurposeOption, ""), "case": (CaseOption, ""), **_REMOTE}


def group(sentence: str) -> typer.Typer:
    """A group of commands, such as ``allpoints notice``."""
    return typer.Typer(
        help=sentence,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


Act = Callable[Concatenate[Call, P], None]


def local(app: typer.Typer, name: str, *examples: str) -> Callable[[Act[P]], Act[P]]:
    """A command on the folder, with the node stopped or running."""
    return _command(app, name, examples, _LOCAL)


def remote(app: typer.Typer, name: str, *examples: str) -> Callable[[Act[P]], Act[P]]:
    """A command that the running node carries out."""
    return _command(app, name, examples, _REMOTE)


def perhaps_asking(app: typer.Typer, name: str, *examples: str) -> Callable[[Act[P]], Act[P]]:
    """A command that needs a purpose in some of its forms, or tells more for one, and asks for it itself."""
    return _command(app, name, examples, _ASKING)


def asking(app: typer.Typer, name: str, *examples: str) -> Callable[[Act[P]], Act[P]]:
    """A command that reads or changes what is about people: it states a purpose."""
    return _command(app, name, examples, _ASKING, with_purpose=True)


def _command(
    app: typer.Typer,
    name: str,
    examples: tuple[str, ...],
    shared: dict[str, tuple[Any, Any]],
    *,
    with_purpose: bool = False,
) -> Callable[[Act[P]], Act[P]]:
    def register(act: Act[P]) -> Act[P]:
        own = list(inspect.signature(act).parameters.values())[1:]
        groups = {one.name: one.annotation for one in own if _is_group(one.annotation)}

        def command(**given: Any) -> None:
            options = {key: given.pop(key) for key in shared}
            for whole, kind in groups.items():
                given[whole] = kind(*(given.pop(field) for field in kind._fields))
            with Call(Options(**{"token": "", "purpose": "", "case": "", **options})) as call:
                if with_purpose:
                    call.require_purpose()
                act(call, **given)  # type: ignore[call-arg]  # typer gives what the signature names

        added = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for key, (kind, default) in shared.items()
        ]
        parameters = [part for one in own for part in _spread(one)] + added
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        shown = "\n".join(f"  $ {_typed(example)}" for example in examples)
        app.command(
            name,
            help=act.__doc__,
            epilog=f"\b\nFor example:\n{shown}",
            short_help=_first_sentence(act.__doc__),
        )(command)
        return act

    return register


def _is_group(kind: Any) -> bool:
    """Whether a parameter stands for several options: the fields of a named tuple, each with its default."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_field_defaults")


def _spread(one: inspect.Parameter) -> list[inspect.Parameter]:
    """The options that a parameter stands for: itself, or the fields of a group."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    if not _is_group(one.annotation):
        return [one.replace(kind=keyword)]
    kinds = get_type_hints(one.annotation, include_extras=True)
    defaults = one.annotation._field_defaults
    return [
        inspect.Parameter(name, keyword, annotation=kind, default=defaults[name])
        for name, kind in kinds.items()
    ]


def _typed(example: str) -> str:
    """An example as it is typed: one that names the program already is a whole line of the shell."""
    return example if _WHOLE_LINE.search(example) else f"allpoints {example}"


def _first_sentence(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]
