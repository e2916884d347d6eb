"""The judge's side of a conversation with a worker: deadlines, proxies for the student's objects, callbacks.

Whatever the worker says is data to be examined. A reply that is late, malformed or missing ends the conversation and
becomes ``Unanswered`` with a sentence; no reply can make the judge do more than answer a callback it offered itself.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from autograder.judge.guard import TOO_MUCH_MEMORY, bounded_work
from autograder.judge.patience import Patience
from autograder.sandbox.cage import Box
from autograder.sandbox.codec import WireError
from autograder.sandbox.limits import Limits, explain_death, explain_error
from autograder.sandbox.wire import Channel, Closed, TimeUp
from labkit.properties import Sent, Simulator, StudentError, Unanswered

DEFAULT_CALL_SECONDS = Limits().call_seconds
CALLABLES = (FunctionType, MethodType, BuiltinFunctionType)
MAX_NAME, MAX_TEXT, MAX_OUTPUT = 80, 2000, 20_200  # characters of what a process says of itself
OUT_OF_TURN = "The code's process answered out of turn."


class Conversation:
    """Talks to one box; ``alive`` turns false for good when the box can no longer be relied on.

    ``killed`` says that the box ended in a way that need not be its code's own doing, so that it is worth another try.
    ``lost`` are the seconds for which the machine was too busy to let it run.
    """

    def __init__(self, box: Box, limits: Limits) -> None:
        self._box, self._limits = box, limits
        self._channel = Channel(box.incoming, box.outgoing, self._export, self._adopt, self._watch)
        self._simulators: list[Any] = []
        self.alive = True
        self.killed = False
        self.lost = 0.0
        self.slowest_call = 0.0

    def fork(self) -> None:
        """Make the worker continue in a fork; ``end`` returns to where it was."""
        self._expect("forked", self._limits.cell_seconds, "fork")

    def keep(self) -> int:
        """Keep the notebook as it is now for a later ``resume``; return its number."""
        body = self._expect("kept", self._limits.cell_seconds, "keep")
        if len(body) != 1 or type(body[0]) is not int:
            raise self._broken(OUT_OF_TURN)
        return body[0]

    def resume(self, index: int, last: bool) -> None:
        """Continue in the kept state ``index``; ``last`` says that it will not be resumed again."""
        self._expect("forked", self._limits.cell_seconds, "resume", index, last)

    def end(self) -> None:
        """End the current fork."""
        self._expect("ended", self._limits.cell_seconds, "end")
        self._simulators.clear()

    def bind(self, name: str, function: Callable[..., Any]) -> None:
        """Let the notebook's ``name`` be a function that answers from here; its code stays here."""
        self._expect("bound", self._limits.cell_seconds, "bind", name, function)

    def run_cell(self, source: str) -> dict[str, str]:
        """Run one cell; return its ``error`` (exception name or empty), ``text`` and ``output``."""
        seconds = self._limits.cell_seconds
        reply = self._expect("ran", seconds, "cell", source)
        self._refuse_overrun()
        match reply:
            case [{"error": str(error), "text": str(text), "output": str(output)}]:
                return {"error": error[:MAX_NAME], "text": text[:MAX_TEXT], "output": output[-MAX_OUTPUT:]}
        raise self._broken("The cell's outcome could not be read.")

    def call(self, kind: str, *target: Any, args: tuple, kwargs: dict, seconds: float = 0.0) -> Any:
        """Call a function or method of the student's and return its value; ``seconds`` may lengthen the limit."""
        patience = self._patience(self._limits.call_seconds * max(1.0, seconds / DEFAULT_CALL_SECONDS))
        reply, *body = self._exchange(patience, kind, *target, args, kwargs)
        while reply == "callback":
            patience.asked = True
            reply, *body = self._exchange(patience, *self._answer(patience, *body))
        self._refuse_overrun()
        self.slowest_call = max(self.slowest_call, patience.passed - patience.lost)
        match reply, body:
            case "value", [value]:
                return value
            case "raised", [str(name), str(text)]:
                raise StudentError(name[:MAX_NAME], explain_error(name, text, self._limits) or text[:MAX_TEXT])
            case "unusable", [str(reason)]:
                raise StudentError("TypeError", f"its result cannot be used: {reason[:300]}")
            case "ended", [int(status)]:
                raise self._died(status)
        raise self._broken("The code's process answered with something that is no result.")

    def _answer(self, patience: Patience, *asked: Any) -> tuple[Any, ...]:
        number, method, args, kwargs = asked if len(asked) == 4 else (None,) * 4
        if (
            type(number) is not int
            or not 0 <= number < len(self._simulators)
            or type(method) is not str
            or type(args) is not tuple
            or type(kwargs) is not dict
            or not all(type(key) is str for key in kwargs)
        ):
            raise self._broken("The code asked for a simulator that it was not given.")
        simulator = self._simulators[number]
        if isinstance(simulator, Simulator):
            if method not in simulator.methods:
                return "refused", f"the simulator has no method {method!r}"
            simulator = getattr(simulator, method)
        elif method:
            return "refused", f"the function has no attribute {method!r}"
        try:
            with bounded_work(patience.left()):
                return "answer", simulator(*args, **kwargs)
        except Unanswered as silence:
            raise self._broken(silence.sentence) from None
        except ValueError as error:
            return "refused", str(error)
        except Exception as error:
            return "refused", f"{type(error).__name__}: {error}"

    def _patience(self, seconds: float) -> Patience:
        return Patience(seconds, lambda: [each.pid for each in self._box.cage.processes()])

    def _exchange(self, patience: Patience, *message: Any) -> tuple[Any, ...]:
        """Send one message and return the reply; raise ``Unanswered`` if there is none."""
        if not self.alive:
            raise Unanswered("The code's process had already ended.")
        lost_before = patience.lost
        try:
            self._channel.send(*message, deadline=patience.left)
            return self._channel.receive(patience.left)
        except TimeUp:
            limit = patience.seconds
            raise self._broken(f"No answer within {limit:g} seconds: perhaps a loop that never ends.") from None
        except Closed:
            self._box.cage.wait_if_ending()  # else the next box would be asked of a cage that is half gone
            reason = self._box.reason()
            raise self._broken(
                reason or "The code's process ended before it gave an answer.", killed=not reason
            ) from None
        except WireError as error:
            raise self._broken(f"The code's process sent an answer that cannot be read: {error}.") from None
        except MemoryError:
            raise self._broken(TOO_MUCH_MEMORY) from None
        finally:
            self.lost += patience.lost - lost_before

    def _expect(self, wanted: str, seconds: float, *message: Any) -> list[Any]:
        reply, *body = self._exchange(self._patience(seconds), *message)
        if reply == "ended" and wanted != "ended" and body and type(body[0]) is int:
            raise self._died(body[0])
        if reply != wanted:
            raise self._broken(OUT_OF_TURN)
        return body

    def _broken(self, sentence: str, killed: bool = False) -> Unanswered:
        self.alive, self.killed = False, self.killed or killed
        return Unanswered(sentence)

    def _died(self, status: int) -> Unanswered:
        return self._broken(explain_death(status, self._limits), killed=status == -signal.SIGKILL)

    def _watch(self) -> None:
        sentence = self._box.watch()
        if sentence:
            raise self._broken(sentence)

    def _refuse_overrun(self) -> None:
        sentence = self._box.overrun()
        if sentence:
            raise self._broken(sentence)

    def _export(self, value: Any) -> tuple[str, int, str, dict[str, Any]]:
        if isinstance(value, StudentObject) and value._conversation is self:
            return "worker", value._number, "", {}
        if isinstance(value, Sent):
            return "sent", 0, f"{type(value).__module__}:{type(value).__name__}", value.parameters()
        if not isinstance(value, (Simulator, *CALLABLES)):
            raise WireError(f"a {type(value).__name__} cannot be sent to a student's code")
        self._simulators.append(value)
        attributes = {name: getattr(value, name) for name in getattr(value, "attributes", ())}
        return "judge", len(self._simulators) - 1, type(value).__name__, attributes

    def _adopt(self, side: str, number: int, name: str, attributes: dict[str, Any]) -> Any:
        if side == "worker":
            # A class of the same name, so that a sentence about the object's type reads as it does in the notebook.
            return type(name if name.isidentifier() else "object", (StudentObject,), {})(self, number)
        if side == "judge" and 0 <= number < len(self._simulators):
            return self._simulators[number]
        raise WireError("the message refers to an object that does not exist")


class StudentObject:
    """Stands for an object that the student's code returned; its methods are called where it lives."""

    def __init__(self, conversation: Conversation, number: int) -> None:
        self._conversation, self._number = conversation, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._conversation.call("call", self, "", args=args, kwargs=kwargs)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda *args, **kwargs: self._conversation.call("call", self, method, args=args, kwargs=kwargs)


class StudentFunction:
    """Stands for a function of the student's notebook; ``conversation`` gives the one to ask at the moment."""

    def __init__(self, name: str, conversation: Callable[[], Conversation], seconds: float = 0.0) -> None:
        self.__name__ = name
        self._conversation, self._seconds = conversation, seconds

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._conversation().call("call", self.__name__, "", args=args, kwargs=kwargs, seconds=self._seconds)

    def with_gradients(self, wanted: Sequence[int], *args: Any, **kwargs: Any) -> Any:
        """Call the function and let its result be differentiated where it runs."""
        inputs = (list(wanted), self.__name__, args, kwargs)
        seen = self._conversation().call(
            "call_on", "labkit.gradients", "value_and_gradients", args=inputs, kwargs={}, seconds=self._seconds
        )
        gradients = seen.get("gradients") if isinstance(seen, dict) and set(seen) == {"value", "gradients"} else None
        if type(gradients) is not list or len(gradients) != len(wanted):
            raise StudentError("TypeError", "the gradients could not be read")
        return seen
