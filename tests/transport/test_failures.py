"""Every exception of the libraries below has its translation."""

from __future__ import annotations

import inspect

import pypsrp._pool_manager
import pypsrp.exceptions
import pytest
import requests.exceptions
import requests_credssp.exceptions
import spnego.exceptions

import nestlab
from nestlab.errors import AccessDenied, HostError, HostUnreachable, NestlabError, SessionBroken
from nestlab.transport.winrm.failures import TRANSLATIONS, call, translate
from nestlab.transport.winrm.library_errors import Attempt

MODULES = (
    pypsrp.exceptions,
    pypsrp._pool_manager,
    requests.exceptions,
    requests_credssp.exceptions,
    spnego.exceptions,
)
ATTEMPT = Attempt("winrms://hv01", "hv01", 5986, tls=True, auth="negotiate", username="ada")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("winrms://127.0.0.1:1", ["default port is 5986", "-Port 1 ", "-LocalPort 1 "]),
        ("winrm://127.0.0.1:1", ["default port is 5985", '@{Port="1"}', "-LocalPort 1 "]),
    ],
)
def test_the_hint_for_another_port_opens_that_port(address, words):
    with pytest.raises(HostUnreachable) as caught:
        nestlab.connect(address, username="ada", password="Geheim-1234", auth="ntlm")
    assert all(word in caught.value.hint for word in words)


def exceptions_below():
    found = set()
    for module in MODULES:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            ours = issubclass(kind, Exception) and not issubclass(kind, Warning)
            if ours and kind.__module__.startswith(("pypsrp", "requests", "spnego")):
                found.add(f"{kind.__module__}.{kind.__qualname__}")
    return found


def test_none_of_them_is_unmapped():
    below = exceptions_below()
    assert len(below) > 40
    assert below - TRANSLATIONS.keys() == set()


def test_an_exception_that_a_library_gains_would_be_noticed(monkeypatch):
    new = type("BrandNewError", (Exception,), {"__module__": "pypsrp.exceptions"})
    monkeypatch.setattr(pypsrp.exceptions, "BrandNewError", new, raising=False)
    assert exceptions_below() - TRANSLATIONS.keys() == {"pypsrp.exceptions.BrandNewError"}


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            pypsrp.exceptions.WSManFaultError(5, "hv01", "Access is denied.", None, None, None),
            AccessDenied,
            "may not use",
        ),
        (
            pypsrp.exceptions.WSManFaultError(
                2150859173, "hv01", "maximum number", None, None, None
            ),
            HostUnreachable,
            "to open more shells",
        ),
        (
            pypsrp.exceptions.WSManFaultError(2150858793, "hv01", "too slow", None, None, None),
            HostUnreachable,
            "in time",
        ),
        (
            pypsrp.exceptions.WSManFaultError(
                "w:Strange", "hv01", "something else", None, None, None
            ),
            HostUnreachable,
            "something else",
        ),
        (pypsrp.exceptions.WinRMTransportError("http", 503, ""), HostUnreachable, "not available"),
        (pypsrp.exceptions.WinRMTransportError("http", 404, ""), HostUnreachable, "not WinRM"),
        (
            pypsrp.exceptions.AuthenticationError("Failed to authenticate the user ada"),
            AccessDenied,
            "ada",
        ),
        (requests.exceptions.ConnectTimeout("slow"), HostUnreachable, "does not answer"),
        (
            requests.exceptions.ConnectionError("Failed to resolve 'hv01'"),
            HostUnreachable,
            "The host name hv01 cannot be resolved",
        ),
        (spnego.exceptions.NoCredentialError(), AccessDenied, "hv01"),
        (RuntimeError("a surprise"), HostUnreachable, "a surprise"),
    ],
)
def test_each_names_the_host_the_cause_and_the_way_out(error, kind, words):
    problem = translate(error, ATTEMPT)
    assert isinstance(problem, kind)
    assert words in problem.message
    assert "hv01" in problem.message
    assert problem.hint


def test_what_breaks_while_something_runs_says_that_it_may_have_taken_effect():
    running = Attempt("winrms://hv01", "hv01", 5986, tls=True, auth="negotiate", running="Start-VM")
    for error in (
        requests.exceptions.ConnectionError("reset"),
        requests.exceptions.ReadTimeout("slow"),
        pypsrp.exceptions.FragmentError("x"),
    ):
        problem = translate(error, running)
        assert isinstance(problem, SessionBroken)
        assert "Start-VM" in problem.message
        assert "may or may not" in problem.hint


def test_the_translation_keeps_no_way_to_the_request():
    def fails():
        request = requests.Request(
            "POST", "https://hv01", headers={"Authorization": "Basic c2VjcmV0"}
        ).prepare()
        raise requests.exceptions.ConnectionError("reset", request=request)

    with pytest.raises(HostError) as caught:
        call(fails, ATTEMPT)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert not any(
        isinstance(value, requests.PreparedRequest) for value in vars(caught.value).values()
    )


def test_our_own_errors_pass_unchanged():
    mine = NestlabError("mine")
    assert translate(mine, ATTEMPT) is mine
