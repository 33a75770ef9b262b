/* Channels, and who to be; on a narrow screen the whole of it is a drawer. */

import { avatar } from "./avatar.js";
import { h, icon, tool } from "./element.js";
import { onLanguage, t } from "./i18n.js";

const DIRECT = 1;
const ICONS = { 1: "direct", 11: "thread", 12: "lock" };

export class Sidebar {
  /** `become(id)` when somebody else is chosen, `direct()` for the bot's DMs, `rights(id)`. */
  constructor(room, root, acts) {
    Object.assign(this, { room, root, acts });
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
    if (!open && !was) return;
    this.root.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) this.root.querySelector("[aria-current]")?.focus();
    else this.opener.focus();
  }

  #draw() {
    const { room, root } = this;
    if (!room.me) return;
    const people = [...room.people.values()];
    const within = (guild) => this.#places(({ guild: where }) => where === guild?.id);
    this.#fill("channels", within(room.guild));
    this.#fill("elsewhere", within(room.elsewhere));
    this.#fill(
      "directs",
      this.#places(({ type }) => type === DIRECT),
    );
    root.querySelector("#elsewhere-name").textContent = room.elsewhere?.name ?? "";
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
    document.querySelector("#channel-topic").textContent = this.#topic(channel);
    document.title = name ? `${name} · ${t("app.title")}` : t("app.title");
    this.opener.querySelector(".badge-dot").hidden = !room.unread.size;
  }

  #topic(channel) {
    const { room } = this;
    if (channel?.parent) return t("thread.in", { channel: room.channelName(channel.parent) });
    if (channel?.type === DIRECT) return t("direct.topic", { bot: channel.name });
    if (channel && channel.guild === room.elsewhere?.id)
      return t("elsewhere.topic", { bot: room.theBot().name });
    return channel?.topic ?? t("rehearsal");
  }

  /* The focus stays where it was when the lists are made anew. */
  #fill(id, rows) {
    const list = this.root.querySelector(`#${id}`);
    list.parentElement.hidden = !rows.length;
    const focused = list.contains(document.activeElement)
      ? document.activeElement.dataset.id
      : null;
    list.replaceChildren(...rows.map((parts) => h("li", {}, parts)));
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  /* The channels of a place, each with its threads under it; archived ones come last. */
  #places(fits) {
    const all = [...this.room.channels.values()];
    const under = (id) =>
      all
        .filter(({ parent }) => parent === id)
        .sort((a, b) => Number(a.archived) - Number(b.archived))
        .map((thread) => h("li", {}, this.#channel(thread)));
    return all
      .filter((channel) => !channel.parent && fits(channel))
      .map((channel) => {
        const threads = under(channel.id);
        return [
          this.#channel(channel),
          threads.length ? h("ul", { class: "threads" }, threads) : null,
        ];
      });
  }

  #channel({ id, name, type, archived }) {
    const unread = this.room.unread.has(id);
    const enter = () => {
      this.room.enter(id);
      this.#toggle(false);
    };
    const look = ["row", unread && "unread", archived && "archived"].filter(Boolean).join(" ");
    return h(
      "button",
      {
        type: "button",
        class: look,
        "data-id": id,
        "aria-current": id === this.room.channel && "page",
        onclick: enter,
      },
      icon(ICONS[type] ?? "channel"),
      h("span", { class: "row-name" }, name),
      archived && h("span", { class: "presence plain-note" }, t("thread.archived")),
      unread && h("span", { class: "dot", role: "img", "aria-label": t("unread") }),
    );
  }

  #person(person) {
    const choose = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.acts.become(person.id);
      this.#toggle(false);
    };
    const href = `?person=${encodeURIComponent(person.id)}`;
    const mine = person.id === this.room.me.id;
    const row = h(
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
      h(
        "span",
        { class: "row-name" },
        person.name,
        h("small", { class: "row-note" }, standing(person)),
      ),
    );
    const label = t("rights.title", { person: person.name });
    return [row, tool("rights", label, () => this.acts.rights(person.id))];
  }

  #bot(bot) {
    const online = this.room.bot.online && this.room.linked;
    const write = () => {
      this.acts.direct();
      this.#toggle(false);
    };
    return h(
      "button",
      {
        type: "button",
        class: online ? "row bot online" : "row bot",
        "data-id": bot.id,
        title: t("bot.write", { bot: bot.name }),
        onclick: write,
      },
      avatar(bot),
      h("span", { class: "row-name" }, bot.name),
      h("span", { class: "presence" }, t(online ? "bot.online" : "bot.offline")),
    );
  }
}

/* A person's roles, then what they may beyond most people, and what they may not. */
function standing({ owner, roles = [], may = {} }) {
  if (owner) return [t("rights.is.owner"), ...roles].join(" · ");
  const odd = Object.entries(may).map(([permission, held]) => {
    const right = t(`may.${permission}`);
    if (permission.startsWith("MANAGE")) return held && right;
    return !held && t("rights.without", { right });
  });
  return [...roles, ...odd.filter(Boolean)].join(" · ");
}
