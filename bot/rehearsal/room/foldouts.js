/* Small menus that unfold beside a message and close by themselves. */

import { h, icon } from "./element.js";

/** A drawing that unfolds `entries` ([content, act, label]); `look` is the list's class. */
export function foldout(drawing, label, entries, look = "more-list") {
  const buttons = entries.map(([content, act, name]) => {
    const run = () => {
      details.open = false;
      act();
    };
    return h("button", { type: "button", "aria-label": name, onclick: run }, content);
  });
  const details = h(
    "details",
    { class: "more" },
    h("summary", { class: "tool", "aria-label": label, title: label }, icon(drawing)),
    h("div", { class: look }, buttons),
  );
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (!details.contains(relatedTarget)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.firstChild.focus();
  });
  return details;
}
