"""What no code of ours may do, but at the places named here, each with its reason.

The rules are ruff's, after Bandit; the scripts and templates of the pages are searched for words.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = {
    "dynamic code": ["S102", "S307"],
    "pickles": ["S301", "S302"],
    "YAML that makes objects": ["S506"],
    "XML": ["S313", "S314", "S315", "S316", "S317", "S318", "S319"],
    "a shell": ["S602", "S604", "S605", "S609", "S612"],
    "SQL as text": ["S608"],
    "old hashes and keys": ["S324", "S303", "S304", "S305", "S505"],
    "unchecked certificates": ["S323", "S501", "S502", "S503", "S504", "S507"],
    "a debugger": ["S201", "T100"],
    "chance that can be guessed": ["S311"],
    "HTML that is not escaped": ["S701", "S702", "S704"],
    "log lines whose form is data": ["G001", "G002", "G003", "G004"],
}
ALLOWED = {
    ("jndlab/audio/parallel.py", "S301"),  # from a process of our own, over a pipe
    ("jndlab/audio/parallel_helper.py", "S301"),  # the other end of it
    ("jndlab/store/copying.py", "S608"),  # names of our own tables and columns
    ("jndlab/web/experimenter/account_second_factor.py", "S704"),  # a picture that we drew
}
"""File and rule. Migrations may put SQL together: nothing in them comes from outside."""


def test_nothing_dangerous_is_called_but_where_it_is_known() -> None:
    found = found_in("jndlab", "analysis")
    assert {one for one in found if "/migrations/" not in one[0]} == ALLOWED


def found_in(*where: str, text: str = "") -> set[tuple[str, str]]:
    """File and rule of whatever is met."""
    rules = ",".join(rule for some in RULES.values() for rule in some)
    how = ["--isolated", "--no-cache", "--output-format", "json", "--select", rules]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *how, *where],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return {
        (Path(one["filename"]).relative_to(ROOT).as_posix(), one["code"])
        for one in json.loads(done.stdout)
    }


EXAMPLES = {
    "dynamic code": "eval(x)",
    "pickles": "import pickle\npickle.loads(x)",
    "YAML that makes objects": "import yaml\nyaml.load(x)",
    "XML": "import xml.etree.ElementTree\nxml.etree.ElementTree.fromstring(x)",
    "a shell": "import subprocess\nsubprocess.run(x, shell=True)",
    "SQL as text": "f'SELECT a FROM b WHERE c = {x}'",
    "old hashes and keys": "import hashlib\nhashlib.md5(x)",
    "unchecked certificates": "import requests\nrequests.get(x, verify=False, timeout=1)",
    "a debugger": "from flask import Flask\napp = Flask('x')\napp.run(debug=True)",
    "chance that can be guessed": "import random\nrandom.random()",
    "HTML that is not escaped": "import markupsafe\nmarkupsafe.Markup(x)",
    "log lines whose form is data": "import logging\nlogging.warning(f'a {x}')",
}


@pytest.mark.parametrize("what", RULES)
def test_the_rules_find_what_they_look_for(what: str) -> None:
    found = found_in("--stdin-filename", "x.py", "-", text=EXAMPLES[what] + "\n")
    assert {rule for _, rule in found} & set(RULES[what])


PATTERNS = {
    ("jndlab/study/definition.py", "NAME_PATTERN.strip('^$')"),
    ("jndlab/web/browsers.py", r"f'\\b{sign}/'"),  # from a table above it
    ("jndlab/web/jobs/import_words.py", "pattern"),  # likewise
    ("jndlab/settings.py", r"f'(https://[^/?#\\s]+|{on_this_machine})(/[^?#\\s]*)?'"),
}
"""Patterns that are neither constant nor made of constants and of what is escaped."""


def test_no_pattern_is_made_of_input() -> None:
    found = set()
    for path, text in sources("jndlab"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RE and node.args:
                pattern = node.args[0]
                if not is_ours(pattern):
                    found.add((path.relative_to(ROOT).as_posix(), ast.unparse(pattern)))
    assert found == PATTERNS


RE = [f"re.{name}" for name in ("compile", "search", "match", "fullmatch", "sub", "split")]
RE += ["re.findall", "re.finditer"]


def is_ours(pattern: ast.expr) -> bool:
    """Whether it is constant, or made of constants and of escaped text."""
    if isinstance(pattern, ast.Constant):
        return True
    if isinstance(pattern, ast.Name):
        return pattern.id.isupper()
    if isinstance(pattern, ast.JoinedStr):
        return all(map(is_ours, pattern.values))
    if isinstance(pattern, ast.FormattedValue):
        return is_ours(pattern.value)
    return isinstance(pattern, ast.Call) and ast.unparse(pattern.func) == "re.escape"


SCRIPTS = {
    "HTML from text": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe",
    "HTML that is parsed": r"createContextualFragment|DOMParser|srcdoc",
    "code from text": r"\beval\(|new Function|setTimeout\(\s*[\"'`]|import\([^\"'`)]",
    "messages of other pages": r"[\"']message[\"']\s*,|onmessage|postMessage",
    "what objects inherit": r"__proto__|Object\.assign|setPrototypeOf|for \((const|let) \w+ in ",
}
PARSED = {"experimenter/request.js", "experimenter/live.js"}
"""Parts of pages, and pictures, that our server has written and escaped."""


@pytest.mark.parametrize("what", SCRIPTS)
def test_scripts_of_the_pages_do_not(what: str) -> None:
    folder = ROOT / "static" / "js"
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.js")
        if re.search(SCRIPTS[what], path.read_text(encoding="utf-8"))
    }
    assert found == (PARSED if what == "HTML that is parsed" else set())


def test_templates_escape_everything() -> None:
    """Flask does so in files of that name; nothing in them says otherwise."""
    paths = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    assert paths
    for path in paths:
        assert path.suffix == ".html", path
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text(encoding="utf-8")), path


def test_no_template_is_made_of_text_and_no_view_mixes_query_and_form() -> None:
    for path, text in sources("jndlab/web"):
        assert "render_template_string" not in text, path
        assert "request.values" not in text, path


def sources(folder: str) -> Iterator[tuple[Path, str]]:
    for path in (ROOT / folder).rglob("*.py"):
        yield path, path.read_text(encoding="utf-8")
