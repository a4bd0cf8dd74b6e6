#!/usr/bin/env bash
# pywinrm 0.5.0: a Session to an IPv6 address goes to another host, and `https://` to the port of
# HTTP.
# A careful engineer would guess: a target is a URL as everywhere, and one that cannot be read is
# refused, as `[fd00::5]` is.
# Instead, what stands before the first character that is not expected is the host's name: from
# `http://[fd00::5]:5985/wsman` it is "http", from `fd00::5` it is "fd00", and that is the
# host that it would log in to. A path of a gateway is cut off. The port follows the transport and
# not the scheme: `https://HV1` with NTLM speaks TLS to port 5985, where HTTP is spoken.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pywinrm==0.5.0 2>/dev/null
cat > run.py <<'EOF'
from winrm import Session

for target in ("HV1", "https://HV1:5986/wsman", "http://[fd00::5]:5985/wsman", "https://[fd00::5]:5986/wsman",
               "fd00::5", "[fd00::5]", "https://gateway.lab:443/hv1/wsman", "https://HV1"):
    try:
        session = Session(target, auth=("LAB\\admin", "secret"), transport="ntlm")
        print(target, "->", session.protocol.transport.endpoint)
    except ValueError as error:
        print(target, "->", error)
print("https://HV1 with transport ssl ->", Session("https://HV1", auth=("a", "b"), transport="ssl").url)
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
HV1 -> http://HV1:5985/wsman
https://HV1:5986/wsman -> https://HV1:5986/wsman
http://[fd00::5]:5985/wsman -> http://http:5985/wsman
https://[fd00::5]:5986/wsman -> http://https:5985/wsman
fd00::5 -> http://fd00:5985/wsman
[fd00::5] -> Invalid target URL: [fd00::5]
https://gateway.lab:443/hv1/wsman -> https://gateway.lab:443/
https://HV1 -> https://HV1:5985/wsman
https://HV1 with transport ssl -> https://HV1:5986/wsman
EOF
echo "As described."
