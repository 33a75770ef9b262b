/* Faces without pictures: people get their initial, bots a record that turns while it plays. */

import { h, s } from "./element.js";

const FALLBACK = ["#c8553d", "#2f7f79", "#8a5a9e", "#b57b1e", "#3f6fb5", "#5c7f3a"];

/** A person's color; people who came without one get a steady one from their id. */
export function colorOf(person) {
  const given = person.avatar_color;
  if (typeof given === "number") return `#${given.toString(16).padStart(6, "0")}`;
  if (/^#[0-9a-f]{3,8}$/i.test(given ?? "")) return given;
  const sum = [...person.id].reduce((total, digit) => total + digit.charCodeAt(0), 0);
  return FALLBACK[sum % FALLBACK.length];
}

function record() {
  const grooves = [15.5, 13, 10.5].map((r) => s("circle", { cx: 20, cy: 20, r, class: "groove" }));
  return s(
    "svg",
    { viewBox: "0 0 40 40" },
    s("circle", { cx: 20, cy: 20, r: 19, class: "vinyl" }),
    grooves,
    s("path", {
      d: "M20 4.5A15.5 15.5 0 0 1 33 11.5M20 35.5A15.5 15.5 0 0 1 7 28.5",
      class: "shine",
    }),
    s("circle", { cx: 20, cy: 20, r: 7, class: "disc-label" }),
    s("circle", { cx: 20, cy: 20, r: 1.4, class: "hole" }),
  );
}

/** The face of a person ({id, name, bot, avatar_color}), hidden from screen readers. */
export function avatar(person) {
  const face = person.bot ? record() : ([...person.name][0]?.toUpperCase() ?? "?");
  const node = h(
    "span",
    { class: `avatar${person.bot ? " disc" : ""}`, "aria-hidden": "true" },
    face,
  );
  node.style.setProperty("--face", colorOf(person));
  return node;
}
