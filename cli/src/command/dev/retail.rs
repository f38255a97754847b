//! The retail shop on this registry: what was agreed, a break that does not get in, a day of orders, and the count.

use std::{collections::BTreeMap, error::Error, net::SocketAddr, time::Duration};

use jiff::{Timestamp, tz::TimeZone};
use owo_colors::{OwoColorize, Style};
use stele_evolution::schema::Schema;
use stele_scenario::retail::{
    Catalog, NEXT_SHIPMENT_CREATED, Opening, Registered, Retail, Step, Trace, Upcasts,
    bounded_context::{BoundedContext, Shape},
    inventory::Inventory,
    order_management::OrderManagement,
    orders::{self, Wish},
    payment::Payment,
    shipping::Shipping,
};
use stele_translator::{Running, config::Config};
use tokio::sync::mpsc;

use super::{DevError, House, translators};
use crate::{
    asking,
    command::register::offer,
    error::{Explain, Failure, Hint},
    exit::Exit,
    report::{
        human,
        model::{Done, Registration},
        story, table,
    },
    source::{Document, Source, Subject, registry},
    terminal::Terminal,
};

/// How long the queues may take to run empty at the end of the day.
const EMPTYING: Duration = Duration::from_secs(20);

/// The seed of the orders: the same orders on every machine.
const SEED: u64 = 2026;

/// Something happened that the scenario is there to rule out.
#[derive(Debug, thiserror::Error)]
#[error("the registry took a version of `{0}` that breaks its readers")]
struct Taken(String);

/// Something did not happen that the scenario is there to show.
#[derive(Debug, thiserror::Error)]
#[error("the registry did not take the next version of `{0}`")]
struct NotTaken(&'static str);

impl Explain for NotTaken {
    fn exit(&self) -> Exit {
        Exit::Breaking
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("this is a bug in Stele"))
    }
}

impl Explain for Taken {
    fn exit(&self) -> Exit {
        Exit::Breaking
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("this is a bug in Stele"))
    }
}

/// A step of the scenario that failed, by what it was to do.
fn cannot<E: Error + Send + Sync + 'static>(what: &'static str) -> impl FnOnce(E) -> DevError {
    move |cause| DevError::Scenario { what, cause: Box::new(cause) }
}

/// Runs the shop; 0 only if every order came to its proper end.
pub(super) async fn run(house: &House, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let catalog = Catalog::embedded().map_err(cannot("read its schemas"))?;
    terminal.result(heading("What four bounded contexts have agreed on"))?;
    let registered =
        catalog.register(&house.client).await.map_err(cannot("register its schemas"))?;
    agreed(house, &catalog, terminal).await?;

    terminal.result(heading("A next version that looks harmless"))?;
    refuse(house, terminal).await?;

    terminal.result(heading("A day of orders, each context reading the versions it knows"))?;
    let summary = day(house, registered, terminal).await?;

    terminal.result(heading("What it came to"))?;
    terminal.result(story::summary(&summary))?;
    Ok(if summary.every_order_ended() { Exit::Compatible } else { Exit::Breaking })
}

fn heading(text: &str) -> String {
    format!("\n{}\n\n", text.bold().underline())
}

/// Shows what the registry holds now.
async fn agreed(house: &House, catalog: &Catalog, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for subject in catalog.subjects() {
        let found = house.client.subject(&registry::name(&subject.about.subject)?).await?;
        let versions: Vec<String> = found
            .versions
            .iter()
            .map(|version| match version.edge {
                Some(stele_api::version::EdgeKind::Lens) => format!("{} by lens", version.release),
                _ => version.release.to_string(),
            })
            .collect();
        rows.push([
            subject.about.context.clone(),
            subject.about.subject.clone(),
            found.policy.compatibility.to_string(),
            versions.join(", "),
        ]);
    }
    let plain = Style::new();
    terminal.result(table::render(
        ["context", "subject", "policy", "releases"],
        [plain, plain.bold(), plain.dimmed(), plain],
        &rows,
    ))?;
    Ok(())
}

/// Offers a break to the registry, and shows what it says.
async fn refuse(house: &House, terminal: &mut Terminal) -> Result<(), Failure> {
    let text = Catalog::breaking_order_placed();
    let offered = offer_next(house, "OrderPlaced", text, None, "a fourth version").await?;
    terminal.result(human::registration(&offered, terminal.width()))?;
    match offered.done {
        Done::Refused => Ok(()),
        _ => Err(Taken("OrderPlaced".to_owned()).into()),
    }
}

/// Registers the next version of what shipping publishes, with its lens, while everybody is at work.
async fn move_on(house: &House, retail: &Retail, terminal: &mut Terminal) -> Result<(), Failure> {
    let (schema, lens) = Catalog::next_shipment_created();
    let subject = NEXT_SHIPMENT_CREATED.subject;
    let offered = offer_next(house, subject, schema, Some(lens), "a second version").await?;
    terminal.result(human::registration(&offered, terminal.width()))?;
    if matches!(offered.done, Done::Refused) {
        return Err(NotTaken(subject).into());
    }
    retail.shipping_moves_on();
    Ok(())
}

/// Offers a next version of a subject to the registry.
async fn offer_next(
    house: &House,
    name: &str,
    text: &str,
    lens: Option<&str>,
    origin: &str,
) -> Result<Registration, Failure> {
    let name = name.to_owned();
    let schema = Schema::read(text).parse().map_err(cannot("read its next schema"))?;
    let candidate = Document::read(text, schema, origin.to_owned());
    let mut subject = Subject::new(name.clone(), name.clone(), None, Vec::new());
    let Source { subjects: known, .. } =
        registry::read(&house.client, std::slice::from_ref(&subject)).await?;
    let history: Vec<&Document> = known.iter().flat_map(|known| &known.documents).collect();
    subject.settings = known.first().map(|known| known.settings.clone()).unwrap_or_default();

    let lens = lens.map(|lens| serde_json::Value::String(lens.to_owned()));
    let request = stele_api::version::RegisterRequest {
        lens,
        ..stele_api::version::RegisterRequest::new(asking::text(&candidate)?)
    };
    offer(&house.client, registry::name(&name)?, &request, &subject, &history, &candidate).await
}

/// Opens the shop behind its sidecars, places the orders, and tells what happens while it happens.
async fn day(
    house: &House,
    registered: Registered,
    terminal: &mut Terminal,
) -> Result<stele_scenario::retail::Summary, Failure> {
    let shapes: Vec<Shape> =
        [OrderManagement::STORES, Inventory::STORES, Payment::STORES, Shipping::STORES].concat();
    let upcasts = Upcasts::load(&house.client, &shapes).await.map_err(cannot("lift old events"))?;
    let bound = Retail::bind().await.map_err(cannot("take addresses for its contexts"))?;
    let (mut doors, mut hatches) = (BTreeMap::new(), BTreeMap::new());
    let mut sidecars: Vec<Running> = Vec::new();
    for sidecar in bound.plan() {
        let config = Config::parse(&sidecar.configuration()).map_err(DevError::Config)?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let queue = house.data.join("translators").join(sidecar.name);
        let running = translators::start(&house.client, any, queue, config).await?;
        let url = format!("http://{}", running.address());
        doors.insert(sidecar.name, sidecar.door(&url));
        hatches.extend(sidecar.hatch(&url).map(|hatch| (sidecar.name, hatch)));
        sidecars.push(running);
    }

    let (tell, mut told) = mpsc::unbounded_channel();
    // Once nobody prints any more, nobody has to be told.
    let trace = Trace::to(move |step| drop(tell.send(step.clone())));
    let opening = Opening { doors, hatches, registered, upcasts, trace };
    let retail = bound.start(opening).map_err(cannot("open"))?;
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let wishes = orders::wishes(SEED, today).map_err(cannot("think of orders"))?;
    let (morning, afternoon) = wishes.split_at(wishes.len() / 2);
    place(&retail, morning, &mut told, terminal).await?;

    terminal.result(heading("At noon shipping moves on; nobody is told, nothing is restarted"))?;
    move_on(house, &retail, terminal).await?;
    place(&retail, afternoon, &mut told, terminal).await?;

    for sidecar in &sidecars {
        sidecar.emptied(EMPTYING).await;
    }
    while let Ok(step) = told.try_recv() {
        terminal.result(story::line(&step))?;
    }
    let summary = stele_scenario::retail::summarize(&retail, &wishes);
    drop(retail);
    for sidecar in sidecars {
        sidecar.shutdown().await;
    }
    Ok(summary)
}

/// Places orders, and tells what happens while it happens.
async fn place(
    retail: &Retail,
    wishes: &[Wish],
    told: &mut mpsc::UnboundedReceiver<Step>,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let running = stele_scenario::retail::run(retail, wishes);
    tokio::pin!(running);
    loop {
        tokio::select! {
            biased;
            Some(step) = told.recv() => terminal.result(story::line(&step))?,
            ended = &mut running => {
                ended.map_err(cannot("place its orders"))?;
                return Ok(());
            }
        }
    }
}
