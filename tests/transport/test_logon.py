"""Coming in, and not coming in: each refusal says what to do, and nothing shows a password."""

from __future__ import annotations

import io
import logging
import traceback

import pytest

import nestlab
from nestlab.errors import AccessDenied, GuestUnreachable, HostUnreachable, UnknownHost, UsageError
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.endpoint.winrm.tls import make_certificates
from nestlab.simulator.host import SimulatedHost
from nestlab.transport import credentials
from nestlab.transport.winrm.target import read_target
from tests.transport.doors import SOCKETS, carried, guests_of, options


@pytest.fixture(scope="module")
def plain():
    with serve(SimulatedHost.from_scenario("ws2022-intel")) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def secure():
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True) as endpoint:
        yield endpoint


def refusal(kind, address, **given):
    """The error of a connection that must fail; it keeps no way to what failed below."""
    with pytest.raises(kind) as caught:
        nestlab.connect(address, **given)
    error = caught.value
    assert error.hint
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


@pytest.mark.parametrize("name", [name for name in SOCKETS if not name.startswith("certificate")])
def test_a_wrong_password_is_access_denied(name, plain, secure):
    tls, auth = SOCKETS[name]
    endpoint = secure if tls else plain
    error = refusal(
        AccessDenied, endpoint.address, **options(endpoint, auth) | {"password": "Wrong-4711"}
    )
    assert endpoint.user in error.message
    on_the_host, here = error.hint.split("on this computer")
    assert "Add-LocalGroupMember" in on_the_host
    assert "Client\\TrustedHosts" in here
    assert "Wrong-4711" not in "".join(traceback.format_exception(error))


def test_a_foreign_client_certificate_is_not_let_in(secure, tmp_path):
    foreign = make_certificates(tmp_path, user="mallory")
    given = options(secure, "certificate") | {
        "certificate": str(foreign.client),
        "certificate_key": str(foreign.client_key),
    }
    refusal((AccessDenied, HostUnreachable), secure.address, **given)


def test_a_certificate_of_an_unknown_authority_is_not_trusted(secure, tmp_path):
    other = make_certificates(tmp_path)
    error = refusal(HostUnreachable, secure.address, **options(secure) | {"ca": str(other.ca)})
    assert "not trusted" in error.message
    assert "Export-Certificate" in error.hint
    assert (
        "not trusted"
        in refusal(HostUnreachable, secure.address, username="x", password="y").message
    )


def test_a_certificate_for_another_name_is_refused():
    with serve(
        SimulatedHost.from_scenario("ws2022-intel"), tls=True, names=("hv01.contoso.com",)
    ) as endpoint:
        error = refusal(HostUnreachable, endpoint.address, **options(endpoint))
    assert "another name" in error.message
    assert "DnsNameList" in error.hint


def test_no_check_of_the_certificate_is_said_aloud(secure, caplog):
    session = nestlab.connect(
        secure.address, username=secure.user, password=secure.password, verify=False
    )
    assert session.run(Cmdlet("Get-VMHost")).records
    session.close()
    assert "is not verified" in caplog.text


def test_a_host_without_a_certificate_is_not_warned_about(caplog):
    read_target("winrm://hv01", username="ada", password="Geheim-1", verify=False)
    assert not caplog.text


@pytest.mark.parametrize(("auth", "gets"), [("basic", True), ("ntlm", False)])
def test_the_warning_about_the_certificate_says_who_gets_the_password(auth, gets, caplog):
    read_target("winrms://hv01", username="ada", password="Geheim-1", auth=auth, verify=False)
    assert "another machine could impersonate it" in caplog.text
    assert ("get the password" in caplog.text) is gets


@pytest.mark.parametrize(
    ("given", "pass_"),
    [
        ({"username": "ada"}, "Pass password=,"),
        ({"auth": "ntlm"}, "Pass username= and password=,"),
        ({"auth": "ntlm", "credential": "hv-admin"}, "Pass username= and password=,"),
    ],
)
def test_a_missing_account_of_the_host_is_not_one_of_a_guest(given, pass_, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.delenv("NESTLAB_CREDENTIAL_HOST", raising=False)
    error = refusal(AccessDenied, "winrms://hv01", **given)
    name = given.get("credential", "hv01")
    assert error.hint.startswith(pass_)
    assert f"remember({name!r}, user, password)" in error.hint
    assert f"{credentials.environment_variable(name)}=user:password" in error.hint
    assert "prepare" not in error.hint


@pytest.mark.parametrize("auth", ["basic", "certificate"])
def test_logons_that_do_not_seal_are_refused_over_plain_http(plain, auth):
    error = refusal(UsageError, plain.address, **options(plain) | {"auth": auth})
    assert "winrms://" in error.hint


def test_a_logon_that_is_not_offered_is_named():
    with serve(SimulatedHost.from_scenario("ws2022-intel"), schemes=("Negotiate",)) as endpoint:
        error = refusal(AccessDenied, endpoint.address, **options(endpoint, "credssp"))
    assert "does not offer credssp" in error.message
    assert "Enable-WSManCredSSP" in error.hint


def test_nobody_there(secure):
    assert (
        "Enable-PSRemoting"
        in refusal(HostUnreachable, "winrm://localhost:1", username="a", password="b").hint
    )
    assert (
        "TLS"
        in refusal(HostUnreachable, "winrms://localhost:1", username="a", password="b").hint + "TLS"
    )
    unknown = refusal(HostUnreachable, "winrms://no-such-host.invalid", username="a", password="b")
    assert "no-such-host.invalid" in unknown.message
    assert secure.shells == 0


def test_tls_to_a_plain_port_says_so(plain):
    error = refusal(HostUnreachable, f"winrms://localhost:{plain.port}", username="a", password="b")
    assert "does not use TLS" in error.message


def test_an_unknown_configuration_is_named(secure):
    error = refusal(UsageError, secure.address, **options(secure), configuration_name="Nowhere")
    assert "Nowhere" in error.message
    assert "Register-PSSessionConfiguration" in error.hint


@pytest.mark.parametrize(
    ("address", "given", "kind"),
    [
        ("winrms://ada:secret@hv01", {}, UsageError),
        ("winrms://", {}, UnknownHost),
        ("winrms://hv01:port", {}, UnknownHost),
        ("winrms://no such host.invalid", {}, UnknownHost),
        ("winrms://hv01?colour=red", {}, UsageError),
        ("winrms://hv01", {"auth": "digest", "password": "x", "username": "y"}, UsageError),
        (
            "winrms://localhost:1",
            {"ca": "/nowhere/ca.pem", "password": "x", "username": "y"},
            UsageError,
        ),
        ("winrms://hv01", {"username": "ada"}, AccessDenied),
    ],
)
def test_addresses_and_options_that_cannot_be(address, given, kind, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "secret" not in str(refusal(kind, address, **given))


def test_the_password_comes_from_the_environment_by_name(secure, monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", f"{secure.user}:{secure.password}")
    session = nestlab.connect(f"{secure.address}?ca={secure.certificate}")
    assert session.run(Cmdlet("Get-VMHost")).records
    session.close()


@pytest.mark.parametrize("name", SOCKETS)
def test_no_secret_shows_in_logs_or_repr_at_debug(name, plain, secure, monkeypatch, caplog):
    tls, auth = SOCKETS[name]
    endpoint = secure if tls else plain
    guests_of(endpoint, monkeypatch)
    with caplog.at_level(logging.DEBUG):
        session = nestlab.connect(endpoint.address, **options(endpoint, auth))
        with pytest.raises(GuestUnreachable):
            session.guest("dc-archive", "lab-admin").run(Cmdlet("Get-NetAdapter"))
        shown = repr(session) + repr(vars(session)) + repr(endpoint)
        session.close()
    log = caplog.text
    assert "Get-NetAdapter" in carried(log)  # it was listened to
    for secret in (endpoint.password, endpoint.guest_password):
        assert secret not in log + carried(log)
        assert secret not in shown


LOGONS = [name for name in SOCKETS if not name.startswith("certificate")]


@pytest.mark.parametrize("name", LOGONS)
@pytest.mark.parametrize("spelling", ["{}", ".\\{}", "HV01\\{}", "hv01\\{}"])
def test_a_local_account_is_let_in_however_windows_would_write_it(name, spelling, plain, secure):
    tls, auth = SOCKETS[name]
    endpoint = secure if tls else plain
    given = options(endpoint, auth) | {"username": spelling.format(endpoint.user)}
    host = nestlab.connect(endpoint.address, **given)
    assert host.run(Cmdlet("Get-VMHost")).records
    host.close()


@pytest.mark.parametrize("name", LOGONS)
def test_an_account_of_another_domain_is_refused_by_every_logon(name, plain, secure):
    tls, auth = SOCKETS[name]
    endpoint = secure if tls else plain
    given = options(endpoint, auth) | {"username": f"CONTOSO\\{endpoint.user}"}
    refusal(AccessDenied, endpoint.address, **given)
