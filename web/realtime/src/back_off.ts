const FIRST_MS = 1_000;
const MOST_MS = 30_000;
const SLOW_MS = 10_000;

/** Growing, random delays, so that a thousand clients of a restarted server do not return at once. */
export class BackOff {
  #attempt = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  reset(): void {
    this.#attempt = 0;
  }

  /** Milliseconds until the next attempt: 1 s, 2 s, 4 s … 30 s (from 10 s on when `slowly`), each times 0.5 to 1. */
  next(slowly: boolean): number {
    const full = Math.min(MOST_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.max(full, slowly ? SLOW_MS : 0) * (0.5 + this.#random() / 2);
  }
}
