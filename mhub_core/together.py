"""Answers questions of several threads with one call, where that is cheaper than a call for each."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
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
        mine: _Call[Question, Answer] = _Call(question)
        try:
            self._see_to(mine)
        except BaseException:
            mine.is_given_up = True
            raise
        if mine.error:
            raise mine.error
        return mine.answer  # type: ignore[return-value]

    def busy_for(self) -> float:
        """Return for how many seconds the call under way has run; 0 where there is none."""
        with self._changed:
            return time.monotonic() - self._began if self._is_busy else 0.0

    def _see_to(self, mine: _Call[Question, Answer]) -> None:
        """Wait until a question is answered, by this thread or by another one."""
        with self._changed:
            self._waiting.append(mine)
        while not mine.is_done:
            with self._changed:
                self._changed.wait_for(lambda: mine.is_done or not self._is_busy)
                calls = [] if mine.is_done else self._take()
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

    def _answer_all(self, calls: list[_Call[Question, Answer]], mine: _Call[Question, Answer]) -> None:
        try:
            self._answer(calls)
        except BaseException:
            mine.is_given_up = True
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
