#!/usr/bin/env bash
# cloudbase-init 1.1.9: a Windows guest with an IPv4 and an IPv6 address on one adapter gets the same
# gateway for both, so that one of them is given a gateway of the other protocol.
# A careful engineer would guess: each address gets the default route of its own family, as Linux
# guests get it from the same version 2 network configuration.
# Instead, the first default route of the adapter is the gateway of every address on it, whatever its
# family; and where `gateway4` and `gateway6` are both there, `gateway4` is not read at all. Nothing
# is logged about it. The calls below are those that the plugin makes to the part that sets addresses
# in Windows, which is replaced by a recorder here.
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


def configured(text):
    service, osutils = mock.Mock(), mock.Mock()
    osutils.set_static_network_config.return_value = False
    network = yaml.safe_load(textwrap.dedent(text))
    service.get_network_details_v2.return_value = NoCloudNetworkConfigParser().parse(network)
    with mock.patch.object(networkconfig.osutils_factory, "get_os_utils", return_value=osutils):
        networkconfig.NetworkConfigPlugin().execute(service, {})
    for name, address, prefix, gateway, _ in (
        call.args for call in osutils.set_static_network_config.mock_calls
    ):
        print(f"  {name}: {address}/{prefix} gateway {gateway}")


print("routes:")
configured("""
    version: 2
    ethernets:
      lan:
        match: {macaddress: "00:15:5d:01:02:03"}
        addresses: [10.0.0.5/24, "fd00:77::5/64"]
        routes:
          - {to: default, via: 10.0.0.1}
          - {to: default, via: "fd00:77::1"}
""")
print("gateway4 and gateway6:")
configured("""
    version: 2
    ethernets:
      lan:
        match: {macaddress: "00:15:5d:01:02:03"}
        addresses: [10.0.0.5/24, "fd00:77::5/64"]
        gateway4: 10.0.0.1
        gateway6: "fd00:77::1"
""")
EOF
venv/bin/python apply.py 2>/dev/null | tee seen
diff - seen <<'EOF'
routes:
  lan: 10.0.0.5/24 gateway 10.0.0.1
  lan: fd00:77::5/64 gateway 10.0.0.1
gateway4 and gateway6:
  lan: 10.0.0.5/24 gateway fd00:77::1
  lan: fd00:77::5/64 gateway fd00:77::1
EOF
echo "As described."
