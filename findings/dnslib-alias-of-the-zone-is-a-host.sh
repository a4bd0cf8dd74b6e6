#!/usr/bin/env bash
# dnslib 0.9.26: in a zone file, the target of an SRV record does not get the zone's name, and `@` as
# a target is a host of that name.
# A careful engineer would guess: a name without a final dot gets the origin behind it, and `@` is the
# origin, wherever a name stands (RFC 1035, 5.1); the library does both for the owner of a record.
# Instead, each type of record reads its target in its own way: CNAME, NS, MX and PTR complete a short
# name, SRV ends it with a dot, and HTTPS drops it; `@` is a host called @. So clients of a lab's own
# DNS server look for the domain controller in the root zone, and `www` leads nowhere, without an error
# when the file is read. dnspython 2.9.2 reads all of them as meant.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q dnslib==0.9.26 dnspython==2.9.2 2>/dev/null
cat > lab.zone <<'END'
$ORIGIN lab.example.
$TTL 3600
@ IN SOA dc1 hostmaster ( 1 3600 900 604800 300 )
@ IN NS dc1
@ IN A 10.0.0.10
dc1 IN A 10.0.0.10
mail IN MX 10 dc1
files IN CNAME dc1
www IN CNAME @
_ldap._tcp IN SRV 0 100 389 dc1
_http._tcp IN SRV 0 100 80 @
portal IN HTTPS 1 dc1 alpn=h2
END
cat > targets.py <<'END'
import dns.zone
import dnslib

records = {str(record.rname): str(record.rdata) for record in dnslib.RR.fromZone(open("lab.zone").read())}
zone = dns.zone.from_file("lab.zone", relativize=False)
for owner in ("mail", "files", "www", "_ldap._tcp", "_http._tcp", "portal"):
    name = f"{owner}.lab.example."
    print(f"{owner}: {records[name]}")
    print(f"  dnspython: {zone[name].rdatasets[0][0]}")
END
venv/bin/python targets.py | tee seen
diff - seen <<'END'
mail: 10 dc1.lab.example.
  dnspython: 10 dc1.lab.example.
files: dc1.lab.example.
  dnspython: dc1.lab.example.
www: @.lab.example.
  dnspython: lab.example.
_ldap._tcp: 0 100 389 dc1.
  dnspython: 0 100 389 dc1.lab.example.
_http._tcp: 0 100 80 @.
  dnspython: 0 100 80 lab.example.
portal: 1 . alpn=h2
  dnspython: 1 dc1.lab.example. alpn="h2"
END
echo "As described."
