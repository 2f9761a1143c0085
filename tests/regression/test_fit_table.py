"""The residual table that is committed is the one that the central run gives; nothing in it is missed."""

from pathlib import Path

from vimach.scenario import read_scenario
from vimach.simulate import Settings, built_in, simulate
from vimach_calibration.fit import evaluate, read_statements, write_fit

COMMITTED = Path(__file__).parents[2] / "calibration" / "fit.csv"


def test_the_committed_table_is_fresh_and_every_statement_holds(tmp_path: Path) -> None:
    """Rewrite it, on purpose, with `python -m vimach_calibration.fit`."""
    model = built_in()
    run = simulate(model, read_scenario("baseline", model.table, model.labels), Settings(members=0))
    table = evaluate(read_statements(), run)
    write_fit(table, tmp_path / "fit.csv")
    assert (tmp_path / "fit.csv").read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8")
    assert set(table["outcome"]) == {"ok", "not observed"}
