/* What Discord itself says in a channel: pins, and threads that were started. */

import { h, icon } from "./element.js";
import { t } from "./i18n.js";

const PINNED = 6;
const STARTED = 18;
const STARTER = 21;

/** A button that leads into a thread, with its name; `room` is the Store. */
export function threadLink(id, name, room) {
  const label = t("thread.open", { name });
  return h(
    "button",
    {
      type: "button",
      class: "thread-link",
      "aria-label": label,
      "data-custom-id": `thread ${id}`,
      onclick: () => room.enter(id),
    },
    icon("thread"),
    h("span", {}, name),
  );
}

/** The sentence of a system message, as an element; null for what people and bots write. */
export function systemLine(message, person, room) {
  if (message.type === PINNED)
    return h("p", { class: "system" }, icon("pin"), t("system.pinned", { person: person.name }));
  if (message.type === STARTER) return h("p", { class: "system" }, t("system.starter"));
  if (message.type !== STARTED) return null;
  const id = message.message_reference.channel_id;
  const name = room.channels.get(id)?.name ?? message.content;
  return h(
    "p",
    { class: "system" },
    t("system.thread", { person: person.name }),
    threadLink(id, name, room),
  );
}
