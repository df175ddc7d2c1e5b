// Draws the published cells as lines. A suppressed week is null: a gap. Numbers come from the page itself.
"use strict";

(() => {
  const source = document.getElementById("trend");
  if (!source) return;
  const { weeks, lines, threshold } = JSON.parse(source.textContent);
  const place = document.getElementById("chart");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = 5;
  const isDashed = (index) => index >= COLOURS; // The second five lines: told apart without more colours.

  const asSeries = (line, index) => {
    const stroke = colour(`--line-${index % COLOURS}`);
    return {
      label: line.name,
      stroke,
      width: 2,
      dash: isDashed(index) ? [6, 4] : [],
      points: { show: true, size: 6, fill: stroke },
      value: (_, count, __, at) => (at === null ? "" : count === null ? `1-${threshold}` : String(count)),
    };
  };

  const axis = () => ({
    stroke: colour("--soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
  });

  const size = () => ({ width: place.clientWidth, height: Math.min(360, Math.max(260, place.clientWidth / 2)) });

  let chart = null;
  const draw = () => {
    if (chart) chart.destroy();
    chart = new uPlot(
      {
        ...size(),
        cursor: { drag: { x: false, y: false } },
        legend: { markers: { width: 3, dash: (_, row) => (isDashed(row - 1) ? "dashed" : "solid") } },
        scales: {
          x: { time: false, range: () => [-0.5, Math.max(weeks.length - 0.5, 0.5)] },
          y: { range: (_, __, most) => [0, Math.max(most * 1.1, threshold * 2)] },
        },
        axes: [
          { ...axis(), space: 90, incrs: [1, 2, 4, 8, 13, 26], values: (_, marks) => marks.map((at) => weeks[at] ?? "") },
          { ...axis(), space: 40, incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000] },
        ],
        hooks: { ready: [(ready) => ready.setLegend({ idx: weeks.length - 1 })] },
        series: [{ label: place.dataset.week, value: (_, at) => (at === null ? "" : weeks[at]) }, ...lines.map(asSeries)],
      },
      [weeks.map((_, at) => at), ...lines.map((line) => line.counts)],
      place,
    );
  };

  draw();
  window.addEventListener("resize", () => chart.setSize(size()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
