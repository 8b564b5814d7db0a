"""The user's own sheet back, with what became of each row."""
