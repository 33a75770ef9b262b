/* What one person may do: roles and permissions, switched by hand to see what the bot does. */

import { switchRight } from "./api.js";
import { h, tool } from "./element.js";
import { onLanguage, t } from "./i18n.js";

/** A dialog about one person; `open(id)` shows it. */
export class Rights {
  #who = null;

  constructor(room) {
    this.room = room;
    this.title = h("h2", { id: "rights-title" });
    this.note = h("p", { class: "form-hint" });
    this.list = h("div", { class: "form-list" });
    this.alert = h("p", { class: "alert", role: "alert", hidden: true });
    this.away = tool("close", "", () => this.node.close());
    this.node = h(
      "dialog",
      { class: "form rights", "aria-labelledby": "rights-title" },
      h("form", { method: "dialog" }, [
        h("header", {}, this.title, this.away),
        h("div", { class: "form-parts" }, this.note, this.list, this.alert),
      ]),
    );
    document.body.append(this.node);
    this.node.addEventListener("pointerdown", ({ target }) => {
      if (target === this.node) this.node.close();
    });
    room.addEventListener("world", () => this.#draw());
    onLanguage(() => this.#draw());
  }

  /** Show what a person may do. */
  open(id) {
    this.#who = id;
    this.#say("");
    this.#draw();
    if (!this.node.open) this.node.showModal();
  }

  #say(sentence) {
    this.alert.textContent = sentence;
    this.alert.hidden = !sentence;
  }

  #draw() {
    const person = this.room.people.get(this.#who);
    if (!person) return;
    const focused = document.activeElement?.dataset.right;
    this.title.textContent = t("rights.title", { person: person.name });
    this.note.textContent = t(person.owner ? "rights.owner" : "rights.note");
    this.away.setAttribute("aria-label", t("rights.close"));
    const roles = this.room.guild.roles.filter(({ by_hand: byHand }) => byHand);
    const permissions = Object.entries(person.may);
    this.list.replaceChildren(
      ...roles.map(({ name }) =>
        this.#row(name, t("rights.role", { role: name }), person.roles.includes(name), {
          role: name,
        }),
      ),
      ...permissions.map(([permission, held]) =>
        this.#row(permission, t(`may.${permission}`), held, { permission }, person.owner),
      ),
    );
    if (focused) this.list.querySelector(`[data-right="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(key, label, checked, change, disabled = false) {
    const box = h("input", { type: "checkbox", checked, disabled, "data-right": key });
    box.addEventListener("change", () => this.#switch({ ...change, on: box.checked }));
    return h("label", { class: "form-choice" }, box, h("span", {}, label));
  }

  async #switch(change) {
    this.#say("");
    try {
      await switchRight({ person: this.#who, ...change });
    } catch (error) {
      this.#say(error.message);
      this.#draw();
    }
  }
}
