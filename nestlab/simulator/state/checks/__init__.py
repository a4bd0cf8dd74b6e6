"""Which states of a simulated host are possible."""
