"""What a cell started in the background ends when the cell is run again, in a real kernel."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from tests.notebook.test_stage_panel import CLASS
from tests.workshop.classes import SMALL_LAB, written

ROOT = Path(__file__).parents[2]
READERS = """import threading
print(sum(thread.name == 'nestlab-refresh' for thread in threading.enumerate()))"""


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    written(tmp_path, CLASS, SMALL_LAB)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("NESTLAB_PROGRESS", str(tmp_path / "progress"))
    manager, client = start_new_kernel(cwd=str(tmp_path))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client, code, cell):
    """Run a cell, named as JupyterLab does; return what it prints."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
    content |= {"allow_stdin": False, "stop_on_error": True}
    message = client.session.msg("execute_request", content, metadata={"cellId": cell})
    client.shell_channel.send(message)
    printed = []
    while True:
        found = client.get_iopub_msg(timeout=120)
        if found["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if found["msg_type"] == "error":
            pytest.fail("\n".join(found["content"]["traceback"]))
        if found["msg_type"] == "stream":
            printed.append(found["content"]["text"])
        if found["msg_type"] == "status" and found["content"]["execution_state"] == "idle":
            return "".join(printed).strip()


def readers(client, expected):
    """Return how many threads read, once it is the expected number or after a while."""
    for _ in range(100):
        if (found := int(run(client, READERS, "count"))) == expected:
            break
        time.sleep(0.05)
    return found


def test_a_board_that_is_shown_again_leaves_no_reader_of_the_old_one(kernel):
    panel = "from nestlab.notebook import BoardPanel\nBoardPanel('class.yml', refresh_seconds=3600)"
    both = f"{panel}\nother = BoardPanel('class.yml', refresh_seconds=3600)"
    for _ in range(3):
        run(kernel, panel, "first")
    assert readers(kernel, 1) == 1
    run(kernel, both, "second")
    assert readers(kernel, 3) == 3, "boards of other cells and of the same run go on"
    run(kernel, both, "second")
    assert readers(kernel, 3) == 3
