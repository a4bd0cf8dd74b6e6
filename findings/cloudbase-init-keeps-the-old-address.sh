#!/usr/bin/env bash
# cloudbase-init 1.1.9: a network configuration that Linux guests carry out is carried out in part by
# a Windows guest: DHCP, routes to other networks and whose name server is whose are lost.
# A careful engineer would guess: what it cannot set, it refuses or reports.
# Instead, `dhcp4: true` leads to no call at all, so that a clone of a machine with a fixed address
# keeps that address; a route to another network is read and then never set; an adapter without name
# servers of its own gets those of all others; and in version 1, a name server that is written as one
# text (cloud-init takes a text or a list) becomes one name server for each of its characters.
# The calls below are those that the plugin makes to the part that changes Windows, which is replaced
# by a recorder here.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q cloudbase-init==1.1.9 'setuptools<80' 2>/dev/null
cat > apply.py <<'EOF'
import logging
import textwrap
from unittest import mock

import yaml
from cloudbaseinit.metadata.services.nocloudservice import NoCloudNetworkConfigParser
from cloudbaseinit.plugins.common import networkconfig

logging.disable(logging.CRITICAL)


def calls(text):
    service, osutils = mock.Mock(), mock.Mock()
    osutils.set_static_network_config.return_value = False
    osutils.get_network_adapter_name_by_mac_address.side_effect = {
        "00:15:5d:01:02:03": "lan",
        "00:15:5d:01:02:04": "wan",
        "00:15:5d:01:02:05": "backup",
    }.get
    network = yaml.safe_load(textwrap.dedent(text))
    service.get_network_details_v2.return_value = NoCloudNetworkConfigParser().parse(network)
    with mock.patch.object(networkconfig.osutils_factory, "get_os_utils", return_value=osutils):
        networkconfig.NetworkConfigPlugin().execute(service, {})
    for name, args, _ in osutils.mock_calls:
        if not name.startswith("get_"):
            print(f"  {name}{args}")


print("version 2:")
calls("""
    version: 2
    ethernets:
      lan:
        match: {macaddress: "00:15:5d:01:02:03"}
        addresses: [10.0.0.5/24]
        routes: [{to: 10.20.0.0/16, via: 10.0.0.254}]
        nameservers: {addresses: [10.0.0.2]}
      wan:
        match: {macaddress: "00:15:5d:01:02:04"}
        dhcp4: true
      backup:
        match: {macaddress: "00:15:5d:01:02:05"}
        addresses: [10.9.0.5/24]
""")
print("version 1:")
calls("""
    version: 1
    config:
      - type: physical
        name: lan
        mac_address: "00:15:5d:01:02:03"
        subnets: [{type: static, address: 10.0.0.5/24}]
      - type: nameserver
        address: 10.0.0.2
""")
EOF
venv/bin/python apply.py 2>/dev/null | tee seen
diff - seen <<'EOF'
version 2:
  enable_network_adapter('lan', True)
  enable_network_adapter('wan', True)
  enable_network_adapter('backup', True)
  set_static_network_config('lan', '10.0.0.5', '24', None, ['10.0.0.2'])
  set_static_network_config('backup', '10.9.0.5', '24', None, ['10.0.0.2'])
version 1:
  enable_network_adapter('lan', True)
  set_static_network_config('lan', '10.0.0.5', '24', None, ['1', '0', '.', '0', '.', '0', '.', '2'])
EOF
echo "As described."
