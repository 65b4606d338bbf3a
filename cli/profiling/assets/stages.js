// Bars of the stages, one bar for each case.
"use strict";

const FILES = ["decode", "encode"];
const STAGE_HUES = { backbone: 212, trunk: 212, network: 212, bicubic: 212, upsampler: 28, deep: 28, subnet: 28, queue: 240, wait: 212, classifier: 265, assignment: 290, gather: 152, scatter: 172, residual: 190, interpolation: 190, refinement: 338, preprocess: 48, postprocess: 66 };

function stageColour(name) {
  if (FILES.includes(name)) return theme() === "dark" ? "#4b5563" : "#c3cad5";
  const [, family, digits] = /^(.*?)_?(\d*)$/.exec(name);
  const lightness = (theme() === "dark" ? 58 : 50) + 9 * Number(digits || 0);
  return family in STAGE_HUES ? `hsl(${STAGE_HUES[family]} 68% ${lightness}%)` : `hsl(0 0% ${lightness}%)`;
}

function stagesOf(c, files) {
  return Object.entries(c.stages_ms)
    .filter(([name]) => files || !FILES.includes(name))
    .map(([name, s]) => [name, s.mean]);
}

function drawStages(width, mode) {
  const bar = 26;
  const narrow = width < 560;
  const gap = narrow ? 46 : 30;
  const height = cases.length * (bar + gap) + 26;
  const totals = cases.map((c) => stagesOf(c, mode.files).reduce((sum, [, ms]) => sum + ms, 0));
  const most = mode.share ? 1 : Math.max(...totals);
  const x = linear(0, most, 0, width - 2);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Time of the stages" });
  cases.forEach((c, index) => {
    const top = index * (bar + gap) + gap - 12;
    const sum = `${milliseconds(totals[index])} in all, ${number(c.busy_threads)} threads busy`;
    root.append(
      svg("text", { class: "strong", x: 0, y: top - (narrow ? 22 : 7) }, names[index]),
      svg("text", { x: narrow ? 0 : width, y: top - 7, "text-anchor": narrow ? "start" : "end" }, sum),
    );
    let done = 0;
    for (const [name, ms] of stagesOf(c, mode.files)) {
      const part = mode.share ? ms / totals[index] : ms;
      const from = x(done);
      done += part;
      const wide = Math.max(0, x(done) - from);
      const rect = svg("rect", { class: "stage", x: from, y: top, width: Math.max(0, wide - 1), height: bar, rx: 2, fill: stageColour(name) });
      const share = `${((100 * ms) / totals[index]).toFixed(1)} %`;
      root.append(withTip(rect, `${names[index]}\n${name}: ${milliseconds(ms)}, ${share}`));
    }
  });
  const axis = height - 22;
  for (const value of ticks(0, most, Math.max(3, width / 160))) {
    const text = mode.share ? `${Math.round(100 * value)} %` : milliseconds(value);
    const anchor = value === 0 ? "start" : x(value) > width - 30 ? "end" : "middle";
    root.append(svg("text", { x: x(value), y: axis + 18, "text-anchor": anchor }, text));
  }
  return root;
}

(() => {
  const mode = { share: false, files: false };
  const place = document.querySelector('.choices[data-for="stages"]');
  const legend = document.querySelector("#stages .legend");
  const drawLegend = () => {
    const found = new Set(cases.flatMap((c) => stagesOf(c, mode.files).map(([name]) => name)));
    legend.replaceChildren(
      ...[...found].map((name) =>
        html("span", {}, html("i", { class: "swatch", style: `background:${stageColour(name)}` }), name),
      ),
    );
  };
  const redraw = chart("stages", (width) => {
    drawLegend();
    return drawStages(width, mode);
  });
  choices(place, [[false, "time"], [true, "share"]], false, (value) => {
    mode.share = value;
    redraw();
  });
  if (!cases.some((c) => FILES.some((name) => name in c.stages_ms))) return;
  const files = html("div", { class: "choices" });
  place.after(files);
  choices(files, [[false, "upscaling"], [true, "with files"]], false, (value) => {
    mode.files = value;
    redraw();
  });
})();
