#!/usr/bin/env bash
# OpenSSH 9.2p1 (Debian 12): when the jump host is down, the messages speak of a remote host that closed the connection.
# A careful engineer would guess: an error of ProxyJump or ProxyCommand says that the way to the target
# failed, or names the target that was not reached.
# Instead, the ssh that runs for the jump host writes its own error, which looks like one of the target
# ("connect to host … port …"), and the outer one goes on as if a server had answered and closed the
# connection while keys were exchanged; its last line names "UNKNOWN port 65535". No line has the name
# of the target, and the exit code is 255 as for a wrong password. A tool that explains the exchange of
# keys ("the SSH server refuses you") sends its user to the wrong machine.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q openssh-client=1:9.2p1-2+deb12u10 >/dev/null 2>&1
dpkg -x openssh-client_*.deb root
export HOME=$work
reach() {
  echo "$1:"
  code=0
  PATH="$work/root/usr/bin:$PATH" root/usr/bin/ssh -F none -o BatchMode=yes "${@:2}" true 2>&1 | tr -d '\r' | sed 's/^/  /' || code=$?
  echo "  exit code $code"
}
{
  reach "The target refuses" -p 1 ada@127.0.0.1
  reach "The jump host refuses" -o ProxyJump=127.0.0.1:1 ada@hv01.example
  reach "The command to get there fails" -o ProxyCommand=false ada@hv01.example
} | tee seen
diff - seen <<'EOF'
The target refuses:
  ssh: connect to host 127.0.0.1 port 1: Connection refused
  exit code 255
The jump host refuses:
  ssh: connect to host 127.0.0.1 port 1: Connection refused
  kex_exchange_identification: Connection closed by remote host
  Connection closed by UNKNOWN port 65535
  exit code 255
The command to get there fails:
  kex_exchange_identification: Connection closed by remote host
  Connection closed by UNKNOWN port 65535
  exit code 255
EOF
echo "As described."
