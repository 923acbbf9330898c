"""What is in force in the running service, and what it says of itself: started, stopped, rules loaded or refused."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.compose import alarm
from inbox_router.core.decision import Priority
from inbox_router.core.delivery import Submission, Verdict
from inbox_router.core.shifts import Watch, just_ended
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Queued
from inbox_router.files.config import Config, Mode, load
from inbox_router.files.problems import Problems
from inbox_router.service.clock import Chore
from inbox_router.service.handing_over import handover_mail, handover_of, is_due
from inbox_router.service.in_force import InForce, load_in_force
from inbox_router.service.reconciling import reconcile_now, reconciled
from inbox_router.service.refusal import RefusedError
from inbox_router.service.routing import Desk, Router
from inbox_router.service.shared import Shared
from inbox_router.service.standing import Standing, standing_path, write_standing
from inbox_router.service.worker import Worker

STANDING_EVERY = timedelta(minutes=1)
RECONCILE_EVERY = timedelta(hours=1)


class Office:
    """Holds the one reference that is swapped when rules are read again."""

    def __init__(self, shared: Shared, settings: Config, in_force: InForce, extractor: Extractor) -> None:
        self._shared = shared
        self._settings = settings
        self._extractor = extractor
        self._in_force = in_force
        self._handed_over: frozenset[Watch] = frozenset()
        """The last one: what spares compiling it each minute. That it is sent once the journal sees to."""
        self._router = Router(in_force, shared.journal, desk(settings))
        self._standing = Standing(
            process=os.getpid(),
            mode=settings.mode.value,
            started=shared.now(),
            rules_version=in_force.version,
            rules_since=in_force.since,
        )

    def router(self) -> Router:
        return self._router

    def chores(self) -> list[Chore]:
        """What is done by the clock."""
        return [
            Chore(name="the status file", every=STANDING_EVERY, run=self._refresh_standing),
            Chore(name="reconciliation", every=RECONCILE_EVERY, run=self._reconcile, at_most=RECONCILE_EVERY),
            Chore(name="the handover", every=STANDING_EVERY, run=self._hand_over),
        ]

    async def opened(self) -> None:
        """Records the start, and takes up what a crash cut short."""
        hold = self._settings.submission.when_uncertain.value == "hold"
        await self._record(Occurrence(action=Action.STARTED, outcome=self._settings.mode.value))
        await self._keep()
        uncertain = await self._shared.journalled(
            lambda: self._shared.journal.recover(self._shared.now(), hold_uncertain=hold)
        )
        self._write_standing()
        self._shared.log.info("started", mode=self._settings.mode.value, uncertain=uncertain)

    async def closed(self) -> None:
        await self._record(Occurrence(action=Action.STOPPED, outcome="all in hand finished"))
        self._shared.log.info("stopped")

    def cycle_completed(self) -> None:
        self._standing.last_cycle = self._shared.now()
        self._write_standing()

    async def reload_whenever(self, asked: asyncio.Event) -> None:
        """Reads rules and templates again each time that `asked` is set, one reading at a time; until cancelled."""
        while True:
            await asked.wait()
            asked.clear()
            await self._reload()

    async def _reload(self) -> None:
        now = self._shared.now()
        try:
            settings, in_force = await asyncio.to_thread(self._read_again, now)
        except (Problems, RefusedError) as error:
            await self._refuse(str(error), now)
            return
        self._in_force = in_force
        self._router = Router(in_force, self._shared.journal, desk(settings))
        self._standing.rules_version, self._standing.rules_since = in_force.version, now
        self._standing.refused_at, self._standing.refused = None, ""
        self._write_standing()
        await self._keep()
        await self._shared.over("rules refused")
        self._shared.log.info("rules loaded", rules_version=in_force.version)

    def _read_again(self, now: datetime) -> tuple[Config, InForce]:
        """Servers, journal and mode stay those of the start: changing them takes a restart."""
        read = load(self._settings.path)
        settings = dataclasses.replace(read, mode=self._settings.mode)
        return settings, load_in_force(settings, self._extractor, now)

    async def _refuse(self, why: str, now: datetime) -> None:
        """The last good set stays in force, and everybody who looks is told."""
        lines = why.splitlines()
        self._standing.refused_at, self._standing.refused = now, why
        self._write_standing()
        reason = f"{lines[0]} (and {len(lines) - 1} more)" if len(lines) > 1 else why
        refused = Occurrence(
            action=Action.RULES_REFUSED,
            outcome="the set before stays in force",
            rules_version=self._in_force.version,
            detail={"reason": reason, "count": len(lines)},
        )
        await self._shared.journalled(
            lambda: self._shared.journal.refuse_rules(self._in_force.version, reason, refused, now)
        )
        self._shared.log.error("rules refused", problems=lines, in_force=self._in_force.version)

    def refusal_notice(self, queued: Queued, lost: Sequence[Verdict]) -> Submission | None:
        """Tells review and the duty manager that somebody will not get what was routed to them."""
        if queued.submission.kind != "forward":
            return None
        in_force, where = self._in_force, desk(self._settings)
        lines = [f"{each.recipient}: {each.reply or each.state.value} ({each.enhanced})" for each in lost]
        return alarm(
            f"Not delivered: {queued.submission.reference}",
            ["These will not get it, and a person has to see to it:", *lines],
            to=(where.review, where.duty_manager),
            originator=in_force.originator,
            templates=in_force.templates,
            now=self._shared.now(),
            reference=queued.submission.reference,
        )

    def _loaded(self) -> Occurrence:
        rules = len(self._in_force.triage.index.ruleset.rules)
        return Occurrence(
            action=Action.RULES_LOADED,
            outcome="in force",
            rules_version=self._in_force.version,
            detail={"count": rules},
        )

    async def _keep(self) -> None:
        """Records that a set is in force, and keeps its files, so that its decisions can be explained for good."""
        in_force, loaded = self._in_force, self._loaded()
        mailboxes = in_force.triage.index.ruleset.mailboxes
        await self._shared.journalled(
            lambda: self._shared.journal.keep_rules(
                in_force.files, in_force.version, mailboxes, loaded, self._shared.now()
            )
        )

    async def _record(self, occurrence: Occurrence) -> None:
        await self._shared.journalled(lambda: self._shared.journal.record([occurrence], self._shared.now()))

    async def _refresh_standing(self) -> None:
        """A file that is minutes old tells of a service that hangs."""
        self._standing.written = self._shared.now()
        self._write_standing()

    async def _reconcile(self) -> None:
        """Proves that nothing is lost, by the mailbox itself; what is not accounted for needs a person."""
        while self._standing.last_cycle is None:
            # Until the backlog of a restart has been fetched, nothing could add up.
            await asyncio.sleep(1)
        worker = Worker("reconcile")
        try:
            looking = partial(reconcile_now, self._settings, self._shared.journal)
            found = await worker.call(looking, RECONCILE_EVERY.total_seconds())
        finally:
            worker.close()
        self._standing.last_reconcile, self._standing.reconciled = self._shared.now(), str(found)
        self._write_standing()
        await self._record(reconciled(found))
        if found.unaccounted:
            await self._shared.alarm("messages unaccounted for", f"{found}. See: inbox-router reconcile")
        else:
            await self._shared.over("messages unaccounted for")

    async def _hand_over(self) -> None:
        """Sends the handover of the shift that ended last, once, however often this runs."""
        settings, now = self._settings, self._shared.now()
        if not settings.handover_to or not settings.shifts or settings.mode is not Mode.LIVE:
            return
        chosen = just_ended(settings.shifts, settings.timezone, now)
        if chosen in self._handed_over:
            return
        await self._shared.journalled(partial(self._queue_handover, chosen, now))
        self._handed_over = frozenset({chosen})
        self._shared.bells.deliver.ring()

    def _queue_handover(self, chosen: Watch, now: datetime) -> None:
        journal = self._shared.journal
        if not is_due(chosen, journal.began()):
            return
        made = handover_of(self._settings, journal, chosen, now)
        mail = handover_mail(self._settings, made, self._in_force.originator, self._in_force.templates, now)
        journal.queue([mail], now, urgency=Priority.ROUTINE)

    def _write_standing(self) -> None:
        try:
            write_standing(standing_path(self._settings.journal.path), self._standing)
        except OSError as error:
            self._shared.log.warning("status file not written", note=error.strerror)


def desk(settings: Config) -> Desk:
    folders = settings.inbox.folders
    return Desk(
        routed_folder=folders.routed,
        held_folder=folders.held,
        filed_folder=folders.filed,
        review=settings.mailboxes[settings.review],
        duty_manager=settings.mailboxes[settings.duty_manager],
        reference_prefix=settings.reference_prefix,
        observe=settings.mode is Mode.OBSERVE,
    )
