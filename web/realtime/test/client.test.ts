import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RealtimeClient, type RealtimeOptions, type Status } from "../src/index.js";
import { ScriptedServer } from "./scripted_server.js";

let server: ScriptedServer;
let client: RealtimeClient;
let statuses: Status["state"][];

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

/** The token and the socket come by promises. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function connect(options: Partial<RealtimeOptions> = {}) {
  client = new RealtimeClient({
    url: "ws://chat.example.org/api/ws",
    token: async () => "t1",
    WebSocket: server.WebSocket,
    network: server.network,
    random: () => 1,
    ...options,
  });
  statuses = [];
  client.on("status", ({ state }) => statuses.push(state));
  client.connect();
  await settle();
}

async function connected(options: Partial<RealtimeOptions> = {}) {
  await connect(options);
  server.last.hello();
}

/** The numbers of the messages that the client gave on. */
function heard(): number[] {
  const numbers: number[] = [];
  client.on("message", ({ seq }) => numbers.push(seq));
  return numbers;
}

const send = (client_id: string, room_id = 3) => client.send({ room_id, content: `says ${client_id}`, client_id });
const sent = () => server.last.of("message").map((event) => event.client_id);

describe("connecting", () => {
  it("shows the token as a subprotocol, never in the URL", async () => {
    await connect();
    expect(server.last.protocols).toEqual(["izpochat", "bearer.t1"]);
    expect(server.last.url).toBe("ws://chat.example.org/api/ws");
  });

  it("is online with hello, not before", async () => {
    await connect();
    expect(statuses).toEqual(["connecting"]);
    server.last.hello();
    expect(statuses).toEqual(["connecting", "online"]);
  });

  it("comes back when no hello comes", async () => {
    await connect();
    await after(10_000);
    expect(client.status.state).toBe("waiting");
    expect(server.last.closedByClient).toBe(true);
  });

  it("comes back when the token cannot be asked for", async () => {
    const token = vi.fn().mockRejectedValueOnce(new Error("no network")).mockResolvedValue("t2");
    await connect({ token });
    expect(client.status.state).toBe("waiting");
    await after(1_000);
    expect(server.last.protocols).toContain("bearer.t2");
  });

  it("stops when there is no login", async () => {
    await connect({ token: async () => null });
    expect(client.status).toEqual({ state: "stopped", why: "login-ended", code: 1000 });
    expect(server.connections).toHaveLength(0);
  });

  it("does not open a socket that was closed while the token was asked for", async () => {
    let give = (_: string) => {};
    await connect({ token: () => new Promise((resolve) => (give = resolve)) });
    client.close();
    give("t1");
    await settle();
    expect(server.connections).toHaveLength(0);
    expect(client.status.state).toBe("idle");
  });

  it("does not mind frames that it does not know", async () => {
    await connected();
    for (const frame of ["", "{", "null", "[]", '"text"', '{"type":"something new"}', new ArrayBuffer(2)]) {
      server.last.sayText(frame);
    }
    expect(client.status.state).toBe("online");
  });
});

describe("close codes", () => {
  it.each([1000, 1001, 1006, 1012, 4001, 4002, 4003, 4999])("comes back soon after %i", async (code) => {
    await connected();
    server.last.shut(code);
    expect(client.status.state).toBe("waiting");
    await after(1_000);
    expect(server.connections).toHaveLength(2);
  });

  it.each([1011, 1013, 4429])("comes back after %i, but not before ten seconds", async (code) => {
    await connected();
    server.last.shut(code);
    await after(9_999);
    expect(server.connections).toHaveLength(1);
    await after(1);
    expect(server.connections).toHaveLength(2);
  });

  it.each([1002, 1003, 1007, 1009, 4403, 4404])("does not come back after %i", async (code) => {
    await connected();
    server.last.shut(code);
    await after(3_600_000);
    expect(server.connections).toHaveLength(1);
    expect(client.status).toEqual({ state: "stopped", why: "refused", code });
  });

  it.each([1008, 4401])("comes back at once after %i with a new token", async (code) => {
    const token = vi.fn(async (why: string) => (why === "refused" ? "t2" : "t1"));
    await connected({ token });
    server.last.shut(code);
    await settle();
    expect(server.connections).toHaveLength(2);
    expect(server.last.protocols).toContain("bearer.t2");
  });

  it.each([1008, 4401])("stops after %i when there is no new token", async (code) => {
    await connected({ token: async (why) => (why === "refused" ? null : "t1") });
    server.last.shut(code);
    await settle();
    expect(client.status).toMatchObject({ state: "stopped", why: "login-ended" });
  });

  it("stops when the new token is not taken either", async () => {
    await connect();
    server.last.shut(1008);
    await settle();
    server.last.shut(1008);
    await after(3_600_000);
    expect(server.connections).toHaveLength(2);
    expect(client.status).toEqual({ state: "stopped", why: "login-ended", code: 1008 });
  });

  it("can be started again after it stopped", async () => {
    await connected();
    server.last.shut(1009);
    client.connect();
    await settle();
    server.last.hello();
    expect(client.status.state).toBe("online");
  });

  it("loads everything again after 4002", async () => {
    await connected();
    client.subscribe(3);
    server.last.subscribed(3, 20);
    const reloads: unknown[] = [];
    client.on("reload", (reload) => reloads.push(reload));
    server.last.shut(4002);
    await after(1_000);
    server.last.hello();
    expect(server.last.of("subscribe")[0]?.rooms).toEqual([{ room_id: 3 }]);
    server.last.subscribed(3, 25);
    expect(reloads).toEqual([{ room_id: 3, from_seq: 0, reset: false }]);
  });
});

describe("backing off", () => {
  it("waits longer after each failure, half a minute at most", async () => {
    await connect();
    for (const delay of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = server.connections.length;
      server.last.shut(1006);
      await after(delay - 1);
      expect(server.connections).toHaveLength(before);
      await after(1);
      expect(server.connections).toHaveLength(before + 1);
    }
  });

  it("leaves up to half of the delay to chance", async () => {
    await connect({ random: () => 0 });
    server.last.shut(1006);
    await after(500);
    expect(server.connections).toHaveLength(2);
  });

  it("begins anew after a connection that lasted", async () => {
    await connect();
    server.last.shut(1006);
    await after(1_000);
    server.last.shut(1006);
    await after(2_000);
    server.last.hello();
    await after(10_000);
    server.last.shut(1006);
    await after(1_000);
    expect(server.connections).toHaveLength(4);
  });

  it("does not begin anew after one that broke at once", async () => {
    await connected();
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    server.last.shut(1006);
    await after(1_999);
    expect(server.connections).toHaveLength(2);
    await after(1);
    expect(server.connections).toHaveLength(3);
  });

  it("comes back when the server said it should", async () => {
    await connected();
    server.last.say({ type: "reconnect", delay_ms: 4_321 });
    server.last.shut(1012);
    await after(4_320);
    expect(server.connections).toHaveLength(1);
    await after(1);
    expect(server.connections).toHaveLength(2);
  });

  it("does not wait when the user does not want to", async () => {
    await connected();
    server.last.shut(1013);
    client.retryNow();
    await settle();
    expect(server.connections).toHaveLength(2);
    await after(60_000);
    expect(server.connections.length).toBeGreaterThan(2); // no hello came: the usual way again
  });
});

describe("the network of the browser", () => {
  it("lets go when it goes, and comes back with it", async () => {
    await connected();
    const first = server.last;
    server.network.dispatchEvent(new Event("offline"));
    expect(client.status.state).toBe("offline");
    expect(first.closedByClient).toBe(true);
    await after(3_600_000);
    expect(server.connections).toHaveLength(1);
    server.network.dispatchEvent(new Event("online"));
    await settle();
    expect(server.connections).toHaveLength(2);
  });

  it("shortens a wait when it comes back", async () => {
    await connected();
    server.last.shut(1013);
    server.network.dispatchEvent(new Event("online"));
    await settle();
    expect(server.connections).toHaveLength(2);
  });

  it("is not listened to after close", async () => {
    await connected();
    client.close();
    server.network.dispatchEvent(new Event("offline"));
    server.network.dispatchEvent(new Event("online"));
    await settle();
    expect(client.status.state).toBe("idle");
    expect(server.connections).toHaveLength(1);
  });
});

describe("signs of life", () => {
  it("asks for one after each heartbeat, and is content with any event", async () => {
    await connected();
    await after(25_000);
    expect(server.last.of("ping")).toHaveLength(1);
    server.last.say({ type: "pong" });
    await after(24_999);
    expect(server.last.of("ping")).toHaveLength(1);
    await after(1);
    expect(server.last.of("ping")).toHaveLength(2);
    expect(client.status.state).toBe("online");
  });

  it("takes silence for a broken connection", async () => {
    await connected();
    await after(35_000);
    expect(client.status.state).toBe("waiting");
    expect(server.last.closedByClient).toBe(true);
  });

  it("hears nothing more from a connection that it let go", async () => {
    await connected();
    const first = server.last;
    const numbers = heard();
    await after(35_000);
    first.message(3, 1);
    first.shut(1009);
    expect(numbers).toEqual([]);
    expect(client.status.state).toBe("waiting");
  });
});

describe("rooms", () => {
  it("are subscribed to with the first hello, and later at once", async () => {
    await connect();
    client.subscribe(3);
    expect(server.last.received).toEqual([]);
    server.last.hello();
    client.subscribe(4, 17);
    expect(server.last.of("subscribe").map(({ rooms }) => rooms)).toEqual([
      [{ room_id: 3 }],
      [{ room_id: 4, after_seq: 17, epoch: "first" }],
    ]);
  });

  it("go into as many frames as needed", async () => {
    await connect();
    for (let room = 1; room <= 205; room += 1) client.subscribe(room);
    server.last.hello();
    expect(server.last.of("subscribe").map(({ rooms }) => rooms.length)).toEqual([100, 100, 5]);
  });

  it("go on from the last number after a broken connection", async () => {
    await connected();
    client.subscribe(3);
    server.last.subscribed(3, 10);
    const numbers = heard();
    server.last.message(3, 11);
    server.last.message(3, 12);
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    expect(server.last.of("subscribe")[0]?.rooms).toEqual([{ room_id: 3, after_seq: 12, epoch: "first" }]);
    server.last.message(3, 13);
    server.last.subscribed(3, 13);
    server.last.message(3, 14);
    expect(numbers).toEqual([11, 12, 13, 14]);
  });

  it("show the lineage that their number was counted under, until the server has answered", async () => {
    await connected();
    client.subscribe(3);
    server.last.subscribed(3, 10);
    server.last.shut(1006);
    await after(1_000);
    server.last.hello("second");
    expect(server.last.of("subscribe")[0]?.rooms).toEqual([{ room_id: 3, after_seq: 10, epoch: "first" }]);
    const reloads: unknown[] = [];
    client.on("reload", (reload) => reloads.push(reload));
    server.last.say({ type: "subscribed", room_id: 3, status: "truncated", up_to: 4, from_seq: 1, reset: true });
    expect(reloads).toEqual([{ room_id: 3, from_seq: 1, reset: true }]);
    const numbers = heard();
    server.last.message(3, 5);
    expect(numbers).toEqual([5]);
    server.last.shut(1006);
    await after(2_000);
    server.last.hello("second");
    expect(server.last.of("subscribe")[0]?.rooms).toEqual([{ room_id: 3, after_seq: 5, epoch: "second" }]);
  });

  it("do not show a message twice", async () => {
    await connected();
    client.subscribe(3, 0);
    const numbers = heard();
    for (const seq of [1, 2, 2, 1, 3, 3]) server.last.message(3, seq);
    expect(numbers).toEqual([1, 2, 3]);
  });

  it("show what comes out of order, and ask again for what is missing", async () => {
    await connected();
    client.subscribe(3, 0);
    const numbers = heard();
    for (const seq of [1, 3, 4]) server.last.message(3, seq);
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    expect(server.last.of("subscribe")[0]?.rooms[0]?.after_seq).toBe(1);
    for (const seq of [2, 3, 4]) server.last.message(3, seq);
    server.last.subscribed(3, 4);
    server.last.message(3, 5);
    expect(numbers).toEqual([1, 3, 4, 2, 5]);
  });

  it("count a change of a message too, and go on after it", async () => {
    await connected();
    client.subscribe(3, 10);
    const changes: number[] = [];
    client.on("message_updated", ({ seq, change_seq }) => changes.push(seq, change_seq));
    const numbers = heard();
    server.last.message(3, 11);
    server.last.updated(3, 4, 12);
    server.last.message(3, 13);
    expect(changes).toEqual([4, 12]);
    expect(numbers).toEqual([11, 13]);
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    expect(server.last.of("subscribe")[0]?.rooms[0]?.after_seq).toBe(13);
  });

  it("show a change that is told twice both times: it says how the message is now", async () => {
    await connected();
    client.subscribe(3, 10);
    const changes: number[] = [];
    client.on("message_updated", ({ change_seq }) => changes.push(change_seq));
    server.last.updated(3, 4, 11);
    server.last.updated(3, 4, 11);
    expect(changes).toEqual([11, 11]);
  });

  it("are forgotten when they are refused, left or deleted", async () => {
    await connected();
    for (const room of [1, 2, 3, 4, 5]) client.subscribe(room);
    server.last.say({ type: "subscribed", room_id: 1, status: "forbidden" });
    server.last.say({ type: "membership", room_id: 2, action: "removed" });
    server.last.say({ type: "room_deleted", room_id: 3 });
    client.unsubscribe(4);
    expect(server.last.of("unsubscribe")).toEqual([{ type: "unsubscribe", room_ids: [4] }]);
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    expect(server.last.of("subscribe")[0]?.rooms).toEqual([{ room_id: 5 }]);
  });
});

describe("sending", () => {
  it("waits for the connection, in order", async () => {
    await connect();
    send("a");
    send("b");
    expect(server.last.received).toEqual([]);
    server.last.hello();
    expect(sent()).toEqual(["a", "b"]);
  });

  it("is over with the ack", async () => {
    await connected();
    const acks: unknown[] = [];
    client.on("ack", ({ client_id, seq }) => acks.push([client_id, seq]));
    send("a");
    server.last.say({ type: "ack", room_id: 3, client_id: "a", id: 501, seq: 9 });
    await after(20_000);
    expect(sent()).toEqual(["a"]);
    expect(acks).toEqual([["a", 9]]);
    expect(client.unacknowledged).toEqual([]);
  });

  it("goes on under the same client_id when no ack comes", async () => {
    await connected({ ackTimeoutMs: 3_000 });
    send("a");
    await after(3_000);
    expect(sent()).toEqual(["a", "a"]);
    server.last.say({ type: "ack", room_id: 3, client_id: "a", id: 501, seq: 9 });
    await after(10_000);
    expect(sent()).toEqual(["a", "a"]);
  });

  it("goes on under the same client_id on the next connection", async () => {
    await connected();
    send("a");
    server.last.shut(1006);
    send("b");
    await after(1_000);
    server.last.hello();
    expect(sent()).toEqual(["a", "b"]);
  });

  it("is over when the message itself comes back in a replay", async () => {
    await connected();
    send("a");
    server.last.shut(1006);
    await after(1_000);
    server.last.hello();
    server.last.message(3, 9, { client_id: "a", sender: 7 });
    expect(client.unacknowledged).toEqual([]);
  });

  it("is not over when somebody else uses the same client_id", async () => {
    await connected();
    send("a");
    server.last.message(3, 9, { client_id: "a", sender: 8 });
    expect(client.unacknowledged).toHaveLength(1);
  });

  it("is over when it is refused", async () => {
    await connected();
    const refused: unknown[] = [];
    client.on("rejected", (event) => refused.push(event));
    send("a");
    server.last.say({ type: "error", message: "Too long.", code: "validation_error", room_id: 3, client_id: "a" });
    await after(20_000);
    expect(sent()).toEqual(["a"]);
    expect(refused).toEqual([{ room_id: 3, client_id: "a", code: "validation_error", message: "Too long." }]);
  });

  it("waits as long as the server says when there were too many", async () => {
    await connected();
    send("a");
    const refusal = { type: "error", message: "Slowly.", code: "rate_limited", room_id: 3, client_id: "a" } as const;
    server.last.say({ ...refusal, retry_after_ms: 1_500 });
    await after(1_499);
    expect(sent()).toEqual(["a"]);
    await after(1);
    expect(sent()).toEqual(["a", "a"]);
  });

  it.each(["overloaded", "shutting_down", "storage_unavailable"])("tries again after %s", async (code) => {
    await connected();
    send("a");
    server.last.say({ type: "error", message: "Not now.", code, room_id: 3, client_id: "a" });
    await after(2_000);
    expect(sent()).toEqual(["a", "a"]);
  });

  it("can be taken back", async () => {
    await connect();
    send("a");
    client.cancel("a");
    server.last.hello();
    expect(sent()).toEqual([]);
  });

  it("says what is typed only to a connection", async () => {
    await connect();
    client.setTyping(3, true);
    server.last.hello();
    client.setTyping(3, false);
    expect(server.last.of("typing")).toEqual([{ type: "typing", room_id: 3, typing: false }]);
  });
});

describe("listeners", () => {
  it("do not keep each other from hearing", async () => {
    await connected();
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    client.on("message", () => {
      throw new Error("a listener's own bug");
    });
    const numbers = heard();
    server.last.message(3, 1);
    expect(numbers).toEqual([1]);
    expect(report).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it("do not keep each other from hearing where there is no reportError, as in Node", async () => {
    await connected();
    vi.stubGlobal("reportError", undefined);
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
    client.on("message", () => {
      throw new Error("a listener's own bug");
    });
    const numbers = heard();
    server.last.message(3, 1);
    expect(numbers).toEqual([1]);
    expect(() => later[0]?.()).toThrow("a listener's own bug");
    vi.unstubAllGlobals();
  });

  it("can leave", async () => {
    await connected();
    const numbers: number[] = [];
    const leave = client.on("message", ({ seq }) => numbers.push(seq));
    server.last.message(3, 1);
    leave();
    server.last.message(3, 2);
    expect(numbers).toEqual([1]);
  });
});
