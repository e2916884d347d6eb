"""Starting and stopping cages: the trusted side of the sandbox.

A ``Cage`` is a sandbox with the interpreter, the libraries and the release's support files, all read-only, and a
zygote that forks boxes. In tier A bubblewrap's namespaces are around all of it; in tier B each box confines itself by
Landlock, a system-call filter and a user id of its own. ``Cage.box()`` gives a private box for one submission;
``Box.kill()`` ends everything in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from autograder.sandbox import landlock, uids
from autograder.sandbox.bubblewrap import bubblewrap_command
from autograder.sandbox.limits import Limits, too_many_files, too_much_memory
from autograder.sandbox.lookup import is_closed
from autograder.sandbox.places import PACKAGE, CageError, Stage, interpreter_folders, refuse_exposed_kit
from autograder.sandbox.scratch import is_too_full
from autograder.sandbox.syscalls import filter_program

__all__ = ["TIERS", "Box", "Cage", "CageError"]

TIERS = ("A", "B")  # the strongest first
SECRETS = ("solutions", "autograder.properties", "autograder.judge", "tests.bank")
ENDING_SECONDS = 0.5
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/tmp", "USER": "student", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
}  # fmt: skip
SECONDS_TO_END = 20
# With the grader's own user id only Landlock protects the grader's files from being cut short: since this version.
LANDLOCK_FOR_OWN_USER, LANDLOCK_WITH_SCOPES = 3, 6


class Cage:
    """A sandbox that stays warm for many submissions.

    Args:
        support: folder of the release's support package, the only course files that a student's code can read.
        imports: modules to import once, before any box is forked.
        warm_ups: functions of the support package to call once as well, as "module:function".
        limits: what each submission may use.
        tier: "A" for bubblewrap, "B" for Landlock where there are no namespaces, "none" for no sandbox at all (one's
            own code only).
    """

    def __init__(
        self,
        support: Path,
        imports: Sequence[str] = (),
        warm_ups: Sequence[str] = (),
        limits: Limits | None = None,
        tier: str = "A",
    ) -> None:
        self.support, self.limits, self.tier = support.resolve(), limits or Limits(), tier
        self.imports, self.warm_ups = tuple(imports), tuple(warm_ups)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._stage: Stage | None = None
        self._nested = tier in TIERS
        self._boxes = 0

    def __enter__(self) -> Cage:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the cage and everything in it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            if self._stage is not None:  # the zygote ends its boxes; should it not, their keepers do when it is killed
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(SECONDS_TO_END)
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None
        if self._stage is not None:
            self._stage.remove()
            self._stage = None

    def box(self) -> Box:
        """Return a fresh private box; where boxes cannot nest, the whole cage is started anew for each."""
        if self._process is None or self._process.poll() is not None or (not self._nested and self._boxes):
            self._start()
        self._boxes += 1
        to_box, from_judge = os.pipe2(os.O_CLOEXEC)[::-1], os.pipe2(os.O_CLOEXEC)
        write_end, worker_in = to_box
        read_end, worker_out = from_judge
        try:
            answer = self._ask({"spawn": True}, (worker_in, worker_out))
        finally:
            os.close(worker_in)
            os.close(worker_out)
        if "box" not in answer:
            os.close(write_end)
            os.close(read_end)
            raise CageError(f"no private box could be made in the cage: {answer.get('error', 'no reason given')}")
        return Box(self, answer["box"], read_end, write_end)

    def companion(self) -> Cage:
        """Return a cage whose box can live beside a box of this one: this very cage where boxes nest."""
        return self if self._nested else Cage(self.support, self.imports, self.warm_ups, self.limits, self.tier)

    def uses_more_than(self, limit: int) -> bool:
        """Return whether all processes of the cage share out more than ``limit`` bytes of memory among them."""
        resident = shared_out = 0
        processes = self.processes()
        for process in processes:  # what is resident is quickly read, and never less than the share
            with contextlib.suppress(psutil.Error):
                resident += process.memory_info().rss
        if resident <= limit:
            return False
        for process in processes:
            with contextlib.suppress(psutil.Error):
                shared_out += process.memory_full_info().pss
        return shared_out > limit

    def reason(self, number: int) -> str:
        """Return the sentence with which the keeper ended the box ``number``, if it did.

        Raises ``CageError`` when the keeper failed, which is no fault of the box.
        """
        answer = self._ask({"why": number}) if self.tier == "B" else {}
        if "error" in answer:
            raise CageError(f"the keeper of a box failed: {answer['error']}")
        return str(answer.get("reason", ""))

    def scratch(self, number: int) -> str:
        """Return the scratch folder of a box, empty where it is a file system of limited size."""
        return str(self._stage.folder / "boxes" / str(number)) if self._stage is not None else ""

    def processes(self) -> list[psutil.Process]:
        """Return every process of the cage, as this machine numbers them; none when the cage has ended."""
        if self._process is None:
            return []
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            return []

    def wait_if_ending(self) -> None:
        """Give a cage that is just ending the time to be gone."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING_SECONDS)

    def kill(self, number: int) -> None:
        """End the box ``number``; a cage that does not answer is ended as a whole."""
        try:
            self._ask({"kill": number})
        except CageError:
            self.close()

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        if self._control is None:
            raise CageError("the cage is not running")
        try:
            data = json.dumps(request).encode()
            socket.send_fds(self._control, [struct.pack("<I", len(data)) + data], descriptors)
            return self._answer()
        except OSError as error:
            raise CageError(f"the cage stopped answering ({error.strerror or error}){self._last_words()}") from None

    def _answer(self) -> dict[str, Any]:
        assert self._control is not None
        data = b""
        size = 4
        while len(data) < size:
            part = self._control.recv(size - len(data))
            if not part:
                raise CageError("the cage ended unexpectedly" + self._last_words())
            data += part
            if size == 4 and len(data) == 4:
                size, data = struct.unpack("<I", data)[0], b""
        return json.loads(data)

    def _last_words(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            text = self._process.communicate(timeout=2)[1].decode(errors="replace").strip()
            return f": {text.splitlines()[-1]}" if text else ""
        return ""

    def _start(self) -> None:
        self.close()
        caged = self.tier != "none"
        if caged:
            refuse_exposed_kit()
        config: dict[str, Any] = {
            "tier": self.tier,
            "imports": self.imports,
            "warm_ups": self.warm_ups,
            "support": "/course" if caged else str(self.support),
            "limits": asdict(self.limits),
            "filter": filter_program().hex() if caged else "",
            "secrets": SECRETS if caged else (),
        }
        environment, wrapper, code = ENVIRONMENT, [], "/cage" if caged else str(PACKAGE.parent)
        if self.tier == "A":
            wrapper = bubblewrap_command(self.support, self.limits)
            config["interpreter_below_tmp"] = [each for each in interpreter_folders() if each.startswith("/tmp/")]
        elif self.tier == "B":
            config |= self._prepare_stage()
            assert self._stage is not None
            code, home = str(self._stage.code), str(self._stage.home)
            environment = {**ENVIRONMENT, "HOME": home, "TMPDIR": home, "MPLCONFIGDIR": home}
        bootstrap = f"import sys; sys.path.insert(0, {code!r}); from autograder.sandbox.zygote import main; main()"
        command = [*wrapper, sys.executable, "-s", "-P", "-B", "-c", bootstrap]
        self._control, theirs = socket.socketpair()
        self._control.settimeout(120)
        self._boxes = 0
        with theirs:
            self._process = subprocess.Popen(
                command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        answer = self._ask(config)
        if "error" in answer:
            self.close()
            raise CageError(f"the course's libraries cannot be imported in the cage: {answer['error']}")
        if answer["exposed"]:
            self.close()
            raise CageError(
                f"{', '.join(answer['exposed'])} can be imported inside the cage, so students could read hidden code; "
                "install the kit with 'pip install -e .' so that it stays outside site-packages."
            )

    def _prepare_stage(self) -> dict[str, Any]:
        """Make the folders of a cage of tier B and return what its zygote must know; refuse where it would not hold."""
        version, own_uids = landlock.version(), uids.can_be_had()
        if not version:
            raise CageError("this kernel has no Landlock, or forbids it: tier B needs Linux 5.13 or newer.")
        if os.geteuid() == 0 and not own_uids:
            raise CageError(
                "this root may not use other user ids, so boxes would be root as well. Grade as an ordinary user, or "
                "give the container the usual capabilities (CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID)."
            )
        if not own_uids and version < LANDLOCK_FOR_OWN_USER:
            raise CageError(
                "with an ordinary user's rights tier B needs Linux 6.2 or newer, which protects files from being cut "
                "short. Grade as root, so that boxes get user ids of their own, or on a newer kernel."
            )
        self._stage = Stage(self.support)
        return {
            "stage": str(self._stage.folder),
            "support": str(self._stage.course),
            "readable": self._stage.readable(),
            "closed_folders": [each for each in interpreter_folders() if is_closed(each)] if own_uids else [],
            "own_uids": own_uids,
            "filter": filter_program("B", own_uids, version >= LANDLOCK_WITH_SCOPES).hex(),
        }


class Box:
    """One submission's private world; ``incoming`` and ``outgoing`` are the judge's ends of its pipes."""

    def __init__(self, cage: Cage, number: int, incoming: int, outgoing: int) -> None:
        self.cage, self.number, self.incoming, self.outgoing = cage, number, incoming, outgoing
        self._process = cage._process

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End every process of the box and close its pipes; ending it twice does nothing."""
        if self.number:
            if self.cage._process is self._process:  # else it went with its cage, and its number means another one
                self.cage.kill(self.number)
            os.close(self.incoming)
            os.close(self.outgoing)
            self.number = 0

    def watch(self) -> str:
        """Return the sentence for a box that used too much memory; a keeper watches by itself."""
        if self.cage.tier != "B" and self.cage.uses_more_than(2 * self.cage.limits.memory_bytes):
            return too_much_memory(self.cage.limits)
        return ""

    def overrun(self) -> str:
        """Return the sentence for a box that wrote too much and was not stopped when it did."""
        folder = self.cage.scratch(self.number)
        return (
            too_many_files(self.cage.limits) if folder and is_too_full(folder, self.cage.limits.scratch_bytes) else ""
        )

    def reason(self) -> str:
        """Return the sentence with which the box was ended, if somebody did."""
        return self.cage.reason(self.number)
