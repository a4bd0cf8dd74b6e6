"""The network of a simulated host: addresses, leases, the firewall, and the paths of packets."""
