"""How much one attachment may cost before it is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of looking into attachments. What goes over one of them is a fact about the file, never an error."""

    seconds: float = 20.0
    """Wall clock for one file; its worker is then killed and replaced."""
    message_seconds: float = 60.0
    """Wall clock for all the files of one message; those left over count as timed out."""
    start_seconds: float = 30.0
    """Wall clock for a worker to start and report that it has confined itself."""
    cpu_seconds: int = 15
    """Processor time for one file."""
    memory_octets: int = 1_073_741_824
    """Address space of a worker."""
    file_octets: int = 40_000_000
    """A larger file is not handed over at all."""
    characters: int = 2_000_000
    """Text kept of one file; the rest is cut off, and said to be. Once the files of a message have given so much
    together, no more of them are opened."""
    expanded_octets: int = 100_000_000
    """All members of a zipped document together, unpacked."""
    member_octets: int = 50_000_000
    """One member of a zipped document, unpacked."""
    members: int = 2_000
    """Members of a zipped document."""
    ratio: int = 200
    """Unpacked size to packed size of a zipped document; honest documents stay below about 60."""
    cells: int = 1_000_000
    """Rows times columns of one sheet, from the first cell in use to the last: the reader lays out all of them."""
    pages: int = 500
    """Pages of a PDF that are read."""
    depth: int = 3
    """Messages and files within an attached message within an attached message."""
    files: int = 50
    """Files looked into within one attached message."""
    files_per_worker: int = 200
    """A worker is replaced after so many files, so that what one left behind does not last."""
