"""The YAML language server that editors run, spoken to as an editor does: LSP 3.17 over standard input and output."""

from __future__ import annotations

import fcntl
import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent / "yaml-language-server"
INSTALLED = Path(__file__).parent.parent.parent / ".venv" / "yaml-language-server"
PROGRAM = INSTALLED / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"

WHAT_IS_MISSING = "" if shutil.which("npm") and shutil.which("node") else "npm and node are not installed"

_SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "format": {"enable": False},
    }
}
_PATIENCE = 60
"""Seconds that an answer may take on a machine that is busy with other things."""


def install() -> None:
    """The pinned version and everything that it needs, each package by its hash, beside the Python environment."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / ".lock").open("w") as lock:
        # Several test processes may be started at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()


def _install() -> None:
    done = INSTALLED / "installed"
    locked = (HERE / "package-lock.json").read_bytes()
    if done.exists() and done.read_bytes() == locked:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, INSTALLED / name)
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=INSTALLED, check=True, timeout=300
    )
    done.write_bytes(locked)


class YamlLanguageServer:
    """One server process with one folder open in it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(PROGRAM), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._answers: dict[int, queue.Queue[Any]] = {}
        self._diagnostics: dict[str, queue.Queue[list[dict[str, Any]]]] = {}
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": _CAPABILITIES})
        self._tell("initialized", {})

    def close(self) -> None:
        self._ask("shutdown", None)
        self._tell("exit", None)
        self._process.wait(timeout=_PATIENCE)
        self._reader.join(timeout=_PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def open(self, path: Path, text: str | None = None) -> list[str]:
        """Opens a file, or what somebody is making of it, and returns what is underlined: `line:column message`."""
        uri = path.as_uri()
        self._diagnostics[uri] = queue.Queue()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text or path.read_text(encoding="utf-8")}
        self._tell("textDocument/didOpen", {"textDocument": document})
        found = self._diagnostics[uri].get(timeout=_PATIENCE)
        return [_underlined(one) for one in found]

    def completions(self, path: Path, line: int, column: int) -> set[str]:
        """What is offered at a place; lines and columns count from 1, as in our messages."""
        answer = self._ask("textDocument/completion", _at(path, line, column))
        items = answer["items"] if isinstance(answer, dict) else answer
        return {item["label"] for item in items}

    def hover(self, path: Path, line: int, column: int) -> str:
        answer = self._ask("textDocument/hover", _at(path, line, column))
        return "" if answer is None else str(answer["contents"]["value"])

    def _ask(self, method: str, params: object) -> Any:
        self._number += 1
        number = self._number
        self._answers[number] = queue.Queue()
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self._answers[number].get(timeout=_PATIENCE)

    def _tell(self, method: str, params: object) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        octets = json.dumps(message).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(octets), octets))
        stream.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while (message := _message(stream)) is not None:
            if "method" not in message:
                self._answers[message["id"]].put(message.get("result"))
            elif "id" in message:
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": _answer(message)})
            elif message["method"] == "textDocument/publishDiagnostics":
                waiting = self._diagnostics.get(message["params"]["uri"])
                if waiting is not None:
                    waiting.put(message["params"]["diagnostics"])


_CAPABILITIES = {
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": False}},
        "publishDiagnostics": {},
    },
}


def _answer(message: dict[str, Any]) -> object:
    """What an editor answers when it is asked for its settings; anything else it takes note of."""
    if message["method"] == "workspace/configuration":
        return [_SETTINGS.get(item.get("section"), {}) for item in message["params"]["items"]]
    return None


def _message(stream: IO[bytes]) -> dict[str, Any] | None:
    length = 0
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not line:
        return None
    message: dict[str, Any] = json.loads(stream.read(length))
    return message


def _at(path: Path, line: int, column: int) -> dict[str, object]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line - 1, "character": column - 1}}


def _underlined(one: dict[str, Any]) -> str:
    start = one["range"]["start"]
    return f"{start['line'] + 1}:{start['character'] + 1} {one['message']}"
