"""The worker: runs a student's cells and answers calls, one message at a time.

Everything in this process belongs to the student from the first cell on; nobody trusts a word it says. It forks when
asked, so that what one exercise does to the interpreter is gone before the next.
"""

from __future__ import annotations

import importlib
import io
import os
import socket
import sys
from typing import Any, NoReturn

from autograder.sandbox.codec import WireError
from autograder.sandbox.wire import Channel, Closed

MAX_TEXT = 2000
MAX_OUTPUT = 20_000


class Worker:
    """Serves one conversation over ``incoming`` and ``outgoing`` with the IPython ``shell`` as namespace."""

    def __init__(self, shell: Any, incoming: int, outgoing: int, output_bytes: int) -> None:
        self.shell = shell
        self.channel = Channel(incoming, outgoing, self._export, self._adopt)
        self.objects: list[Any] = []
        self.kept: list[tuple[int, socket.socket]] = []
        self.output_bytes = output_bytes
        self.forked = False

    def serve(self) -> NoReturn:
        """Answer messages until told to end or the judge hangs up."""
        try:
            while True:
                kind, *body = self.channel.receive()
                if kind == "end":
                    os._exit(0)
                getattr(self, f"_on_{kind}")(*body)
        except Closed:
            os._exit(0)

    def _on_fork(self) -> None:
        child = os.fork()
        if child == 0:
            self.forked = True
            self.channel.send("forked")
            return
        ended, status = os.wait()
        while ended != child:  # what a student's code left behind is reaped on the way
            ended, status = os.wait()
        self.channel.send("ended", os.waitstatus_to_exitcode(status))

    def _on_keep(self) -> None:
        """Fork a copy that waits for its turns, so that an exercise meets the notebook as it was at this point."""
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            ours.close()
            for _, other in self.kept:
                other.close()
            self.kept, self.forked = [], False
            self._wait_for_turn(theirs)
            return
        theirs.close()
        self.kept.append((child, ours))
        self.channel.send("kept", len(self.kept) - 1)

    def _wait_for_turn(self, turns: socket.socket) -> None:
        """Serve each turn in a fork of its own; return when the last turn is to be served by this very copy."""
        while True:
            turn = turns.recv(1)
            if turn == b"f":
                self._on_fork()
                if self.forked:
                    turns.close()
                    return
                turns.send(b".")
            elif turn == b"l":
                self.channel.send("forked")
                return
            else:
                os._exit(0)

    def _on_resume(self, index: int, last: bool) -> None:
        child, turns = self.kept[index]
        turns.send(b"l" if last else b"f")
        if turns.recv(1) != b".":
            _, status = os.waitpid(child, 0)
            self.channel.send("ended", os.waitstatus_to_exitcode(status))

    def _on_cell(self, source: str) -> None:
        output = sys.stdout = sys.stderr = BoundedText(self.output_bytes)
        result = self.shell.run_cell(source, store_history=False, silent=True)
        error = result.error_before_exec or result.error_in_exec
        kind, text = describe(error) if error is not None else ("", "")
        self.channel.send("ran", {"error": kind, "text": text, "output": output.shown()})

    def _on_bind(self, name: str, value: Any) -> None:
        self.shell.user_ns[name] = value
        self.channel.send("bound")

    def _on_call(self, target: Any, method: str, args: tuple, kwargs: dict) -> None:
        try:
            result = self._find(target, method)(*args, **kwargs)
        except BaseException as error:
            self.channel.send("raised", *describe(error))
            return
        try:
            self.channel.send("value", result)
        except Closed:
            raise
        except BaseException as error:
            reason = str(error) if isinstance(error, WireError) else f"{type(error).__name__}"
            self.channel.send("unusable", reason[:MAX_TEXT])

    def _on_call_on(self, module: str, helper: str, inputs: tuple, _: dict) -> None:
        """Call a function on an accelerator of the judge's, by a helper of the support package."""
        accelerator, name, args, kwargs = inputs
        helper = getattr(importlib.import_module(module), helper)
        self._on_call(helper, "", (accelerator, self._find(name, ""), args, kwargs), {})

    def _find(self, target: Any, method: str) -> Any:
        if isinstance(target, str):
            if target not in self.shell.user_ns:
                raise NameError(f"name '{target}' is not defined")
            target = self.shell.user_ns[target]
        return getattr(target, method) if method else target

    def _export(self, value: Any) -> tuple[str, int, str, dict[str, Any]]:
        if isinstance(value, JudgeObject):
            return "judge", value._number, "", {}
        self.objects.append(value)
        return "worker", len(self.objects) - 1, type(value).__name__, {}

    def _adopt(self, side: str, number: int, name: str, attributes: dict[str, Any]) -> Any:
        if side == "sent":  # an object of the support package, built anew
            module, _, kind = name.partition(":")
            return getattr(importlib.import_module(module), kind)(**attributes)
        return JudgeObject(self, number, attributes) if side == "judge" else self.objects[number]

    def call_judge(self, number: int, method: str, args: tuple, kwargs: dict) -> Any:
        """Ask the judge to call one of its simulators, and wait for the answer."""
        self.channel.send("callback", number, method, args, kwargs)
        while True:
            kind, *body = self.channel.receive()
            if kind == "answer":
                return body[0]
            if kind == "refused":
                raise ValueError(body[0])
            getattr(self, f"_on_{kind}")(*body)


class JudgeObject:
    """A function or simulator of the judge's: calling it, or one of its methods, asks the judge."""

    def __init__(self, worker: Worker, number: int, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)
        self._worker, self._number = worker, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._worker.call_judge(self._number, "", args, kwargs)

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda *args, **kwargs: self._worker.call_judge(self._number, method, args, kwargs)


class BoundedText(io.StringIO):
    """Standard output of a cell; what exceeds the limit is dropped."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = self._left = limit
        self._dropped = False

    def write(self, text: str) -> int:
        kept = text[: max(self._left, 0)]
        self._left -= len(kept)
        self._dropped |= len(kept) < len(text)
        super().write(kept)
        return len(text)

    def shown(self) -> str:
        """Return the last part of the output, and say so when some was dropped."""
        note = f"\n(Output beyond the limit of {self._limit} characters was dropped.)" if self._dropped else ""
        return _encodable(self.getvalue()[-MAX_OUTPUT:]) + note


def describe(error: BaseException) -> tuple[str, str]:
    """Return an exception's class name and message, with the line for a syntax error."""
    try:
        text = f"{error.msg} (line {error.lineno})" if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # an exception whose own __str__ fails
        text = ""
    return _encodable(type(error).__name__), _encodable(text[:MAX_TEXT])


def _encodable(text: str) -> str:
    """Return ``text`` without what UTF-8 cannot hold, such as half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()
