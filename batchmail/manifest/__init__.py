"""YAML to a Job: the shape, its checks, and the place of every value."""
