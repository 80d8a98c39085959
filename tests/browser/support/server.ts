import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { waitUntil } from "./waiting.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = resolve(process.env.IZPOCHAT_BINARY ?? join(ROOT, "build/release/izpochat"));

// So that a test which is not about them need not wait.
const IMPATIENT = { PRESENCE_GRACE_SECONDS: "0", MESSAGES_PER_SECOND: "0" };

/** Below the range for outgoing connections, so that none of these takes it between a kill and a restart. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(18_000, 32_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((done) => {
      probe.once("error", () => done(false));
      probe.listen(port, "127.0.0.1", () => done(true));
    });
    await new Promise((done) => probe.close(done));
    if (isFree) return port;
  }
}

/** The real binary as a child process, with a data directory of its own. */
export class Server {
  readonly url: string;
  readonly #port: number;
  readonly #directory: string;
  readonly #settings: Record<string, string>;
  readonly #usernames = new Map<string, number>();
  #process: ChildProcess | null = null;

  private constructor(directory: string, port: number, settings: Record<string, string>) {
    this.#directory = directory;
    this.#port = port;
    this.#settings = settings;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Returns once it serves. */
  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const directory = await mkdtemp(join(tmpdir(), "izpochat-browser-"));
    const server = new Server(directory, await freePort(), settings);
    await server.restart();
    return server;
  }

  async restart(): Promise<void> {
    const log = await open(join(this.#directory, "server.log"), "a");
    // Nothing of the caller's settings.
    const { PATH, HOME } = process.env;
    this.#process = spawn(BINARY, ["serve"], {
      cwd: this.#directory,
      env: { PATH, HOME, LANG: "C.UTF-8", PORT: String(this.#port), ...IMPATIENT, ...this.#settings },
      stdio: ["ignore", log.fd, log.fd],
    });
    this.#process.on("error", () => undefined); // seen below: it does not serve
    await log.close();
    await waitUntil("the server to serve", async () => {
      if (this.#process?.exitCode !== null || !this.#process.pid) throw new Error(`it ended:\n${await this.log()}`);
      return fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
    });
  }

  /** A username for `name` that no other test gets: `ana`, then `ana2`. */
  freeUsername(name: string): string {
    const letters = name
      .normalize("NFD")
      .toLowerCase()
      .replace(/ /g, ".")
      .replace(/[^a-z.]/g, "")
      .slice(0, 20);
    const count = (this.#usernames.get(letters) ?? 0) + 1;
    this.#usernames.set(letters, count);
    return count === 1 ? letters : letters + count;
  }

  /** Puts people into a room who never do anything: by the API, a thousand of them would take minutes. */
  async addMembers(roomId: number, count: number): Promise<void> {
    await this.#end("SIGTERM");
    const database = new DatabaseSync(join(this.#directory, "data/izpochat.db"));
    const addUser = database.prepare(
      `INSERT INTO users (username, username_key, username_skeleton, email, email_key, hashed_password, created_at)
       VALUES (?1, ?1, ?1, ?1, ?1, '', 0)`,
    );
    const addMember = database.prepare("INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES (?, ?, 0)");
    database.exec("BEGIN");
    for (let number = 1; number <= count; number += 1) {
      addMember.run(roomId, addUser.run(`socia${number}`).lastInsertRowid);
    }
    database.exec("COMMIT");
    database.close();
    await this.restart();
  }

  log(): Promise<string> {
    return readFile(join(this.#directory, "server.log"), "utf8");
  }

  /** As when the power fails. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it as an operator does, and takes its data away. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.#directory, { recursive: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.kill(signal);
    await ended;
  }
}
