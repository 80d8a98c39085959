import { isSameDay } from "../common/format";
import type { ChatMessage } from "../state/timeline";

/** What stands around a message because of the one before it. */
export interface Place {
  startsDay: boolean;
  startsUnread: boolean;
  /** The same person goes on: name and picture are not said again. */
  goesOn: boolean;
}

const SAME_BREATH_MS = 5 * 60_000;

export function placeInList(
  before: ChatMessage | undefined,
  message: ChatMessage,
  unreadFrom: number,
  myId: number,
): Place {
  const startsDay = before === undefined || !isSameDay(before.createdAt, message.createdAt);
  const isUnread = message.seq !== null && message.seq > unreadFrom && message.sender.id !== myId;
  const startsUnread = isUnread && before !== undefined && (before.seq ?? 0) <= unreadFrom;
  const goesOn =
    !startsDay &&
    !startsUnread &&
    before.sender.id === message.sender.id &&
    Date.parse(message.createdAt) - Date.parse(before.createdAt) < SAME_BREATH_MS;
  return { startsDay, startsUnread, goesOn };
}
