"""Messages of a running exported script: texts of its data file, in the language of its export.

The fixed part of the script fills them in with PowerShell's operator ``-f``, so each field of a
text is the number of a value there.
"""

from __future__ import annotations

from nestlab.texts import mark, translate

_TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "NoAccount": (
        mark("-GuestAccount: the lab has no account {account}. Its accounts: {accounts}."),
        ("account", "accounts"),
    ),
    "NotTested": (
        mark(
            "What is inside guests with the account {account} is not tested: -WhatIf does not ask for it."
        ),
        ("account",),
    ),
    "AskAccount": (mark("Account of the guests: {account}"), ("account",)),
    "NoCredential": (
        mark(
            "There is no credential for the account {account}. Give one, as Get-Credential returns it, with -GuestAccount or when the script asks."
        ),
        ("account",),
    ),
    "NothingChanged": (mark("Nothing was changed. Conflicts: {conflicts}"), ("conflicts",)),
    "Conflicts": (mark("Conflicts: {conflicts}"), ("conflicts",)),
    "Because": (mark("{step}, because {reason}"), ("step", "reason")),
    "Done": (mark("done"), ()),
    "NotDone": (mark("not done"), ()),
    "NotNeeded": (mark("not needed"), ()),
    "Starting": (mark("{machine} starts"), ("machine",)),
    "NoAnswer": (
        mark(
            "{machine} did not answer over PowerShell Direct within {minutes} minutes. With -Verbose, the script says why."
        ),
        ("machine", "minutes"),
    ),
    "NoEffect": (
        mark("{machine}: {step}: the change did not take effect."),
        ("machine", "step"),
    ),
    "NotYet": (mark("not yet"), ()),
    "Waiting": (
        mark("{waited} of at most {seconds} seconds: {problem}"),
        ("waited", "seconds", "problem"),
    ),
    "ThisComputer": (mark("this computer"), ()),
    "SeveralVMs": (mark("There are {number} VMs with the name {name}."), ("number", "name")),
    "NoAdapters": (
        mark("{machine} does not have the adapters {adapters} yet."),
        ("machine", "adapters"),
    ),
    "NoSwitchAdapter": (
        mark("{machine} does not have its adapter {adapter} on the switch {switch} yet."),
        ("machine", "adapter", "switch"),
    ),
    "AskHash": (
        mark("bcrypt hash of the password of {user}, for Linux guests"),
        ("user",),
    ),
    "NoHash": (
        mark(
            "What was given for {user} is not a bcrypt hash. Copy the line that mkpasswd -m bcrypt prints, then run the script again."
        ),
        ("user",),
    ),
}


def script_texts() -> dict[str, str]:
    """Return the texts by their names in the data file, with numbers as their fields.

    >>> script_texts()["SeveralVMs"]
    'There are {0} VMs with the name {1}.'
    """
    return {
        name: translate(text, **{field: f"{{{number}}}" for number, field in enumerate(fields)})
        for name, (text, fields) in _TEXTS.items()
    }
