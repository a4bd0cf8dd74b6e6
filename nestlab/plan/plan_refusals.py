"""The findings that refuse a plan: what cannot change, or conflicts with the remainder."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.model import Finding, MachinePath, path_text
from nestlab.model.state import HostState


def no_hyper_v(state: HostState | None) -> Finding:
    """Return the finding of a host without Hyper-V, with what it answered."""
    evidence = "; ".join(f"{item.what}: {item.error}" for item in state.unread) if state else ""
    hint = "`nestlab check` says why."
    return Finding(
        "hyper-v-missing", "error", "host", "Hyper-V does not answer on the host", hint, evidence
    )


def cannot_change(path: MachinePath, found: Collection[str]) -> Finding:
    """Return the finding of a VM with a setting that cannot change in place."""
    name = path_text(path)
    hint = f"Recreate it with `--recreate {name}`, which deletes its disks with their data; or change the file to match the VM."
    return Finding("cannot-change", "error", name, "; ".join(found), hint)


def cannot_recreate(path: MachinePath, found: Collection[str], depends: str) -> Finding:
    """Return the finding of a VM that something depends on, and that would have to be recreated."""
    message = f"{'; '.join(found)}; and it cannot be recreated: {depends}"
    hint = "Remove what depends on it first, or change the file to match the VM."
    return Finding("cannot-recreate", "error", path_text(path), message, hint)


def conflict(subject: str, message: str) -> Finding:
    """Return the finding of an object left over that conflicts with what the file names."""
    hint = "This topology owns that object, and its file no longer names it: remove it with `--prune`, or name it in the file again."
    return Finding("remainder-conflict", "error", subject, message, hint)
