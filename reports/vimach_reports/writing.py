"""How a table becomes the bytes of a file: the same for the same content."""

import pandas as pd


def csv_bytes(table: pd.DataFrame, digits: int | None = 10) -> bytes:
    """A table as UTF-8 CSV with a byte order mark, so that spreadsheets show Vietnamese, and LF line ends.

    With None for `digits` numbers have all of theirs, so that what adds up in the table adds up in the file.
    """
    text = table.to_csv(index=False, lineterminator="\n", float_format=None if digits is None else f"%.{digits}g")
    return text.encode("utf-8-sig")
