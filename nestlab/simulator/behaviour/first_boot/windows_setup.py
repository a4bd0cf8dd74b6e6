"""The first boot of a generalized image, and the screens at which Setup waits for input.

The screens of the out-of-box experience (OOBE) appear in this order unless the answer file has the
settings that they ask for. Meanwhile Windows and its services run, and no account can sign in.

Setup ends with "Windows could not complete the installation" if an account cannot be created, as
observed for a password that does not meet the complexity requirements. That it does so for names
as well is an inference, which a quirk can change: Setup then continues without the account.
"""

from __future__ import annotations

from nestlab.simulator.behaviour import volumes
from nestlab.simulator.behaviour.first_boot.answer_file import (
    OOBE_SYSTEM,
    PATH,
    Answers,
    InvalidAnswer,
    read_answers,
)
from nestlab.simulator.behaviour.first_boot.existing_accounts import (
    administrator_in,
    is_refused_account,
)
from nestlab.simulator.behaviour.first_boot.passwords import is_hash_of_complex
from nestlab.simulator.state.machine import Machine, Partition

NOT_STARTED = "set-up"
"""The value of `Machine.setup_screen` before the first boot."""
WAITING = (NOT_STARTED, "region", "license", "account", "administrator password")
"""The values of `Machine.setup_screen` with which Setup continues at the next boot.

After an error it does not continue.
"""
_CLIENT = 1  # Win32_OperatingSystem.ProductType


def set_up(guest: Machine, partitions: list[Partition]) -> None:
    """Run Windows Setup of a generalized image with its answer file, until it waits for input.

    `partitions` are those of its disk: the first one with Windows boots. `guest.setup_screen` is
    set to the screen at which Setup waits, or to the error that ended it; it is empty when Setup is
    complete.
    """
    own = next((part.files for part in partitions if volumes.holds_windows(part)), {})
    text = own.get(PATH, "")
    try:
        answers = read_answers(text, guest.hardware.processors.architecture) if text else Answers()
    except InvalidAnswer as error:
        guest.setup_screen = f"error in pass {error}"
        return
    guest.name = guest.name if answers.computer_name in ("", "*") else answers.computer_name.upper()
    guest.time_zone, guest.locale = answers.time_zone, answers.locale
    refused = _remove_refused_accounts(guest, answers)
    if refused and guest.world.quirks.setup_ends_at_refused_account:
        guest.setup_screen = f"error in pass {OOBE_SYSTEM}"
        return
    guest.setup_screen = _first_screen(guest, answers)
    if not guest.setup_screen:
        guest.accounts = dict(answers.accounts)
        if answers.administrator_password:
            administrator = administrator_in(guest.world.quirks.language)
            guest.accounts[administrator] = answers.administrator_password


def _remove_refused_accounts(guest: Machine, answers: Answers) -> bool:
    """Remove the accounts that Windows refuses; return whether there were any."""
    quirks, is_server = guest.world.quirks, guest.operating_system.product_type != _CLIENT
    checks_passwords = is_server and quirks.password_complexity
    refused = {
        name
        for name, password in answers.accounts.items()
        if is_refused_account(quirks.language, guest.name, name)
        or (checks_passwords and not is_hash_of_complex(password))
    }
    for name in refused:
        del answers.accounts[name]
    password = answers.administrator_password
    if checks_passwords and password and not is_hash_of_complex(password):
        answers.administrator_password = ""
        return True
    return bool(refused)


def _first_screen(guest: Machine, answers: Answers) -> str:
    if not answers.locale:
        return "region"
    if not answers.hides_license:
        return "license"
    if guest.operating_system.product_type == _CLIENT:
        return "" if answers.accounts else "account"
    return "" if answers.administrator_password else "administrator password"
