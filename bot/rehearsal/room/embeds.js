/* Embeds: the framed cards a bot can attach to its words. */

import { h, local, served } from "./element.js";
import { t } from "./i18n.js";
import { markdown } from "./markdown.js";
import { moment } from "./timestamps.js";

const web = (url) => (/^https?:\/\//.test(url ?? "") ? url : null);

function linked(address, ...children) {
  if (!web(address)) return children;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/* `attachment://name` stands for a file of the same message. */
function address(media, message) {
  const inside = /^attachment:\/\/(.+)$/.exec(media.url)?.[1];
  if (!inside) return media.url;
  return message.attachments?.find(({ filename }) => filename === inside)?.url;
}

function image(media, className, message) {
  const url = media && address(media, message);
  if (!web(url)) return null;
  if (!served(url)) return h("p", { class: className }, linked(url, t("image.elsewhere")));
  return h("img", {
    class: className,
    src: local(url),
    alt: "",
    width: media.width,
    height: media.height,
    loading: "lazy",
  });
}

function field({ name, value, inline }, room) {
  return h(
    "div",
    { class: inline ? "embed-field inline" : "embed-field" },
    h("dt", {}, markdown(name, room)),
    h("dd", {}, markdown(value, room)),
  );
}

function footer(embed) {
  const date = embed.timestamp && moment(new Date(embed.timestamp), "f");
  if (!embed.footer && !date) return null;
  return h("footer", {}, embed.footer?.text, embed.footer && date ? " · " : null, date);
}

/** One embed of a message. */
export function embedView(embed, message, room) {
  const node = h(
    "section",
    { class: "embed" },
    embed.author && h("p", { class: "embed-author" }, linked(embed.author.url, embed.author.name)),
    embed.title && h("p", { class: "embed-title" }, linked(embed.url, markdown(embed.title, room))),
    embed.description && h("div", { class: "embed-text" }, markdown(embed.description, room)),
    embed.fields?.length > 0 &&
      h(
        "dl",
        {},
        embed.fields.map((each) => field(each, room)),
      ),
    image(embed.image, "embed-image", message),
    image(embed.thumbnail, "embed-thumbnail", message),
    footer(embed),
  );
  if (embed.color)
    node.style.setProperty("--edge", `#${embed.color.toString(16).padStart(6, "0")}`);
  return node;
}
