"""How a table becomes the bytes of a file: the same for the same content."""

import pandas as pd


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as UTF-8 CSV with a byte order mark, so that spreadsheets show Vietnamese, and LF line ends."""
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.10g", na_rep="")
    return text.encode("utf-8-sig")
