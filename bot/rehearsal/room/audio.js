/* A clip to listen to: the browser's own player under a drawn waveform that can be clicked. */

import { h, icon, local } from "./element.js";
import { t } from "./i18n.js";
import { clock } from "./timestamps.js";

const BUCKETS = 480;
const BAR = 3;
const GAP = 2;
const MOST_BYTES = 32 * 1024 * 1024;
const known = new Map();

/** The loudest sample of each of `BUCKETS` stretches, the loudest of all being 1. */
async function peaks(url) {
  const response = await fetch(url);
  if (!response.ok) return null;
  const bytes = await response.arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 32000).decodeAudioData(bytes);
  const found = new Float32Array(BUCKETS);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    const samples = sound.getChannelData(channel);
    for (let index = 0; index < samples.length; index += 1) {
      const bucket = Math.floor((index * BUCKETS) / samples.length);
      found[bucket] = Math.max(found[bucket], Math.abs(samples[index]));
    }
  }
  const loudest = Math.max(...found, 1e-4);
  return found.map((peak) => peak / loudest);
}

/** Loudness of `count` bars, from the peaks that fall into each. */
function bars(shape, count) {
  if (!shape) return new Float32Array(count);
  return Float32Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * BUCKETS) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * BUCKETS) / count));
    return Math.max(...shape.subarray(from, to));
  });
}

function draw(canvas, shape, played) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const ink = pen.createLinearGradient(0, 0, width, 0);
  ink.addColorStop(0, style.getPropertyValue("--wave-from"));
  ink.addColorStop(1, style.getPropertyValue("--wave-to"));
  const count = Math.floor((width + GAP) / (BAR + GAP));
  bars(shape, count).forEach((loudness, index) => {
    const x = index * (BAR + GAP);
    const tall = Math.max(BAR, loudness ** 0.8 * height);
    pen.fillStyle = ink;
    pen.globalAlpha = (index + 0.5) / count <= played ? 1 : 0.4;
    pen.beginPath();
    pen.roundRect(x, (height - tall) / 2, BAR, tall, BAR / 2);
    pen.fill();
  });
}

/** When the player comes into sight, decode it once and keep the shape for the page's life. */
function whenSeen(node, act) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    act();
  });
  watcher.observe(node);
}

function waveform(audio, url, size) {
  const canvas = h("canvas", { class: "waveform", "aria-hidden": "true" });
  let shape = null;
  const redraw = () => draw(canvas, shape, audio.duration ? audio.currentTime / audio.duration : 0);
  const follow = () => {
    redraw();
    if (!audio.paused) requestAnimationFrame(follow);
  };
  for (const name of ["loadedmetadata", "seeked", "pause", "ended"])
    audio.addEventListener(name, redraw);
  audio.addEventListener("play", follow);
  canvas.addEventListener("click", (event) => {
    if (!audio.duration) return;
    audio.currentTime = (event.offsetX / canvas.clientWidth) * audio.duration;
    audio.play();
  });
  new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  whenSeen(canvas, async () => {
    if (size > MOST_BYTES) return;
    if (!known.has(url))
      known.set(
        url,
        peaks(url).catch(() => null),
      ); // unplayable here: the line stays flat
    shape = await known.get(url);
    canvas.classList.toggle("drawn", shape !== null);
    redraw();
  });
  return canvas;
}

function playAlone(audio) {
  for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
}

/** A player for an audio attachment, `size` in words beside its name. */
export function player(attachment, size) {
  const url = local(attachment.url);
  const name = attachment.filename;
  const label = t("audio.label", { name });
  const audio = h("audio", { controls: true, preload: "metadata", src: url, "aria-label": label });
  const length = h("span", { class: "length" });
  audio.addEventListener("loadedmetadata", () => {
    length.textContent = Number.isFinite(audio.duration) ? `${clock(audio.duration)} · ` : "";
  });
  audio.addEventListener("play", () => playAlone(audio));
  const figure = h(
    "figure",
    { class: "player" },
    h(
      "figcaption",
      {},
      icon("wave"),
      h("span", { class: "file-name", title: name }, name),
      h("span", { class: "file-size" }, length, size),
      h(
        "a",
        {
          class: "tool",
          href: url,
          download: name,
          "aria-label": t("file.download", { name }),
          title: t("file.download", { name }),
        },
        icon("download"),
      ),
    ),
    waveform(audio, url, attachment.size),
    audio,
  );
  audio.addEventListener("play", () => figure.classList.add("playing"));
  for (const stop of ["pause", "ended"])
    audio.addEventListener(stop, () => figure.classList.remove("playing"));
  return figure;
}
