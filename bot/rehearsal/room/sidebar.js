/* Channels, and who to be; on a narrow screen the whole of it is a drawer. */

import { avatar } from "./avatar.js";
import { h, icon } from "./element.js";
import { onLanguage, t } from "./i18n.js";

const DIRECT = 1;

export class Sidebar {
  /** `become(id)` is called when somebody else is chosen. */
  constructor(room, root, { become }) {
    Object.assign(this, { room, root, become });
    this.opener = document.querySelector("#open-sidebar");
    this.opener.addEventListener("click", () => this.#toggle(!root.classList.contains("open")));
    document.querySelector("#shade").addEventListener("click", () => this.#toggle(false));
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.#toggle(false));
    for (const type of ["world", "channel", "unread", "bot", "link", "channels"])
      room.addEventListener(type, () => this.#draw());
    onLanguage(() => this.#draw());
  }

  #toggle(open) {
    const was = this.root.classList.contains("open");
    this.root.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) this.root.querySelector("[aria-current]")?.focus();
    else if (was) this.opener.focus();
  }

  #draw() {
    const { room, root } = this;
    if (!room.me) return;
    const people = [...room.people.values()];
    this.#fill(
      "channels",
      [...room.channels.values()].map((channel) => this.#channel(channel)),
    );
    this.#fill(
      "people",
      people.filter(({ bot }) => !bot).map((person) => this.#person(person)),
    );
    this.#fill(
      "bots",
      people.filter(({ bot }) => bot).map((bot) => this.#bot(bot)),
    );
    root.querySelector("#guild").textContent = room.guild.name;
    const channel = room.channels.get(room.channel);
    const name = room.channelName();
    document
      .querySelector("#channel-name")
      .replaceChildren(h("span", { class: "hash" }, name.slice(0, 1)), name.slice(1));
    document.querySelector("#channel-topic").textContent = channel?.topic ?? t("rehearsal");
    document.title = name ? `${name} · ${t("app.title")}` : t("app.title");
    this.opener.querySelector(".badge-dot").hidden = !room.unread.size;
  }

  /* The focus stays where it was when the lists are made anew. */
  #fill(id, rows) {
    const list = this.root.querySelector(`#${id}`);
    const focused = list.contains(document.activeElement)
      ? document.activeElement.dataset.id
      : null;
    list.replaceChildren(...rows.map((row) => h("li", {}, row)));
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  #channel({ id, name, type }) {
    const unread = this.room.unread.has(id);
    const enter = () => {
      this.room.enter(id);
      if (this.root.classList.contains("open")) this.#toggle(false);
    };
    return h(
      "button",
      {
        type: "button",
        class: unread ? "row unread" : "row",
        "data-id": id,
        "aria-current": id === this.room.channel && "page",
        onclick: enter,
      },
      icon(type === DIRECT ? "direct" : "channel"),
      h("span", { class: "row-name" }, name),
      unread && h("span", { class: "dot", role: "img", "aria-label": t("unread") }),
    );
  }

  #person(person) {
    const choose = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.become(person.id);
      if (this.root.classList.contains("open")) this.#toggle(false);
    };
    const href = `?person=${encodeURIComponent(person.id)}`;
    const mine = person.id === this.room.me.id;
    return h(
      "a",
      {
        class: "row",
        href,
        "data-id": person.id,
        "data-person": person.name,
        "aria-current": mine && "true",
        onclick: choose,
      },
      avatar(person),
      h("span", { class: "row-name" }, person.name),
    );
  }

  #bot(bot) {
    const online = this.room.bot.online && this.room.linked;
    return h(
      "span",
      { class: online ? "row bot online" : "row bot" },
      avatar(bot),
      h("span", { class: "row-name" }, bot.name),
      h("span", { class: "presence" }, t(online ? "bot.online" : "bot.offline")),
    );
  }
}
