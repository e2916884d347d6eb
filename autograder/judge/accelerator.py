"""The simulated accelerator of the judge: its memory is a box of its own, which no student's code ever enters.

A student's function gets references to tensors there and can ask for operations on them, through the judge, but for
no value. So a right result on the device is proof that it was computed on the device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.judge.conversation import Conversation, StudentFunction, StudentObject
from autograder.sandbox.cage import Box, Cage
from labkit.properties import Simulator, StudentError

MODULE = "labkit.accelerator"
START = f"from {MODULE} import Device\ndevice = Device()"


class Accelerator(Simulator):
    """What a student's function may use of the device; ``conversation`` leads to the box that holds it."""

    methods = ("run", "upload")

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def run(self, name: str, args: Any, kwargs: Any) -> Any:
        """Carry out one operation; what it raises, the student's code sees."""
        return self._ask("run", str(name), args, kwargs)

    def upload(self, tensor: Any) -> Any:
        """Move a host tensor to the device."""
        return self._ask("upload", tensor)

    def values(self, number: int) -> Any:
        """Return the values of a tensor on the device: for the judge alone."""
        return self._ask("values", number)

    def reset(self) -> None:
        """Forget every tensor on the device."""
        self._ask("reset")

    def _ask(self, method: str, *args: Any) -> Any:
        try:
            return self._conversation.call("call", "device", method, args=args, kwargs={})
        except StudentError as error:
            raise ValueError(f"{error.kind}: {error.text}") from None


class AcceleratorBox:
    """Starts the device's box when it is first needed, and again if it ended."""

    def __init__(self, cage: Cage) -> None:
        self._cage = cage.companion()
        self._box: Box | None = None
        self._conversation: Conversation | None = None

    def fresh(self) -> Accelerator:
        """Return an accelerator without a tensor on it."""
        if self._conversation is None or not self._conversation.alive:
            self.close()
            self._box = self._cage.box()
            self._conversation = Conversation(self._box, self._cage.limits)
            self._conversation.fork()
            self._conversation.run_cell(START)
        accelerator = Accelerator(self._conversation)
        accelerator.reset()
        return accelerator

    @property
    def killed(self) -> bool:
        """Whether the box ended in a way that need not be anybody's doing."""
        return self._conversation is not None and self._conversation.killed

    def close(self) -> None:
        """End the box."""
        if self._box is not None:
            self._box.kill()
            self._box = self._conversation = None


class GradedFunction(StudentFunction):
    """A student's function that can also be called with its tensors on the judge's accelerator."""

    def __init__(
        self, name: str, conversation: Callable[[], Conversation], device: AcceleratorBox, seconds: float = 0.0
    ) -> None:
        super().__init__(name, conversation, seconds)
        self._device = device

    def on_accelerator(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Call the function on the accelerator; the result is what ``labkit.accelerator.observe`` would return."""
        from labkit.accelerator import collected, uploaded  # imports torch, which most exercises do without

        accelerator = self._device.fresh()
        inputs = (accelerator, self.__name__, uploaded(accelerator, args), uploaded(accelerator, kwargs))
        seen = self._conversation().call("call_on", MODULE, "call_on", args=inputs, kwargs={}, seconds=self._seconds)
        if not _is_observation(seen):
            raise StudentError("TypeError", "what happened on the accelerator could not be read")
        try:
            return collected(seen, accelerator)
        except ValueError:
            raise StudentError("ValueError", "the result is not on the accelerator") from None


def _is_observation(seen: Any) -> bool:
    if not isinstance(seen, dict) or isinstance(seen.get("number"), StudentObject):
        return False
    return type(seen.get("number")) is int and all(type(seen.get(key)) is str for key in ("fault", "device"))
