"""The YAML reader: places, and everything it refuses."""

from pathlib import Path

import pytest

from vimach.errors import Place, Problem
from vimach.yaml_reader import DEEPEST, Block, Listing, Node, Scalar, parse, read, texts

START = Place("f.yaml", 1, 1)


def tree(data: bytes | str) -> Node | None:
    problems: list[Problem] = []
    node = parse(data, START, problems)
    assert not problems
    return node


def problems_of(data: bytes | str) -> list[str]:
    problems: list[Problem] = []
    parse(data, START, problems)
    return [str(problem) for problem in problems]


def test_nodes_know_where_they_were_written() -> None:
    root = tree("a: 1\nđược: [ấm, 'no']\n")
    assert isinstance(root, Block)
    assert [(entry.key.text, entry.key.place.line, entry.key.place.column) for entry in root.entries] == [
        ("a", 1, 1),
        ("được", 2, 1),
    ]
    listing = root.get("được")
    assert isinstance(listing, Listing)
    assert listing.items == (Scalar("ấm", Place("f.yaml", 2, 8)), Scalar("no", Place("f.yaml", 2, 12)))


@pytest.mark.parametrize("written", ["no", "010", "12:30", "1e3", "2030-01-01", ".nan", "0x10", "true"])
def test_scalars_stay_text(written: str) -> None:
    assert tree(written) == Scalar(written, START)


@pytest.mark.parametrize("written", ["", "~", "null", "# only a comment"])
def test_nothing_is_the_empty_text(written: str) -> None:
    node = tree(written)
    assert isinstance(node, Scalar)
    assert node.text == ""


def test_a_quoted_null_is_a_text() -> None:
    assert tree("'null'") == Scalar("null", START)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    root = tree("\ufeffa: 1".encode())
    assert isinstance(root, Block)
    assert root.entries[0].key == Scalar("a", START)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: a: written twice, first in line 1"),
        (b"a: &x 3\n", "f.yaml:1:4: anchor &x; write the value out where it is used"),
        (b"a: *x\n", "f.yaml:1:4: alias *x; write the value out"),
        (b"a: !!str 5\n", "f.yaml:1:4: tag tag:yaml.org,2002:str; write the value without a tag"),
        (b"a: !thing {b: 1}\n", "f.yaml:1:4: tag !thing; write the value without a tag"),
        (b"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document; a file holds one"),
        (b"a: 1\nb: n\xe3o\n", "f.yaml:2:5: not UTF-8; save the file with the encoding UTF-8"),
        ("a: 1\n".encode("utf-16"), "f.yaml:1:1: not UTF-8; save the file with the encoding UTF-8"),
        (b"a: 1\nb: \x00\n", "f.yaml:2:4: unprintable character U+0000"),
        (b"? [a]\n: 3\n", "f.yaml:1:3: a key must be a text, found a list"),
        (b"? \n: 3\n", "f.yaml:1:2: a key must be a text, found nothing"),
        (b"{to: 3,5, starts: 1}", "f.yaml:1:6: to: a comma ends the entry and so splits 3,5; write 35 or 3.5"),
    ],
)
def test_refuses(data: bytes, said: str) -> None:
    assert problems_of(data) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("é: b: 3\n", "f.yaml:1:5: not valid YAML: a second `: ` in one line; put the text in quotes"),
        ("a: [1\n", "f.yaml:2:1: not valid YAML: while parsing a flow sequence; "),
        ("é:\n\t- b\n", "f.yaml:2:1: not valid YAML: a tab; indent with spaces"),
        ("é: @b", "f.yaml:1:4: not valid YAML: a text cannot begin with @; put it in quotes"),
    ],
)
def test_broken_yaml_is_a_problem_with_a_place(text: str, said: str) -> None:
    (found,) = problems_of(text.encode())
    assert found.startswith(said)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    said = problems_of("a: &x 1\na: 2\nb: *x\nc: !!int 3\n[\n")
    assert [line.split(": ")[0] for line in said[:4]] == ["f.yaml:1:4", "f.yaml:2:1", "f.yaml:3:4", "f.yaml:4:4"]
    assert "not valid YAML" in said[4]


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert isinstance(tree("[" * DEEPEST + "]" * DEEPEST), Listing)


@pytest.mark.parametrize("depth", [DEEPEST + 1, 100_000])
def test_deeper_nesting_is_refused_at_its_place(depth: int) -> None:
    assert problems_of("[" * depth) == [f"f.yaml:1:{DEEPEST + 1}: nested deeper than {DEEPEST} levels"]


def test_words_of_a_command_line_have_no_lines() -> None:
    place = Place("--set x=*y")
    problems: list[Problem] = []
    parse("*y", place, problems)
    assert problems == [Problem("alias *y; write the value out", place)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n- b\n", "a list where a mapping (lines of `key: value`) belongs"),
        ("hello\n", "a text where a mapping (lines of `key: value`) belongs"),
    ],
)
def test_a_file_must_hold_a_mapping(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    assert read(file, "shown.yaml", problems) is None
    assert [str(problem) for problem in problems] == [f"shown.yaml:1:1: {said}"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read(tmp_path / "none.yaml", "none.yaml", problems) is None
    assert read(tmp_path, "folder", problems) is None
    assert str(problems[0]) == "none.yaml: cannot be read: no such file or directory"
    assert str(problems[1]).startswith("folder: cannot be read: ")


def test_what_is_refused_leaves_a_tree_to_check() -> None:
    node = parse("a: 1\na: 2\nb: *x\n", START, [])
    assert isinstance(node, Block)
    assert [(entry.key.text, entry.value.kind) for entry in node.entries] == [("a", "a text"), ("b", "a text")]


def test_texts_of_a_text_or_a_list() -> None:
    assert [text.text for text in texts(tree("[a, [b], '', c]"))] == ["a", "c"]
    assert [text.text for text in texts(tree("a"))] == ["a"]
    assert texts(None) == ()
