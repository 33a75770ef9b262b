/* One channel's conversation: the newest stays in sight unless somebody reads above. */

import { h, icon } from "./element.js";
import { onLanguage, t } from "./i18n.js";
import { MessageView } from "./message.js";
import { isEphemeral } from "./store.js";
import { dayName } from "./timestamps.js";

const NEAR = 96;
const SAME_BREATH = 5 * 60 * 1000;

export class Log {
  #views = new Map();
  #pinned = true;

  /** `root` holds the list; `welcome()` makes what stands above the first message. */
  constructor(room, root, { welcome, reply }) {
    this.room = room;
    this.scroller = root.querySelector(".scroller");
    this.list = root.querySelector(".messages");
    this.latest = root.querySelector(".latest");
    this.welcome = welcome;
    this.actions = { reply, show: (id) => this.show(id), failed: (text) => this.failed(text) };
    this.#listen();
  }

  #listen() {
    const { room, scroller } = this;
    room.addEventListener("world", () => this.#refill());
    room.addEventListener("channel", () => this.#refill());
    room.addEventListener("message", ({ detail }) => this.#take(detail));
    room.addEventListener("gone", ({ detail }) => this.#remove(detail.id));
    room.addEventListener("failure", ({ detail }) =>
      this.failed(detail.text || t("message.failed", { bot: room.theBot().name })),
    );
    scroller.addEventListener("scroll", () => {
      this.#pinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
      if (this.#pinned) this.latest.hidden = true;
    });
    this.latest.addEventListener("click", () => this.#toBottom());
    new ResizeObserver(() => this.#pinned && this.#toBottom()).observe(this.list);
    new ResizeObserver(() => this.#pinned && this.#toBottom()).observe(scroller);
    onLanguage(() => this.#translate());
  }

  /** Bring a message into view and let it glow for a moment. */
  show(id) {
    const view = this.#views.get(id);
    if (!view) return;
    view.node.scrollIntoView({
      block: "center",
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
    view.node.classList.remove("glow");
    requestAnimationFrame(() => view.node.classList.add("glow"));
    view.node.focus({ preventScroll: true });
  }

  /** Say that something did not work, below the last message, until it is dismissed. */
  failed(text) {
    const away = h(
      "button",
      { type: "button", class: "plain", onclick: () => notice.remove() },
      t("message.dismiss"),
    );
    const notice = h(
      "div",
      { class: "failure" },
      h("span", {}, text),
      h("small", {}, icon("eye"), t("message.only"), " · ", away),
    );
    this.list.append(notice);
    this.#toBottom();
  }

  #refill() {
    const wanted = this.room.messages();
    const kept = new Set(wanted.map(({ id }) => id));
    for (const id of [...this.#views.keys()]) if (!kept.has(id)) this.#remove(id);
    this.list.querySelectorAll(".failure, .welcome").forEach((node) => node.remove());
    this.list.prepend(this.welcome());
    for (const message of wanted) this.#put(message);
    this.#order(wanted);
    this.#regroup();
    this.#toBottom();
  }

  /* Only what is out of place moves: a player that is moved stops playing. */
  #order(wanted) {
    let place = this.list.querySelector(".message");
    for (const { id } of wanted) {
      const { node } = this.#views.get(id);
      if (node === place) place = place.nextElementSibling;
      else place.before(node);
    }
  }

  #translate() {
    for (const view of this.#views.values()) view.update(view.message);
    const welcome = this.list.querySelector(".welcome");
    welcome?.replaceWith(this.welcome());
    this.#regroup();
  }

  #take({ message, fresh }) {
    if (message.channel_id !== this.room.channel) return;
    this.#put(message);
    if (!fresh) this.#updateReplies(message.id);
    this.#regroup();
    if (this.#pinned || message.author.id === this.room.me.id) this.#toBottom();
    else if (fresh) this.latest.hidden = false;
  }

  #updateReplies(id) {
    for (const view of this.#views.values()) {
      if (view.message.message_reference?.message_id === id) view.update(view.message);
    }
  }

  #put(message) {
    const view = this.#views.get(message.id);
    if (view) {
      view.update(message);
      return;
    }
    const made = new MessageView(message, this.room, this.actions);
    this.#views.set(message.id, made);
    this.list.append(made.node);
  }

  #remove(id) {
    this.#views.get(id)?.node.remove();
    this.#views.delete(id);
    this.#regroup();
  }

  /* Messages of one person in one breath share a face; a new day gets a line. */
  #regroup() {
    let before = null;
    for (const node of this.list.querySelectorAll(".message")) {
      const { message } = this.#views.get(node.dataset.id);
      const date = new Date(message.timestamp);
      const newDay = !before || new Date(before.timestamp).toDateString() !== date.toDateString();
      const own = node.querySelector(".context").hasChildNodes();
      node.classList.toggle("follows", !newDay && !own && inOneBreath(before, message));
      if (newDay) node.dataset.day = dayName(date);
      else delete node.dataset.day;
      before = message;
    }
  }

  #toBottom() {
    this.#pinned = true;
    this.latest.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

function inOneBreath(before, message) {
  if (before.author.id !== message.author.id || before.attachments?.length) return false;
  const pause = new Date(message.timestamp) - new Date(before.timestamp);
  return isEphemeral(before) === isEphemeral(message) && pause < SAME_BREATH;
}
