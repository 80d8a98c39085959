// Prepares the built client for the C++ program: each file compressed, and a source that holds them all.
//
//   node embed.mjs DIST OUTPUT      reads DIST, writes OUTPUT/web_client.cpp and the compressed files beside it
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, relative, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

const [dist, output] = process.argv.slice(2).map((path) => resolve(path));
mkdirSync(output, { recursive: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

const assets = files.map((file, index) => {
  const type = types[extname(file)];
  if (type === undefined) throw new Error(`${file}: which Content-Type? Add it to embed.mjs`);
  const content = readFileSync(file);
  const symbol = `izpo_web_${index}`;
  const compressed = {
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    gz: gzipSync(content, { level: 9 }),
  };
  for (const [ending, bytes] of Object.entries(compressed)) writeFileSync(join(output, `${symbol}.${ending}`), bytes);
  const size = compressed.br.length;
  const hash = createHash("sha256").update(content).digest("base64url").slice(0, 22);
  return { path: relative(dist, file), type, symbol, hash, size };
});

// What a browser needs before it shows anything: the page and what the page names.
const MOST_AT_FIRST = 250_000;
const page = readFileSync(join(dist, "index.html"), "utf8");
const atFirst = assets.filter(({ path }) => path === "index.html" || page.includes(path));
const firstLoad = atFirst.reduce((sum, { size }) => sum + size, 0);
if (firstLoad > MOST_AT_FIRST) throw new Error(`the first load has ${firstLoad} bytes, ${MOST_AT_FIRST} is the most`);

// A file as bytes between two symbols: an array of as many numbers would take the compiler minutes.
const embed = (symbol, ending) => `asm(".pushsection .rodata\\n"
    "${symbol}_${ending}:\\n"
    ".incbin \\"${output}/${symbol}.${ending}\\"\\n"
    "${symbol}_${ending}_end:\\n"
    ".popsection\\n");
extern "C" const char ${symbol}_${ending}[];
extern "C" const char ${symbol}_${ending}_end[];`;

const row = ({ path, type, symbol, hash }) =>
  `    {"${path}", "${type}", "W/\\"${hash}\\"", {${symbol}_br, ${symbol}_br_end}, {${symbol}_gz, ${symbol}_gz_end}},`;

writeFileSync(
  join(output, "web_client.cpp"),
  `// Written by web/embed.mjs.
#include "api/web_client.hpp"

${assets.flatMap(({ symbol }) => [embed(symbol, "br"), embed(symbol, "gz")]).join("\n")}

izpo::api::WebClient izpo::api::embedded_web_client() {
  static const WebAsset kAssets[] = {
${assets.map(row).join("\n")}
  };
  return kAssets;
}
`,
);
console.log(`${assets.length} files of the web client; the first load has ${firstLoad} bytes in Brotli`);
