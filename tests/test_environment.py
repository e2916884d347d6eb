"""pyproject.toml says what is needed, requirements.lock which versions, environment.yml the same for conda."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

KIT = Path(__file__).parents[1]
PROJECT = tomllib.loads((KIT / "pyproject.toml").read_text())["project"]
NEEDED = [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]]
LOCK_LINES = (KIT / "requirements.lock").read_text().splitlines()
LOCKED = {canonicalize_name(name): pinned for name, pinned in (line.split("==") for line in LOCK_LINES)}
CONDA = yaml.safe_load((KIT / "environment.yml").read_text())["dependencies"]


def test_the_lock_pins_every_line_once_and_is_sorted():
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in LOCK_LINES)
    assert len(LOCKED) == len(LOCK_LINES)
    assert sorted(LOCK_LINES, key=str.lower) == LOCK_LINES


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_what_the_project_needs_is_bounded_and_locked_within_its_bounds(needed):
    assert needed.specifier
    assert Version(LOCKED[canonicalize_name(needed.name)]) in needed.specifier


@pytest.mark.parametrize("name", LOCKED)
def test_the_installed_version_is_the_locked_one(name):
    assert Version(version(name)).public == LOCKED[name]


@pytest.mark.parametrize("name", LOCKED)
def test_what_a_locked_package_needs_is_locked_too(name):
    for line in requires(name) or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            version(needed.name)
        except PackageNotFoundError:
            continue  # pip left it out for this build of the package: PyTorch for the CPU needs no CUDA libraries
        assert canonicalize_name(needed.name) in LOCKED


def test_conda_installs_exactly_the_lock_and_the_project():
    (from_pip,) = (each["pip"] for each in CONDA if isinstance(each, dict))
    assert from_pip == ["--requirement requirements.lock", "--editable ."]


def test_conda_takes_a_python_that_the_project_supports():
    (python,) = (each.partition("=")[2] for each in CONDA if isinstance(each, str) and each.startswith("python="))
    supported = Requirement(f"python{PROJECT['requires-python']}").specifier
    assert Version(python) in supported
    assert Version(".".join(map(str, sys.version_info[:3]))) in supported
