// @vitest-environment happy-dom
import type { AttachedFile } from "@izpochat/realtime";
import { describe, expect, it } from "vitest";
import { boxOf, smallerOf } from "../src/room/pictureBox";

const picture = (width: number | null, height: number | null, more: Partial<AttachedFile> = {}): AttachedFile => ({
  id: 4,
  original_filename: "mar.jpg",
  content_type: "image/jpeg",
  file_size: 1,
  public_url: "https://elsewhere.example.org/files/4/s/mar.jpg",
  width,
  height,
  ...more,
});

const links = {
  thumbnail_url: "https://elsewhere.example.org/files/4/s/mar.jpg?size=320",
  preview_url: "https://elsewhere.example.org/files/4/s/mar.jpg?size=1280",
};

describe("the place of a picture", () => {
  it.each([
    ["wide", 1600, 800, 480, "480 / 240"],
    ["high", 500, 1400, 114, "114 / 320"],
    ["small", 100, 60, 100, "100 / 60"],
    ["tiny, for a finger", 8, 8, 48, "48 / 48"],
  ])("keeps its proportions when it is %s", (_, width, height, boxWidth, aspectRatio) => {
    expect(boxOf(picture(width, height))).toEqual({ width: boxWidth, aspectRatio });
  });

  it("is not known of what does not say its size", () => {
    expect(boxOf(picture(null, null))).toBeNull();
  });
});

describe("smaller images", () => {
  it("are asked of this server, with their true widths", () => {
    expect(smallerOf(picture(800, 1600, links))).toBe(
      "/files/4/s/mar.jpg?size=320 160w, /files/4/s/mar.jpg?size=1280 640w",
    );
  });

  it("are not larger than the picture", () => {
    expect(smallerOf(picture(100, 50, links))).toBe(
      "/files/4/s/mar.jpg?size=320 100w, /files/4/s/mar.jpg?size=1280 100w",
    );
  });

  it("are not used where there are none, nor for what moves", () => {
    expect(smallerOf(picture(800, 600))).toBeUndefined();
    expect(smallerOf(picture(null, null, links))).toBeUndefined();
    expect(smallerOf(picture(800, 600, { ...links, content_type: "image/gif" }))).toBeUndefined();
  });
});
