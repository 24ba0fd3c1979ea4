"""The account that the reader sees: one line a step, times measured, readable without colour."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Missed(Exception):  # noqa: N818 - what was announced did not happen
    """A step that was attempted and not observed to happen."""


class Account:
    """Writes the play to the terminal, and counts what was observed."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.seen = 0
        self.began = time.perf_counter()

    def scene(self, letter: str, title: str) -> None:
        self.console.print()
        self.console.print(f"[bold]{letter}. {title}[/bold]" if letter else f"[bold]{title}[/bold]")

    def say(self, text: str) -> None:
        self.console.print(f"   · {text}")

    def observed(self, text: str, *, ms: float | None = None) -> None:
        """One thing that was seen to be so, with the time it took."""
        self.seen += 1
        took = f"  ({ms:,.1f} ms)" if ms is not None else ""
        self.console.print(f"   [green]OK[/green] {text}[dim]{took}[/dim]")

    def require(self, holds: bool, text: str, *, ms: float | None = None) -> None:
        """Observe that something is so, or end the play."""
        if not holds:
            self.console.print(f"   [red]NOT SEEN[/red] {text}")
            raise Missed(text)
        self.observed(text, ms=ms)

    @contextmanager
    def bar(self, title: str, total: int) -> "Iterator[Bar]":
        """A progress bar; on a terminal that is none, the end alone is printed."""
        columns = (
            TextColumn("   {task.description}"),
            BarColumn(30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=total)
            yield Bar(progress, task)

    def seconds(self) -> float:
        return time.perf_counter() - self.began


class Bar:
    """A progress bar in use."""

    def __init__(self, progress: Progress, task: "int") -> None:
        self._progress = progress
        self._task = task

    def at(self, done: int) -> None:
        self._progress.update(self._task, completed=done)  # type: ignore[arg-type]  # rich's TaskID is an int
