# SPDX-License-Identifier: Apache-2.0
"""docs/bench.svg from a result: bars of latency, lines of throughput, both on logarithmic axes."""
import math
from html import escape

WIDTH, LEFT, RIGHT = 860, 130, 90
ROW, GAP, HEIGHT_LINES = 22, 46, 300
OURS = {"kodewar cold": "#8fb8a8", "kodewar warm": "#2f9e6f", "kodewar pooled": "#0b6b45"}
OTHERS = ("#7a869a", "#b08968", "#8d7fb5", "#c27d92", "#6f9ab0", "#a3a35c", "#9a9a9a", "#c98b4a")
STYLE = ("text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-size:15px;font-weight:600}.s{fill:#57606a}"
         ".g{stroke:#d0d7de;stroke-width:1}.b{font-weight:600}")


class Log:
    """A logarithmic scale from values to pixels."""

    def __init__(self, values, start, end):
        self.low = 10 ** math.floor(math.log10(min(values)))
        self.high = max(values)
        self.start, self.end = start, end

    def __call__(self, value):
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        """1, 2, 5 of each decade that is shown."""
        decade = self.low
        while decade <= self.high:
            yield from (decade * m for m in (1, 2, 5) if decade * m <= self.high)
            decade *= 10


def colour(name, names):
    others = [n for n in names if n not in OURS]
    return OURS.get(name) or OTHERS[others.index(name) % len(OTHERS)]


def text(x, y, said, css="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(said)}</text>'


def line(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="g"/>'


def bars(race, top):
    """One race's medians, fastest first; returns its elements and where it ends."""
    rows = sorted(race["rows"], key=lambda r: r["p50_us"])
    bare = next(r["p50_us"] for r in rows if r["ratio"] == 1)
    scale = Log([r["p50_us"] / 1e3 for r in rows], LEFT, WIDTH - RIGHT - 40)
    names = [r["name"] for r in race["rows"]]
    bottom = top + 14 + ROW * len(rows)
    out = [text(0, top, f"{race['title']}: median ms from order to end (logarithmic)", "t")]
    for tick in scale.ticks():
        out += [line(scale(tick), top + 12, scale(tick), bottom),
                text(scale(tick), bottom + 14, f"{tick:g}", "s", "middle")]
    for i, r in enumerate(rows):
        y, ms = top + 16 + i * ROW, r["p50_us"] / 1e3
        ours = "b" if r["name"] in OURS else ""
        out += [text(LEFT - 8, y + 12, r["name"], ours, "end"),
                f'<rect x="{LEFT}" y="{y}" width="{max(scale(ms) - LEFT, 1):.1f}" height="{ROW - 6}" rx="2" '
                f'fill="{colour(r["name"], names)}"/>',
                text(scale(ms) + 6, y + 12, f"{ms:.3g} ms · {r['p50_us'] / bare:.3g}×", ours)]
    return out, bottom + GAP


def lines(title, rows, top):
    """Runs per second against runs in flight; the names stand at the lines' ends, kept apart."""
    slots = sorted({int(n) for v in rows.values() for n in v})
    bottom, right = top + HEIGHT_LINES, WIDTH - RIGHT - 60
    scale = Log([v for row in rows.values() for v in row.values()], bottom, top + 24)
    across = Log([1, max(slots)], LEFT - 60, right)
    out = [text(0, top, title, "t")]
    for tick in scale.ticks():
        out += [line(LEFT - 60, scale(tick), right, scale(tick)),
                text(LEFT - 66, scale(tick) + 4, f"{tick:g}", "s", "end")]
    for n in slots:
        out.append(text(across(n), bottom + 18, str(n), "s", "middle"))
    ends = sorted(((scale(v[str(slots[-1])]), name) for name, v in rows.items() if str(slots[-1]) in v), reverse=True)
    free = max(bottom + 10, top + 24 + 14 * len(ends))
    for y, name in ends:
        free = min(y, free - 14)
        css = "b" if name in OURS else ""
        mark = f'<rect x="{right + 8}" y="{free - 5:.1f}" width="9" height="9" fill="{colour(name, list(rows))}"/>'
        out += [mark, text(right + 22, free + 4, name, css)]
    for name, v in rows.items():
        points = " ".join(f"{across(n):.1f},{scale(v[str(n)]):.1f}" for n in slots if str(n) in v)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour(name, list(rows))}" '
                   f'stroke-width="{3 if name in OURS else 1.6}"/>')
    return out, bottom + GAP


def svg(result):
    body, y = [], 20
    for key in ("python-hello", "node-hello"):
        part, y = bars(result["races"][key], y)
        body += part
    part, y = lines("Python hello: runs per second against runs in flight (logarithmic)",
                    result["throughput"]["python-hello"], y)
    body += part
    body.append(text(0, y - 10, " · ".join(result["machine"][k] for k in ("cpu", "system", "date")), "s"))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {WIDTH + 16} {y:.0f}" width="{WIDTH + 16}" '
            f'height="{y:.0f}" role="img" aria-label="Latency and throughput of kodewar beside other sandboxes">'
            f'<style>{STYLE}</style><rect x="-8" width="{WIDTH + 16}" height="{y:.0f}" fill="#fff"/>\n'
            + "\n".join(body) + "\n</svg>\n")
