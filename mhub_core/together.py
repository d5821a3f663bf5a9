"""Answers questions of several threads with one call, where that is cheaper than a call for each."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Call(Generic[Question, Answer]):
    question: Question
    is_done: bool = False
    is_given_up: bool = False
    answer: Answer | None = None
    error: Exception | None = None


def _are_done(calls: list[_Call[Question, Answer]]) -> bool:
    return all(call.is_done for call in calls)


def _give_up(calls: list[_Call[Question, Answer]]) -> None:
    for call in calls:
        call.is_given_up = True


class Together(Generic[Question, Answer]):
    """A function of many questions, to be called with one: what is asked while it runs is answered together when it has ended.

    Nobody waits for others to come: who finds the function idle calls it at once, alone. An error of a common call is
    nobody's: each question is then asked by itself, so that only the bad one has it. Who is broken off, by a limit of time,
    takes its question along: those who come later must not inherit it.

    `size` says how large a question is; those of one call are together at most `most` large, unless one alone is larger.
    """

    def __init__(
        self,
        function: Callable[[list[Question]], Sequence[Answer]],
        size: Callable[[Question], int] = lambda question: 1,
        most: int = 1000,
    ) -> None:
        self._function = function
        self._size, self._most = size, most
        self._began = 0.0
        self._waiting: list[_Call[Question, Answer]] = []
        self._is_busy = False
        self._changed = threading.Condition()

    def __call__(self, question: Question) -> Answer:
        """Return the answer to one question, or raise the error that it alone has."""
        [answer] = self.each([question])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def each(self, questions: Iterable[Question]) -> list[Answer | Exception]:
        """Return the answer to each of several questions, or the error that it alone has."""
        mine: list[_Call[Question, Answer]] = [_Call(question) for question in questions]
        try:
            self._see_to(mine)
        except BaseException:
            _give_up(mine)
            raise
        return [call.error or call.answer for call in mine]  # type: ignore[misc]

    def busy_for(self) -> float:
        """Return for how many seconds the call under way has run; 0 where there is none."""
        with self._changed:
            return time.monotonic() - self._began if self._is_busy else 0.0

    def _see_to(self, mine: list[_Call[Question, Answer]]) -> None:
        """Wait until questions are answered, by this thread or by another one."""
        with self._changed:
            self._waiting += mine
        while not _are_done(mine):
            with self._changed:
                self._changed.wait_for(lambda: _are_done(mine) or not self._is_busy)
                calls = [] if _are_done(mine) else self._take()
            if calls:
                self._answer_all(calls, mine)

    def _take(self) -> list[_Call[Question, Answer]]:
        """Take the questions of one call, those that came first before the others."""
        self._is_busy, self._began = True, time.monotonic()
        alive = [call for call in self._waiting if not call.is_given_up]
        sizes = itertools.accumulate(self._size(call.question) for call in alive)
        num = max(1, sum(size <= self._most for size in sizes))
        self._waiting = alive[num:]
        return alive[:num]

    def _answer_all(self, calls: list[_Call[Question, Answer]], mine: list[_Call[Question, Answer]]) -> None:
        try:
            self._answer(calls)
        except BaseException:
            _give_up(mine)
            raise
        finally:  # A thread that is broken off in here leaves the others' questions to the next one.
            with self._changed:
                self._waiting[:0] = [call for call in calls if not (call.is_done or call.is_given_up)]
                self._is_busy = False
                self._changed.notify_all()

    def _answer(self, calls: list[_Call[Question, Answer]]) -> None:
        try:
            answers = self._function([call.question for call in calls])
        except Exception as error:
            if len(calls) > 1:
                for call in calls:
                    self._answer([call])
                return
            calls[0].error, calls[0].is_done = error, True
            return
        for call, answer in zip(calls, answers, strict=True):
            call.answer, call.is_done = answer, True
