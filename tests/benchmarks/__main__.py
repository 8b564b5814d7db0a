"""`python -m tests.benchmarks`: measure, and hold the figures against the goals."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.benchmarks.curve import Curve, chart
from tests.benchmarks.figures import Result, Unmeasured, document, list_text, row_text, scale_warning
from tests.benchmarks.machine import busy_warning, load, machine, most_workers, processors
from tests.benchmarks.markdown import NoPlace, figures_markdown, with_figures
from tests.benchmarks.measure import ChildFailed
from tests.benchmarks.measurements import MEASUREMENTS, Measurement
from tests.benchmarks.rows.latency import curves
from tests.benchmarks.table import ROWS, Row
from tests.benchmarks.workbench import Unavailable, Workbench

FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
READ_FILE = click.Path(exists=True, dir_okay=False, writable=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)
#: Beside the rows, what draws the curve and measures no row.
NAMES = click.Choice([*(row.id for row in ROWS), "curve"])
SHARE = click.FloatRange(0, 1, min_open=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", multiple=True, type=NAMES, help="Measure this row; may be repeated. `curve`: none.")
@click.option("--list", "listing", is_flag=True, help="List the rows and their goals, and measure nothing.")
@click.option("--scale", type=SHARE, default=1.0, help="Only this share of the rows of each job: a quick run.")
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; long rows have one.")
@click.option("--workers", type=click.IntRange(min=0), help="Where the rate counts; default: the processors but one.")
@click.option("--json", "json_file", type=FILE, help="Write the figures as JSON.")
@click.option("--curve", "curve_file", type=FILE, help="Draw rate over concurrency as SVG.")
@click.option("--markdown", "readme", type=READ_FILE, help="Put the figures into this file, in place of the last ones.")
@click.option("--folder", type=FOLDER, help="Where the temporary folder is: on the disk that journals are written to.")
def main(  # noqa: PLR0913  one parameter an option
    *,
    only: tuple[str, ...],
    listing: bool,
    scale: float,
    runs: int,
    workers: int | None,
    json_file: Path | None,
    curve_file: Path | None,
    readme: Path | None,
    folder: Path | None,
) -> None:
    """Measure batchmail against its peers, and print goals and figures side by side."""
    rows = [row for row in ROWS if not only or row.id in only]
    if listing:
        click.echo(list_text(rows))
        return
    if readme:
        _require_place(readme)
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    warning = scale_warning(scale, rows)
    click.echo(warning, nl=bool(warning))
    busy = busy_warning(load(), processors())
    click.echo(busy, nl=bool(busy))
    found = machine()
    with TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
        bench = Workbench(Path(temporary), scale, runs, most_workers() if workers is None else workers)
        results = {row: _measured_and_told(bench, row) for row in rows}
        drawn = _drawn(bench, curve_file) if curve_file else ()
    if json_file:
        _write_json(json_file, document(results, drawn, scale, found, began))
    if readme:
        figures = figures_markdown(results, scale, found, began)
        readme.write_text(with_figures(readme.read_text(encoding="utf-8"), figures), encoding="utf-8")
    click.echo(warning, nl=bool(warning))
    failed = any(isinstance(result, Unmeasured) and result.failed for result in results.values())
    if failed or (curve_file and not drawn):
        sys.exit(1)


def _require_place(readme: Path) -> None:
    """Raises click.UsageError before a long run, not after it."""
    try:
        with_figures(readme.read_text(encoding="utf-8"), "")
    except NoPlace as why:
        raise click.UsageError(f"{readme}: {why}") from why


def _measured_and_told(bench: Workbench, row: Row) -> Result:
    """A row's figures; whoever waits sees what is measured, and what came of it."""
    click.echo(f"measuring {row.id} …", err=True)
    result = measured(bench, row)
    click.echo(row_text(row, result, bench.scale))
    return result


def _drawn(bench: Workbench, file: Path) -> tuple[Curve, ...]:
    """The curves, drawn into a file; none where they cannot be measured."""
    click.echo("measuring the curve …", err=True)
    try:
        drawn = tuple(curves(bench))
    except ChildFailed as why:
        click.echo(f"curve           FAILED: {why}")
        return ()
    file.write_text(chart(drawn).svg(), encoding="utf-8")
    return drawn


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
