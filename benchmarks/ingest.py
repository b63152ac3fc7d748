"""(c) What a report of 256 MB costs to read and sum, beside json.loads.

Run with a name and a file, it is the child that does it and prints seconds of CPU and MB above idle.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

CHUNK = 2**16
FIELDS = ("no_answer", "answer_machine", "busy", "congestion", "failed")


def write_report(file: Path, size: int) -> int:
    """Write an answer of campaign_8 of about so many bytes, as the vendor's page has it; return its rows."""
    chance = random.Random(8)
    rows = 0
    with file.open("w") as stream:
        stream.write('{"code":"200","error":null,"msg":"","data":[')
        while stream.tell() < size:
            block = []
            for _ in range(1000):
                codes = {field: str(max(0, chance.randrange(-4, 4))) for field in FIELDS}
                total = str(sum(map(int, codes.values())))
                number = f"93{chance.randrange(10**8, 10**9)}"
                block.append(json.dumps({"telephone": number, "total_machine_recognitions": total, **codes}))
            stream.write(("," if rows else "") + ",".join(block))
            rows += len(block)
        stream.write("]}")
    return rows


def exporter(file: Path) -> float:
    """Read as a poll does: chunk by chunk, split, decoded, summed."""
    from exporter.apis import PollContext, machine_codes  # noqa: PLC0415
    from exporter.wolkvox.row_splitter import RowSplitter  # noqa: PLC0415

    api = machine_codes.API
    sums = api.reader(PollContext(datetime.now(UTC), campaign_id="1"))
    splitter = RowSplitter(sums.add, decode=api.decode)
    with file.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            splitter.feed(chunk)
    splitter.finish()
    value = sums.rows()[0].values[0]
    return value if isinstance(value, float) else 0.0


def json_loads(file: Path) -> float:
    """Read it whole, and do no more than that."""
    return float(len(json.loads(file.read_bytes())["data"]))


def main() -> None:
    """Do the work of a child."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from benchmarks.processes import peak_megabytes  # noqa: PLC0415

    work = {"exporter": exporter, "json.loads": json_loads}[sys.argv[1]]
    small, large = Path(sys.argv[2]), Path(sys.argv[3])
    work(small)
    idle, started = peak_megabytes(), time.process_time()
    work(large)
    print(json.dumps({"cpu": time.process_time() - started, "memory": peak_megabytes() - idle}))


if __name__ == "__main__":
    main()
