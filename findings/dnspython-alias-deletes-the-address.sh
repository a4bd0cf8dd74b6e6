#!/usr/bin/env bash
# dnspython 2.9.2: giving a name an alias deletes its address, and giving it an address deletes the
# alias, from a zone held in memory.
# A careful engineer would guess: a CNAME beside other records is refused, as the same library
# refuses it when it reads a zone file.
# Instead, the zone's methods and its transactions drop what does not fit the record that came last,
# without an error or a warning: the gateway of a lab loses its A and TXT records to an alias that
# was meant for another name, and the zone that is then written is valid.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q dnspython==2.9.2 2>/dev/null
cat > run.py <<'EOF'
import dns.rdataset
import dns.zone

START = "$ORIGIN lab.\n$TTL 60\n@ SOA gw admin 1 1 1 1 1\n@ NS gw\nweb A 10.0.0.1\n"
GATEWAY = "gw A 10.0.0.254\ngw TXT \"router of the lab\"\n"
ALIAS = dns.rdataset.from_text("IN", "CNAME", 60, "web")
ADDRESS = dns.rdataset.from_text("IN", "A", 60, "10.0.0.9")


def gateway(title, zone):
    print(title, sorted(record.to_text() for record in zone["gw"].rdatasets))


try:
    dns.zone.from_text(START + GATEWAY + "gw CNAME web\n")
except Exception as error:
    print("zone file:", type(error).__name__)
zone = dns.zone.from_text(START + GATEWAY)
gateway("before:", zone)
zone.replace_rdataset("gw", ALIAS)
gateway("after replace_rdataset:", zone)
zone = dns.zone.from_text(START + GATEWAY)
with zone.writer() as change:
    change.add("gw", ALIAS)
gateway("after a transaction:", zone)
with zone.writer() as change:
    change.add("gw", ADDRESS)
gateway("after another:", zone)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
zone file: CNAMEAndOtherData
before: ['60 IN A 10.0.0.254', '60 IN TXT "router of the lab"']
after replace_rdataset: ['60 IN CNAME web']
after a transaction: ['60 IN CNAME web']
after another: ['60 IN A 10.0.0.9']
EOF
echo "As described."
