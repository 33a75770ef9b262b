/* What everybody should know now: no connection, no bot, what the bot says about itself. */

import { h, tool } from "./element.js";
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
    const offline = t("banner.offline", { bot: room.theBot().name });
    const rows = [];
    if (!room.linked) rows.push(warning("lost", t("banner.lost")));
    else if (!room.bot.online) rows.push(warning("offline", offline));
    if (room.bot.note && room.bot.note !== this.#hidden) rows.push(this.#note(room.bot.note));
    this.root.replaceChildren(...rows);
  }

  #note(text) {
    const hide = () => {
      this.#hidden = text;
      this.#draw();
    };
    return h(
      "p",
      { class: "notice", "data-notice": "note" },
      h("span", {}, text),
      tool("close", t("banner.dismiss"), hide),
    );
  }
}

const warning = (name, text) => h("p", { class: "notice warn", "data-notice": name }, text);
