#!/usr/bin/env bash
# ipykernel 7.4.0: an interrupt does not end a cell that awaits; it makes the cell fail afterwards.
# A careful engineer would guess: the stop button raises KeyboardInterrupt at the `await`, at once.
# Instead, the cell goes on until something else wakes the event loop, here the end of the thread it
# waits for, and then ends with CancelledError, although the work is done: `except KeyboardInterrupt`
# (and `except Exception`) does not see it, so that clean-up is skipped. The same wait without
# `await` ends first, with KeyboardInterrupt. A lab run that is awaited in a notebook cannot be
# stopped while it waits for a host; a periodic wake-up (`asyncio.sleep` in a loop) makes it possible.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ipykernel==7.4.0 jupyter_client==8.10.0 2>/dev/null
cat > run.py <<'EOF'
import time

from jupyter_client.manager import start_new_kernel

CELL = """
import asyncio, threading, time
def work():
    time.sleep(6)
    print("work is done", flush=True)
try:
    print("started", flush=True)
    WAIT
except KeyboardInterrupt:
    print("caught KeyboardInterrupt", flush=True)
except asyncio.CancelledError:
    print("caught CancelledError", flush=True)
job.join()
"""
WAITS = {
    "await": "job = threading.Thread(target=lambda: None); job.start(); await asyncio.to_thread(work)",
    "no await": "job = threading.Thread(target=work); job.start(); job.join()",
}
manager, client = start_new_kernel()
try:
    for title, wait in WAITS.items():
        sent, seen = client.execute(CELL.replace("WAIT", wait)), ""
        while True:
            message = client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "stream":
                if "started" not in seen:
                    time.sleep(1)
                    manager.interrupt_kernel()
                seen += message["content"]["text"]
            if message["content"].get("execution_state") == "idle":
                break
        print(f"{title}: {', '.join(seen.split(chr(10))[:-1])}")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
await: started, work is done, caught CancelledError
no await: started, caught KeyboardInterrupt
EOF
echo "As described."
