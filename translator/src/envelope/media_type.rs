//! What a `Content-Type` says, as far as a translator must know it.

/// The media type of one CloudEvent as a JSON document.
pub const CLOUDEVENT: &str = "application/cloudevents+json; charset=utf-8";

/// The media type of several CloudEvents as a JSON array.
pub const BATCH: &str = "application/cloudevents-batch+json; charset=utf-8";

/// The media type without its parameters, in lower case.
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether it is a batch of CloudEvents as JSON.
pub fn is_batch(content_type: &str) -> bool {
    essence(content_type) == "application/cloudevents-batch+json" && is_utf8(content_type)
}

/// Whether it is JSON (RFC 6839, section 3.1; RFC 8259).
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// Whether its text, if it says so, is UTF-8 or a part of it.
pub fn is_utf8(content_type: &str) -> bool {
    content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .all(|(_, charset)| {
            let charset = charset.trim().trim_matches('"');
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        assert!(is_json("Application/CloudEvents+JSON; charset=UTF-8"));
        assert!(is_utf8("application/json; Charset=\"utf-8\""));
        assert!(!is_json("application/xml"));
        assert!(!is_utf8("application/json; charset=utf-16"));
    }
}
