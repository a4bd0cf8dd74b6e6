"""Addresses of hosts: what is accepted, what is refused and why, and no password in any message."""

from __future__ import annotations

import os

import pytest

import nestlab
from nestlab.errors import NestlabError, UnknownHost, UsageError
from nestlab.transport.process.local import read_local
from nestlab.transport.process.ssh import read_ssh
from nestlab.transport.winrm.target import read_target

SECRET = "Geheim-1234"  # of no account


@pytest.fixture(autouse=True)
def ssh_on_the_path(tmp_path, monkeypatch):
    """An ssh that no test starts."""
    program = tmp_path / ("ssh.exe" if os.name == "nt" else "ssh")
    program.write_text("", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))


def refusal(address, kind=UnknownHost, **given):
    with pytest.raises(kind) as caught:
        nestlab.connect(address, **given)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("scheme", ["ssh", "winrm", "winrms"])
@pytest.mark.parametrize(
    "rest",
    [
        "",
        "ada@",
        "[::1",
        "[zz]",
        "[::1]x",
        "x[::1]",
        "::1",
        "[]",
        "hv01:0",
        "hv01:65536",
        "hv01:-1",
        "hv01:ssh",
        "hv01: 22",
        "hv01:22:22",
        "hv 01",
        "hv\n01",
        "hv\t01",
        "hv%00",
        "hv'01",
        "-oProxyCommand=x",
        "hv01/C$",
        "hv01#first",
        "h℀st",
    ],
)
def test_what_is_no_address_is_refused_and_quoted(scheme, rest):
    problem = refusal(f"{scheme}://{rest}")
    assert "is not the address of a host" in problem.message
    assert f"{scheme[:5]}" in problem.hint


@pytest.mark.parametrize(
    "address",
    [
        "ssh://ada:{}@hv01",
        "ssh://ada:{}@hv01:99999",
        "ssh://ada:{}@[::1",
        "ssh://ada:{}@",
        "ssh://ada:{}@x@hv01",
        "ssh://ada:{}/x@hv01",
        "ssh://ada:{}#x@hv01",
        "ssh://ada:{}?x@hv01",
        "ssh:ada:{}@hv01",
        "winrm://ada:{}@hv01",
        "winrms://ada:{}@hv 01",
        "winrms://ada:{}@[zz]",
        "winrms://ada:{}@hv01?autf=x",
        "winrms://hv01:x?password={}",
        "winrn://ada:{}@hv01",
        "winrn://hv01?password={}",
        "http://ada:{}@hv01:5985",
        "ada:{}@hv01",
        "local://ada:{}@hv01",
        "local:ada:{}@hv01",
    ],
)
def test_no_message_has_the_password_of_an_address(address):
    problem = refusal(address.format(SECRET), NestlabError)
    assert SECRET not in str(problem)
    assert problem.exit_code == 2


def test_the_advice_for_http_keeps_the_account():
    assert "Write winrm://ada@hv01:5985." in refusal(f"http://ada:{SECRET}@hv01:5985").hint


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ssh://hv01?command=a&command=b", "command= is given twice"),
        ("ssh://hv01?subsystem=a&subsystem=a", "subsystem= is given twice"),
        ("local:?command=a&command=b", "command= is given twice"),
        ("winrms://hv01?auth=ntlm&auth=basic", "auth= is given twice"),
        ("sim:ws2022-intel?language=de&language=es", "language= is given twice"),
        ("ssh://hv01?subsystem=", "subsystem= is empty"),
        ("ssh://hv01?command=", "command= is empty"),
        ("ssh://hv01?command=a%00b", "command= contains a character"),
        ("local:?command=a%00b", "command= contains a character"),
        ("ssh://ada@hv01?subsystm=a", "no option 'subsystm'"),
    ],
)
def test_an_option_is_given_once_and_with_a_value(address, words):
    assert words in refusal(address, UsageError).message


def test_a_command_line_in_words_has_no_such_character_either():
    assert "contains a character" in refusal("local:", UsageError, command=["a", "b\0"]).message


@pytest.mark.parametrize(
    ("address", "username", "account"),
    [
        (r"ssh://CONTOSO\ada@hv01", None, r"CONTOSO\ada"),
        ("ssh://CONTOSO%5Cada@hv01", None, r"CONTOSO\ada"),
        ("ssh://ada@contoso.com@hv01", None, "ada@contoso.com"),
        ("ssh://ada%40contoso.com@hv01", None, "ada@contoso.com"),
        ("ssh://Lab%20Admin@hv01", None, "Lab Admin"),
        ("ssh://hv01", r"CONTOSO\ada", r"CONTOSO\ada"),
        ("ssh://ada@hv01", "ada", "ada"),
        ("ssh://hv01", "", ""),
    ],
)
def test_accounts_of_windows_are_accepted_over_ssh(address, username, account):
    target = read_ssh(address, username=username)
    assert target.username == account
    assert read_ssh(target.address).username == account
    assert (account in target.command) is bool(account)


@pytest.mark.parametrize("account", ["-oProxyCommand=x", "a;b", "$(id)", "a\nb", "a -b", "a\\"])
def test_accounts_that_a_shell_could_take_for_something_else_are_refused(account):
    with pytest.raises(UsageError, match="is not a user name that ssh accepts"):
        read_ssh("ssh://hv01", username=account)


def test_an_account_is_percent_decoded_for_winrm_too():
    target = read_target("winrms://CONTOSO%5Cada@hv01", password=SECRET)
    assert target.username == r"CONTOSO\ada"


@pytest.mark.parametrize("scheme", ["ssh", "winrms"])
def test_two_accounts_contradict_each_other(scheme):
    problem = refusal(f"{scheme}://ada@hv01", UsageError, username="bob")
    assert "'ada'" in problem.message
    assert "'bob'" in problem.message


def test_addresses_of_ipv6_may_have_a_zone():
    for zone in ("%eth0", "%25eth0"):
        assert read_ssh(f"ssh://[fe80::1{zone}]:2222").server == "fe80::1%eth0"
    assert read_target("winrm://[::1]:80", password="").server == "::1"


def test_a_slash_at_the_end_and_the_path_of_winrm_change_nothing():
    assert read_ssh("ssh://Hv01:22/").server == "Hv01"
    assert read_target("winrm://hv01:/wsman", password="").address == "winrm://hv01"
    assert read_ssh("SSH://hv01").address == "ssh://hv01"


def test_what_comes_behind_a_number_sign_is_part_of_a_command():
    assert read_ssh("ssh://hv01?command=a%20#b").remote_command == "a #b"
    assert read_local("local:?command=a%20b#c").command == ("a", "b#c")
    assert read_local("LOCAL:PWSH?command=a").address == "local:pwsh"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (r"ssh://CONTOSO\ada@hv01:2222", "'CONTOSO\\ada@hv01'"),
        ("ssh://ada@hv01", "ssh ada@hv01"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="quotes as a POSIX shell takes them")
def test_the_command_for_a_terminal_is_quoted(address, words):
    assert words in read_ssh(address).terminal_command
