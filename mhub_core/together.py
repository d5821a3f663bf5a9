"""Answers questions of several threads with one call, where that is cheaper than a call for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Call(Generic[Question, Answer]):
    question: Question
    is_done: bool = False
    answer: Answer | None = None
    error: Exception | None = None


class Together(Generic[Question, Answer]):
    """A function of many questions, to be called with one: what is asked while it runs is answered together when it has ended.

    Nobody waits for others to come: who finds the function idle calls it at once, alone. An error of a common call is
    nobody's: each question is then asked by itself, so that only the bad one has it.
    """

    def __init__(self, function: Callable[[list[Question]], Sequence[Answer]]) -> None:
        self._function = function
        self._waiting: list[_Call[Question, Answer]] = []
        self._is_busy = False
        self._changed = threading.Condition()

    def __call__(self, question: Question) -> Answer:
        """Return the answer to one question, or raise the error that it alone has."""
        mine: _Call[Question, Answer] = _Call(question)
        with self._changed:
            self._waiting.append(mine)
            self._changed.wait_for(lambda: mine.is_done or not self._is_busy)
            calls = [] if mine.is_done else self._take_all()
        if calls:
            self._answer_all(calls)
        if mine.error:
            raise mine.error
        return mine.answer  # type: ignore[return-value]

    def _take_all(self) -> list[_Call[Question, Answer]]:
        self._is_busy = True
        calls, self._waiting = self._waiting, []
        return calls

    def _answer_all(self, calls: list[_Call[Question, Answer]]) -> None:
        try:
            self._answer(calls)
        finally:  # A thread that is broken off in here leaves the others' questions to the next one.
            with self._changed:
                self._waiting[:0] = [call for call in calls if not call.is_done]
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
