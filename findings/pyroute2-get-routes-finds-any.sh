#!/usr/bin/env bash
# pyroute2 0.9.7: `get_routes(dst="10.77.0.0/16")` finds a route to a network that has none.
# A careful engineer would guess: `get_routes` lists the routing table, and its arguments choose
# from it, as those of `get_links`, `get_addr` and of `get_routes(gateway=...)` do.
# Instead, with `dst` it asks the kernel which way a packet to the first address would go. As soon
# as there is a default route, every network has a route, so a program that adds what is missing
# adds nothing; where there is none, the answer is an exception and not an empty list.
# `route("dump", ...)` chooses as one expects, except for the default route: `dst="default"` chooses
# all.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyroute2==0.9.7 2>/dev/null
cat > run.py <<'EOF'
from pyroute2 import IPRoute, NetlinkError

ip = IPRoute()
ip.link("add", ifname="lan", kind="veth", peer={"ifname": "far"})
lan, far = ip.link_lookup(ifname="lan")[0], ip.link_lookup(ifname="far")[0]
for link in (lan, far):
    ip.link("set", index=link, state="up")
ip.addr("add", index=lan, address="10.0.2.5/24")
ip.route("add", dst="10.9.0.0/16", gateway="10.0.2.1")


def show(title, ask, **choice):
    try:
        found = [f"{r.get_attr('RTA_DST') or 'default'}/{r['dst_len']}" for r in ask(family=2, table=254, **choice)]
    except NetlinkError as error:
        found = error
    print(f"{title} {choice}: {found}")


def dump(**choice):
    return ip.route("dump", **choice)


for default in (False, True):
    if default:
        ip.route("add", dst="default", gateway="10.0.2.1")
    print("with a default route:" if default else "without a default route:")
    for network in ("10.9.0.0/16", "10.9.7.0/24", "10.77.0.0/16"):
        show("get_routes", ip.get_routes, dst=network)
        show("dump", dump, dst=network)
show("get_routes", ip.get_routes, gateway="10.0.2.1")
show("dump", dump, dst="default")
EOF
unshare -rn venv/bin/python run.py | tee seen
diff - seen <<'EOF'
without a default route:
get_routes {'dst': '10.9.0.0/16'}: ['10.9.0.0/32']
dump {'dst': '10.9.0.0/16'}: ['10.9.0.0/16']
get_routes {'dst': '10.9.7.0/24'}: ['10.9.7.0/32']
dump {'dst': '10.9.7.0/24'}: []
get_routes {'dst': '10.77.0.0/16'}: (101, 'Network is unreachable')
dump {'dst': '10.77.0.0/16'}: []
with a default route:
get_routes {'dst': '10.9.0.0/16'}: ['10.9.0.0/32']
dump {'dst': '10.9.0.0/16'}: ['10.9.0.0/16']
get_routes {'dst': '10.9.7.0/24'}: ['10.9.7.0/32']
dump {'dst': '10.9.7.0/24'}: []
get_routes {'dst': '10.77.0.0/16'}: ['10.77.0.0/32']
dump {'dst': '10.77.0.0/16'}: []
get_routes {'gateway': '10.0.2.1'}: ['default/0', '10.9.0.0/16']
dump {'dst': 'default'}: ['default/0', '10.0.2.0/24', '10.9.0.0/16']
EOF
echo "As described."
