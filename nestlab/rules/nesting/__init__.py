"""Rules about a VM on a machine and the guest in it, which show something only together."""
