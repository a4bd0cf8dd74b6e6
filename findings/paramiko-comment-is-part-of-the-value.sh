#!/usr/bin/env bash
# paramiko 5.1.0 and asyncssh 2.24.1: a comment behind a value in an SSH configuration is part of the
# value for one, and an error for the other.
# A careful engineer would guess: both read the file that OpenSSH reads, where a `#` after a
# value begins a comment (Debian 12's ssh, with `-G web`, prints `hostname 10.0.0.5`).
# Instead, paramiko looks up a host named "10.0.0.5 # in HV1", a user "lab # local" and a second jump
# host, and asyncssh refuses the file. An entry for a VM behind a nested host that works by hand fails
# from Python; paramiko also keeps the first `SendEnv` of several alone, where the other two add up.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q paramiko==5.1.0 asyncssh==2.24.1 2>/dev/null
cat > run.py <<'EOF'
import pathlib

import asyncssh
import paramiko

PLAIN = "Host web\n  HostName 10.0.0.5\n  User lab\n  ProxyJump hv1\n  SendEnv A\n  SendEnv B\n"
noted = PLAIN.replace("0.5\n", "0.5 # in HV1\n").replace("lab\n", "lab # local\n").replace("hv1\n", "hv1 # outer\n")
for title, text in (("plain", PLAIN), ("noted", noted)):
    pathlib.Path(title).write_text(text)
    found = paramiko.SSHConfig.from_path(title).lookup("web")
    print(title, "paramiko", [found[key] for key in ("hostname", "user", "proxyjump", "sendenv")])
    try:
        options = asyncssh.SSHClientConnectionOptions(config=[title], host="web", client_keys=None)
        print(title, "asyncssh", [options.config.get(key) for key in ("Hostname", "User", "ProxyJump", "SendEnv")])
    except Exception as error:
        print(title, "asyncssh", type(error).__name__, error)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
plain paramiko ['10.0.0.5', 'lab', 'hv1', 'A']
plain asyncssh ['10.0.0.5', 'lab', 'hv1', ['A', 'B']]
noted paramiko ['10.0.0.5 # in HV1', 'lab # local', 'hv1 # outer', 'A']
noted asyncssh ConfigParseError noted line 2: Extra data at end: # in HV1
EOF
echo "As described."
