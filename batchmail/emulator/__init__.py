"""The providers' APIs as a local server: faithful checks, and an inbox."""
