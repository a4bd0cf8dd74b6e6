"""The first boot of a generalized Windows in the simulated host: where it stops, and what it makes."""

from __future__ import annotations

import base64
import json

import pytest

import nestlab
from nestlab.errors import GuestCredentialRefused, GuestUnreachable
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan.disk_contents import DiskText, write_into_disk
from nestlab.simulator.behaviour.first_boot.passwords import is_complex
from nestlab.simulator.behaviour.powershell_direct import CredentialRefused, enter

DISK = r"D:\lab\a.vhdx"
PASSWORD = "Correct-Horse-7"  # of a simulated guest

LOCALES = "".join(
    f"<{name}>es-ES</{name}>"
    for name in ("InputLocale", "SystemLocale", "UILanguage", "UserLocale")
)
LICENSE = "<OOBE><HideEULAPage>true</HideEULAPage></OOBE>"
ADMINISTRATOR = f"<AdministratorPassword><Value>{PASSWORD}</Value><PlainText>true</PlainText></AdministratorPassword>"


def component(name, inner, architecture="amd64"):
    return f'<component name="Microsoft-Windows-{name}" processorArchitecture="{architecture}" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">{inner}</component>'


def answer_file(
    name="WEB1",
    locales=LOCALES,
    first=LICENSE,
    accounts=ADMINISTRATOR,
    more="",
    architecture="amd64",
):
    specialize = component("Shell-Setup", f"<ComputerName>{name}</ComputerName>", architecture)
    welcome = component("International-Core", locales, architecture) + component(
        "Shell-Setup", f"{first}{more}<UserAccounts>{accounts}</UserAccounts>", architecture
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><unattend xmlns="urn:schemas-microsoft-com:unattend">'
        f'<settings pass="specialize">{specialize}</settings>'
        f'<settings pass="oobeSystem">{welcome}</settings></unattend>'
    )


def a_host_with_disk(text="", address="sim:ws2022-generalized"):
    host = nestlab.connect(address)
    new = {"ParentPath": r"D:\images\ws2022.vhdx", "Differencing": SwitchParameter.ON}
    host.run(Cmdlet("New-VHD", {"Path": DISK, **new}))
    if text:
        file = DiskText(folder=r"Windows\Panther", name="unattend.xml", lines=[text])
        host.run(*write_into_disk(DISK, file, must_have="Windows"))
    return host


def booted(text="", address="sim:ws2022-generalized", wait=1200):
    return started(a_host_with_disk(text, address), wait)


def started(host, wait=1200):
    vm = {"Name": "web1", "Generation": 2, "MemoryStartupBytes": 2 << 30, "VHDPath": DISK}
    host.run(Cmdlet("New-VM", vm), Cmdlet("Start-VM", {"Name": "web1"}))
    host.wait(wait)
    return host


def name_of(host):
    ask = Cmdlet("Get-CimInstance", {"ClassName": "Win32_ComputerSystem"})
    return host.guest("web1", "lab-admin").run(ask).records[0]["Name"]


def guest(host):
    return host.simulated_host.world.host.file(DISK).system


def heartbeat(host):
    return str(host.run(Cmdlet("Get-VM", {"Name": "web1"})).records[0]["Heartbeat"])


def test_without_an_answer_file_windows_runs_and_nobody_can_sign_in():
    host = booted()
    assert heartbeat(host) == "OkApplicationsUnknown"
    with pytest.raises(GuestCredentialRefused):
        name_of(host)
    assert guest(host).setup_screen == "region"


def test_with_an_answer_file_windows_has_its_name_and_accounts():
    host = booted(answer_file(more="<TimeZone>Romance Standard Time</TimeZone>"))
    assert name_of(host) == "WEB1"
    assert (guest(host).locale, guest(host).time_zone) == ("es-ES", "Romance Standard Time")


def test_until_the_account_is_made_the_credential_is_refused():
    host = booted(answer_file(), wait=1)
    while heartbeat(host) != "OkApplicationsUnknown":
        host.wait(5)
    with pytest.raises(GuestCredentialRefused):
        name_of(host)
    host.wait(300)
    assert name_of(host) == "WEB1"


@pytest.mark.parametrize(
    ("text", "screen"),
    [
        (answer_file(locales="<UILanguage>es-ES</UILanguage>"), "region"),
        (answer_file(first=""), "license"),
        (answer_file(accounts=""), "administrator password"),
        (answer_file(architecture="x86"), "region"),
    ],
)
def test_what_the_answer_file_does_not_say_is_asked_for(text, screen):
    host = booted(text)
    assert guest(host).setup_screen == screen
    with pytest.raises(GuestCredentialRefused):
        name_of(host)


@pytest.mark.parametrize(
    "text",
    [
        answer_file()[:-12],
        "<unattend/>",
        answer_file(name="a name that is too long"),
        answer_file(name="12345"),
        answer_file(more="<TimeZone>Europe/Madrid</TimeZone>"),
        answer_file(
            accounts="<LocalAccounts><LocalAccount><Name>a/b</Name></LocalAccount></LocalAccounts>"
        ),
    ],
)
def test_what_windows_cannot_process_ends_its_set_up(text):
    host = booted(text)
    assert heartbeat(host) == "NoContact"
    with pytest.raises(GuestUnreachable):
        name_of(host)


def test_an_answer_file_that_comes_later_is_read_at_the_next_start():
    host = booted()
    host.run(Cmdlet("Stop-VM", {"Name": "web1", "TurnOff": SwitchParameter.ON}))
    file = DiskText(folder=r"Windows\Panther", name="unattend.xml", lines=[answer_file()])
    host.run(
        *write_into_disk(DISK, file, must_have="Windows"), Cmdlet("Start-VM", {"Name": "web1"})
    )
    host.wait(600)
    assert name_of(host) == "WEB1"


def test_an_image_that_was_not_generalized_reads_no_answer_file():
    host = booted(answer_file(), "sim:ws2022-intel")
    assert name_of(host) != "WEB1"


def hidden(password, element):
    value = base64.b64encode(f"{password}{element}".encode("utf-16-le")).decode()
    return f"<{element}><Value>{value}</Value><PlainText>false</PlainText></{element}>"


def test_a_password_is_read_in_base64_and_kept_nowhere(tmp_path):
    account = f"<LocalAccount><Name>ada</Name><Group>Administrators</Group>{hidden(PASSWORD, 'Password')}</LocalAccount>"
    accounts = (
        f"{hidden(PASSWORD, 'AdministratorPassword')}<LocalAccounts>{account}</LocalAccounts>"
    )
    state = tmp_path / "state.json"
    host = booted(answer_file(accounts=accounts), f"sim:ws2022-generalized?state={state}")
    machine = host.simulated_host.world.host
    for user in ("Administrator", "ADA", r".\ada"):
        assert enter(machine, "web1", user, PASSWORD) is guest(host)
        with pytest.raises(CredentialRefused):
            enter(machine, "web1", user, "another")
    with pytest.raises(CredentialRefused):
        enter(machine, "web1", "nobody", PASSWORD)
    saved = state.read_text(encoding="utf-8")
    assert json.loads(saved)
    for element in ("Password", "AdministratorPassword"):
        assert hidden(PASSWORD, element) not in saved
    assert PASSWORD not in saved


def local(name, password=PASSWORD):
    """Return the setting of a local administrator, with the built-in one."""
    account = f"<LocalAccount><Name>{name}</Name><Group>Administrators</Group><Password><Value>{password}</Value><PlainText>true</PlainText></Password></LocalAccount>"
    return f"{ADMINISTRATOR}<LocalAccounts>{account}</LocalAccounts>"


def in_language(language, text, **quirks):
    """Boot a generalized Windows of a language with an answer file; return the host."""
    host = a_host_with_disk(text, f"sim:ws2022-generalized?language={language}")
    for name, value in quirks.items():
        setattr(host.simulated_host.world.quirks, name, value)
    return started(host)


@pytest.mark.parametrize(
    ("language", "user"),
    [
        ("en", "Administrator"),
        ("de", "Administrator"),
        ("es", "Administrador"),
        ("fr", "Administrateur"),
    ],
)
def test_the_built_in_account_has_its_name_in_the_language_of_windows(language, user):
    # Before, every Windows accepted Administrator.
    host = in_language(language, answer_file())
    machine = host.simulated_host.world.host
    assert enter(machine, "web1", user, PASSWORD).setup_screen == ""
    for other in {"Administrator", "Administrador", "Administrateur"} - {user}:
        with pytest.raises(CredentialRefused):
            enter(machine, "web1", other, PASSWORD)


REFUSED_NAMES = [
    ("en", "Administrator"),
    ("es", "Administrador"),
    ("fr", "administrateur"),
    ("en", "Guest"),
    ("es", "Invitado"),
    ("de", "Gast"),
    ("en", "DefaultAccount"),
    ("es", "WDAGUtilityAccount"),
    ("en", "Administrators"),
    ("de", "Benutzer"),
    ("en", "SYSTEM"),
    ("en", "abcdefghijklmnopqrstu"),
    ("en", "WEB1"),
    ("en", ". . ."),
]


@pytest.mark.parametrize(("language", "name"), REFUSED_NAMES)
def test_an_account_that_windows_refuses_ends_its_setup(language, name):
    host = in_language(language, answer_file(accounts=local(name)))
    assert guest(host).setup_screen == "error in pass oobeSystem"
    assert heartbeat(host) == "NoContact"


@pytest.mark.parametrize(("language", "name"), REFUSED_NAMES)
def test_setup_can_go_on_without_an_account_that_windows_refuses(language, name):
    host = in_language(
        language, answer_file(accounts=local(name)), setup_ends_at_refused_account=False
    )
    assert guest(host).setup_screen == ""
    assert len(guest(host).accounts) == 1


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Administrador"), ("es", "Administrator"), ("en", "Invitado"), ("de", "Users")],
)
def test_a_name_of_another_language_is_free(language, name):
    host = in_language(language, answer_file(accounts=local(name)))
    assert enter(host.simulated_host.world.host, "web1", name, PASSWORD).setup_screen == ""


WEAK = ["", "Ab1", "geheim", "correct-horse", "12345678", "Correct Horse"[:7], "Lab-Admin-7"]


@pytest.mark.parametrize("hides", [False, True])
@pytest.mark.parametrize("password", WEAK)
def test_a_server_refuses_a_password_that_its_policy_refuses(password, hides):
    # Before, every password was accepted.
    text = local("lab-admin", password)
    if hides:
        plain = f"<Password><Value>{password}</Value><PlainText>true</PlainText></Password>"
        text = text.replace(plain, hidden(password, "Password"))
    host = booted(answer_file(accounts=text))
    assert guest(host).setup_screen == "error in pass oobeSystem"


@pytest.mark.parametrize("password", ["geheim", "12345678", "Administrator-7"])
def test_the_policy_holds_for_the_built_in_account(password):
    host = booted(answer_file(accounts=ADMINISTRATOR.replace(PASSWORD, password)))
    assert guest(host).setup_screen == "error in pass oobeSystem"


def test_a_server_whose_policy_is_off_takes_a_simple_password():
    text = answer_file(accounts=local("ada", "geheim"))
    host = in_language("en", text, password_complexity=False)
    assert enter(host.simulated_host.world.host, "web1", "ada", "geheim").setup_screen == ""


def test_a_simple_password_is_left_out_where_setup_goes_on():
    text = answer_file(accounts=ADMINISTRATOR.replace(PASSWORD, "geheim"))
    host = in_language("en", text, setup_ends_at_refused_account=False)
    assert guest(host).setup_screen == "administrator password"


@pytest.mark.parametrize(
    ("password", "user", "expected"),
    [
        ("Passw0rd", "ada", True),
        ("passw0rd!", "ada", True),
        ("PASSW0RD!", "ada", True),
        ("passw0rd", "ada", False),
        ("Pa0!x", "ada", False),
        ("Pa0!xy", "ada", True),
        ("Prada-77", "ada", False),
        ("Prada-77", "ad", True),
        ("密码-geheim", "ada", True),
    ],
)
def test_complexity_of_passwords(password, user, expected):
    assert is_complex(password, user) is expected
