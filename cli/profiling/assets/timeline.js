// Every frame over time, and what the sensors told meanwhile.
"use strict";

const MOST_POINTS = 1500;
const PANEL = 128;
const hiddenCases = new Set();
const SENSOR_HUES = [12, 212, 152, 265, 48];

function sensorPanels() {
  const samples = data.profile.telemetry;
  const lines = (read, unit, title) => {
    const found = new Map();
    for (const sample of samples) {
      for (const [name, value] of Object.entries(read(sample) || {})) {
        if (value === null || value === undefined) continue;
        if (!found.has(name)) found.set(name, []);
        found.get(name).push([sample.at_s, value]);
      }
    }
    const most = [...found].sort((a, b) => Math.max(...b[1].map((p) => p[1])) - Math.max(...a[1].map((p) => p[1])));
    return { title, unit, lines: most.slice(0, 3) };
  };
  const percent = (value) => (value === null ? null : 100 * value);
  return [
    lines((s) => s.temperatures_c, "°C", "temperature"),
    lines((s) => s.clocks_mhz, "MHz", "clocks"),
    lines((s) => s.power && { power: s.power.total_w }, "W", "power"),
    lines((s) => ({ "all cores": percent(s.cpu_load), "of it ours": percent(s.own_load), gpu: percent(s.gpu_load) }), "%", "load"),
  ].filter((panel) => panel.lines.some(([, points]) => points.length > 1));
}

function sensorColour(index) {
  return `hsl(${SENSOR_HUES[index % SENSOR_HUES.length]} 65% ${theme() === "dark" ? 62 : 45}%)`;
}

// The greatest frame of each stretch stays: outliers are what one looks for.
function thinned(frames) {
  const step = Math.ceil(frames.length / MOST_POINTS);
  if (step === 1) return frames;
  const kept = [];
  for (let i = 0; i < frames.length; i += step) {
    kept.push(frames.slice(i, i + step).reduce((a, b) => (b[1] > a[1] ? b : a)));
  }
  return kept;
}

function panelAxes(root, x, y, box, values, unit) {
  for (const value of values) {
    root.append(
      svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }),
      svg("text", { x: box.left - 7, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  root.append(svg("text", { class: "strong", x: box.left, y: box.top - 8 }, unit));
}

function drawTimeline(width) {
  const visible = cases.map((c, i) => i).filter((i) => !hiddenCases.has(i));
  const panels = sensorPanels();
  const box = { left: 44, right: width - 6 };
  const main = { ...box, top: 22, bottom: 262 };
  const height = main.bottom + panels.length * PANEL + 26;
  const end = Math.max(0.01, ...cases.flatMap((c) => c.frames.map((f) => f[0])), ...data.profile.telemetry.map((s) => s.at_s));
  const x = linear(0, end, box.left, box.right);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Latency over time" });
  const top = 1.08 * Math.max(0.001, ...visible.flatMap((i) => cases[i].frames.map((f) => f[1])));
  const y = linear(0, top, main.bottom, main.top);
  panelAxes(root, x, y, main, ticks(0, top, 5), "ms for a frame");
  for (const index of visible) root.append(...caseMarks(index, x, y));
  panels.forEach((panel, i) => drawPanel(root, panel, x, { ...box, top: main.bottom + PANEL * i + 44, bottom: main.bottom + PANEL * (i + 1) }));
  for (const value of ticks(0, end, Math.max(3, width / 130))) {
    const anchor = x(value) > width - 24 ? "end" : "middle";
    root.append(svg("text", { x: x(value), y: height - 6, "text-anchor": anchor }, `${number(value)} s`));
  }
  const cross = svg("line", { class: "cross", y1: main.top, y2: height - 24 });
  root.append(cross);
  root.addEventListener("pointermove", (event) => {
    const place = root.getBoundingClientRect();
    const at = ((event.clientX - place.left) * width) / place.width;
    const seconds = Math.min(end, Math.max(0, ((at - box.left) / (box.right - box.left)) * end));
    cross.setAttribute("x1", x(seconds));
    cross.setAttribute("x2", x(seconds));
    cross.style.opacity = 0.5;
    showTip(event, readout(seconds, visible, panels));
  });
  root.addEventListener("pointerleave", () => {
    cross.style.opacity = 0;
    hideTip();
  });
  return root;
}

function caseMarks(index, x, y) {
  const frames = thinned(cases[index].frames);
  const colour = caseColour(index);
  const path = frames.map(([s, ms], i) => `${i ? "L" : "M"}${x(s).toFixed(1)} ${y(ms).toFixed(1)}`).join("");
  const dots = frames.map(([s, ms]) => `M${x(s).toFixed(1)} ${y(ms).toFixed(1)}h0`).join("");
  return [
    svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 1, opacity: 0.45 }),
    svg("path", { class: "frames", d: dots, fill: "none", stroke: colour, "stroke-width": frames.length > 300 ? 2.4 : 4.5, "stroke-linecap": "round" }),
  ];
}

function drawPanel(root, panel, x, box) {
  const values = panel.lines.flatMap(([, points]) => points.map((p) => p[1]));
  let low = Math.min(...values);
  let high = Math.max(...values);
  const margin = Math.max((high - low) * 0.15, high * 0.02, 0.5);
  low = Math.max(0, low - margin);
  high += margin;
  const y = linear(low, high, box.bottom, box.top);
  panelAxes(root, x, y, box, ticks(low, high, 2.5), `${panel.title}, ${panel.unit}`);
  let right = box.right;
  panel.lines.forEach(([name, points], i) => {
    const d = points.map(([s, v], k) => `${k ? "L" : "M"}${Math.max(box.left, x(s)).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    root.append(svg("path", { class: "sensor", d, fill: "none", stroke: sensorColour(i), "stroke-width": 2 }));
    const text = svg("text", { x: right, y: box.top - 8, "text-anchor": "end", style: `fill:${sensorColour(i)}` }, name);
    root.append(text);
    right -= name.length * 6.8 + 14;
  });
}

function nearest(points, seconds) {
  return points.reduce((a, b) => (Math.abs(b[0] - seconds) < Math.abs(a[0] - seconds) ? b : a));
}

function readout(seconds, visible, panels) {
  const lines = [`${seconds.toFixed(2)} s`];
  for (const i of visible) lines.push(`${names[i]}: ${milliseconds(nearest(cases[i].frames, seconds)[1])}`);
  for (const panel of panels) {
    for (const [name, points] of panel.lines) lines.push(`${name}: ${number(nearest(points, seconds)[1])} ${panel.unit}`);
  }
  return lines.join("\n");
}

(() => {
  const legend = document.querySelector("#timeline .legend");
  const redraw = chart("timeline", (width) => {
    drawLegend();
    return drawTimeline(width);
  });
  function drawLegend() {
    legend.replaceChildren(
      ...cases.map((c, index) => {
        const swatch = html("i", { class: "swatch", style: `background:${caseColour(index)}` });
        const button = html("button", { type: "button", "aria-pressed": !hiddenCases.has(index) }, swatch, names[index]);
        button.addEventListener("click", () => {
          if (!hiddenCases.delete(index)) hiddenCases.add(index);
          redraw();
        });
        return button;
      }),
    );
  }
})();
