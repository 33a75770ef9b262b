/* What this person can see: people, channels, commands and messages, as the server told them. */

const EPHEMERAL = 64;
const THINKING = 128;
const DIRECT = 1;
const TYPING_LASTS = 10_000;

export const isEphemeral = (message) => Boolean(message.flags & EPHEMERAL);
export const isThinking = (message) => Boolean(message.flags & THINKING);

/**
 * The room's memory. Dispatches `world` (everything changed), `message` ({message, fresh}),
 * `gone` ({id}), `channel`, `channels`, `commands`, `typing`, `bot`, `link`, `form` ({id, form})
 * and `failure` ({text}).
 */
export class Store extends EventTarget {
  me = null;
  guild = { id: "0", name: "mindjam", roles: [] };
  elsewhere = null;
  people = new Map();
  channels = new Map();
  commands = [];
  bot = { online: true, note: "" };
  linked = true;
  fileLimit = Infinity;
  typing = null;
  channel = null;
  unread = new Set();
  reacted = new Map();
  #messages = new Map();
  #dismissed = new Set();

  /** Take in one event of the socket; types this room does not know are ignored. */
  receive(event) {
    const takers = {
      hello: () => this.#world(event),
      message_create: () => this.#keep(event.message),
      message_update: () => this.#keep(event.message),
      message_delete: () => this.#forget(event.channel_id, event.id),
      commands: () => {
        this.commands = event.commands;
        for (const [id, offered] of Object.entries(event.offered ?? {}))
          Object.assign(this.channels.get(id) ?? {}, { offered });
        this.#tell("commands");
      },
      bot: () => {
        this.bot = { ...this.bot, ...event };
        this.#tell("bot");
      },
      form: () => this.#tell("form", event),
      interaction_failed: () => this.#tell("failure", event),
      channel_update: () => this.#channel(event),
      reactions: () => this.#reacted(event),
      channel_delete: () => this.#channelGone(event.id),
      typing: () => this.#typing(event),
    };
    takers[event.type]?.();
  }

  /** Say whether the socket is open. */
  setLinked(linked) {
    if (linked === this.linked) return;
    this.linked = linked;
    this.#tell("link");
  }

  /** Look at another channel. */
  enter(channelId) {
    this.channel = channelId;
    this.unread.delete(channelId);
    this.#tell("channel");
  }

  /** Hide an ephemeral message for good. */
  dismiss(message) {
    this.#dismissed.add(message.id);
    this.#forget(message.channel_id, message.id);
  }

  /** A channel as people write it: #studio, or @mindjam for one's own channel with the bot. */
  channelName(id = this.channel) {
    const channel = this.channels.get(id);
    if (!channel) return "";
    return channel.type === DIRECT ? `@${channel.name}` : `#${channel.name}`;
  }

  /** The commands that this person can use in the channel being looked at. */
  get offered() {
    const offered = this.channels.get(this.channel)?.offered ?? [];
    return this.commands.filter(({ id }) => offered.includes(id));
  }

  /** Who reacted to a message, as {emoji: [user ids]}. */
  reactions(id) {
    return this.reacted.get(id) ?? {};
  }

  /** The messages of the channel being looked at, oldest first. */
  messages() {
    return [...(this.#messages.get(this.channel)?.values() ?? [])];
  }

  /** A message by id, in whatever channel; undefined if it is not known. */
  find(id) {
    return [...this.#messages.values()].map((channel) => channel.get(id)).find(Boolean);
  }

  /** The first bot in the room, or a stand-in while there is none. */
  theBot() {
    return (
      [...this.people.values()].find((person) => person.bot) ?? {
        id: "",
        name: "mindjam",
        bot: true,
      }
    );
  }

  /** A person by id; people the server did not list are taken from what is known of them. */
  person(id, author = {}) {
    const known = this.people.get(String(id));
    const name = known?.name ?? author.global_name ?? author.username ?? String(id);
    return { id: String(id), bot: Boolean(author.bot), ...known, name };
  }

  #world(hello) {
    const before = this.me?.id;
    this.people = new Map(hello.people.map((person) => [person.id, person]));
    this.me = typeof hello.me === "string" ? this.people.get(hello.me) : hello.me;
    this.guild = { roles: [], ...hello.guild };
    this.elsewhere = hello.elsewhere ?? null;
    this.reacted = new Map(Object.entries(hello.reacted ?? {}));
    this.fileLimit = hello.file_limit ?? Infinity;
    this.channels = new Map(hello.channels.map((channel) => [channel.id, channel]));
    this.commands = hello.commands;
    this.bot = { ...this.bot, ...(hello.bot ?? {}) };
    this.#messages = new Map();
    for (const [channelId, messages] of Object.entries(hello.messages)) {
      const shown = messages.filter((message) => !this.#dismissed.has(message.id));
      this.#messages.set(channelId, new Map(shown.map((message) => [message.id, message])));
    }
    if (before !== this.me.id) this.unread.clear();
    this.typing = null;
    if (!this.channels.has(this.channel)) this.channel = hello.channels[0]?.id ?? null;
    this.#tell("world");
  }

  #keep(message) {
    if (this.#dismissed.has(message.id)) return;
    if (!this.#messages.has(message.channel_id)) this.#messages.set(message.channel_id, new Map());
    const channel = this.#messages.get(message.channel_id);
    const fresh = !channel.has(message.id);
    // Discord's updates may be partial: what they leave out stays as it was.
    channel.set(message.id, { ...channel.get(message.id), ...message });
    if (message.channel_id !== this.channel && fresh) {
      this.unread.add(message.channel_id);
      this.#tell("unread");
    }
    if (this.typing?.user.id === message.author?.id) this.#stopTyping();
    this.#tell("message", { message: channel.get(message.id), fresh });
  }

  /* A channel may come into sight with messages that nobody has told this page of. */
  #channel({ channel, messages = [] }) {
    const known = this.channels.has(channel.id);
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    if (!known) {
      const shown = messages.filter(({ id }) => !this.#dismissed.has(id));
      this.#messages.set(channel.id, new Map(shown.map((message) => [message.id, message])));
    }
    this.#tell("channels");
    if (!known && channel.id === this.channel) this.#tell("channel");
  }

  #reacted({ id, reacted }) {
    this.reacted.set(id, reacted);
    const message = this.find(id);
    if (message) this.#tell("message", { message, fresh: false });
  }

  #channelGone(id) {
    this.channels.delete(id);
    this.#messages.delete(id);
    this.#tell("channels");
    if (id === this.channel) this.enter(this.channels.keys().next().value ?? null);
  }

  #typing({ channel_id, user }) {
    if (user.id === this.me?.id) return;
    clearTimeout(this.typing?.timer);
    const timer = setTimeout(() => this.#stopTyping(), TYPING_LASTS);
    this.typing = { channel: channel_id, user, timer };
    this.#tell("typing");
  }

  #stopTyping() {
    clearTimeout(this.typing?.timer);
    this.typing = null;
    this.#tell("typing");
  }

  #forget(channelId, id) {
    this.#messages.get(channelId)?.delete(id);
    this.#tell("gone", { id });
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
