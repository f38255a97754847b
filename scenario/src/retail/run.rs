//! One run: customers place their orders, and the run waits until every order has come to its end.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    bounded_context::{Draft, Unwritable},
    convention::Unsendable,
    message::{Message, derived_id},
    order_management::{
        earlier_years,
        messages::{PLACE_ORDER, PlaceOrder},
        order_list::{OrderList, Row},
    },
    orders::Wish,
    shop::Retail,
    summary::{Order, Summary},
};

/// How long a run waits for its orders.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long it waits, once every order has ended, for messages that are still under way.
const AFTERMATH: Duration = Duration::from_secs(10);

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An order cannot be written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// An order cannot be sent.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

/// Places the orders, each when the one before has ended, so that the trace is a story to read. An order that does not
/// come to its end in time is in the summary as it stands, and those after it are not placed.
pub async fn run(retail: &Retail, wishes: &[Wish]) -> Result<Summary, RunError> {
    in_waves(retail, wishes, 1).await
}

/// Places all orders at once, as in real life, and waits for their ends.
pub async fn rush(retail: &Retail, wishes: &[Wish]) -> Result<Summary, RunError> {
    in_waves(retail, wishes, wishes.len().max(1)).await
}

async fn in_waves(retail: &Retail, wishes: &[Wish], together: usize) -> Result<Summary, RunError> {
    let deadline = Instant::now() + PATIENCE;
    for wave in wishes.chunks(together) {
        for wish in wave {
            place(retail, &wish.order)?;
        }
        if !settled(retail, wave, deadline).await {
            break;
        }
    }
    Ok(summarize(retail, wishes))
}

/// Waits until every order of a wave has ended and nothing is under way any more; whether that came in time.
async fn settled(retail: &Retail, wave: &[Wish], deadline: Instant) -> bool {
    let mut orders = retail.orders.clone();
    let ended = orders.wait_for(|list| wave.iter().all(|wish| has_ended(list, wish)));
    let in_time = matches!(timeout_at(deadline, ended).await, Ok(Ok(_)));
    let mut waiting = retail.waiting.clone();
    let quiet = waiting.wait_for(|waiting| *waiting == 0);
    in_time && matches!(timeout(AFTERMATH, quiet).await, Ok(Ok(_)))
}

fn place(retail: &Retail, order: &PlaceOrder) -> Result<(), RunError> {
    let Draft { shape, order: id, body } = Draft::of(PLACE_ORDER, &order.order_id, order)?;
    let message = Message {
        id: derived_id(&id, shape.subject),
        subject: shape.subject.to_owned(),
        version: shape.version(),
        order: id,
        time: Timestamp::now(),
        body,
    };
    let packed = retail.front.address(&message)?;
    let pieces: u32 = order.lines.iter().map(|line| line.quantity).sum();
    let unit = if pieces == 1 { "piece" } else { "pieces" };
    let note = format!("{}, {pieces} {unit}", order.customer.name);
    retail.front.send(&message, &packed, note);
    Ok(())
}

fn has_ended(list: &OrderList, wish: &Wish) -> bool {
    list.row(&wish.order.order_id).is_some_and(|row| row.status.is_end())
}

/// What the day has come to so far, for these orders and those of earlier years.
pub fn summarize(retail: &Retail, wishes: &[Wish]) -> Summary {
    let list = retail.orders.borrow().clone();
    let old = earlier_years::ENDS.iter().map(|(number, ends)| {
        let row = list.rows().find(|row| row.number == *number);
        order(number, row, *ends)
    });
    let new = wishes.iter().map(|wish| {
        let id = &wish.order.order_id;
        order(id, list.row(id), wish.ends)
    });
    Summary { orders: old.chain(new).collect(), counts: retail.tally.counts() }
}

fn order(name: &str, row: Option<&Row>, ends: super::order_management::Status) -> Order {
    Order { name: name.to_owned(), row: row.cloned(), ends }
}
