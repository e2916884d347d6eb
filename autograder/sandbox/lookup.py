"""Where the zygote of tier B looks for modules: the interpreter's own folders only, also those in a closed home.

Without a mount namespace a box sees paths as they are. An interpreter below a folder that only its owner may enter
(``/root``) is therefore reached through a descriptor, which needs no way from the root of the file system.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path


def forget_editable_installs(folders: Sequence[str]) -> None:
    """Look for modules nowhere but in ``folders`` and in the cage's own copy of this package."""
    own = str(Path(__file__).parents[2])
    sys.path[:] = [entry for entry in sys.path if entry == own or _lies_in(entry, folders)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _module_of(finder).startswith("__editable__")]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if not _module_of(hook).startswith("__editable__")]
    sys.path_importer_cache.clear()


def is_closed(folder: str) -> bool:
    """Return whether a folder on the way to ``folder`` may be entered by its owner only."""
    return any(not os.stat(parent).st_mode & stat.S_IXOTH for parent in Path(os.path.realpath(folder)).parents)


def look_through(folders: Iterable[str], first: int) -> list[int]:
    """Reach each of ``folders`` by a descriptor, from number ``first`` on; return the descriptors."""
    places = {}
    for number, folder in enumerate(folders, first):
        opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        os.dup2(opened, number)
        os.close(opened)
        places[folder] = number
    for folder in sorted(places, key=len, reverse=True):
        _replace(folder, f"/proc/self/fd/{places[folder]}")
    sys.path_importer_cache.clear()
    return list(places.values())


def _replace(folder: str, place: str) -> None:
    """Replace ``folder`` in the search path, and in what is imported already: it may look beside itself later."""

    def moved(path: str) -> str:
        return place + path[len(folder) :] if _lies_in(path, [folder]) else path

    sys.path[:] = [moved(entry) for entry in sys.path]
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__path__", None), list):
            module.__path__[:] = [moved(entry) for entry in module.__path__]
        if isinstance(getattr(module, "__file__", None), str):
            module.__file__ = moved(module.__file__)
        spec = getattr(module, "__spec__", None)
        if spec is not None and isinstance(spec.submodule_search_locations, list):
            spec.submodule_search_locations[:] = [moved(entry) for entry in spec.submodule_search_locations]


def _lies_in(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def _module_of(thing: object) -> str:
    return str(getattr(thing, "__module__", None) or type(thing).__module__)
