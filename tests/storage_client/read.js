// Reads objects with Google's own client, which checks their CRC-32C, and prints a line of JSON for each:
//     node read.js BUCKET NAME...        the storage is that of STORAGE_EMULATOR_HOST
import { createHash } from "node:crypto";
import { Storage } from "@google-cloud/storage";

const [bucket, ...names] = process.argv.slice(2);
const storage = new Storage({ projectId: "tests", apiEndpoint: process.env.STORAGE_EMULATOR_HOST });
for (const name of names) {
  const file = storage.bucket(bucket).file(name);
  const [bytes] = await file.download({ validation: "crc32c" });
  const [metadata] = await file.getMetadata();
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  console.log(JSON.stringify({ name, size: bytes.length, sha256, contentType: metadata.contentType }));
}
