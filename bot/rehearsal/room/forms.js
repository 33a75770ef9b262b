/* The form that a bot opens: a dialog over the room, sent once everything in it fits. */

import { sendForm } from "./api.js";
import { h, tool } from "./element.js";
import { formField } from "./formfields.js";
import { locale, onLanguage, t } from "./i18n.js";
import { markdown } from "./markdown.js";

const ROW = 1;
const TEXT = 10;
const LABEL = 18;

/** Shows one form at a time, the newest; `room` is the Store, `leave()` finds a new focus. */
export class Forms {
  #form = null;
  #fields = [];
  #busy = false;

  constructor(room, leave) {
    this.room = room;
    this.title = h("h2", { id: "form-title" });
    this.parts = h("div", { class: "form-parts" });
    this.alert = h("p", { class: "alert", role: "alert", hidden: true });
    this.away = tool("close", "", () => this.node.close());
    this.cancel = h("button", { type: "button", class: "button secondary" });
    this.send = h("button", { type: "submit", class: "button primary" });
    this.cancel.addEventListener("click", () => this.node.close());
    this.node = h(
      "dialog",
      { class: "form", id: "form", "aria-labelledby": "form-title" },
      h(
        "form",
        { novalidate: true, onsubmit: (event) => this.#submitted(event) },
        h("header", {}, this.title, this.away),
        this.parts,
        this.alert,
        h("footer", {}, this.cancel, this.send),
      ),
    );
    document.body.append(this.node);
    // A press on the backdrop is a press on the dialog itself; text dragged out of it is not.
    this.node.addEventListener("pointerdown", ({ target }) => {
      if (target === this.node) this.node.close();
    });
    // The command that was sent is gone from the page, and with it what had the focus.
    this.node.addEventListener("close", () => document.activeElement === document.body && leave());
    room.addEventListener("form", ({ detail }) => this.#open(detail));
    room.addEventListener("world", () => this.#form?.person !== room.me.id && this.node.close());
    onLanguage(() => this.#translate());
  }

  #open({ id, form }) {
    this.#form = { id, person: this.room.me.id };
    this.#fields = [];
    this.title.textContent = form.title;
    this.parts.replaceChildren(...form.components.map((part) => this.#part(part)));
    this.#say("");
    this.#setBusy(false);
    if (!this.node.open) this.node.showModal();
    this.parts.scrollTop = 0;
    this.#fields[0]?.focus();
  }

  #part(part) {
    if (part.type === TEXT)
      return h("div", { class: "text form-text" }, markdown(part.content, this.room));
    const field = part.type === LABEL ? part.component : part.components[0];
    const words = part.type === ROW ? { label: field.label } : part;
    const made = formField(field, words, this.room);
    this.#fields.push(made);
    return made.node;
  }

  #translate() {
    for (const [button, key] of [
      [this.away, "form.close"],
      [this.cancel, "form.cancel"],
      [this.send, "form.send"],
    ]) {
      if (button === this.away) button.setAttribute("aria-label", t(key));
      else button.textContent = t(key);
    }
  }

  #say(sentence) {
    this.alert.textContent = sentence;
    this.alert.hidden = !sentence;
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.node.setAttribute("aria-busy", String(busy));
    this.send.disabled = busy;
  }

  async #submitted(event) {
    event.preventDefault();
    if (this.#busy) return;
    const wrong = this.#fields.filter((field) => field.check());
    if (wrong.length) {
      wrong[0].focus();
      return;
    }
    await this.#send(this.#form);
  }

  async #send(form) {
    const files = [];
    const values = {};
    for (const { id, value } of this.#fields) {
      const named = (one) => (one instanceof File ? `files[${files.push(one) - 1}]` : one);
      values[id] = Array.isArray(value) ? value.map(named) : value;
    }
    this.#setBusy(true);
    this.#say("");
    let trouble = "";
    try {
      const payload = { person: form.person, form: form.id, values, locale: locale() };
      trouble = (await sendForm(payload, files)).error ?? "";
    } catch (error) {
      trouble = error.message;
    }
    if (form !== this.#form) return; // another form came meanwhile
    this.#setBusy(false);
    this.#say(trouble);
    if (!trouble) this.node.close();
  }
}
