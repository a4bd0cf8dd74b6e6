"""Rules about a host, and about each VM on it."""
