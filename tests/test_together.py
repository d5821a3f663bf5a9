"""Questions that come at the same time are answered with one call, and each has its own answer or its own error."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mhub_core.together import Together
from tests.services import wait_until


class Roots:
    """Square roots of several numbers at once. The first call takes until the gate is opened."""

    def __init__(self) -> None:
        self.calls: list[list[float]] = []
        self.gate = threading.Event()

    def __call__(self, numbers: list[float]) -> list[float]:
        self.calls.append(numbers)
        if len(self.calls) == 1:
            self.gate.wait(20)
        if min(numbers) < 0:
            raise ValueError("no root")
        return [number**0.5 for number in numbers]


def ask_while_busy(roots: Roots, numbers: list[float]):
    """Ask one question and, while its call runs, all the others. Return the futures of the others."""
    root = Together(roots)
    askers = ThreadPoolExecutor(20)
    first = askers.submit(root, 1.0)
    wait_until(lambda: roots.calls)
    others = [askers.submit(root, number) for number in numbers]
    wait_until(lambda: len(root._waiting) == len(numbers))
    roots.gate.set()
    assert first.result(20) == 1.0
    return others


def test_what_is_asked_while_a_call_runs_is_answered_with_the_next_one():
    roots = Roots()

    others = ask_while_busy(roots, [4.0, 9.0, 16.0])

    assert [other.result(20) for other in others] == [2.0, 3.0, 4.0]
    assert [len(call) for call in roots.calls] == [1, 3]


def test_a_bad_question_spoils_no_other():
    others = ask_while_busy(Roots(), [4.0, -1.0, 16.0])

    assert others[0].result(20) == 2.0 and others[2].result(20) == 4.0
    with pytest.raises(ValueError, match="no root"):
        others[1].result(20)


def test_a_thread_that_is_broken_off_leaves_the_questions_of_others_to_the_next():
    class Broken(Roots):
        def __call__(self, numbers: list[float]) -> list[float]:
            answers = super().__call__(numbers)
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return answers

    others = ask_while_busy(Broken(), [4.0, 9.0, 16.0])

    broken = [other for other in others if isinstance(other.exception(20), KeyboardInterrupt)]
    answers = {other.result(20) for other in others if other not in broken}
    assert len(broken) == 1 and len(answers) == 2 and answers < {2.0, 3.0, 4.0}


def test_nobody_inherits_the_question_of_a_thread_that_was_broken_off():
    asked = []

    def endless(numbers: list[float]) -> list[float]:
        asked.append(numbers)
        if 13.0 in numbers:
            raise KeyboardInterrupt  # as when a job has taken longer than it may
        return numbers

    together = Together(endless)
    with pytest.raises(KeyboardInterrupt):
        together(13.0)

    assert together(1.0) == 1.0 and asked == [[13.0], [1.0]]


def test_one_call_takes_no_more_than_its_size_allows_and_a_large_question_goes_alone():
    roots = Roots()
    root = Together(roots, size=int, most=10)
    with ThreadPoolExecutor(20) as askers:
        first = askers.submit(root, 1.0)
        wait_until(lambda: roots.calls)
        for waiting, number in enumerate([4.0, 5.0, 3.0, 64.0, 1.0], start=1):
            askers.submit(root, number)
            wait_until(lambda waiting=waiting: len(root._waiting) == waiting)
        assert root.busy_for() > 0
        roots.gate.set()
        first.result(20)

    assert root.busy_for() == 0
    assert roots.calls == [[1.0], [4.0, 5.0], [3.0], [64.0], [1.0]]


def test_who_asks_several_questions_gets_the_answer_or_the_error_of_each():
    roots = Roots()
    roots.gate.set()

    first, second, third = Together(roots).each([4.0, -1.0, 16.0])

    assert (first, third) == (2.0, 4.0) and isinstance(second, ValueError)
    assert [len(call) for call in roots.calls] == [3, 1, 1, 1]
