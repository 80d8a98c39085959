import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Asks until the answer is yes; throws what `isTrue` throws, and when it has taken too long. */
export async function waitUntil(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
