"""Steps out: run a plan, journal it, undo it."""
