/* A command being filled in: its options as fields, checked before anything is sent. */

import { askChoices, sendInteraction } from "./api.js";
import { h, icon, tool } from "./element.js";
import { locale, t } from "./i18n.js";
import { fieldFor } from "./optionfields.js";
import { TYPE } from "./commands.js";

/** So many optional fields are shown at once; the others wait behind a button, if there are more
    than it would take the place of. */
const SHOWN = 3;

/** Fields for one invocation (see commands.js), in a composer (`host`). */
export class CommandForm {
  #busy = false;

  constructor(invocation, host) {
    Object.assign(this, { invocation, host, room: host.room, picker: host.picker });
    this.title = h("span", { class: "command-title" });
    this.note = h("p", { class: "command-note", id: "command-note" });
    this.fields = invocation.options.map((option) => fieldFor(option, this));
    this.more = h("button", { type: "button", class: "option more", onclick: () => this.#unfold() });
    this.#fold();
    this.away = tool("close", "", () => host.leave(""));
    this.go = h("button", { type: "submit", class: "send" }, icon("send"));
    this.node = h(
      "form",
      {
        class: "command",
        onsubmit: (event) => this.#submitted(event),
        onkeydown: (event) => this.#key(event),
      },
      h("div", { class: "command-head" }, this.title, this.note, this.away),
      h(
        "div",
        { class: "command-row" },
        h(
          "div",
          { class: "options" },
          this.fields.map(({ node }) => node),
          this.more,
        ),
        this.go,
      ),
    );
    this.translate();
  }

  translate() {
    this.title.textContent = `/${this.invocation.title}`;
    this.node.setAttribute(
      "aria-label",
      `/${this.invocation.title}: ${this.invocation.description}`,
    );
    for (const [button, key] of [
      [this.away, "command.leave"],
      [this.go, "command.send"],
    ]) {
      button.setAttribute("aria-label", t(key));
      button.title = t(key);
    }
    for (const field of this.fields) field.translate();
    const hidden = this.fields.filter(({ node }) => node.hidden).length;
    this.more.textContent = t("command.more", { count: hidden });
    this.explain(this.fields.find(({ node }) => node.contains(document.activeElement)));
  }

  focus() {
    (this.fields[0] ?? { focus: () => this.go.focus() }).focus();
  }

  /** Show what the option in focus is for. */
  explain(field) {
    this.note.textContent = field
      ? field.explanation
      : `${this.invocation.description} · ${t("command.keys")}`;
    field?.input.setAttribute("aria-describedby", this.note.id);
  }

  /** Answer an option from outside: an example, or the words typed behind the command. */
  fill(name, value) {
    const field = this.fields.find(({ option }) => option.name === name);
    if (field?.node.hidden) this.#unfold();
    field?.fill(value);
  }

  #fold() {
    const optional = this.fields.filter(({ option }) => !option.required);
    const folded = optional.length > SHOWN + 1 ? optional.slice(SHOWN) : [];
    for (const { node } of folded) node.hidden = true;
    this.more.hidden = !folded.length;
  }

  /** Show every field and go to the first that was hidden. */
  #unfold() {
    const first = this.fields.find(({ node }) => node.hidden);
    for (const { node } of this.fields) node.hidden = false;
    this.more.hidden = true;
    first?.focus();
  }

  /** The words typed behind the command go into its first free-text option. */
  fillFirst(text) {
    this.fields.find(({ option }) => option.type === TYPE.STRING)?.fill(text);
  }

  /** Give files to the attachment options, the focused one first; false if there is none. */
  accept(files) {
    const slots = this.fields.filter(({ option }) => option.type === TYPE.ATTACHMENT);
    const rank = (field) => (field.node.contains(document.activeElement) ? 0 : field.empty ? 1 : 2);
    slots.sort((a, b) => rank(a) - rank(b));
    files.slice(0, slots.length).forEach((file, index) => slots[index].fill(file));
    return slots.length > 0;
  }

  /** Ask the bot what it suggests while `text` is typed for an option; null when it fails. */
  choices(option, text) {
    const { options } = this.#answers();
    for (const field of this.fields)
      if (field.option.type === TYPE.ATTACHMENT) delete options[field.option.name];
    return askChoices({
      ...this.#envelope(),
      options: { ...options, [option.name]: text },
      focused: option.name,
    });
  }

  #envelope() {
    return {
      person: this.room.me.id,
      channel: this.room.channel,
      command: this.invocation.path,
      locale: locale(),
    };
  }

  #answers() {
    const files = [];
    const options = {};
    for (const { option, value } of this.fields) {
      if (value === undefined || value === null) continue;
      options[option.name] = value instanceof File ? `files[${files.push(value) - 1}]` : value;
    }
    return { options, files };
  }

  #key(event) {
    if (event.isComposing || this.picker.key(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.host.leave("");
    } else if (event.key === "Enter" && !event.shiftKey && this.#sends(event.target)) {
      event.preventDefault();
      this.node.requestSubmit();
    } else if (
      event.key === "Backspace" &&
      event.target === this.fields[0]?.input &&
      this.fields[0].empty
    ) {
      event.preventDefault();
      this.host.leave(`/${this.invocation.title}`);
    }
  }

  #sends(target) {
    const field = this.fields.find(({ input }) => input === target);
    return field && !(field.option.type === TYPE.ATTACHMENT && field.empty);
  }

  async #submitted(event) {
    event.preventDefault();
    if (this.#busy) return;
    const wrong = this.fields.find((field) => field.problem());
    for (const field of this.fields) field.mark(field === wrong);
    if (wrong) {
      this.host.say(wrong.problem());
      wrong.focus();
      return;
    }
    await this.#send();
  }

  async #send() {
    const { options, files } = this.#answers();
    this.#setBusy(true);
    try {
      await sendInteraction({ ...this.#envelope(), options }, files);
      this.host.leave("");
    } catch (error) {
      this.host.say(error.message);
    } finally {
      this.#setBusy(false);
    }
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.node.classList.toggle("busy", busy);
    this.node.setAttribute("aria-busy", String(busy));
  }
}
