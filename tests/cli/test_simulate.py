"""`nestlab simulate`: it says how to come in, and ends when it is told to."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from nestlab.cli import main

KEYS = ["address", "url", "user", "password", "certificate", "guest_user", "guest_password"]


@pytest.fixture
def started(tmp_path):
    """Start the command and return the process; it is ended after the test."""
    processes = []

    def start(*words):
        command = [
            sys.executable,
            "-c",
            # A shell that starts the tests in the background has them ignore SIGINT.
            (
                "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
                "from nestlab.cli import main; raise SystemExit(main())"
            ),
            "simulate",
            *words,
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_says_in_one_line_how_to_come_in_and_answers_there(started, tmp_path):
    process = started("--json", "--state", "host.json")
    entry = json.loads(process.stdout.readline())
    assert list(entry) == KEYS
    port = int(entry["url"].split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        pass
    assert (tmp_path / "host.json").is_file()


@pytest.mark.parametrize("options", [(), ("--tls",)], ids=["http", "https"])
def test_the_address_is_one_for_the_option_host(options, started, monkeypatch, capsys):
    entry = json.loads(started("--json", *options).stdout.readline())
    monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", f"{entry['user']}:{entry['password']}")
    assert main(["check", "--host", entry["address"], "--username", entry["user"]]) in (0, 1)
    assert "HV01" in capsys.readouterr().out.upper()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking them")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ends_when_it_is_told_to(started, how):
    process = started("--json")
    process.stdout.readline()
    process.send_signal(how)
    assert process.wait(120) == 130
    assert "Traceback" not in process.stderr.read()


def test_a_taken_port_is_named(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["simulate", "--port", str(taken.getsockname()[1])]) == 2
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_no_port_is_bad_usage(port):
    assert main(["simulate", "--port", port]) == 2


def test_an_unknown_scenario_is_bad_usage(capsys):
    assert main(["simulate", "--scenario", "vax"]) == 2
    assert "ws2022-intel" in capsys.readouterr().err


def test_lists_the_scenarios(capsys):
    assert main(["simulate", "--list"]) == 0
    text = capsys.readouterr().out
    assert "busy-host" in text
    assert "Docker" in text
    assert main(["simulate", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed["scenarios"]][:2] == ["ws2022-intel", "ws2025-amd"]


def test_a_scenario_file_that_does_not_fit_is_bad_usage(capsys, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"description": "x", "based_on": "ws2022-intel", "vmz": []}', encoding="utf-8")
    assert main(["simulate", "--scenario", str(path)]) == 2
    assert "Did you mean 'vms'?" in capsys.readouterr().err


def test_a_folder_without_a_role_is_bad_usage(capsys, tmp_path):
    assert main(["simulate", "--configuration", str(tmp_path)]) == 2
    assert "no session configuration" in capsys.readouterr().err
