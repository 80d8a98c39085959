export interface OutgoingMessage {
  room_id: number;
  content: string;
  file_id?: number;
  client_id: string;
}

interface Entry {
  message: OutgoingMessage;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Messages that were not acknowledged yet, in the order in which they were sent. Each goes out again, under the same
 * `client_id`, when its acknowledgement does not come, and on every new connection; the server posts it once.
 */
export class Outbox {
  readonly #entries = new Map<string, Entry>();
  readonly #transmit: (message: OutgoingMessage) => boolean;
  readonly #patienceMs: number;

  /** `transmit` returns false while there is no connection. */
  constructor(transmit: (message: OutgoingMessage) => boolean, patienceMs: number) {
    this.#transmit = transmit;
    this.#patienceMs = patienceMs;
  }

  get messages(): OutgoingMessage[] {
    return [...this.#entries.values()].map((entry) => entry.message);
  }

  add(message: OutgoingMessage): void {
    if (this.#entries.has(message.client_id)) return;
    const entry = { message };
    this.#entries.set(message.client_id, entry);
    this.#send(entry);
  }

  /** Forgets a message, since it was posted, refused or taken back. False when it was not here. */
  remove(clientId: string): boolean {
    clearTimeout(this.#entries.get(clientId)?.timer);
    return this.#entries.delete(clientId);
  }

  removeRoom(roomId: number): void {
    for (const { message } of this.#entries.values()) if (message.room_id === roomId) this.remove(message.client_id);
  }

  retryAfter(clientId: string, delayMs: number): void {
    const entry = this.#entries.get(clientId);
    if (entry) this.#sendLater(entry, delayMs);
  }

  /** There is a connection: everything goes out (again). */
  resume(): void {
    for (const entry of this.#entries.values()) this.#send(entry);
  }

  /** The connection is gone: nothing is tried before `resume`. */
  pause(): void {
    for (const entry of this.#entries.values()) clearTimeout(entry.timer);
  }

  clear(): void {
    this.pause();
    this.#entries.clear();
  }

  #send(entry: Entry): void {
    clearTimeout(entry.timer);
    if (this.#transmit(entry.message)) this.#sendLater(entry, this.#patienceMs);
  }

  #sendLater(entry: Entry, delayMs: number): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.#send(entry), delayMs);
  }
}
