/* The room, put together. */

import { openDirect } from "./api.js";
import { Composer } from "./composer.js";
import { h } from "./element.js";
import { receiveFiles } from "./files.js";
import { Forms } from "./forms.js";
import { applyLanguage, t, toggleLanguage } from "./i18n.js";
import { Log } from "./log.js";
import { Notices } from "./notices.js";
import { Picker } from "./picker.js";
import { Rights } from "./rights.js";
import { Sidebar } from "./sidebar.js";
import { Socket } from "./socket.js";
import { Store } from "./store.js";

const room = new Store();
const socket = new Socket(
  (event) => room.receive(event),
  (open) => room.setLinked(open),
);
const picker = new Picker(document.querySelector("#picker"));
const composer = new Composer(room, document.querySelector("#composer"), picker);

/* Each tab is its own person; the address says which, so that it survives a reload. */
function become(id) {
  history.replaceState(null, "", `?person=${encodeURIComponent(id)}`);
  socket.become(id);
}

function tryExample() {
  if (composer.command("compose", { prompt: t("welcome.example") })) return;
  composer.leave("/");
}

function welcome() {
  const bot = room.theBot().name;
  const channel = room.channels.get(room.channel);
  if (channel?.parent || channel?.type === 1)
    return h("section", { class: "welcome plain-welcome" }, h("h2", {}, room.channelName()));
  return h(
    "section",
    { class: "welcome" },
    h("h2", {}, t("welcome.title", { channel: room.channelName() })),
    h("p", {}, t("welcome.text", { bot })),
    h(
      "button",
      { type: "button", class: "example", onclick: tryExample },
      h("span", { class: "example-prompt" }, `/compose ${t("welcome.example")}`),
      h("span", { class: "example-go" }, t("welcome.try")),
    ),
  );
}

async function direct() {
  try {
    const { id } = await openDirect(room.me.id);
    room.enter(id);
  } catch (error) {
    composer.say(error.message);
  }
}

const rights = new Rights(room);
new Sidebar(room, document.querySelector("#sidebar"), {
  become,
  direct,
  rights: (id) => rights.open(id),
});
new Forms(room, () => composer.focus());
new Notices(room, document.querySelector("#notices"));
new Log(room, document.querySelector("#log"), {
  welcome,
  reply: (message) => composer.replyTo(message),
});
receiveFiles(document.body, (files) => composer.accept(files));
document.querySelector("#language").addEventListener("click", toggleLanguage);

/* Whoever starts typing means the message box. */
document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  const writes = key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;
  if (writes && target.matches("body, .scroller, .message")) composer.focus();
});
room.addEventListener("world", () => matchMedia("(hover: hover)").matches && composer.focus(), {
  once: true,
});
const typing = document.querySelector("#typing");
for (const type of ["typing", "channel", "world"]) {
  room.addEventListener(type, () => {
    const here = room.typing?.channel === room.channel;
    typing.textContent = here ? t("typing", { person: room.typing.user.name }) : "";
  });
}
applyLanguage();
socket.become(new URLSearchParams(location.search).get("person"));
