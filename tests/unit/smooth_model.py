"""A smooth model for tests of runs: people leave, wait in a chain and drain through a delay; parameters are drawn."""

from pathlib import Path
from typing import Any

from vimach.dry_run import dry_run
from vimach.parameters.table import read_parameters
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model
from vimach.structure import Chain, Outside, Stock, flow, initial
from vimach.units import People, PeoplePerYear, PerYear, Years

from .small_models import named

HEAD = "label: {en: x, vi: x}, judgment: a number for a test, grade: J"
NUMBERS = f"""
people_2015: {{{HEAD}, unit: person, value: 1000, range: [0, 1e6], certain: a test}}
leaving_rate: {{{HEAD}, unit: 1/year, value: 0.2, range: [0, 100],
  distribution: {{family: lognormal, p05: 0.1, p95: 0.4}}}}
wait_time: {{{HEAD}, unit: month, value: 24, range: [0, 60], distribution: {{family: lognormal, p05: 12, p95: 48}}}}
pause_time: {{{HEAD}, unit: year, value: 2, range: [0, 20], certain: a test}}
"""


def _declared() -> dict[str, Any]:
    people, abroad, pausing = Stock("person"), Outside("abroad"), Stock("person", starts_empty=True)
    queue = Chain("person", through="wait_time", stages=2, starts_empty=True)

    @initial(people)
    def people_at_start(people_2015: People) -> People:
        return people_2015

    @flow(people >> queue)
    def leaving(people: People, leaving_rate: PerYear) -> PeoplePerYear:
        return people * leaving_rate

    @flow(queue >> pausing)
    def arriving(queue_finishing: PeoplePerYear) -> PeoplePerYear:
        return queue_finishing

    @flow(pausing >> abroad)
    def going(pausing: People, pause_time: Years) -> PeoplePerYear:
        return pausing / pause_time

    places = {"people": people, "queue": queue, "abroad": abroad, "pausing": pausing}
    return named(people_at_start, leaving, arriving, going, **places)


def smooth_model(folder: Path) -> Model:
    """The model; its parameters are written to `folder`."""
    (folder / "numbers.yaml").write_text(NUMBERS, encoding="utf-8")
    table = read_parameters(folder)
    return Model(dry_run([_declared()], table), table)


def scenario(model: Model, folder: Path, *settings: str) -> Scenario:
    """A scenario that changes nothing but these settings."""
    file = folder / "test.yaml"
    file.write_text("because: nothing is changed\n", encoding="utf-8")
    return read_scenario(file, model.table, model.labels, settings)
