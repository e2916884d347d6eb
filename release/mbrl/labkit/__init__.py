"""labkit: what the course notebooks import: environments, problem generators, public properties, ``check``, plots."""

from labkit.checking import check

__all__ = ["check"]
