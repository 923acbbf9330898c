"""The deliver loop: what is due is handed to the SMTP server, and every answer is recorded as soon as it is there."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from inbox_router.core.compose import mark_possible_duplicate
from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.retry import next_try
from inbox_router.edges.journal import Attempted, Queued
from inbox_router.edges.smtp import Submitter
from inbox_router.service.shared import Shared

FLOOR = 2.0
"""Seconds after which the journal is asked again although nobody rang: retries fall due without a bell."""

_OPEN = frozenset({DeliveryState.DEFERRED, DeliveryState.UNCERTAIN})
_REFUSED = frozenset({DeliveryState.BOUNCED, DeliveryState.GIVEN_UP})

Task = asyncio.Task[Attempted]


class DeliverLoop:
    """Keeps as many submissions under way as there are connections; no more are marked than can really be cut short."""

    name = "deliver"

    def __init__(
        self,
        shared: Shared,
        submitter: Submitter,
        *,
        connections: int,
        resend_uncertain: bool,
        give_up_after: timedelta,
        refused: Callable[[Queued, Sequence[Verdict]], Submission | None],
    ) -> None:
        """`refused` composes the notice that some recipients will not get their mail, or None where none is due."""
        self.bell = shared.bells.deliver
        self._shared = shared
        self._submitter = submitter
        self._connections = connections
        self._resend_uncertain = resend_uncertain
        self._give_up_after = give_up_after
        self._refused = refused
        self._under_way: dict[Task, Queued] = {}
        self._answers: list[tuple[Queued, Attempted]] = []

    async def step(self) -> bool:
        await self._record()
        await self._start()
        if not self._under_way:
            return False
        rung = asyncio.create_task(self.bell.wait(FLOOR))
        await asyncio.wait([*self._under_way, rung], return_when=asyncio.FIRST_COMPLETED)
        rung.cancel()
        await self._record()
        return True

    async def rest(self) -> None:
        await self.bell.wait(FLOOR)

    async def drop(self) -> None:
        """The submitter mends its own connections; what is under way goes on."""

    async def close(self) -> None:
        """Waits for what is under way: a connection cut after DATA began leaves an uncertain delivery."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._record()
        await self._submitter.close()

    async def _start(self) -> None:
        room = self._connections - len(self._under_way)
        if room <= 0 or self._shared.stopping.is_set():
            return
        journal, now = self._shared.journal, self._shared.now()
        batch = await self._shared.journalled(lambda: journal.due(now, room))
        if batch:
            await self._shared.journalled(lambda: journal.submitting(batch, now))
        for queued in batch:
            self._under_way[asyncio.create_task(self._attempt(queued))] = queued

    async def _attempt(self, queued: Queued) -> Attempted:
        submission = only_to(queued.submission, queued.recipients)
        if queued.possible_duplicate:
            submission = mark_possible_duplicate(submission)
        verdicts = await self._submitter.submit(submission)
        return Attempted(
            submission_id=queued.submission_id,
            verdicts=verdicts,
            next_try=self._next_try(queued, verdicts, self._shared.now()),
        )

    def _next_try(self, queued: Queued, verdicts: Sequence[Verdict], now: datetime) -> datetime | None:
        still_open = {verdict.state for verdict in verdicts} & _OPEN
        if not still_open or (still_open == {DeliveryState.UNCERTAIN} and not self._resend_uncertain):
            return None
        if now - queued.queued_at >= self._give_up_after:
            return None
        return next_try(queued.attempts + 1, queued.queued_at, now, queued.urgency, self._shared.jitter())

    async def _record(self) -> None:
        """Records the answers that are at hand in one commit; while that is written, further ones come in.

        Answers stay at hand until the journal has them, should it be unavailable for a while.
        """
        for task in [task for task in self._under_way if task.done()]:
            self._answers.append((self._under_way.pop(task), task.result()))
        answers = list(self._answers)
        if not answers:
            return
        now = self._shared.now()
        for queued, result in answers:
            await self._tell_of_refusals(queued, result, now)
        await self._shared.journalled(lambda: self._shared.journal.verdicts([result for _, result in answers], now))
        del self._answers[: len(answers)]
        self._shared.bells.file.ring()

    async def _tell_of_refusals(self, queued: Queued, result: Attempted, now: datetime) -> None:
        """Before the verdict itself is recorded: after a crash in between, the notice is queued once all the same."""
        lost = [verdict for verdict in result.verdicts if is_lost(verdict, result.next_try)]
        if not lost:
            return
        incident = f"undelivered {queued.submission.reference or queued.submission.message_id}"
        await self._shared.tell(incident, f"{len(lost)} recipient(s) will not get a {queued.submission.kind}")
        notice = self._refused(queued, lost)
        if notice is not None:
            await self._shared.journalled(
                lambda: self._shared.journal.queue([notice], now, message_id=queued.message_id, urgency=queued.urgency)
            )


def is_lost(verdict: Verdict, again_at: datetime | None) -> bool:
    """Whether a person has to see to it that this recipient gets the message by another way."""
    return verdict.state in _REFUSED or (verdict.state in _OPEN and again_at is None)


def only_to(submission: Submission, recipients: tuple[str, ...]) -> Submission:
    """The same message for some of its recipients: the others have their answer."""
    return dataclasses.replace(submission, recipients=recipients)
