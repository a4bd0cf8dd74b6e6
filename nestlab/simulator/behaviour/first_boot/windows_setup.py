"""The first boot of a generalized Windows, and the screens at which it waits for a person.

The screens of the Windows Welcome phase appear in this order unless the answer file has what they
ask for; meanwhile Windows runs with its services, and no account can sign in.
"""

from __future__ import annotations

from nestlab.simulator.behaviour.first_boot.answer_file import (
    PATH,
    Answers,
    InvalidAnswer,
    read_answers,
)
from nestlab.simulator.state.machine import Machine, Partition

ADMINISTRATOR = "Administrator"
NOT_STARTED = "set-up"
"""What `Machine.setup_screen` is before the first boot."""
WAITING = (NOT_STARTED, "region", "license", "account", "administrator password")
"""The screens from which set-up continues at the next boot; after an error it does not."""
_CLIENT = 1  # Win32_OperatingSystem.ProductType


def set_up(guest: Machine, partitions: list[Partition]) -> None:
    """Set a generalized Windows up as its answer file says, as far as that goes.

    `partitions` are those of its disk. Where it stops is in `guest.setup_screen`.
    """
    text = next((part.files[PATH] for part in partitions if PATH in part.files), "")
    try:
        answers = read_answers(text, guest.hardware.processors.architecture) if text else Answers()
    except InvalidAnswer as error:
        guest.setup_screen = f"error in pass {error}"
        return
    guest.name = guest.name if answers.computer_name in ("", "*") else answers.computer_name.upper()
    guest.time_zone, guest.locale = answers.time_zone, answers.locale
    guest.setup_screen = _first_screen(guest, answers)
    if not guest.setup_screen:
        guest.accounts = dict(answers.accounts)
        if answers.administrator_password:
            guest.accounts[ADMINISTRATOR] = answers.administrator_password


def _first_screen(guest: Machine, answers: Answers) -> str:
    if not answers.locale:
        return "region"
    if not answers.hides_license:
        return "license"
    if guest.operating_system.product_type == _CLIENT:
        return "" if answers.accounts else "account"
    return "" if answers.administrator_password else "administrator password"
