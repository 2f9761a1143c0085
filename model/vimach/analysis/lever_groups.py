"""Levers in groups: who decides, and to what end. An attribution speaks of groups, since levers work together.

What a scenario sets without a decision at home, by partners, firms abroad or the world, is a block of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vimach.errors import BadInput, Problem
from vimach.fields import Label
from vimach.parameters.table import ParameterTable

OURS, OTHERS = "ours", "others"


@dataclass(frozen=True)
class Group:
    """Levers that are moved together; `block` is OURS or OTHERS."""

    name: str
    label: Label
    block: str
    levers: tuple[str, ...]


_KINDS: Final[Mapping[str, tuple[Label, tuple[str, ...]]]] = {
    "money": (Label("Money and its spending", "Kinh phí và giải ngân"), ("funding", "macro")),
    "teaching": (Label("Lecturers and laboratories", "Giảng viên và phòng thí nghiệm"), ("faculty",)),
    "places": (
        Label("Places, scholarships, curricula", "Chỉ tiêu, học bổng, chương trình"),
        ("admissions", "education", "labour_market"),
    ),
    "conversion": (Label("Conversion courses", "Khóa đào tạo chuyển đổi"), ("conversion",)),
    "people": (
        Label("Keeping and bringing home people", "Giữ chân và thu hút người về nước"),
        ("workforce", "scholarships", "diaspora"),
    ),
    "firms": (
        Label("Firms and plants", "Doanh nghiệp và nhà máy"),
        ("design_firms", "investment_climate", "atp", "fab", "regions"),
    ),
    "research": (Label("Research", "Nghiên cứu"), ("research", "capability")),
}
"""Groups of our own decisions -> their label and the sectors whose levers they hold."""

_OTHERS: Final = Label("Others' decisions and circumstances", "Quyết định của bên khác và hoàn cảnh")
_COARSE: Final[Mapping[str, tuple[Label, tuple[str, ...]]]] = {
    "money": (_KINDS["money"][0], ("money",)),
    "teaching": (Label("Teaching and places", "Giảng dạy và chỉ tiêu"), ("teaching", "places")),
    "people": (Label("Courses and people", "Khóa đào tạo và nhân lực"), ("conversion", "people")),
    "firms": (Label("Firms, plants, research", "Doanh nghiệp, nhà máy, nghiên cứu"), ("firms", "research")),
}
"""The same in at most four groups, for a kernel too slow for more."""


def lever_groups(table: ParameterTable, names: Sequence[str], at_most: int) -> tuple[Group, ...]:
    """The parameters `names` in at most `at_most` groups, those of our own decisions first.

    Up to seven groups of ours and one of others, each left out where it is empty. Where more are allowed than there
    are, groups are taken apart into their levers, the largest first, as far as they fit; where fewer, near groups are
    put together. BadInput if `at_most` cannot be kept.
    """
    groups = [*_ours(table, names), *_of_others(table, names)]
    if len(groups) > at_most:
        groups = [*_together(groups), *_of_others(table, names)]
    if len(groups) > at_most:
        message = f"{at_most} groups are too few: decisions of {len(groups)} kinds differ"
        raise BadInput(Problem(message, None, "--groups"))
    for group in sorted(groups, key=lambda group: -len(group.levers)):
        if 1 < len(group.levers) <= at_most - len(groups) + 1 and at_most > len(_KINDS) + 1:
            place = groups.index(group)
            groups[place : place + 1] = [_alone(table, name, group.block) for name in group.levers]
    return tuple(groups)


def by_others(table: ParameterTable, name: str) -> bool:
    """Whether a parameter is moved by somebody else than an office at home: no lever, or a lever `by_others`."""
    lever = table[name].lever
    return lever is None or lever.by_others


def _ours(table: ParameterTable, names: Iterable[str]) -> list[Group]:
    own = [name for name in names if not by_others(table, name)]
    found = []
    for name, (label, sectors) in _KINDS.items():
        levers = tuple(sorted(lever for lever in own if table[lever].sector in sectors))
        if levers:
            found.append(Group(name, label, OURS, levers))
    placed = {lever for group in found for lever in group.levers}
    return found + [_alone(table, name, OURS) for name in own if name not in placed]


def _of_others(table: ParameterTable, names: Iterable[str]) -> list[Group]:
    others = tuple(sorted(name for name in names if by_others(table, name)))
    return [Group(OTHERS, _OTHERS, OTHERS, others)] if others else []


def _together(groups: Sequence[Group]) -> list[Group]:
    fine = {group.name: group for group in groups if group.block == OURS}
    found = []
    for name, (label, parts) in _COARSE.items():
        members = [fine.pop(part) for part in parts if part in fine]
        if members:
            joined = tuple(lever for member in members for lever in member.levers)
            found.append(Group(name, label if len(members) > 1 else members[0].label, OURS, joined))
    return found + list(fine.values())


def _alone(table: ParameterTable, name: str, block: str) -> Group:
    return Group(name, table[name].label, block, (name,))
