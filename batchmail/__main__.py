"""`python -m batchmail`."""

from batchmail.cli import main

if __name__ == "__main__":
    main()
