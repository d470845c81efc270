"""Draws docs/stall.svg from two reports, and keeps their numbers.

    python3 plot.py OPEN/report.json CLOSED/report.json

Writes numbers.csv beside itself. Without arguments it draws what is in
numbers.csv. Standard library only.
"""

import csv
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
NUMBERS = HERE / "numbers.csv"
SVG = HERE.parent.parent / "docs" / "stall.svg"
UNITS = {"µs": 1e-6, "ms": 1e-3, "s": 1.0}


def quantiles(path):
    """Percent and seconds, as the report's thresholds have seen them."""
    report = json.loads(pathlib.Path(path).read_text())
    seen = {}
    for line in report["thresholds"]:
        percent = float(re.match(r"p([\d.]+) ", line["condition"])[1])
        number, unit = re.match(r"([\d.]+)(\D+)$", line["seen"]).groups()
        seen[percent] = float(number) * UNITS[unit]
    return report["totals"]["iterations_ok"], seen


def analytic(percent):
    """A tenth of those who come wait, uniformly, up to a second."""
    return max(0.0, (percent - 90) / 10)


def measure(open_report, closed_report):
    (opened, of_open), (closed, of_closed) = map(quantiles, (open_report, closed_report))
    with NUMBERS.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["percentile", "analytic_s", f"open_s ({opened} iterations)", f"closed_s ({closed} iterations)"])
        for percent in sorted(of_open):
            row = [analytic(percent), of_open[percent], of_closed[percent]]
            out.writerow([f"{percent:g}", *(f"{value:.6g}" for value in row)])


# Left, top, width, height of the plotting area.
X, Y, W, H = 64, 44, 620, 300


def point(percent, seconds):
    return f"{X + W * (percent - 80) / 20:.1f},{Y + H * (1 - seconds / 1.1):.1f}"


def draw():
    header, *rows = csv.reader(NUMBERS.open())
    rows = [[float(cell) for cell in row] for row in rows]
    rows = [row for row in rows if row[0] >= 80]
    style = [
        ("analytic", "#888", "stroke-dasharray='5 4'", 1),
        (header[2].replace("_s", ""), "#0b6e4f", "", 2),
        (header[3].replace("_s", ""), "#c1440e", "", 3),
    ]
    out = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {X + W + 24} {Y + H + 56}' "
        "font-family='sans-serif' font-size='13'>",
        "<title>Latency by percentile when the target stalls for one second</title>",
        "<rect width='100%' height='100%' fill='#fff'/>",
        f"<text x='{X}' y='24' font-size='15'>One second of stall in ten, 200 iterations per second</text>",
    ]
    for tenth in range(0, 11, 2):
        seconds = tenth / 10
        y = Y + H * (1 - seconds / 1.1)
        out.append(f"<line x1='{X}' x2='{X + W}' y1='{y:.1f}' y2='{y:.1f}' stroke='#e4e4e4'/>")
        out.append(f"<text x='{X - 8}' y='{y + 4:.1f}' text-anchor='end'>{seconds:.1f} s</text>")
    for percent in range(80, 101, 2):
        x = X + W * (percent - 80) / 20
        out.append(f"<text x='{x:.1f}' y='{Y + H + 20}' text-anchor='middle'>p{percent}</text>")
    out.append(f"<text x='{X + W / 2}' y='{Y + H + 44}' text-anchor='middle'>percentile of iteration_duration</text>")
    for place, (name, colour, dashes, column) in enumerate(style):
        line = " ".join(point(row[0], row[column]) for row in rows)
        out.append(f"<polyline points='{line}' fill='none' stroke='{colour}' stroke-width='2' {dashes}/>")
        y = Y + 22 + 22 * place
        out.append(f"<line x1='{X + 14}' x2='{X + 44}' y1='{y}' y2='{y}' stroke='{colour}' stroke-width='2' {dashes}/>")
        out.append(f"<text x='{X + 52}' y='{y + 4}'>{name}</text>")
    out.append("</svg>")
    SVG.write_text("\n".join(out) + "\n")


if len(sys.argv) > 1:
    measure(*sys.argv[1:3])
draw()
