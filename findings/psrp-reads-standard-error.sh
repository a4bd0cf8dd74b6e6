#!/usr/bin/env bash
# pypsrp 1.0.0b1 (`psrp.ProcessInfo`): one line on the child's standard error ends the session.
# A careful engineer would guess: PSRP runs over standard input and output, so that the error stream
# stays free for diagnostics, as with any protocol over pipes.
# Instead, both streams go into one pipe: a server that prints a warning before it answers is refused
# with "Failed to parse response", though what it writes to standard output is the same.
# A server for it has to silence or redirect everything that its runtime and libraries may print.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pypsrp==1.0.0b1 psrpcore==0.3.1 2>/dev/null
cat > server.py <<'EOF'
import base64, sys, uuid, xml.etree.ElementTree as ET
import psrpcore
print(*sys.argv[1:], end="", file=sys.stderr, flush=True)
pool, nil = psrpcore.ServerRunspacePool(), uuid.UUID(int=0)
def send_pending():
    while message := pool.data_to_send():
        print(f"<Data Stream='Default' PSGuid='{nil}'>{base64.b64encode(message.data).decode()}</Data>", flush=True)
for line in sys.stdin:
    packet = ET.fromstring(line)
    if packet.tag == "Close":
        pool.close()
        send_pending()
        print(f"<CloseAck PSGuid='{nil}' />", flush=True)
        break
    pool.receive_data(psrpcore.PSRPPayload(base64.b64decode(packet.text), psrpcore.StreamType.default, None))
    print(f"<DataAck PSGuid='{nil}' />", flush=True)
    while pool.next_event():
        pass
    send_pending()
EOF
cat > client.py <<'EOF'
import sys, psrp
try:
    with psrp.SyncRunspacePool(psrp.ProcessInfo(sys.executable, ["server.py", *sys.argv[1:]])) as pool:
        print(pool.state.name)
except psrp.PSRPError as error:
    print(error)
EOF
for warning in "" $'WARNING: no profile\n'; do
    timeout 60 venv/bin/python client.py "$warning" 2>/dev/null
done | grep . | tee seen
diff - seen <<'EOF'
Opened
Failed to parse response: WARNING: no profile
EOF
echo "As described."
