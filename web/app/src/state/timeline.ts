import type { AttachedFile, MessageEvent, MessageUpdated, Sender } from "@izpochat/realtime";
import type { Message } from "../../generated/api";

// What is shown of one room: pure functions from one Timeline to the next.

export interface ChatMessage {
  /** The same from the moment it is typed until it is read again from history. */
  key: string;
  id: number | null;
  /** Null until the server has numbered it. */
  seq: number | null;
  clientId: string | null;
  content: string;
  sender: Sender;
  createdAt: string;
  fileId: number | null;
  file: AttachedFile | null;
  fileDeleted: boolean;
  state: "sent" | "sending" | "failed";
  /** Why it failed, for people. */
  problem?: string;
}

export interface Timeline {
  /** Ascending by `seq`. */
  sent: readonly ChatMessage[];
  /** Not acknowledged, in the order in which they were written. */
  unsent: readonly ChatMessage[];
  /** How many older ones were put before the first that was loaded: the list's anchor. */
  prepended: number;
  hasOlder: boolean;
  /** Counts fresh starts, after which the list begins anew. */
  generation: number;
}

export const emptyTimeline: Timeline = { sent: [], unsent: [], prepended: 0, hasOlder: true, generation: 0 };

const keyOf = (clientId: string | null, senderId: number, id: number) =>
  clientId ? `${senderId}:${clientId}` : `#${id}`;

export function fromHistory(message: Message): ChatMessage {
  const { id, seq, client_id, content, sender, created_at, file_id, file, file_deleted } = message;
  return {
    key: keyOf(client_id, sender.id, id),
    id,
    seq,
    clientId: client_id,
    content,
    sender,
    createdAt: created_at,
    fileId: file_id,
    file,
    fileDeleted: file_deleted,
    state: "sent",
  };
}

export function fromEvent(event: MessageEvent): ChatMessage {
  const clientId = event.client_id ?? null;
  return {
    key: keyOf(clientId, event.sender.id, event.id),
    id: event.id,
    seq: event.seq,
    clientId,
    content: event.content,
    sender: event.sender,
    createdAt: event.timestamp,
    fileId: event.file_id ?? null,
    file: event.file ?? null,
    fileDeleted: event.file_deleted ?? false,
    state: "sent",
  };
}

export function draftMessage(
  sender: Sender,
  content: string,
  file: AttachedFile | null,
  clientId: string,
): ChatMessage {
  return {
    key: keyOf(clientId, sender.id, 0),
    id: null,
    seq: null,
    clientId,
    content,
    sender,
    createdAt: new Date().toISOString(),
    fileId: file?.id ?? null,
    file,
    fileDeleted: false,
    state: "sending",
  };
}

const bySeq = (left: ChatMessage, right: ChatMessage) => (left.seq ?? 0) - (right.seq ?? 0);

function merged(known: readonly ChatMessage[], fresh: readonly ChatMessage[]): ChatMessage[] {
  const all = new Map(known.map((message) => [message.seq, message]));
  for (const message of fresh) all.set(message.seq, message);
  return [...all.values()].sort(bySeq);
}

function withoutSent(unsent: readonly ChatMessage[], sent: readonly ChatMessage[]): readonly ChatMessage[] {
  const keys = new Set(sent.map((message) => message.key));
  return unsent.some((message) => keys.has(message.key)) ? unsent.filter((message) => !keys.has(message.key)) : unsent;
}

/** A page of history: `isLast` when there is nothing older. */
export function addPage(timeline: Timeline, page: readonly ChatMessage[], isLast: boolean): Timeline {
  const first = timeline.sent[0]?.seq ?? Number.POSITIVE_INFINITY;
  const sent = merged(timeline.sent, page);
  const older = timeline.sent.length === 0 ? 0 : sent.filter((message) => (message.seq ?? 0) < first).length;
  return {
    ...timeline,
    sent,
    unsent: withoutSent(timeline.unsent, page),
    prepended: timeline.prepended + older,
    hasOlder: !isLast,
  };
}

export function addMessage(timeline: Timeline, message: ChatMessage): Timeline {
  const last = timeline.sent.at(-1);
  const isNext = last === undefined || (last.seq ?? 0) < (message.seq ?? 0);
  return {
    ...timeline,
    sent: isNext ? [...timeline.sent, message] : merged(timeline.sent, [message]),
    unsent: withoutSent(timeline.unsent, [message]),
  };
}

/** A message that is there, as it is now; another one is no concern of this timeline. */
export function updateMessage(
  timeline: Timeline,
  { id, content, file, file_id, file_deleted }: MessageUpdated,
): Timeline {
  if (!timeline.sent.some((message) => message.id === id)) return timeline;
  const now = { content, file: file ?? null, fileId: file_id, fileDeleted: file_deleted ?? false };
  return { ...timeline, sent: timeline.sent.map((message) => (message.id === id ? { ...message, ...now } : message)) };
}

export function addUnsent(timeline: Timeline, message: ChatMessage): Timeline {
  const others = timeline.unsent.filter((other) => other.key !== message.key);
  return { ...timeline, unsent: [...others, message] };
}

export function removeUnsent(timeline: Timeline, clientId: string): Timeline {
  return { ...timeline, unsent: timeline.unsent.filter((message) => message.clientId !== clientId) };
}

/** The server has it, under this number. */
export function acknowledge(timeline: Timeline, clientId: string, id: number, seq: number): Timeline {
  const message = timeline.unsent.find((candidate) => candidate.clientId === clientId);
  return message ? addMessage(timeline, { ...message, id, seq, state: "sent" }) : timeline;
}

export function setUnsentState(
  timeline: Timeline,
  clientId: string,
  change: Pick<ChatMessage, "state" | "problem">,
): Timeline {
  return {
    ...timeline,
    unsent: timeline.unsent.map((message) => (message.clientId === clientId ? { ...message, ...change } : message)),
  };
}

/** Forgets what was loaded, not what is on its way out. */
export function startAnew(timeline: Timeline): Timeline {
  return { ...emptyTimeline, unsent: timeline.unsent, generation: timeline.generation + 1 };
}
