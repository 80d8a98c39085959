import type { MessageEvent, MessageUpdated, RealtimeClient, Status, Subscribed } from "@izpochat/realtime";
import type { QueryClient } from "@tanstack/react-query";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { FileUpload, Room, User } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { keys } from "../api/queries";
import { newId } from "../common/ids";
import { Stored } from "./stored";
import {
  acknowledge,
  addMessage,
  addPage,
  addUnsent,
  type ChatMessage,
  draftMessage,
  emptyTimeline,
  fromEvent,
  fromHistory,
  removeUnsent,
  setUnsentState,
  startAnew,
  type Timeline,
  updateMessage,
} from "./timeline";

const PAGE = 50;
/** Who said that they type, and then nothing, is not typing any more. */
const TYPING_LASTS_MS = 6_000;

export interface Presence {
  users: ReadonlySet<number>;
  count: number;
}

type Loading = "no" | "newest" | "older" | "failed";

export interface ChatState {
  status: Status;
  timelines: Readonly<Record<number, Timeline>>;
  loading: Readonly<Record<number, Loading>>;
  /** The highest number known of each room, and the highest that the user has seen. */
  lastSeq: Readonly<Record<number, number>>;
  lastRead: Readonly<Record<number, number>>;
  /** The numbers that changes of messages have taken: nothing to read. */
  changes: Readonly<Record<number, readonly number[]>>;
  presence: Readonly<Record<number, Presence>>;
  /** Rooms that this user may not see any more: asking for them again would only fail. */
  gone: Readonly<Record<number, "removed" | "deleted" | undefined>>;
  /** Names of who is typing, by user. */
  typing: Readonly<Record<number, Readonly<Record<number, string>>>>;
}

/** How many messages of a room the user has not seen. */
export function unreadIn({ lastSeq, lastRead, changes }: ChatState, roomId: number): number {
  const read = lastRead[roomId];
  if (read === undefined) return 0;
  const changed = changes[roomId]?.filter((seq) => seq > read).length ?? 0;
  return Math.max(0, (lastSeq[roomId] ?? 0) - read - changed);
}

type PerRoom = Exclude<keyof ChatState, "status">;

/** A message that waits for the server, as it survives a reload of the page. */
type Waiting = Record<string, { roomId: number; message: ChatMessage }>;

/**
 * What happens in the user's rooms, from the socket and from history, as state for the components. It lives as long as
 * the login; the requests and lists that are no stream of events are in api/queries.
 */
export class Chat {
  /** As it is now: a name may change. */
  me: User;
  readonly store: StoreApi<ChatState>;
  readonly #realtime: RealtimeClient;
  readonly #queries: QueryClient;
  readonly #followed = new Set<number>();
  /** Followed, and their messages are kept. */
  readonly #opened = new Set<number>();
  readonly #typingEnds = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #lastRead: Stored<Record<number, number>>;
  readonly #waiting: Stored<Waiting>;
  readonly #onMessage = new Set<(message: MessageEvent) => void>();
  #wasConnected = false;

  constructor(me: User, realtime: RealtimeClient, queries: QueryClient) {
    this.me = me;
    this.#realtime = realtime;
    this.#queries = queries;
    this.#lastRead = new Stored(`read.${me.id}`, {});
    this.#waiting = new Stored(`unsent.${me.id}`, {});
    this.store = createStore<ChatState>(() => ({
      status: realtime.status,
      timelines: {},
      loading: {},
      lastSeq: {},
      lastRead: this.#lastRead.value,
      changes: {},
      presence: {},
      gone: {},
      typing: {},
    }));
    this.#listen();
    for (const { roomId, message } of Object.values(this.#waiting.value)) {
      this.#change(roomId, (timeline) => addUnsent(timeline, message));
      if (message.state === "sending") this.#transmit(roomId, message);
    }
  }

  start(): void {
    this.#realtime.connect();
  }

  stop(): void {
    this.#realtime.close();
    for (const timer of this.#typingEnds.values()) clearTimeout(timer);
  }

  retryNow(): void {
    this.#realtime.retryNow();
    if (this.#realtime.status.state === "stopped") this.#realtime.connect();
  }

  /** Hears every message of the rooms that are followed, once. */
  onMessage(listener: (message: MessageEvent) => void): () => void {
    this.#onMessage.add(listener);
    return () => this.#onMessage.delete(listener);
  }

  /** Wants to hear of these rooms, from now on. */
  follow(roomIds: readonly number[]): void {
    for (const roomId of roomIds) {
      if (this.#followed.has(roomId)) continue;
      this.#followed.add(roomId);
      this.#realtime.subscribe(roomId);
    }
  }

  unfollow(roomId: number): void {
    if (this.#followed.delete(roomId)) this.#realtime.unsubscribe(roomId);
    this.#opened.delete(roomId);
  }

  /** Shows a room: loads its newest messages, unless they are there. */
  open(roomId: number): void {
    if (this.#opened.has(roomId)) return;
    this.#opened.add(roomId);
    void this.loadNewest(roomId);
  }

  async loadNewest(roomId: number): Promise<void> {
    await this.#load(roomId, "newest", undefined, (timeline, page) => {
      const oldest = page.at(-1)?.seq ?? 0;
      const newest = timeline.sent.at(-1)?.seq ?? 0;
      // Between what is there and the page something may be missing: begin anew.
      const base = timeline.sent.length > 0 && oldest > newest + 1 ? startAnew(timeline) : timeline;
      const isLast = page.length < PAGE || (base.sent.length > 0 && !base.hasOlder);
      return addPage(base, page, isLast);
    });
  }

  async loadOlder(roomId: number): Promise<void> {
    const { timelines, loading } = this.store.getState();
    const timeline = timelines[roomId];
    const before = timeline?.sent[0]?.id;
    if (!timeline?.hasOlder || !before || loading[roomId] === "older" || loading[roomId] === "newest") return;
    await this.#load(roomId, "older", before, (now, page) => addPage(now, page, page.length < PAGE));
  }

  send(roomId: number, content: string, file: FileUpload | null): void {
    const message = draftMessage(this.me, content, file, newId());
    this.#keepWaiting(roomId, message);
    this.#change(roomId, (timeline) => addUnsent(timeline, message));
    this.#transmit(roomId, message);
  }

  retry(roomId: number, message: ChatMessage): void {
    if (!message.clientId) return;
    const again: ChatMessage = { ...message, state: "sending" };
    this.#keepWaiting(roomId, again);
    this.#change(roomId, (timeline) => addUnsent(timeline, again));
    this.#transmit(roomId, again);
  }

  discard(roomId: number, message: ChatMessage): void {
    if (!message.clientId) return;
    this.#realtime.cancel(message.clientId);
    this.#doneWaiting(message.clientId);
    const clientId = message.clientId;
    this.#change(roomId, (timeline) => removeUnsent(timeline, clientId));
  }

  setTyping(roomId: number, typing: boolean): void {
    this.#realtime.setTyping(roomId, typing);
  }

  markRead(roomId: number): void {
    this.#read(roomId, this.store.getState().lastSeq[roomId] ?? 0);
  }

  #listen(): void {
    const realtime = this.#realtime;
    realtime.on("status", (status) => this.store.setState({ status }));
    realtime.on("hello", () => this.#connected());
    realtime.on("subscribed", (event) => this.#subscribed(event));
    realtime.on("reload", ({ room_id }) => this.#reload(room_id));
    realtime.on("message", (event) => this.#received(event));
    realtime.on("message_updated", (event) => this.#updated(event));
    realtime.on("ack", ({ room_id, client_id, id, seq }) => {
      this.#doneWaiting(client_id);
      this.#change(room_id, (timeline) => acknowledge(timeline, client_id, id, seq));
    });
    realtime.on("rejected", ({ room_id, client_id, message }) => this.#rejected(room_id, client_id, message));
    realtime.on("users_online", ({ room_id, users, count }) => {
      this.#set("presence", room_id, { users: new Set(users), count });
    });
    realtime.on("user_joined", ({ room_id, user_id }) => this.#setOnline(room_id, user_id, true));
    realtime.on("user_left", ({ room_id, user_id }) => {
      this.#setOnline(room_id, user_id, false);
      this.#setTyping(room_id, user_id, null);
    });
    realtime.on("typing", ({ room_id, user_id, username, typing }) => {
      this.#setTyping(room_id, user_id, typing ? username : null);
    });
    realtime.on("membership", ({ room_id, action }) => {
      if (action === "removed") {
        this.#forget(room_id, "removed");
        return;
      }
      this.#set("gone", room_id, undefined);
      this.#followed.delete(room_id);
      this.follow([room_id]);
      this.#roomChanged(room_id);
    });
    realtime.on("room_updated", ({ room }) => this.#roomChanged(room.id));
    realtime.on("room_deleted", ({ room_id }) => this.#forget(room_id, "deleted"));
    realtime.on("member_added", ({ room_id }) => this.#roomChanged(room_id));
    realtime.on("member_removed", ({ room_id }) => this.#roomChanged(room_id));
  }

  #connected(): void {
    this.store.setState({ presence: {}, typing: {} });
    // While it was away, rooms and their members may have changed; the lists were read by the first connection.
    if (this.#wasConnected) void this.#queries.invalidateQueries();
    this.#wasConnected = true;
  }

  #received(event: MessageEvent): void {
    const { room_id, seq, sender, client_id } = event;
    if (this.#opened.has(room_id)) this.#change(room_id, (timeline) => addMessage(timeline, fromEvent(event)));
    else if (client_id) this.#change(room_id, (timeline) => removeUnsent(timeline, client_id));
    this.#numbered(room_id, seq);
    this.#setTyping(room_id, sender.id, null);
    if (sender.id === this.me.id) {
      this.#read(room_id, seq);
      if (client_id) this.#doneWaiting(client_id);
    }
    for (const listener of this.#onMessage) listener(event);
  }

  #updated(event: MessageUpdated): void {
    const { room_id, change_seq } = event;
    this.#change(room_id, (timeline) => updateMessage(timeline, event));
    this.#numbered(room_id, change_seq);
    const { lastRead, changes } = this.store.getState();
    if (lastRead[room_id] === change_seq - 1) this.#read(room_id, change_seq);
    else this.#set("changes", room_id, [...(changes[room_id] ?? []), change_seq]);
  }

  #subscribed({ room_id, status, up_to }: Subscribed): void {
    if (status === "forbidden") {
      this.#roomChanged(room_id);
      return;
    }
    const seq = up_to ?? 0;
    this.#numbered(room_id, seq);
    // On this device the user has never been here: what is there is not news.
    if (this.store.getState().lastRead[room_id] === undefined) this.#read(room_id, seq);
    const newest = this.store.getState().timelines[room_id]?.sent.at(-1)?.seq ?? 0;
    if (status === "complete" && this.#opened.has(room_id) && newest < seq) void this.loadNewest(room_id);
  }

  #reload(roomId: number): void {
    const { lastSeq, lastRead } = this.store.getState();
    // After a restore from a backup the numbers begin again below what was read.
    if ((lastRead[roomId] ?? 0) > (lastSeq[roomId] ?? 0)) this.#read(roomId, lastSeq[roomId] ?? 0, true);
    if (!this.#opened.has(roomId)) return;
    this.#change(roomId, startAnew);
    void this.loadNewest(roomId);
  }

  #rejected(roomId: number, clientId: string, problem: string): void {
    this.#change(roomId, (timeline) => setUnsentState(timeline, clientId, { state: "failed", problem }));
    const waiting = this.#waiting.value[clientId];
    if (waiting) this.#keepWaiting(roomId, { ...waiting.message, state: "failed", problem });
  }

  async #load(
    roomId: number,
    what: "newest" | "older",
    before: number | undefined,
    add: (timeline: Timeline, page: ChatMessage[]) => Timeline,
  ): Promise<void> {
    this.#set("loading", roomId, what);
    try {
      const query = before === undefined ? { limit: PAGE } : { limit: PAGE, before };
      const page = await unwrap(api.GET("/api/rooms/{id}/messages", { params: { path: { id: roomId }, query } }));
      this.#change(roomId, (timeline) => add(timeline, page.map(fromHistory)));
      this.#numbered(roomId, page[0]?.seq ?? 0);
      this.#set("loading", roomId, "no");
    } catch {
      this.#set("loading", roomId, "failed");
    }
  }

  #transmit(roomId: number, { clientId, content, fileId }: ChatMessage): void {
    if (!clientId) return;
    this.#realtime.send({ room_id: roomId, content, client_id: clientId, ...(fileId !== null && { file_id: fileId }) });
  }

  #keepWaiting(roomId: number, message: ChatMessage): void {
    if (message.clientId) this.#waiting.value = { ...this.#waiting.value, [message.clientId]: { roomId, message } };
  }

  #doneWaiting(clientId: string): void {
    const { [clientId]: done, ...rest } = this.#waiting.value;
    if (done) this.#waiting.value = rest;
  }

  #change(roomId: number, change: (timeline: Timeline) => Timeline): void {
    this.#set("timelines", roomId, change(this.store.getState().timelines[roomId] ?? emptyTimeline));
  }

  #set<Name extends PerRoom>(name: Name, roomId: number, value: ChatState[Name][number]): void {
    this.store.setState((state) => ({ [name]: { ...state[name], [roomId]: value } }) as Partial<ChatState>);
  }

  #numbered(roomId: number, seq: number): void {
    if (seq > (this.store.getState().lastSeq[roomId] ?? -1)) this.#set("lastSeq", roomId, seq);
  }

  #read(roomId: number, seq: number, evenBack = false): void {
    const known = this.store.getState().lastRead[roomId];
    if (known !== undefined && !evenBack && seq <= known) return;
    this.#set("lastRead", roomId, seq);
    this.#lastRead.value = this.store.getState().lastRead;
  }

  #setOnline(roomId: number, userId: number, isOnline: boolean): void {
    const { users, count } = this.store.getState().presence[roomId] ?? { users: new Set<number>(), count: 0 };
    if (users.has(userId) === isOnline) return;
    const changed = new Set(users);
    if (isOnline) changed.add(userId);
    else changed.delete(userId);
    this.#set("presence", roomId, { users: changed, count: count + (isOnline ? 1 : -1) });
  }

  #setTyping(roomId: number, userId: number, username: string | null): void {
    const timer = `${roomId}:${userId}`;
    clearTimeout(this.#typingEnds.get(timer));
    const { [userId]: before, ...others } = this.store.getState().typing[roomId] ?? {};
    if (username !== null) {
      this.#typingEnds.set(
        timer,
        setTimeout(() => this.#setTyping(roomId, userId, null), TYPING_LASTS_MS),
      );
      if (before !== username) this.#set("typing", roomId, { ...others, [userId]: username });
    } else if (before !== undefined) {
      this.#set("typing", roomId, others);
    }
  }

  #roomChanged(roomId: number): void {
    void this.#queries.invalidateQueries({ queryKey: keys.rooms });
    void this.#queries.invalidateQueries({ queryKey: keys.room(roomId) });
  }

  #forget(roomId: number, why: "removed" | "deleted"): void {
    // A public room may still be looked at by who was removed from it.
    const isGone = why === "deleted" || this.#queries.getQueryData<Room>(keys.room(roomId))?.is_private !== false;
    if (isGone) {
      this.#set("gone", roomId, why);
      void this.#queries.invalidateQueries({ queryKey: keys.rooms });
      this.#queries.removeQueries({ queryKey: keys.room(roomId) });
    } else {
      this.#roomChanged(roomId);
    }
    this.#followed.delete(roomId);
    this.#opened.delete(roomId);
    this.#change(roomId, () => emptyTimeline);
  }
}
