"""A simulated month of the demo shops whose truth is known, to see whether the figures find it."""
