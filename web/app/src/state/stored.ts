/** A value in localStorage that survives a full or forbidden storage: then it lasts as long as the page. */
export class Stored<Value> {
  readonly #key: string;
  #value: Value;

  constructor(key: string, initial: Value) {
    this.#key = `izpochat.${key}`;
    this.#value = initial;
    try {
      const text = localStorage.getItem(this.#key);
      if (text !== null) this.#value = JSON.parse(text) as Value;
    } catch {
      // It was not ours, or may not be read: begin anew.
    }
  }

  get value(): Value {
    return this.#value;
  }

  set value(value: Value) {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Full or forbidden: it stays in memory.
    }
  }
}
