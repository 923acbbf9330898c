"""The tables of the journal.

Plain SQLAlchemy Core, so that another database than SQLite can follow. Times are text, RFC 3339 in UTC with six
decimals: they sort as the times do, and read well in any database shell. What is written here as it stands today is
written in `migrations` step by step; a test holds the two together.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from inbox_router.core.audit import timestamp

REVISIONS = ("0001", "0010", "0007")
"""Every version that the tables have had, the oldest first: the names of the migrations."""


class UtcText(TypeDecorator[datetime]):
    """An aware datetime, kept as text in UTC."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a time zone cannot be kept in the journal.")
        return timestamp(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column of type INTEGER."""

schema_version = Table("schema_version", metadata, Column("version_num", String(32), primary_key=True))

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What is true of the journal as a whole: `instance`."""

messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("account", String(320), nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("internaldate", UtcText),
    Column("received_at", UtcText, nullable=False),
    Column("since", UtcText, nullable=False),
    Column("unhurried", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("problem", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sender_message_id", Text),
    Column("decided_at", UtcText),
    Column("outcome", String(10)),
    Column("category", String(64)),
    Column("type", String(64)),
    Column("urgency", Integer),
    Column("hold_reason", String(32)),
    Column("rule", String(128)),
    Column("rules_version", String(64)),
    Column("target", Text),
    Column("refused", Boolean(create_constraint=False), nullable=False),
    Column("settled_at", UtcText),
    Column("now_folder", Text, nullable=False),
    Column("now_uid", BigInteger),
    Column("note", Text, nullable=False),
    UniqueConstraint("account", "folder", "uidvalidity", "uid", name="one_message_a_place"),
    Index("messages_by_state", "state", "attempts", "unhurried", "since"),
    Index("messages_by_content", "sha256"),
    Index("messages_by_sender_message_id", "sender_message_id"),
    Index("messages_by_category", "category", "decided_at"),
    sqlite_autoincrement=True,
)
"""`since` is INTERNALDATE where there is one. `unhurried` is 0 for what looks pressing: the index yields it first.
`target` is the folder that the decision named, NULL to leave the message in place."""

raws = Table(
    "raws",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("packing", String(8), nullable=False),
    Column("octets", LargeBinary, nullable=False),
)
"""Messages as they were received, each content once."""

decisions = Table(
    "decisions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message", _Id, ForeignKey("messages.id"), nullable=False),
    Column("decided_at", UtcText, nullable=False),
    Column("decision", Text, nullable=False),
    Index("decisions_by_message", "message"),
    sqlite_autoincrement=True,
)
"""Whole decisions as JSON; of several for one message the last is in force."""

identifiers = Table(
    "identifiers",
    metadata,
    Column("message", _Id, ForeignKey("messages.id"), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("value", String(255), primary_key=True),
    Index("identifiers_by_value", "kind", "value"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("sender", String(320), nullable=False),
    Column("original_sha256", String(64), nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("queued_at", UtcText, nullable=False),
    Column("waiting", Boolean(create_constraint=False), nullable=False),
    Column("due_at", UtcText),
    Column("packing", String(8), nullable=False),
    Column("octets", LargeBinary, nullable=False),
    Index("submissions_by_turn", "waiting", "urgency", "id", "due_at"),
    Index("submissions_by_reference", "reference"),
    sqlite_autoincrement=True,
)
"""Mail of ours. `waiting` and `due_at` follow from its deliveries: whether one may be tried, and when the first may."""

message_submissions = Table(
    "message_submissions",
    metadata,
    Column("message", _Id, ForeignKey("messages.id"), primary_key=True),
    Column("submission", _Id, ForeignKey("submissions.id"), primary_key=True),
    Column("decided", Boolean(create_constraint=False), nullable=False),
    Index("message_submissions_by_submission", "submission"),
)
"""Which mail was sent because of which message; two messages of the same content share it. `decided`: the decision
asked for it, so the message waits for its deliveries; not so for reminders and the like."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("submission", _Id, ForeignKey("submissions.id"), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", Integer),
    Column("enhanced", String(16), nullable=False),
    Column("reply", Text, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcText),
    Column("changed_at", UtcText, nullable=False),
    Column("doubtful", Boolean(create_constraint=False), nullable=False),
    UniqueConstraint("submission", "recipient", name="one_delivery_a_recipient"),
    Index("deliveries_by_state", "state"),
    sqlite_autoincrement=True,
)
"""`next_try` is NULL where there is nothing left to try. `doubtful`: some try may have been accepted unheard."""

case_entries = Table(
    "case_entries",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message", _Id, ForeignKey("messages.id"), nullable=False),
    Column("at", UtcText, nullable=False),
    Column("by", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("closes", Boolean(create_constraint=False), nullable=False),
    Index("case_entries_by_message", "message"),
    sqlite_autoincrement=True,
)
"""What persons entered in the registers of the cases that a message belongs to; the last counts."""

rule_files = Table(
    "rule_files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("packing", String(8), nullable=False),
    Column("octets", LargeBinary, nullable=False),
)
"""Files of rules and templates as they were, each content once."""

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("version", String(64), nullable=False),
    Column("at", UtcText, nullable=False),
    Column("files", Text, nullable=False),
    Column("mailboxes", Text, nullable=False),
    Column("refused", Text, nullable=False),
    Index("rule_sets_by_version", "version"),
    sqlite_autoincrement=True,
)
"""Each time that a set of rules came into force, or (`refused` says why) did not; `files` and `mailboxes` are JSON."""

events = Table(
    "events",
    metadata,
    Column("sequence", _Id, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("instance", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("message", BigInteger),
    Column("sha256", String(64), nullable=False),
    Column("rule", Text, nullable=False),
    Column("rules_version", String(64), nullable=False),
    Column("recipients", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("events_by_message", "message"),
    Index("events_by_time", "at"),
)
"""The audit log. `message` refers to no row, because an erased message leaves its events behind. `recipients` and
`detail` are JSON; `at` is taken as it stands, for the digest covers it."""
