//! `stele lens plan`: the way events take from one version of a subject to another, or where it ends.

mod args;

use stele_api::{plan::Assurance, version::EdgeKind};
use stele_client::{Client, History, cache::Cache};
use stele_evolution::{
    containment::ContentModel,
    lens::{self, Lens},
    plan::{Edge, NoPath, Plan as Composed, Step},
    policy::Level,
    version::Version,
};

pub use self::args::Plan;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    judging::{Terms, judge, within_deadline},
    report::{
        Format, json,
        lens::{self as report, Crossed, Way},
    },
    source::{self, Place, Subject, registry},
    terminal::Terminal,
};

/// The source does not have the subject.
#[derive(Debug, thiserror::Error)]
#[error("there is no subject `{subject}` in `{origin}`")]
struct NoSubject {
    subject: String,
    origin: String,
}

impl Explain for NoSubject {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("name it as its folder is called: <context>/<Subject>/<version>.json"))
    }
}

/// Shows the plan.
pub async fn run(args: &Plan, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let way = match &args.source {
        Place::Registry => from_registry(args).await?,
        place => from_source(args, place)?,
    };
    terminal.result(match args.format {
        Format::Human => report::plan(&way, terminal.width()),
        Format::Json => json::render(&way)?,
    })?;
    Ok(if way.blocked.is_none() { Exit::Compatible } else { Exit::Breaking })
}

fn from_source(args: &Plan, place: &Place) -> Result<Way, Failure> {
    let source = source::read(place, None, &source::Reading::default())?;
    let named = |subject: &&Subject| subject.name == args.subject || subject.key == args.subject;
    let subject = source
        .subjects
        .iter()
        .find(named)
        .ok_or_else(|| NoSubject { subject: args.subject.clone(), origin: source.name.clone() })?;
    let terms = Terms { level: None, model: args.content_model.map(ContentModel::from) };
    let model = terms.model(subject);
    let (mut steps, mut found): (Vec<Step>, Vec<Found>) = (Vec::new(), Vec::new());
    for document in &subject.documents {
        let Some(version) = document.version else { continue };
        let schema = document.schema()?;
        let mut edge = None;
        if let Some(before) = steps.last() {
            let lens = subject.lenses.get(&(before.version, version));
            let (leads, seen) = edge_between(before, lens, version, &schema, model);
            edge = leads;
            found.push(seen);
        }
        steps.push(Step { version, schema, edge });
    }
    let plan = Composed::compose(&subject.name, &steps, args.from, args.to, model);
    Ok(way(&subject.name, args, plan, &found))
}

/// What is known of one edge, the older version first.
struct Found {
    between: (Version, Version),
    kind: Option<EdgeKind>,
    lens: Option<Lens>,
    assurance: Option<Assurance>,
    refused: Option<String>,
}

fn edge_between(
    before: &Step,
    lens: Option<&Lens>,
    version: Version,
    schema: &stele_evolution::schema::Schema,
    model: ContentModel,
) -> (Option<Edge>, Found) {
    let between = (before.version, version);
    let mut found = Found { between, kind: None, lens: None, assurance: None, refused: None };
    if let Some(lens) = lens {
        found.lens = Some(lens.clone());
        match within_deadline(|budget| lens::check(lens, &before.schema, schema, model, budget)) {
            Ok(assurance) => {
                found.kind = Some(EdgeKind::Lens);
                found.assurance = Some(assurance.into());
                return (Some(Edge::Written { lens: lens.clone(), assurance }), found);
            }
            Err(rejection) => found.refused = Some(rejection.to_string()),
        }
    } else if judge(&before.schema, schema, Level::AdditionsOnly, model).accepted {
        found.kind = Some(EdgeKind::Addition);
        found.assurance = Some(Assurance::Proven);
        return (Some(Edge::Addition), found);
    }
    (None, found)
}

async fn from_registry(args: &Plan) -> Result<Way, Failure> {
    let client = Client::new(&args.registry.registry)?;
    let name = registry::name(&args.subject)?;
    let history = History::load(&client, &name, &Cache::none()).await?;
    let mut found = Vec::new();
    for (before, known) in history.versions().iter().zip(history.versions().iter().skip(1)) {
        let between = (before.version, known.version);
        let mut seen = Found { between, kind: None, lens: None, assurance: None, refused: None };
        match history.edge(known.version) {
            Some(Edge::Written { lens, assurance }) => {
                seen.kind = Some(EdgeKind::Lens);
                seen.lens = Some(lens.clone());
                seen.assurance = Some((*assurance).into());
            }
            Some(Edge::Addition) => {
                seen.kind = Some(EdgeKind::Addition);
                seen.assurance = Some(Assurance::Proven);
            }
            None => {}
        }
        found.push(seen);
    }
    Ok(way(&args.subject, args, history.plan(args.from, args.to), &found))
}

fn way(subject: &str, args: &Plan, plan: Result<Composed, NoPath>, found: &[Found]) -> Way {
    let (low, high) = (args.from.min(args.to), args.from.max(args.to));
    let up = args.from <= args.to;
    let mut edges: Vec<Crossed> = found
        .iter()
        .filter(|edge| edge.between.0 >= low && edge.between.1 <= high)
        .map(|edge| crossed(edge, up))
        .collect();
    if !up {
        edges.reverse();
    }
    let blocked = plan.as_ref().err().map(ToString::to_string);
    let plan = plan.ok();
    Way {
        subject: subject.to_owned(),
        from: args.from,
        to: args.to,
        id: plan.as_ref().map(|plan| plan.id().to_owned()),
        class: plan.as_ref().map(Composed::class),
        assurance: plan.as_ref().map(|plan| plan.assurance().into()),
        edges,
        blocked,
    }
}

fn crossed(edge: &Found, up: bool) -> Crossed {
    let direction = if up { lens::Direction::Up } else { lens::Direction::Down };
    let (older, newer) = edge.between;
    let (from, to) = if up { (older, newer) } else { (newer, older) };
    let is_closed = !up && edge.lens.as_ref().is_some_and(Lens::is_one_way);
    let accepted = edge.lens.as_ref().map(|lens| lens.accepted(direction).to_vec());
    Crossed {
        from,
        to,
        kind: edge.kind.filter(|_| !is_closed),
        assurance: edge.assurance,
        losses: accepted.unwrap_or_default(),
        refused: edge.refused.clone(),
    }
}
