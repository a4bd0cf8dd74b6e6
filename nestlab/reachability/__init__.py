"""A pure walk of a frame over a network of values: who reaches whom, and where it dies."""
