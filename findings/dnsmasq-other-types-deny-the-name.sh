#!/usr/bin/env bash
# dnsmasq 2.90 (Debian 12) with dnspython 2.9.2 as its client: a name that has an IPv4 address does not
# exist as soon as somebody asks for its IPv6 address.
# A careful engineer would guess: `--address=/apps.lab.example/10.0.0.9` in a domain that is the server's
# own answers A with the address and AAAA with nothing (no error, no record), as `--host-record` does.
# Instead, every question but A gets NXDOMAIN, which is about the name and not about the type (RFC 2308):
# a client that remembers it denies the address as well. Asked for A first, the name resolves; asked for
# AAAA first, as programs that prefer IPv6 do, it does not. A second `--address` with an IPv6 address
# helps AAAA alone, TXT and HTTPS still deny the name; `--host-record` is right, but covers one name.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q dnsmasq-base=2.90-4~deb12u2 libnetfilter-conntrack3 libnfnetlink0 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install -q dnspython==2.9.2 2>/dev/null
cat > ask.py <<'END'
import dns.resolver

def ask(resolver, name, kind):
    try:
        return str(resolver.resolve(f"{name}.lab.example", kind)[0])
    except dns.resolver.NXDOMAIN:
        return "no such name"
    except dns.resolver.NoAnswer:
        return "no such record"

for name in ("apps", "both", "web"):
    for kinds in (("A", "AAAA"), ("AAAA", "A"), ("HTTPS", "A")):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.cache = dns.resolver.LRUCache()
        print(f"{name}:", ", then ".join(f"{kind} {ask(resolver, name, kind)}" for kind in kinds))
END
cat > run.sh <<'END'
ip link set lo up
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/sbin/dnsmasq --conf-file=/dev/null -d --listen-address=127.0.0.1 \
  --bind-interfaces --no-resolv --no-hosts --local=/lab.example/ --address=/apps.lab.example/10.0.0.9 \
  --address=/both.lab.example/10.0.0.8 --address=/both.lab.example/fd00::8 \
  --host-record=web.lab.example,10.0.0.5 >log 2>&1 &
until grep -q 'started' log; do sleep 0.1; done
venv/bin/python ask.py
kill $!
END
unshare -rn bash run.sh | tee seen
diff - seen <<'END'
apps: A 10.0.0.9, then AAAA no such name
apps: AAAA no such name, then A no such name
apps: HTTPS no such name, then A no such name
both: A 10.0.0.8, then AAAA fd00::8
both: AAAA fd00::8, then A 10.0.0.8
both: HTTPS no such name, then A no such name
web: A 10.0.0.5, then AAAA no such record
web: AAAA no such record, then A 10.0.0.5
web: HTTPS no such record, then A 10.0.0.5
END
echo "As described."
