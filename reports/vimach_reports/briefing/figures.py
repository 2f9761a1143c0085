"""The figures of the briefing by name: those of the register that its material suffices for."""

import pandas as pd

from vimach_reports import figures
from vimach_reports.briefing.material import Material
from vimach_reports.catalogue import Language
from vimach_reports.figure import Drawing


def drawings(material: Material, language: Language) -> dict[str, Drawing]:
    """Every figure that can be drawn of the first two scenarios, by name; a page without one says so in a sentence."""
    tables = {name: table for name in material.tables if (table := material.table(name)) is not None}
    tables |= {"realised": material.announcements, "realisation": material.realised}
    if material.track_record:
        tables["forecasts"] = pd.DataFrame(material.track_record["forecasts"])
        tables["forecasts"].attrs.update(material.track_record["about"])
    given = figures.FigureData(
        datasets=(material.base, material.other),
        targets=material.due,
        parameters=material.parameters,
        observations=material.observations,
        tables=tables,
    )
    return {drawing.name: drawing for drawing in figures.drawings(given, [language])}
