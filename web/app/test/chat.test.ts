// @vitest-environment happy-dom
import { RealtimeClient } from "@izpochat/realtime";
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ScriptedServer } from "../../realtime/test/scripted_server";
import type { User } from "../generated/api";
import { keys } from "../src/api/queries";
import { beginSession, endSession } from "../src/api/session";
import { Chat, unreadIn } from "../src/state/chat";

const ROOM = 3;
const me: User = {
  id: 7,
  username: "ana",
  email: null,
  full_name: null,
  is_active: true,
  created_at: "2031-05-04T10:00:00Z",
  updated_at: null,
};

let server: ScriptedServer;
let chat: Chat;
let queries: QueryClient;
let history: ReturnType<typeof vi.fn>;

/** A page of history as REST gives it, newest first. */
const page = (...numbers: number[]) =>
  new Response(
    JSON.stringify(
      numbers.map((seq) => ({
        id: seq + 100,
        seq,
        client_id: null,
        content: `number ${seq}`,
        sender: { id: 8, username: "bea", full_name: null },
        created_at: "2031-05-04T10:00:00Z",
        file_id: null,
        file: null,
        file_deleted: false,
      })),
    ),
    { headers: { "Content-Type": "application/json" } },
  );

async function begin() {
  const realtime = new RealtimeClient({
    url: "ws://chat.example.org/api/ws",
    token: async () => "t1",
    WebSocket: server.WebSocket,
    network: server.network,
  });
  queries = new QueryClient();
  chat = new Chat(me, realtime, queries);
  chat.start();
  await vi.waitFor(() => server.last);
}

beforeEach(async () => {
  localStorage.clear();
  beginSession({ access_token: "t1", refresh_token: "r1", token_type: "bearer", expires_in: 1800 });
  history = vi.fn(async () => page());
  vi.stubGlobal("fetch", history);
  server = new ScriptedServer();
  await begin();
});

afterEach(() => {
  chat.stop();
  endSession();
  vi.unstubAllGlobals();
});

const state = () => chat.store.getState();
const unread = () => unreadIn(state(), ROOM);
const shown = () => (state().timelines[ROOM]?.sent ?? []).map(({ seq }) => seq);
const unsent = () => (state().timelines[ROOM]?.unsent ?? []).map(({ content, state }) => [content, state]);

function follow(upTo: number) {
  server.last.hello();
  chat.follow([ROOM]);
  server.last.subscribed(ROOM, upTo);
}

describe("what is unread", () => {
  it("begins where the room stands when this device first hears of it", () => {
    follow(40);
    expect(unread()).toBe(0);
    server.last.message(ROOM, 41);
    server.last.message(ROOM, 42);
    expect(unread()).toBe(2);
    chat.markRead(ROOM);
    expect(unread()).toBe(0);
  });

  it("counts what came while the device was away", async () => {
    follow(40);
    chat.stop();
    await begin();
    follow(45);
    expect(unread()).toBe(5);
  });

  it("ends with a message of one's own, from whatever device", () => {
    follow(40);
    server.last.message(ROOM, 41);
    server.last.message(ROOM, 42, { sender: me.id });
    expect(unread()).toBe(0);
  });

  it("is not more by a change of an older message", () => {
    follow(40);
    server.last.updated(ROOM, 7, 41);
    expect(unread()).toBe(0);
    server.last.message(ROOM, 42);
    server.last.updated(ROOM, 8, 43);
    expect(unread()).toBe(1);
    chat.markRead(ROOM);
    expect(unread()).toBe(0);
  });
});

describe("an open room", () => {
  it("shows at once that the file of a message was deleted", async () => {
    follow(2);
    history.mockImplementation(async () => page(2, 1));
    chat.open(ROOM);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2]));
    server.last.updated(ROOM, 1, 3);
    server.last.updated(ROOM, 99, 4); // not loaded: no concern
    const [first, second] = state().timelines[ROOM]?.sent ?? [];
    expect(first).toMatchObject({ seq: 1, fileId: 40, file: null, fileDeleted: true });
    expect(second).toMatchObject({ seq: 2, fileDeleted: false });
    expect(shown()).toEqual([1, 2]);
  });

  it("asks for the lists again after a break, since what changed meanwhile was missed", async () => {
    follow(2);
    const invalidate = vi.spyOn(queries, "invalidateQueries");
    server.last.shut(1012);
    chat.retryNow();
    await vi.waitFor(() => expect(server.connections).toHaveLength(2));
    server.last.hello();
    expect(invalidate).toHaveBeenCalledWith();
  });

  it("joins history and what comes live, in whichever order they come", async () => {
    follow(2);
    history.mockImplementation(async () => page(2, 1));
    chat.open(ROOM);
    server.last.message(ROOM, 3);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2, 3]));
  });

  it("asks again when the connection comes after the history, and something came in between", async () => {
    history.mockImplementation(async () => page(2, 1));
    chat.open(ROOM);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2]));
    history.mockImplementation(async () => page(4, 3, 2, 1));
    follow(4);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2, 3, 4]));
  });

  it("begins anew when too much was missed", async () => {
    history.mockImplementation(async () => page(2, 1));
    chat.open(ROOM);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2]));
    history.mockImplementation(async () => page(5_002, 5_001));
    server.last.hello();
    chat.follow([ROOM]);
    server.last.say({ type: "subscribed", room_id: ROOM, status: "truncated", up_to: 5_002, from_seq: 3 });
    await vi.waitFor(() => expect(shown()).toEqual([5_001, 5_002]));
  });

  it("says when it cannot be loaded, and can be asked again", async () => {
    history.mockRejectedValueOnce(new TypeError("no network"));
    chat.open(ROOM);
    await vi.waitFor(() => expect(state().loading[ROOM]).toBe("failed"));
    history.mockImplementation(async () => page(1));
    await chat.loadNewest(ROOM);
    expect(shown()).toEqual([1]);
    expect(state().loading[ROOM]).toBe("no");
  });

  it("says that it is gone, and does not ask for it again", () => {
    queries.setQueryData(keys.room(ROOM), { id: ROOM, is_private: true });
    follow(1);
    server.last.say({ type: "membership", room_id: ROOM, action: "removed" });
    expect(state().gone[ROOM]).toBe("removed");
    expect(queries.getQueryData(keys.room(ROOM))).toBeUndefined();
    server.last.say({ type: "membership", room_id: ROOM, action: "added" });
    expect(state().gone[ROOM]).toBeUndefined();
    expect(server.last.of("subscribe")).toHaveLength(2);
  });

  it("that is public can still be looked at by who was removed", () => {
    queries.setQueryData(keys.room(ROOM), { id: ROOM, is_private: false });
    follow(1);
    server.last.say({ type: "membership", room_id: ROOM, action: "removed" });
    expect(state().gone[ROOM]).toBeUndefined();
  });
});

describe("what one sends", () => {
  it("is shown at once, and sent when it is acknowledged", () => {
    chat.send(ROOM, "hola", null);
    expect(unsent()).toEqual([["hola", "sending"]]);
    server.last.hello();
    const client_id = server.last.of("message")[0]?.client_id ?? "";
    server.last.say({ type: "ack", room_id: ROOM, client_id, id: 501, seq: 9 });
    expect(unsent()).toEqual([]);
    expect(shown()).toEqual([9]);
  });

  it("survives a reload of the page, under the same client_id", async () => {
    chat.send(ROOM, "hola", null);
    server.last.hello();
    const client_id = server.last.of("message")[0]?.client_id;
    chat.stop();
    await begin();
    expect(unsent()).toEqual([["hola", "sending"]]);
    server.last.hello();
    expect(server.last.of("message").map((event) => event.client_id)).toEqual([client_id]);
  });

  it("can be refused, tried again and discarded", () => {
    chat.send(ROOM, "hola", null);
    server.last.hello();
    const client_id = server.last.of("message")[0]?.client_id ?? "";
    server.last.say({ type: "error", code: "file_not_found", message: "Gone.", room_id: ROOM, client_id });
    expect(unsent()).toEqual([["hola", "failed"]]);
    const [message] = state().timelines[ROOM]?.unsent ?? [];
    if (!message) throw new Error("it is not there");
    chat.retry(ROOM, message);
    expect(unsent()).toEqual([["hola", "sending"]]);
    expect(server.last.of("message").map((event) => event.client_id)).toEqual([client_id, client_id]);
    chat.discard(ROOM, message);
    expect(unsent()).toEqual([]);
  });
});

describe("who is there", () => {
  it("follows those who come and go, and forgets them with the connection", () => {
    follow(1);
    server.last.say({ type: "users_online", room_id: ROOM, users: [7, 8], count: 2 });
    server.last.say({ type: "user_left", room_id: ROOM, user_id: 8, username: "bea" });
    server.last.say({ type: "user_joined", room_id: ROOM, user_id: 9, username: "leo" });
    server.last.say({ type: "user_joined", room_id: ROOM, user_id: 9, username: "leo" });
    expect([...(state().presence[ROOM]?.users ?? [])]).toEqual([7, 9]);
    expect(state().presence[ROOM]?.count).toBe(2);
    server.last.hello();
    expect(state().presence[ROOM]).toBeUndefined();
  });

  it("shows who types until their message is there", () => {
    follow(1);
    server.last.say({ type: "typing", room_id: ROOM, user_id: 8, username: "bea", typing: true });
    expect(state().typing[ROOM]).toEqual({ 8: "bea" });
    server.last.message(ROOM, 2);
    expect(state().typing[ROOM]).toEqual({});
  });
});
