"""Takes messages from dramatiq's queue in the moment that they come, instead of asking for them again and again.

The queue itself is what is waited for: `BRPOPLPUSH queue queue` blocks until the list holds something and puts it back where it
was. The broker decides in one step whether to wait, so no wake-up can get lost, and there is no second list that could disagree
with the queue. A message is then fetched as dramatiq does it, in the same round trip; of several workers that were woken one
gets it.

What takes a moment is not worth a thread, which would have to be woken first: the consumer answers it itself, all that lay in
the queue together, and sends the answers along with its next request (`WaitingBroker.now`).
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import redis
from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import current_millis
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import Middleware
from redis.exceptions import NoScriptError

from mhub_core import queue
from mhub_core.together import Together

ANSWER = "answer"
# How long one wait lasts. Between two, the broker hears that this worker lives, and gives back what dead workers held.
WAIT_SECONDS = 4.0
_MOST_BYTES_NOW = 20_000  # a longer message takes longer than a moment
_STOPPING_SECONDS = 0.05  # between two looks whether the worker has ended its last jobs
_SLACK_SECONDS = 5.0  # how much later than asked for a broker may answer before its connection counts as broken


@contextmanager
def _connection() -> Iterator[None]:
    """Tell dramatiq in its own words that the broker is away: it then tries again once in a few seconds."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]


class WaitingConsumer(Consumer):
    """Hands out the messages of one queue, at most `prefetch` of them at the same time. Threads of the worker give them back."""

    def __init__(self, broker: WaitingBroker, queue_name: str, prefetch: int) -> None:
        self._broker = broker
        self._queue_name = queue_name
        self._list = f"{broker.namespace}:{queue_name}"
        self._prefetch = prefetch
        self._fetched: deque[Message[Any]] = deque()
        self._under_way: set[str] = set()
        self._given_back = threading.Condition()
        self._is_drained = True  # for all that is known, nothing lies in the queue

    def __next__(self) -> MessageProxy | None:
        """Return the next message, or None when none came for a while. Raises ConnectionClosed."""
        if not self._fetched:
            self._fetch()
        if not self._fetched:
            return None
        message = self._fetched.popleft()
        with self._given_back:
            self._under_way.add(message.options["redis_message_id"])
        return MessageProxy(message)

    def _fetch(self) -> None:
        with self._given_back:
            self._given_back.wait_for(self._room, WAIT_SECONDS)
            room = self._room()
        with _connection():
            if is_stopping := self._broker.is_stopping:
                self._broker.deliver_now(self._queue_name)
            else:  # without room, to say that this worker lives
                found = self._broker.fetch(self._queue_name, room, wait=self._is_drained and room > 0)
        if is_stopping:
            return time.sleep(_STOPPING_SECONDS)
        self._is_drained = len(found) < room
        messages = [(Message.decode(data), len(data)) for data in found if data is not None]
        if self._broker.is_stopping:  # The wait was ended, and what came in that moment is for another worker.
            return self.requeue(MessageProxy(message) for message, _ in messages)
        small = [message for message, size in messages if size <= _MOST_BYTES_NOW]
        self._broker.answer_now(self._queue_name, small)
        self._fetched.extend(message for message, _ in messages if ANSWER not in message.options)
        return None

    def close(self) -> None:
        """Send the answers that are left, when the worker has stopped."""
        with _connection():
            self._broker.deliver_now(self._queue_name)

    def _room(self) -> int:
        return max(0, self._prefetch - len(self._under_way))

    def ack(self, message: MessageProxy) -> None:
        """Send the answer of a message, if it asked for one, and take it out of the broker."""
        with self._letting_go(message):
            self._broker.deliver((self._queue_name, message))

    def nack(self, message: MessageProxy) -> None:
        """Lay a message that failed aside."""
        with self._letting_go(message):
            self._broker.do_nack(self._queue_name, message.options["redis_message_id"])

    @contextmanager
    def _letting_go(self, message: MessageProxy) -> Iterator[None]:
        try:
            with _connection():
                yield
        finally:  # Whatever the broker says, the thread is free for another one.
            with self._given_back:
                self._under_way.discard(message.options["redis_message_id"])
                self._given_back.notify()

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Put messages that nobody worked on back into the queue."""
        ids = [message.options["redis_message_id"] for message in messages]
        if ids:
            with _connection():
                self._broker.do_requeue(self._queue_name, *ids)


class _Stopping(Middleware):
    def before_worker_shutdown(self, broker: Any, worker: Any) -> None:
        broker.stop_waiting()


class WaitingBroker(RedisBroker):
    """Dramatiq's broker, with consumers that wait, and with answers.

    An actor lays its answer, as bytes, into the options of its message under `ANSWER`.

    `now` holds, by the name of an actor, what answers those of several messages for which a moment suffices: it gets their
    arguments and returns an answer for each, or None for one that takes longer, which then goes to the actor itself.
    """

    def __init__(self, *, url: str, wait_seconds: float = WAIT_SECONDS, **options: Any) -> None:
        super().__init__(url=url, **options)  # type: ignore[no-untyped-call]
        self._wait_seconds = wait_seconds
        self._waiting = redis.Redis.from_url(url, client_name=self.broker_id, socket_timeout=wait_seconds + _SLACK_SECONDS)
        self.deliver = Together(self._deliver)
        self.now: dict[str, Callable[[list[Sequence[Any]]], list[bytes | None]]] = {}
        self._answered: dict[str, list[Message[Any]]] = defaultdict(list)  # by queue: their answers are not sent yet
        self.is_stopping = False
        self.add_middleware(_Stopping())

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> WaitingConsumer:
        """Return a consumer of a queue. Dramatiq's `timeout` is for polling."""
        return WaitingConsumer(self, queue_name, prefetch)

    def fetch(self, queue_name: str, num: int, wait: bool) -> list[bytes | None]:
        """Send what `answer_now` answered, and return messages. With `wait`, as soon as some lie in the queue, or none after a
        while. All in one round trip."""
        name, answered = f"{self.namespace}:{queue_name}", list(self._answered[queue_name])
        broker: Any = self
        limits = [
            self.heartbeat_timeout,
            self.dead_message_ttl,
            broker._should_do_maintenance("fetch"),
            broker._max_unpack_size(),
        ]
        with self._waiting.pipeline(transaction=False) as pipe:
            self._settle(pipe, queue_name, answered)
            if wait:
                pipe.brpoplpush(name, name, self._wait_seconds)
            asked = ["fetch", current_millis(), queue_name, self.broker_id, *limits, num]  # as `do_fetch` asks
            pipe.evalsha(self.scripts["dispatch"].sha, 1, self.namespace, *asked)
            *others, found = pipe.execute(raise_on_error=False)
        for error in others:
            if isinstance(error, Exception):
                raise error
        del self._answered[queue_name][: len(answered)]
        if isinstance(found, NoScriptError):  # A broker that was started again does not know dramatiq's script yet.
            return list(self.do_fetch(queue_name, num))
        if isinstance(found, Exception):
            raise found
        return list(found)

    def answer_now(self, queue_name: str, messages: list[Message[Any]]) -> None:
        """Answer those messages for which a moment suffices. Their answers are sent by the next `fetch`, or `deliver_now`."""
        asked = defaultdict(list)
        for message in messages:
            if message.actor_name in self.now and current_millis() < message.message_timestamp + message.options.get(
                "max_age", 0
            ):
                asked[message.actor_name].append(message)
        for name, alike in asked.items():
            for message, answer in zip(alike, self.now[name]([message.args for message in alike]), strict=True):
                if answer is not None:
                    message.options[ANSWER] = answer
                    self._answered[queue_name].append(message)

    def deliver_now(self, queue_name: str) -> None:
        """Send what `answer_now` answered, without asking for more."""
        if answered := list(self._answered[queue_name]):
            self._deliver([(queue_name, message) for message in answered])
            del self._answered[queue_name][: len(answered)]

    def stop_waiting(self) -> None:
        """Take no more messages, and end the waits. Where the broker refuses to tell of connections, they end by themselves."""
        self.is_stopping = True
        with suppress(redis.RedisError, OSError):
            for connection in self.client.client_list():
                if connection["name"] == self.broker_id:
                    self.client.client_unblock(int(connection["id"]))

    def _deliver(self, done: list[tuple[str, Message[Any] | MessageProxy]]) -> list[None]:
        """Send the answers of messages and acknowledge them, as dramatiq's `ack` would one by one, in one step."""
        by_queue = defaultdict(list)
        for queue_name, message in done:
            by_queue[queue_name].append(message)
        with self.client.pipeline() as pipe:
            for queue_name, messages in by_queue.items():
                self._settle(pipe, queue_name, messages)
            pipe.execute()
        return [None] * len(done)

    def _settle(self, pipe: Any, queue_name: str, done: Sequence[Message[Any] | MessageProxy]) -> None:
        for message in done:
            if answer := message.options.get(ANSWER):
                key = queue.answer_key(message.message_id)
                pipe.lpush(key, answer)
                pipe.expire(key, queue.ANSWER_SECONDS)
        if ids := [message.options["redis_message_id"] for message in done]:
            pipe.srem(f"{self.namespace}:__acks__.{self.broker_id}.{queue_name}", *ids)
            pipe.hdel(f"{self.namespace}:{queue_name}.msgs", *ids)
