"""What has been tried and what became of it."""
