"""What strangers may take of the endpoint before they have signed in: connections, time, bytes, and guesses."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import threading

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import endpoint as endpoints
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.endpoint.winrm.admission import MAX_HEADERS, Admission, LogonThrottle, delay
from nestlab.simulator.endpoint.winrm.httpd import Listener
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import options


@contextlib.contextmanager
def admitting(monkeypatch, admission):
    monkeypatch.setattr(
        endpoints,
        "Listener",
        lambda *arguments, **named: Listener(*arguments, **named, admission=admission),
    )
    with serve(SimulatedHost.from_scenario("ws2022-intel")) as running:
        yield running


@pytest.fixture(scope="module")
def endpoint():
    with serve(SimulatedHost.from_scenario("ws2022-intel")) as running:
        yield running


def line_to(endpoint):
    return socket.create_connection(("127.0.0.1", endpoint.port), timeout=60)


def answered(line):
    """Return all that comes until the other side closes."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := line.recv(4096):
            data += part
    return data


def works(endpoint):
    session = nestlab.connect(endpoint.address, **options(endpoint))
    found = session.run(Cmdlet("Get-VMHost")).records
    session.close()
    return len(found) == 1


def test_one_connection_too_many_is_told_so_and_the_next_may_come_when_one_has_gone(monkeypatch):
    admission = Admission(maximum=3)
    with admitting(monkeypatch, admission) as endpoint:
        held = [line_to(endpoint) for _ in range(3)]
        with line_to(endpoint) as refused:
            assert answered(refused).startswith(b"HTTP/1.1 503 ")
        for line in held:
            line.close()
        while admission.connections:
            pass
        assert works(endpoint)


def test_who_does_not_sign_in_is_cut_off_whatever_it_sends(monkeypatch):
    with admitting(monkeypatch, Admission(sign_in_seconds=0.2)) as endpoint:
        with line_to(endpoint) as silent, line_to(endpoint) as slow:
            slow.sendall(b"POST /wsman HTTP/1.1\r\nContent-Length: 400000\r\n\r\nx")
            assert answered(silent) == b""
            assert answered(slow) == b""
        while endpoint.listener.admission.connections:
            pass


def test_who_is_signed_in_stays(monkeypatch):
    admission = Admission(sign_in_seconds=3600)
    with admitting(monkeypatch, admission) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        admission._sign_in_seconds = 0.0
        with line_to(endpoint) as stranger:
            assert answered(stranger) == b""
        assert session.run(Cmdlet("Get-VMHost")).records
        session.close()


def test_the_bodies_of_strangers_are_not_held(endpoint, monkeypatch):
    sizes = []
    monkeypatch.setattr(
        endpoint.listener.RequestHandlerClass,
        "_handle",
        lambda _self, body, _user, _headers: sizes.append(len(body)),
    )
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=60)
    connection.request("POST", "/wsman", body=b"x" * 4_000_000)
    response = connection.getresponse()
    assert (response.status, response.read()) == (401, b"")
    connection.request("POST", "/wsman", body=b"x")  # the connection goes on behind the body
    assert connection.getresponse().status == 401
    assert sizes == []
    connection.close()


def test_headers_are_bounded(endpoint):
    with line_to(endpoint) as line:
        line.sendall(b"POST /wsman HTTP/1.1\r\n")
        for number in range(MAX_HEADERS // 1000 + 2):
            line.sendall(b"X-%d: " % number + b"x" * 1000 + b"\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 5000, "1 2", ""])
def test_a_length_that_is_none_is_refused(endpoint, length):
    with line_to(endpoint) as line:
        line.sendall(b"POST /wsman HTTP/1.1\r\nContent-Length: " + length.encode() + b"\r\n\r\n")
        assert line.recv(100).split()[1] in {b"411", b"413"}


@pytest.mark.parametrize(
    "token",
    [
        b"NTLMSSP\x00\x03",
        b"\xff\xfe",
        b"NTLMSSP\x00\x01",
        b"NTLMSSP\x00\x03" + b"\xff" * 80,
        b"\x60\x82\xff\xff",
        b"a",
        b"\x00" * 3000,
    ],
    ids=["short", "bytes", "short-1", "offsets", "asn1", "one", "zeros"],
)
@pytest.mark.parametrize("scheme", ["Negotiate", "CredSSP"])
def test_a_damaged_token_is_answered(endpoint, scheme, token, monkeypatch):
    monkeypatch.setattr(endpoint.listener, "throttle", LogonThrottle())
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=60)
    connection.request(
        "POST",
        "/wsman",
        body=b"",
        headers={"Authorization": f"{scheme} {base64.b64encode(token).decode()}"},
    )
    assert connection.getresponse().status == 401
    connection.close()


def test_wrong_passwords_cost_more_each_time_up_to_a_bound():
    delays = [delay(wrong) for wrong in range(1, 50)]
    assert delays == sorted(delays)
    assert delays[0] == 0
    assert len(set(delays)) > 5
    assert delays[-1] == delays[-2] == 5.0


def test_who_knows_the_password_does_not_wait_for_those_who_guess(monkeypatch):
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True) as endpoint:
        throttle = endpoint.listener.throttle
        waiting, go_on, served = threading.Event(), threading.Event(), []

        def wait(_seconds):
            waiting.set()
            return go_on.wait()

        monkeypatch.setattr(throttle._ended, "wait", wait)
        guesses = [threading.Thread(target=guess, args=(endpoint, served)) for _ in range(6)]
        for thread in guesses:
            thread.start()
        waiting.wait()
        assert works(endpoint)
        go_on.set()
        for thread in guesses:
            thread.join()
        assert served == [401] * 6


def guess(endpoint, served):
    context = ssl.create_default_context(cafile=endpoint.certificate)
    connection = http.client.HTTPSConnection(
        "127.0.0.1", endpoint.port, context=context, timeout=120
    )
    token = base64.b64encode(f"{endpoint.user}:wrong".encode()).decode()
    connection.request("POST", "/wsman", body=b"", headers={"Authorization": f"Basic {token}"})
    served.append(connection.getresponse().status)
    connection.close()
