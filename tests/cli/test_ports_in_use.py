"""A port or an address that the server cannot have is named before JupyterLab starts, with the way out."""

import socket

import pytest

from nestlab.cli import main
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written


def test_a_port_in_use_is_refused_with_what_to_do(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--no-browser", "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert f"No port is free: {port}." in error
    assert "--port" in error
    assert "ServerApp" not in error


@pytest.fixture(params=["nestlab", "workshop serve"])
def serve(request, monkeypatch, tmp_path, capsys):
    """Return a function that starts one of the two servers, which refuses, and returns its error."""
    monkeypatch.chdir(tmp_path)
    file = str(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    command = [] if request.param == "nestlab" else ["workshop", "serve", file]

    def error(*options):
        assert main([*command, "--no-browser", *options]) == 2
        return capsys.readouterr().err

    return error


@pytest.mark.parametrize("port", ["70000", "65536", "-1"])
def test_a_number_that_is_no_port_is_refused(serve, port):
    error = serve(f"--port={port}")
    assert f"There is no port {port}: ports are numbers from 0 to 65535." in error
    assert "Name another one with --port." in error


@pytest.mark.parametrize("port", [["--port", "0"], []])
@pytest.mark.parametrize("ip", ["192.0.2.99", "nosuch.invalid", "2001:db8::99", "fe80::99"])
def test_an_address_that_this_computer_does_not_have_is_refused(serve, ip, port):
    error = serve("--ip", ip, *port)
    assert f"{ip} is not an address of this computer." in error
    assert "--ip" in error
    assert "No port is free" not in error
