import { BackOff } from "./back_off.js";
import { afterClose } from "./close_codes.js";
import { Emitter } from "./emitter.js";
import {
  type ClientEvent,
  type ErrorEvent,
  type Hello,
  type MessageEvent,
  parseEvent,
  type RoomPosition,
  type ServerEvent,
  type Subscribed,
} from "./events.js";
import { Outbox, type OutgoingMessage } from "./outbox.js";
import { Seen } from "./seen.js";

/** `retryAt` is a time as of `Date.now()`. */
export type Status =
  | { state: "idle" }
  | { state: "connecting" }
  | { state: "online" }
  | { state: "waiting"; retryAt: number }
  /** The browser says that there is no network. */
  | { state: "offline" }
  /** It will not come back by itself. */
  | { state: "stopped"; why: "login-ended" | "refused"; code: number };

/** The events of the server by their type, and what the client adds. */
export type RealtimeEvents = { [Event in ServerEvent as Event["type"]]: Event } & {
  status: Status;
  /** The room's history is to be loaded again, by REST: too much was missed. */
  reload: { room_id: number; from_seq: number; reset: boolean };
  /** The server did not take a message, and will not: `code` and `message` say why. */
  rejected: { room_id: number; client_id: string; code: string; message: string };
};

export interface RealtimeOptions {
  /** Of the server's socket: `wss://chat.example.org/api/ws`. */
  url: string;
  /**
   * An access token. With `refused` the server did not take the last one, so it must be a new one. `null` says that there
   * is no login any more; throwing, that it could not be asked for now.
   */
  token: (why: "connect" | "refused") => Promise<string | null>;
  /** For tests: the socket, chance in [0, 1), and where `online` and `offline` happen. */
  WebSocket?: new (
    url: string,
    protocols: string[],
  ) => WebSocket;
  random?: () => number;
  network?: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  /** A message without an `ack` after this is sent again. */
  ackTimeoutMs?: number;
}

interface Subscription {
  /** Null before the server has answered for the first time. */
  seen: Seen | null;
  epoch: string | undefined;
  mustReload: boolean;
}

const HELLO_TIMEOUT_MS = 10_000;
const PONG_TIMEOUT_MS = 10_000;
/** A connection that lasted this long was a good one: the next attempt after it comes soon. */
const STABLE_MS = 10_000;
const ROOMS_A_FRAME = 100;
/** Refused for now: the same message may pass later. */
const PASSING_ERRORS = new Set(["overloaded", "rate_limited", "shutting_down", "storage_unavailable", "storage_full"]);
const PASSING_RETRY_MS = 2_000;
const NORMAL_CLOSE = 1000;
const BROKEN = 1006;

/**
 * One connection to an IzpoChat server that mends itself: it comes back after a loss, gets what was missed, drops what was
 * there already, and sends again what was not acknowledged. Every message of a subscribed room is emitted once.
 */
export class RealtimeClient {
  readonly #options: Required<Pick<RealtimeOptions, "url" | "token" | "WebSocket">> & RealtimeOptions;
  readonly #emitter = new Emitter<RealtimeEvents>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #outbox: Outbox;
  readonly #backOff: BackOff;
  #status: Status = { state: "idle" };
  #socket: WebSocket | null = null;
  #hello: Hello | null = null;
  #helloAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #orderedDelayMs: number | null = null;
  #tokenWasRefused = false;

  constructor(options: RealtimeOptions) {
    this.#options = { WebSocket: globalThis.WebSocket, ...options };
    this.#backOff = new BackOff(options.random ?? Math.random);
    this.#outbox = new Outbox(
      (message) => this.#transmit({ type: "message", ...message }),
      options.ackTimeoutMs ?? 10_000,
    );
  }

  get status(): Status {
    return this.#status;
  }

  /** The messages that wait for the server's word. */
  get unacknowledged(): OutgoingMessage[] {
    return this.#outbox.messages;
  }

  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Connects and stays connected until `close`. Also the way back from `stopped`. */
  connect(): void {
    if (this.#status.state !== "idle" && this.#status.state !== "stopped") return;
    this.#network?.addEventListener("online", this.#onOnline);
    this.#network?.addEventListener("offline", this.#onOffline);
    this.#tokenWasRefused = false;
    this.#open();
  }

  /** Ends it and forgets everything: subscriptions, positions, unsent messages. */
  close(): void {
    this.#stop({ state: "idle" });
    this.#subscriptions.clear();
    this.#outbox.clear();
  }

  /** Does not wait out a delay. */
  retryNow(): void {
    if (this.#status.state === "waiting") this.#open();
  }

  /**
   * Wants the events of a room, now and after each return. With `afterSeq` the messages above it come first. Subscribing
   * again asks the server again, from where the client stands.
   */
  subscribe(roomId: number, afterSeq?: number): void {
    const known = this.#subscriptions.get(roomId);
    const seen = known?.seen ?? (afterSeq === undefined ? null : new Seen(afterSeq));
    this.#subscriptions.set(roomId, { mustReload: false, epoch: this.#hello?.epoch, ...known, seen });
    this.#requestRooms([roomId]);
  }

  unsubscribe(roomId: number): void {
    if (this.#subscriptions.delete(roomId)) this.#transmit({ type: "unsubscribe", room_ids: [roomId] });
  }

  /** Sends a message as soon as there is a connection; `ack` or `rejected` comes back under its `client_id`. */
  send(message: OutgoingMessage): void {
    this.#outbox.add(message);
  }

  /** Takes back a message that was not acknowledged. It may have been posted all the same. */
  cancel(clientId: string): void {
    this.#outbox.remove(clientId);
  }

  /** Says that the user is typing, or not any more. Without a connection it is lost, which is right. */
  setTyping(roomId: number, typing: boolean): void {
    this.#transmit({ type: "typing", room_id: roomId, typing });
  }

  get #network() {
    return this.#options.network ?? (typeof window === "undefined" ? undefined : window);
  }

  readonly #onOnline = (): void => {
    if (this.#status.state === "offline" || this.#status.state === "waiting") this.#open();
  };

  readonly #onOffline = (): void => {
    if (this.#status.state === "idle" || this.#status.state === "stopped") return;
    this.#drop();
    this.#setStatus({ state: "offline" });
  };

  #setStatus(status: Status): void {
    this.#status = status;
    this.#emitter.emit("status", status);
  }

  #open(why: "connect" | "refused" = "connect"): void {
    this.#drop();
    this.#setStatus({ state: "connecting" });
    const attempt = Symbol();
    this.#attempt = attempt;
    const isCurrent = () => this.#attempt === attempt;
    this.#options.token(why).then(
      (token) => {
        if (!isCurrent()) return;
        if (token === null) this.#stop({ state: "stopped", why: "login-ended", code: NORMAL_CLOSE });
        else this.#openSocket(token);
      },
      () => {
        if (isCurrent()) this.#comeBack(false);
      },
    );
  }

  #attempt: symbol | null = null;

  #openSocket(token: string): void {
    // The token must not stand in a URL, which proxies write down.
    const socket = new this.#options.WebSocket(this.#options.url, ["izpochat", `bearer.${token}`]);
    this.#socket = socket;
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#closed(event.code);
    };
    this.#expectWithin(HELLO_TIMEOUT_MS);
  }

  /** Without a sign of life by then, the connection counts as broken. */
  #expectWithin(delayMs: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#closed(BROKEN), delayMs);
  }

  /** The connection is alive: asks again after a while, since a browser shows no sign of the server's own pings. */
  #pingLater(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(
      () => {
        this.#transmit({ type: "ping" });
        this.#expectWithin(PONG_TIMEOUT_MS);
      },
      (this.#hello?.heartbeat_seconds ?? 25) * 1000,
    );
  }

  /** Lets go of the socket and of every timer; what comes from it later is not heard. */
  #drop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#attempt = null;
    this.#hello = null;
    this.#outbox.pause();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSE);
  }

  #stop(status: Status): void {
    this.#drop();
    this.#network?.removeEventListener("online", this.#onOnline);
    this.#network?.removeEventListener("offline", this.#onOffline);
    this.#setStatus(status);
  }

  #closed(code: number): void {
    if (this.#hello && Date.now() - this.#helloAt >= STABLE_MS) this.#backOff.reset();
    this.#drop();
    const what = afterClose(code);
    switch (what) {
      case "stop":
        this.#stop({ state: "stopped", why: "refused", code });
        break;
      case "new-token":
        if (this.#tokenWasRefused) this.#stop({ state: "stopped", why: "login-ended", code });
        else {
          this.#tokenWasRefused = true;
          this.#open("refused");
        }
        break;
      case "reload":
        for (const subscription of this.#subscriptions.values()) {
          subscription.seen = null;
          subscription.mustReload = true;
        }
        this.#comeBack(false);
        break;
      case "return":
      case "return-slowly":
        this.#comeBack(what === "return-slowly");
    }
  }

  #comeBack(slowly: boolean): void {
    const delay = this.#orderedDelayMs ?? this.#backOff.next(slowly);
    this.#orderedDelayMs = null;
    this.#drop();
    this.#retry = setTimeout(() => this.#open(), delay);
    this.#setStatus({ state: "waiting", retryAt: Date.now() + delay });
  }

  #transmit(event: ClientEvent): boolean {
    if (!this.#hello || !this.#socket) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  #requestRooms(roomIds: number[]): void {
    const rooms = roomIds.flatMap((room_id): RoomPosition[] => {
      const subscription = this.#subscriptions.get(room_id);
      if (!subscription) return [];
      const { seen, epoch } = subscription;
      return [{ room_id, ...(seen && { after_seq: seen.position }), ...(seen && epoch !== undefined && { epoch }) }];
    });
    for (let at = 0; at < rooms.length; at += ROOMS_A_FRAME) {
      this.#transmit({ type: "subscribe", rooms: rooms.slice(at, at + ROOMS_A_FRAME) });
    }
  }

  #receive(data: unknown): void {
    const event = parseEvent(data);
    if (!event) return;
    if (this.#hello) this.#pingLater();
    switch (event.type) {
      case "hello":
        this.#greeted(event);
        break;
      case "subscribed":
        this.#subscribed(event);
        break;
      case "message":
        if (!this.#isNew(event)) return;
        break;
      case "message_updated":
        this.#subscriptions.get(event.room_id)?.seen?.add(event.change_seq);
        break;
      case "ack":
        this.#outbox.remove(event.client_id);
        break;
      case "error":
        this.#refused(event);
        break;
      case "membership":
        if (event.action === "removed") this.#forget(event.room_id);
        break;
      case "room_deleted":
        this.#forget(event.room_id);
        break;
      case "reconnect":
        this.#orderedDelayMs = event.delay_ms;
        break;
    }
    this.#emitter.emit(event.type, event as never);
  }

  #greeted(hello: Hello): void {
    this.#hello = hello;
    this.#helloAt = Date.now();
    this.#tokenWasRefused = false;
    this.#pingLater();
    this.#requestRooms([...this.#subscriptions.keys()]);
    this.#outbox.resume();
    this.#setStatus({ state: "online" });
  }

  #subscribed(event: Subscribed): void {
    const subscription = this.#subscriptions.get(event.room_id);
    if (!subscription) return;
    if (event.status === "forbidden") {
      this.#forget(event.room_id);
      return;
    }
    const upTo = event.up_to ?? 0;
    subscription.epoch = this.#hello?.epoch;
    if (event.status === "truncated" || subscription.mustReload) {
      subscription.seen = new Seen(upTo);
      subscription.mustReload = false;
      const from_seq = event.from_seq ?? 0;
      this.#emitter.emit("reload", { room_id: event.room_id, from_seq, reset: event.reset ?? false });
    } else {
      subscription.seen ??= new Seen(upTo);
      subscription.seen.upTo(upTo);
    }
  }

  #isNew(event: MessageEvent): boolean {
    if (event.client_id && event.sender.id === this.#hello?.user_id) this.#outbox.remove(event.client_id);
    return this.#subscriptions.get(event.room_id)?.seen?.add(event.seq) ?? true;
  }

  #refused({ client_id, code, message, room_id, retry_after_ms }: ErrorEvent): void {
    if (client_id === undefined) return;
    if (retry_after_ms !== undefined || PASSING_ERRORS.has(code)) {
      this.#outbox.retryAfter(client_id, retry_after_ms ?? PASSING_RETRY_MS);
    } else if (this.#outbox.remove(client_id)) {
      this.#emitter.emit("rejected", { room_id: room_id ?? 0, client_id, code, message });
    }
  }

  #forget(roomId: number): void {
    this.#subscriptions.delete(roomId);
    this.#outbox.removeRoom(roomId);
  }
}
