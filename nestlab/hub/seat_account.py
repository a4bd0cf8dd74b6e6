"""Folders that belong to the account of a learner, prepared by a hub that runs as root.

Root creates an empty folder and gives it away, and writes nothing below it: a process of that
account does. So a link that the learner made there leads no further than the learner's rights.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import nestlab
from nestlab.dataclass import dataclass
from nestlab.errors import FileNotWritten, UsageError
from nestlab.model.files import make_folder
from nestlab.texts import tr
from nestlab.workshop.seat_files import SeatFiles

_SECONDS = 60
_ROOT = 0


@dataclass(frozen=True)
class SeatAccount:
    """The account that owns the folder of a seat, by its numbers."""

    user: int
    group: int
    groups: tuple[int, ...] = ()

    @classmethod
    def of(cls, user: str, folder: Path) -> SeatAccount | None:
        """Return the account of a user, or that of a folder's owner where there is none.

        None: this process does not run as root, or root owns the folder.
        """
        if sys.platform == "win32" or os.geteuid() != _ROOT:
            return None
        import pwd  # noqa: PLC0415  # not on Windows

        try:
            found = pwd.getpwnam(user)
        except KeyError:
            owner = folder.stat() if folder.exists() else None
            return cls(owner.st_uid, owner.st_gid) if owner and owner.st_uid != _ROOT else None
        groups = os.getgrouplist(user, found.pw_gid)
        return cls(found.pw_uid, found.pw_gid, tuple(groups)) if found.pw_uid != _ROOT else None

    def give(self, folder: Path) -> None:
        """Make a folder that the account owns; one that has files stays as it is.

        Raises UsageError where the account could replace the folder, and FileNotWritten.
        """
        make_folder(folder.parent)
        for above in (folder.parent.parent, folder.parent):
            self._require_closed(above)
        make_folder(folder)
        try:
            if not any(folder.iterdir()):
                os.chown(folder, self.user, self.group, follow_symlinks=False)
        except OSError as error:
            raise FileNotWritten(folder, error) from error

    def _require_closed(self, folder: Path) -> None:
        found = folder.stat()
        is_member = found.st_gid in {self.group, *self.groups}
        if (
            found.st_uid == self.user
            or found.st_mode & stat.S_IWOTH
            or (is_member and found.st_mode & stat.S_IWGRP)
        ):
            raise UsageError(
                tr(
                    "Learners can write to {folder}, and replace the folders of others.",
                    folder=folder,
                ),
                hint=tr("Let root own it, and remove the right to write: chmod go-w."),
            )

    def write(self, files: SeatFiles, folder: Path) -> None:
        """Write the files of a seat with the rights of the account.

        Raises FileNotWritten, and UsageError where the account cannot run this Python.
        """
        try:
            ended = self._ended([str(folder)], files.dumps())
        except PermissionError as error:
            raise UsageError(
                tr("The accounts of learners cannot run {file}.", file=sys.executable),
                hint=tr("Install Python and nestlab in a folder that all accounts can read."),
            ) from error
        if ended.returncode:
            raise FileNotWritten(folder, OSError(_reason(ended.stdout) or ended.stderr[-1000:]))

    def _ended(self, words: list[str], given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "nestlab.workshop.seat_files", *words],
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
            cwd="/",
            # Not the variables of the hub: they have its secrets.
            env={"PYTHONPATH": str(Path(nestlab.__file__).parents[1]), "PYTHONUTF8": "1"},
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
        )


def _reason(said: str) -> str:
    try:
        told = json.loads(said)
    except ValueError:
        return ""
    return f"{told['path']}: {told['reason']}"


__all__ = ["SeatAccount"]
