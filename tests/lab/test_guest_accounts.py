"""Credentials that cannot be the account of a new guest: one error before the first step.

Before, a generalized Windows waited at its setup screens for 20 minutes, and accounts of Linux had
other names than their credentials, or a part of the password.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import CredentialNotUsable
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import CLOCK_RATE, options

WINDOWS = r"""
name: accounts
images: {ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}}
vms:
  - name: web1
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
"""
NESTED = r"""
name: accounts
images: {ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}}
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-host}
    nested:
      vms:
        - name: web1
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
"""
LINUX = r"""
name: accounts
images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
vms:
  - name: app1
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true, credential: lab-admin}
"""
SECRET = "Geheim-der-Gaeste-7"


@pytest.fixture(scope="module")
def endpoint():
    with serve(SimulatedHost.from_scenario("ws2022-generalized"), clock_rate=CLOCK_RATE) as found:
        yield found


@pytest.fixture
def refused(endpoint, tmp_path, monkeypatch):
    """Return a function that applies a file with an account, and returns the error."""

    def attempt(text, account):
        monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", account)
        monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_HOST", "Administrator:Pass-of-guests-1")
        session = nestlab.connect(endpoint.address, **options(endpoint))
        try:
            lab = nestlab.Lab(nestlab.loads(text), session, tmp_path / "journal.jsonl")
            steps = []
            with pytest.raises(CredentialNotUsable) as caught:
                steps += lab.apply(lab.plan())
            assert steps == []
            assert not (tmp_path / "journal.jsonl").exists()
        finally:
            session.close()
        return caught.value

    return attempt


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (":p", "no user name"),
        (".\\:p", "no user name"),
        ("ada:", "password is empty"),
        *((f"a{c}b:{SECRET}", f"Windows refuses {c} in") for c in '"/[]|;=,+*?<>%'),
        ("...:p", "consists of dots and spaces only"),
        ("   :p", "consists of dots and spaces only"),
        ("ada.:p", "begins or ends with a space or a dot"),
        ("abcdefghijklmnopqrstu:p", "has 21 characters, and Windows accepts at most 20"),
        ("WEB1:p", "is the computer name"),
        ("Guest:p", "account or group named 'Guest' already"),
        ("DefaultAccount:p", "account or group named"),
        ("Network Service:p", "account or group named"),
        ("administrators:p", "account or group named"),
        ("Administrador:p", "in one language of Windows only"),
        ("lab\\ADMINISTRATEUR:p", "in one language of Windows only"),
        ("ada:Ge-7", "its password has fewer than 6 characters"),
        ("ada:geheim-haus", "its password has fewer than 3 of the 4 kinds of characters"),
        ("Administrator:GEHEIM77", "its password has fewer than 3 of the 4 kinds of characters"),
        ("ada:Canada-77", "its password contains the user name"),
    ],
)
def test_an_account_that_windows_setup_refuses_is_refused_before_the_first_step(
    account, said, refused
):
    error = refused(WINDOWS, account)
    assert said in str(error)
    assert "credential 'lab-admin' cannot be used for the account of web1" in error.message
    assert "in the variable NESTLAB_CREDENTIAL_LAB_ADMIN (user:password)" in str(error)
    assert SECRET not in str(error)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("Ada Lövelace:p", "useradd in Linux refuses the user name 'ada lövelace'"),
        ("-x:p", "useradd in Linux refuses"),
        ("1st:p", "useradd in Linux refuses"),
        ("ada$:p", "useradd in Linux refuses"),
        ("root:p", "user or group named 'root' already"),
        ("Sudo:p", "user or group named 'sudo' already"),
        (f"{'a' * 33}:p", "33 characters, and Linux accepts at most 32"),
        ("ada:", "password is empty"),
        (f"ada:{'ß' * 37}", "74 bytes"),
    ],
)
def test_an_account_that_useradd_refuses_is_refused_before_the_first_step(account, said, refused):
    error = refused(LINUX, account)
    assert said in str(error)
    assert "account of app1" in error.message
    assert "ß" not in str(error)


def test_an_account_of_a_guest_in_a_nested_host_is_checked_before_anything_is_built(refused):
    assert "the account of HV1/web1" in refused(NESTED, "a/b:p").message


def test_all_accounts_are_reported_together(refused):
    more = WINDOWS + LINUX[LINUX.index("  - name: app1") :]
    more = more.replace(
        "images: {", r"images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}, "
    )
    assert "the account of web1 and app1: its password is empty" in refused(more, "Ada:").message
    message = refused(more, "Guest:p").message
    assert "of web1" in message
    assert "of app1" not in message  # Linux has no such account


def test_a_credential_that_was_refused_is_looked_up_again(endpoint, tmp_path, monkeypatch):
    session = nestlab.connect(endpoint.address, **options(endpoint))
    lab = nestlab.Lab(nestlab.loads(LINUX), session, tmp_path / "journal.jsonl")
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "root:p")
    with pytest.raises(CredentialNotUsable):
        list(lab.apply())
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"LAB\\Ada:{SECRET}")
    plan = lab.plan()
    (title,) = (step.title for step in plan.steps if step.action == "write-seed")
    assert title.endswith("account of the credential lab-admin, its user name in lower case")
    assert [result.message for result in lab.apply(plan) if not result.ok] == []
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "root:p")
    assert list(lab.apply()) == []  # the guest has its account: its credential is not used
    session.close()
