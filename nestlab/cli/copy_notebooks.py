"""``nestlab notebooks``: copy the notebooks to a folder of the user, or update that copy."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.cli.notebook_copy import (
    COPIED,
    MEANINGS,
    RECORD,
    CopyChange,
    CopyDifference,
    NotebookCopy,
)
from nestlab.cli.shipped_files import shipped_files, source_folder
from nestlab.errors import UsageError
from nestlab.texts import tr, tr_count, translate

FOLDER = "nestlab-notebooks"


def default_folder(here: Path, home: Path) -> Path:
    """Return the folder of the user's copy: the one in the current folder, else the one at home."""
    copies = (here, here / FOLDER)
    return next((each for each in copies if (each / RECORD).is_file()), home / FOLDER)


def shipped() -> Mapping[str, bytes]:
    """Return the files that come with nestlab.

    Raises UsageError if there are none.
    """
    source = source_folder()
    if source is None:
        message = tr("This installation of nestlab has no notebooks.")
        raise UsageError(
            message, hint=tr("Install it again: pip install --force-reinstall --no-deps nestlab")
        )
    return shipped_files(source)


def copy_missing(folder: Path, files: Mapping[str, bytes]) -> tuple[CopyDifference, ...]:
    """Copy the missing files, and return how the folder differed before."""
    copy = NotebookCopy.at(folder)
    differences = copy.differences(files)
    missing = [each.name for each in differences if each.change is CopyChange.NEW]
    if missing:
        copy.write(files, missing)
    return differences


def _target(options: argparse.Namespace) -> Path:
    folder = Path(options.to).expanduser() if options.to else default_folder(Path.cwd(), _home())
    source = source_folder()
    own = {source.resolve(), (source / "notebooks").resolve()} if source else set()
    if folder.resolve() in own:
        message = tr("{folder} is the folder that the notebooks are copied from.", folder=folder)
        raise UsageError(message, hint=tr("Choose another one: nestlab notebooks --to DIR"))
    if folder.exists() and not folder.is_dir():
        message = tr("{folder} is not a folder.", folder=folder)
        raise UsageError(message, hint=tr("Choose another one: nestlab notebooks --to DIR"))
    return folder


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        message = tr("Your home folder is not known: {reason}", reason=error)
        raise UsageError(message, hint=tr("Name a folder: nestlab notebooks --to DIR")) from error


def user_folder(here: Path) -> Path:
    """Return the folder of the user's copy; raises UsageError if there is no home folder."""
    return default_folder(here, _home())


def _run(options: argparse.Namespace, console: Console) -> int:
    folder, files = _target(options), shipped()
    if options.update:
        return _update(folder, files, console, consent=options.yes)
    differences = copy_missing(folder, files)
    copied = _named(differences, CopyChange.NEW)
    _report(folder, copied, differences, console)
    kept = len([each for each in differences if each.change is not CopyChange.NEW])
    console.line(_copied_text(folder, len(copied)))
    if kept:
        console.line(
            tr_count(
                "{count} file there differs from that of this nestlab, and was kept; `nestlab notebooks --update` shows it.",
                "{count} files there differ from those of this nestlab, and were kept; `nestlab notebooks --update` shows them.",
                kept,
            )
        )
    console.line(tr("Start `nestlab` in that folder to open them."))
    return 0


def _copied_text(folder: Path, count: int) -> str:
    if not count:
        return tr("All files are in {folder} already; nothing was copied.", folder=folder)
    return tr_count(
        "{count} file was copied to {folder}.",
        "{count} files were copied to {folder}.",
        count,
        folder=folder,
    )


def _update(folder: Path, files: Mapping[str, bytes], console: Console, *, consent: bool) -> int:
    copy = NotebookCopy.at(folder)
    differences = copy.differences(files)
    names = _named(differences, *COPIED)
    if not differences:
        console.line(tr("Nothing in {folder} differs.", folder=folder))
    else:
        console.line(tr("What comes with nestlab, compared with {folder}:", folder=folder))
        rows = [(each.name, translate(MEANINGS[each.change])) for each in differences]
        console.table((tr("file"), tr("difference")), rows)
    question = tr_count("Copy {count} file?", "Copy {count} files?", len(names))
    if names and not consent and not console.can_ask:
        console.line(tr("Nothing was copied; --yes copies what you have not changed."))
    elif names and (consent or console.ask(question)):
        copy.write(files, names)
        _report(folder, names, differences, console)
        console.line(_copied_text(folder, len(names)))
        return 0
    elif not names and copy.version:
        copy.write(files, ())  # records that the user has compared them with this version
    _report(folder, (), differences, console)
    return 0


def _named(differences: Sequence[CopyDifference], *changes: CopyChange) -> tuple[str, ...]:
    return tuple(each.name for each in differences if each.change in changes)


def _report(
    folder: Path, copied: Sequence[str], differences: Sequence[CopyDifference], console: Console
) -> None:
    if console.as_json:
        rows = [{"file": each.name, "change": each.change.value} for each in differences]
        console.document({"folder": str(folder), "copied": list(copied), "differences": rows})


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        metavar="DIR",
        help=tr(
            "folder to copy to (default: the copy in the current folder, else {folder} in your home folder)",
            folder=FOLDER,
        ),
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help=tr(
            "show how the folder differs from what comes with this nestlab, and copy what is new, after asking"
        ),
    )
    parser.add_argument("--yes", action="store_true", help=tr("with --update: copy without asking"))


COMMAND = Subcommand(
    name="notebooks",
    summary="copy the notebooks, their topologies and the documentation to a folder of yours",
    description=(
        "Copy the notebooks, their topologies and the documentation to a folder of yours, without opening them.\n"
        "An existing file is never written over. With --update it is replaced if it is as it was copied,\n"
        "and kept if you have changed it or run it; delete or rename it to get the new one."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab notebooks", "nestlab notebooks --to course", "nestlab notebooks --update"),
)
