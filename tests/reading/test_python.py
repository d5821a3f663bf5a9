"""What a script computes before it builds its model is computed as Python computes it, or refused: never anything else."""

from __future__ import annotations

from typing import Any

import pytest

from mhub_core.reading import read
from mhub_core.reading.records import Unreadable

HEAD = "import math, os\nimport keras\nfrom keras import layers\n"
MODEL = "\nmodel = keras.Sequential([keras.Input((4,)), layers.Dense(n)])\n"

A = "class A:\n    n = 9\n    def up(self): self.n = 50\na = A()\n"
SAME = {
    "while with else": "n = 0\nwhile n < 1:\n    n += 1\nelse:\n    n = 50",
    "while with else and break": "n = 0\nwhile True:\n    n += 1\n    if n > 4: break\nelse:\n    n = 50",
    "for with else": "for n in [3, 4]:\n    pass\nelse:\n    n += 1",
    "global": "n = 3\ndef f():\n    global n\n    n = 50\nf()",
    "global in an inner function": "n = 3\ndef g():\n    n = 4\n    def f():\n        global n\n        n += 5\n    f()\ng()",
    "nonlocal": "def g():\n    n = 3\n    def f():\n        nonlocal n\n        n = 50\n    f()\n    return n\nn = g()",
    "no global": "n = 3\ndef f():\n    n = 50\nf()",
    "a list under two names": "a = [1]\nb = a\na += [2]\na *= 2\nn = len(b)",
    "a list grows by a tuple": "a = [1]\na += (2, 3)\na += 'xy'\nn = len(a)",
    "a dictionary under two names": "a = {'x': 1}\nb = a\na |= {'y': 5}\nn = b['y']",
    "a tuple under two names": "a = (1,)\nb = a\na += (2,)\nn = len(b)",
    "a default that grows": "def f(a=[]):\n    a.append(1)\n    return len(a)\nf()\nn = f()",
    "a default of its time": "m = 3\ndef f(a=m, *, b=m):\n    return a + b\nm = 50\nn = f()",
    "a default of a lambda": "m = 3\nf = lambda a=m: a\nm = 50\nn = f()",
    "a name of its time": "m = 3\ndef f():\n    return m\nm = 50\nn = f()",
    "main": "n = 3\nif __name__ == '__main__':\n    n = 50",
    "not main": "n = 3\nif __name__ != '__main__':\n    n = 50",
    "another main": "n = 3\nif __name__ == 'nope':\n    n = 50\nelse:\n    n = 7",
    "sorted": "n = sorted([3, 1, 2], reverse=True)[0] * 10",
    "enumerate": "for n, _ in enumerate([3, 4], start=5): pass\nfor m, _ in enumerate([1], 2): n += m",
    "zip": "n = sum(a * b for a, b in zip([1, 2], (3, 4, 5)))",
    "zip strictly": "n = 3\nfor a, b in zip([1], [2], strict=True): n += b",
    "dict": "d = dict([('a', 3)], b=4)\nn = d['a'] * 10 + d['b'] + len(dict(d)) + d.get('c', 5)",
    "update": "d = {'a': 1}\nd.update({'a': 5})\nd.update(b=6)\nd.update([('c', 7)])\nn = d['a'] + d['b'] + d['c']",
    "a part is deleted": "a = [3, 50]\ndel a[0]\nn = a[0]",
    "rounding": "n = round(7.5) + round(14, -1) + int(round(2.345, 2) * 100)",
    "products": "n = math.prod([2, 3, 4]) + math.prod([])",
    "places in a list": "n = [5, 6, 7].index(6) + 1 + [9, 8][-1] + len('abcdef'[1:-1])",
    "formats": "n = len('{} {:03d}'.format(1, 2)) + len('%s-%3d' % ('a', 5)) + len(f'{3:.2f}')",
    "texts": "n = len(' ab '.strip() + 'x'.upper() + 'aXa'.replace('a', 'bb'))",
    "comparisons": "n = 5 if 1 < 2 < 3 and 2 in (1, 2) and 'b' not in 'ac' and 3 in range(5) and [1] == [1] else 7",
    "powers and parts": "n = 2**3 + 7 // 2 + 7 % 4 + (6 & 3) + (1 << 2) + -(-3)",
    "unpacking": "a, *b = [1, 2, 3]\n(c, d), e = (4, 5), 6\nn = a + len(b) + c + d + e",
    "comprehensions": "n = sum([a * b for a in range(4) if a for b in (a, 1)]) + len({a: 1 for a in 'aab'})",
    "what a call takes": "def f(a, *b, c=1, **d):\n    return a + len(b) + c + d['e']\nn = f(1, 2, 3, **{'c': 4, 'e': 5})",
    "try that works": "n = 3\ntry:\n    n = 5\nexcept ValueError:\n    n = 50\nelse:\n    n += 1\nfinally:\n    n += 1",
    "try that returns": "n = 3\ndef f():\n    global n\n    try:\n        return 4\n    finally:\n        n = 10\nn = f() + n",
}  # fmt: skip
SAME_OR_REFUSED = {
    "sorted by a key": "n = sorted([1, 2, 3], key=lambda v: -v)[0]",
    "the largest by a key": "n = max([1, -5], key=abs) + 10",
    "zip of unequal": "n = 3\ntry:\n    for a, b in zip([1], [2, 3], strict=True): n += b\nexcept ValueError:\n    n = 9",
    "numbers in another base": "n = int('11', base=2)",
    "a try that fails": "try:\n    n = int('x')\nexcept ValueError:\n    n = 50",
    "a try whose second line fails": "n = 8\ntry:\n    k = os.environ['NO']\n    n = 50\nexcept KeyError:\n    pass",
    "a handler that sets": "try:\n    k = os.environ['NO']\n    n = 50\nexcept KeyError:\n    n = 5",
    "a try whose call fails": "def f():\n    return os.environ['NO']\nn = 8\ntry:\n    f()\n    n = 50\nexcept KeyError: n",
    "a try that returns": "def f():\n    try:\n        os.environ['NO']\n        return 50\n    except: return 8\nn = f()",
    "an early return": "def f():\n    if os.getpid():\n        return 5\n    return 7\nn = f()",
    "an early return in a loop": "def f():\n    for a in os.environ:\n        return 5\n    return 7\nn = f()",
    "an early break": "n = 3\nfor a in range(4):\n    if os.getpid():\n        break\n    n += 1",
    "a round left out": "n = 3\nfor a in range(4):\n    n += 1\n    if os.getpid():\n        continue\n    n += 1",
    "a condition in doubt": "n = os.environ.get('NO') and 5 or 3",
    "a function of two kinds": "def f(): return 3\nif os.getpid():\n    def f(): return 5\nn = f()",
    "a list that is sorted": "a = [9, 3]\na.sort()\nn = a[0]",
    "a list that loses": "a = [9, 3]\na.remove(9)\nn = a[0]",
    "an outer list": "a = [9]\ndef f():\n    if os.getpid():\n        a.append(1)\nf()\nn = len(a)",
    "an unknown part": "a = [9, 3]\na[0] = os.getpid()\nn = min(a[0], 5)",
    "an unknown place": "a = [9, 9]\na[os.getpid() - os.getpid()] = 3\nn = a[0]",
    "a global that a function may have set": "n = 9\ndef f():\n    global n\n    n = 5\nif os.getpid():\n    f()",
    "a list behind two functions": "a = [9]\ndef f(): a[0] = 5\ndef g(): f()\nif os.getpid():\n    g()\nn = a[0]",
    "a list that a handler changes": "a = [9]\ntry:\n    os.environ['NO']\nexcept KeyError:\n    a[0] = 5\nn = a[0]",
    "an attribute in a try": f"{A}try:\n    os.environ['NO']\n    a.n = 5\nexcept KeyError: pass\nn = a.n",
    "an attribute in a handler": f"{A}try:\n    os.environ['NO']\nexcept KeyError:\n    a.n = 5\nn = a.n",
    "an attribute in a loop": f"{A}for b in os.environ:\n    a.n = 5\nn = a.n",
    "an attribute that is deleted": f"{A}a.n = 5\nif os.getpid():\n    del a.n\nn = a.n",
    "a method under another name": f"{A}f = a.up\nif os.getpid():\n    f()\nn = a.n",
    "a method": f"{A}if os.getpid():\n    a.up()\nn = a.n",
    "an object in a function": f"{A}def f(b): b.n = 5\nif os.getpid():\n    f(b=a)\nn = a.n",
    "all attributes": f"{A}a.n = 4\nvars(a).update(dict(zip(['n'], [os.getpid() * 0 + 5])))\nn = a.n",
    "an object that compares": "class A:\n    def __eq__(self, other): return True\nn = 5 if A() == A() else 7",
    "an object that counts": "class A:\n    def __len__(self): return 0\nn = 5 if A() else 7",
    "an attribute of a class": f"{A}A.n = 5\nn = a.n",
    "an attribute that grows": f"{A}a.n += os.getpid() * 0\nn = a.n",
    "setattr": f"{A}setattr(a, 'n', 5)\nn = a.n",
    "braces": "n = len('{{}} {0!r}'.format('x'))",
    "a key of several numbers": "n = {(1, 2): 5}[1, 2]",
}  # fmt: skip


def by_python(code: str) -> Any:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("import math, os\n" + code, names)
    return names["n"]


def units(code: str) -> int:
    return read.read_text(HEAD + code + MODEL).graph["nodes"][1]["config"]["units"]


@pytest.mark.parametrize("name", SAME)
def test_a_script_computes_as_python_does(name):
    assert units(SAME[name]) == by_python(SAME[name])


@pytest.mark.parametrize("name", SAME_OR_REFUSED)
def test_what_is_not_followed_is_refused_and_not_guessed(name):
    try:
        found = units(SAME_OR_REFUSED[name])
    except Unreadable as error:
        assert error.line
    else:
        assert found == by_python(SAME_OR_REFUSED[name])


def test_what_may_end_a_function_of_another_kind_ends_nothing_here():
    text = "if os.getpid():\n    def f():\n        return 3\nfor a in range(3):\n    if a == 1: continue\n    n = a + 1"

    assert units(text) == 3


def test_a_model_built_behind_a_line_that_may_fail_is_read():
    text = (
        "try:\n    data = keras.datasets.mnist.load_data()\n    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n"
    )
    text += "    model.fit(data)\nexcept ValueError as error:\n    print(error)\n"

    assert len(read.read_text(HEAD + text).graph["nodes"]) == 2
