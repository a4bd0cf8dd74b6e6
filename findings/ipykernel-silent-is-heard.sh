#!/usr/bin/env bash
# ipykernel 7.4.0: a request sent with `silent=True` publishes what it prints, displays and raises.
# A careful engineer would guess: it does what the Jupyter messaging specification says of `silent`,
# that nothing is broadcast on the IOPub channel.
# Instead, only the input and the value of the last line are kept back: printed text, displays and
# tracebacks go to every client of the kernel. A tool that asks the kernel about the lab behind the
# user's back (a variable browser, a test) shows its texts in whatever page listens to all messages.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ipykernel==7.4.0 jupyter_client==8.10.0 2>/dev/null
cat > run.py <<'EOF'
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel()
try:
    for code in ("5", "print('asked')", "from IPython.display import display; display('shown')", "1 / 0"):
        for silent in (False, True):
            sent, seen = client.execute(code, silent=silent), []
            while True:
                message = client.get_iopub_msg(timeout=60)
                if message["parent_header"].get("msg_id") != sent:
                    continue
                if message["content"].get("execution_state") == "idle":
                    break
                if message["msg_type"] != "status":
                    seen.append(message["msg_type"])
            print(code.split(";")[-1].strip(), "silent:" if silent else "usual:", *seen)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
5 usual: execute_input execute_result
5 silent:
print('asked') usual: execute_input stream
print('asked') silent: stream
display('shown') usual: execute_input display_data
display('shown') silent: display_data
1 / 0 usual: execute_input error
1 / 0 silent: error
EOF
echo "As described."
