// What travels over `GET /api/ws`, field for field: docs/protocol.md says what each means.

export interface Sender {
  id: number;
  username: string;
  full_name: string | null;
}

export interface AttachedFile {
  id: number;
  original_filename: string;
  public_url: string;
  content_type: string;
  file_size: number;
  /** Of an image as it is shown, in pixels, where the server could read them. */
  width?: number | null;
  height?: number | null;
  /** Smaller images of it, of at most 320 and 1,280 pixels on each side; null or missing: the server makes none. */
  thumbnail_url?: string | null;
  preview_url?: string | null;
}

export interface Hello {
  type: "hello";
  timestamp: string;
  connection_id: string | number;
  user_id: number;
  epoch: string;
  heartbeat_seconds: number;
  server_time: string;
}

export interface Subscribed {
  type: "subscribed";
  timestamp: string;
  room_id: number;
  status: "complete" | "truncated" | "forbidden";
  up_to?: number;
  from_seq?: number;
  reset?: boolean;
}

export interface MessageEvent {
  type: "message";
  /** When it was posted: the message's `created_at`. */
  timestamp: string;
  id: number;
  seq: number;
  client_id?: string | null;
  content: string;
  room_id: number;
  sender: Sender;
  file_id: number | null;
  file?: AttachedFile | null;
  /** The file of `file_id` was deleted since. */
  file_deleted?: boolean;
}

/** A message that was posted before, whole, as it is now. Who does not have it ignores this. */
export interface MessageUpdated extends Omit<MessageEvent, "type"> {
  type: "message_updated";
  /** The number that the change took in the room; `seq` stays that of the message. */
  change_seq: number;
  created_at: string;
}

export interface Ack {
  type: "ack";
  timestamp: string;
  room_id: number;
  client_id: string;
  id: number;
  seq: number;
}

export interface UsersOnline {
  type: "users_online";
  timestamp: string;
  room_id: number;
  users: number[];
  count: number;
  truncated?: boolean;
}

export interface UserJoined {
  type: "user_joined";
  timestamp: string;
  room_id: number;
  user_id: number;
  username: string;
}

export interface UserLeft extends Omit<UserJoined, "type"> {
  type: "user_left";
}

export interface Typing extends Omit<UserJoined, "type"> {
  type: "typing";
  typing: boolean;
}

export interface ErrorEvent {
  type: "error";
  timestamp: string;
  /** For people. */
  message: string;
  /** For programs: docs/errors.md. */
  code: string;
  room_id?: number;
  client_id?: string;
  retry_after_ms?: number;
}

export interface Pong {
  type: "pong";
  timestamp: string;
}

export interface Membership {
  type: "membership";
  timestamp: string;
  room_id: number;
  action: "added" | "removed";
  room?: Record<string, unknown>;
}

export interface RoomUpdated {
  type: "room_updated";
  timestamp: string;
  room: { id: number } & Record<string, unknown>;
}

export interface RoomDeleted {
  type: "room_deleted";
  timestamp: string;
  room_id: number;
}

export interface MemberAdded {
  type: "member_added";
  timestamp: string;
  room_id: number;
  user: { id: number } & Record<string, unknown>;
}

export interface MemberRemoved {
  type: "member_removed";
  timestamp: string;
  room_id: number;
  user_id: number;
}

export interface Reconnect {
  type: "reconnect";
  timestamp: string;
  delay_ms: number;
}

export type ServerEvent =
  | Hello
  | Subscribed
  | MessageEvent
  | MessageUpdated
  | Ack
  | UsersOnline
  | UserJoined
  | UserLeft
  | Typing
  | ErrorEvent
  | Pong
  | Membership
  | RoomUpdated
  | RoomDeleted
  | MemberAdded
  | MemberRemoved
  | Reconnect;

export interface RoomPosition {
  room_id: number;
  after_seq?: number;
  epoch?: string;
}

export type ClientEvent =
  | { type: "subscribe"; rooms: RoomPosition[] }
  | { type: "unsubscribe"; room_ids: number[] }
  | { type: "message"; room_id: number; content: string; file_id?: number; client_id: string }
  | { type: "typing"; room_id: number; typing: boolean }
  | { type: "ping" };

/** The event in a frame, or null for what is no JSON object with a `type`. */
export function parseEvent(text: unknown): ServerEvent | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    const isEvent = typeof value === "object" && value !== null && "type" in value;
    return isEvent ? (value as ServerEvent) : null;
  } catch {
    return null;
  }
}
