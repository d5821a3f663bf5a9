"""The words that the screen and the errors do not use any more: one word for one thing, in plain, current English."""

import ast
import re
from pathlib import Path

import pytest

from mhub_core import errors

ROOT = Path(__file__).parents[1]
# What must not come back, as a pattern, and what to write instead.
REPLACED = {
    r"\bshall\b": "must, should or can",
    r"\bforet(ell|old)": "predict",
    r"^come in\b": "Sign in or sign up",
    r"\btaken for what\b": "confusion matrix",
    r"\bmend(s|ed|ing)?\b": "fix or correct",
    r"^any one\b": "a random example",
    r"\b(bring|brought)\b": "import or upload",
    r"\bbrings\b.*\bback\b": "restores",
    r"(?<!not )(?<!not)\banswers?\b(?! (the|within))": "output or prediction",
    r"\bpictures?\b": "image",
    r"\btrainings\b": "runs",
    r"\b(an?|this|that|your|each|every|finished|one) training\b(?! (worker|example|image|row|set|data|process|time|step))": "run",
    r"^the training$|\bstart the training\b": "run, or start training",
    r"[}\d] weights\b|\bfew(er)? weights\b|\bnumber of weights\b": "parameters",
    r"\bfresh weights\b": "new random weights",
    r"^most (of|\w+s)\b": "maximum",
    r"\btell\b.*\bapart\b": "classify",
    r"\bhidden (test|rows?|images?|split|ones|for)\b": "held-out test set",
    r"\bits answer stands\b|\bstands? (here|above|below|there|under)\b": "is here, appears",
    r"\bnobody has\b": "say whose: no public run, no run that you can see",
    r"\bfor ever\b": "permanently",
    r"\b(goes|go)\b(?! to| straight)": "is inserted, is deleted, continues",
    r"\banew\b": "again",
    r"\bby heart\b": "memorize",
    r"\bdata sets?\b": "dataset",
    r"\beverybody\b": "everyone",
    r"\bmay see it\b": "can see it",
    r"\bnot read\b": "not supported, or: the importer cannot see",
    r"\bstands? (in|outside)\b": "is in, is outside",
    r"\bwalks? through\b": "loops over",
    r"\btakes nothing\b|\bmore values than\b|\btakes no values\b": "has no argument, receives more arguments than",
    r"\bquick worker\b": "worker for predictions",
    r"\bquestions of\b": "requests of",
    r"\bof this keras\b": "of the installed Keras",
    r"^full specification|^attempt$": "Technical details, times started",
    r"^reading( the file)? ?…$": "the step that is going on",
}


def _kinds(base):
    return {base.__name__}.union(*(_kinds(child) for child in base.__subclasses__()))


def _texts(node):
    """Give the literals below a node, each f-string as one text with {} where a value is, and no docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        yield node.lineno, "".join(parts)
        children = (part for part in node.values if not isinstance(part, ast.Constant))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
        return
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _texts(child)


def _of_errors(tree):
    kinds = _kinds(errors.MHubError) | {"Unreadable", "Problem"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in kinds:
                for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    yield from _texts(argument)


def _old_words(texts):
    for line, text in texts:
        if text.islower() and text.isidentifier():  # a key or a name in the code, not a text
            continue
        for pattern, better in REPLACED.items():
            if re.search(pattern, text, re.IGNORECASE):
                yield f"line {line}: {text.strip()[:90]!r}: write {better}"


SCREEN = sorted([ROOT / "Home.py", *ROOT.glob("pages/*.py"), *ROOT.glob("mhub_core/ui/**/*.py")])
CORE = sorted(path for folder in ("mhub_core", "jobs", "db") for path in ROOT.glob(f"{folder}/**/*.py") if path not in SCREEN)


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_screen_speaks_the_words_of_the_field(path):
    assert list(_old_words(_texts(ast.parse(path.read_text("utf-8"))))) == []


def test_errors_speak_the_words_of_the_field():
    found = {str(path.relative_to(ROOT)): list(_old_words(_of_errors(ast.parse(path.read_text("utf-8"))))) for path in CORE}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text",
    ["Bring a model", "What it shall look at", "Most rows in one table.", "{} weights", "The hidden test", "Reading the file …"],
)
def test_an_old_word_is_found(text):
    assert list(_old_words([(1, text)]))
