"""Stocks and flows of one sector as an SVG picture, drawn from the graph.

The sector's stocks stand below one another in the order in which people, firms or money pass through them. What fills
a stock comes from the left, what drains it leaves to the right; a pipe from one stock to the next goes down. A cloud
is a place outside the model, a small box a stock with no other flow here, a dashed box one that stands elsewhere in the
picture. Below stand beliefs and counts, and what sets each flow.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from vimach.exports.terms import Terms
from vimach.graph import Graph, Variable

WIDTH, MARGIN = 760, 12
"""In pixels; at the width of an A4 page, 190 mm inside its margins, text of 10 pixels is 7 points high."""
_END, _BOX = 128, 168
_LEFT, _RIGHT = (WIDTH - _BOX) // 2, (WIDTH + _BOX) // 2
_ROW, _DOWN, _LINE = 46, 54, 13
_LETTER = 6.1  # mean width of a letter of DejaVu Sans at 10 pixels

_STYLE = """<style>
text { font: 10px "DejaVu Sans", sans-serif; fill: #1a1a1a }
.title { font-size: 15px; font-weight: bold } .head { font-size: 11px; font-weight: bold } .name { font-weight: bold }
.quiet { fill: #555 } .mid { text-anchor: middle }
.stock { fill: #eaf2fa; stroke: #1f4e79; stroke-width: 1.6 } .other { fill: #fff; stroke: #1f4e79; stroke-width: 1.2 }
.again { fill: #fff; stroke: #1f4e79; stroke-dasharray: 4 3 } .cloud { fill: #f4f4f4; stroke: #777 }
.belief { fill: #fff7e6; stroke: #9a6a00; stroke-width: 1.2 }
.pipe { stroke: #1f4e79; stroke-width: 5; fill: none } .inside { stroke: #fff; stroke-width: 2.4; fill: none }
.tip { fill: #1f4e79 } .valve { fill: #fff; stroke: #1f4e79; stroke-width: 1.4 }
.thread { stroke: #9a6a00; stroke-dasharray: 3 3; fill: none } .point { fill: #9a6a00 }
</style>"""


def sectors_of(graph: Graph) -> list[str]:
    """The sectors that have equations, in the model's order."""
    made = (variable.sector for variable in graph.variables.values() if variable.kind in ("flow", "auxiliary"))
    return [sector for sector in dict.fromkeys(made) if sector != "places"]


def diagram(graph: Graph, sector: str, preface: str = "") -> str:
    """The SVG picture of one sector; `preface` is a sentence under its title."""
    return _Picture(graph, sector, preface).svg()


@dataclass
class _Block:
    """A stock of the sector with the flows at its sides; `down` leads to the next block."""

    name: str
    inflows: list[Variable] = field(default_factory=list)
    outflows: list[Variable] = field(default_factory=list)
    down: Variable | None = None

    @property
    def height(self) -> int:
        return max(len(self.inflows), len(self.outflows), 1) * _ROW


class _Picture:
    """One picture in the making: parts are added from top to bottom, `y` is how far it has come."""

    def __init__(self, graph: Graph, sector: str, preface: str) -> None:
        self.graph, self.sector, self.preface = graph, sector, preface
        self.terms = Terms(graph)
        self.flows = [v for v in graph.by_kind("flow").values() if v.sector == sector]
        self.standing = _standing(self.flows, graph)
        self.parts: list[str] = []
        self.y = 0

    def svg(self) -> str:
        """The whole picture."""
        self._title()
        for block in _blocks(self.flows, _in_order(self.flows, self.standing)):
            self._block(block)
        self._beliefs()
        made = self.flows or [v for v in self.graph.by_kind("auxiliary").values() if v.sector == self.sector]
        self._list("What sets each flow" if self.flows else "What is computed from what", made)
        height = self.y + MARGIN
        size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{_STYLE}\n<rect width="100%" height="100%" fill="#fff"/>'
        )
        return "\n".join([head, *self.parts, "</svg>", ""])

    def _title(self) -> None:
        self.y = MARGIN + 16
        self._text(MARGIN, self.y, self.sector.replace("_", " ").capitalize(), "title")
        for line in _lines(self.preface, WIDTH - 2 * MARGIN):
            self.y += _LINE + 2
            self._text(MARGIN, self.y, line, "quiet")
        self.y += 22

    # blocks

    def _block(self, block: _Block) -> None:
        top, height = self.y, block.height
        self._box("stock", _LEFT, top, _BOX, height, block.name, "name")
        if self.graph.variables[block.name].kind == "part":
            whole = _words(self.graph.variables[block.name].uses[0])
            self._text(WIDTH // 2, top + height - 6, f"part of {whole}", "quiet mid")
        for flows, side in ((block.inflows, -1), (block.outflows, 1)):
            step = height / max(len(flows), 1)
            for number, flow in enumerate(flows):
                self._side(flow, side, round(top + step * (number + 0.5)))
        self.y = top + height
        if block.down:
            self._pipe([(WIDTH // 2, self.y), (WIDTH // 2, self.y + _DOWN)])
            self._valve(WIDTH // 2, self.y + _DOWN // 2 - 3)
            lines = _lines(_words(block.down.name), 220)
            for number, line in enumerate(lines):
                self._text(WIDTH // 2 + 14, self.y + _DOWN // 2 + 1 - (len(lines) - 1) * 6 + 12 * number, line)
            self.y += _DOWN
        else:
            self.y += 26

    def _side(self, flow: Variable, side: int, y: int) -> None:
        """A pipe at one side of a stock, with what stands at its other end."""
        assert flow.route is not None
        other = flow.route[0 if side < 0 else 1]
        left = MARGIN if side < 0 else WIDTH - MARGIN - _END
        self._end(other, left, y)
        ends = (left + _END, _LEFT) if side < 0 else (_RIGHT, left)
        self._pipe([(ends[0], y), (ends[1], y)])
        middle = (ends[0] + ends[1]) // 2
        self._valve(middle, y)
        lines = _lines(_words(flow.name), ends[1] - ends[0] - 6)
        for number, line in enumerate(reversed(lines)):
            self._text(middle, y - 10 - 11 * number, line, "mid")

    def _end(self, name: str, x: int, y: int) -> None:
        if name in self.standing:
            self._box("again", x, y - 15, _END, 30, name)
        elif name in self.graph.variables:
            self._box("other", x, y - 15, _END, 30, name)
        else:
            self.parts.append(_cloud(x, y))
            self._centred(name, x + _END // 2, y, _END - 24)

    # beliefs and counts

    def _beliefs(self) -> None:
        """What follows or counts a variable of this sector."""
        known = self.graph.by_kind("memory", "tally", "shadow").values()
        own = [v for v in known if self._source_sector(v) == self.sector]
        if not own:
            return
        self.y += 12
        self._text(MARGIN, self.y, "Beliefs follow with a delay; counts add up a flow", "head")
        self.y += 10
        for variable in own:
            y = self.y + 20
            source, *over = variable.uses
            self._box("other", MARGIN, y - 15, _END + 60, 30, source, rounded=True)
            self._box("belief", _LEFT + 70, y - 15, _BOX + 40, 30, variable.name, "name", rounded=True)
            start, end = MARGIN + _END + 60, _LEFT + 70
            self.parts.append(f'<path class="thread" d="M{start} {y} H{end - 7}"/>')
            self.parts.append(f'<path class="point" d="M{end} {y} l-8 -4 v8 z"/>')
            told = {
                "memory": f"follows over {_words(' '.join(over))}",
                "tally": "counts",
                "shadow": "the same, told apart",
            }
            lines = _lines(told[variable.kind], WIDTH - MARGIN - (end + _BOX + 48))
            for number, line in enumerate(lines):
                self._text(end + _BOX + 48, y + 10 - 6 * len(lines) + 12 * number, line, "quiet")
            self.y += 38
        self.y += 10

    def _source_sector(self, variable: Variable) -> str:
        source = self.graph.variables[variable.uses[0]]
        if variable.kind == "shadow":
            flows = self.graph.states[variable.uses[0]].changes
            sectors = [self.graph.variables[c.flow].sector for c in flows if c.flow in self.graph.variables]
            return max(dict.fromkeys(sectors), key=sectors.count)
        return source.sector

    # the list below

    def _list(self, head: str, variables: Sequence[Variable]) -> None:
        self.y += 12
        self._text(MARGIN, self.y, head, "head")
        self.y += 6
        for variable in variables:
            read = list(variable.uses) or self.terms.reads(variable.node)
            lines = _lines(", ".join(_words(name) for name in read), WIDTH - 2 * MARGIN - 240)
            names = _lines(_words(variable.name), 225)
            for number in range(max(len(lines), len(names))):
                self.y += _LINE
                if number < len(names):
                    self._text(MARGIN, self.y, names[number], "name")
                if number < len(lines):
                    self._text(MARGIN + 240, self.y, lines[number], "quiet")
            self.y += 3

    # pieces

    def _text(self, x: int, y: int, text: str, kind: str = "") -> None:
        of = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text{of} x="{x}" y="{y}">{escape(text, quote=False)}</text>')

    def _centred(self, name: str, x: int, y: int, width: int, kind: str = "") -> None:
        lines = _lines(_words(name), width)
        for number, line in enumerate(lines):
            self._text(x, round(y + 3.5 + 12 * (number - (len(lines) - 1) / 2)), line, f"{kind} mid".strip())

    def _box(
        self, kind: str, x: int, y: int, width: int, height: int, name: str, text: str = "", rounded: bool = False
    ) -> None:  # fmt: skip
        corner = ' rx="12"' if rounded else ""
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"{corner}/>')
        self._centred(name, x + width // 2, y + height // 2, width - 10, text)

    def _pipe(self, way: Sequence[tuple[int, int]]) -> None:
        (x0, y0), (x1, y1) = way
        sideways = y0 == y1
        end = (x1 - 8, y1) if sideways else (x1, y1 - 8)
        line = f"M{x0} {y0} L{end[0]} {end[1]}"
        self.parts += [f'<path class="pipe" d="{line}"/>', f'<path class="inside" d="{line}"/>']
        tip = "l-10 -6 v12 z" if sideways else "l-6 -10 h12 z"
        self.parts.append(f'<path class="tip" d="M{x1} {y1} {tip}"/>')

    def _valve(self, x: int, y: int) -> None:
        self.parts.append(f'<circle class="valve" cx="{x}" cy="{y}" r="6"/>')


def _standing(flows: Sequence[Variable], graph: Graph) -> list[str]:
    """The stocks that get a block: those with several flows of the sector, and one end of each flow that has none."""
    ends = [end for flow in flows for end in flow.route or () if end in graph.variables]
    found = [end for end in dict.fromkeys(ends) if ends.count(end) > 1]
    for flow in flows:
        own = [end for end in reversed(flow.route or ()) if end in graph.variables]
        if not any(end in found for end in own):
            found.append(own[0])
    return found


def _in_order(flows: Sequence[Variable], standing: Sequence[str]) -> list[str]:
    """The stocks so that each stands, where it can, right below one that flows into it."""
    after = {name: [f.route[1] for f in flows if f.route and f.route[0] == name] for name in standing}
    left, found = list(standing), list[str]()
    while left:
        following = [name for name in after[found[-1]] if name in left] if found else []
        fed = {target for name in left for target in after[name] if target != name}
        first = [name for name in left if name not in fed]
        chosen = (following or first or left)[0]
        left.remove(chosen)
        found.append(chosen)
    return found


def _blocks(flows: Iterable[Variable], order: Sequence[str]) -> list[_Block]:
    """The blocks with their flows; a flow between two blocks that do not follow each other stands at both."""
    blocks = {name: _Block(name) for name in order}
    following = dict(pairwise(order))
    for flow in flows:
        source, target = flow.route or ("", "")
        if source in blocks and following.get(source) == target and blocks[source].down is None:
            blocks[source].down = flow
            continue
        if source in blocks:
            blocks[source].outflows.append(flow)
        if target in blocks:
            blocks[target].inflows.append(flow)
    return list(blocks.values())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _lines(text: str, width: float) -> list[str]:
    """The text broken into lines that fit the width."""
    return textwrap.wrap(" ".join(text.split()), max(int(width / _LETTER), 8), break_on_hyphens=False)


def _cloud(x: int, y: int) -> str:
    """A cloud as wide as an end."""
    above = "a14 11 0 0 1 22 -9 a20 12 0 0 1 32 -2 a16 11 0 0 1 26 4 a12 11 0 0 1 14 12 a13 11 0 0 1 -16 14"
    below = "a18 10 0 0 1 -28 2 a18 10 0 0 1 -30 0 a14 10 0 0 1 -22 -7 a11 10 0 0 1 2 -14"
    place = f"translate({x - 14} {y}) scale(1.29 1)"
    return f'<path class="cloud" transform="{place}" d="M14 -6 {above} {below} z"/>'
