//! The report as `JUnit` XML: a test case for each subject, in a test suite for each bounded context.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::remark::{Case, Remark, Severity};
use crate::{
    error::{Explain, Failure},
    terminal::printable,
};

/// Why a report cannot be written as XML.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result as JUnit XML")]
struct Unwritten(#[source] quick_junit::SerializeError);

impl Explain for Unwritten {}

/// The cases as one report.
pub fn render(cases: &[Case]) -> Result<String, Failure> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for case in cases {
        let context = case.context.as_deref().unwrap_or("stele");
        let suite = suites.entry(context).or_insert_with(|| TestSuite::new(context));
        suite.add_test_case(test(case));
    }
    let mut report = Report::new("stele");
    report.add_test_suites(suites.into_values());
    let mut text = report.to_string().map_err(Unwritten)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn test(case: &Case) -> TestCase {
    let said = |remark: &Remark| {
        let place = remark.place.as_ref();
        let place = place.map(|it| format!("{}:{}:{}: ", it.origin, it.line, it.column));
        format!("{}{}: {}", place.unwrap_or_default(), remark.rule, case.line(remark))
    };
    let all = || case.remarks.iter().map(said).collect::<Vec<_>>().join("\n");
    let status = if case.passes {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let gravest = case.remarks.iter().find(|it| it.severity >= Severity::Warning);
        if let Some(remark) = gravest {
            status.set_type(remark.rule.clone()).set_message(printable(&remark.text));
        }
        status.set_description(all());
        status
    };
    let mut test = TestCase::new(printable(&case.title), status);
    if case.passes && !case.remarks.is_empty() {
        test.set_system_out(all());
    }
    test
}
