//! README and OPERATIONS tell commands that there are: each is parsed as it stands, its placeholders filled in.

use clap::{CommandFactory, Parser};

use super::Cli;

const README: &str = include_str!("../../../README.md");
const OPERATIONS: &str = include_str!("../../../specs/OPERATIONS.md");

/// Commands that a page tells: those of its blocks, to be typed as they are (`true`), and those of its sentences, where a bare name may
/// stand for a command.
fn told(page: &str) -> Vec<(&str, bool)> {
    let is_ours = |part: &&str| part.starts_with("proofreel ");
    let (mut found, mut in_block) = (Vec::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            let line = line.split(" #").next().unwrap_or_default();
            found.extend(line.split(", ").map(str::trim).filter(is_ours).map(|part| (part, true)));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).filter(is_ours).map(|part| (part, false)));
        }
    }
    found
}

/// The words of a command as a shell gives them: placeholders that are more than a text filled in, of alternatives the first, and what
/// may be left out not left out.
fn words(command: &str) -> Vec<String> {
    let filled = |word: &str| match word {
        "DAY" => "2026-11-02".to_owned(),
        "N" => "2".to_owned(),
        "STAGE" => "script".to_owned(),
        word => word.split('|').next().unwrap_or_default().to_owned(),
    };
    command.split_whitespace().map(|word| filled(word.trim_matches(['[', ']', '<', '>', '"']))).collect()
}

/// Whether words lead from command to subcommand, and say nothing beside.
fn is_name(words: &[String]) -> bool {
    words.iter().skip(1).try_fold(Cli::command(), |at, word| at.find_subcommand(word).cloned()).is_some()
}

/// What is wrong with a command.
fn complaint(command: &str, whole: bool) -> Option<String> {
    let words = words(command);
    if !whole && is_name(&words) {
        return None;
    }
    Cli::try_parse_from(&words).err().map(|error| format!("`{command}`: {error}"))
}

#[test]
fn every_command_of_readme_and_operations_is_one() {
    for (page, text) in [("README.md", README), ("specs/OPERATIONS.md", OPERATIONS)] {
        let told = told(text);
        assert!(told.len() > 30, "{page}: {told:?}");
        let wrong: Vec<String> = told.into_iter().filter_map(|(command, whole)| complaint(command, whole)).collect();
        assert!(wrong.is_empty(), "{page} tells what there is not:\n{}", wrong.join("\n"));
    }
}

#[test]
fn a_command_that_is_none_is_seen() {
    let page = "```console\nproofreel runs, proofreel verify  # two\n```\nSay `proofreel verify`, or `proofreel runs --most N`.";
    let found = told(page);
    assert_eq!(
        found,
        [
            ("proofreel runs", true),
            ("proofreel verify", true),
            ("proofreel verify", false),
            ("proofreel runs --most N", false)
        ]
    );
    let wrong: Vec<bool> = found.into_iter().map(|(command, whole)| complaint(command, whole).is_some()).collect();
    assert_eq!(
        wrong,
        [false, true, false, true],
        "a block lacks what a sentence may leave out; --most is of `runs list`"
    );
    for command in
        ["proofreel produce --resume RUN --cloud", "proofreel incidents resolve CAUSE --follow-up …", "proofreel look"]
    {
        assert!(complaint(command, false).is_some(), "{command}");
    }
}

/// What OPERATIONS lists as working on a deployed stack takes `--cloud`.
#[test]
fn what_works_on_a_deployed_stack_takes_cloud() {
    let section = OPERATIONS.split("## The same from a desk").nth(1).unwrap();
    let (listed, _) = section.split_once(" work on a deployed stack").unwrap();
    let mut all = Cli::command();
    all.build();
    let mut seen = 0;
    for name in listed.split('`').skip(1).step_by(2) {
        let path: Vec<&str> =
            name.split_whitespace().filter(|word| *word != "proofreel" && !word.starts_with('-')).collect();
        let (last, first) = path.split_last().unwrap();
        for last in last.split('|') {
            let mut words = first.iter().copied().chain([last]);
            let found = words.try_fold(&all, |at, word| at.find_subcommand(word));
            let takes =
                |command: &clap::Command| command.get_arguments().any(|argument| argument.get_long() == Some("cloud"));
            assert!(found.is_some_and(takes), "`{name}`, {last}: there is no --cloud");
            seen += 1;
        }
    }
    assert!(seen > 10, "{listed}");
}
