#!/usr/bin/env bash
# Open vSwitch 3.1.0 (Debian 12): a port that has both a native VLAN (tag) and a list of trunk VLANs
# (trunks) carries the native VLAN only.
# A careful engineer would guess: it is what a trunk with a native VLAN is everywhere else, frames of
# the tag without a VLAN header and those of the trunk with theirs, as Set-VMNetworkAdapterVlan
# -NativeVlanId -AllowedVlanIdList does; or ovs-vsctl refuses the pair.
# Instead, ovs-vsctl accepts it and shows both lists afterwards, and frames of the trunk's VLANs leave
# the port neither tagged nor untagged. Only the log of the daemon says that trunks are ignored. The
# port needs vlan_mode=native-untagged as well, which has to be set by hand.
set -euo pipefail
work=$(mktemp -d); cd "$work"
trap 'kill $(cat run/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$work"' EXIT
apt-get download -q openvswitch-switch=3.1.0-2+deb12u1 openvswitch-common=3.1.0-2+deb12u1 libunbound8 \
    libxdp1 libbpf1 libnuma1 libevent-2.1-7 libcap-ng0 libelf1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
root=$work/root
for libraries in "$root"/usr/lib/*-linux-gnu; do
    export LD_LIBRARY_PATH=$libraries:${libraries/usr\/lib/lib}
done
export PATH="$root/usr/bin:$root/usr/sbin:$PATH" OVS_RUNDIR="$work/run" OVS_LOGDIR="$work/run"
mkdir run
ovsdb-tool create "$work/run/conf.db" "$root/usr/share/openvswitch/vswitch.ovsschema"
ovsdb-server "$work/run/conf.db" "--remote=punix:$work/run/db.sock" "--pidfile=$work/run/db.pid" \
    --detach --no-chdir 2>/dev/null
set_up() { ovs-vsctl --timeout=20 "--db=unix:$work/run/db.sock" "$@"; }
set_up --no-wait init
# The dummy data path needs no kernel module: its ports are not real, its decisions are.
"$root/usr/lib/openvswitch-switch/ovs-vswitchd" "unix:$work/run/db.sock" --enable-dummy=override \
    --disable-system "--pidfile=$work/run/switch.pid" --detach --no-chdir \
    "--log-file=$work/run/switch.log" 2>/dev/null
set_up add-br lab -- set bridge lab datapath_type=dummy fail-mode=standalone
for port in uplink vm10 vm20; do set_up add-port lab $port -- set interface $port type=dummy; done
set_up set port vm10 tag=10 -- set port vm20 tag=20
leaves() {
    ovs-appctl -T 20 -t "$work/run/ovs-vswitchd.$(cat run/switch.pid).ctl" ofproto/trace lab \
        "in_port=$1,dl_src=00:15:5d:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff" | sed -n 's/^Datapath actions: //p'
}
{
    ovs-vsctl --version | head -1
    set_up set port uplink tag=10 trunks=20,30
    echo "tag $(set_up get port uplink tag), trunks $(set_up get port uplink trunks)"
    echo "a broadcast of vm10: $(leaves vm10)"
    echo "a broadcast of vm20: $(leaves vm20)"
    grep -o 'port uplink: .*' run/switch.log
    set_up set port uplink vlan_mode=native-untagged
    echo "native-untagged, of vm20: $(leaves vm20)"
} | tee seen
# 2 is the uplink, 1 the switch's own port.
diff - seen <<'EOF'
ovs-vsctl (Open vSwitch) 3.1.0
tag 10, trunks [20, 30]
a broadcast of vm10: push_vlan(vid=10,pcp=0),1,pop_vlan,2
a broadcast of vm20: push_vlan(vid=20,pcp=0),1
port uplink: ignoring trunks in favor of implicit vlan
native-untagged, of vm20: push_vlan(vid=20,pcp=0),1,2
EOF
