/* The message box: plain words with files, until a slash turns it into a command. */

import { sendMessage } from "./api.js";
import { bytes, pendingFile } from "./attachments.js";
import { avatar } from "./avatar.js";
import { CommandForm } from "./commandform.js";
import { invocations, matching } from "./commands.js";
import { h } from "./element.js";
import { localized, onLanguage, t } from "./i18n.js";

const TALLEST = 180;

/** Drives `#composer`; the `picker` is the list above it. */
export class Composer {
  #files = [];
  #reply = null;
  #ping = true;
  #command = null;

  constructor(room, root, picker) {
    Object.assign(this, { room, root, picker });
    for (const name of ["form", "text", "face", "tray", "alert", "replying", "chooser"]) {
      this[name] = root.querySelector(`[data-part="${name}"]`);
    }
    this.#listen();
    onLanguage(() => this.#translate());
  }

  #listen() {
    const { form, text, chooser, room } = this;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    text.addEventListener("input", () => this.#typed());
    text.addEventListener("keydown", (event) => this.#key(event));
    text.addEventListener("blur", () => this.picker.close(text));
    text.addEventListener("focus", () => this.#typed());
    chooser.addEventListener("change", () => {
      this.accept([...chooser.files]);
      chooser.value = "";
    });
    this.root
      .querySelector('[data-part="attach"]')
      .addEventListener("click", () => chooser.click());
    for (const type of ["world", "channel"]) room.addEventListener(type, () => this.#moved());
    room.addEventListener("channels", () => this.#translate());
    room.addEventListener("commands", () => document.activeElement === text && this.#typed());
  }

  /** Put the cursor where it belongs: into the command, else into the words. */
  focus() {
    (this.#command ?? this.text).focus();
  }

  /** Start a reply to a message. */
  replyTo(message) {
    this.leave(this.text.value);
    this.#reply = message;
    this.#ping = true;
    this.#showReply();
    this.text.focus();
  }

  /** Take files from the chooser, a drop or the clipboard. */
  accept(files) {
    if (!files.length || this.#command?.accept(files)) return;
    const large = files.find(({ size }) => size > this.room.fileLimit);
    if (large) {
      this.say(t("wrong.large", { name: large.name, limit: bytes(this.room.fileLimit) }));
      return;
    }
    this.#files.push(...files);
    this.#showFiles();
    if (!this.#command) this.text.focus();
  }

  /** Fill in a command by name, if the bot has it; answers are {option: value}. True if it has. */
  command(path, answers) {
    const entry = invocations(this.room.offered).find((each) => each.path === path);
    if (!entry) return false;
    this.#enter(entry);
    for (const [name, value] of Object.entries(answers)) this.#command.fill(name, value);
    this.#command.focus();
    return true;
  }

  /** Go back to plain words, with `text` in the box. */
  leave(text) {
    this.say("");
    this.picker.close();
    this.#command?.node.remove();
    this.#command = null;
    this.form.hidden = false;
    this.text.value = text;
    this.#grow();
    this.text.focus();
  }

  /** One sentence about what is wrong, read aloud; "" takes it away. */
  say(sentence) {
    this.alert.textContent = sentence;
    this.alert.hidden = !sentence;
  }

  #enter(entry, words = "") {
    this.#command?.node.remove();
    this.say("");
    this.#command = new CommandForm(entry, this);
    this.form.hidden = true;
    this.form.before(this.#command.node);
    if (words) this.#command.fillFirst(words);
    if (this.#files.length && this.#command.accept(this.#files)) this.#files = [];
    this.text.value = "";
    this.#showFiles();
    this.#command.focus();
  }

  #typed() {
    const { text, picker } = this;
    this.say("");
    this.#grow();
    const slash = /^\/([^\n]*)$/.exec(text.value);
    if (!slash) {
      picker.close(text);
      return;
    }
    const typed = slash[1];
    const whole = this.#wholeCommand(typed);
    if (whole) {
      this.#enter(whole.entry, whole.words);
      return;
    }
    const found = matching(this.room.offered, typed.trim());
    picker.show(
      text,
      found.map((entry) => this.#item(entry)),
      {
        heading: t("picker.commands"),
        empty: this.room.commands.length ? t("picker.none") : t("picker.empty"),
        take: ({ entry }) => this.#enter(entry),
      },
    );
  }

  /* "/compose " with a space, or with words behind it, is the command itself. */
  #wholeCommand(typed) {
    for (const entry of invocations(this.room.offered)) {
      const name = [entry.path, entry.title].find((each) =>
        typed.toLowerCase().startsWith(`${each.toLowerCase()} `),
      );
      if (name) return { entry, words: typed.slice(name.length + 1).trim() };
    }
    return null;
  }

  #item(entry) {
    const hints = entry.options.map((option) => localized(option));
    return {
      entry,
      label: `/${entry.title}`,
      detail: entry.description,
      hints,
      face: avatar(this.room.theBot()),
    };
  }

  #key(event) {
    if (event.isComposing) return;
    // The focus goes to the command's first field, not on from here.
    if (event.key === "Tab" && this.picker.open) event.preventDefault();
    if (this.picker.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!this.picker.open) this.form.requestSubmit();
    } else if (event.key === "Escape" && this.#reply) {
      this.#reply = null;
      this.#showReply();
    }
  }

  async #send() {
    const content = this.#withMentions(this.text.value.trim());
    const files = this.#files;
    if (!content && !files.length) return;
    const payload = {
      person: this.room.me.id,
      channel: this.room.channel,
      content,
      reply_to: this.#reply?.id,
      ping: this.#ping,
    };
    try {
      await sendMessage(payload, files);
    } catch (error) {
      this.say(error.message);
      return;
    }
    this.#files = [];
    this.#reply = null;
    this.leave("");
    this.#showFiles();
    this.#showReply();
  }

  /* People write @Ada and #studio; Discord writes <@1> and <#2>. */
  #withMentions(content) {
    const { people, channels } = this.room;
    const names = [
      ...[...people.values()].map(({ id, name }) => [`@${name}`, `<@${id}>`]),
      ...[...channels.values()].map(({ id, name }) => [`#${name}`, `<#${id}>`]),
    ].sort((a, b) => b[0].length - a[0].length);
    return names.reduce((text, [name, mention]) => text.replaceAll(name, mention), content);
  }

  #moved() {
    this.face.replaceChildren(avatar(this.room.me));
    this.#reply = null;
    this.#showReply();
    this.#translate();
  }

  #grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, TALLEST)}px`;
    this.root.classList.toggle("ready", Boolean(this.text.value.trim() || this.#files.length));
  }

  #showFiles() {
    const remove = (file) => () => {
      this.#files = this.#files.filter((each) => each !== file);
      this.#showFiles();
    };
    this.tray.hidden = !this.#files.length;
    this.tray.replaceChildren(...this.#files.map((file) => pendingFile(file, remove(file))));
    this.#grow();
  }

  #showReply() {
    this.replying.hidden = !this.#reply;
    if (!this.#reply) return;
    const { author } = this.#reply;
    const cancel = () => {
      this.#reply = null;
      this.#showReply();
      this.text.focus();
    };
    const words = h(
      "span",
      {},
      t("replying", { person: this.room.person(author.id, author).name }),
    );
    const toggle = () => {
      this.#ping = !this.#ping;
      this.#showReply();
      this.replying.querySelector(".ping").focus();
    };
    const ping = h(
      "button",
      { type: "button", class: "plain ping", "aria-pressed": String(this.#ping), onclick: toggle },
      t(this.#ping ? "replying.ping" : "replying.silent"),
    );
    this.replying.replaceChildren(
      words,
      ping,
      h("button", { type: "button", class: "plain", onclick: cancel }, t("replying.cancel")),
    );
  }

  #translate() {
    const mute = this.room.channels.get(this.room.channel)?.may_post === false;
    const channel = this.room.channelName();
    this.text.placeholder = t(mute ? "text.mute" : "text.placeholder", { channel });
    this.#command?.translate();
    this.#showReply();
    this.#showFiles();
  }
}
