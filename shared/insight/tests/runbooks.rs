//! Whoever is called finds what to do: every alarm, metric, objective and incident names a section of OPERATIONS that says what it
//! means, what to look at, what to do, and how to know that it is over.

#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on may stop

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proofreel_model::policy::slo_law;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Sections that the deployed alarms name: `See specs/OPERATIONS.md, NAME.`
fn deployed(template: &str) -> Vec<String> {
    let named = template.split("See specs/OPERATIONS.md, ").skip(1);
    named.filter_map(|rest| rest.split('.').next().map(str::to_owned)).collect()
}

/// Sections that the code names: `runbook: "name"` in any room.
fn in_code(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            in_code(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("alarm.rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for rest in ["runbook: \"", "runbook: Some(\""].iter().flat_map(|mark| source.split(mark).skip(1)) {
                found.extend(rest.split('"').next().map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_alarm_and_incident_has_its_section_with_all_that_it_must_say() {
    let operations = text("specs/OPERATIONS.md");
    let template = text("infra/template.yaml");
    let alarms = deployed(&template);
    let mut named: BTreeSet<String> = alarms.iter().cloned().collect();
    named.extend(slo_law().metric.iter().map(|metric| metric.runbook.clone()));
    named.extend(slo_law().objective.iter().map(|objective| objective.runbook.clone()));
    for room in ["insight", "operations", "pipeline", "publishing"] {
        in_code(&root().join("shared").join(room).join("src"), &mut named);
    }
    assert!(named.len() >= 15 && named.contains("token-bad") && named.contains("notices"), "{named:?}");
    for name in &named {
        let section = operations.split(&format!("\n### {name}\n")).nth(1);
        let section = section.unwrap_or_else(|| panic!("OPERATIONS has no section {name}"));
        let section = section.split("\n## ").next().unwrap_or_default().split("\n### ").next().unwrap_or_default();
        for part in ["**Means.**", "**Check.**", "**Act.**", "**Verify.**"] {
            assert!(section.contains(part), "the section {name} of OPERATIONS says no {part}");
        }
    }
}

/// Words of letters, digits and hyphens that follow a mark.
fn after<'a>(text: &'a str, mark: &str) -> BTreeSet<&'a str> {
    let word = |rest: &'a str| rest.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-').next();
    text.split(mark).skip(1).filter_map(word).filter(|word| !word.is_empty()).collect()
}

/// What a runbook tells to look at is there: outputs of the stack, functions and their logs, levels and lines of the log. Its commands
/// are parsed where the command line is.
#[test]
fn what_the_runbooks_name_is_deployed() {
    let (operations, template) = (text("specs/OPERATIONS.md"), text("infra/template.yaml"));
    let outputs = template.split("\nOutputs:\n").nth(1).unwrap();
    // A variable of a shell that is no output has capitals only, or none.
    let mixed = |name: &&str| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    let named: BTreeSet<&str> = after(&operations, "$").into_iter().filter(mixed).collect();
    assert!(named.len() > 1 && named.contains("ConsoleUrl"), "{named:?}");
    for name in named {
        assert!(
            outputs.contains(&format!("  {name}:\n")),
            "OPERATIONS names the output {name}, which the stack has not"
        );
    }
    let marks = ["/aws/lambda/proofreel-", "--function-name proofreel-"];
    let functions: BTreeSet<&str> = marks.iter().flat_map(|mark| after(&operations, mark)).collect();
    assert!(functions.contains("batch") && functions.contains("watchdog"), "{functions:?}");
    for name in functions {
        let deployed = format!("FunctionName: !Sub ${{AWS::StackName}}-{name}\n");
        assert!(template.contains(&deployed), "OPERATIONS names the function {name}, which is not deployed");
    }
    let levels = after(&operations, "filter level = \"");
    assert!(!levels.is_empty() && levels.is_subset(&BTreeSet::from(["error", "warn", "info", "debug"])), "{levels:?}");
    let serve = text("shared/lambda/src/serve.rs");
    let lines: BTreeSet<&str> =
        operations.split("filter message = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(lines.contains("batch done"), "{lines:?}");
    for line in lines {
        assert!(serve.contains(&format!("\"{line}\"")), "OPERATIONS looks for `{line}`, which nobody logs");
    }
}

#[test]
fn alarms_and_metrics_stay_within_what_is_free() {
    let template = text("infra/template.yaml");
    let alarms = template.matches("Type: AWS::CloudWatch::Alarm").count();
    assert!((1..=10).contains(&alarms), "{alarms} alarms");
    assert_eq!(alarms, deployed(&template).len(), "an alarm names no section");
    assert!(slo_law().metric.len() <= 10, "{} metrics", slo_law().metric.len());
}
