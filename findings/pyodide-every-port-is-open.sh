#!/usr/bin/env bash
# pyodide 314.0.7 (under Node.js): every host has an address, and every port is open.
# A careful engineer would guess: WebAssembly has no sockets, so that looking up a name or connecting
# raises OSError, as starting a process does.
# Instead, a name that does not exist gets an address (one of the runtime's own), and a connection to
# a port where nothing listens succeeds; only what is sent then times out. A file lock is also granted
# twice. A check of reachability made of `socket.create_connection`, as one writes it for WinRM,
# says yes to all in a notebook that runs in JupyterLite's kind of Python.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund pyodide@314.0.7 >/dev/null 2>&1
cat > run.mjs <<'EOF'
import {loadPyodide} from 'pyodide';
const python = await loadPyodide();
await python.runPythonAsync(`
import fcntl, socket, subprocess
def told(title, call):
    try:
        print(title, call())
    except Exception as error:
        print(title, type(error).__name__)
def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
        return "connected"
def send(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
        return link.send(b"x")
def lock():
    first, second = open("/tmp/lab.lock", "w"), open("/tmp/lab.lock", "w")
    for file in (first, second):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return "granted twice"
told("process:", lambda: subprocess.run(["x"]))
told("name:", lambda: "has an address" if socket.gethostbyname("no-such-host.invalid") else "")
told("port 5985:", lambda: connect(5985))
told("port 1:", lambda: connect(1))
told("sending:", lambda: send(5985))
told("lock:", lock)
`);
process.exit(0);
EOF
node run.mjs 2>/dev/null | tee seen
diff - seen <<'EOF'
process: OSError
name: has an address
port 5985: connected
port 1: connected
sending: TimeoutError
lock: granted twice
EOF
echo "As described."
