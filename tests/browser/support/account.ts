import type { Sent } from "./media.ts";
import type { Server } from "./server.ts";

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

export const PASSWORD = "una-clave-larga";

/** A user by the API: what a test needs before it begins in the browser. */
export class Account {
  readonly server: Server;
  readonly id: number;
  readonly username: string;
  private readonly tokens: Tokens;

  private constructor(server: Server, id: number, username: string, tokens: Tokens) {
    this.server = server;
    this.id = id;
    this.username = username;
    this.tokens = tokens;
  }

  /** Registers `name` under a username that nobody has, and logs in. */
  static async register(server: Server, name: string): Promise<Account> {
    const username = server.freeUsername(name);
    const body = { username, email: `${username}@example.org`, password: PASSWORD, full_name: name };
    const { id } = await request<{ id: number }>(server, "POST", "/api/users/register", body);
    const login = { username, password: PASSWORD };
    return new Account(server, id, username, await request<Tokens>(server, "POST", "/api/users/login", login));
  }

  /** As a browser keeps it (web/app/src/api/session.ts). */
  get session() {
    const { access_token, refresh_token, expires_in } = this.tokens;
    return { accessToken: access_token, refreshToken: refresh_token, renewAt: Date.now() + (expires_in * 1000) / 2 };
  }

  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return request<Answer>(this.server, method, path, body, this.tokens.access_token);
  }

  async makeRoom(name: string, { isPrivate = false, members = [] as Account[], description = "" } = {}) {
    const body = { name, description, is_private: isPrivate };
    const room = await this.call<{ id: number; name: string }>("POST", "/api/rooms/", body);
    for (const { id } of members) await this.call("POST", `/api/rooms/${room.id}/members`, { user_id: id });
    return room;
  }

  post(roomId: number, content: string, fileId?: number) {
    const body = { content, file_id: fileId };
    return this.call<{ id: number; seq: number }>("POST", `/api/rooms/${roomId}/messages`, body);
  }

  async upload({ name, mimeType, buffer }: Sent): Promise<{ id: number; public_url: string }> {
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(buffer)], { type: mimeType }), name);
    const headers = { Authorization: `Bearer ${this.tokens.access_token}` };
    const response = await fetch(`${this.server.url}/api/uploads/`, { method: "POST", headers, body: form });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: number; public_url: string };
  }

  async onlineIn(roomId: number): Promise<number[]> {
    const { online_users } = await this.call<{ online_users: { id: number }[] }>(
      "GET",
      `/api/ws/rooms/${roomId}/online`,
    );
    return online_users.map(({ id }) => id);
  }

  /** Writes many messages at once, over a socket: 100,000 in seconds. */
  async flood(roomId: number, count: number, content: (number: number) => string): Promise<void> {
    const socket = new WebSocket(
      `${this.server.url.replace("http", "ws")}/api/ws/${roomId}?token=${this.tokens.access_token}`,
    );
    const atOnce = 500;
    let sent = 0;
    let seen = 0;
    await new Promise<void>((resolve, reject) => {
      const fill = () => {
        for (; sent < count && sent - seen < atOnce; sent += 1)
          socket.send(JSON.stringify({ content: content(sent + 1) }));
      };
      socket.onclose = ({ code, reason }) => reject(new Error(`closed with ${code} after ${seen} messages: ${reason}`));
      socket.onmessage = ({ data }) => {
        const event = JSON.parse(String(data)) as { type: string; message?: string };
        if (event.type === "error") reject(new Error(event.message));
        if (event.type === "welcome") fill();
        if (event.type !== "message") return;
        seen += 1;
        if (seen === count) resolve();
        else if (sent - seen < atOnce / 2) fill();
      };
    }).finally(() => {
      socket.onclose = null;
      socket.close();
    });
  }
}

async function request<Answer>(
  { url }: Server,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer as Answer;
}
