/* The fields of a form: a label, what it is for, a control that fits, and what is wrong with it. */

import { bytes, pendingFile } from "./attachments.js";
import { offers, TYPE } from "./commands.js";
import { h, icon } from "./element.js";
import { t } from "./i18n.js";

const TEXT_INPUT = 4;
const FILES = 19;
const RADIO = 21;
const CHECKBOXES = 22;
const CHECKBOX = 23;
const PARAGRAPH = 2;
const LONGEST = 4000;
const SELECTS = { 5: TYPE.USER, 6: TYPE.ROLE, 7: TYPE.MENTIONABLE, 8: TYPE.CHANNEL };

/** The field for a component of a form; `words` are its label and description. */
export function formField(component, words, room) {
  if (component.type === TEXT_INPUT) return new TextField(component, words, room);
  if (component.type === FILES) return new FilesField(component, words, room);
  if (component.type === CHECKBOX) return new CheckboxField(component, words, room);
  const many = component.type === CHECKBOXES || (component.max_values ?? 1) > 1;
  if (many || component.type === RADIO) return new ListField(component, words, room, many);
  return new MenuField(component, words, room);
}

class Field {
  constructor(component, { label, description }, room) {
    Object.assign(this, { component, room, label, id: component.custom_id });
    this.key = `form-${component.id}`;
    this.hint = h("p", { class: "form-hint", id: `${this.key}-hint` }, description);
    this.error = h("p", { class: "form-error", id: `${this.key}-error`, hidden: true });
    const optional = !this.required && h("small", {}, t("option.optional"));
    this.name = h("span", { class: "form-label" }, label, optional);
    this.hint.hidden = !description;
  }

  get required() {
    return this.component.required !== false && this.component.type !== CHECKBOX;
  }

  /** Put label, hint, `control` and error together; a group gets a legend. */
  assemble(control, { group = false } = {}) {
    const label = group
      ? h("legend", {}, this.name)
      : h("label", { for: this.key }, this.name);
    const parts = [label, this.hint, control, this.error];
    this.node = h(group ? "fieldset" : "div", { class: "form-field" }, parts);
    const described = `${this.hint.id} ${this.error.id}`;
    (group ? this.node : this.input).setAttribute("aria-describedby", described);
    this.node.addEventListener("input", () => this.mark(""));
  }

  /** Say what is wrong, beside the field; "" when it fits. Returns the sentence. */
  check() {
    const sentence = this.problem();
    this.mark(sentence);
    return sentence;
  }

  mark(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    this.node.classList.toggle("wrong", Boolean(sentence));
    this.input.setAttribute("aria-invalid", String(Boolean(sentence)));
  }

  focus() {
    this.input.focus();
  }

  /** What is wrong with a number of answers, in one sentence or "". */
  countProblem(count) {
    const { min_values: least, max_values: most = 1 } = this.component;
    const option = this.label;
    if (!count) return this.required ? t("wrong.required", { option }) : "";
    const min = least ?? 1;
    if (count >= min && count <= most) return "";
    return t("wrong.count", { option, min, max: most });
  }
}

class TextField extends Field {
  constructor(component, words, room) {
    super(component, words, room);
    const tall = component.style === PARAGRAPH;
    const { placeholder, value = "" } = component;
    const attributes = { id: this.key, placeholder, autocomplete: "off", required: this.required };
    this.input = h(tall ? "textarea" : "input", { ...attributes, rows: tall ? 4 : null });
    this.input.value = value ?? "";
    this.counter = h("span", { class: "form-counter", "aria-hidden": "true" });
    this.input.addEventListener("input", () => this.#count());
    this.assemble(h("div", { class: "form-words" }, this.input, this.counter));
    this.#count();
  }

  get value() {
    return this.input.value;
  }

  problem() {
    const { min_length: min = 0, max_length: max = LONGEST } = this.component;
    const option = this.label;
    const { length } = this.value;
    if (!length) return this.required ? t("wrong.required", { option }) : "";
    if (length < min) return t("wrong.short", { option, min });
    return length > max ? t("wrong.long", { option, max }) : "";
  }

  #count() {
    const most = this.component.max_length;
    this.counter.textContent = most ? `${this.value.length}/${most}` : "";
    this.counter.classList.toggle("over", Boolean(most) && this.value.length > most);
  }
}

/* What there is to choose from, as {value, label, description, default}. */
function listed(component, room) {
  if (component.options) return component.options;
  const defaults = new Set((component.default_values ?? []).map(({ id }) => id));
  const offered = offers({ ...component, type: SELECTS[component.type] }, room);
  return offered.map((each) => ({ ...each, default: defaults.has(each.value) }));
}

class MenuField extends Field {
  constructor(component, words, room) {
    super(component, words, room);
    const options = listed(component, room);
    const chosen = options.some((option) => option.default);
    const hint = component.placeholder ?? t("select.placeholder");
    this.input = h(
      "select",
      { id: this.key, class: "menu", required: this.required },
      h("option", { value: "", selected: !chosen }, hint),
      options.map(({ value, label, default: selected }) => h("option", { value, selected }, label)),
    );
    this.assemble(this.input);
  }

  get value() {
    return this.input.value ? [this.input.value] : [];
  }

  problem() {
    return this.countProblem(this.value.length);
  }
}

class ListField extends Field {
  constructor(component, words, room, many) {
    super(component, words, room);
    this.many = many;
    this.boxes = [];
    const rows = listed(component, room).map((option) => this.#row(option));
    this.input = this.boxes[0] ?? h("input");
    this.assemble(h("div", { class: "form-list" }, rows), { group: true });
  }

  #row({ value, label, description, default: checked }) {
    const type = this.many ? "checkbox" : "radio";
    const box = h("input", { type, name: this.key, value, checked });
    this.boxes.push(box);
    return h(
      "label",
      { class: "form-choice" },
      box,
      h("span", {}, label, description && h("small", {}, description)),
    );
  }

  get value() {
    return this.boxes.filter(({ checked }) => checked).map(({ value }) => value);
  }

  problem() {
    return this.countProblem(this.value.length);
  }
}

class CheckboxField extends Field {
  constructor(component, words, room) {
    super(component, words, room);
    this.input = h("input", { type: "checkbox", id: this.key, checked: component.default });
    this.assemble(this.input);
    this.node.classList.add("form-single");
  }

  get value() {
    return this.input.checked;
  }

  problem() {
    return "";
  }
}

class FilesField extends Field {
  value = [];

  constructor(component, words, room) {
    super(component, words, room);
    this.chooser = h("input", {
      type: "file",
      class: "hidden-file",
      multiple: this.most > 1,
      tabindex: "-1",
      "aria-hidden": "true",
    });
    this.chooser.addEventListener("change", () => {
      this.#take([...this.chooser.files]);
      this.chooser.value = "";
      this.input.focus();
    });
    this.input = h(
      "button",
      { type: "button", class: "form-files", onclick: () => this.chooser.click() },
      icon("plus"),
      t(this.most > 1 ? "form.files" : "option.file"),
    );
    this.tray = h("div", { class: "tray", hidden: true });
    const drop = h("div", { class: "form-drop" }, this.input, this.tray, this.chooser);
    this.assemble(drop, { group: true });
    this.node.addEventListener("dragover", (event) => event.preventDefault());
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      document.body.classList.remove("dropping");
      this.#take([...event.dataTransfer.files]);
    });
  }

  get most() {
    return this.component.max_values ?? 1;
  }

  /* A single file is replaced by the next; several add up. */
  #take(files) {
    this.value = this.most > 1 ? [...this.value, ...files] : files.slice(-1);
    this.#show();
    this.mark("");
  }

  #show() {
    const remove = (file) => () => {
      this.value = this.value.filter((each) => each !== file);
      this.#show();
      this.input.focus();
    };
    this.tray.hidden = !this.value.length;
    this.tray.replaceChildren(...this.value.map((file) => pendingFile(file, remove(file))));
  }

  problem() {
    const limit = this.room.fileLimit;
    const large = this.value.find(({ size }) => size > limit);
    if (large) return t("wrong.large", { name: large.name, limit: bytes(limit) });
    return this.countProblem(this.value.length);
  }
}
