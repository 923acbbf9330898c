"""What each message of the hostile kit costs, the dearest first: processor time, memory, and how it ends.

python -m bench.hostile [words of a case's name]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.hostile.cases import CASES
from tests.hostile.running import Runner


def main() -> None:
    wanted = " ".join(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder))
        results = [(case.name, runner.result(case)) for case in CASES if wanted in case.name]
        runner.end()
    print("CPU s     MB  ends as            case")
    for name, result in sorted(results, key=lambda pair: -pair[1].get("cpu", 99.0)):
        ended = result.get("reason") or result.get("outcome") or f"broke: {result.get('escaped', result)}"
        print(f"{result.get('cpu', 0):5.2f} {result.get('peak', 0) / 1e6:6.0f}  {ended:<18} {name}")


if __name__ == "__main__":
    main()
