"""The pipes between judge and worker: frames of plain data, with deadlines and somebody who watches meanwhile."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import Any

from autograder.sandbox.codec import (
    HEADER,
    MAX_BUFFER_BYTES,
    MAX_STRUCTURE_BYTES,
    Exporter,
    Importer,
    WireError,
    decode,
    encode,
)

TICK_SECONDS = 0.2
TICK_SHARE = 20  # watching may take a twentieth of the time, no more


class Closed(Exception):
    """The other side hung up."""


class TimeUp(Exception):
    """No whole message came in time."""


Deadline = Callable[[], float]
"""Returns the seconds that are left; 0 or fewer when the time is up."""


def within(seconds: float) -> Deadline:
    """Return the deadline that is ``seconds`` of the wall clock from now."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


class Channel:
    """Frames over a pair of pipes. ``tick`` is called about every 0.2 s, however busy they are (the judge's watch)."""

    def __init__(
        self, incoming: int, outgoing: int, export: Exporter, adopt: Importer, tick: Callable[[], None] | None = None
    ) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self._export, self._adopt, self._tick = export, adopt, tick
        self._next_tick = time.monotonic() + TICK_SECONDS

    def send(self, *message: Any, deadline: Deadline | None = None) -> None:
        """Send one message, a tuple whose first item is its kind."""
        view = memoryview(encode(message, self._export))
        while view:
            if deadline is not None:
                self._wait(self.outgoing, deadline, writing=True)
                view_part = view[: select.PIPE_BUF]
            else:
                view_part = view
            try:
                view = view[os.write(self.outgoing, view_part) :]
            except BrokenPipeError:
                raise Closed from None

    def receive(self, deadline: Deadline | None = None) -> tuple[Any, ...]:
        """Return the next message, a tuple whose first item is a string."""
        structure_size, buffer_size = HEADER.unpack(self._read(HEADER.size, deadline))
        if structure_size > MAX_STRUCTURE_BYTES or buffer_size > MAX_BUFFER_BYTES:
            raise WireError("the message is larger than 16 MiB")
        structure = self._read(structure_size, deadline)
        message = decode(structure, self._read(buffer_size, deadline), self._adopt)
        if not isinstance(message, tuple) or not message or type(message[0]) is not str:
            raise WireError("the message has no kind")
        return message

    def _read(self, size: int, deadline: Deadline | None) -> bytes:
        parts = []
        while size:
            if deadline is not None:
                self._wait(self.incoming, deadline, writing=False)
            part = os.read(self.incoming, min(size, 2**20))
            if not part:
                raise Closed
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _wait(self, descriptor: int, deadline: Deadline, writing: bool) -> None:
        watch = ([], [descriptor]) if writing else ([descriptor], [])
        while True:
            left = deadline()
            if left <= 0:
                raise TimeUp
            now = time.monotonic()
            if self._tick and now >= self._next_tick:
                self._tick()
                after = time.monotonic()
                self._next_tick = after + max(TICK_SECONDS, TICK_SHARE * (after - now))
            if any(select.select(*watch, [], min(left, TICK_SECONDS))):
                return
