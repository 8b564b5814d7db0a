"""`python -m tests.benchmarks`: measure, and hold the figures against the goals."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.benchmarks.curve import chart
from tests.benchmarks.figures import Result, Unmeasured, document, list_text, row_text, scale_warning
from tests.benchmarks.machine import machine
from tests.benchmarks.measure import ChildFailed
from tests.benchmarks.measurements import MEASUREMENTS, Measurement
from tests.benchmarks.rows.latency import curves
from tests.benchmarks.table import ROWS, Row
from tests.benchmarks.workbench import Unavailable, Workbench

FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)
#: Beside the rows, what draws the curve and measures no row.
NAMES = click.Choice([*(row.id for row in ROWS), "curve"])
SHARE = click.FloatRange(0, 1, min_open=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", multiple=True, type=NAMES, help="Measure this row; may be repeated. `curve`: none.")
@click.option("--list", "listing", is_flag=True, help="List the rows and their goals, and measure nothing.")
@click.option("--scale", type=SHARE, default=1.0, help="Only this share of the rows of each job: a quick run.")
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; long rows have one.")
@click.option("--json", "json_file", type=FILE, help="Write the figures as JSON.")
@click.option("--curve", "curve_file", type=FILE, help="Draw rate over concurrency as SVG.")
@click.option("--folder", type=FOLDER, help="Where the temporary folder is: on the disk that journals are written to.")
def main(  # noqa: PLR0913  one parameter an option
    *,
    only: tuple[str, ...],
    listing: bool,
    scale: float,
    runs: int,
    json_file: Path | None,
    curve_file: Path | None,
    folder: Path | None,
) -> None:
    """Measure batchmail against its peers, and print goals and figures side by side."""
    rows = [row for row in ROWS if not only or row.id in only]
    if listing:
        click.echo(list_text(rows))
        return
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    warning = scale_warning(scale, rows)
    click.echo(warning, nl=bool(warning))
    with TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
        bench = Workbench(Path(temporary), scale, runs)
        results = {row: _told(row, measured(bench, row), scale) for row in rows}
        drawn = tuple(curves(bench)) if curve_file else ()
    if curve_file:
        curve_file.write_text(chart(drawn).svg(), encoding="utf-8")
    if json_file:
        _write_json(json_file, document(results, drawn, scale, machine(), began))
    click.echo(warning, nl=bool(warning))


def _told(row: Row, result: Result, scale: float) -> Result:
    """The same result; whoever waits sees each as soon as it is there."""
    click.echo(row_text(row, result, scale))
    return result


def measured(bench: Workbench, row: Row, measurements: Mapping[str, Measurement] = MEASUREMENTS) -> Result:
    """A row's figures, or why there are none."""
    try:
        return measurements[row.id](bench, row)
    except Unavailable as why:
        return Unmeasured(str(why))
    except ChildFailed as why:
        return Unmeasured(str(why), failed=True)


def _write_json(path: Path, figures: dict[str, object]) -> None:
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
