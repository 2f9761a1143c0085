"""The forecast register: frozen once, refused when changed, scored by counts that came later."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from vimach import posterior
from vimach.cli import app
from vimach.errors import BadInput, Place
from vimach_calibration.expressions import Number, Variable
from vimach_calibration.observations import Count, Term
from vimach_calibration.register import HEAD, forecast, freeze, passed_over, read_register, revisions, scores

TERM = Term("firms", "", Variable("x", (), Place("")), "x", None, None, None, None, (), 0, Place(""))
TOLD = dict.fromkeys(HEAD, "0") | {"rows": "old_row", "model": "m1"}


def run(level: float = 100.0) -> xr.Dataset:
    edges = np.arange(2024.0, 2032.0)
    values = level * 1.1 ** (edges[:, None] - 2026.0) * np.linspace(0.9, 1.1, 101)
    return xr.Dataset({"x": (("edge", "member"), values)}, {"edge": edges}, {"forecast_origin": 2026.0})


@pytest.fixture
def register(tmp_path: Path) -> Path:
    freeze(tmp_path, TOLD, forecast(run(), [TERM]))
    return tmp_path


def test_a_forecast_is_frozen_once(register: Path) -> None:
    (entry,) = read_register(register)
    assert entry.forecasts["time"].tolist() == [2026.0, 2027.0, 2028.0, 2029.0, 2030.0, 2031.0]
    assert entry.forecasts.loc[0, ["low", "median", "high"]].tolist() == pytest.approx([92.0, 100.0, 108.0])
    assert freeze(register, TOLD, forecast(run(), [TERM])) is None
    assert len(list(register.iterdir())) == 1


def test_a_changed_or_missing_entry_is_refused(register: Path) -> None:
    freeze(register, TOLD | {"rows": "old_row new_row"}, forecast(run(), [TERM]))
    first = register / "0001.csv"
    text = first.read_text(encoding="utf-8")
    for changed in (text.replace("\nfirms,2026,92", "\nfirms,2026,93"), text.replace("model: m1", "model: m2"), "x\n"):
        assert changed != text
        first.write_text(changed, encoding="utf-8")
        with pytest.raises(BadInput, match=r"0001\.csv: is not what was frozen"):
            read_register(register)
    first.unlink()
    with pytest.raises(BadInput, match="entry 0001 is missing"):
        read_register(register)


def test_only_counts_that_were_not_known_are_scored_with_their_error(register: Path) -> None:
    known = Count("firms", Number(1.0), 2026.5, 0.0, 104.0, 106.0, 0.1, 0.1, ("old_row",))
    fresh, far = replace(known, ids=("new_row",)), replace(known, ids=("other_row",), low=140.0, high=150.0)
    table = scores(read_register(register), [known, fresh, far])
    assert table["row"].tolist() == ["new_row", "other_row"]
    assert table["inside"].tolist() == [True, False]
    line = table.iloc[0]
    assert line["median"] == pytest.approx(105.0)
    assert line["error"] == pytest.approx(0.0)
    assert np.log(line["high"] / 105.0) == pytest.approx(np.hypot(np.log(1.08), 0.128155), rel=1e-3)


def test_a_known_count_stays_known_when_another_row_dates_it(register: Path) -> None:
    entries = read_register(register)
    quoted = Count("firms", Number(1.0), 2026.5, 0.0, 104.0, 106.0, 0.1, 0.1, ("new_quote", "old_row"))
    assert scores(entries, [quoted]).empty
    late = replace(quoted, time=2024.5)
    assert passed_over(entries, [late]) == []
    assert scores(entries, [replace(quoted, ids=("new_quote", "new_row"))])["row"].tolist() == ["new_quote"]


@pytest.mark.parametrize(
    ("changed", "level", "because"),
    [
        ({"posterior": "p", "counts": "c"}, 120.0, "the counts that the posterior was calibrated to"),
        ({"posterior": "p", "plan": "9 trials"}, 120.0, "how it was calibrated"),
        ({"posterior": "p"}, 120.0, "the posterior, made anew"),
        ({"posterior": "p", "model": "m2"}, 120.0, "the model's equations or numbers"),
        ({"members": "9", "seed": "2"}, 120.0, "the seed; the number of members"),
        ({}, 100.0, "nothing yet: not calibrated to the rows"),
    ],
)
def test_a_revision_tells_what_had_changed(register: Path, changed: dict[str, str], level: float, because: str) -> None:
    freeze(register, TOLD | {"rows": "new_row"} | changed, forecast(run(level), [TERM]))
    line = revisions(read_register(register), 2031.0).iloc[0]
    assert line["change"] == pytest.approx(level / 100 - 1, abs=1e-5)
    assert (line["because"], line["rows"]) == (because, "+new_row, -old_row")


def test_new_counts_that_cannot_be_scored_are_named_with_the_reason(register: Path) -> None:
    known = Count("firms", Number(1.0), 2026.5, 0.0, 104.0, 106.0, 0.1, 0.1, ("old_row",))
    late = replace(known, ids=("late",), time=2024.5)
    other = replace(known, ids=("other",), term="change")
    assert passed_over(read_register(register), [known, replace(known, ids=("fresh",)), late, other]) == [
        "late: 2024.5 is not within 2026 to 2031, so it is not scored",
        "other: change is not forecast, so it is not scored",
    ]
    assert passed_over([], [late]) == []


def test_the_commands_freeze_and_score(tmp_path: Path) -> None:
    def vimach(*words: str) -> Any:
        result = CliRunner().invoke(app, [*words, "--register", str(tmp_path), "--json"])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    assert Path(vimach("register", "--members", "10", "--prior")["file"]).name == "0001.csv"
    head = (tmp_path / "0001.csv").read_text(encoding="utf-8")
    assert "# counts: none\n# plan: none\n" in head
    assert vimach("score") == {"scores": [], "revisions": [], "not_scored": []}


def test_a_forecast_of_too_few_members_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["register", "--members", "3", "--register", str(tmp_path)])
    assert result.exit_code == 2
    assert "--members" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_posterior_of_another_model_gives_a_forecast_of_the_priors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posterior, "fingerprint", lambda model: "another model")
    result = CliRunner().invoke(app, ["register", "--members", "10", "--register", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
    assert "until then every number is drawn from its prior" in result.stderr
    head = (tmp_path / "0001.csv").read_text(encoding="utf-8")
    assert "# posterior: none\n# counts: none\n# plan: none\n" in head
