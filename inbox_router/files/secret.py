"""Passwords: never in the configuration, only where to find them; read when they are needed, and never shown."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

MOST_OCTETS = 10_000


class SecretError(Exception):
    """A password that cannot be had, in words for the person who runs the service; never the password itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a password is kept. Exactly one of the two is set."""

    file: Path | None = None
    env: str = ""

    def read(self) -> str:
        """The password as it is now, without the line end of its file. Raises SecretError."""
        if self.file is None:
            return self._from_environment()
        try:
            with self.file.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                octets = opened.read(MOST_OCTETS)
        except OSError as error:
            raise SecretError(f"The password file {self.file} cannot be read: {error.strerror}.") from None
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise SecretError(
                f"The password file {self.file} can be read or changed by others, so it is not used. "
                f"Type: chmod 600 {self.file}"
            )
        try:
            password = octets.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise SecretError(f"The password file {self.file} is not UTF-8 text.") from None
        if not password:
            raise SecretError(f"The password file {self.file} is empty.")
        return password

    def _from_environment(self) -> str:
        password = os.environ.get(self.env, "")
        if not password:
            raise SecretError(f"The environment variable {self.env}, which holds a password, is not set.")
        return password

    def __repr__(self) -> str:
        return f"Secret({self.file or '$' + self.env})"
