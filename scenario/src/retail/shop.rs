//! The shop as it runs: four services, each at its own address, and nobody else knows the way to them but sidecars.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use axum::{Json, Router, routing::get};
use jiff::Timestamp;
use stele_client::ClientError;
use stele_evolution::version::Version;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{
    bounded_context::{BoundedContext, Unwritable},
    convention::Registered,
    inventory::{self, Inventory, messages::StockCounted},
    moves::Moves,
    order_management::{OrderManagement, earlier_years, order_list::OrderList},
    orders,
    outbox::{Outbox, Waiting},
    payment::Payment,
    plan::{self, Sidecar, Way},
    puller,
    service::{self, RecallError, Service},
    shipping::Shipping,
    store::Store,
    trace::{Tally, Trace},
    upcasts::Upcasts,
};

/// Where customers are.
pub(super) const FRONT: &str = "shop";

/// The shop before it opens: every context has its address, and none serves yet.
#[derive(Debug)]
pub struct Bound {
    listeners: BTreeMap<&'static str, (TcpListener, SocketAddr)>,
}

/// What the shop needs to open.
#[derive(Debug)]
pub struct Opening {
    /// Where the sidecar before each context listens, by the name of the context.
    pub doors: BTreeMap<&'static str, String>,
    /// Where contexts that pull do so, by the name of the context.
    pub hatches: BTreeMap<&'static str, String>,
    /// What the registry gave out.
    pub registered: Registered,
    /// The ways up from what was stored in earlier years.
    pub upcasts: Upcasts,
    /// Who is told what happens.
    pub trace: Trace,
}

/// The shop as it runs. It closes when it is dropped.
pub struct Retail {
    addresses: BTreeMap<&'static str, SocketAddr>,
    pub(super) front: Outbox,
    pub(super) orders: watch::Receiver<OrderList>,
    pub(super) waiting: watch::Receiver<u32>,
    pub(super) tally: Tally,
    moves: Moves,
    _tasks: JoinSet<()>,
}

/// Why the shop cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A context has no sidecar before it.
    #[error("there is no sidecar before `{0}`")]
    NoDoor(&'static str),
    /// No HTTP client can be set up.
    #[error(transparent)]
    Http(#[from] ClientError),
    /// The old store cannot be read.
    #[error("cannot read the store of `{context}`")]
    Store {
        /// The context.
        context: &'static str,
        /// What is wrong.
        #[source]
        cause: serde_json::Error,
    },
    /// The first events of a context cannot be written.
    #[error(transparent)]
    Opening(#[from] Unwritable),
    /// Stored events cannot be replayed.
    #[error("cannot replay the store of `{context}`")]
    Recall {
        /// The context.
        context: &'static str,
        /// What is wrong.
        #[source]
        cause: Box<RecallError>,
    },
}

impl Retail {
    /// Takes a free address on this machine for every context.
    pub async fn bind() -> io::Result<Bound> {
        let mut listeners = BTreeMap::new();
        for (name, _) in plan::READERS {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            listeners.insert(name, (listener, address));
        }
        Ok(Bound { listeners })
    }

    /// Where a context listens. Only its own sidecar should know.
    pub fn address(&self, context: &str) -> Option<SocketAddr> {
        self.addresses.get(context).copied()
    }

    /// Shipping has registered the next version of `ShipmentCreated`, and publishes it from now on.
    pub fn shipping_moves_on(&self) {
        self.moves.shipping_moves_on();
    }

    /// The order list as it is now. Order management shows it under `GET /orders` as well.
    pub fn order_list(&self) -> OrderList {
        self.orders.borrow().clone()
    }
}

impl Bound {
    /// The sidecars the shop needs: one before every context.
    pub fn plan(&self) -> Vec<Sidecar> {
        plan::READERS
            .into_iter()
            .filter_map(|(name, reads)| {
                let (_, address) = self.listeners.get(name)?;
                let consumer = format!("http://{address}/");
                Some(Sidecar { name, way: Way::of(name), consumer, routes: plan::routes(reads) })
            })
            .collect()
    }

    /// Opens the shop: replays every store, then serves.
    pub fn start(self, opening: Opening) -> Result<Retail, OpenError> {
        for (name, _) in plan::READERS {
            if !opening.doors.contains_key(name) {
                return Err(OpenError::NoDoor(name));
            }
        }
        let mut builder = Builder::new(self, opening)?;
        let now = Timestamp::now();

        let old = earlier_years::stored()
            .map_err(|cause| OpenError::Store { context: OrderManagement::NAME, cause })?;
        let store = Store::holding(old);
        let orders = builder.order_list(&store)?;
        let shown = orders.clone();
        let list = Router::new().route("/orders", get(async move || show(&shown)));
        builder.open::<OrderManagement>(store, list)?;

        let counted: Vec<_> = orders::articles()
            .map(|article| {
                let sku = article.sku.to_owned();
                inventory::Event::Counted(StockCounted { sku, quantity: article.stock })
            })
            .collect();
        let counted = service::opening::<Inventory>(&counted, now)?;
        builder.open::<Inventory>(Store::holding(counted), Router::new())?;
        builder.open::<Payment>(Store::holding(Vec::new()), Router::new())?;
        builder.open::<Shipping>(Store::holding(Vec::new()), Router::new())?;
        Ok(builder.finish(orders))
    }
}

/// The order list, as JSON.
fn show(
    orders: &watch::Receiver<OrderList>,
) -> Json<Vec<super::order_management::order_list::Row>> {
    Json(orders.borrow().rows().cloned().collect())
}

/// Opens one service after the other.
struct Builder {
    listeners: BTreeMap<&'static str, (TcpListener, SocketAddr)>,
    addresses: BTreeMap<&'static str, SocketAddr>,
    doors: BTreeMap<&'static str, String>,
    hatches: BTreeMap<&'static str, String>,
    registered: Arc<Registered>,
    upcasts: Upcasts,
    http: reqwest::Client,
    waiting: Waiting,
    tally: Tally,
    moves: Moves,
    tasks: JoinSet<()>,
}

impl Builder {
    fn new(bound: Bound, opening: Opening) -> Result<Builder, OpenError> {
        // Sidecars are on this machine: no proxy stands between.
        let http = stele_client::http(stele_client::Proxy::Never)?;
        let addresses =
            bound.listeners.iter().map(|(name, (_, address))| (*name, *address)).collect();
        Ok(Builder {
            listeners: bound.listeners,
            addresses,
            doors: opening.doors,
            hatches: opening.hatches,
            registered: Arc::new(opening.registered),
            upcasts: opening.upcasts,
            http,
            waiting: Waiting::new(0),
            tally: Tally::over(opening.trace),
            moves: Moves::default(),
            tasks: JoinSet::new(),
        })
    }

    fn outbox(&mut self, context: &'static str) -> Outbox {
        Outbox::open(
            context,
            &self.doors,
            &self.http,
            Arc::clone(&self.registered),
            self.waiting.clone(),
            self.tally.clone(),
            &mut self.tasks,
        )
    }

    fn open<C: BoundedContext>(&mut self, store: Store, beside: Router) -> Result<(), OpenError> {
        let outbox = self.outbox(C::NAME);
        let registered = Arc::clone(&self.registered);
        let (moves, tally) = (self.moves.clone(), self.tally.clone());
        let service =
            Service::<C>::start(store, &self.upcasts, registered, outbox, moves, tally)
                .map_err(|cause| OpenError::Recall { context: C::NAME, cause: Box::new(cause) })?;
        let service = Arc::new(service);
        if let Some(hatch) = self.hatches.remove(C::NAME) {
            self.tasks.spawn(puller::pull(self.http.clone(), hatch, Arc::clone(&service)));
        }
        let router = service.router().merge(beside);
        if let Some((listener, _)) = self.listeners.remove(C::NAME) {
            self.tasks.spawn(async move {
                // `axum::serve` never ends by itself: it retries what a listener may report.
                let _ = axum::serve(listener, router).await;
            });
        }
        Ok(())
    }

    /// Builds the order list from the store of order management, now and whenever something is added.
    fn order_list(&mut self, store: &Store) -> Result<watch::Receiver<OrderList>, OpenError> {
        let mut length = store.length();
        let mut position = 0;
        let list = watch::Sender::new(OrderList::default());
        let orders = list.subscribe();
        let (store, upcasts) = (store.clone(), self.upcasts.clone());
        let mut catch_up = move || {
            for stored in store.read(position) {
                let stored_in: Version = stored.message.version;
                let event = service::recall::<OrderManagement>(&stored, &upcasts)?;
                list.send_modify(|list| *list = std::mem::take(list).after(&event, stored_in));
                position += 1;
            }
            Ok::<(), RecallError>(())
        };
        catch_up().map_err(|cause| OpenError::Recall {
            context: OrderManagement::NAME,
            cause: Box::new(cause),
        })?;
        self.tasks.spawn(async move {
            while length.changed().await.is_ok() {
                if catch_up().is_err() {
                    // What the service itself stored it can read; if not, the list stops and the run says so.
                    return;
                }
            }
        });
        Ok(orders)
    }

    fn finish(mut self, orders: watch::Receiver<OrderList>) -> Retail {
        let front = self.outbox(FRONT);
        Retail {
            addresses: self.addresses,
            front,
            orders,
            waiting: self.waiting.subscribe(),
            tally: self.tally,
            moves: self.moves,
            _tasks: self.tasks,
        }
    }
}
