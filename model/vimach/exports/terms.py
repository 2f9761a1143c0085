"""What stands under a name in an export: the model's variables, and terms that an equation uses more than once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from vimach.graph import Graph, Node

GIVEN = ("input", "series", "time", "state")
"""Nodes that come from outside the equations."""
SIMPLE = (*GIVEN, "constant", "pick", "since")
"""Nodes that are as short as a name."""


class Terms:
    """Which nodes have a name, and for each variable the nameless terms that its equation repeats."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names: dict[int, str] = {}
        for name, variable in sorted(graph.variables.items(), key=lambda item: item[1].node.op not in GIVEN):
            self.names.setdefault(variable.node.number, name)
        self.repeated = {name: self._repeated(variable.node) for name, variable in graph.variables.items()}

    def own(self, name: str) -> bool:
        """Whether a variable is its node's first name; if not, it is equal to that other variable."""
        return self.names[self.graph.variables[name].node.number] == name

    def below(self, root: Node) -> Iterator[Node]:
        """What the equation of `root` reads, each node once for each time it is read; it ends at names."""
        stack, seen = [root], {root.number}
        while stack:
            for argument in reversed(stack.pop().arguments):
                yield argument
                if argument.number not in seen and argument.number not in self.names:
                    seen.add(argument.number)
                    stack.append(argument)

    def _repeated(self, root: Node) -> Sequence[Node]:
        counts = Counter(node.number for node in self.below(root))
        found = {node.number: node for node in self.below(root) if any(arg.op != "constant" for arg in node.arguments)}
        return [
            node for number, node in sorted(found.items())
            if counts[number] > 1 and number not in self.names and node.op not in SIMPLE
        ]  # fmt: skip

    def reads(self, root: Node) -> list[str]:
        """The names that the equation of `root` reads, in the order in which it reads them; `root` is spelt out."""
        found = (self.names.get(node.number, node.payload) for node in self.below(root)
                 if node.number in self.names or node.op in GIVEN)  # fmt: skip
        return list(dict.fromkeys(found))
