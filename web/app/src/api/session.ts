import type { Tokens } from "../../generated/api";

// The login of this browser: shared by its tabs through localStorage, renewed before it ends and unseen by the user.

export interface Session {
  accessToken: string;
  refreshToken: string;
  /** As of `Date.now()`: renewed from here on, a while before it ends. */
  renewAt: number;
}

const KEY = "izpochat.session";
/** Renewed this long before its end, so that no request under way meets it. */
const MARGIN_MS = 30_000;
/** Another tab must not use a refresh token twice: the server takes that for theft, and ends the login. */
const LOCK = "izpochat.refresh";

type Listener = () => void;
const listeners = new Set<Listener>();

function read(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Session | null;
  } catch {
    return null;
  }
}

let current = read();

function set(session: Session | null): void {
  current = session;
  if (session) localStorage.setItem(KEY, JSON.stringify(session));
  else localStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

window.addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  current = read();
  for (const listener of listeners) listener();
});

export const getSession = (): Session | null => current;

export function onSessionChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function beginSession(tokens: Tokens): void {
  const lifetime = tokens.expires_in * 1000;
  set({
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    renewAt: Date.now() + Math.max(lifetime - MARGIN_MS, lifetime / 2),
  });
}

/** Forgets the login here. What the user typed stays (state/drafts). */
export function endSession(): void {
  set(null);
}

/**
 * An access token that the server should take; `null` when there is no login any more. Throws when the server cannot be
 * reached. `refused` is a token that it did not take: another one is got.
 */
export async function accessToken(refused?: string): Promise<string | null> {
  const isGood = (session: Session) => session.accessToken !== refused && Date.now() < session.renewAt;
  if (!current) return null;
  if (isGood(current)) return current.accessToken;
  return withLock(async () => {
    current = read(); // another tab may have been quicker
    if (!current) return null;
    if (isGood(current)) return current.accessToken;
    return refresh(current);
  });
}

let lastRefresh: Promise<unknown> = Promise.resolve();

// Over plain HTTP a browser has no locks: then at least this tab does one thing at a time.
function withLock<Result>(action: () => Promise<Result>): Promise<Result> {
  if (navigator.locks) return navigator.locks.request(LOCK, action) as Promise<Result>;
  const result = lastRefresh.then(action);
  lastRefresh = result.catch(() => undefined);
  return result;
}

async function refresh(session: Session): Promise<string | null> {
  const response = await fetch("/api/users/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: session.refreshToken }),
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    endSession();
    return null;
  }
  if (!response.ok) throw new Error(`cannot renew the login: ${response.status}`);
  const tokens = (await response.json()) as Tokens;
  beginSession(tokens);
  return tokens.access_token;
}
