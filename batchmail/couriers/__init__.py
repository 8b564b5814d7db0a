"""Couriers: processes of their own that carry mails from a run to its provider.

One Python process is full at some 3,000 mails a second, and much of that is the way over the network. With couriers,
the run keeps what there can be only one of (the journal, the limiter, the canary, the decision to stop), and its
executor stays as it is: a courier's connections look like those of this process. Messages, "send it now" and outcomes
are all that goes between them.

    crew.py     starts couriers, opens connections through them, ends them
    sender.py   one such connection, as the executor sees it
    line.py     the line between the two processes; what is said on it is in orders.py, how it is packed in packing.py
    service.py  the other end: a courier's connections; lane.py is one of them
    process.py  starts a process, and gives it its end of the line
"""

from batchmail.couriers.crew import Crew, hired

__all__ = ["Crew", "hired"]
