"""Templates and a row to a message."""
