"""labkit: what the course notebooks import. Environments, problem generators, public properties, ``check`` and plots."""

from labkit.checking import check

__all__ = ["check"]
