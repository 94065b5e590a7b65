//! What `infra/template.yaml` takes: read as it stands, before SAM expands it.
//!
//! Short intrinsic functions are read without their tag: `!Ref Table` is the text `Table`. That is enough here, because
//! only literals and parameters' defaults count.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::policy::allowance_law;
use serde::Deserialize;
use serde_json::Value;

use super::schedule::{DAY, minutes_of_day, times_a_month};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default)]
    globals: Value,
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    properties: Value,
}

/// A function as deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Name without the stack's prefix.
    pub name: String,
    /// Memory, MB.
    pub memory_mb: f64,
    /// Time-out, seconds.
    pub timeout: f64,
    /// Room on its disk, MB; Amazon asks nothing for the first 512.
    pub storage_mb: f64,
    /// Its trigger by a queue, when it has one.
    pub trigger: Option<Trigger>,
    /// Times a month that schedules call it.
    pub scheduled: f64,
    /// Minutes of the day at which they do, on any of its days.
    pub at: Vec<u32>,
    /// True when one of them does not tell its minute.
    pub any_time: bool,
    /// True when it has an address of its own.
    pub has_address: bool,
}

/// A trigger by a queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trigger {
    /// True when it polls from the deploy on.
    pub awake: bool,
    /// Most calls at once.
    pub concurrency: f64,
}

/// What the template takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// All functions.
    pub functions: Vec<Function>,
    /// Times a month that the batch starts a run for every channel.
    pub starts: f64,
    /// Minutes of the day at which it does; all of them when a schedule does not tell.
    pub starts_at: Vec<u32>,
    /// Capacity of all tables and indexes; infinite when paid by request.
    pub read_units: f64,
    /// The same for writing.
    pub write_units: f64,
    /// Alarms.
    pub alarms: f64,
    /// Metrics of our own that an alarm or a dashboard shows.
    pub metrics: f64,
    /// Dashboards.
    pub dashboards: f64,
}

/// Reads a template's text.
///
/// # Errors
/// Why it is none, or what of it nobody has said the cost of.
pub fn parse(text: &str) -> Result<Template, String> {
    let document: Document = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let mut template = Template::default();
    let mut metrics = BTreeSet::new();
    for (id, resource) in &document.resources {
        let properties = &resource.properties;
        match resource.r#type.as_str() {
            "AWS::Serverless::Function" => function(&document, id, properties, &mut template)?,
            "AWS::DynamoDB::Table" => table(properties, &mut template),
            "AWS::CloudWatch::Alarm" => {
                template.alarms += 1.0;
                if let (Some(space), Some(name)) =
                    (properties["Namespace"].as_str().and_then(own), properties["MetricName"].as_str())
                {
                    metrics.insert(format!("{space}/{name}"));
                }
            }
            "AWS::CloudWatch::Dashboard" => {
                template.dashboards += 1.0;
                metrics.extend(shown(properties["DashboardBody"].as_str().unwrap_or_default()));
            }
            _ => {}
        }
    }
    template.metrics = metrics.len() as f64;
    Ok(template)
}

fn function(document: &Document, id: &str, properties: &Value, template: &mut Template) -> Result<(), String> {
    let number = |key: &str, usual: f64| {
        [properties, &document.globals["Function"]].iter().find_map(|place| place[key].as_f64()).unwrap_or(usual)
    };
    let named = properties["FunctionName"].as_str().unwrap_or(id);
    let mut function = Function {
        name: named.trim_start_matches("${AWS::StackName}-").to_owned(),
        memory_mb: number("MemorySize", 128.0),
        timeout: number("Timeout", 3.0),
        storage_mb: properties["EphemeralStorage"]["Size"].as_f64().unwrap_or(allowance_law().limits.free_storage_mb),
        trigger: None,
        scheduled: 0.0,
        at: Vec::new(),
        any_time: false,
        has_address: document.resources.values().any(|other| is_address_of(other, id)),
    };
    for (event, spec) in properties["Events"].as_object().into_iter().flatten() {
        let (kind, spec) = (spec["Type"].as_str().unwrap_or_default(), &spec["Properties"]);
        match kind {
            "SQS" => {
                function.trigger = Some(Trigger {
                    awake: spec["Enabled"].as_bool().unwrap_or(true),
                    concurrency: spec["ScalingConfig"]["MaximumConcurrency"].as_f64().unwrap_or(1_000.0),
                });
            }
            "Schedule" | "ScheduleV2" => {
                let expression = spec["ScheduleExpression"].as_str().unwrap_or_default();
                let default = document.parameters.get(expression).and_then(|parameter| parameter["Default"].as_str());
                let expression = default.unwrap_or(expression);
                let times = times_a_month(expression, allowance_law().days)
                    .map_err(|why| format!("{id}, event {event}: {why}"))?;
                function.scheduled += times;
                let minutes = minutes_of_day(expression);
                function.any_time |= minutes.is_none();
                function.at.extend(minutes.iter().flatten());
                if spec["Input"].as_str().unwrap_or_default().contains("\"start\"") {
                    template.starts += times;
                    template.starts_at.extend(minutes.unwrap_or_else(|| (0..DAY).collect()));
                }
            }
            other => {
                return Err(format!("{id}, event {event}: nobody has said what a trigger of type `{other}` costs"));
            }
        }
    }
    template.functions.push(function);
    Ok(())
}

/// True for a Function URL of this function.
fn is_address_of(resource: &Resource, id: &str) -> bool {
    let target = resource.properties["TargetFunctionArn"].as_str().unwrap_or_default();
    resource.r#type == "AWS::Lambda::Url" && target.strip_suffix(".Arn").unwrap_or(target) == id
}

fn table(properties: &Value, template: &mut Template) {
    if properties["BillingMode"].as_str().unwrap_or("PROVISIONED") != "PROVISIONED" {
        (template.read_units, template.write_units) = (f64::INFINITY, f64::INFINITY);
    }
    let indexes = properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    for unit in std::iter::once(properties).chain(indexes) {
        template.read_units += unit["ProvisionedThroughput"]["ReadCapacityUnits"].as_f64().unwrap_or(0.0);
        template.write_units += unit["ProvisionedThroughput"]["WriteCapacityUnits"].as_f64().unwrap_or(0.0);
    }
}

/// A namespace of our own, by the name that an alarm (`!Ref AWS::StackName`) and a dashboard (`${AWS::StackName}`) have for it; none of
/// Amazon's.
fn own(space: &str) -> Option<&str> {
    let bare = space.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(space);
    (!bare.starts_with("AWS/")).then_some(bare)
}

/// Metrics of our own on a dashboard: rows that begin `["Namespace", "Name"`.
fn shown(body: &str) -> Vec<String> {
    body.lines()
        .filter_map(|line| {
            let mut words = line.trim().strip_prefix("[\"")?.split('"');
            let (space, name) = (words.next().and_then(own)?, words.nth(1)?);
            Some(format!("{space}/{name}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_template_is_read() {
        let template = parse(include_str!("../../../../infra/template.yaml")).unwrap();
        assert_eq!(template.functions.len(), 13);
        let render = template.functions.iter().find(|function| function.name == "render").unwrap();
        assert_eq!((render.timeout, render.trigger.unwrap().awake), (900.0, false));
        assert!(render.memory_mb <= 3008.0 && render.storage_mb > 512.0);
        let planner = template.functions.iter().find(|function| function.name == "planner").unwrap();
        assert_eq!(planner.timeout, 120.0, "from Globals");
        assert_eq!((template.read_units, template.write_units), (6.0, 6.0));
        // A week has two starts; the longest month has five of some weekdays.
        assert!((8.0..=10.0).contains(&template.starts), "{}", template.starts);
        let batch = template.functions.iter().find(|function| function.name == "batch").unwrap();
        assert_eq!(batch.scheduled, template.starts + 24.0 * 31.0);
        assert_eq!(
            (batch.at.as_slice(), batch.any_time),
            (template.starts_at.as_slice(), true),
            "by the clock, and hourly"
        );
        let measure = template.functions.iter().find(|function| function.name == "measure").unwrap();
        assert!(!measure.any_time && measure.at.iter().all(|minute| !template.starts_at.contains(minute)));
        assert!((1.0..=10.0).contains(&template.alarms) && template.dashboards == 1.0);
        assert_eq!(template.metrics, 9.0, "one on an alarm and on the dashboard is one");
    }

    #[test]
    fn what_is_not_said_is_amazons_default() {
        let text = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        Work: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn}}\n  T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}";
        let template = parse(text).unwrap();
        let function = &template.functions[0];
        assert_eq!((function.memory_mb, function.timeout, function.storage_mb), (128.0, 3.0, 512.0));
        assert!(function.trigger.unwrap().awake);
        assert_eq!(template.read_units, f64::INFINITY);
        let unknown = text.replace("Type: SQS", "Type: Api");
        assert!(parse(&unknown).unwrap_err().contains("`Api`"));
    }
}
