//! The table as a document for machines.

use serde_json::{Map, Value, json};

use super::{Access, HTML, ROUTES, Route};

/// The table as an `OpenAPI` 3.1 document.
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let members = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(members) = members.as_object_mut() {
            members.insert(route.method.into(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Proofreel console",
            "version": "1.0.0",
            "description": "Pages and forms of the console, and the door for signed decisions. Explained in specs/CONSOLE.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"securitySchemes": {
            "session": {"type": "apiKey", "in": "cookie", "name": "__Host-proofreel", "description": "The cookie that signing in gives; named `proofreel` on 127.0.0.1"},
            "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": "Standard Webhooks: id, timestamp and signature"},
        }},
    })
}

fn operation(route: &Route) -> Value {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(route.query.iter().map(|field| {
        json!({"name": field.name, "in": "query", "required": field.required, "description": field.about, "schema": field.kind.schema()})
    }));
    if route.id == "file" {
        for (name, about) in [
            ("Range", "One part, in bytes"),
            ("If-None-Match", "What is known"),
            ("If-Range", "The part of this one only"),
        ] {
            parameters.push(json!({"name": name, "in": "header", "required": false, "description": about, "schema": {"type": "string"}}));
        }
    }
    let mut answers: Map<String, Value> = Map::new();
    let mut answer = |status: u16, kind: &str, about: &str| {
        let body = if kind.is_empty() {
            json!({"description": about})
        } else {
            json!({"description": about, "content": {kind: {"schema": if kind == "application/json" { json!({}) } else { json!({"type": "string"}) }}}})
        };
        answers.entry(status.to_string()).or_insert(body);
    };
    for (status, kind, about) in route.answers {
        answer(*status, kind, about);
    }
    answer(403, HTML, "Another site made the request, the console does not answer to this name, or the person may not");
    if route.access == Access::Session {
        answer(401, HTML, "Nobody is signed in");
    }
    if route.access != Access::Open || route.path.contains('{') {
        answer(404, HTML, "There is no such thing, or none that this person may see");
    }
    let unavailable = if route.access == Access::Signature { "application/json" } else { HTML };
    answer(503, unavailable, "Storage did not answer; try again");
    let mut operation = json!({"operationId": route.id, "summary": route.summary, "responses": answers});
    let Some(members) = operation.as_object_mut() else { return operation };
    if !parameters.is_empty() {
        members.insert("parameters".into(), parameters.into());
    }
    match route.access {
        Access::Open => drop(members.insert("security".into(), json!([]))),
        Access::Session => drop(members.insert("security".into(), json!([{"session": []}]))),
        Access::Signature => {
            members.insert("security".into(), json!([{"signature": []}]));
            members.insert(
                "requestBody".into(),
                json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}}),
            );
        }
    }
    if !route.form.is_empty() {
        let properties: Map<String, Value> = route
            .form
            .iter()
            .map(|field| {
                let mut schema = field.kind.schema();
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("description".into(), field.about.into());
                }
                (field.name.to_owned(), schema)
            })
            .collect();
        let required: Vec<&str> = route.form.iter().filter(|field| field.required).map(|field| field.name).collect();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        members.insert(
            "requestBody".into(),
            json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}),
        );
    }
    operation
}
