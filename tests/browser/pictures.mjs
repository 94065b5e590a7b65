// Pictures of the console for the README.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST_BYTES = 200 * 1024;

export async function photograph(people, page, path, folder) {
  mkdirSync(folder, { recursive: true });
  const shots = [
    ["console-episode.jpg", { width: 1280, height: 860 }, "light"],
    ["console-phone.jpg", { width: 390, height: 844 }, "dark"],
  ];
  for (const [name, viewport, colorScheme] of shots) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    await page.goto(people.address + path);
    await page.waitForLoadState("networkidle");
    // A film that still loads is drawn with a turning wheel.
    await page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 4) >= 3, null, { timeout: 15000 });
    await page.waitForTimeout(500);
    const file = join(folder, name);
    for (const quality of [80, 60, 40]) {
      await page.screenshot({ path: file, type: "jpeg", quality });
      if (statSync(file).size <= MOST_BYTES) break;
    }
    console.log(`picture: ${file}, ${Math.round(statSync(file).size / 1024)} KB`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await people.wide(page);
  await page.goto(people.address + path);
}
