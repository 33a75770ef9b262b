/* The live connection: one WebSocket at a time, opened again for as long as the page is open. */

const FIRST_WAIT = 400;
const LONGEST_WAIT = 4000;

export class Socket {
  #socket = null;
  #person = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #greeted = false;

  /** `onEvent(event)` gets every event, `onLink(open)` every change of the connection. */
  constructor(onEvent, onLink) {
    this.onEvent = onEvent;
    this.onLink = onLink;
  }

  /** Be this person from now on; null lets the server choose. */
  become(person) {
    this.#person = person;
    this.#wait = FIRST_WAIT;
    this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    const old = this.#socket;
    const address = new URL("socket", document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = this.#person ? `?person=${encodeURIComponent(this.#person)}` : "";
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#greeted = false;
    old?.close();
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#hear(JSON.parse(data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost();
    });
  }

  #hear(event) {
    if (event.type === "hello") {
      this.#greeted = true;
      this.#wait = FIRST_WAIT;
      this.onLink(true);
    }
    this.onEvent(event);
  }

  #lost() {
    this.onLink(false);
    // A restarted room may not know this person any more: after a while, be whoever it offers.
    if (!this.#greeted && this.#wait >= LONGEST_WAIT / 2) this.#person = null;
    this.#timer = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
