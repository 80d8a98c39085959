import { Stored } from "./stored";

/** What was typed and not sent, by room: it outlives the page and the login, for the same user. */
export class Drafts {
  readonly #drafts: Stored<Record<number, string>>;

  constructor(userId: number) {
    this.#drafts = new Stored(`drafts.${userId}`, {});
  }

  get(roomId: number): string {
    return this.#drafts.value[roomId] ?? "";
  }

  set(roomId: number, text: string): void {
    const { [roomId]: _, ...others } = this.#drafts.value;
    this.#drafts.value = text === "" ? others : { ...others, [roomId]: text };
  }
}
