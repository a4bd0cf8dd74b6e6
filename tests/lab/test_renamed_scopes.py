"""A DHCP scope of a lab that was renamed by hand is not silently left where its switch goes."""

import nestlab
from nestlab.model import Cmdlet

FILE = """
name: lab
switches:
  - name: Cl
    switch_type: Internal
    ip_address: 10.9.0.1/24
    dhcp: {range: 10.9.0.100-10.9.0.110}
"""


def test_destroy_lists_it_as_kept_with_the_reason():
    lab = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    rename = {"ScopeId": "10.9.0.0", "Name": "bobs scope"}
    lab.host.run(Cmdlet("Set-DhcpServerv4Scope", rename))
    kept = {item.subject: item.why for item in lab.plan_destroy().unchanged}
    assert kept["DHCP scope bobs scope"] == (
        "it serves 10.9.0.0/24, the network of switch Cl, and its name is not nestlab.lab.Cl: "
        "nothing shows that this topology created it; "
        "Remove-DhcpServerv4Scope -ScopeId '10.9.0.0' removes it"
    )
    assert all(result.ok for result in lab.destroy())
    (scope,) = lab.host.run(Cmdlet("Get-DhcpServerv4Scope"))
    assert scope["Name"] == "bobs scope"


def test_a_scope_of_others_in_another_network_is_not_listed():
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(FILE), host)
    assert all(result.ok for result in lab.apply())
    scope = {
        "Name": "theirs",
        "StartRange": "10.8.0.10",
        "EndRange": "10.8.0.20",
        "SubnetMask": "255.255.255.0",
    }
    host.run(Cmdlet("Add-DhcpServerv4Scope", scope))
    assert not any("theirs" in item.subject for item in lab.plan_destroy().unchanged)
