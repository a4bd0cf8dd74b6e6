"""Answer files (unattend.xml): the settings that Windows applies from them.

Components and settings are those of the Unattended Windows Setup Reference: a component for another
processor architecture is ignored, and a setting whose value Windows rejects ends Setup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nestlab.constants import is_time_zone
from nestlab.dataclass import dataclass, field
from nestlab.pattern import pattern

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

PATH = r"windows\panther\unattend.xml"
"""Where Windows looks for its answer file at the first boot, from the root of its volume."""

SPECIALIZE, OOBE_SYSTEM = "specialize", "oobeSystem"
"""The configuration passes of the first boot: settings of the computer, then the setup screens."""

_NAMESPACE = "{urn:schemas-microsoft-com:unattend}"
_SHELL = "Microsoft-Windows-Shell-Setup"
_INTERNATIONAL = "Microsoft-Windows-International-Core"
_LOCALES = ("InputLocale", "SystemLocale", "UILanguage", "UserLocale")
_ARCHITECTURES = {9: "amd64", 12: "arm64"}
_RESERVED = set('"/\\[]:|<>+=;,?*%@')
_COMPUTER_NAME = pattern(r"(?!\d+$)[A-Za-z0-9-]{1,15}|\*", re.ASCII)


class InvalidAnswer(Exception):
    """Windows cannot parse or process the answer file; the message names the configuration pass."""


@dataclass
class Answers:
    """The settings of an answer file. A setting that it does not have is empty."""

    computer_name: str = ""
    time_zone: str = ""
    locale: str = ""  # empty unless the file has all settings that the region screen asks for
    hides_license: bool = False
    administrator_password: str = ""  # a hash
    accounts: dict[str, str] = field(default_factory=dict)  # local administrators: name -> hash


def read_answers(text: str, architecture: int) -> Answers:
    """Return the settings for a processor architecture (Win32_Processor.Architecture).

    Raises InvalidAnswer.
    """
    from xml.etree import ElementTree as ET  # noqa: PLC0415  # only a first boot needs it

    try:
        root = ET.fromstring(text.lstrip("\ufeff"))  # noqa: S314  # written by the user of this simulated host
    except ET.ParseError:
        raise InvalidAnswer(SPECIALIZE) from None
    if root.tag != f"{_NAMESPACE}unattend":
        raise InvalidAnswer(SPECIALIZE)
    answers = Answers()
    for settings in root.findall(f"{_NAMESPACE}settings"):
        wanted = _ARCHITECTURES.get(architecture, "amd64")
        for component in settings.findall(f"{_NAMESPACE}component"):
            if component.get("processorArchitecture") == wanted:
                _read_component(answers, settings.get("pass", ""), component)
    return answers


def _read_component(answers: Answers, setup_pass: str, component: ET.Element) -> None:
    name = component.get("name")
    if setup_pass == SPECIALIZE and name == _SHELL:
        answers.computer_name = _text(component, "ComputerName")
        if answers.computer_name and not _COMPUTER_NAME.fullmatch(answers.computer_name):
            raise InvalidAnswer(setup_pass)
        _read_time_zone(answers, setup_pass, component)
    elif setup_pass == OOBE_SYSTEM and name == _INTERNATIONAL:
        values = [_text(component, key) for key in _LOCALES]
        answers.locale = values[-1] if all(values) else ""
    elif setup_pass == OOBE_SYSTEM and name == _SHELL:
        _read_time_zone(answers, setup_pass, component)
        answers.hides_license = _text(component, "OOBE", "HideEULAPage").lower() == "true"
        accounts = ("UserAccounts", "AdministratorPassword", "Value")
        answers.administrator_password = _text(component, *accounts)
        _read_accounts(answers, setup_pass, component)


def _read_time_zone(answers: Answers, setup_pass: str, component: ET.Element) -> None:
    answers.time_zone = _text(component, "TimeZone") or answers.time_zone
    if answers.time_zone and not is_time_zone(answers.time_zone):
        raise InvalidAnswer(setup_pass)


def _read_accounts(answers: Answers, setup_pass: str, component: ET.Element) -> None:
    path = "/".join(
        f"{_NAMESPACE}{part}" for part in ("UserAccounts", "LocalAccounts", "LocalAccount")
    )
    for account in component.findall(path):
        name = _text(account, "Name")
        if not name or name.upper() == "NONE" or set(name) & _RESERVED:
            raise InvalidAnswer(setup_pass)
        if "administrators" in _text(account, "Group").lower().split(";"):
            answers.accounts[name] = _text(account, "Password", "Value")


def _text(element: ET.Element, *path: str) -> str:
    return (element.findtext("/".join(f"{_NAMESPACE}{part}" for part in path)) or "").strip()
