"""The logo of the examples, drawn from lines and arcs and written as a PNG without further help."""

import struct
import zlib
from collections.abc import Callable, Iterator
from math import atan2, cos, hypot, sin, tau

WIDTH, HEIGHT = 352, 112

Colour = tuple[int, int, int]
Distance = Callable[[float, float], float]

_BLUE: Colour = (42, 91, 215)
_TEAL: Colour = (20, 178, 142)
_INK: Colour = (31, 42, 68)


def _line(x1: float, y1: float, x2: float, y2: float) -> Distance:
    dx, dy = x2 - x1, y2 - y1

    def distance(x: float, y: float) -> float:
        along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)
        along = min(max(along, 0.0), 1.0)
        return hypot(x - x1 - along * dx, y - y1 - along * dy)

    return distance


def _arc(cx: float, cy: float, radius: float, start: float = 0.0, turn: float = 1.0) -> Distance:
    """Part of a circle, clockwise; `start` (0 is right, 0.25 is down) and `turn` in whole turns."""
    ends = [(cx + radius * cos(tau * at), cy + radius * sin(tau * at)) for at in (start, start + turn)]

    def distance(x: float, y: float) -> float:
        angle = (atan2(y - cy, x - cx) / tau - start) % 1.0
        if angle <= turn:
            return abs(hypot(x - cx, y - cy) - radius)
        return min(hypot(x - end_x, y - end_y) for end_x, end_y in ends)

    return distance


def _stroke(parts: list[Distance], thickness: float) -> Distance:
    return lambda x, y: min(part(x, y) for part in parts) - thickness / 2


_MARK = _stroke([_arc(56, 56, 38)], 13)
_FLAP = _stroke([_line(36, 48, 56, 65), _line(56, 65, 76, 48)], 8)
_WORD = _stroke(
    [
        *(_line(x, 36 if x == 122 else 50, x, 78) for x in (122, 150, 178)),  # m
        _arc(136, 50, 14, 0.5, 0.5),
        _arc(164, 50, 14, 0.5, 0.5),
        _arc(220, 57, 21),  # a
        _line(241, 36, 241, 78),
        _line(265, 36, 265, 78),  # r
        _arc(283, 54, 18, 0.5, 0.32),
        _line(304, 36, 304, 61),  # u
        _arc(321, 61, 17, 0.0, 0.5),
        _line(338, 36, 338, 78),
    ],
    9,
)


def _pixel(x: int, y: int) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity; the edge of a stroke is one pixel soft."""
    for shape in (_MARK, _FLAP, _WORD):
        cover = min(max(0.5 - shape(x + 0.5, y + 0.5), 0.0), 1.0)
        if cover:
            red, green, blue = _INK if shape is _WORD else _blend((x + y) / HEIGHT - 0.3)
            return red, green, blue, round(255 * cover)
    return 0, 0, 0, 0


def _blend(part: float) -> Colour:
    part = min(max(part, 0.0), 1.0)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(_BLUE, _TEAL, strict=True))
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _scan_lines() -> Iterator[bytes]:
    for y in range(HEIGHT):
        yield b"\0" + b"".join(bytes(_pixel(x, y)) for x in range(WIDTH))


def png() -> bytes:
    """The logo as a PNG (W3C, PNG specification): 8 bits a channel, with opacity."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"".join(_scan_lines()), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
