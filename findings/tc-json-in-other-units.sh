#!/usr/bin/env bash
# tc of iproute2 6.1.0 (Debian 12): in JSON, a bandwidth of 10 Mbit/s is 1250000, which tc itself reads
# as 1.25 Mbit/s.
# A careful engineer would guess: `tc -j` gives what `tc` prints, as numbers in the units that tc takes
# a bare number in: bits per second for rates, by its manual.
# Instead, the rate of a shaper is in bytes per second and its latency in microseconds, without a unit,
# while the text says Mbit and ms; a program that reads the lab's WAN link and sets it again makes it
# eight times slower each time. And of classes there is no JSON at all: `tc -j class show` writes the
# text of `tc class show` and exits with 0.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q iproute2=6.1.0-3 libbpf1 libelf1 libmnl0 libbsd0 libmd0 libcap2 libxtables12 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
cat > run.sh <<'END'
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu
tc() { root/sbin/tc "$@"; }
options() { tc -j qdisc show dev wan | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["options"]'"$1"')'; }
root/bin/ip link add wan type veth peer name isp
tc qdisc add dev wan root tbf rate 10mbit burst 32kb latency 400ms
for turn in first second; do
  echo "text: $(tc qdisc show dev wan | sed -E 's/.*(rate.*)/\1/; s/ *$//')"
  echo "JSON: $(options '')"
  tc qdisc replace dev wan root tbf rate "$(options '["rate"]')" burst 32kb latency 400ms
done
tc qdisc replace dev wan root handle 1: htb default 10
tc class add dev wan parent 1: classid 1:10 htb rate 10mbit
tc -j class show dev wan >class; code=$?
echo "class: $(sed 's/ burst.*//' class), exit code $code"
END
unshare -rn bash run.sh | tee seen
diff - seen <<'END'
text: rate 10Mbit burst 32Kb lat 400ms
JSON: {'rate': 1250000, 'burst': 32767, 'lat': 400000}
text: rate 1250Kbit burst 32Kb lat 400ms
JSON: {'rate': 156250, 'burst': 32767, 'lat': 400000}
class: class htb 1:10 root prio 0 rate 10Mbit ceil 10Mbit, exit code 0
END
echo "As described."
