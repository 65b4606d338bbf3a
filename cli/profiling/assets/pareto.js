// Time against PSNR, with the line of what nothing else beats.
"use strict";

const RATES = [1, 5, 10, 30, 60, 120];

function sizeOf(c) {
  return `${c.size[0]}×${c.size[1]} → ${c.output_size[0]}×${c.output_size[1]}`;
}

function drawPareto(width, shown) {
  const points = cases
    .map((c, index) => ({ c, index, ms: c.latency_ms.p50, psnr: c.psnr_db }))
    .filter((p) => p.psnr !== null && sizeOf(p.c) === shown);
  const height = Math.max(300, Math.min(460, width * 0.55));
  const room = { left: 46, right: 18, top: 26, bottom: 44 };
  const least = Math.min(...points.map((p) => p.c.latency_ms.min)) / 1.35;
  const most = Math.max(...points.map((p) => p.c.latency_ms.p95)) * 1.6;
  const dbs = points.map((p) => p.psnr);
  const margin = Math.max(0.12 * (Math.max(...dbs) - Math.min(...dbs)), 0.1);
  const low = Math.min(...dbs) - margin;
  const high = Math.max(...dbs) + margin;
  const x = logarithmic(least, most, room.left, width - room.right);
  const y = linear(low, high, height - room.bottom, room.top);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Time against PSNR" });
  for (const value of ticks(low, high, 6)) {
    root.append(
      svg("line", { class: "grid", x1: room.left, x2: width - room.right, y1: y(value), y2: y(value) }),
      svg("text", { x: room.left - 8, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  let edge = -Infinity;
  for (const value of logTicks(least, most)) {
    root.append(svg("line", { class: "grid", x1: x(value), x2: x(value), y1: room.top, y2: height - room.bottom }));
    if (x(value) - edge < 34) continue;
    edge = x(value);
    root.append(svg("text", { x: x(value), y: height - room.bottom + 18, "text-anchor": "middle" }, number(value)));
  }
  for (const fps of RATES) {
    const at = 1000 / fps;
    if (at < least || at > most) continue;
    root.append(
      svg("line", { class: "rate", x1: x(at), x2: x(at), y1: room.top, y2: height - room.bottom }),
      svg("text", { x: x(at), y: room.top - 9, "text-anchor": "middle" }, `${fps} fps`),
    );
  }
  root.append(
    svg("text", { x: width - room.right, y: height - 8, "text-anchor": "end" }, "ms for a frame, logarithmic"),
    svg("text", { x: room.left - 36, y: 14 }, "dB"),
  );
  root.append(svg("path", { class: "front", d: frontPath(points, x, y, width - room.right) }));
  for (const p of points) root.append(paretoPoint(p, x, y));
  labelPoints(root, points, x, y, width);
  document.querySelector("#pareto .legend").replaceChildren(
    ...[...points]
      .sort((a, b) => b.psnr - a.psnr)
      .map((p) => {
        const swatch = html("i", { class: "swatch", style: `background:${caseColour(p.index)}` });
        return html("span", {}, swatch, `${names[p.index]}: ${p.psnr.toFixed(2)} dB, ${milliseconds(p.ms)}`);
      }),
  );
  return root;
}

// In steps: who has less time than a setting takes must use the one before it.
function frontPath(points, x, y, right) {
  const kept = data.front.map((index) => points.find((p) => p.index === index)).filter(Boolean);
  let path = "";
  for (const p of kept) path += path ? `H${x(p.ms)}V${y(p.psnr)}` : `M${x(p.ms)} ${y(p.psnr)}`;
  return path && `${path}H${right}`;
}

function paretoPoint(p, x, y) {
  const colour = caseColour(p.index);
  const spread = p.c.latency_ms;
  const best = data.front.includes(p.index);
  const group = svg(
    "g",
    { class: "point", "data-case": p.index },
    svg("line", { x1: x(spread.min), x2: x(spread.p95), y1: y(p.psnr), y2: y(p.psnr), stroke: colour, "stroke-width": 2, opacity: 0.5 }),
    svg("circle", { cx: x(p.ms), cy: y(p.psnr), r: best ? 7 : 5, fill: best ? colour : "var(--card)", stroke: colour, "stroke-width": 2.2 }),
    svg("circle", { cx: x(p.ms), cy: y(p.psnr), r: 16, fill: "transparent" }),
  );
  const rate = `${number(p.c.frames_per_second)} frames a second`;
  return withTip(group, `${names[p.index]}\n${p.psnr.toFixed(2)} dB, ${milliseconds(p.ms)}\n${rate}`);
}

// Names where they do not run into each other; the tooltip has all of them.
function labelPoints(root, points, x, y, width) {
  const taken = points.map((p) => ({ left: x(p.ms) - 8, right: x(p.ms) + 8, top: y(p.psnr) - 8, bottom: y(p.psnr) + 8 }));
  const order = [...points].sort((a, b) => data.front.includes(b.index) - data.front.includes(a.index));
  for (const p of order) {
    const text = names[p.index];
    const wide = text.length * 6.6;
    const spots = [
      { left: x(p.ms) - wide - 11, y: y(p.psnr) - 8 },
      { left: x(p.ms) + 11, y: y(p.psnr) + 17 },
      { left: x(p.ms) - wide / 2, y: y(p.psnr) - 13 },
      { left: x(p.ms) - wide / 2, y: y(p.psnr) + 23 },
      { left: x(p.ms) - wide - 12, y: y(p.psnr) + 17 },
    ];
    for (const spot of spots) {
      const box = { left: spot.left, right: spot.left + wide, top: spot.y - 11, bottom: spot.y + 4 };
      const clash = taken.some((b) => b.left < box.right && b.right > box.left && b.top < box.bottom && b.bottom > box.top);
      if (clash || box.left < 48 || box.right > width - 2) continue;
      taken.push(box);
      root.append(svg("text", { class: "strong halo", x: spot.left, y: spot.y }, text));
      break;
    }
  }
}

(() => {
  const sizes = [...new Set(cases.filter((c) => c.psnr_db !== null).map(sizeOf))];
  if (sizes.length === 0) return;
  document.getElementById("pareto").hidden = false;
  let shown = sizes[0];
  const redraw = chart("pareto", (width) => drawPareto(width, shown));
  if (sizes.length === 1) return;
  const place = document.querySelector('.choices[data-for="pareto"]');
  choices(place, sizes.map((s) => [s, s]), shown, (value) => {
    shown = value;
    redraw();
  });
})();
