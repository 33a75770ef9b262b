/* Files under a message: players, pictures, and everything else as a card to download. */

import { player } from "./audio.js";
import { h, icon, local, served, tool } from "./element.js";
import { t } from "./i18n.js";

const SOUND = /\.(wav|mp3|ogg|oga|opus|flac|m4a|aac)$/i;
const PICTURE = /\.(png|jpe?g|gif|webp|avif)$/i;

/** A number of bytes in words: 320 KB, 1.2 MB. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  if (count < 1000 * 1024) return `${Math.max(1, Math.round(count / 1024))} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}

/** What a file is, by its content type or else by its name: audio, image or file. */
export function kindOf({ content_type: type = "", filename = "" }) {
  if (type?.startsWith("audio/") || SOUND.test(filename)) return "audio";
  return type?.startsWith("image/") || PICTURE.test(filename) ? "image" : "file";
}

function picture(attachment) {
  const { filename, width, height, description } = attachment;
  const image = h("img", {
    src: local(attachment.url),
    alt: description ?? filename,
    width,
    height,
    loading: "lazy",
  });
  return h(
    "a",
    { class: "picture", href: local(attachment.url), target: "_blank", rel: "noopener" },
    image,
  );
}

function card(attachment) {
  const name = attachment.filename;
  return h(
    "a",
    {
      class: "file-card",
      href: local(attachment.url),
      download: name,
      "aria-label": t("file.download", { name }),
    },
    icon("file"),
    h("span", { class: "file-name" }, name),
    h("span", { class: "file-size" }, bytes(attachment.size)),
    icon("download"),
  );
}

/** The element for one attachment; files on other hosts are linked, never loaded. */
export function attachmentView(attachment) {
  const kind = served(attachment.url) ? kindOf(attachment) : "file";
  if (kind === "audio") return player(attachment, bytes(attachment.size));
  return kind === "image" ? picture(attachment) : card(attachment);
}

/** A file about to be sent, with a button to take it away again. */
export function pendingFile(file, remove) {
  return h(
    "span",
    { class: "pending-file" },
    icon(kindOf({ content_type: file.type, filename: file.name }) === "audio" ? "wave" : "file"),
    h("span", { class: "file-name" }, file.name),
    h("span", { class: "file-size" }, bytes(file.size)),
    tool("close", t("file.remove", { name: file.name }), remove),
  );
}
