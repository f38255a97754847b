//! The page at `/docs`: the description as a person reads it. It loads nothing and runs nothing.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}\
h1,h2{line-height:1.2}code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f2;padding:1rem;overflow:auto}\
section{border-top:1px solid #ccc;padding:1rem 0}.method{display:inline-block;min-width:4.5rem;font-weight:700}\
table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}pre{background:#242424}a{color:#9cf}}";

/// The description as a page.
pub(super) fn render(document: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Stele registry</title><style>{STYLE}</style></head><body>\
         <h1>Stele registry</h1><p>{} The same for machines: <a href=\"/openapi.json\">/openapi.json</a>.</p><nav><ul>",
        escaped(text(&document["info"]["description"]))
    );
    let operations = || {
        let paths = document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        })
    };
    for (path, method, operation) in operations() {
        let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
        add(
            &mut page,
            &format!(
                "<li><a href=\"#{id}\"><code>{} {}</code></a> {}</li>",
                method.to_uppercase(),
                escaped(path),
                escaped(summary)
            ),
        );
    }
    add(&mut page, "</ul></nav>");
    for (path, method, operation) in operations() {
        section(&mut page, path, method, operation);
    }
    add(&mut page, "<h2>Shapes</h2>");
    for (name, shape) in document["components"]["schemas"].as_object().into_iter().flatten() {
        add(&mut page, &format!("<section id=\"shape-{name}\"><h3>{name}</h3>"));
        shown(&mut page, shape);
        add(&mut page, "</section>");
    }
    add(&mut page, "</body></html>");
    page
}

fn section(page: &mut String, path: &str, method: &str, operation: &Value) {
    let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
    add(
        page,
        &format!(
            "<section id=\"{id}\"><h2><span class=\"method\">{}</span><code>{}</code></h2><p>{}</p>",
            method.to_uppercase(),
            escaped(path),
            escaped(summary)
        ),
    );
    let parameters = operation["parameters"].as_array();
    if let Some(parameters) = parameters {
        add(page, "<table><tr><th>Parameter</th><th>In</th><th></th></tr>");
        for parameter in parameters {
            let must = if parameter["required"] == true { " (required)" } else { "" };
            add(
                page,
                &format!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{}{must}</td></tr>",
                    escaped(text(&parameter["name"])),
                    text(&parameter["in"]),
                    escaped(text(&parameter["description"]))
                ),
            );
        }
        add(page, "</table>");
    }
    for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        add(page, &format!("<p>Body, <code>{kind}</code>: {}</p>", shape(&content["schema"])));
    }
    add(page, "<table><tr><th>Status</th><th></th><th>Shape</th></tr>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let content = answer["content"].as_object().and_then(|all| all.values().next());
        add(
            page,
            &format!(
                "<tr><td>{status}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(&answer["description"])),
                content.map(|content| shape(&content["schema"])).unwrap_or_default()
            ),
        );
    }
    add(page, "</table></section>");
}

/// A link to a shape.
fn shape(schema: &Value) -> String {
    let name = text(&schema["$ref"]).rsplit('/').next().unwrap_or_default();
    format!("<a href=\"#shape-{name}\">{name}</a>")
}

fn shown(page: &mut String, shape: &Value) {
    let pretty = serde_json::to_string_pretty(shape).unwrap_or_default();
    add(page, &format!("<pre>{}</pre>", escaped(&pretty)));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn add(page: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = page.write_str(text);
}
