//! The arithmetic against numbers worked out by hand, and the project's own template against its promise.

use super::*;

const TEMPLATE: &str = include_str!("../../../../infra/template.yaml");

fn own() -> (Template, Measured) {
    (super::own().template.clone(), super::own().measured.clone())
}

fn month(template: &Template, measured: &Measured, all: u32) -> Month {
    Basis { law: allowance_law(), template, measured }.month(Channels { all, ..Channels::default() }).unwrap()
}

fn amount_of(month: &Month, id: &str) -> Amount {
    month.lines.iter().find(|line| line.id == id).and_then(|line| line.computed).unwrap()
}

fn used(month: &Month, id: &str) -> f64 {
    amount_of(month, id).used
}

#[test]
fn two_channels_at_two_uploads_a_week_stay_under_a_quarter_of_everything_that_use_fills() {
    let (template, measured) = own();
    let month = month(&template, &measured, 2);
    assert_eq!(month.runs, 2.0 * template.starts);
    for line in month.lines.iter().filter(|line| !line.slots) {
        if let Some(share) = line.share() {
            assert!(share < 0.25, "{}: {:.1} %", line.name, share * 100.0);
        }
    }
    let usd = |line: &Line| line.computed.unwrap().usd;
    assert!(month.lines.iter().all(|line| line.slots || line.share().is_none() || usd(line) == 0.0));
    assert!(findings(&month).failures.is_empty(), "{:?}", findings(&month).failures);
    assert!(month.demand.unwrap().share_rested() <= 1.0, "the table carries them: {:?}", month.demand);
    assert!(!findings(&month).warnings.iter().any(|warning| warning.contains("the table")));
}

#[test]
fn calls_at_once_count_the_clock_and_the_console_beside_runs() {
    let (template, measured) = own();
    // Four parts of films, a stage for each channel, the batch, the watchdog, a page of the console.
    let at_once = |channels| month(&template, &measured, channels).calls_at_once;
    assert_eq!((at_once(2), at_once(3), at_once(4)), (9.0, 10.0, 11.0));
    let warned = |channels| {
        findings(&month(&template, &measured, channels))
            .warnings
            .iter()
            .any(|warning| warning.contains("calls at once"))
    };
    assert!(!warned(3) && warned(4));
}

#[test]
fn twenty_channels_are_still_free_but_for_storage() {
    let (template, measured) = own();
    let month = month(&template, &measured, 20);
    let over: Vec<_> = month.lines.iter().filter(|line| line.share().is_some_and(|share| share > 1.0)).collect();
    assert!(over.is_empty(), "{over:?}");
    let warnings = findings(&month).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("calls at once")), "{warnings:?}");
    assert!(
        warnings.iter().any(|warning| warning.contains("WriteCapacityUnits")),
        "or their runs take longer: {warnings:?}"
    );
}

#[test]
fn triggers_that_stay_awake_break_the_free_million() {
    let awake = TEMPLATE.replace(" Enabled: false", " Enabled: true");
    assert_ne!(awake, TEMPLATE);
    let (template, measured) = (template::parse(&awake).unwrap(), own().1);
    let month = month(&template, &measured, 2);
    // Seven queues, fifteen a minute, a month of 31 days.
    assert!(used(&month, "sqs_requests") > 7.0 * 15.0 * 60.0 * 24.0 * 31.0);
    let failures = findings(&month).failures;
    assert!(failures.iter().any(|failure| failure.starts_with("SQS requests")), "{failures:?}");
    // One alone is already most of it.
    let one = TEMPLATE.replacen(" Enabled: false", " Enabled: true", 1);
    let month = self::month(&template::parse(&one).unwrap(), &measured, 2);
    let share = amount_of(&month, "sqs_requests").share.unwrap();
    assert!(share > 0.67, "{share}");
}

#[test]
fn a_table_paid_by_request_and_a_function_that_nobody_measured_are_refused() {
    let (_, mut measured) = own();
    let paid = TEMPLATE.replace("BillingMode: PROVISIONED", "BillingMode: PAY_PER_REQUEST");
    let month = month(&template::parse(&paid).unwrap(), &measured, 2);
    assert!(findings(&month).failures.iter().any(|failure| failure.contains("DynamoDB read capacity")));
    measured.function.retain(|function| function.name != "qa");
    let template = template::parse(TEMPLATE).unwrap();
    let error = Basis { law: allowance_law(), template: &template, measured: &measured }
        .month(Channels { all: 2, ..Channels::default() });
    assert!(error.unwrap_err().contains("`qa`"));
}

#[test]
fn a_function_that_outgrew_its_time_or_room_is_refused() {
    let (template, mut measured) = own();
    let render = measured.function.iter_mut().find(|function| function.name == "render").unwrap();
    render.seconds = 890.0;
    let failures = findings(&month(&template, &measured, 2)).failures;
    assert!(failures.iter().any(|failure| failure.starts_with("function render")), "{failures:?}");
    let qa = measured.function.iter_mut().find(|function| function.name == "qa").unwrap();
    qa.storage_mb = 500.0;
    let failures = findings(&month(&template, &measured, 2)).failures;
    assert!(failures.iter().any(|failure| failure.contains("500 MB of 512 on disk")), "{failures:?}");
}

/// Two functions, a Monday's start and an hourly sweep; every call costs the same.
pub(super) fn by_hand() -> (Template, Measured) {
    let text = "Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-qa
      MemorySize: 1769
      Timeout: 60
      Events:
        Work: {Type: SQS, Properties: {Enabled: false, ScalingConfig: {MaximumConcurrency: 2}}}
  B:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-batch
      MemorySize: 1024
      Timeout: 60
      Events:
        Start: {Type: ScheduleV2, Properties: {ScheduleExpression: cron(0 6 ? * MON *), Input: '{\"do\":\"start\"}'}}
        Sweep: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour), Input: '{\"do\":\"sweep\"}'}}
";
    let function = |name: &str| {
        format!(
            "[[function]]\nname = \"{name}\"\ncalls = 2\nseconds = 10\ncpu_seconds = 1\nmemory_mb = 50\nlog_bytes = 800\nsqs = 3\ns3_reads = 5\ns3_writes = 6\nkeys = 4\n"
        )
    };
    let measured = format!(
        "measured = \"2026-11-24\"\nmachine = \"hand\"\n[run]\nfilm_seconds = 120\nfilm_bytes = 1e9\nkept_bytes = 2e9\nparts_bytes = 0.0\ntable_bytes = 1e6\ncharacters = 1000\n{}{}",
        function("qa"),
        function("batch")
    );
    (template::parse(text).unwrap(), measured::parse(&measured).unwrap())
}

#[test]
fn sums_are_as_worked_out_by_hand() {
    let (template, measured) = by_hand();
    let month = month(&template, &measured, 3);
    assert_eq!(month.runs, 15.0, "three channels, five Mondays");
    let batches = 5.0 + 744.0;
    assert_eq!(used(&month, "lambda_requests"), 15.0 * 2.0 + batches);
    let gb_seconds = 30.0 * 10.0 * 1769.0 / 1024.0 + batches * 10.0;
    assert!((used(&month, "lambda_gb_seconds") - gb_seconds).abs() < 1e-6);
    // Six calls, two at a time: thirty seconds, and an hour until the sweep; five times a month.
    let awake = 5.0 * (0.5 + 60.0);
    assert!((month.awake_hours - awake / 60.0).abs() < 1e-9);
    assert!((used(&month, "sqs_requests") - (awake * 15.0 + (30.0 + batches) * 5.0)).abs() < 1e-6);
    assert_eq!(used(&month, "transfer_out_gb"), 30.0);
    assert_eq!(used(&month, "s3_gb"), 2.0 * 15.0 * 12.0);
    assert_eq!(used(&month, "s3_reads"), (30.0 + batches) * 5.0);
    assert_eq!(used(&month, "polly_characters"), 0.0);
    assert_eq!(used(&month, "lambda_disk_gb_seconds"), 0.0, "512 MB are everybody's");
    assert_eq!(used(&month, "lambda_streamed_gb"), 30.0);
    assert_eq!(used(&month, "kms_requests"), (30.0 + batches) * 4.0);
    let mut roomy = template.clone();
    roomy.functions.iter_mut().find(|function| function.name == "qa").unwrap().storage_mb = 2_560.0;
    let disk = used(&self::month(&roomy, &measured, 3), "lambda_disk_gb_seconds");
    assert!((disk - 30.0 * 10.0 * 2.0).abs() < 1e-9, "two gigabytes more for thirty calls of ten seconds: {disk}");
    let basis = Basis { law: allowance_law(), template: &template, measured: &measured };
    let first = basis.first_dollar(month.channels).unwrap();
    assert_eq!((first.what.as_str(), first.channels), ("S3 storage", 1), "120 GB a year at 2.3 cents");
}

#[test]
fn what_the_busiest_minutes_ask_of_the_table_is_as_worked_out_by_hand() {
    let (mut template, mut measured) = by_hand();
    (template.read_units, template.write_units) = (5.0, 5.0);
    assert_eq!(month(&template, &measured, 3).demand, None, "a file of before that was measured is still read");
    for function in &mut measured.function {
        (function.read_units, function.write_units) = (Some(20.0), Some(50.0));
    }
    // Two calls of the stage and one of the batch for each channel, five minutes.
    let demand = |channels| month(&template, &measured, channels).demand.unwrap();
    let three = demand(3);
    assert!((three.read - 9.0 * 20.0 / 300.0).abs() < 1e-9 && (three.write - 9.0 * 50.0 / 300.0).abs() < 1e-9);
    assert!((three.share() - 1.5 / 5.0).abs() < 1e-9);
    // Two at a time of ten seconds each: no more than sixty of the stage's two hundred calls, and a hundred of the batch.
    assert!((demand(100).write - 160.0 * 50.0 / 300.0).abs() < 1e-9);
    let warned = |channels| {
        findings(&month(&template, &measured, channels))
            .warnings
            .into_iter()
            .find(|warning| warning.contains("the table"))
    };
    assert_eq!(warned(3), None);
    // Twelve ask for more than five writes a second; after a rest it gives ten of them for five minutes.
    assert!(demand(12).share() > 1.0 && (demand(12).share_rested() - 0.6).abs() < 1e-9);
    assert_eq!(warned(12), None);
    let told = warned(100).unwrap();
    for said in [
        "10.7 reads and 26.7 writes a second",
        "has 5 and 5 units, and gives 10 and 10",
        "ReadCapacityUnits 11 and WriteCapacityUnits 27",
        "0.97 USD a month beyond the 25 of each",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    measured.function[0].write_units = None;
    assert_eq!(month(&template, &measured, 3).demand, None, "half a measurement is none");
}

#[test]
fn what_the_clock_calls_at_another_hour_is_not_asked_for_in_the_minutes_of_a_batch() {
    let (mut template, mut measured) = by_hand();
    (template.read_units, template.write_units) = (5.0, 5.0);
    for function in &mut measured.function {
        (function.read_units, function.write_units) = (Some(0.0), Some(50.0));
    }
    let batch = |name: &str| name == "batch";
    let mut late = template.functions.iter().find(|function| batch(&function.name)).unwrap().clone();
    let mut cost = measured.function.iter().find(|function| batch(&function.name)).unwrap().clone();
    (late.name, late.any_time) = (String::from("late"), false);
    (cost.name, cost.write_units) = (String::from("late"), Some(10.0));
    measured.function.push(cost);
    template.functions.push(late);
    let mut written = |at: u32, channels: u32| {
        template.functions.last_mut().unwrap().at = vec![at];
        month(&template, &measured, channels).demand.unwrap().write * 300.0
    };
    // Batches begin at six. Six calls of the stage and three of the batch at fifty; three late ones at ten.
    assert!((written(720, 3) - 450.0).abs() < 1e-9);
    assert!((written(362, 3) - 480.0).abs() < 1e-9, "two minutes later are the same five");
    assert!((written(358, 3) - 480.0).abs() < 1e-9);
    // Thirty channels keep the stage busy for five minutes, sixty calls of ten seconds two at a time: at five past six it still is.
    assert!((written(365, 30) - (60.0 * 50.0 + 30.0 * 50.0 + 30.0 * 10.0)).abs() < 1e-9);
    assert!((written(366, 30) - (60.0 * 50.0 + 30.0 * 50.0)).abs() < 1e-9, "and a minute later it is not");
}

/// Whoever names voices or writers sees what they use, and a part of more channels as large.
#[test]
fn voices_and_writers_of_channels_are_in_the_month() {
    let parse = |id: &str, more: &str| {
        let text = format!(
            "id = \"{id}\"\nname = \"{id}\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n{more}"
        );
        proofreel_model::channel::parse(id, &text).unwrap()
    };
    let profiles = [
        parse("aa", "[voice]\nproviders = [\"google-speech\", \"polly\"]\n"),
        parse("bb", "[voice]\nproviders = [\"azure-speech\"]\n[writer]\nproviders = [\"groq\"]\ntokens = 20000\n"),
        parse("cc", "[voice]\nengine = \"polly\"\n[writer]\nproviders = [\"groq\"]\n"),
        parse("dd", ""),
    ];
    let found = Channels::of(&profiles);
    let tokens = 20_000 + proofreel_model::policy::writer_law().budget.tokens;
    assert_eq!(found, Channels { all: 4, polly: 1, google: 1, azure: 1, writing: 2, tokens });
    assert_eq!(found.like(8), Channels { all: 8, polly: 2, google: 2, azure: 2, writing: 4, tokens: 2 * tokens });
    let (template, measured) = own();
    let month = Basis { law: allowance_law(), template: &template, measured: &measured }.month(found).unwrap();
    let film = measured.run.characters * template.starts;
    assert_eq!(used(&month, "google_characters"), film);
    assert_eq!(used(&month, "azure_characters"), film);
    assert_eq!(used(&month, "polly_characters"), 2.0 * film, "sound and marks");
    assert_eq!(used(&month, "model_tokens"), tokens as f64 * template.starts);
    let line = month.lines.iter().find(|line| line.id == "google_characters").unwrap();
    assert_eq!(line.free, 1_000_000.0, "what the law of providers lets a month have");
    let pages = template.functions.iter().find(|function| function.name == "report").unwrap().scheduled;
    assert!(used(&month, "sns_mails") >= 4.0 * (template.starts + pages), "a mail for each film and page");
}

#[test]
fn amounts_are_written_for_people() {
    for (value, text) in
        [(0.0, "0"), (0.5, "0.5"), (12.3456, "12.346"), (648_000.0, "648,000"), (f64::INFINITY, "no limit")]
    {
        assert_eq!(amount(value), text);
    }
}
