// An installation of its own: a channel with three people, its episodes, and the console over them.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export class Episode {
  constructor(program, work) {
    this.program = program;
    this.work = work;
    this.channels = join(work, "channels");
    mkdirSync(this.channels, { recursive: true });
    this.file = join(this.channels, "walk.toml");
    writeFileSync(
      this.file,
      `id = "walk"
name = "Plain Figures"
kind = "finance"
audience = "people who doubt round numbers"
sources = [${JSON.stringify(join(root, "data"))}]

[episode]
target_seconds = 120

[publishing]
operators = ["olga"]
approvers = ["anna"]
viewers = ["vera"]
two_persons = true
`,
    );
  }

  call(...args) {
    const all = [...args, "--json", "--quiet", "--state", join(this.work, "state")];
    const env = { ...process.env, PROOFREEL_USER: "olga" };
    try {
      return JSON.parse(execFileSync(this.program, all, { cwd: this.work, env, encoding: "utf8", maxBuffer: 1 << 26 }));
    } catch (error) {
      throw new Error(`proofreel ${args[0]} ended with ${error.status}: ${error.stdout ?? ""} ${error.stderr ?? error.message}`);
    }
  }

  // The same order again: a second run, whose film is made of what the first one kept.
  produce() {
    const order = ["--channel", this.file, "--topic", "gold", "--as-of", "2026-11-22", "--out", join(this.work, "out")];
    return this.call("produce", ...order).run;
  }

  // A run whose rows another version might have written, and what the watchdog makes of it.
  damage() {
    const script = `
import json, sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=20)
rows = [("runs", "2026-11-22T00:00:00Z#damaged", {"run_id": "damaged", "channel": "walk"}), ("run#damaged", "head", {"from": "<b>elsewhere</b>"})]
for pk, sk, body in rows:
    store.execute("insert into records (pk, sk, body) values (?, ?, ?)", (pk, sk, json.dumps(body)))
store.commit()
`;
    execFileSync("python3", ["-c", script, join(this.work, "state", "state.db")], { encoding: "utf8" });
    try {
      this.call("watchdog", "--channels-dir", this.channels);
    } catch (error) {
      // It ends with 4 where something is wrong, which is what this is about.
      if (!error.message.includes("ended with 4")) throw error;
    }
  }

  // A week with figures and an order, as an owner's export from Studio has them, and its report, kept.
  report() {
    const rows = Array.from({ length: 14 }, (_, at) => {
      const day = new Date(Date.UTC(2026, 9, 1 + at * 3));
      const low = at > 11;
      return [`walk${String(at).padStart(7, "0")}`, `Plain figures ${at}`, day.toISOString().slice(0, 10), 300, 4000 + at, 2 + (at % 3) / 10 - (low ? 1 : 0), 60000 + at, low ? 2.1 : 5.2].join(",");
    });
    const head = "Content,Video title,Video publish time,Duration,Views,Average view duration,Impressions,Impressions click-through rate (%)";
    const file = join(this.work, "export.csv");
    writeFileSync(file, [head, ...rows.map((row) => row.replace(/,(\d\.?\d*),(\d{5}),/, ",0:02:$1,$2,").replace(/:(\d)(\.\d+)?,/, ":0$1,"))].join("\n") + "\n");
    this.call("kpi", "import", file, "--channel", this.file, "--day", "2026-11-15");
    this.call("kpi", "judge", "--channel", this.file, "--as-of", "2026-11-15");
    const of = ["--channel", this.file, "--of", "2026-11-10", "--out", join(this.work, "out"), "--channels-dir", this.channels];
    return this.call("report", "weekly", ...of).kept;
  }

  link(who) {
    return this.call("console", "link", "--as", who, "--channels-dir", this.channels, "--address", this.address).link;
  }

  publish(run) {
    const to = ["--to", "folder", "--folder", join(this.work, "published")];
    return this.call("publish", run, ...to, "--as", "olga", "--channels-dir", this.channels);
  }

  // Every link that is still open is of yesterday now: the walk waits for no clock.
  expireLinks() {
    const script = `
import json, sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=20)
rows = store.execute("select sk, body from records where pk = 'console-link'").fetchall()
for sk, body in rows:
    late = json.loads(body)
    late["expires_at"] -= 86400
    store.execute("update records set body = ? where pk = 'console-link' and sk = ?", (json.dumps(late), sk))
store.commit()
sys.exit(0 if rows else "there is no open link")
`;
    execFileSync("python3", ["-c", script, join(this.work, "state", "state.db")], { encoding: "utf8" });
  }

  serve() {
    const args = ["console", "--json", "--listen", "127.0.0.1:0", "--as", "anna", "--channels-dir", this.channels, "--out", join(this.work, "out")];
    this.server = spawn(this.program, [...args, "--state", join(this.work, "state")], {
      cwd: this.work,
      env: { ...process.env, PROOFREEL_USER: "olga" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return new Promise((done, failed) => {
      let said = "";
      const late = setTimeout(() => failed(new Error("the console does not listen")), 20000);
      this.server.once("exit", (code) => failed(new Error(`the console ended with ${code}`)));
      this.server.stdout.on("data", (bytes) => {
        said += bytes;
        if (!said.includes("\n")) return;
        clearTimeout(late);
        this.address = JSON.parse(said.split("\n")[0]).address;
        done(this.address);
      });
    });
  }

  end() {
    this.server?.removeAllListeners("exit");
    this.server?.kill();
  }
}
