"""The answer file (unattend.xml) that sets a generalized Windows up at its first boot.

Components and settings are those of the Unattended Windows Setup Reference. Group and account names
are in English in every language of Windows, as the reference requires.
"""

from __future__ import annotations

from nestlab.constants import ARCHITECTURE_ARM64
from nestlab.constants.account_names import BUILT_IN_ADMINISTRATOR, LOCALIZED_ADMINISTRATORS
from nestlab.model import CredentialText, EncodedPassword, UserName
from nestlab.model.parameter_values import Value
from nestlab.model.topology import VM

ANSWER_FOLDER, ANSWER_FILE = r"Windows\Panther", "unattend.xml"
DEFAULT_LANGUAGE = "en-US"
"""Used if the file has no `language`: without one, Windows Setup asks for it."""

_BUILT_IN_ADMINISTRATORS = (BUILT_IN_ADMINISTRATOR, *LOCALIZED_ADMINISTRATORS)

_OOBE_SETTINGS = (
    ("HideEULAPage", "true"),
    ("HideLocalAccountScreen", "true"),
    ("HideOnlineAccountScreens", "true"),
    ("HideWirelessSetupInOOBE", "true"),
    ("ProtectYourPC", "3"),
)


def answer_lines(vm: VM, credential: str, architecture: int) -> list[Value]:
    """Return the lines of the answer file of a VM; `architecture` is Win32_Processor's."""
    language = vm.guest.language or DEFAULT_LANGUAGE
    processor = "arm64" if architecture == ARCHITECTURE_ARM64 else "amd64"
    names = ["InputLocale", "SystemLocale", "UILanguage", "UserLocale"]
    zone = [_element("TimeZone", vm.guest.time_zone)] if vm.guest.time_zone else []
    first_screens = "".join(_element(name, value) for name, value in _OOBE_SETTINGS)
    return [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:wcm="http://schemas.microsoft.com/WMIConfig/2002/State">',
        '<settings pass="specialize">',
        _component("Shell-Setup", processor),
        _element("ComputerName", vm.computer_name or "*"),
        *zone,
        "</component></settings>",
        '<settings pass="oobeSystem">',
        _component("International-Core", processor),
        "".join(_element(name, language) for name in names),
        "</component>",
        _component("Shell-Setup", processor),
        f"<OOBE>{first_screens}</OOBE>",
        "<UserAccounts>",
        _administrator(credential),
        _local_account(credential),
        "</UserAccounts>",
        "</component></settings>",
        "</unattend>",
    ]


def _component(name: str, processor: str) -> str:
    return (
        f'<component name="Microsoft-Windows-{name}" processorArchitecture="{processor}" '
        'publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">'
    )


def _element(name: str, text: str) -> str:
    from html import escape  # noqa: PLC0415  # rarely needed; xml.sax.saxutils would import an HTTP client

    return f"<{name}>{escape(text, quote=False)}</{name}>"


_END_OF_VALUE = "</Value><PlainText>false</PlainText>"


def _administrator(credential: str) -> CredentialText:
    """Return the password of the built-in account: Windows Server asks for one otherwise."""
    name = "AdministratorPassword"
    return CredentialText(
        credential, (f"<{name}><Value>", EncodedPassword(name), f"{_END_OF_VALUE}</{name}>")
    )


def _local_account(credential: str) -> CredentialText:
    """Return an administrator with the credential's user name, unless that is built in."""
    parts = (
        '<LocalAccounts><LocalAccount wcm:action="add"><Password><Value>',
        EncodedPassword("Password"),
        f"{_END_OF_VALUE}</Password><Group>Administrators</Group><Name>",
        UserName(),
        "</Name></LocalAccount></LocalAccounts>",
    )
    return CredentialText(credential, parts, not_for=_BUILT_IN_ADMINISTRATORS)
