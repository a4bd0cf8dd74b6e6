import getpass
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from nestlab.errors import AccessDenied
from nestlab.transport import credentials
from nestlab.transport.credentials import Credential

SECRET = "Pa:ss‘word’ 😀"


class Memory(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def get_credential(self, service, username):
        found = [
            (user, word)
            for (kept, user), word in self.kept.items()
            if kept == service and username in (None, user)
        ]
        return keyring.credentials.SimpleCredential(*found[0]) if found else None


class Broken(Memory):
    def get_credential(self, service, username):
        raise KeyringError(f"{service} of {username} is locked")


@pytest.fixture(autouse=True)
def ring(monkeypatch):
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    monkeypatch.delenv("NESTLAB_CREDENTIAL_LAB_ADMIN", raising=False)
    yield memory
    keyring.set_keyring(before)


def nobody(_name):
    return None


def test_the_keyring_comes_first(monkeypatch):
    credentials.remember("lab-admin", "ada", SECRET)
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "other:word")
    assert credentials.find("lab-admin") == Credential("ada", SECRET)


def test_then_the_environment_whose_password_may_hold_colons(monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"CONTOSO\\ada:{SECRET}")
    assert credentials.find("lab-admin") == Credential("CONTOSO\\ada", SECRET)


def test_a_keyring_that_does_not_open_is_passed_over(monkeypatch):
    keyring.set_keyring(Broken())
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "ada:word")
    assert credentials.find("lab-admin").username == "ada"


def test_then_whoever_is_there_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda _self: True})())
    monkeypatch.setattr("builtins.input", lambda _question: " ada ")
    monkeypatch.setattr(getpass, "getpass", lambda _question: SECRET)
    assert credentials.find("lab-admin") == Credential("ada", SECRET)


def test_where_nobody_is_there_the_error_names_the_three_ways(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(AccessDenied) as caught:
        credentials.find("lab-admin", host="winrms://hv01")
    assert "remember('lab-admin'" in caught.value.hint
    assert "NESTLAB_CREDENTIAL_LAB_ADMIN=user:password" in caught.value.hint


def test_a_variable_without_a_colon_is_named_and_its_value_is_not_shown(monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "Geheim-1234")
    with pytest.raises(AccessDenied) as caught:
        credentials.find("lab-admin", prompt=lambda _name: None)
    assert "NESTLAB_CREDENTIAL_LAB_ADMIN has no colon" in str(caught.value)
    assert "Geheim" not in str(caught.value)


def test_the_password_does_not_show():
    assert SECRET not in repr(Credential("ada", SECRET))


@pytest.mark.parametrize(
    ("name", "variable"),
    [("lab-admin", "LAB_ADMIN"), ("hv01.contoso.com", "HV01_CONTOSO_COM"), ("ä b", "B")],
)
def test_names_become_variables(name, variable):
    assert credentials.environment_variable(name) == f"NESTLAB_CREDENTIAL_{variable}"


class NotInstalled(KeyringBackend):
    """What a configuration names, and this environment does not have."""

    priority = 1

    def get_credential(self, _service, _username):
        raise ModuleNotFoundError("No module named 'keyrings'")

    get_password = get_credential

    def set_password(self, _service, _username, _password):
        raise ModuleNotFoundError("No module named 'keyrings'")


@pytest.fixture
def _broken_keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(NotInstalled())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("_broken_keyring")
def test_a_broken_keyring_does_not_end_the_search(monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "ada:secret-1")
    assert credentials.find("lab-admin").username == "ada"


@pytest.mark.usefixtures("_broken_keyring")
def test_a_credential_that_is_not_found_names_the_broken_keyring():
    with pytest.raises(AccessDenied, match="No module named 'keyrings'"):
        credentials.find("lab-admin", prompt=lambda _name: None)


def test_a_front_end_that_takes_no_input_is_not_asked_again(monkeypatch):
    def refuse(_prompt):
        raise NotImplementedError("this frontend does not support input requests")

    monkeypatch.setattr(credentials, "_can_ask", lambda: True)
    monkeypatch.setattr("builtins.input", refuse)
    with pytest.raises(AccessDenied, match="was not found"):
        credentials.find("nothing-has-this")
