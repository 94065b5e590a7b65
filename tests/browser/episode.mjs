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

  link(who) {
    return this.call("console", "link", "--as", who, "--channels-dir", this.channels, "--address", this.address).link;
  }

  publish(run) {
    const to = ["--to", "folder", "--folder", join(this.work, "published")];
    return this.call("publish", run, ...to, "--as", "olga", "--channels-dir", this.channels);
  }

  // Rows of this partition are a day older now: what waits for no clock can be looked at at once.
  passTime(partition) {
    const script = `
import datetime, json, re, sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=20)
def older(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")[:26].rstrip("Z") if len(text) > 27 else text.replace("Z", "+00:00"))
    return (at.replace(tzinfo=None) - datetime.timedelta(days=1)).isoformat(timespec="seconds") + "Z"
table = [t for (t,) in store.execute("select name from sqlite_master where type='table'") if {"pk", "sk", "body"} <= {c[1] for c in store.execute(f"pragma table_info({t})")}][0]
changed = 0
for pk, sk, body in store.execute(f"select pk, sk, body from {table} where pk like ?", (sys.argv[2] + "%",)).fetchall():
    row = json.loads(body)
    for member, value in row.items():
        if isinstance(value, str) and re.match(r"\\d{4}-\\d\\d-\\d\\dT", value):
            row[member] = older(value)
            changed += 1
    store.execute(f"update {table} set body = ? where pk = ? and sk = ?", (json.dumps(row), pk, sk))
store.commit()
sys.exit(0 if changed else "no time stands in rows of " + sys.argv[2])
`;
    execFileSync("python3", ["-c", script, join(this.work, "state", "state.db"), partition], { encoding: "utf8" });
  }

  serve() {
    const args = ["console", "--json", "--listen", "127.0.0.1:0", "--as", "anna", "--channels-dir", this.channels];
    this.server = spawn(this.program, [...args, "--state", join(this.work, "state")], {
      cwd: this.work,
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
