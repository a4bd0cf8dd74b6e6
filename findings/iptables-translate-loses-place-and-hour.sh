#!/usr/bin/env bash
# iptables-translate 1.8.9 and nft 1.0.6 (Debian 12): a rule moves to the top of its chain, and its
# hours move with the time zone.
# A careful engineer would guess: what cannot be translated is left as a comment, as the program
# does it with other rules, and what it translates means the same.
# Instead, `-I FORWARD 3` becomes an `insert` without a place, so a "drop all" that was third comes
# first and a lab's router forwards nothing. `--timestart 08:00` is UTC for iptables and local time
# for nft, which turns it into UTC when the rule is loaded: the same text gives another rule in each
# time zone. The exit code is 0 both times.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q iptables=1.8.9-2 nftables=1.0.6-2+deb12u2 libnftables1 libnftnl11 libxtables12 libjansson4 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
cat > run.sh <<'EOF'
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu XTABLES_LIBDIR=$PWD/root/usr/lib/x86_64-linux-gnu/xtables
translate() { root/usr/sbin/xtables-nft-multi iptables-translate "$@" | sed -E "s/^nft '?//; s/'$//"; }
nft() { root/usr/sbin/nft "$@"; }
nft add table ip filter
nft 'add chain ip filter FORWARD { type filter hook forward priority 0; }'
nft add rule ip filter FORWARD ip saddr 10.0.0.0/24 accept
nft add rule ip filter FORWARD ip daddr 10.0.0.0/24 accept
translate -I FORWARD 3 -j DROP | tee third
nft -f third
nft list chain ip filter FORWARD | grep -E '(accept|drop)$'
translate -A FORWARD -m time --timestart 08:00 --timestop 17:00 -j ACCEPT | tee hours
for zone in UTC Asia/Kolkata; do
    TZ=$zone nft -f hours
    echo "loaded in $zone, in UTC:$(TZ=UTC nft list chain ip filter FORWARD | grep hour | tail -1)"
done
EOF
unshare -rn bash run.sh | tee seen
diff - seen <<'EOF'
insert rule ip filter FORWARD counter drop
		counter packets 0 bytes 0 drop
		ip saddr 10.0.0.0/24 accept
		ip daddr 10.0.0.0/24 accept
add rule ip filter FORWARD  meta hour "08:00:00"-"17:00:00" counter accept
loaded in UTC, in UTC:		meta hour "08:00"-"17:00" counter packets 0 bytes 0 accept
loaded in Asia/Kolkata, in UTC:		meta hour "02:30"-"11:30" counter packets 0 bytes 0 accept
EOF
echo "As described."
