// Pictures of the console for the README, by the browser's own WebP.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MOST_BYTES = 200 * 1024;

export async function photograph(people, page, path, folder) {
  mkdirSync(folder, { recursive: true });
  const shots = [
    ["console.webp", { width: 1180, height: 1330 }, "light"],
    ["console-phone.webp", { width: 390, height: 844 }, "dark"],
  ];
  const debug = await page.context().newCDPSession(page);
  for (const [name, viewport, colorScheme] of shots) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    await page.goto(people.address + path);
    await page.waitForLoadState("networkidle");
    // A film that still loads is drawn with a turning wheel.
    await page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 4) >= 3, null, { timeout: 15000 });
    await page.waitForTimeout(1500);
    const file = join(folder, name);
    let bytes;
    for (const quality of [90, 75, 60]) {
      const shot = await debug.send("Page.captureScreenshot", { format: "webp", quality });
      bytes = Buffer.from(shot.data, "base64");
      if (bytes.length <= MOST_BYTES) break;
    }
    writeFileSync(file, bytes);
    console.log(`picture: ${file}, ${Math.round(bytes.length / 1024)} KB`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await people.wide(page);
  await page.goto(people.address + path);
}
