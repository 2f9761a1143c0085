"""Typed values out of a YAML tree: every reader asks for what it expects, and all disappointments are gathered."""

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.values import number
from vimach.yaml_reader import Block, Listing, Node, Scalar, read


class Fields:
    """One reading of one file. Each method returns what was asked for, or a harmless stand-in and a problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def tree(self, file: Path | Traversable) -> Block:
        """The mapping that `file` holds; BadInput at once if there is none or the YAML is not what it shows."""
        tree = read(file, str(file), self.problems)
        self.finish()
        return tree or Block((), Place(str(file)))

    def complain(self, place: Place, message: str, key: str = "", suggestion: str = "") -> None:
        """Note one problem and go on."""
        self.problems.append(Problem(message, place, key, suggestion))

    def finish(self) -> None:
        """Raise BadInput with every problem met, if any."""
        if self.problems:
            raise BadInput(self.problems)

    def block(self, node: Node | None, key: str, allowed: Iterable[str] = (), required: Iterable[str] = ()) -> Block:
        """A mapping; with `allowed`, other keys are problems, as are `required` ones that are missing."""
        if node is None:
            return Block((), Place(""))
        if not isinstance(node, Block):
            self.complain(node.place, f"{node.kind} where a mapping belongs", key)
            return Block((), node.place)
        names = tuple(allowed)
        for entry in node.entries if names else ():
            if entry.key.text not in names:
                self.complain(entry.key.place, "unknown key", entry.key.text, nearest(entry.key.text, names))
        for name in required:
            if node.get(name) is None:
                self.complain(node.place, f"{name!r} is missing", key)
        return node

    def text(self, node: Node | None, key: str) -> str:
        """A text; "" where nothing stands."""
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.complain(node.place, f"{node.kind} where a text belongs", key)
            return ""
        return node.text

    def one_of(self, node: Node | None, key: str, choices: Iterable[str]) -> str:
        """A text out of `choices`; "" where nothing stands."""
        found, known = self.text(node, key), tuple(choices)
        if node is not None and found not in known:
            self.complain(node.place, f"{found!r} is not one of {', '.join(known)}", key, nearest(found, known))
        return found

    def number(self, node: Node | None, key: str) -> float | None:
        """A plain number, or None where nothing stands."""
        written = self.text(node, key)
        if node is None or not written:
            return None
        try:
            return number(written)
        except ValueError as error:
            self.complain(node.place, str(error), key)
            return None

    def items(self, node: Node | None, key: str) -> tuple[Node, ...]:
        """The items of a list; none where nothing stands."""
        if node is None:
            return ()
        if not isinstance(node, Listing):
            self.complain(node.place, f"{node.kind} where a list belongs", key)
            return ()
        return node.items

    def texts(self, node: Node | None, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.text(item, key) for item in self.items(node, key))
