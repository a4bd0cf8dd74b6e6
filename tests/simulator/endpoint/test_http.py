"""The endpoint as anything that speaks HTTP sees it, friend or not."""

from __future__ import annotations

import base64
import http.client
import logging
import socket
import ssl
from xml.etree import ElementTree as ET

import pytest

from nestlab.simulator.endpoint.winrm import serve, soap
from nestlab.simulator.host import SimulatedHost

IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><wsmid:Identify '
    'xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)


@pytest.fixture(scope="module")
def endpoint():
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def plain():
    with serve(SimulatedHost.from_scenario("ws2022-intel")) as running:
        yield running


def post(endpoint, body, *, logon=True, **headers):
    if endpoint.certificates:
        context = ssl.create_default_context(cafile=endpoint.certificate)
        connection = http.client.HTTPSConnection(
            "localhost", endpoint.port, context=context, timeout=120
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=120)
    if logon:
        token = base64.b64encode(f"{endpoint.user}:{endpoint.password}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    connection.request("POST", "/wsman", body=body, headers=headers)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response, data


def envelope(action, body="", header=""):
    declarations = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in soap.NAMESPACES.items())
    head = f"<a:Action>{action}</a:Action><a:MessageID>uuid:1</a:MessageID>{header}"
    return f"<s:Envelope {declarations}><s:Header>{head}</s:Header><s:Body>{body}</s:Body></s:Envelope>"


def parsed(data):
    return ET.fromstring(data)  # noqa: S314  # our own endpoint's answer


def fault(data):
    element = parsed(data).find(".//f:WSManFault", dict(soap.NAMESPACES))
    return int(element.get("Code")), "".join(element.itertext())


def test_probes_are_answered_without_a_logon(endpoint):
    response, data = post(endpoint, IDENTIFY, logon=False, WSMANIDENTIFY="unauthenticated")
    assert response.status == 200
    assert b"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" in data


def test_strangers_learn_which_logons_there_are_and_nothing_else(endpoint, plain):
    response, data = post(endpoint, envelope("x"), logon=False)
    assert (response.status, data) == (401, b"")
    assert response.headers.get_all("WWW-Authenticate") == [
        "Negotiate",
        "CredSSP",
        'Basic realm="WSMAN"',
    ]
    response, data = post(plain, envelope("x"))
    assert (response.status, data) == (401, b"")
    assert response.headers.get_all("WWW-Authenticate") == ["Negotiate", "CredSSP"]


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic !!!",
        "Basic " + base64.b64encode(b"nobody").decode(),
        "Negotiate AAAA",
        "CredSSP AAAA",
        "Digest x",
        "",
    ],
)
def test_damaged_logons_are_refused(endpoint, authorization):
    response, _ = post(endpoint, envelope("x"), logon=False, Authorization=authorization)
    assert response.status == 401


@pytest.mark.parametrize(
    "body",
    [
        "no xml",
        "<s:Envelope",
        "<a/>",
        '<!DOCTYPE a [<!ENTITY b "c">]>' + envelope("x"),
        ("<?xml version='1.0' encoding='utf-16'?>" + envelope("x")).encode("utf-16"),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_message_is_a_bad_request(endpoint, body):
    response, _ = post(endpoint, body)
    assert response.status == 400


def test_an_entity_does_not_hide_behind_another_encoding(endpoint):
    body = (
        b"<?xml version='1.0' encoding='cp037'?>"
        + '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("cp037")
    )
    response, _ = post(endpoint, body)
    assert response.status == 400


def test_bodies_are_capped_and_must_say_their_length(endpoint):
    response, _ = post(endpoint, "x", **{"Content-Length": str(soap.MAX_BODY + 1)})
    assert response.status == 413
    context = ssl.create_default_context(cafile=endpoint.certificate)
    with (
        socket.create_connection(("localhost", endpoint.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as line,
    ):
        line.sendall(b"POST /wsman HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 411 " in line.recv(100)


def test_sealed_bodies_need_a_security_context(plain):
    response, _ = post(
        plain,
        b"--Encrypted Boundary\r\n",
        **{"Content-Type": 'multipart/encrypted;boundary="Encrypted Boundary"'},
    )
    assert response.status == 401


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("urn:unknown", 2150858839),
        (soap.SHELL + "Command", 2150858843),
        (soap.SHELL + "Receive", 2150858843),
        (soap.TRANSFER + "Delete", 2150858843),
    ],
)
def test_faults_carry_windows_own_numbers(endpoint, action, code):
    response, data = post(endpoint, envelope(action))
    assert response.status == 500
    assert fault(data)[0] == code
    assert parsed(data).findtext("s:Header/a:RelatesTo", "", dict(soap.NAMESPACES)) == "uuid:1"


def test_a_mistake_inside_becomes_a_fault_and_not_a_dropped_connection(
    endpoint, monkeypatch, caplog
):
    caplog.set_level(logging.CRITICAL)
    service = endpoint.listener.service
    monkeypatch.setattr(service, "_actions", {"urn:broken": lambda _request, _user: 1 / 0})
    response, data = post(endpoint, envelope("urn:broken"))
    assert (response.status, fault(data)[0]) == (500, 1359)


def test_only_this_computer_is_served(endpoint):
    assert endpoint.listener.server_address[0] == "127.0.0.1"


def test_nothing_is_left_when_it_ends(tmp_path):
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True) as ended:
        key = ended.certificates.server_key
        assert key.exists()
    assert not key.exists()
    with pytest.raises(OSError, match=r"refused|denied"):
        socket.create_connection(("127.0.0.1", ended.port), timeout=1)


def test_a_client_that_verifies_strictly_trusts_the_certificate(endpoint):
    """Python 3.13 and later do so by default, as RFC 5280 says."""
    context = ssl.create_default_context(cafile=endpoint.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=120) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secured,
    ):
        assert secured.version() in {"TLSv1.2", "TLSv1.3"}
