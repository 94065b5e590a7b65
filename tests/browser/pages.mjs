// People in front of the console, each with a browser profile of their own, and what must hold of every page they see.

export class Pages {
  constructor(browser, address, axe, must) {
    this.browser = browser;
    this.address = address;
    this.axe = axe;
    this.must = must;
    this.foreign = [];
    this.faults = [];
  }

  async nobody() {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(this.address + "/") && !/^(data|blob|about):/.test(url)) this.foreign.push(url);
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (message) => {
      // A refused page is told by its status; a breach of the policy is told only here.
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) this.faults.push(message.text());
    });
    return page;
  }

  async signIn(link) {
    const page = await this.nobody();
    await page.goto(link);
    await Promise.all([page.waitForLoadState("load"), page.click("main form button[type=submit]")]);
    await page.waitForSelector("header .who");
    return page;
  }

  // The same person in a browser that runs no script.
  async plain(page) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 900 },
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
    });
    return context.newPage();
  }

  wide(page) {
    return page.setViewportSize({ width: 1280, height: 900 });
  }

  // axe on a page in both lights, wide and narrow; and no page is wider than its window.
  async audit(page, path) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(this.address + path);
        const where = `${path}, ${colorScheme}, ${width} px`;
        await page.evaluate(this.axe);
        const found = await page.evaluate(async () => {
          const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
          return result.violations
            .filter((rule) => ["serious", "critical"].includes(rule.impact))
            .map((rule) => `${rule.id} (${rule.impact}): ${rule.nodes.map((node) => node.target.join(" ")).slice(0, 4).join(", ")}`);
        });
        this.must(found.length === 0, `axe, ${where}`, found.join("; "));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
        this.must(over <= 0, `wider than its window by, ${where}`, `${over} px`);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
  }

  // Presses Tab from the top of the page until this has the focus, which must be seen each time.
  async tabTo(page, selector, most = 400) {
    await page.evaluate(() => globalThis.scrollTo(0, 0));
    for (let presses = 1; presses <= most; presses += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate((wanted) => {
        const focused = document.activeElement;
        const style = getComputedStyle(focused);
        // The parts of a time and the buttons of a film take the focus inside, where no style is told; browsers show it.
        const inside = focused.tagName === "VIDEO" || focused.type === "datetime-local";
        const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || inside;
        return { there: focused.matches(wanted), seen, name: `${focused.tagName} ${focused.name ?? ""} ${focused.type ?? ""} ${focused.className}` };
      }, selector);
      this.must(at.seen, "the focus can be seen", at.name);
      if (at.there) return presses;
    }
    throw new Error(`${selector} is not reached by keyboard`);
  }
}
