/* Reactions under a message: who gave them, giving one, taking it back. */

import { sendReaction } from "./api.js";
import { h } from "./element.js";
import { foldout } from "./foldouts.js";
import { t } from "./i18n.js";

const OFFERED = ["👍", "🔥", "❤️", "😂", "🎵", "👎"];

async function react(message, emoji, on, room, failed) {
  try {
    await sendReaction({ person: room.me.id, message: message.id, emoji, on });
  } catch (error) {
    failed(error.message);
  }
}

/** The smile beside a message that unfolds a few emoji. */
export function reactionMenu(message, room, failed) {
  const entries = OFFERED.map((emoji) => [
    emoji,
    () => react(message, emoji, true, room, failed),
    t("message.react.with", { emoji }),
  ]);
  return foldout("smile", t("message.react"), entries, "more-list emoji-list");
}

/** The row of reactions that a message has; null when there is none. */
export function reactionRow(message, room, failed) {
  const given = Object.entries(room.reactions(message.id));
  if (!given.length) return null;
  const chips = given.map(([emoji, users]) => {
    const mine = users.includes(room.me.id);
    const names = users.map((id) => room.person(id).name).join(", ");
    return h(
      "button",
      {
        type: "button",
        class: "reaction",
        title: names,
        "aria-pressed": String(mine),
        "aria-label": t("message.reacted", { emoji, people: names }),
        "data-custom-id": `react ${emoji}`,
        onclick: () => react(message, emoji, !mine, room, failed),
      },
      h("span", { class: "emoji" }, emoji),
      h("span", {}, users.length),
    );
  });
  return h("div", { class: "reactions" }, chips);
}
