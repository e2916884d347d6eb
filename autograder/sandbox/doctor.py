"""What this machine offers for a cage, found out by trying to break out of one."""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import landlock, uids
from autograder.sandbox.cage import LANDLOCK_WITH_SCOPES, TIERS, Box, Cage, CageError
from autograder.sandbox.codec import WireError
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.wire import Channel, Closed, TimeUp, within

PROBE_SECONDS = 20
QUICK_ATTEMPTS = ("read a file outside", "make a new namespace", "be root", "hold any capability", "reach the network")
PROBE_LIMITS = Limits(memory_bytes=512 * MIB, processes=32, scratch_bytes=64 * MIB, file_bytes=32 * MIB)


@dataclass(frozen=True)
class Finding:
    """One attempt to break out: ``contained`` says whether the cage held."""

    attempt: str
    outcome: str
    contained: bool


def attempts(canary: Path, port: int, local: str = "autograder") -> dict[str, str]:
    """Return Python sources that define ``probe()``; each returns a word that starts with "got" if it gets out.

    ``canary`` is a file that everybody may read, ``port`` a server on this machine and ``local`` one that can be
    reached by an abstract Unix socket of that name.
    """
    return {
        "read a file outside": f"def probe(): return 'got ' + open({str(canary)!r}).read()[:1]",
        "list the home folder": f"import os\ndef probe(): return 'got ' + str(os.listdir({str(Path.home())!r})[:50])"
        f" if len(os.listdir({str(Path.home())!r})) > 3 else 'empty'",
        "write to the interpreter": "import sys\ndef probe():\n    open(sys.prefix + '/probe', 'w'); return 'got in'",
        "write to the support files": "import labkit, os\ndef probe():\n"
        "    open(os.path.dirname(labkit.__file__) + '/probe', 'w'); return 'got in'",
        "reach the network": "import socket\n"
        f"def probe():\n    socket.create_connection(('127.0.0.1', {port}), 1); return 'got through'",
        "reach a service of this machine": "import socket\ndef probe():\n"
        f"    socket.socket(socket.AF_UNIX).connect({chr(0) + local!r}); return 'got through'",
        "signal a process of the grader": "import os\n"
        f"def probe():\n    if {os.getpid()} in (os.getpid(), os.getppid()): return 'its own number'\n"
        f"    os.kill({os.getpid()}, 0); return 'got through'",
        "see other processes": "import os\ndef probe():\n"
        "    seen = [p for p in os.listdir('/proc') if p.isdigit() and p != str(os.getpid())]\n"
        "    return 'got ' + str(seen) if seen else 'none'",
        "trace a process": "import ctypes\ndef probe():\n"
        "    return 'got in' if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 'refused'",
        "make a new namespace": "import ctypes\ndef probe():\n"
        "    return 'got in' if ctypes.CDLL(None).unshare(0x10000000) == 0 else 'refused'",
        "mount something": "import ctypes\ndef probe():\n"
        "    return 'got in' if ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0 else 'refused'",
        "hold any capability": "import ctypes\ndef probe():\n"
        "    h = (ctypes.c_uint32 * 2)(0x20080522, 0); d = (ctypes.c_uint32 * 6)()\n"
        "    ctypes.CDLL(None).capget(h, d); return 'got ' + str(list(d)) if any(d) else 'none'",
        "be root": "import os\ndef probe(): return 'got 0' if 0 in os.getresuid() else 'uid ' + str(os.getuid())",
        "inherit a descriptor": "import os\ndef probe():\n    seen = []\n    for d in range(3, 256):\n"
        "        try: os.fstat(d); seen.append(d)\n        except OSError: pass\n"
        "    return 'got ' + str(seen) if len(seen) > 4 else f'{len(seen)}, its own pipes'",
        "find the grader's environment": "import os\ndef probe():\n"
        "    return 'got it' if 'AUTOGRADER_CANARY' in os.environ else 'not there'",
        "use too much memory": "def probe():\n    try: x = bytearray(700 * 2**20); return 'got 700 MiB'\n"
        "    except MemoryError: return 'refused'",
        "start too many processes": "import os, time\ndef probe():\n    n = 0\n    try:\n        for n in range(100):\n"
        "            if os.fork() == 0: time.sleep(5); os._exit(0)\n"
        "    except BlockingIOError: return f'stopped at {n}'\n    return 'got 100'",
        "fill the disk": "import tempfile\ndef probe():\n    folder = tempfile.gettempdir()\n    try:\n"
        "        for i in range(20): open(f'{folder}/{i}', 'wb').write(bytes(16 * 2**20))\n"
        "    except OSError as e: return f'stopped at {i * 16} MiB'\n    return 'got 320 MiB'",
        "fill the disk without a name": "import tempfile, time\ndef probe():\n    kept = []\n    try:\n"
        "        for i in range(20): kept.append(tempfile.TemporaryFile()); kept[-1].write(bytes(16 * 2**20))\n"
        "    except OSError as e: return f'stopped at {i * 16} MiB'\n    time.sleep(2); return 'got 320 MiB'",
        "outlive the box": "import os\ndef probe():\n    if os.fork() == 0: os._exit(0 if _leaves() else 1)\n"
        "    left = os.waitstatus_to_exitcode(os.wait()[1]) == 0\n"
        "    return 'got out of the group' if left and os.getppid() > 2 else 'contained'\n"
        "def _leaves():\n    try: os.setsid()\n    except OSError: return False\n    return True",
    }


def examine_machine(support: Path, tier: str = "A") -> list[Finding]:
    """Try every attempt in a fresh box and return what happened; one finding with the reason if there is no cage."""
    os.environ["AUTOGRADER_CANARY"] = "1"
    local = f"autograder-{os.getpid()}"
    with (
        tempfile.NamedTemporaryFile("w", prefix="autograder-canary-") as file,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as service,
    ):
        file.write("secret")
        file.flush()
        os.chmod(file.name, 0o644)
        service.bind("\0" + local)
        service.listen()
        probes = attempts(Path(file.name), server.getsockname()[1], local)
        try:
            with Cage(support, limits=PROBE_LIMITS, tier=tier) as cage:
                return [_try(cage, attempt, source) for attempt, source in probes.items()]
        except (CageError, OSError) as error:
            return [Finding("start a cage", str(error), False)]


def require_tier(support: Path, tier: str) -> None:
    """Raise ``CageError`` unless a cage of this tier can be started here and holds against the quick attempts."""
    with Cage(support, limits=PROBE_LIMITS, tier=tier) as cage:
        for attempt, source in attempts(Path(__file__), 9).items():
            if attempt in QUICK_ATTEMPTS:
                finding = _try(cage, attempt, source)
                if not finding.contained:
                    raise CageError(f"the cage does not hold: an attempt to {attempt} got out ({finding.outcome}).")


def choose_tier(support: Path, demanded: str = "") -> str:
    """Return the strongest tier that holds here, or the one demanded; raise ``CageError`` where there is none."""
    reasons = []
    for tier in (demanded,) if demanded else TIERS:
        try:
            require_tier(support, tier)
            return tier
        except (CageError, OSError) as error:
            reasons.append(f"tier {tier}: {error}")
    raise CageError("no cage holds on this machine. " + " ".join(reasons))


def weaknesses(tier: str) -> list[str]:
    """Return in sentences what a cage of ``tier`` does not stop on this machine although a stronger one would."""
    if tier != "B":
        return []
    sentences = ["Tier B does not hide which files, folders and processes exist, only what is in them."]
    if not uids.can_be_had():
        sentences.append(
            "Boxes share your user id, because the grader is not root: only Landlock and the filter separate them from "
            "you and from each other, and submissions are judged one after the other."
        )
        if landlock.version() < LANDLOCK_WITH_SCOPES:
            sentences.append(
                "This kernel's Landlock does not confine signals, so that sending one is forbidden at all."
            )
    return sentences


def _try(cage: Cage, attempt: str, source: str) -> Finding:
    with cage.box() as box:
        try:
            outcome = _run(box, source)
        except (TimeUp, Closed, WireError) as error:
            reason = box.reason()
            return Finding(attempt, reason or f"the probe gave no answer ({type(error).__name__})", bool(reason))
        outcome = box.overrun() or outcome
    return Finding(attempt, outcome, not outcome.startswith("got"))


def _run(box: Box, source: str) -> str:
    channel = Channel(box.incoming, box.outgoing, _nothing, _nothing)
    deadline = within(PROBE_SECONDS)
    for message in (("fork",), ("cell", source), ("call", "probe", "", (), {})):
        channel.send(*message, deadline=deadline)
        reply, *body = channel.receive(deadline)
    if reply == "raised":
        return f"refused: {body[0]}: {body[1]}"[:100]
    return str(body[0])[:100]


def _nothing(*_: object) -> tuple:
    raise WireError("probes exchange plain data only")
