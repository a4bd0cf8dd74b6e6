"""The state of a simulated host: machines and what is on them, the clock, the state file."""
