"""Attachments that bite: each limit has a file that goes over it, and a good one behind it that is still read."""

from __future__ import annotations

import struct
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import attachment_files as made
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.attachments import Extractor, ExtractorUnavailableError
from inbox_router.edges.extraction.bounds import Bounds

DATA = Path(__file__).parent.parent / "data" / "attachments"
PLAIN_PDF = made.pdf(made.words((50, 700, "The licence has been revoked and the man is to be arrested.")))


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(workers=1) as extractor:
        yield extractor


def file(octets: bytes, name: str = "attachment.bin", media_type: str = "application/octet-stream") -> File:
    return File(name=name, media_type=media_type, octets=octets, depth=0)


def look_into(extractor: Extractor, octets: bytes, name: str = "attachment.bin", media_type: str = "") -> Extract:
    [extract] = extractor.extract([file(octets, name, media_type or "application/octet-stream")])
    return extract


ENTITIES = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">{}]>'
EXTERNAL = ENTITIES.format('<!ENTITY x SYSTEM "file:///etc/hostname">')
SPARSE = made.xlsx(f'<row r="1">{made.cell("A1", "x")}</row><row r="1048576">{made.cell("XFD1048576", "x")}</row>')


@pytest.mark.parametrize(
    ("octets", "readability"),
    [
        pytest.param(
            made.docx(made.paragraph("&b;"), prologue=ENTITIES.format("")), Readability.CORRUPT, id="entities"
        ),
        pytest.param(made.docx(made.paragraph("&x;"), prologue=EXTERNAL), Readability.CORRUPT, id="external entity"),
        pytest.param(
            made.docx(made.paragraph("x"), more={"word/media/a.png": bytes(20_000_000)}),
            Readability.TOO_LARGE,
            id="zip bomb",
        ),
        pytest.param(
            made.docx("", more={f"word/{number}.xml": "" for number in range(2_001)}),
            Readability.TOO_LARGE,
            id="members",
        ),
        pytest.param(SPARSE, Readability.TOO_LARGE, id="sparse sheet"),
        pytest.param(made.docx("<w:p><w:r>"), Readability.CORRUPT, id="unfinished xml"),
        pytest.param(b"{\\rtf1 \\bin}{\\pict\\bin x}", Readability.CORRUPT, id="broken rtf"),
    ],
)
def test_a_file_that_bites_is_a_fact_and_the_next_one_is_read(
    extractor: Extractor, octets: bytes, readability: Readability
) -> None:
    bitten, plain = extractor.extract([file(octets), file(PLAIN_PDF)])
    assert bitten.readability is readability
    assert plain.readability is Readability.READ


def test_a_sheet_that_aborts_the_reader_harms_nothing_else() -> None:
    with Extractor(bounds=Bounds(cells=10**15)) as extractor:
        before, bitten, after = extractor.extract([file(PLAIN_PDF), file(SPARSE), file(PLAIN_PDF)])
    assert bitten.readability is Readability.TOO_LARGE
    assert before == after
    assert after.readability is Readability.READ


def test_a_file_that_fills_the_memory_is_too_large() -> None:
    huge = made.docx(made.paragraph("recall notification " * 4_000_000))
    bounds = Bounds(memory_octets=300_000_000, ratio=10_000, member_octets=10**9, expanded_octets=10**9)
    with Extractor(bounds=bounds) as extractor:
        bitten, after = extractor.extract([file(huge), file(PLAIN_PDF)])
    assert bitten.readability is Readability.TOO_LARGE
    assert after.readability is Readability.READ


SLOW = b"{\\rtf1 " + b"{\\b x}" * 2_000_000 + b"}"


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with Extractor(bounds=Bounds(seconds=0.5)) as extractor:
        bitten, after = extractor.extract([file(SLOW), file(PLAIN_PDF)])
    assert bitten.readability is Readability.TIMED_OUT
    assert after.readability is Readability.READ


def test_the_files_of_one_message_share_its_time() -> None:
    with Extractor(bounds=Bounds(message_seconds=0.5)) as extractor:
        first, second = extractor.extract([file(SLOW), file(PLAIN_PDF)])
        later = extractor.extract([file(PLAIN_PDF)])
    assert first.readability is Readability.TIMED_OUT
    assert second.readability is Readability.TIMED_OUT
    assert "other attachments" in second.detail
    assert later[0].readability is Readability.READ


def test_more_text_than_is_allowed_is_cut_and_told() -> None:
    with Extractor(bounds=Bounds(characters=100)) as extractor:
        extract = look_into(extractor, b"recall notification\n" * 20, "a.txt", "text/plain")
    assert extract.readability is Readability.TOO_LARGE
    assert len(extract.text) == 100


def test_files_that_hold_as_much_text_as_is_read_leave_the_rest_unopened() -> None:
    with Extractor(bounds=Bounds(characters=100)) as extractor:
        long = file(b"recall notification\n" * 20, "a.txt", "text/plain")
        _, after = extractor.extract([long, file(PLAIN_PDF)])
    assert after.readability is Readability.TOO_LARGE
    assert after.text == ""


def test_a_file_over_the_limit_is_not_even_handed_over() -> None:
    with Extractor(bounds=Bounds(file_octets=10)) as extractor:
        assert look_into(extractor, b"eleven octets").readability is Readability.TOO_LARGE


@pytest.mark.parametrize("source", ["recall-summary.pdf", "recall-form.docx", "weekly-list.xlsx"])
def test_damage_anywhere_in_a_file_never_stops_the_reading(extractor: Extractor, source: str) -> None:
    octets = (DATA / source).read_bytes()
    damaged = []
    for step in range(40):
        place = step * len(octets) // 40
        damaged.append(octets[:place] + struct.pack("<I", step * 0x0F0F0F0F & 0xFFFFFFFF) + octets[place + 4 :])
    assert len(extractor.extract([file(one, source) for one in damaged])) == len(damaged)
    assert look_into(extractor, PLAIN_PDF).readability is Readability.READ


BEGINNINGS = [
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"{\\rtf1 ",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"<html>",
    b"Received: x\r\nMIME-",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    beginning=st.sampled_from(BEGINNINGS),
    rest=st.binary(max_size=600),
    name=st.sampled_from(["a.pdf", "a.docx", "a.xlsx", "a.msg", "a.eml", "a.csv", "a.txt", "a"]),
)
def test_any_octets_under_any_name_give_an_answer_of_clean_text(
    extractor: Extractor, beginning: bytes, rest: bytes, name: str
) -> None:
    extract = look_into(extractor, beginning + rest, name)
    assert "\0" not in extract.text
    assert extract.text.encode("utf-8")[:1] != b" "
    assert extract.detail or extract.readability is Readability.READ


# The worker


def test_text_comes_back_without_nul_or_lone_surrogates(extractor: Extractor) -> None:
    text = look_into(extractor, b"licence\0revoked \xed\xa0\x80", "a.txt", "text/plain").text
    assert "\0" not in text
    text.encode("utf-8")


def test_several_threads_share_the_workers() -> None:
    seen: list[Readability] = []
    with Extractor(workers=2) as extractor:

        def work() -> None:
            seen.extend(extract.readability for extract in extractor.extract([file(PLAIN_PDF)] * 3))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [Readability.READ] * 12


def test_a_closed_extractor_says_so() -> None:
    extractor = Extractor()
    extractor.close()
    assert extractor.extract([]) == []
    with pytest.raises(RuntimeError, match="closed"):
        extractor.extract([file(PLAIN_PDF)])


def test_the_worker_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nenv > {tmp_path}/environment\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("INBOX_ROUTER_PASSWORD", "correct horse")
    monkeypatch.setattr(sys, "executable", str(wrapper))
    with Extractor() as extractor:
        assert look_into(extractor, PLAIN_PDF).readability is Readability.READ
    assert "correct horse" not in (tmp_path / "environment").read_text()


def test_a_worker_that_cannot_start_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with Extractor() as extractor:
        monkeypatch.setattr(sys, "executable", "/nonexistent")
        with pytest.raises(ExtractorUnavailableError, match="could not be started"):
            extractor.extract([file(PLAIN_PDF)])
        monkeypatch.setattr(sys, "executable", "/bin/true")
        with pytest.raises(ExtractorUnavailableError, match="before it was ready"):
            extractor.extract([file(PLAIN_PDF)])


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_nothing_is_started_or_loaded_before_the_first_file_and_nothing_is_left_behind() -> None:
    program = """
        import os, sys
        from inbox_router.core.parse import File
        from inbox_router.edges.attachments import Extractor

        def children():
            try:
                return os.waitpid(-1, os.WNOHANG)[0] == 0
            except ChildProcessError:
                return False

        extractor = Extractor()
        extractor.extract([])
        print(children(), "pypdfium2" in sys.modules)
        extractor.extract([File(name="a.txt", media_type="text/plain", octets=b"words", depth=0)])
        print(children(), "pypdfium2" in sys.modules)
        extractor.close()
        print(children())
    """
    assert run(program).split() == ["False", "False", "True", "False", "False"]


def test_a_forked_process_does_not_use_the_workers_of_its_parent() -> None:
    program = """
        import os
        from inbox_router.core.parse import File
        from inbox_router.edges.attachments import Extractor

        def read(words):
            return extractor.extract([File(name="a.txt", media_type="text/plain", octets=words, depth=0)])[0].text

        extractor = Extractor()
        read(b"first")
        child = os.fork()
        if child == 0:
            read(b"of the child")
            extractor.close()
            os._exit(0)
        os.waitpid(child, 0)
        print(read(b"of the parent"))
        extractor.close()
    """
    assert run(program).strip() == "of the parent"


def test_a_confined_process_can_write_nothing_and_fill_no_memory(tmp_path: Path) -> None:
    program = f"""
        from inbox_router.edges.extraction.bounds import Bounds
        from inbox_router.edges.extraction.confine import confine

        confine(Bounds())
        try:
            with open({str(tmp_path / "written")!r}, "w") as written:
                written.write("x")
        except OSError:
            print("not written")
        try:
            bytearray(2_000_000_000)
        except MemoryError:
            print("not filled")
    """
    assert run(program).split("\n")[:2] == ["not written", "not filled"]
