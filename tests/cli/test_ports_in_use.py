"""A port that is in use is named before JupyterLab starts, with the way out."""

import socket

from nestlab.cli import main


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
