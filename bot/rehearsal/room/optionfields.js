/* One field for each option of a command: its name, an input that fits its type, its answer. */

import { bytes, pendingFile } from "./attachments.js";
import { avatar } from "./avatar.js";
import { offers, problem, rangeText, TYPE, typed } from "./commands.js";
import { h, icon } from "./element.js";
import { localized, t } from "./i18n.js";

const PAUSE = 150;

/** The field for an option; `form` is its CommandForm. */
export function fieldFor(option, form) {
  if (option.type === TYPE.ATTACHMENT) return new FileField(option, form);
  const chosen = offers(option, form.room) !== null || option.autocomplete;
  return chosen ? new ChoiceField(option, form) : new TextField(option, form);
}

class Field {
  constructor(option, form) {
    this.option = option;
    this.form = form;
    this.id = `option-${option.name}`;
    this.label = h("label", { for: this.id, class: "option-name" });
    this.node = h(
      "div",
      { class: "option", "data-option": option.name, "data-type": option.type },
      this.label,
    );
    this.node.classList.toggle("required", Boolean(option.required));
    this.node.addEventListener("focusin", () => form.explain(this));
  }

  /** Put the words into the room's language. */
  translate() {
    this.label.textContent = localized(this.option);
  }

  /** The option's description, its range, and whether it is needed. */
  get explanation() {
    const need = this.option.required ? t("option.required") : t("option.optional");
    const description = localized(this.option, "description").replace(/^…$/, "");
    return [description, rangeText(this.option), need].filter(Boolean).join(" · ");
  }

  /** Why the answer is not allowed, in one sentence, or "". */
  problem() {
    return problem(this.option, this.answer);
  }

  /** The answer in Discord's type; undefined while there is none. */
  get value() {
    return typed(this.option, this.answer);
  }

  mark(wrong) {
    this.node.classList.toggle("wrong", wrong);
    this.input.setAttribute("aria-invalid", String(wrong));
  }

  focus() {
    this.input.focus();
  }
}

function span({ min_value: min, max_value: max }) {
  return min !== undefined && max !== undefined ? `${min} – ${max}` : null;
}

class TextField extends Field {
  constructor(option, form) {
    super(option, form);
    const number = option.type !== TYPE.STRING;
    this.input = number
      ? h("input", {
          id: this.id,
          class: "number",
          inputmode: "decimal",
          autocomplete: "off",
          placeholder: span(option),
        })
      : h("textarea", { id: this.id, rows: 1, autocomplete: "off" });
    this.input.addEventListener("input", () => this.mark(false));
    this.node.append(this.input);
    this.translate();
  }

  get answer() {
    return this.input.value.trim();
  }

  get empty() {
    return this.input.value === "";
  }

  fill(text) {
    this.input.value = text;
  }
}

/** Typing that narrows a list: choices, yes and no, people, channels, roles, suggestions. */
class ChoiceField extends Field {
  #chosen = null;
  #timer = 0;
  #asked = 0;
  #suggested = [];

  constructor(option, form) {
    super(option, form);
    this.input = h("input", {
      id: this.id,
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      autocomplete: "off",
    });
    this.input.addEventListener("focus", () => this.#offer(""));
    this.input.addEventListener("blur", () => this.#leave());
    this.input.addEventListener("input", () => {
      this.#chosen = null;
      this.mark(false);
      this.#offer(this.input.value);
    });
    this.node.append(this.input);
    this.translate();
  }

  get answer() {
    if (this.#chosen) return this.#chosen.value;
    const text = this.input.value.trim();
    if (!text) return "";
    const same = offers(this.option, this.form.room)?.find(
      ({ label }) => label.toLowerCase() === text.toLowerCase(),
    );
    return same ? same.value : text;
  }

  get empty() {
    return this.input.value === "";
  }

  problem() {
    const offered = offers(this.option, this.form.room);
    const stray = offered && !this.empty && !offered.some(({ value }) => value === this.answer);
    return stray ? t("wrong.choice", { option: localized(this.option) }) : super.problem();
  }

  fill(text) {
    this.input.value = text;
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#asked += 1; // what is still on its way comes too late
    this.form.picker.close(this.input);
  }

  #offer(text) {
    clearTimeout(this.#timer);
    const fixed = offers(this.option, this.form.room);
    if (fixed) {
      this.#show(fixed.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase())));
      return;
    }
    // Suggestions for what was typed before stay in sight, but Enter must not take one of them.
    if (this.#suggested.length) this.#show(this.#suggested, { select: -1 });
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    this.#asked += 1;
    const asked = this.#asked;
    if (!this.#suggested.length) this.#show([], { empty: t("picker.asking") });
    const choices = await this.form.choices(this.option, this.input.value).catch(() => null);
    if (asked !== this.#asked || document.activeElement !== this.input) return;
    this.#suggested = (choices ?? []).map((choice) => ({
      value: choice.value,
      label: localized(choice),
    }));
    this.#show(this.#suggested, { empty: t(choices ? "picker.nothing" : "picker.failed") });
  }

  #show(found, how = {}) {
    const items = found.map((item) => ({
      ...item,
      face: item.color && avatar({ id: item.value, name: item.label, avatar_color: item.color }),
    }));
    const take = (item) => {
      clearTimeout(this.#timer);
      this.#asked += 1;
      this.#chosen = item;
      this.input.value = item.label;
    };
    // Nothing is marked in an empty optional field: Tab must be able to pass it by.
    const select = this.empty && !this.option.required ? -1 : 0;
    const heading = localized(this.option);
    this.form.picker.show(this.input, items, { heading, take, select, ...how });
  }
}

class FileField extends Field {
  #file = null;

  constructor(option, form) {
    super(option, form);
    this.chooser = h("input", {
      type: "file",
      id: `${this.id}-chooser`,
      tabindex: "-1",
      class: "hidden-file",
      "aria-hidden": "true",
    });
    this.input = h("button", {
      type: "button",
      id: this.id,
      class: "file-choice",
      onclick: () => this.chooser.click(),
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.chooser.addEventListener("change", () => {
      if (this.chooser.files[0]) this.fill(this.chooser.files[0]);
      this.input.focus();
    });
    this.node.append(this.input, this.chooser);
    this.translate();
  }

  get answer() {
    return this.#file;
  }

  problem() {
    const limit = this.form.room.fileLimit;
    if (!this.#file || this.#file.size <= limit) return super.problem();
    return t("wrong.large", { name: this.#file.name, limit: bytes(limit) });
  }

  get empty() {
    return this.#file === null;
  }

  get explanation() {
    return `${super.explanation} · ${t("option.file.keys")}`;
  }

  fill(file) {
    this.#file = file;
    this.chooser.value = "";
    this.mark(false);
    this.translate();
  }

  translate() {
    super.translate();
    this.node.querySelector(".pending-file")?.remove();
    this.input.replaceChildren(icon("plus"), this.#file ? this.#file.name : t("option.file"));
    this.node.classList.toggle("filled", this.#file !== null);
    const remove = () => {
      this.fill(null);
      this.input.focus();
    };
    if (this.#file) this.node.append(pendingFile(this.#file, remove));
  }

  /* Enter opens the chooser only while there is no file; then it sends, as in every other field. */
  #key(event) {
    if (event.key === "Enter" && this.#file) event.preventDefault();
    if ((event.key === "Backspace" || event.key === "Delete") && this.#file) {
      event.stopPropagation();
      this.fill(null);
    }
  }
}
