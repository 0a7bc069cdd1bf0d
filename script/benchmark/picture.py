"""The picture of growth: peak memory, and time a Secret, over the number of Secrets. An SVG that needs nothing else."""
import math

WIDTH, LEFT, RIGHT = 720, 56, 16
PANEL, GAP, TOP = 170, 64, 34
# The largest value of an axis is the next of these, times a power of ten.
STEPS = (1, 2, 4, 5, 10)

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; }
  .small { font-size: 12px; fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .line { stroke: #0969da; stroke-width: 2; fill: none; }
  .own { stroke-dasharray: 2 4; }
  .dot { fill: #0969da; }
  .other { fill: none; stroke: #9a6700; stroke-width: 2; }
  .most { stroke: #cf222e; stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .line { stroke: #4493f8; }
    .dot { fill: #4493f8; }
    .other { stroke: #d29922; }
    .most { stroke: #f85149; }
  }
"""


def top_of(values):
    most = max(values)
    power = 10 ** math.floor(math.log10(most))
    return next(step * power for step in STEPS if step * power >= most)


def number(value):
    return f"{value:g}"


class Panel:
    """One diagram, with Secrets on a logarithmic axis."""

    def __init__(self, y, decades, top):
        self.y, self.decades, self.top = y, decades, top

    def x_of(self, secrets):
        low, high = self.decades
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(secrets) - low) / (high - low)

    def y_of(self, value):
        return self.y + PANEL * (1 - value / self.top)

    def axes(self, title):
        out = [f'<text class="title" x="{LEFT}" y="{self.y - 12}">{title}</text>']
        parts = 4 if f"{self.top:e}"[0] in "24" else 5
        for part in range(parts + 1):
            value = self.top * part / parts
            y = self.y_of(value)
            out.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
            out.append(f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>')
        for decade in range(self.decades[0], self.decades[1] + 1):
            x = self.x_of(10 ** decade)
            out.append(f'<path class="grid" d="M{x:.1f} {self.y}V{self.y + PANEL}"/>')
            out.append(f'<text class="small" x="{x:.1f}" y="{self.y + PANEL + 18}"'
                       f' text-anchor="{"end" if decade == self.decades[1] else "middle"}">{10 ** decade:,}</text>')
        return out

    def points(self, series, others, style="line"):
        """Dots joined by a line, and rings for what is no part of the series."""
        places = [(self.x_of(secrets), self.y_of(value), value) for secrets, value in series]
        out = [f'<path class="{style}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y, _ in places)}"/>']
        for x, y, value in places:
            end = "end" if x > WIDTH - 80 else "middle"
            out.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
            below = 28 if style != "line" else 0
            out.append(f'<text x="{x:.1f}" y="{y - 10 + below:.1f}" text-anchor="{end}">{value:.3g}</text>')
        for secrets, value, words in others:
            out.append(
                f'<circle class="other" cx="{self.x_of(secrets):.1f}" cy="{self.y_of(value):.1f}" r="5">'
                f"<title>{words}: {value:.3g}</title></circle>")
        return out


def draw(rows, others, most=40):
    """`rows` are the series; `most` MiB is what memory may be."""
    everything = rows + others
    decades = (2, max(5, math.ceil(math.log10(max(row["secrets"] for row in everything)))))

    def pace(row):
        return 1000 * row["seconds"] / row["secrets"]

    # What takes long for its size alone is in the table: it would press everything else to the ground.
    small = [row for row in others if row["secrets"] >= 1000]
    memory = Panel(TOP, decades, top_of([most * 1.01] + [row["peak"] for row in everything]))
    times = Panel(TOP + PANEL + GAP, decades, top_of([pace(row) for row in rows + small]))
    height = times.y + PANEL + 76
    limit = memory.y_of(most)
    body = [
        *memory.axes("Peak memory, MiB"),
        f'<path class="most" d="M{LEFT} {limit:.1f}H{WIDTH - RIGHT}"/>',
        *memory.points(
            [(row["secrets"], row["peak"]) for row in rows], [(row["secrets"], row["peak"], row["words"]) for row in others]),
        *times.axes("Time a Secret, ms; dotted: the client's own CPU"),
        *times.points([(row["secrets"], 1000 * row["cpu"] / row["secrets"]) for row in rows if "cpu" in row], [], "line own"),
        *times.points(
            [(row["secrets"], pace(row)) for row in rows], [(row["secrets"], pace(row), row["words"]) for row in small]),
        *(f'<text class="small" x="{LEFT}" y="{height - above}">{line}</text>' for above, line in (
            (32, "Across: Secrets in the cluster. Dots: of 1 KiB in 20 namespaces; rings: other shapes, which the table has."),
            (14, "Dashed: wanted at most.")))]
    lines = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="Peak memory and time a Secret stay flat from 1,000 Secrets on">\n'
        f"<style>{STYLE}</style>\n{lines}\n</svg>\n")
