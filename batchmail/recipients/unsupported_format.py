"""What a number format or a value ends in whose text cannot be known."""


class UnsupportedFormat(Exception):
    """A number format, or a value in it, whose text cannot be known; the argument says why."""
