"""The first boot of a generalized Windows, and the screens at which Setup waits for input.

The screens of the Windows Welcome phase appear in this order unless the answer file has the
settings that they ask for. Meanwhile Windows runs with its services, and no account can sign in.
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
"""The screens from which Setup continues at the next boot; after an error it does not."""
_CLIENT = 1  # Win32_OperatingSystem.ProductType


def set_up(guest: Machine, partitions: list[Partition]) -> None:
    """Set up a generalized Windows with its answer file, until Setup has to wait for input.

    `partitions` are those of its disk. The screen that waits is in `guest.setup_screen`, or the
    error that ended Setup.
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
