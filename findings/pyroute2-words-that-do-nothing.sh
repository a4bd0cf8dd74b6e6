#!/usr/bin/env bash
# pyroute2 0.9.7: a word that it does not know is left out of the request, and the rest is carried
# out.
# A careful engineer would guess: Python refuses an unknown keyword, and the words of the `ip`
# command (`metric 50`) are known or refused.
# Instead, a second route with `metric=50` is one without a metric, so it is preferred to the first;
# `prefix=24` gives an address with /32; `mtuu=1400` sets nothing. Each call returns the kernel's
# acknowledgement. The words that work are `priority`, `prefixlen` and `mtu`.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyroute2==0.9.7 2>/dev/null
cat > run.py <<'EOF'
from pyroute2 import IPRoute

ip = IPRoute()
ip.link("add", ifname="lan", kind="veth", peer={"ifname": "far"})
lan, far = ip.link_lookup(ifname="lan")[0], ip.link_lookup(ifname="far")[0]
for link in (lan, far):
    ip.link("set", index=link, state="up")


def said(answer):
    return f"acknowledged with error {answer[0]['error']},"


for prefix in ({"prefix": 24}, {"prefixlen": 24}):
    address = "10.0.1.5" if "prefix" in prefix else "10.0.2.5"
    answer = said(ip.addr("add", index=lan, address=address, **prefix))
    print(prefix, answer, [f"{a.get_attr('IFA_ADDRESS')}/{a['prefixlen']}" for a in ip.get_addr(address=address)])
for metric in ({"metric": 50}, {"priority": 50}):
    dst = "10.8.0.0/16" if "metric" in metric else "10.9.0.0/16"
    answer = said(ip.route("add", dst=dst, gateway="10.0.2.1", **metric))
    print(metric, answer, [r.get_attr("RTA_PRIORITY") for r in ip.route("dump", dst=dst)])
for mtu in ({"mtuu": 1400}, {"mtu": 1400}):
    answer = said(ip.link("set", index=lan, **mtu))
    print(mtu, answer, ip.get_links(lan)[0].get_attr("IFLA_MTU"))
EOF
unshare -rn venv/bin/python run.py | tee seen
diff - seen <<'EOF'
{'prefix': 24} acknowledged with error 0, ['10.0.1.5/32']
{'prefixlen': 24} acknowledged with error 0, ['10.0.2.5/24']
{'metric': 50} acknowledged with error 0, [None]
{'priority': 50} acknowledged with error 0, [50]
{'mtuu': 1400} acknowledged with error 0, 1500
{'mtu': 1400} acknowledged with error 0, 1400
EOF
echo "As described."
