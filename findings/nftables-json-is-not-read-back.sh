#!/usr/bin/env bash
# nft 1.0.6 (Debian 12): a ruleset with port forwards that was saved as JSON cannot be loaded again, and
# one without them comes back with other sets.
# A careful engineer would guess: what `nft -j list ruleset` writes, `nft -j -f` reads, as it is with
# the text; both directions use the one schema that libnftables-json(5) describes.
# Instead, a map from a port to an address and a port, which a router with several forwards has, is
# written with the type "ipv4_addr . inet_service" as one word, and that word is refused; so is a map from
# network to network, and nothing of the file is loaded. Of a set, `auto-merge` is lost without an error:
# adding a network that overlaps is refused after the restoration, and was merged before it. Comments
# on tables, sets and chains are lost too. The text keeps all of it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q nftables=1.0.6-2+deb12u2 libnftables1 libnftnl11 libxtables12 libjansson4 \
  libmnl0 libgmp10 libedit2 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
cat > forwards.nft <<'END'
table ip lab {
  map forwards { type inet_service : ipv4_addr . inet_service;
    elements = { 8080 : 10.0.0.5 . 80, 33890 : 10.0.0.6 . 3389 }; }
  chain in { type nat hook prerouting priority dstnat; dnat ip to tcp dport map @forwards; }
}
END
cat > networks.nft <<'END'
table ip lab {
  map networks { type ipv4_addr : interval ipv4_addr; flags interval; elements = { 192.0.2.0/24 : 10.0.0.0/24 }; }
  chain in { type nat hook prerouting priority dstnat; dnat ip prefix to ip daddr map @networks; }
}
END
cat > seats.nft <<'END'
table ip lab {
  comment "router of the lab"
  set seats { type ipv4_addr; flags interval; auto-merge; comment "all seats"; elements = { 10.0.0.0/24 }; }
  chain forward { type filter hook forward priority filter; ip saddr @seats accept comment "seats go out"; }
}
END
cat > run.sh <<'END'
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu
nft() { root/usr/sbin/nft "$@"; }
extend() {
  nft add element ip lab seats '{ 10.0.0.0/16 }' 2>&1 | sed -n 's/.*Error: /  refused: /p'
  nft list set ip lab seats | sed -n 's/.*elements = /  seats: /p'
}
for name in forwards networks seats; do
  nft -f "$name.nft"; nft list ruleset > saved.nft; nft -j list ruleset > saved.json
  nft flush ruleset; nft -f saved.nft
  echo "$name, from the text: $(nft list ruleset | diff saved.nft - | grep -c '^<') lines missing"
  [ "$name" != seats ] || extend
  nft flush ruleset; nft -j -f saved.json 2>answer
  echo "$name, from JSON: $(nft list ruleset | diff saved.nft - | grep -c '^<') lines missing"
  sed -n 's/.*Error: /  refused: /p' answer
  [ "$name" != seats ] || { nft list ruleset | diff saved.nft - | sed -n 's/^<[[:space:]]*/  without: /p'; extend; }
done
END
unshare -rn bash run.sh | tee seen
diff - seen <<'END'
forwards, from the text: 0 lines missing
forwards, from JSON: 11 lines missing
  refused: Invalid map type 'ipv4_addr . inet_service'.
  refused: Parsing command array at index 2 failed.
networks, from the text: 0 lines missing
networks, from JSON: 12 lines missing
  refused: Value must be a singleton
seats, from the text: 0 lines missing
  seats: { 10.0.0.0/16 }
seats, from JSON: 3 lines missing
  without: comment "router of the lab"
  without: auto-merge
  without: comment "all seats"
  refused: interval overlaps with an existing one
  seats: { 10.0.0.0/24 }
END
echo "As described."
