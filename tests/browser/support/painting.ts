import type { Page } from "@playwright/test";
import type { Sent } from "./media.ts";

/** A rooftop garden in the evening, painted by the browser: so that the pictures in the documents are nobody's photographs. */
export async function rooftopGarden(page: Page, name: string): Promise<Sent> {
  const dataUrl = await page.evaluate(() => {
    const [width, height] = [1600, 1000];
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const brush = canvas.getContext("2d") as CanvasRenderingContext2D;
    let seed = 11;
    const chance = (from = 0, to = 1) => {
      seed = (seed * 48271) % 2147483647;
      return from + (seed / 2147483647) * (to - from);
    };
    const fade = (top: number, bottom: number, ...colors: string[]) => {
      const gradient = brush.createLinearGradient(0, top, 0, bottom);
      for (const [index, color] of colors.entries()) gradient.addColorStop(index / (colors.length - 1), color);
      return gradient;
    };

    brush.fillStyle = fade(0, 640, "#35518f", "#8d7fb5", "#e59a86", "#ffd59a");
    brush.fillRect(0, 0, width, height);
    const glow = brush.createRadialGradient(1130, 520, 10, 1130, 520, 460);
    glow.addColorStop(0, "rgb(255 244 214 / 95%)");
    glow.addColorStop(0.12, "rgb(255 226 168 / 70%)");
    glow.addColorStop(1, "rgb(255 200 140 / 0%)");
    brush.fillStyle = glow;
    brush.fillRect(0, 0, width, height);
    brush.filter = "blur(14px)";
    for (let cloud = 0; cloud < 16; cloud += 1) {
      brush.fillStyle = `rgb(255 ${chance(190, 225)} ${chance(180, 210)} / ${chance(18, 40)}%)`;
      brush.beginPath();
      brush.ellipse(chance(0, width), chance(120, 430), chance(90, 260), chance(8, 22), 0, 0, 7);
      brush.fill();
    }
    brush.filter = "none";

    for (const [depth, hue, light, base] of [
      [0, 268, 52, 560],
      [1, 262, 40, 600],
      [2, 256, 27, 650],
    ] as const) {
      for (let x = -40; x < width; ) {
        const across = chance(60, 150);
        const up = chance(60, 170) + (2 - depth) * 40;
        brush.fillStyle = fade(base - up, 700, `hsl(${hue} 28% ${light + 4}%)`, `hsl(${hue - 16} 24% ${light - 4}%)`);
        brush.fillRect(x, base - up, across, 400);
        if (chance() < 0.3) brush.fillRect(x + across * 0.6, base - up - 34, 4, 34);
        for (let row = 0; depth > 0 && row < 7; row += 1) {
          for (let column = 0; column < 4; column += 1) {
            if (chance() > 0.3) continue;
            brush.fillStyle = `rgb(255 ${chance(205, 235)} 150 / ${depth === 1 ? 55 : 90}%)`;
            brush.fillRect(x + across * (0.14 + column * 0.2), base - up + 18 + row * 26, across * 0.1, 12);
          }
        }
        x += across + chance(0, 14);
      }
    }

    brush.fillStyle = fade(680, height, "#7b4a38", "#4d2d27");
    brush.fillRect(0, 690, width, height);
    brush.fillStyle = "#93604a";
    brush.fillRect(0, 680, width, 16);
    brush.strokeStyle = "rgb(40 20 20 / 35%)";
    for (let row = 0; row < 12; row += 1) {
      for (let x = row % 2 ? -40 : 0; x < width; x += 80) brush.strokeRect(x, 696 + row * 26, 80, 26);
    }

    const leaf = (x: number, y: number, length: number, turn: number, color: string) => {
      brush.save();
      brush.translate(x, y);
      brush.rotate(turn);
      brush.fillStyle = color;
      brush.beginPath();
      brush.moveTo(0, 0);
      brush.quadraticCurveTo(length * 0.5, -length * 0.42, length, 0);
      brush.quadraticCurveTo(length * 0.5, length * 0.42, 0, 0);
      brush.fill();
      brush.restore();
    };
    const tomato = (x: number, y: number, size: number) => {
      const shine = brush.createRadialGradient(x - size * 0.35, y - size * 0.4, size * 0.1, x, y, size);
      shine.addColorStop(0, "#ffb59c");
      shine.addColorStop(0.35, "#ee4a35");
      shine.addColorStop(1, "#a51f1b");
      brush.fillStyle = shine;
      brush.beginPath();
      brush.arc(x, y, size, 0, 7);
      brush.fill();
      for (let point = 0; point < 5; point += 1)
        leaf(x, y - size * 0.85, size * 0.6, (point * 2 * Math.PI) / 5, "#2f6b2f");
    };
    for (const [top, scale] of [
      [770, 0.75],
      [930, 1.15],
    ] as const) {
      for (let plant = 0; plant < 13; plant += 1) {
        const x = 40 + plant * 128 + chance(-26, 26);
        const stem = chance(120, 190) * scale;
        brush.strokeStyle = "#2c5a2c";
        brush.lineWidth = 5 * scale;
        brush.beginPath();
        brush.moveTo(x, top);
        brush.quadraticCurveTo(x + chance(-20, 20), top - stem / 2, x + chance(-14, 14), top - stem);
        brush.stroke();
        for (let number = 0; number < 46; number += 1) {
          const up = chance(0.05, 1.05);
          const light = chance(20, 34) + up * 16;
          const turn = chance(-Math.PI, 0.35) * (chance() < 0.5 ? 1 : 1);
          leaf(
            x + chance(-30, 30) * scale,
            top - stem * up,
            chance(24, 52) * scale,
            turn,
            `hsl(${chance(92, 138)} ${chance(34, 52)}% ${light}%)`,
          );
        }
        for (let fruit = 0; fruit < 3; fruit += 1) {
          if (chance() < 0.7)
            tomato(x + chance(-38, 38) * scale, top - stem * chance(0.15, 0.75), chance(9, 15) * scale);
        }
      }
      brush.fillStyle = fade(top - 14, top + 90 * scale, "#a8744f", "#6b4228");
      brush.fillRect(-10, top - 14, width + 20, 92 * scale);
      brush.fillStyle = "rgb(50 25 10 / 40%)";
      for (let plank = 1; plank < 3; plank += 1) brush.fillRect(0, top - 14 + plank * 30 * scale, width, 3);
      brush.fillStyle = "rgb(255 220 170 / 25%)";
      brush.fillRect(0, top - 14, width, 4);
    }
    brush.fillStyle = fade(0, height, "rgb(255 190 120 / 6%)", "rgb(40 10 60 / 22%)");
    brush.fillRect(0, 0, width, height);
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(dataUrl.split(",")[1] ?? "", "base64") };
}
