"""The test cases of Autobahn|Testsuite, loaded into Python 3.

The suite is Python 2, where a string is bytes, and Debian has no Python 2. Its cases are plain enough to be loaded as they
are: each file is read as Latin-1, so that every character of a string stands for one byte, and the few things that changed
between the languages are put back by `_Loader`. What a case sends, expects and how it judges is the suite's own code.
"""

import ast
import binascii
import builtins
import importlib.util
import os
import pathlib
import re
import types

from autobahn.websocket.utf8validator import Utf8Validator

_PACKAGE = pathlib.Path(importlib.util.find_spec("autobahntestsuite").submodule_search_locations[0])

# Modules of the suite that are not loaded: a case that the suite itself leaves out (9.9.1).
_LEFT_OUT = {"case9_9_1": {}}


class _BytewiseValidator(Utf8Validator):
    def validate(self, ba):
        return super().validate(ba.encode("latin-1"))


# Modules that take bytes in Python 3, for callers whose strings are bytes.
_BYTEWISE = {
    "binascii": {"b2a_hex": lambda data: binascii.b2a_hex(data.encode("latin-1")).decode("ascii")},
    "autobahn.websocket.utf8validator": {"Utf8Validator": _BytewiseValidator},
}

# What the compression cases find their data with, which setuptools has dropped.
_FILES = {"pkg_resources": {"resource_filename": lambda _, name: os.fspath(_PACKAGE / name)}}

# What Autobahn's own library has renamed since.
_RENAMED = re.compile("(request|accept)(NoContextTakeover|MaxWindowBits)")


class _OldObject:
    """In Python 2 `(object, Case)` are possible bases; in Python 3 object must come last."""


class _FloorDivision(ast.NodeTransformer):
    """`/` between integers gave an integer."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.op = ast.FloorDiv()
        return node


class _Loader:
    def __init__(self, folder):
        self._folder = folder
        self._modules = {name: self._module(name, names) for name, names in {**_LEFT_OUT, **_BYTEWISE, **_FILES}.items()}
        self._builtins = dict(vars(builtins), xrange=range, object=_OldObject, __import__=self._import)

    @staticmethod
    def _module(name, names):
        module = types.ModuleType(name)
        vars(module).update(names)
        return module

    def _import(self, name, globals=None, locals=None, fromlist=(), level=0):
        if name in self._modules or (self._folder / f"{name}.py").exists():
            return self.load(name)
        return __import__(name, globals, locals, fromlist, level)

    def load(self, name):
        if name not in self._modules:
            source = (self._folder / f"{name}.py").read_text("latin-1")
            source = re.sub(r"(?m)^(\s*)print (.+)$", r"\1print(\2)", source)
            source = _RENAMED.sub(lambda name: re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", name[0]), source)
            tree = ast.fix_missing_locations(_FloorDivision().visit(ast.parse(source, f"{name}.py")))
            module = self._modules[name] = self._module(name, {"__builtins__": self._builtins})
            exec(compile(tree, f"autobahntestsuite/case/{name}.py", "exec"), vars(module))
        return self._modules[name]


def is_compression(case):
    return case.split(".")[0] in ("12", "13")


def load_cases(compressed_messages):
    """{"1.1.1": its class, ...} in the suite's order, and {"1": "Framing", ...}. Each compression case sends so many
    messages; in the suite it is 1,000."""
    loader = _Loader(_PACKAGE / "case")
    listing = loader.load("__init__")
    # The suite compares pickles, and in Python 3 two equal values may have different ones.
    loader.load("case").Case.compare = lambda self, one, other: one == other
    cases = {case.__name__.removeprefix("Case").replace("_", "."): case for case in listing.Cases}
    for name, case in cases.items():
        if is_compression(name):
            case.COUNT = compressed_messages
    return cases, listing.CaseCategories
