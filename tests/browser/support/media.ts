import { crc32, deflateSync } from "node:zlib";
import type { Page } from "@playwright/test";

// Files as people send them, each made here: small, and what its name says.

export interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** One colour and some noise, so that it has about `width` × `height` × 3 bytes: nothing to compress. */
export function photo(name: string, width = 64, height = 48): Sent {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // eight bits each of red, green and blue
  const row = 1 + width * 3;
  const pixels = Buffer.alloc(row * height);
  let noise = 1;
  for (let at = 0; at < pixels.length; at += 1) {
    noise = (noise * 48271) % 2147483647;
    pixels[at] = at % row === 0 ? 0 : noise;
  }
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))];
  return {
    name,
    mimeType: "image/png",
    buffer: Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]),
  };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A second of a tone. */
export function sound(name: string): Sent {
  const rate = 8_000;
  const samples = Buffer.from(
    Array.from({ length: rate }, (_, at) => 128 + 60 * Math.sin((at / rate) * 440 * 2 * Math.PI)),
  );
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // one channel
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return { name, mimeType: "audio/wav", buffer: Buffer.concat([header, samples]) };
}

export function pdf(name: string): Sent {
  const lines = [
    "%PDF-1.4",
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj",
    "trailer<</Root 1 0 R>>",
    "%%EOF",
  ];
  return { name, mimeType: "application/pdf", buffer: Buffer.from(lines.join("\n")) };
}

/** Half a second of film, as the browser itself records it. */
export async function film(page: Page, name: string): Promise<Sent> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const brush = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/mp4" });
    const parts: Blob[] = [];
    const ended = new Promise((done) => recorder.addEventListener("stop", done));
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    recorder.start();
    for (let frame = 0; frame < 10; frame += 1) {
      brush?.fillRect(frame * 10, frame * 10, 20, 20);
      await new Promise((done) => setTimeout(done, 50)); // the film's own time
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
  return { name, mimeType: "video/mp4", buffer: Buffer.from(base64, "base64") };
}
