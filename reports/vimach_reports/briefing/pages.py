"""The whole briefing in one language: page 1, the official figures, one page a question, the annexes."""

from collections.abc import Sequence

from vimach_reports import catalogue
from vimach_reports.briefing import annexes, behind, provenance, questions, questions_more, shocks
from vimach_reports.briefing.blocks import Document, joined
from vimach_reports.briefing.facts import Voice
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.official import page_two
from vimach_reports.briefing.page_one import page_one
from vimach_reports.catalogue import Language


def briefing(material: Material, language: Language, drawn: Sequence[str]) -> Document:
    """The document; `drawn` names the figures that there are. A page without its figure says so in a sentence."""
    say, attrs = Voice(language), material.base.attrs
    status = catalogue.calibration(material.base, language)
    vintage = catalogue.day(str(attrs["data_vintage"]), language)
    names = {"first": say.title(material.base), "second": say.title(material.other)}
    newest = attrs.get("newest_stock_count")
    counted = say("newest", month=catalogue.month(float(newest), language)) if newest is not None else ""
    version = str(attrs["model_version"])
    return Document(
        language=language,
        title=say("title", **names),
        subtitle=say("subtitle", vintage=vintage, newest=counted, status=status, version=version),
        footer=say("footer", version=version, vintage=vintage, status=status, **names),
        description=say("description", **names),
        date=str(attrs["data_vintage"]),
        blocks=joined(
            [
                page_one(material, say),
                page_two(material, say),
                questions.will_it_be_reached(material, drawn, say),
                questions.what_it_buys(material, drawn, say),
                questions_more.where_is_the_bottleneck(material, drawn, say),
                questions_more.does_supply_match(material, drawn, say),
                questions_more.what_must_be_true(material, drawn, say),
                shocks.under_a_shock(material, say),
                annexes.levers(material, drawn, say),
                annexes.named(material, say),
                annexes.announced(material, say),
                annexes.track_record(material, drawn, say),
                annexes.milestones(material, say),
                annexes.cannot_say(material, say),
                provenance.assumptions(material, say),
                provenance.overrides(material, say),
                provenance.provenance(material, say),
                behind.behind_the_answers(material, drawn, say),
            ]
        ),
    )
