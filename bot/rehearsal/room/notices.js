/* What everybody should know just now: no connection, no bot, and what the bot says about itself. */

import { h, icon } from "./element.js";
import { onLanguage, t } from "./i18n.js";

const PATIENCE = 600;

export class Notices {
  #hidden = "";
  #timer = 0;

  constructor(room, root) {
    Object.assign(this, { room, root });
    for (const type of ["world", "bot"]) room.addEventListener(type, () => this.#draw());
    // A reconnect that takes a moment needs no banner.
    room.addEventListener("link", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#draw(), room.linked ? 0 : PATIENCE);
    });
    onLanguage(() => this.#draw());
  }

  #draw() {
    const { room } = this;
    const rows = [];
    if (!room.linked) rows.push(h("p", { class: "notice warn", "data-notice": "lost" }, t("banner.lost")));
    else if (!room.bot.online) rows.push(h("p", { class: "notice warn", "data-notice": "offline" }, t("banner.offline", { bot: room.theBot().name })));
    if (room.bot.note && room.bot.note !== this.#hidden) rows.push(this.#note(room.bot.note));
    this.root.replaceChildren(...rows);
  }

  #note(text) {
    const hide = () => {
      this.#hidden = text;
      this.#draw();
    };
    const label = t("banner.dismiss");
    return h("p", { class: "notice", "data-notice": "note" }, h("span", {}, text), h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: hide }, icon("close")));
  }
}
