/* One message: who, when, what, and what hangs below it. */

import { attachmentView } from "./attachments.js";
import { avatar, colorOf } from "./avatar.js";
import { onMessages, onPeople } from "./commands.js";
import { componentViews } from "./components.js";
import { h, icon } from "./element.js";
import { embedView } from "./embeds.js";
import { locale, t } from "./i18n.js";
import { markdown, plain } from "./markdown.js";
import { toolbar } from "./messagecommands.js";
import { reactionRow } from "./reactions.js";
import { isEphemeral, isThinking } from "./store.js";
import { systemLine, threadLink } from "./systemlines.js";
import { moment } from "./timestamps.js";

const EXCERPT = 140;

/** A message in the log. `actions` has `reply(message)`, `show(id)` and `failed(text)`. */
export class MessageView {
  #files = new Map();
  #slots = Object.fromEntries(
    ["context", "face", "above", "attachments", "below", "tools"].map((name) => [
      name,
      h("div", { class: name }),
    ]),
  );

  constructor(message, room, actions) {
    this.room = room;
    this.actions = actions;
    const { context, face, above, attachments, below, tools } = this.#slots;
    const body = h("div", { class: "body" }, above, attachments, below);
    this.node = h(
      "article",
      { class: "message", "data-id": message.id, tabindex: "-1" },
      context,
      face,
      body,
      tools,
    );
    this.update(message);
  }

  /** Show the message as it is now; players of files it keeps go on playing. */
  update(message) {
    this.message = message;
    const focused = this.node.contains(document.activeElement)
      ? document.activeElement.dataset.customId
      : null;
    this.node.classList.toggle("ephemeral", isEphemeral(message));
    this.node.classList.toggle(
      "mine",
      (message.mentions ?? []).some(({ id }) => id === this.room.me?.id),
    );
    const parts = {
      context: this.#context(),
      face: avatar(this.#author()),
      above: this.#above(),
      below: this.#below(),
      tools: this.#tools(),
    };
    for (const [name, part] of Object.entries(parts))
      this.#slots[name].replaceChildren(...[part].flat().filter(Boolean));
    this.#showFiles();
    // The log is read aloud when a message arrives, not with every percent of its progress.
    requestAnimationFrame(() => this.node.setAttribute("aria-live", "off"));
    if (focused) this.node.querySelector(`[data-custom-id="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Moving a playing <audio> in the document stops it: files that stay are not touched. */
  #showFiles() {
    const attachments = this.message.attachments ?? [];
    for (const [id, node] of this.#files) {
      if (attachments.some((attachment) => attachment.id === id)) continue;
      node.remove();
      this.#files.delete(id);
    }
    for (const attachment of attachments) {
      if (this.#files.has(attachment.id)) continue;
      const node = attachmentView(attachment);
      this.#files.set(attachment.id, node);
      this.#slots.attachments.append(node);
    }
  }

  #author() {
    const { author } = this.message;
    return this.room.person(author.id, author);
  }

  #context() {
    const { message } = this;
    const answered = message.message_reference?.message_id;
    if (answered) return this.#replyLine(this.room.find(answered) ?? message.referenced_message);
    const who = message.interaction_metadata?.user ?? message.interaction?.user;
    const command = message.interaction?.name ?? message.interaction_metadata?.name;
    if (!who || message.message_reference) return null;
    const person = this.room.person(who.id, who);
    const parts = {
      "{person}": named(person),
      "{command}": h("span", { class: "mention" }, this.#typed(command)),
    };
    const words = t("message.used").split(/(\{\w+\})/);
    const sentence = words.map((word) => parts[word] ?? word);
    return h("div", { class: "origin" }, avatar(person), h("span", {}, sentence));
  }

  #typed(command) {
    const { commands } = this.room;
    const picked = [...onMessages(commands), ...onPeople(commands)].some(
      ({ name }) => name === command,
    );
    return picked ? command : `/${command ?? "…"}`;
  }

  #replyLine(original) {
    if (!original)
      return h("div", { class: "origin gone" }, icon("reply"), t("message.reply.gone"));
    const person = this.room.person(original.author.id, original.author);
    const text = plain(original.content ?? "", this.room).slice(0, EXCERPT);
    const excerpt =
      text ||
      original.embeds?.[0]?.title ||
      original.attachments?.[0]?.filename ||
      t("message.reply.clip");
    return h(
      "button",
      { class: "origin", type: "button", onclick: () => this.actions.show(original.id) },
      avatar(person),
      named(person),
      h("span", { class: "excerpt" }, excerpt),
    );
  }

  #above() {
    const { message, room } = this;
    const author = this.#author();
    const badge = author.bot && h("span", { class: "badge" }, t("message.bot"));
    return [
      h("header", {}, named(author), badge, moment(new Date(message.timestamp), "t")),
      systemLine(message, author, room) ??
        (isThinking(message) ? thinking(author) : this.#text()),
      ...(message.embeds ?? []).map((embed) => embedView(embed, message, room)),
    ];
  }

  #below() {
    const { thread } = this.message;
    return [
      ...componentViews(this.message, this.room, this.actions.failed),
      thread && threadLink(thread.id, thread.name, this.room),
      reactionRow(this.message, this.room, this.actions.failed),
      isEphemeral(this.message) && this.#onlyYou(),
    ];
  }

  #text() {
    const { content, edited_timestamp: edited } = this.message;
    if (!content && !edited) return null;
    const node = h("div", { class: "text" }, markdown(content ?? "", this.room));
    if (!edited) return node;
    const when = new Date(edited).toLocaleString(locale());
    const mark = h("span", { class: "edited", title: when }, `(${t("message.edited")})`);
    const last = node.lastChild;
    (last?.matches?.("small") ? last : node).append(mark);
    return node;
  }

  #onlyYou() {
    const dismiss = h(
      "button",
      { type: "button", class: "plain", onclick: () => this.room.dismiss(this.message) },
      t("message.dismiss"),
    );
    return h("p", { class: "only-you" }, icon("eye"), t("message.only"), " · ", dismiss);
  }

  #tools() {
    if (isEphemeral(this.message) || isThinking(this.message)) return null;
    return toolbar(this.message, this.room, this.actions);
  }
}

function named(person) {
  const node = h("span", { class: "name" }, person.name);
  node.style.setProperty("--face", colorOf(person));
  return node;
}

function thinking(author) {
  const bars = h(
    "span",
    { class: "equalizer", "aria-hidden": "true" },
    [1, 2, 3, 4, 5].map(() => h("i")),
  );
  return h(
    "div",
    { class: "thinking", role: "status" },
    bars,
    t("message.thinking", { bot: author.name }),
  );
}
