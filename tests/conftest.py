"""What holds for all tests."""

import os

from hypothesis import settings

# How long an example takes is never asserted. A change is judged by the same examples each time; whoever works on the
# code meets new ones with every run.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
