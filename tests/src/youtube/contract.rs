//! The discovery document as a judge of requests.

use std::sync::OnceLock;

use serde_json::Value;

/// Google's document, cut to what publishing uses.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        serde_json::from_str(include_str!("../../data/youtube/youtube.v3.subset.json")).expect("the document is JSON")
    })
}

/// A method of the API.
pub struct Found {
    /// `videos.insert`
    pub name: String,
    /// True when it was asked at its address for uploads.
    pub upload: bool,
    method: &'static Value,
}

/// The method at an address.
pub fn find(verb: &str, path: &str) -> Result<Found, String> {
    let resources = document()["resources"].as_object().expect("resources");
    for (resource, methods) in resources {
        for (name, method) in methods["methods"].as_object().expect("methods") {
            let plain = format!("/{}", method["path"].as_str().unwrap_or_default());
            let upload = method.pointer("/mediaUpload/protocols/simple/path").and_then(Value::as_str);
            if method["httpMethod"] == verb && (path == plain || Some(path) == upload) {
                return Ok(Found { name: format!("{resource}.{name}"), upload: Some(path) == upload, method });
            }
        }
    }
    Err(format!("the contract has no {verb} {path}"))
}

impl Found {
    /// Judges the query: known parameters, required ones there, parts that exist.
    pub fn judge_query(&self, query: &[(String, String)]) -> Result<(), String> {
        let own = self.method["parameters"].as_object();
        for (name, value) in query {
            let known = own.and_then(|own| own.get(name)).or_else(|| document()["parameters"].get(name));
            let known = known.ok_or_else(|| format!("{} takes no parameter {name}", self.name))?;
            judge(known, &typed(known, value), name)?;
            if name == "part" {
                self.judge_parts(value)?;
            }
        }
        let required = own.into_iter().flatten().filter(|(_, about)| about["required"] == true);
        for (name, _) in required {
            if !query.iter().any(|(given, _)| given == name) {
                return Err(format!("{} wants {name}", self.name));
            }
        }
        Ok(())
    }

    fn judge_parts(&self, parts: &str) -> Result<(), String> {
        let schema = self.method.pointer("/request/$ref").or_else(|| self.method.pointer("/response/$ref"));
        let mut of = resolve(schema.and_then(Value::as_str).unwrap_or_default());
        if let Some(items) = of.pointer("/properties/items/items/$ref").and_then(Value::as_str) {
            of = resolve(items);
        }
        match parts.split(',').find(|part| of["properties"].get(*part).is_none()) {
            Some(part) => Err(format!("{} has no part {part}", self.name)),
            None => Ok(()),
        }
    }

    /// Judges a JSON body, and that it has no member outside the parts named (but its id).
    pub fn judge_body(&self, body: &Value, parts: &str) -> Result<(), String> {
        let schema = self.method.pointer("/request/$ref").and_then(Value::as_str);
        let schema = schema.ok_or_else(|| format!("{} takes no body", self.name))?;
        judge(resolve(schema), body, schema)?;
        let stray = body
            .as_object()
            .into_iter()
            .flatten()
            .find(|(name, _)| *name != "id" && !parts.split(',').any(|part| part == *name));
        stray.map_or(Ok(()), |(name, _)| Err(format!("{name} is in no part named")))
    }

    /// Judges a JSON document that is answered: this fake says nothing that the real one cannot.
    pub fn judge_answer(&self, body: &Value) -> Result<(), String> {
        let schema = self.method.pointer("/response/$ref").and_then(Value::as_str);
        let schema = schema.ok_or_else(|| format!("{} answers nothing", self.name))?;
        judge(resolve(schema), body, schema)
    }

    /// Judges the kind and length of what is uploaded.
    pub fn judge_media(&self, media_type: &str, bytes: u64) -> Result<(), String> {
        let accepted = self.method.pointer("/mediaUpload/accept").and_then(Value::as_array).into_iter().flatten();
        let fits = |pattern: &str| {
            pattern == "*/*"
                || pattern == media_type
                || pattern.strip_suffix("/*").is_some_and(|kind| media_type.starts_with(kind))
        };
        if !accepted.filter_map(Value::as_str).any(fits) {
            return Err(format!("{} takes no {media_type}", self.name));
        }
        let most =
            self.method.pointer("/mediaUpload/maxSize").and_then(Value::as_str).and_then(|most| most.parse().ok());
        if most.is_some_and(|most: u64| bytes > most) { Err(format!("{bytes} bytes are too many")) } else { Ok(()) }
    }
}

/// A text of a query as the type that its parameter has.
fn typed(about: &Value, text: &str) -> Value {
    match about["type"].as_str() {
        Some("boolean") => text.parse().map_or_else(|_| text.into(), Value::Bool),
        Some("integer") => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        _ => text.into(),
    }
}

fn resolve(name: &str) -> &'static Value {
    &document()["schemas"][name]
}

/// Judges a value by a schema of the document: types, enums, members, formats.
pub fn judge(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return judge(resolve(name), value, at);
    }
    let no = |what: &str| Err(format!("{at} is {value}, the contract says {what}"));
    match schema["type"].as_str() {
        Some("string") => {
            let Some(text) = value.as_str() else { return no("a text") };
            if schema["format"] == "date-time" && text.parse::<jiff::Timestamp>().is_err() {
                return no("a time after RFC 3339");
            }
            match schema["enum"].as_array() {
                Some(values) if !values.contains(value) => no("one of its words"),
                _ => Ok(()),
            }
        }
        Some("boolean") if !value.is_boolean() => no("true or false"),
        Some("integer") if !value.is_i64() => no("a whole number"),
        Some("array") => {
            let Some(items) = value.as_array() else { return no("a list") };
            items.iter().try_for_each(|item| judge(&schema["items"], item, at))
        }
        Some("object") => {
            let Some(members) = value.as_object() else { return no("an object") };
            for (name, member) in members {
                let about = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
                let about = about.ok_or_else(|| format!("{at} has no member {name}"))?;
                judge(about, member, &format!("{at}.{name}"))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
