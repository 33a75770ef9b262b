/* The list above the message box: commands, choices and people, chosen by arrows or by pointer. */

import { h } from "./element.js";
import { t } from "./i18n.js";

/** One list, lent to whichever input asked for it last; that input keeps the focus. */
export class Picker {
  #items = [];
  #active = -1;
  #owner = null;
  #take = null;

  constructor(node) {
    this.node = node;
    this.list = h("div", { class: "picker-list", role: "listbox", id: "picker-list" });
    this.heading = h("div", { class: "picker-heading" });
    this.keys = h("div", { class: "picker-keys", "aria-hidden": "true" });
    node.append(this.heading, this.list, this.keys);
    // The input must not lose the focus to a click here.
    node.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get open() {
    return !this.node.hidden;
  }

  /** Offer `items` ({label, detail, face, hints}) to `owner`; `take(item)` gets the chosen one. */
  show(owner, items, { heading = "", empty = t("picker.nothing"), take, select = 0 }) {
    if (this.#owner && this.#owner !== owner) this.close();
    this.#owner = owner;
    this.#items = items;
    this.#take = take;
    this.heading.textContent = heading;
    this.keys.textContent = t("picker.keys");
    this.list.setAttribute("aria-label", heading);
    this.list.replaceChildren(
      ...(items.length
        ? items.map((item, index) => this.#row(item, index))
        : [h("p", { class: "picker-empty" }, empty)]),
    );
    this.node.hidden = false;
    owner.setAttribute("aria-expanded", "true");
    owner.setAttribute("aria-controls", this.list.id);
    this.#mark(items.length ? select : -1);
  }

  /** Put the list away, if it is `owner`'s (or whoever's, without one). */
  close(owner = this.#owner) {
    if (!this.#owner || owner !== this.#owner) return;
    this.node.hidden = true;
    owner.setAttribute("aria-expanded", "false");
    owner.removeAttribute("aria-activedescendant");
    this.#owner = null;
  }

  /** Handle a key of the owner; true when it was used. Tab takes the marked item and moves on. */
  key(event) {
    if (!this.open || event.target !== this.#owner || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#items.length) {
      this.#mark((this.#active + step + this.#items.length) % this.#items.length);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.#choose(this.#active);
    } else if (event.key === "Tab" && !event.shiftKey && this.#active >= 0) {
      this.#choose(this.#active);
      return false;
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #row(item, index) {
    return h(
      "div",
      {
        class: "picker-item",
        role: "option",
        id: `picker-${index}`,
        "aria-selected": "false",
        onclick: () => this.#choose(index),
        onpointermove: () => this.#mark(index),
      },
      item.face,
      h("span", { class: "picker-label" }, item.label),
      item.detail && h("span", { class: "picker-detail" }, item.detail),
      item.hints?.length > 0 &&
        h(
          "span",
          { class: "picker-hints" },
          item.hints.map((hint) => h("span", {}, hint)),
        ),
    );
  }

  #mark(index) {
    if (
      index === this.#active &&
      this.list.children[index]?.getAttribute("aria-selected") === "true"
    )
      return;
    this.#active = index;
    [...this.list.children].forEach((row, place) =>
      row.setAttribute("aria-selected", String(place === index)),
    );
    const row = this.#items.length ? this.list.children[index] : null;
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.#owner.setAttribute("aria-activedescendant", row.id);
    else this.#owner.removeAttribute("aria-activedescendant");
  }

  #choose(index) {
    const [item, take] = [this.#items[index], this.#take];
    this.close();
    take(item);
  }
}
