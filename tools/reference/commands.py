"""Every command of the program."""

from collections.abc import Iterator
from typing import Any

import typer.main

from allpoints.cli.main import app
from tools.reference.markdown import code, fenced, page, table

NAME = "commands"


def walk(command: Any, words: str = "allpoints") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words to type, in the order in which they were added."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from walk(one, f"{words} {name}")


def commands() -> list[tuple[str, Any]]:
    return list(walk(typer.main.get_command(app)))


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return code(parameter.make_metavar(_context()) if parameter.metavar is None else parameter.metavar)
    return ", ".join(code(one) for one in [*parameter.opts, *parameter.secondary_opts])


def _context() -> Any:
    import click

    return click.Context(click.Command("allpoints"))


def _default(parameter: Any) -> str:
    default = parameter.default
    if parameter.required:
        return "required"
    if parameter.is_flag if hasattr(parameter, "is_flag") else False:
        return ""
    return code(default) if isinstance(default, str | int | float) or str(default or "") else ""


def _variable(parameter: Any) -> str:
    variable = parameter.envvar
    return f" Variable: {code(variable)}." if isinstance(variable, str) else ""


def _section(words: str, command: Any) -> str:
    rows = [
        (_names(one), f"{one.help or ''}{_variable(one)}", _default(one))
        for one in command.params
        if not getattr(one, "hidden", False) and one.name != "help"
    ]
    example = (command.epilog or "").replace("\b", "").replace("For example:", "").strip("\n")
    examples = "\n".join(line.strip() for line in example.splitlines() if line.strip())
    parts = [f"## `{words}`\n", " ".join((command.help or "").replace("\b", "").split()), ""]
    parts += [table(["option", "what it does", "default"], rows)] if rows else []
    parts += [fenced(examples, "console")] if examples else []
    return "\n".join(parts)


def write() -> str:
    found = commands()
    contents = "\n".join(
        f"- [`{words}`](#{words.replace(' ', '-')}): {(one.get_short_help_str(120) or '').rstrip('.')}"
        for words, one in found
    )
    return page(
        "Commands",
        "Data goes to standard output, talk to standard error. Exit status: 0 done, 1 refused, 2 typed wrong, 3 the "
        "node is not running. `allpoints --install-completion` adds completion to your shell.\n",
        contents + "\n",
        *(_section(words, one) for words, one in found),
    )
