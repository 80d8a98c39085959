/** How many numbers may be missing below what was seen before they are given up. */
const MOST_AHEAD = 1_000;

/**
 * Which of a room's messages were seen. Not every number is a message (a change of a room takes one too), so a gap is no
 * proof of a loss: what is above it is shown, and `position` stays below it until the server says that nothing is
 * missing. Coming back after `position` then repeats a little, and `add` drops it.
 */
export class Seen {
  #position: number;
  #ahead = new Set<number>();

  constructor(position: number) {
    this.#position = position;
  }

  /** All up to here was seen. */
  get position(): number {
    return this.#position;
  }

  /** False when `seq` was there before. */
  add(seq: number): boolean {
    if (seq <= this.#position || this.#ahead.has(seq)) return false;
    this.#ahead.add(seq);
    if (this.#ahead.size > MOST_AHEAD) this.#position = Math.min(...this.#ahead);
    this.#close();
    return true;
  }

  /** The server says that all up to `seq` was sent. */
  upTo(seq: number): void {
    this.#position = Math.max(this.#position, seq);
    this.#close();
  }

  #close(): void {
    while (this.#ahead.delete(this.#position + 1)) this.#position += 1;
    for (const seq of this.#ahead) if (seq <= this.#position) this.#ahead.delete(seq);
  }
}
