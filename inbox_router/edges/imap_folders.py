"""The names of folders as a server writes them, and creating those that are missing."""

from __future__ import annotations

from dataclasses import dataclass

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from inbox_router.edges.imap_errors import Declined, words
from inbox_router.edges.imap_session import Session

_BARRED = frozenset({b"\\noselect", b"\\nonexistent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the account's own folders are named on the server."""

    prefix: str = ""
    """Such as `INBOX.`, on servers that keep all folders below the inbox."""
    separator: str = "/"
    """Between levels; "" where folders cannot hold folders."""

    def server_name(self, name: str) -> str:
        """The server's name of a folder written with "/" between levels. Raises Declined where there can be none."""
        levels = name.split("/")
        if name.upper() == "INBOX":
            return "INBOX"
        if not self.separator and len(levels) > 1:
            raise Declined(f"The folder {name} cannot be had: this server has no folders in folders. Rename it.")
        if self.separator and self.separator != "/" and self.separator in name:
            raise Declined(
                f'The folder name {name} holds "{self.separator}", which parts folders on this server. Rename it.'
            )
        below_inbox = levels[0].upper() == "INBOX" and self.prefix.upper().startswith("INBOX")
        return ("" if below_inbox else self.prefix) + self.separator.join(levels)


def ask_for_layout(session: Session) -> Layout:
    """By NAMESPACE (RFC 2342) where the server has it, otherwise by LIST of an empty name."""
    if session.has_capability("NAMESPACE"):
        personal = session.namespace().personal
        if personal and personal[0][1]:
            return Layout(prefix=str(personal[0][0]), separator=str(personal[0][1]))
    listed = session.list_folders("", "")
    separator = listed[0][1] if listed else None
    return Layout(separator=separator.decode("ascii", "replace") if isinstance(separator, bytes) else "")


def ensure_folder(session: Session, name: str, layout: Layout) -> None:
    """Creates the folder where it is missing, and shows it in mail programs. Raises Declined where it cannot be had."""
    server_name = layout.server_name(name)
    if _can_hold_messages(session, server_name):
        return
    reply = "nothing"
    try:
        session.create_folder(server_name)
        session.subscribe_folder(server_name)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        # Another may have created it meanwhile, or have no subscriptions: the look below decides.
        reply = words(error)
    if not _can_hold_messages(session, server_name):
        raise Declined(
            f"The folder {name} is missing and the server does not create it. It said: {reply} - create the folder by "
            "hand, or give the account the right to.",
            reply=reply,
        )


def _can_hold_messages(session: Session, server_name: str) -> bool:
    return any(
        found == server_name and not _BARRED.intersection(flag.lower() for flag in flags)
        for flags, _, found in session.list_folders("", server_name)
    )
