"""Rules about a topology and the host that is to run it."""
