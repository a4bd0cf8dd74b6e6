"""What a simulated host does by itself: starting, stopping, features taking effect, addressing."""
