//! What is decided, given what happened and what was found out.

use serde_json::json;
use stele_api::{
    kind::Kind,
    patch::Patch,
    stream::{Policy, SubjectUpdate},
    subject::Subject,
};
use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    lens::{Assurance, Lens},
    policy::{Bump, Judgement, Level, Outcome, Refused, judge},
    schema::Schema,
    version::{Release, Version},
};

use super::decide;
use crate::{
    candidate::Proposal,
    catalog::Catalog,
    command::{Command, Describe, Register, SetConfig},
    event::{Event, Scope},
    findings::{Basis, Findings},
    refusal::Refusal,
};

fn orders() -> Subject {
    "orders.placed".parse().unwrap()
}

fn empty(level: Level) -> Catalog {
    Catalog::new(Policy::new(level, ContentModel::Event))
}

fn given(mut catalog: Catalog, commands: Vec<Command>) -> Catalog {
    for command in commands {
        for event in decide(&catalog, &command).unwrap() {
            catalog.apply(catalog.position().next(), &event);
        }
    }
    catalog
}

/// A registration as it reaches the decision: what judging would find is said here.
fn register(catalog: &Catalog, text: &str, found: Option<(Outcome, Bump)>) -> Register {
    let proposal = Proposal {
        text: text.to_owned(),
        schema_type: Some("JSON".to_owned()),
        ..Proposal::default()
    };
    let candidate = proposal.read(catalog).unwrap();
    let newest = catalog.stream(&orders()).and_then(|stream| stream.newest().cloned());
    let step = newest.zip(found).map(|(newest, (outcome, bump))| {
        let old = catalog.schema(&newest.content).unwrap();
        (newest.version, judgement(&old, &candidate.schema, outcome, bump))
    });
    let findings = Findings {
        basis: Basis::of(catalog, &orders()),
        against: step.clone().into_iter().collect(),
        step,
        lens: None,
    };
    Register {
        subject: orders(),
        candidate,
        lens: None,
        release: None,
        kind: None,
        id: None,
        version: None,
        forced: false,
        allow_undecided: false,
        findings: Some(findings),
    }
}

fn judgement(old: &Schema, new: &Schema, outcome: Outcome, bump: Bump) -> Judgement {
    let steps = Budget::steps(1_000);
    let judged = judge(old, new, Level::AdditionsOnly, ContentModel::Event, &steps);
    let refusals = match outcome {
        Outcome::Compatible => vec![],
        Outcome::Breaking | Outcome::Undecided => vec![Refused {
            rule: "type_changed".into(),
            at: "/properties/a".into(),
            why: "the type of a property changes".into(),
        }],
    };
    Judgement { outcome, bump, refusals, ..judged }
}

fn first(catalog: &Catalog) -> Command {
    Command::Register(Box::new(register(catalog, r#"{"title":"first"}"#, None)))
}

fn lens(from: u32, to: u32) -> Lens {
    let document = json!({
        "lens": 1, "subject": "orders.placed", "from": from, "to": to,
        "ops": [{"rename": {"from": "/a", "to": "/b"}}],
    });
    Lens::from_value(&document).unwrap()
}

fn registered(events: &[Event]) -> (u32, u32, String, bool) {
    let Some(Event::SchemaRegistered(event)) =
        events.iter().find(|event| matches!(event, Event::SchemaRegistered(_)))
    else {
        panic!("nothing was registered in {events:?}")
    };
    (event.version.number(), event.id.number(), event.release.to_string(), event.addition)
}

#[test]
fn the_first_version_is_1_0_0() {
    let catalog = empty(Level::AdditionsOnly);

    let events = decide(&catalog, &first(&catalog)).unwrap();

    assert_eq!(registered(&events), (1, 1, "1.0.0".into(), false));
}

#[test]
fn the_same_content_again_changes_nothing() {
    let catalog = given(empty(Level::AdditionsOnly), vec![first(&empty(Level::AdditionsOnly))]);

    let events = decide(&catalog, &first(&catalog)).unwrap();

    assert_eq!(events, []);
}

#[test]
fn an_addition_is_a_minor_and_needs_no_lens() {
    let catalog = given(empty(Level::AdditionsOnly), vec![first(&empty(Level::AdditionsOnly))]);

    let command = register(&catalog, "{}", Some((Outcome::Compatible, Bump::Minor)));

    let events = decide(&catalog, &Command::Register(Box::new(command))).unwrap();
    assert_eq!(registered(&events), (2, 2, "1.1.0".into(), true));
}

#[test]
fn a_break_is_refused_with_its_rule_and_place() {
    let catalog = given(empty(Level::AdditionsOnly), vec![first(&empty(Level::AdditionsOnly))]);

    let command = register(&catalog, "{}", Some((Outcome::Breaking, Bump::Major)));

    let refusal = decide(&catalog, &Command::Register(Box::new(command))).unwrap_err();
    insta::assert_snapshot!(refusal, @"the schema does not fit version 1 under ADDITIONS_ONLY: the type of a property changes (type_changed at `/properties/a`)");
}

#[test]
fn under_translatable_a_break_needs_a_lens_and_starts_a_major() {
    let catalog = given(empty(Level::Translatable), vec![first(&empty(Level::Translatable))]);
    let breaking = || register(&catalog, "{}", Some((Outcome::Breaking, Bump::Major)));

    let without = decide(&catalog, &Command::Register(Box::new(breaking()))).unwrap_err();
    let mut with = breaking();
    with.lens = Some(lens(1, 2));
    with.findings.as_mut().unwrap().lens = Some(Ok(Assurance::Tested(40)));
    let events = decide(&catalog, &Command::Register(Box::new(with))).unwrap();

    assert!(matches!(without, Refusal::LensRequired(_)));
    assert_eq!(registered(&events), (2, 2, "2.0.0".into(), false));
    assert!(matches!(&events[1], Event::LensAdded(lens) if lens.to.number() == 2));
}

#[test]
fn a_lens_for_another_edge_is_refused() {
    let catalog = given(empty(Level::Translatable), vec![first(&empty(Level::Translatable))]);
    let mut command = register(&catalog, "{}", Some((Outcome::Breaking, Bump::Major)));
    command.lens = Some(lens(2, 3));
    command.findings.as_mut().unwrap().lens = Some(Ok(Assurance::Proven));

    let refusal = decide(&catalog, &Command::Register(Box::new(command))).unwrap_err();

    insta::assert_snapshot!(refusal, @"the lens is for `orders.placed` from 2 to 3, and this is `orders.placed` from 1 to 2");
}

#[test]
fn a_declared_release_is_held_to_what_changed() {
    let catalog = given(empty(Level::None), vec![first(&empty(Level::None))]);
    let declare = |release: &str| {
        let mut command = register(&catalog, "{}", Some((Outcome::Breaking, Bump::Major)));
        command.findings.as_mut().unwrap().against.clear();
        command.release = Some(release.parse().unwrap());
        decide(&catalog, &Command::Register(Box::new(command)))
    };

    insta::assert_snapshot!(declare("1.1.0").unwrap_err(), @"release 1.1.0 declares a minor step after 1.0.0, and what changed is a major step");
    insta::assert_snapshot!(declare("1.0.0").unwrap_err(), @"release 1.0.0 does not come after 1.0.0, the newest");
    assert_eq!(registered(&declare("3.0.0").unwrap()).2, "3.0.0");
}

#[test]
fn findings_about_another_state_of_the_subject_decide_nothing() {
    let catalog = given(empty(Level::AdditionsOnly), vec![first(&empty(Level::AdditionsOnly))]);
    let stale = register(&catalog, "{}", Some((Outcome::Compatible, Bump::Minor)));
    let set = SetConfig {
        scope: Scope::Subject(orders()),
        compatibility: Patch::Set(Level::Full),
        content_model: Patch::Keep,
        widen: Patch::Keep,
        strict_lenses: Patch::Keep,
    };
    let catalog = given(catalog, vec![Command::SetConfig(set)]);

    let refusal = decide(&catalog, &Command::Register(Box::new(stale))).unwrap_err();

    assert!(matches!(refusal, Refusal::Moved));
}

#[test]
fn a_demand_that_cannot_be_met_is_refused() {
    let catalog = given(empty(Level::AdditionsOnly), vec![first(&empty(Level::AdditionsOnly))]);
    let mut for_version = register(&catalog, "{}", Some((Outcome::Compatible, Bump::Minor)));
    for_version.version = Some(Version::FIRST);
    let mut for_release = register(&catalog, r#"{"title":"first"}"#, None);
    for_release.release = Some(Release::new(1, 2, 3));

    let refused = |command| decide(&catalog, &Command::Register(Box::new(command))).unwrap_err();

    insta::assert_snapshot!(refused(for_version), @"version 1 is demanded for `orders.placed`, and the next is 2");
    insta::assert_snapshot!(refused(for_release), @"`orders.placed` already has this schema as version 1, with another release");
}

#[test]
fn what_is_set_already_is_not_set_again() {
    let describe = || {
        let update = SubjectUpdate {
            kind: Some(Kind::State),
            owner: Patch::Set("ada".into()),
            ..SubjectUpdate::default()
        };
        Command::Describe(Describe { subject: orders(), update })
    };
    let catalog = given(empty(Level::AdditionsOnly), vec![describe()]);

    assert_eq!(decide(&catalog, &describe()).unwrap(), []);
    assert_eq!(catalog.policy_of(&orders()).compatibility, Level::BackwardTransitive);
}
