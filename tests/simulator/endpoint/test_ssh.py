"""The simulated host as the subsystem of a real SSH server."""

import os
import subprocess

import pytest

from tests.simulator.endpoint.stdio_client import StdioClient
from tests.transport.ssh_server import running_ssh_server, ssh_server  # noqa: F401  # a fixture

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the server of the test is a POSIX one")


def over_ssh(server):
    return StdioClient(command=(*server.client, "-s", f"{server.user}@127.0.0.1", "powershell"))


def test_a_session_over_ssh_opens_answers_and_closes(ssh_server):  # noqa: F811
    with over_ssh(ssh_server) as client:
        state, outputs = client.open().run("Get-VMHost")
        assert (state.name, len(outputs)) == ("Completed", 1)
        client.close()
        assert client.finish() == (0, "")


def test_sessions_over_ssh_share_one_host(ssh_server):  # noqa: F811
    with over_ssh(ssh_server) as first, over_ssh(ssh_server) as second:
        first.open().run("New-VMSwitch", Name="Shared", SwitchType="Private")
        assert [item.Name for item in second.open().run("Get-VMSwitch", Name="Shared")[1]] == [
            "Shared"
        ]


def test_large_messages_come_through(ssh_server):  # noqa: F811
    with over_ssh(ssh_server) as client:
        client.open().run("New-VM", Name="Big", MemoryStartupBytes=1 << 30, NoVHD=True)
        client.run("Set-VM", Name="Big", Notes="ß" * 300_000)
        (vm,) = client.run("Get-VM", Name="Big")[1]
        assert vm.Notes == "ß" * 300_000


def test_the_wrapper_on_the_path_knows_the_server(ssh_server, monkeypatch):  # noqa: F811
    ssh_server.use(monkeypatch)
    words = ["ssh", "-p", str(ssh_server.port), f"{ssh_server.user}@127.0.0.1", "echo", "hello"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr


def test_without_the_subsystem_the_request_fails(tmp_path):
    with running_ssh_server(tmp_path, subsystem=False) as server, over_ssh(server) as client:
        with pytest.raises(EOFError, match="subsystem request failed"):
            client.read()
        assert client.finish()[0] != 0


def test_a_server_that_stops_ends_its_sessions(tmp_path):
    with running_ssh_server(tmp_path) as server, over_ssh(server) as client:
        client.open()
        server.stop()
        with pytest.raises(EOFError):
            client.read()
        assert client.finish()[0] == 255


def test_no_secret_is_in_the_log_or_on_a_command_line(ssh_server):  # noqa: F811
    with over_ssh(ssh_server) as client:
        client.open()
        shown = subprocess.run(
            ["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True
        )
    assert ssh_server.guest_password not in shown.stdout
    assert ssh_server.guest_password not in ssh_server.log
    assert ssh_server.guest_password not in repr(ssh_server)
