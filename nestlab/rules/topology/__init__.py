"""Rules about a topology, without a host."""
