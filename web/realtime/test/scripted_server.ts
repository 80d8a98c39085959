import type { ClientEvent, ServerEvent } from "../src/index.js";

type Answer = ServerEvent | Omit<ServerEvent, "timestamp">;

/** One connection as the server sees it. */
export class Connection {
  readonly url: string;
  readonly protocols: string[];
  readonly received: ClientEvent[] = [];
  closedByClient = false;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  // As the client sees it.
  send(text: string): void {
    this.received.push(JSON.parse(text) as ClientEvent);
  }

  close(): void {
    this.closedByClient = true;
  }

  // As the server does it.
  say(event: Answer): void {
    this.sayText(JSON.stringify({ timestamp: "2031-05-04T10:00:00.000000Z", ...event }));
  }

  sayText(data: unknown): void {
    this.onmessage?.({ data });
  }

  hello(epoch = "first"): void {
    this.say({
      type: "hello",
      connection_id: "c1",
      user_id: 7,
      epoch,
      heartbeat_seconds: 25,
      server_time: "2031-05-04T10:00:00.000000Z",
    });
  }

  subscribed(room_id: number, up_to: number): void {
    this.say({ type: "subscribed", room_id, status: "complete", up_to });
  }

  message(room_id: number, seq: number, more: { client_id?: string; sender?: number; content?: string } = {}): void {
    this.say({
      type: "message",
      id: seq + 100,
      seq,
      room_id,
      content: more.content ?? `number ${seq}`,
      client_id: more.client_id ?? null,
      sender: { id: more.sender ?? 8, username: "bea", full_name: null },
      file_id: null,
    });
  }

  /** The file of the message with the number `seq` was deleted. */
  updated(room_id: number, seq: number, change_seq: number): void {
    this.say({
      type: "message_updated",
      id: seq + 100,
      seq,
      change_seq,
      created_at: "2031-05-04T10:00:00.000000Z",
      room_id,
      content: `number ${seq}`,
      client_id: null,
      sender: { id: 8, username: "bea", full_name: null },
      file_id: 40,
      file: null,
      file_deleted: true,
    });
  }

  shut(code: number): void {
    this.onclose?.({ code });
  }

  /** What came of one type, in order. */
  of<Type extends ClientEvent["type"]>(type: Type): Extract<ClientEvent, { type: Type }>[] {
    return this.received.filter((event) => event.type === type) as Extract<ClientEvent, { type: Type }>[];
  }
}

/** A server that does what a test says: each connection of the client is kept for it. */
export class ScriptedServer {
  readonly connections: Connection[] = [];
  readonly network = new EventTarget();

  readonly WebSocket = ((server: ScriptedServer) =>
    class {
      constructor(url: string, protocols: string[]) {
        const connection = new Connection(url, protocols);
        server.connections.push(connection);
        // biome-ignore lint/correctness/noConstructorReturn: the client holds the very object that the test holds
        return connection;
      }
    })(this) as unknown as typeof globalThis.WebSocket;

  get last(): Connection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error("nobody has connected");
    return connection;
  }
}
