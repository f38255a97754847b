//! The report as code quality of GitLab, which a merge request shows.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::remark::{Case, Severity};
use crate::source::hexadecimal;

/// The issues.
pub fn render(cases: &[Case], prefix: &str) -> Value {
    let issues = cases.iter().flat_map(|case| {
        case.remarks.iter().map(|remark| {
            let origin = remark.place.as_ref().map(|place| place.origin.as_str());
            let path = origin.or(case.origin.as_deref()).unwrap_or(&case.title);
            let lines = remark.place.as_ref().map_or((1, 1), |place| (place.line, place.end_line));
            let fingerprint = hexadecimal(&Sha256::digest(case.key(remark))[..16]);
            json!({
                "description": case.line(remark),
                "check_name": remark.rule,
                "fingerprint": fingerprint,
                "severity": match remark.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Note => "info",
                },
                "location": {
                    "path": super::file(path, prefix),
                    "lines": {"begin": lines.0, "end": lines.1},
                },
            })
        })
    });
    Value::Array(issues.collect())
}
