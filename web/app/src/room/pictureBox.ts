import type { AttachedFile } from "@izpochat/realtime";
import { localUrl } from "../common/links";

const MOST_WIDTH = 480;
const MOST_HEIGHT = 320;
/** So that a finger finds it too. */
const LEAST = 48;

/**
 * The place of a picture in a message, in CSS: never larger than the picture is, and the same before it is loaded as after,
 * so that the list does not jump. Null when the server could not read how large it is.
 */
export function boxOf({ width, height }: AttachedFile): { width: number; aspectRatio: string } | null {
  if (!width || !height) return null;
  const scale = Math.min(1, MOST_WIDTH / width, MOST_HEIGHT / height);
  const box = { width: Math.max(LEAST, width * scale), height: Math.max(LEAST, height * scale) };
  return { width: Math.round(box.width), aspectRatio: `${Math.round(box.width)} / ${Math.round(box.height)}` };
}

const THUMBNAIL = 320;
const PREVIEW = 1280;

/**
 * The smaller images of a picture with their widths, for the browser to take the one that its screen needs (HTML, srcset).
 * Undefined: there are none, or they would not move as the picture does.
 */
export function smallerOf(file: AttachedFile): string | undefined {
  const { width, height, thumbnail_url, preview_url, content_type } = file;
  if (!width || !height || !thumbnail_url || !preview_url || content_type === "image/gif") return undefined;
  const widthWithin = (most: number) => Math.max(1, Math.round(width * Math.min(1, most / Math.max(width, height))));
  return `${localUrl(thumbnail_url)} ${widthWithin(THUMBNAIL)}w, ${localUrl(preview_url)} ${widthWithin(PREVIEW)}w`;
}
