"""The example's own tests run as its author runs them: with the package installed (see test_example.py)."""

collect_ignore = ["pigeon"]
