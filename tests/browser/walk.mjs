// Walks the console as people do: a real browser, a real episode. Usage:
//   node walk.mjs PROOFREEL [--work DIR [--run RUN]] [--keep] [--pictures DIR]
// Ends with 1 at the first thing that is not as it must be, and says which.
import { readFileSync, existsSync, mkdirSync, rmSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { Episode } from "./episode.mjs";
import { Pages } from "./pages.mjs";
import { photograph } from "./pictures.mjs";

const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const program = resolve(args[0] ?? "target/debug/proofreel");
const pictures = option("--pictures");
const work = resolve(option("--work") ?? mkdtempSync(join(tmpdir(), "proofreel-walk-")));
mkdirSync(work, { recursive: true });

let checks = 0;
function must(holds, what, found = "") {
  checks += 1;
  if (!holds) throw new Error(`${what}${found === "" ? "" : `: ${found}`}`);
}
const ok = (what) => console.log(`ok: ${what}`);

const episode = new Episode(program, work);
const began = Date.now();
let browser;
try {
  const run = option("--run") ?? episode.produce();
  ok(`an episode was produced in ${Math.round((Date.now() - began) / 1000)} s: ${run}`);
  const address = await episode.serve();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
  const people = new Pages(browser, address, axe, must);

  // The door: a link signs in once, and a made-up one never.
  const stranger = await people.nobody();
  for (const path of ["/", "/runs", `/runs/${run}`, "/incidents", "/channels/walk", "/channels/walk/reports", `/runs/${run}/files/video.mp4`]) {
    const answer = await stranger.request.get(address + path);
    must(answer.status() === 401, `nobody is signed in, and ${path} answers`, answer.status());
  }
  const link = episode.link("anna");
  const anna = await people.signIn(link);
  must((await stranger.goto(link)).ok(), "the page of a used link shows its button");
  await stranger.click("main form button[type=submit]");
  must((await stranger.locator("header .who").count()) === 0, "a used link signs nobody in");
  await stranger.goto(`${address}/sign-in?link=${"A".repeat(43)}`);
  await stranger.click("main form button[type=submit]");
  must((await stranger.locator("header .who").count()) === 0, "a made-up link signs nobody in");
  const late = episode.link("anna");
  episode.expireLinks();
  await stranger.goto(late);
  await stranger.click("main form button[type=submit]");
  must((await stranger.locator("header .who").count()) === 0, "an expired link signs nobody in");
  ok("a link signs in once; used, made-up and expired ones do not");

  // Looking: every page, in both lights, wide and narrow, is usable for everybody.
  const report = `/channels/walk/reports/${episode.report()}`;
  const shown = ["/", "/runs", `/runs/${run}`, `/runs/${run}/edit`, "/channels/walk", "/channels/walk/reports", report, "/incidents", "/sign-in", "/no-such-page"];
  const there = [];
  for (const path of shown) {
    const status = (await anna.request.get(address + path)).status();
    if (status !== 404 || path === "/no-such-page") there.push(path);
  }
  must(there.length >= 9, "the pages are there", there.join(" "));
  for (const path of there) await people.audit(anna, path);
  ok(`axe finds nothing serious on ${there.length} pages, light and dark, 1280 and 390 px wide, and nothing overflows`);

  await people.wide(anna);
  await anna.goto(`${address}/runs/${run}`);
  must((await anna.textContent("#state")).includes("awaiting approval"), "it waits for a decision");
  const number = anna.locator("#script button.num").first();
  const proof = await number.getAttribute("popovertarget");
  await number.focus();
  await anna.keyboard.press("Enter");
  must(await anna.locator(`#${proof}`).isVisible(), "a number of the script opens its proof by keyboard");
  await anna.keyboard.press("Escape");
  must(await anna.locator(`#${proof}`).isHidden(), "and Escape closes it");
  const plays = await anna.evaluate(async () => {
    const video = document.querySelector("#video");
    video.muted = true;
    video.currentTime = 60;
    await new Promise((done, failed) => {
      video.addEventListener("seeked", done, { once: true });
      video.addEventListener("error", () => failed(new Error("the film does not load")), { once: true });
      setTimeout(() => failed(new Error("the film does not seek")), 15000);
    });
    return Math.abs(video.currentTime - 60) < 1 && video.duration > 60;
  });
  must(plays, "the film plays from its middle");
  ok("a number opens its proof by keyboard, and the film can be sought");
  if (pictures) await photograph(people, anna, `/runs/${run}`, pictures);

  await anna.goto(`${address}/channels/walk`);
  await anna.click("#reports a[href*='/reports/week-']");
  must((await anna.locator("figure svg polyline").count()) >= 2, "the report draws its figures");
  must((await anna.textContent("main")).includes("Decisions needed"), "the report says what is needed first");
  const file = await anna.request.get(`${address}${report}/files/${report.split("/").pop()}.txt`);
  must(file.ok() && /attachment/.test(file.headers()["content-disposition"] ?? ""), "its plain form can be kept");
  await anna.goto(`${address}/runs/${run}`);
  ok("the weekly report is found from its channel, with charts, and can be kept");

  // Refusals. What a form cannot do is tried without the form.
  const form = await anna.evaluate(() => {
    const field = (name) => document.querySelector(`#approve-form [name=${name}]`)?.value;
    return { csrf: field("csrf"), film: field("film") };
  });
  must(/^[0-9a-f]{64}$/.test(form.film ?? ""), "the form names the film", form.film);
  const decide = (page, what, fields, headers = {}) =>
    page.request.post(`${address}/runs/${run}/${what}`, { form: fields, headers, maxRedirects: 0 });
  const vera = await people.signIn(episode.link("vera"));
  await vera.goto(`${address}/runs/${run}`);
  must((await vera.locator("#approve-form, #reject-form").count()) === 0, "a viewer has no forms");
  const veras = await vera.locator("[name=csrf]").first().getAttribute("value");
  const terms = { film: form.film, visibility: "public", publish_at: "", override_reason: "" };
  const rejection = { film: form.film, stage: "script", reason: "a viewer's wish" };
  const refusals = [
    ["a viewer approves", await decide(vera, "approve", { ...terms, csrf: veras }), [403, 409]],
    ["a viewer rejects", await decide(vera, "reject", { ...rejection, csrf: veras }), [403, 409]],
    ["another film is approved", await decide(anna, "approve", { ...terms, csrf: form.csrf, film: form.film.replace(/^./, (c) => (c === "0" ? "1" : "0")) }), [409]],
    ["a form without a token", await decide(anna, "approve", terms), [400, 403]],
    ["a form with another person's token", await decide(anna, "approve", { ...terms, csrf: veras }), [400, 403]],
    ["a form of another site", await decide(anna, "approve", { ...terms, csrf: form.csrf }, { origin: "https://evil.example", "sec-fetch-site": "cross-site" }), [403]],
    ["a time that has passed", await decide(anna, "approve", { ...terms, csrf: form.csrf, publish_at: "2001-01-01T00:00" }), [400, 409]],
    ["a rejection without a reason", await decide(anna, "reject", { csrf: form.csrf, film: form.film, stage: "script", reason: "" }), [400, 409]],
  ];
  for (const [what, answer, statuses] of refusals) must(statuses.includes(answer.status()), what, answer.status());
  const get = await anna.request.get(`${address}/runs/${run}/approve`);
  must(get.status() === 405, "a GET decides nothing", get.status());
  const olga = await people.signIn(episode.link("olga"));
  await olga.goto(`${address}/runs/${run}`);
  must((await olga.locator("#approve-form").count()) === 0, "who ordered it cannot approve it");
  await anna.reload();
  must((await anna.textContent("#state")).includes("awaiting approval"), "after all refusals it still waits");
  ok(`${refusals.length + 2} refusals: viewer, other film, no token, foreign token, foreign site, GET, two persons`);

  // Approving, by keyboard alone.
  await people.wide(anna);
  await anna.goto(`${address}/runs/${run}`);
  // The figures speak against it, so the form asks why it goes out all the same.
  let presses = await people.tabTo(anna, "#override-reason");
  await anna.keyboard.type("the packaging is mended <b>since</b>");
  presses += await people.tabTo(anna, "#approve-form button[type=submit]");
  await Promise.all([anna.waitForLoadState("load"), anna.keyboard.press("Enter")]);
  await anna.waitForSelector("#approved");
  must((await anna.textContent("#approved")).includes("anna"), "the page says who approved");
  must((await anna.textContent("#approved")).includes("overriding governance: the packaging is mended <b>since</b>"), "and why, as text");
  ok(`approved by keyboard alone, ${presses} presses of Tab from the top of the page`);
  episode.publish(run);
  await anna.reload();
  must((await anna.textContent("#state")).includes("published"), "the page says that it is published");
  must(readdirSync(join(work, "published", "public")).length === 1, "one film lies in the folder");
  ok("produced, looked at, approved, published");

  // It is taken back where it was decided about, and the correction is handed over.
  must((await anna.locator("#retract-form").count()) === 0, "who only approves takes nothing back");
  await olga.goto(`${address}/runs/${run}`);
  must((await olga.locator("#pin").count()) === 1, "the comment to pin is handed over");
  await olga.click("#take-back summary");
  await olga.fill("#retract-form [name=reason]", "the year is <i>wrong</i>");
  const asked = Date.now();
  await Promise.all([olga.waitForNavigation(), olga.click("#retract-button")]);
  must((await olga.textContent("#correction")).includes("the year is <i>wrong</i>"), "the correction says why, as text");
  while (!(await olga.textContent("#retracted")).includes("It is private now")) {
    must(Date.now() - asked < 60000, "it is hidden within a minute");
    await new Promise((done) => setTimeout(done, 500));
    await olga.reload();
  }
  must(readdirSync(join(work, "published", "public")).every((name) => name.endsWith(".txt")), "no film is public any more");
  await people.audit(olga, `/runs/${run}`);
  await people.wide(olga);
  ok(`taken back on the page in ${Math.ceil((Date.now() - asked) / 1000)} s with the page's audit, correction handed over`);

  // Another episode is edited: a false number is refused and said, true words make the film anew.
  const second = episode.produce();
  await people.audit(olga, `/runs/${second}/edit`);
  await people.wide(olga);
  await olga.goto(`${address}/runs/${second}/edit`);
  const edit = async (title) => {
    await olga.fill("#edit-form [name=title]", title);
    await Promise.all([olga.waitForNavigation(), olga.click("#edit-form button[type=submit]")]);
  };
  await edit("Gold lost 47.3% of it <b>");
  must((await olga.textContent("#reasons")).includes("U+003C"), "signs that open markup are refused");
  await edit("Gold lost 47.3% of it");
  must((await olga.textContent("#reasons")).includes("47.3"), "a number that is no fact's is refused, with the reason");
  must((await olga.inputValue("#edit-form [name=title]")) === "Gold lost 47.3% of it", "what was typed is still there");
  await edit("What the gold price did");
  must(new URL(olga.url()).pathname === `/runs/${second}`, "a true title goes to the episode", olga.url());
  // The console makes it itself; the page looks again until it is there, and nobody types a command.
  const made = async (page, what) => {
    await page.waitForFunction(() => document.getElementById("state")?.textContent.includes("awaiting approval"), undefined, { timeout: 240000 });
    must((await page.locator("#work").count()) === 0, `${what}: nothing is said of a run at rest`);
  };
  await made(olga, "edited");
  must((await olga.textContent("h1")).includes("What the gold price did"), "the film has the new title");
  ok("edited: a false number refused with its reason, a true title made into the film behind the page");

  // Another title is picked on the page itself.
  const variant = olga.locator("#pick-form [name=title_variant]").nth(1);
  const picked = await variant.inputValue();
  await variant.check();
  await Promise.all([olga.waitForNavigation(), olga.click("#pick-button")]);
  must(new URL(olga.url()).pathname === `/runs/${second}`, "a pick goes to the episode", olga.url());
  await made(olga, "picked");
  must((await olga.textContent("h1")).includes(picked), "the picked title leads", picked);
  must((await olga.locator("#pick-form img").count()) > 1, "thumbnails are picked by their pictures");
  await people.audit(olga, `/runs/${second}`);
  await people.wide(olga);
  must((await vera.request.post(`${address}/runs/${second}/edit`, { form: { csrf: veras, title_variant: picked }, maxRedirects: 0 })).status() === 403, "a viewer picks nothing");
  ok("another title was picked on the page, and leads the film");

  // It is sent back with a reason, by somebody whose browser runs no script.
  const plain = await people.plain(anna);
  await plain.goto(`${address}/runs/${second}`);
  const figure = plain.locator("#script button.num").first();
  const source = `#${await figure.getAttribute("popovertarget")}`;
  await figure.click();
  must(await plain.locator(source).isVisible(), "without a script a number opens its proof");
  must((await plain.locator(`${source} table.cells`).count()) > 0, "with its source rows");
  await plain.locator(`${source} button.close`).click();
  await plain.click(".chapters a");
  must(/video\.mp4#t=/.test(plain.url()), "and a chapter leads into the film", plain.url());
  await plain.goto(`${address}/runs/${second}`);
  await plain.selectOption("#reject-form [name=stage]", "script");
  await plain.fill("#reject-form [name=reason]", "another title <b>please</b>");
  await plain.click("#reject-form button[type=submit]");
  await plain.waitForSelector("#rejected");
  const told = await plain.textContent("#rejected");
  must(told.includes("another title <b>please</b>") && told.includes("anna"), "the page says who rejected it and why", told);
  await plain.click("#work a");
  must((await plain.locator("#rejected").count()) === 1, "a link looks again where no script does");
  await plain.context().close();
  await anna.goto(`${address}/runs/${second}`);
  ok("without a script: proof opened, chapter followed, rejected with a reason, which is shown as text");
  await made(anna, "rejected");
  must((await anna.locator("#approve-form").count()) === 1, "what was made anew can be approved");
  ok("made anew behind the page, and offered");

  // A row that cannot be read hides nothing, and is an incident that somebody takes and ends.
  episode.damage();
  for (const path of ["/", "/runs"]) {
    await olga.goto(address + path);
    must((await olga.textContent("#unreadable")).includes("damaged"), `${path} says what it cannot read`);
    must((await olga.locator(`a[href="/runs/${second}"]`).count()) > 0, `${path} shows the rest`);
    await people.audit(olga, path);
  }
  await people.audit(olga, "/incidents");
  await people.wide(olga);
  await vera.goto(`${address}/incidents`);
  must((await vera.locator("button.take, button.resolve").count()) === 0, "a viewer ends no incident");
  await olga.goto(`${address}/incidents`);
  const first = olga.locator(".incident", { hasText: "cannot be read" });
  await Promise.all([olga.waitForNavigation(), first.locator("button.take").click()]);
  must((await first.textContent()).includes("taken by olga"), "it is hers now");
  await first.locator("details.end summary").click();
  await first.locator("[name=resolution]").fill("restored <i>from a backup</i>");
  await Promise.all([olga.waitForNavigation(), first.locator("button.resolve").click()]);
  must((await first.textContent()).includes("restored <i>from a backup</i>"), "how it ended is shown as text");
  ok("a damaged row stands apart, its incident was taken and ended with a note");
  const appeal = await anna.request.get(`${address}/runs/${second}/dossier`);
  must(appeal.ok() && (await appeal.json()).sameness !== undefined, "the dossier is a file", appeal.status());

  must(people.foreign.length === 0, "no request leaves the origin", people.foreign.join(" "));
  must(people.faults.length === 0, "no page complains", people.faults.join("; "));
  ok(`no request left the origin, no page complained; ${checks} checks in ${Math.round((Date.now() - began) / 1000)} s`);
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  episode.end();
  if (!args.includes("--keep") && !option("--work") && existsSync(work)) rmSync(work, { recursive: true, force: true });
}
