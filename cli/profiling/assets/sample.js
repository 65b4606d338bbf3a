// The slider between what goes in and what comes out.
"use strict";

const BEFORE = { nearest: "input pixels", bicubic: "bicubic" };
const AFTER = { result: "result", classes: "class map", both: "both" };

(() => {
  const views = data.views;
  if (views.length === 0) return;
  const section = document.getElementById("sample");
  section.hidden = false;
  const slider = section.querySelector(".slider");
  const range = slider.querySelector("input");
  const state = { view: views.find((v) => v.class_map !== "") || views[0], before: "bicubic", after: "result" };
  const uri = (kind, text) => `data:image/${kind};base64,${text}`;

  function show() {
    const { view } = state;
    const painted = view.class_map !== "";
    if (!painted) state.after = "result";
    slider.style.aspectRatio = `${view.size[0]} / ${view.size[1]}`;
    const before = slider.querySelector(".before");
    before.src = uri("jpeg", view[state.before]);
    before.classList.toggle("pixelated", state.before === "nearest");
    const after = slider.querySelector(".after");
    after.src = state.after === "classes" ? uri("png", view.class_map) : uri("jpeg", view.result);
    slider.querySelector(".overlay")?.remove();
    if (state.after === "both") {
      after.after(html("img", { class: "overlay", alt: "", style: "opacity:0.5", src: uri("png", view.class_map) }));
    }
    slider.querySelector(".left").textContent = BEFORE[state.before];
    slider.querySelector(".right").textContent = state.after === "classes" ? "class map" : names[view.index];
    const options = Object.entries(AFTER).filter(([name]) => painted || name === "result");
    choices(section.querySelector("#sample-after"), options, state.after, (value) => {
      state.after = value;
      show();
    });
    showClasses(view, painted);
  }

  function showClasses(view, painted) {
    const place = section.querySelector(".classes");
    place.replaceChildren();
    if (!painted) {
      place.append("Every pixel gets the same work.");
      return;
    }
    const shares = cases[view.index].class_fractions;
    const label = (i) => (i === 0 ? "heavy" : i === shares.length - 1 ? "light" : `class ${i}`);
    const bar = html("div", { class: "share" });
    place.append(bar);
    shares.forEach((share, i) => {
      bar.append(html("i", { style: `width:${100 * share}%;background:${view.colours[i]}` }));
      const swatch = html("i", { class: "swatch", style: `background:${view.colours[i]}` });
      place.append(html("div", { class: "row" }, swatch, `${label(i)}: ${(100 * share).toFixed(0)} % of all pixels`));
    });
  }

  range.addEventListener("input", () => slider.style.setProperty("--x", `${range.value}%`));
  choices(section.querySelector("#sample-before"), Object.entries(BEFORE), state.before, (value) => {
    state.before = value;
    show();
  });
  const select = section.querySelector("select");
  views.forEach((view, i) => select.append(html("option", { value: i }, names[view.index])));
  select.value = views.indexOf(state.view);
  select.addEventListener("change", () => {
    state.view = views[Number(select.value)];
    show();
  });
  show();
})();

document.documentElement.dataset.ready = "true";
