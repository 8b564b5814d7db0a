"""`python -m tests.benchmarks`: measure, and hold the figures against the goals."""

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.benchmarks.figures import Result, Unmeasured, document, row_text, scale_warning
from tests.benchmarks.machine import machine
from tests.benchmarks.measure import ChildFailed
from tests.benchmarks.measurements import MEASUREMENTS
from tests.benchmarks.table import ROWS, Row
from tests.benchmarks.workbench import Unavailable, Workbench

FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice([row.id for row in ROWS]), help="Measure this row; may be repeated."
)
@click.option("--list", "listing", is_flag=True, help="List the rows and their goals, and measure nothing.")
@click.option(
    "--scale", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="A share of the rows, for a quick run."
)
@click.option(
    "--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Runs of each; long ones have one."
)
@click.option("--json", "json_file", type=FILE, help="Write the figures as JSON.")
@click.option("--folder", type=FOLDER, help="Where temporary files are: the disk that journals are written to.")
def main(
    *, only: tuple[str, ...], listing: bool, scale: float, runs: int, json_file: Path | None, folder: Path | None
) -> None:
    """Measure batchmail against its peers, and print goals and figures side by side."""
    rows = [row for row in ROWS if not only or row.id in only]
    if listing:
        for row in rows:
            click.echo(f"{row.id:<16}{row.what}: " + ", ".join(f"{goal.what} {goal}" for goal in row.goals))
        return
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    warning = scale_warning(scale, rows)
    if warning:
        click.echo(warning + "\n")
    results: dict[Row, Result] = {}
    with TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
        bench = Workbench(Path(temporary), scale, runs)
        for row in rows:
            results[row] = measured(bench, row)
            click.echo(row_text(row, results[row], scale))
    if json_file:
        text = json.dumps(document(results, scale, machine(), began), ensure_ascii=False, indent=2)
        json_file.write_text(text + "\n", encoding="utf-8")
    if warning:
        click.echo("\n" + warning)


def measured(bench: Workbench, row: Row) -> Result:
    """A row's figures, or why there are none."""
    try:
        return MEASUREMENTS[row.id](bench, row)
    except Unavailable as why:
        return Unmeasured(str(why))
    except ChildFailed as why:
        return Unmeasured(str(why), failed=True)


if __name__ == "__main__":
    main()
