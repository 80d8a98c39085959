import { describe, expect, it } from "vitest";
import { placeInList } from "../src/room/placeInList";
import type { ChatMessage } from "../src/state/timeline";

const ME = 7;

function message(seq: number, minute: number, sender = 8, day = 4): ChatMessage {
  return {
    key: `#${seq}`,
    id: seq,
    seq,
    clientId: null,
    content: "",
    sender: { id: sender, username: `user${sender}`, full_name: null },
    createdAt: new Date(2031, 4, day, 10, minute).toISOString(),
    fileId: null,
    file: null,
    fileDeleted: false,
    state: "sent",
  };
}

const place = (before: ChatMessage | undefined, now: ChatMessage, unreadFrom = Number.POSITIVE_INFINITY) =>
  placeInList(before, now, unreadFrom, ME);

describe("a message in the list", () => {
  it("starts the day when it is the first, or the first of its day", () => {
    expect(place(undefined, message(1, 0)).startsDay).toBe(true);
    expect(place(message(1, 0, 8, 3), message(2, 0)).startsDay).toBe(true);
    expect(place(message(1, 0), message(2, 59)).startsDay).toBe(false);
  });

  it("goes on for the same person within five minutes of the same day", () => {
    expect(place(message(1, 0), message(2, 4)).goesOn).toBe(true);
    expect(place(message(1, 0), message(2, 5)).goesOn).toBe(false);
    expect(place(message(1, 0, 9), message(2, 1)).goesOn).toBe(false);
    expect(place(undefined, message(2, 1)).goesOn).toBe(false);
  });

  it("starts what is unread once, and names its sender again", () => {
    expect(place(message(1, 0), message(2, 1), 1)).toEqual({ startsDay: false, startsUnread: true, goesOn: false });
    expect(place(message(2, 1), message(3, 1), 1).startsUnread).toBe(false);
    expect(place(message(1, 0), message(2, 1), 2).startsUnread).toBe(false);
  });

  it("is never news when it is one's own", () => {
    expect(place(message(1, 0), message(2, 1, ME), 1).startsUnread).toBe(false);
  });
});
