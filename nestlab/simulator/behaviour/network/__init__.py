"""The network of a simulated host: addresses, leases, the firewall, and the way of packets."""
