"""What tests of a lab beside others on one host share: what the others do by hand, and how it is said."""

import nestlab
from nestlab.model import Cmdlet

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  # of the machine, as nestlab forwards
MAC = "00-15-5D-99-99-99"
FORWARD = "forward of tcp port 8443 to 10.9.0.50:443"
KEPT_WITH = (
    "kept: it has what no run of one made, as the journals here show: {}; VM guest on switch L1 may "
    "use it; `--disconnect-others` removes it anyway"
)


def host_of(monkeypatch, tmp_path):
    """A host whose journals are in a folder of the test."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect("sim:ws2022-intel")


def applied(host, text, **options):
    """The lab of a text, after an apply without a failed step."""
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert [str(result) for result in lab.apply(lab.plan(**options)) if not result.ok] == []
    return lab


def run(host, name, **parameters):
    """The records of a cmdlet that another user runs."""
    return host.run(Cmdlet(name, parameters)).records


def add_guest(host):
    """Add a VM of another user on the switch of the lab."""
    run(host, "New-VM", Name="guest", NoVHD=True, SwitchName="L1")


def reserve(host, address="10.9.0.110", mac=MAC, name="bob"):
    """Reserve an address in the lab's DHCP scope by hand."""
    of = {"ScopeId": "10.9.0.0", "IPAddress": address, "ClientId": mac, "Name": name}
    run(host, "Add-DhcpServerv4Reservation", **of)


def forward(host, port=8443, address="10.9.0.50"):
    """Add a port forward to the lab's NAT by hand."""
    external = {"ExternalIPAddress": EVERY_ADDRESS, "ExternalPort": port}
    internal = {"InternalIPAddress": address, "InternalPort": 443}
    of = {"NatName": "nestlab.one.L1", "Protocol": "TCP"}
    run(host, "Add-NetNatStaticMapping", **of, **external, **internal)


def coming(host, act):
    """A confirmation during which others act, before the first step."""
    done = []

    def confirm(_step):
        if not done:
            done.append(act(host))
        return True

    return confirm
