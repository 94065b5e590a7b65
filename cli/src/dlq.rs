//! `proofreel dlq`: what was given up, and what a person does about it.

pub mod args;
mod tell;

use std::process::ExitCode;

use proofreel_model::ids::RunId;
use proofreel_pipeline::{Opened, Redriven, run_rows};
use proofreel_ports::{Letter, Records};
use serde_json::{Value, json};

use crate::args::Global;
use crate::cloud::Place;
use crate::exit::{Class, Failure};
use crate::threads;
use args::{DlqArgs, DlqCommand};
use tell::{Told, tell_list, tell_one};

/// Most letters that one command looks at.
const MOST: usize = 1_000;
/// How long letters are in hand, milliseconds: longer than a command takes. A command that dies gives them back by then.
const HOLD_MS: u64 = 60_000;

pub fn dlq(global: &Global, args: &DlqArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let place = Place::open(args.cloud, &global.state).await?;
        let letters = place.letters.take(MOST, HOLD_MS).await?;
        let mut desk = Desk { place: &place, json: global.json, in_hand: letters };
        let done = desk.work(args.command.as_ref().unwrap_or(&DlqCommand::List)).await;
        // Whatever happened: what was not removed is there for the next one who looks.
        let back = desk.give_back().await;
        let code = done?;
        back?;
        Ok(code)
    })
}

/// The letters in hand and what is done with them.
struct Desk<'a> {
    place: &'a Place,
    json: bool,
    in_hand: Vec<Letter>,
}

impl Desk<'_> {
    async fn work(&mut self, command: &DlqCommand) -> Result<ExitCode, Failure> {
        match command {
            DlqCommand::List => {
                let mut told = Vec::new();
                for letter in &self.in_hand {
                    told.push(self.told(letter).await?);
                }
                if self.json {
                    print(&json!({ "letters": told.iter().map(Told::document).collect::<Vec<_>>() }));
                } else {
                    tell_list(&told);
                }
                Ok(ExitCode::SUCCESS)
            }
            DlqCommand::Show { letter } => {
                let letter = self.find(letter)?;
                let told = self.told(&letter).await?;
                if self.json {
                    let mut document = told.document();
                    document["body"] = letter.body.into();
                    print(&document);
                } else {
                    tell_one(&told, &letter.body);
                }
                Ok(ExitCode::SUCCESS)
            }
            DlqCommand::Redrive { letter, run, dry_run } => self.redrive(letter, run.as_deref(), *dry_run).await,
            DlqCommand::Drop { letter, reason } => self.give_up(letter, reason).await,
        }
    }

    /// The letter of this id, or of the only id that begins so.
    fn find(&self, id: &str) -> Result<Letter, Failure> {
        let begins: Vec<_> = self.in_hand.iter().filter(|letter| letter.id.starts_with(id)).collect();
        match (self.in_hand.iter().find(|letter| letter.id == id), begins.as_slice()) {
            (Some(letter), _) => Ok(letter.clone()),
            (None, [letter]) => Ok((*letter).clone()),
            (None, []) => Err(Failure::input(format!(
                "there is no dead letter `{id}`\n  hint: `proofreel dlq` lists them; one that somebody else has in hand is back within a minute"
            ))),
            (None, several) => Err(Failure::input(format!(
                "{} dead letters begin with `{id}`\n  hint: give more of it",
                several.len()
            ))),
        }
    }

    /// What a person should know of a letter.
    async fn told(&self, letter: &Letter) -> Result<Told, Failure> {
        let opened = Opened::read(&letter.body);
        let why = match (&opened.parked, &opened.message) {
            (Some(parked), _) => parked.clone(),
            (None, Some(message)) => last_error(self.place.records.as_ref(), &message.run, message.stage)
                .await?
                .unwrap_or_else(|| "delivered too often, and no worker lived to say why".into()),
            (None, None) => "no message of the chain".into(),
        };
        let now = self.place.driver.ports().clock.now();
        Ok(Told::new(letter, opened.message.as_ref(), why, now))
    }

    async fn redrive(&mut self, ids: &[String], run: Option<&str>, dry: bool) -> Result<ExitCode, Failure> {
        let mut chosen = ids.iter().map(|id| self.find(id)).collect::<Result<Vec<_>, _>>()?;
        let mut results = Vec::new();
        if let Some(run) = run {
            let of_run = |letter: &&Letter| {
                Opened::read(&letter.body).message.is_some_and(|message| message.run.as_str() == run)
            };
            chosen.extend(self.in_hand.iter().filter(of_run).cloned());
            if chosen.is_empty() {
                // A sweep may have failed the run and taken the letter away.
                let came = self.place.driver.redrive_run(&RunId::from(run), dry).await?;
                results.push((run.to_owned(), came));
            }
        }
        for letter in &chosen {
            let came = self.place.driver.redrive(&letter.body, dry).await?;
            if came.is_settled() && !dry {
                self.remove(letter).await?;
            }
            results.push((letter.id.clone(), came));
        }
        let stays = results.iter().any(|(_, came)| !came.is_settled());
        if self.json {
            let rows = results.iter().map(|(id, came)| json!({"letter": id, "result": name(came), "dry_run": dry}));
            print(&json!({ "redriven": rows.collect::<Vec<Value>>() }));
        } else {
            for (id, came) in &results {
                println!("{id}  {}", tell::redriven(came, dry));
            }
            if results.iter().any(|(_, came)| *came == Redriven::Sent) && !dry {
                println!("{}", tell::WHAT_NOW);
            }
        }
        Ok(if stays { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
    }

    async fn give_up(&mut self, ids: &[String], reason: &str) -> Result<ExitCode, Failure> {
        if reason.trim().is_empty() {
            return Err(Failure::input("a dropped letter needs a reason\n  hint: --reason \"what was wrong with it\""));
        }
        let chosen = ids.iter().map(|id| self.find(id)).collect::<Result<Vec<_>, _>>()?;
        for letter in &chosen {
            // In this order a crash in between leaves an incident too many rather than none.
            self.place.driver.give_up(letter, reason).await?;
            self.remove(letter).await?;
        }
        if self.json {
            print(&json!({ "dropped": chosen.iter().map(|letter| &letter.id).collect::<Vec<_>>(), "reason": reason }));
        } else {
            for letter in &chosen {
                println!("{}  dropped; an incident keeps why", letter.id);
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn remove(&mut self, letter: &Letter) -> Result<(), Failure> {
        self.place.letters.remove(letter).await?;
        self.in_hand.retain(|other| other.id != letter.id);
        Ok(())
    }

    async fn give_back(&self) -> Result<(), Failure> {
        for letter in &self.in_hand {
            self.place.letters.release(letter).await?;
        }
        Ok(())
    }
}

/// What the run log says last about a stage of a run that went wrong.
async fn last_error(
    records: &dyn Records,
    run: &RunId,
    stage: proofreel_model::stage::StageName,
) -> Result<Option<String>, Failure> {
    let rows = run_rows(records, run).await?;
    Ok(rows.into_iter().rev().filter(|row| row.stage == stage).find_map(|row| row.error_summary))
}

/// The word for programs.
fn name(came: &Redriven) -> &'static str {
    match came {
        Redriven::Sent => "sent",
        Redriven::Overtaken => "overtaken",
        Redriven::AtWork => "at_work",
        Redriven::Resting => "resting",
        Redriven::NoRun => "no_run",
        Redriven::Unreadable => "unreadable",
    }
}

fn print(document: &Value) {
    println!("{document:#}");
}
