"""The file loop: messages whose deliveries are all final are moved to their folder, one command for many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from inbox_router.edges.imap import Mailbox, Moved, MoveOutcome
from inbox_router.edges.journal import Filed, ToFile
from inbox_router.service.connection import Connection
from inbox_router.service.shared import Shared

BATCH = 200
FLOOR = 5.0
STAYED = "filing stays behind"
NOTES = {
    MoveOutcome.GONE: "no longer in the inbox: moved by a person, or by an earlier move whose answer was lost",
    MoveOutcome.COPIED: "copied, and marked as deleted in the inbox: the server cannot move",
}


class FileLoop:
    """Has a connection of its own: filing must not wait until the fetching connection has been told of new mail."""

    name = "filing"

    def __init__(
        self,
        shared: Shared,
        mailbox: Callable[[], Mailbox],
        *,
        folders: Sequence[str],
        held_folder: str,
        deadline: float,
    ) -> None:
        self.bell = shared.bells.file
        self._shared = shared
        self._connection = Connection("file", mailbox, folders=folders, deadline=deadline)
        self._held_folder = held_folder

    async def step(self) -> bool:
        ready = await self._shared.journalled(lambda: self._shared.journal.to_file(BATCH))
        if not ready:
            return False
        mailbox = await self._connected()
        settled = 0
        for (uidvalidity, target), messages in self._groups(ready).items():
            results = await self._file(mailbox, uidvalidity, target, messages)
            await self._record(results)
            settled += len(results)
        if settled < len(ready):
            await self._shared.alarm(STAYED, f"{len(ready) - settled} message(s) could not be moved out of the inbox")
            return False
        await self._shared.over(STAYED)
        return True

    async def rest(self) -> None:
        await self.bell.wait(FLOOR)

    async def drop(self) -> None:
        await self._connection.drop()

    async def close(self) -> None:
        await self._connection.close()

    def _groups(self, ready: Sequence[ToFile]) -> dict[tuple[int, str], list[ToFile]]:
        groups: dict[tuple[int, str], list[ToFile]] = defaultdict(list)
        for message in ready:
            target = self._held_folder if message.delivery_refused else message.target
            groups[message.uidvalidity, target].append(message)
        return groups

    async def _file(self, mailbox: Mailbox, uidvalidity: int, target: str, messages: Sequence[ToFile]) -> list[Filed]:
        """What became of each; a message that stayed where it was is left out, and tried again later."""
        if uidvalidity != mailbox.uidvalidity:
            note = "the mailbox was renumbered; the message is there under a new number"
            return [
                Filed(message_id=each.message_id, new_uid=None, reply="", note=note, folder="") for each in messages
            ]
        moved = await self._connection.call(lambda: mailbox.move([each.uid for each in messages], target))
        return [
            filed(each, moved[each.uid])
            for each in messages
            if each.uid in moved and moved[each.uid].outcome is not MoveOutcome.STAYED
        ]

    async def _record(self, results: Sequence[Filed]) -> None:
        if results:
            await self._shared.journalled(lambda: self._shared.journal.filed(results, self._shared.now()))

    async def _connected(self) -> Mailbox:
        kept = self._connection.mailbox
        mailbox = await self._connection.open()
        if kept is mailbox:
            await self._connection.call(mailbox.probe)
        return mailbox


def filed(message: ToFile, moved: Moved) -> Filed:
    """What the mailbox did, as the journal keeps it."""
    gone = moved.outcome is MoveOutcome.GONE
    return Filed(
        message_id=message.message_id,
        new_uid=moved.new_uid,
        reply=moved.reply,
        note=NOTES.get(moved.outcome, ""),
        folder="" if gone else None,
    )
