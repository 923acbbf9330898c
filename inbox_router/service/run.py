"""Start, stop and reload: puts the four loops together and keeps them together."""

from __future__ import annotations

import asyncio
import random
import signal
from datetime import UTC, datetime

from inbox_router.audit_mirror import AuditMirror, LineOutput, service_log
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.journal import Journal
from inbox_router.edges.smtp import Submitter
from inbox_router.files.config import Config, Mode, WhenUncertain
from inbox_router.service.clock import keep_time
from inbox_router.service.connections import mailbox_account, mailbox_maker, smtp_account
from inbox_router.service.deliver import DeliverLoop
from inbox_router.service.fetch import FetchLoop
from inbox_router.service.filing import FileLoop
from inbox_router.service.in_force import load_in_force
from inbox_router.service.lock import InboxLock
from inbox_router.service.office import Office
from inbox_router.service.route import RouteLoop
from inbox_router.service.running import Loop, keep_running
from inbox_router.service.shared import Shared

STOP_SECONDS = 8.0
"""So long may what is in hand take to finish; what is still under way then is found uncertain at the next start."""


def utc_now() -> datetime:
    return datetime.now(UTC)


async def serve(settings: Config) -> None:
    """Works the inbox until SIGTERM or SIGINT.

    Raises InboxOwnedError, JournalError, SecretError, Problems or RefusedError where it cannot start; once it has,
    nothing that a server, a disk or a message does ends it.
    """
    stopping, reload_asked = _signals()
    limits = settings.limits.attachments
    bounds = Bounds(seconds=limits.seconds, memory_octets=limits.memory, characters=limits.output)
    with InboxLock(settings.journal.path), Extractor(bounds=bounds) as extractor:
        in_force = load_in_force(settings, extractor, utc_now())
        output = LineOutput(settings.audit.folder)
        mirror = AuditMirror(output)
        with Journal.open(settings.journal.path, instance=settings.inbox.address, mirrors=[mirror]) as journal:
            shared = Shared(
                journal=journal,
                now=utc_now,
                jitter=random.Random().random,  # noqa: S311 - spreads delays, hides nothing
                log=service_log(output),
                stopping=stopping,
            )
            await _work(shared, settings, Office(shared, settings, in_force, extractor), reload_asked)
        output.close()


async def _work(shared: Shared, settings: Config, office: Office, reload_asked: asyncio.Event) -> None:
    await office.opened()
    reloading = asyncio.create_task(office.reload_whenever(reload_asked))
    tasks = [
        asyncio.create_task(keep_running(loop, shared), name=loop.name) for loop in _loops(shared, settings, office)
    ]
    tasks += [asyncio.create_task(keep_time(chore, shared), name=chore.name) for chore in office.chores()]
    await shared.stopping.wait()
    reloading.cancel()
    shared.bells.ring_all()
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        shared.log.warning("cut short", loop=task.get_name())
        task.cancel()
    await office.closed()


def _loops(shared: Shared, settings: Config, office: Office) -> list[Loop]:
    """While it only observes, there is nothing that could send or move."""
    folders, inbox, submission = settings.inbox.folders, settings.inbox, settings.submission
    live = settings.mode is Mode.LIVE
    needed = (folders.routed, folders.held, folders.filed)
    account = mailbox_account(settings)
    fetch = FetchLoop(
        shared,
        mailbox_maker(settings, read_only=not live),
        account=account,
        folder=inbox.folder,
        folders=needed if live else (),
        wait_seconds=min(inbox.poll_every, inbox.idle_for).total_seconds(),
        deadline=inbox.cycle_deadline.total_seconds(),
        completed=office.cycle_completed,
    )
    route = RouteLoop(shared, office.router)
    if not live:
        return [fetch, route]
    deliver = DeliverLoop(
        shared,
        Submitter(smtp_account(settings), now=shared.now),
        connections=submission.connections,
        resend_uncertain=submission.when_uncertain is WhenUncertain.RESEND,
        give_up_after=submission.give_up_after,
        refused=office.refusal_notice,
    )
    filing = FileLoop(
        shared,
        mailbox_maker(settings),
        folders=needed,
        held_folder=folders.held,
        deadline=inbox.cycle_deadline.total_seconds(),
    )
    return [fetch, route, deliver, filing]


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Set by SIGTERM and SIGINT, and by SIGHUP. From the first moment: nothing that comes during the start is lost."""
    stopping, reload_asked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, reload_asked.set)
    return stopping, reload_asked
