"""The first boot of a generalized image: its answer file, and the screens at which it stops."""
