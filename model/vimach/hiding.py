"""Keeping slow imports out of short runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(package: str) -> Iterator[None]:
    """Inside, `package` looks as if it were not installed, unless somebody has imported it already.

    Pint and xarray import dask on the off chance that its arrays come along; that takes longer than a short run.
    """
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]
