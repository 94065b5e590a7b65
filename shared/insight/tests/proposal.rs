//! The patch that a monthly review proposes is one that a person can apply.

use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use proofreel_insight::report::proposal;
use proofreel_model::channel::ChannelKind;
use proofreel_model::kpi::{Baseline, Basis, Metric};

fn baseline(metric: Metric, value: f64) -> Baseline {
    Baseline {
        channel: "demo".into(),
        metric,
        age: (8, 28),
        value,
        interval: (value * 0.95, value * 1.05),
        spread: value * 0.1,
        videos: 14,
        basis: Basis::Channel,
        as_of: date(2026, 11, 28),
        evidence: vec!["key".into()],
    }
}

#[test]
fn git_applies_it_and_the_policy_says_what_was_proposed() {
    let policy = include_str!("../../../specs/policy/kpi.toml");
    let lines = [
        baseline(Metric::Ctr, 0.071),
        baseline(Metric::AvdShare, 0.52),
        baseline(Metric::Retention30s, 0.72),
        baseline(Metric::RpmViews, 8.4),
    ];
    for kind in [ChannelKind::Finance, ChannelKind::Education, ChannelKind::News] {
        let found = proposal(&"demo".into(), kind, date(2026, 11, 28), &lines, policy).unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("proposal-{kind:?}"));
        std::fs::create_dir_all(folder.join("specs/policy")).unwrap();
        let file = folder.join("specs/policy/kpi.toml");
        std::fs::write(&file, policy).unwrap();
        std::fs::write(folder.join("change.patch"), &found.patch).unwrap();
        // Outside of any repository, so that no ignored path of one makes git leave the file out.
        let git = Command::new("git")
            .args(["apply", "change.patch"])
            .current_dir(&folder)
            .env("GIT_CEILING_DIRECTORIES", env!("CARGO_TARGET_TMPDIR"))
            .output()
            .unwrap();
        assert!(git.status.success(), "{}\n{}", String::from_utf8_lossy(&git.stderr), found.patch);
        let after = std::fs::read_to_string(&file).unwrap();
        assert!(after != policy && after.contains("\nctr = 0.066\n"), "{}", found.patch);
        assert_eq!(after.lines().count(), policy.lines().count());
        for heading in
            ["## Context", "## Decision", "## Alternatives", "## Consequences", "## Release note and rollback"]
        {
            assert!(found.adr.contains(heading), "{heading}");
        }
    }
}
