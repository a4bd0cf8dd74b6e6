"""``nestlab doctor``: what works on this computer, and what to do where something does not."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.cli.doctor.line import DoctorLine, DoctorState
from nestlab.texts import mark, tr, tr_count, translate

_WORDS: Mapping[DoctorState, tuple[str, str]] = {
    DoctorState.OK: (mark("ok"), "good"),
    DoctorState.NOTE: (mark("note"), "warning"),
    DoctorState.FAILED: (mark("FAILED"), "error"),
}
"""The word and the style for each state."""

Check = Callable[[], Iterator[DoctorLine]]


def checks() -> tuple[Check, ...]:
    """Return the checks, in order."""
    from nestlab.cli.doctor import environment, installation, self_test  # noqa: PLC0415  # keeps --help quick

    return (
        installation.versions,
        installation.packages,
        installation.extras,
        installation.notebooks,
        installation.jupyter,
        environment.server_port,
        environment.browser,
        environment.credential_store,
        environment.proxy,
        environment.folders,
        environment.programs,
        self_test.simulated_lab,
        self_test.remoting,
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Run all checks, print each line as soon as it is known, and return the exit code.

    The exit code is 1 if a line says FAILED; notes do not count.
    """
    lines: list[DoctorLine] = []
    debug = getattr(options, "debug", False)
    for check in checks():
        for line in _lines_of(check, debug=debug):
            lines.append(line)
            _print(line, console)
    failed = [line for line in lines if line.state is DoctorState.FAILED]
    notes = [line for line in lines if line.state is DoctorState.NOTE]
    if console.as_json:
        rows = [line.to_dict() for line in lines]
        console.document({"failed": len(failed), "notes": len(notes), "lines": rows})
    console.line()
    console.line(_summary(failed, notes))
    return 1 if failed else 0


def _lines_of(check: Check, *, debug: bool) -> Iterator[DoctorLine]:
    """Yield the lines of a check; if it raises an error, a line that reports it."""
    try:
        yield from check()
    except Exception as error:  # whatever fails here, the other lines help to find the cause
        if debug:
            raise
        text = f"{type(error).__name__}: {error}"
        yield DoctorLine(
            check.__name__.replace("_", " "),
            DoctorState.FAILED,
            text,
            tr("`nestlab doctor --debug` stops here and shows where it happens."),
        )


def _print(line: DoctorLine, console: Console) -> None:
    word, style = _WORDS[line.state]
    shown = translate(word)
    console.line(
        f"{console.styled(shown, style)}{' ' * (8 - len(shown))}{line.topic:18} {line.text}"
    )
    if line.fix:
        console.line(f"{'':26} {line.fix}")


def _summary(failed: Sequence[DoctorLine], notes: Sequence[DoctorLine]) -> str:
    if failed:
        return tr_count(
            "{count} line says FAILED; the fix is below it.",
            "{count} lines say FAILED; the fix is below each.",
            len(failed),
        )
    if notes:
        return tr_count(
            "nestlab works here. {count} note says what is limited.",
            "nestlab works here. {count} notes say what is limited.",
            len(notes),
        )
    return tr("nestlab works here.")


def _add_arguments(_: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no options of its own."""


COMMAND = Subcommand(
    name="doctor",
    summary="check that nestlab works on this computer, and say what to do where it does not",
    description=(
        "Check versions, packages, JupyterLab and its widgets, browser, credential store and proxy of this computer, then plan,\n"
        "apply, verify and undo a lab on a simulated host. Nothing is changed. Exit code 1 if something does not work."
    ),
    add_arguments=_add_arguments,
    run=run,
    examples=("nestlab doctor", "nestlab doctor --json"),
)
