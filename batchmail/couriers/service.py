"""What a courier does: opens connections as the run orders, each a lane, until the line is no more."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

from batchmail.couriers.failure import Failure
from batchmail.couriers.lane import Lane
from batchmail.couriers.line import Line
from batchmail.couriers.orders import Became, Broke, Order, Report
from batchmail.providers.base import Sender

#: What does not end by itself so many seconds after the line has ended, ends with the process.
LEAVE_SECONDS = 2.0


async def serve(line_socket: socket.socket, open_sender: Callable[[], Sender]) -> None:
    """Do what the run orders, and come back when its end of the line is closed: nothing leaves after it."""
    lanes: dict[int, Lane] = {}
    over = asyncio.Event()
    is_over = partial(_has_ended, line_socket)

    def hear(order: Order) -> None:
        lane = lanes.get(order.lane)
        if lane is None:
            lane = lanes[order.lane] = Lane(order.lane, open_sender, line.say, is_over)
        lane.hear(order)

    def replace(report: Report, error: Exception) -> None:
        """An outcome that cannot be packed is a bug of the plug-in that has made it. All other reports are texts."""
        if isinstance(report, Became):
            line.say(Broke(report.lane, report.mail, Failure.of(error), handed_over=True))

    line: Line[Report, Order] = Line(hear, over.set, replace)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: line, line_socket)
    await over.wait()
    if leaving := [asyncio.create_task(lane.give_up()) for lane in lanes.values()]:
        await asyncio.wait(leaving, timeout=LEAVE_SECONDS)


def _has_ended(line_socket: socket.socket) -> bool:
    """Whether the run's end of the line is closed, seen before asyncio has come to it."""
    try:
        return not line_socket.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
