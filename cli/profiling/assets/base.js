// What the charts share: the data, SVG elements, scales, colours, the tooltip.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const cases = data.profile.cases;
const names = data.labels;
const redraws = [];

function theme() {
  return document.documentElement.dataset.theme;
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  for (const redraw of redraws) redraw();
}

const dark = matchMedia("(prefers-color-scheme: dark)");
document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
document.getElementById("theme").addEventListener("click", () => {
  setTheme(theme() === "dark" ? "light" : "dark");
});

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function html(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Draws now, and again when the width or the theme changes.
function chart(id, draw) {
  const place = document.querySelector(`#${id} .chart`);
  let width = 0;
  const redraw = () => {
    width = place.clientWidth;
    if (width > 0) place.replaceChildren(draw(width));
  };
  redraws.push(redraw);
  new ResizeObserver(() => {
    if (place.clientWidth !== width) redraw();
  }).observe(place);
  redraw();
  return redraw;
}

function linear(from, to, start, end) {
  const slope = (end - start) / (to - from || 1);
  return (value) => start + (value - from) * slope;
}

function logarithmic(from, to, start, end) {
  const inner = linear(Math.log(from), Math.log(to), start, end);
  return (value) => inner(Math.log(value));
}

// Round values that divide an interval into about `count` parts.
function ticks(from, to, count) {
  const raw = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(from / step); i * step <= to * 1.0000001; i++) found.push(i * step);
  return found;
}

function logTicks(from, to) {
  const found = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    for (const m of [1, 2, 5]) {
      const value = m * 10 ** power;
      if (value >= from && value <= to) found.push(value);
    }
  }
  return found;
}

function number(value) {
  if (value === 0) return "0";
  const digits = Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return String(Number(value.toFixed(digits)));
}

function milliseconds(value) {
  return `${number(value)} ms`;
}

// One hue for a model, one lightness for each of its cases.
const HUES = [212, 28, 152, 338, 265, 190, 48, 0];
const models = [...new Set(cases.map((c) => c.model))];

function caseColour(index) {
  const own = cases.map((c, i) => i).filter((i) => cases[i].model === cases[index].model);
  const place = own.length > 1 ? own.indexOf(index) / (own.length - 1) - 0.5 : 0;
  const model = models.indexOf(cases[index].model);
  const lightness = (theme() === "dark" ? 64 : 44) + 26 * place;
  return `hsl(${HUES[model % HUES.length]} ${model < HUES.length ? 75 : 40}% ${lightness}%)`;
}

const tip = document.getElementById("tip");

function showTip(event, text) {
  tip.textContent = text;
  const box = tip.getBoundingClientRect();
  const x = Math.min(event.clientX + 14, innerWidth - box.width - 8);
  const above = event.clientY - box.height - 14;
  const y = above > 8 ? above : event.clientY + 18;
  tip.style.transform = `translate(${Math.max(8, x)}px, ${y}px)`;
  tip.style.opacity = 1;
}

function hideTip() {
  tip.style.opacity = 0;
}

addEventListener("scroll", hideTip, { passive: true });

function withTip(element, text) {
  element.addEventListener("pointermove", (event) => showTip(event, text));
  element.addEventListener("pointerdown", (event) => showTip(event, text));
  element.addEventListener("pointerleave", hideTip);
  return element;
}

// A row of buttons of which one is pressed.
function choices(place, options, chosen, onChoice) {
  const buttons = options.map(([value, text]) => {
    const button = html("button", { type: "button", "aria-pressed": value === chosen }, text);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", other === button);
      onChoice(value);
    });
    return button;
  });
  place.replaceChildren(...buttons);
}
