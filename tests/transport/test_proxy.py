"""A proxy is used only if it is named, and an error names it."""

import socket
import threading
from contextlib import contextmanager

import pytest

import nestlab
from nestlab.errors import HostUnreachable, UsageError


@contextmanager
def listener():
    """Yield the address of a proxy that refuses everything, and what it was asked."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(4096).partition(b"\r\n")[0].decode())
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        server.shutdown(socket.SHUT_RDWR)


def open_host(**options):
    host = nestlab.connect(
        "winrms://hv01.lab.invalid", username="ada", password="Wd-4711-geheim", **options
    )
    try:
        host.run(nestlab.Cmdlet("Get-VM"))
    finally:
        host.close()


def test_settings_of_the_environment_do_not_decide_where_a_request_goes(monkeypatch):
    with listener() as (address, asked):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, address)
        with pytest.raises(
            HostUnreachable, match=r"The host name hv01\.lab\.invalid cannot be resolved"
        ):
            open_host()
    assert asked == []


def test_a_proxy_that_is_named_is_used_and_named_in_errors():
    with listener() as (address, asked), pytest.raises(HostUnreachable) as caught:
        open_host(proxy=address)
    assert asked
    assert all(line.startswith("CONNECT hv01.lab.invalid:5986 ") for line in asked)
    assert f"The proxy {address} did not connect to hv01.lab.invalid" in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("text", ["proxy:8080", "http://ada:secret@proxy:8080", "http://proxy"])
def test_a_proxy_with_a_password_or_without_a_port_is_refused(text):
    with pytest.raises(UsageError, match="is not the address of a proxy") as caught:
        open_host(proxy=text)
    assert "secret" not in str(caught.value)
