import { describe, expect, it } from "vitest";
import {
  acknowledge,
  addMessage,
  addPage,
  addUnsent,
  type ChatMessage,
  draftMessage,
  emptyTimeline,
  removeUnsent,
  setUnsentState,
  startAnew,
} from "../src/state/timeline";

const bea = { id: 8, username: "bea", full_name: null };

function sent(seq: number, clientId: string | null = null): ChatMessage {
  return {
    key: clientId ? `8:${clientId}` : `#${seq}`,
    id: seq,
    seq,
    clientId,
    content: `number ${seq}`,
    sender: bea,
    createdAt: "2031-05-04T10:00:00Z",
    fileId: null,
    file: null,
    fileDeleted: false,
    state: "sent",
  };
}

const draft = (clientId: string) => draftMessage(bea, `says ${clientId}`, null, clientId);
const page = (...numbers: number[]) => numbers.map((seq) => sent(seq));
const numbers = ({ sent }: { sent: readonly ChatMessage[] }) => sent.map((message) => message.seq);

describe("a page of history", () => {
  it("comes newest first and is shown oldest first", () => {
    const timeline = addPage(emptyTimeline, page(9, 8, 7), false);
    expect(numbers(timeline)).toEqual([7, 8, 9]);
    expect(timeline.prepended).toBe(0);
    expect(timeline.hasOlder).toBe(true);
  });

  it("that is older counts what it puts before the rest", () => {
    const timeline = addPage(addPage(emptyTimeline, page(9, 8), false), page(7, 6, 5), true);
    expect(numbers(timeline)).toEqual([5, 6, 7, 8, 9]);
    expect(timeline.prepended).toBe(3);
    expect(timeline.hasOlder).toBe(false);
  });

  it("that overlaps what is there shows nothing twice", () => {
    const timeline = addPage(addPage(emptyTimeline, page(9, 8), false), page(10, 9, 8), false);
    expect(numbers(timeline)).toEqual([8, 9, 10]);
    expect(timeline.prepended).toBe(0);
  });

  it("takes the place of what was sent and never acknowledged", () => {
    const waiting = addUnsent(emptyTimeline, draft("a"));
    const timeline = addPage(waiting, [sent(3, "a")], true);
    expect(timeline.unsent).toEqual([]);
    expect(numbers(timeline)).toEqual([3]);
  });
});

describe("a live message", () => {
  it("goes to the end", () => {
    expect(numbers(addMessage(addPage(emptyTimeline, page(1), true), sent(2)))).toEqual([1, 2]);
  });

  it("that comes late goes where its number says, and once", () => {
    let timeline = addPage(emptyTimeline, page(1), true);
    for (const seq of [3, 2, 3]) timeline = addMessage(timeline, sent(seq));
    expect(numbers(timeline)).toEqual([1, 2, 3]);
  });
});

describe("a message of one's own", () => {
  it("is shown at once, after all that is numbered", () => {
    const timeline = addMessage(addUnsent(emptyTimeline, draft("a")), sent(4));
    expect(timeline.unsent.map((message) => message.state)).toEqual(["sending"]);
    expect(numbers(timeline)).toEqual([4]);
  });

  it("keeps its key through ack and echo, so that it does not flicker", () => {
    const written = draft("a");
    const acknowledged = acknowledge(addUnsent(emptyTimeline, written), "a", 501, 4);
    expect(acknowledged.unsent).toEqual([]);
    expect(acknowledged.sent).toMatchObject([{ key: written.key, id: 501, seq: 4, state: "sent" }]);
    const echoed = addMessage(acknowledged, sent(4, "a"));
    expect(echoed.sent).toMatchObject([{ key: written.key, seq: 4 }]);
  });

  it("is over with the echo when the ack was lost", () => {
    const timeline = addMessage(addUnsent(emptyTimeline, draft("a")), sent(4, "a"));
    expect(timeline.unsent).toEqual([]);
    expect(numbers(timeline)).toEqual([4]);
  });

  it("is not changed by an ack for another", () => {
    const timeline = addUnsent(emptyTimeline, draft("a"));
    expect(acknowledge(timeline, "b", 1, 1)).toBe(timeline);
  });

  it("can fail, be tried again, and be taken back", () => {
    let timeline = addUnsent(addUnsent(emptyTimeline, draft("a")), draft("b"));
    timeline = setUnsentState(timeline, "a", { state: "failed", problem: "Too long." });
    expect(timeline.unsent).toMatchObject([
      { clientId: "a", state: "failed", problem: "Too long." },
      { state: "sending" },
    ]);
    timeline = addUnsent(timeline, draft("a"));
    expect(timeline.unsent.map(({ clientId, state }) => [clientId, state])).toEqual([
      ["b", "sending"],
      ["a", "sending"],
    ]);
    expect(removeUnsent(timeline, "b").unsent.map(({ clientId }) => clientId)).toEqual(["a"]);
  });

  it("survives a fresh start of the history", () => {
    const timeline = startAnew(addUnsent(addPage(emptyTimeline, page(9), false), draft("a")));
    expect(timeline.sent).toEqual([]);
    expect(timeline.unsent).toHaveLength(1);
    expect(timeline.generation).toBe(1);
  });
});
