"""What the sources of the core must not hold: text methods on octets, environment, state."""

import ast

from core_sources import every_room

# Methods that follow Unicode, or that bytes do not need: int(), str.strip() and their like take
# what the grammar refuses (full-width digits, NBSP, the Kelvin sign).
NEVER_CALLED = {
    "capitalize",
    "casefold",
    "expandtabs",
    "format_map",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "isnumeric",
    "isspace",
    "splitlines",
    "swapcase",
    "title",
}
# Text of ours that is folded, never of a peer's.
OWN_TEXT_FOLDED = {"title.replace(' ', '_')"}

MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter"}
FREEZING_CALLS = {"frozenset", "tuple", "MappingProxyType"}


def method_calls(tree: ast.AST) -> list[tuple[str, ast.expr, ast.Call]]:
    return [
        (node.func.attr, node.func.value, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


# --- Text and octets -----------------------------------------------------------------------------


@every_room
def test_no_method_is_called_that_follows_unicode(room: str, tree: ast.Module) -> None:
    assert not {name for name, _, _ in method_calls(tree)} & NEVER_CALLED


@every_room
def test_what_is_stripped_or_split_off_is_named_in_octets(room: str, tree: ast.Module) -> None:
    # bytes.strip() without an argument takes VT and FF; with one in octets, it is no str's.
    for name, _, call in method_calls(tree):
        if name in ("strip", "lstrip", "rstrip"):
            (argument,) = call.args
            assert isinstance(argument, ast.Constant)
            assert isinstance(argument.value, bytes)
        elif name in ("split", "rsplit"):
            assert call.args


@every_room
def test_octets_become_text_only_as_ascii(room: str, tree: ast.Module) -> None:
    for name, _, call in method_calls(tree):
        if name == "decode":
            assert [ast.unparse(argument) for argument in call.args] == ["'ascii'"]
            assert not call.keywords


def texts_in(function: ast.AST) -> set[str]:
    """The names in a function that are text: arguments so annotated, and what is made of text."""
    names = {
        node.arg
        for node in ast.walk(function)
        if isinstance(node, ast.arg)
        and node.annotation is not None
        and "str" in ast.unparse(node.annotation).replace("|", " ").split()
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and is_text(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def is_text(node: ast.expr, texts: set[str]) -> bool:
    match node:
        case ast.Constant():
            return isinstance(node.value, str)
        case ast.JoinedStr():
            return True
        case ast.Name():
            return node.id in texts
        case ast.Subscript():
            return is_text(node.value, texts)
        case ast.Call(func=ast.Name(id="str")) | ast.Call(func=ast.Attribute(attr="decode")):
            return True
        case ast.Call(func=ast.Attribute(attr=attribute, value=value)):
            return attribute != "encode" and is_text(value, texts)
        case ast.BinOp():
            return is_text(node.left, texts) or is_text(node.right, texts)
        case _:
            return False


def folded_texts(tree: ast.Module) -> set[str]:
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            texts = texts_in(function)
            for name, receiver, _ in method_calls(function):
                if name in ("lower", "upper") and is_text(receiver, texts):
                    found.add(ast.unparse(receiver))
    return found


@every_room
def test_no_text_is_folded_but_what_is_our_own(room: str, tree: ast.Module) -> None:
    assert folded_texts(tree) <= OWN_TEXT_FOLDED


def test_the_reader_of_foldings_sees_them() -> None:
    source = """
def one(name: str, octets: bytes) -> None:
    text = octets.decode("ascii")
    name.strip().lower(), text[1:].lower(), str(octets).upper(), f"{octets}".lower()
    octets.lower(), name.encode("ascii").lower(), unknown(name).lower()
"""
    assert folded_texts(ast.parse(source)) == {
        "name.strip()",
        "text[1:]",
        "str(octets)",
        "f'{octets}'",
    }


@every_room
def test_nothing_is_read_from_the_environment(room: str, tree: ast.Module) -> None:
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"environ", "environb", "getenv", "getenvb", "open", "input", "print"}


# --- State --------------------------------------------------------------------------------------


def is_mutable(node: ast.AST) -> bool:
    """Whether an expression makes, or holds, something that somebody could change."""
    if isinstance(node, ast.Subscript):  # A type: Callable[[RequestInfo], bytes].
        return False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in MUTABLE_CALLS:
            return True
        if node.func.id in FREEZING_CALLS:
            inner = [child for argument in node.args for child in ast.iter_child_nodes(argument)]
            return any(is_mutable(child) for child in inner)
    if isinstance(node, MUTABLE):
        return True
    return any(is_mutable(child) for child in ast.iter_child_nodes(node))


def mutable_names(tree: ast.Module) -> set[str]:
    """The names at the top of a module, or of a class in it, that hold mutable values."""
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    found = set()
    for statement in [statement for body in bodies for statement in body]:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        if is_mutable(value):
            found |= {ast.unparse(target) for target in targets}
    return found


@every_room
def test_no_module_has_state_that_could_change(room: str, tree: ast.Module) -> None:
    assert mutable_names(tree) <= {"__all__"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]


def test_the_reader_of_state_sees_it() -> None:
    source = """
A = {}; B: Final = [1]; C = (1, [2]); D = set(); E = tuple([1, []]); F = {each for each in ()}
class X:
    G = {1: 2}
H = (1, 2); I = frozenset({1}); J = MappingProxyType({1: (2,)}); K = Callable[[int], str]; L = f(1)
"""
    assert mutable_names(ast.parse(source)) == set("ABCDEFG")
