"""The first boot of a generalized Windows: its answer file, and the screens at which it stops."""
