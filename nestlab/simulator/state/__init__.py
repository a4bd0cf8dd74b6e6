"""What a simulated host is: the machines with all that is on them, the clock, and the file that keeps them."""
