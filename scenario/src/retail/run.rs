//! One run: customers place their orders, and the run waits until every order has come to its end.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

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

/// Places the orders and waits for their ends. An order that does not come to its end in time is in the summary as it
/// stands.
pub async fn run(retail: &Retail, wishes: &[Wish]) -> Result<Summary, RunError> {
    for wish in wishes {
        place(retail, &wish.order)?;
    }
    let mut orders = retail.orders.clone();
    let ended = orders.wait_for(|list| wishes.iter().all(|wish| has_ended(list, wish)));
    // Running out of patience, or a list that stopped, shows in the summary.
    let _ = timeout(PATIENCE, ended).await;
    let mut waiting = retail.waiting.clone();
    let _ = timeout(AFTERMATH, waiting.wait_for(|waiting| *waiting == 0)).await;
    Ok(summarize(retail, wishes))
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
    let headers = retail.front.address(&message)?;
    let pieces: u32 = order.lines.iter().map(|line| line.quantity).sum();
    let note = format!("{}, {pieces} pieces", order.customer.name);
    retail.front.send(&message, &headers, note);
    Ok(())
}

fn has_ended(list: &OrderList, wish: &Wish) -> bool {
    list.row(&wish.order.order_id).is_some_and(|row| row.status.is_end())
}

fn summarize(retail: &Retail, wishes: &[Wish]) -> Summary {
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
