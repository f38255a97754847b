//! What a run came to: every order with its end, and how many messages crossed in which versions.

use std::collections::BTreeMap;

use super::{
    order_management::{Status, order_list::Row},
    trace::{Count, What},
};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Every order, those of earlier years first.
    pub orders: Vec<Order>,
    /// How often each thing happened, by context, subject and version.
    pub counts: Vec<Count>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number or id.
    pub name: String,
    /// Its row in the order list; none if it never got there.
    pub row: Option<Row>,
    /// Where it should have ended.
    pub ends: Status,
}

impl Order {
    /// Whether it came to the end it should have.
    pub fn ended(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.status == self.ends)
    }
}

impl Summary {
    /// Whether every order came to the end it should have, and nothing was turned down or lost on the way.
    pub fn every_order_ended(&self) -> bool {
        let lost = |count: &Count| matches!(count.what, What::Refused | What::Undelivered);
        self.orders.iter().all(Order::ended) && !self.counts.iter().any(lost)
    }

    /// How many orders stand where.
    pub fn outcomes(&self) -> BTreeMap<Status, u32> {
        let mut outcomes = BTreeMap::new();
        for row in self.orders.iter().filter_map(|order| order.row.as_ref()) {
            *outcomes.entry(row.status).or_default() += 1;
        }
        outcomes
    }

    /// How many messages a context acted on, by subject and by the versions they were written and read in.
    pub fn received(&self) -> impl Iterator<Item = &Count> {
        self.counts.iter().filter(|count| count.what == What::Received)
    }

    /// How many stored events were lifted, by subject and version.
    pub fn recalled(&self) -> impl Iterator<Item = &Count> {
        self.counts.iter().filter(|count| count.what == What::Recalled)
    }
}

#[cfg(test)]
mod tests {
    use stele_evolution::version::Version;

    use super::*;

    fn order(status: Option<Status>) -> Order {
        let row = status.map(|status| Row {
            order: "7".into(),
            number: "2026-000001".into(),
            placed_at: "2026-11-24T10:00:00Z".into(),
            customer: "Ada Lovelace".into(),
            total: "1.00".parse().unwrap(),
            currency: "EUR".into(),
            status,
            stored_in: Version::FIRST,
        });
        Order { name: "7".into(), row, ends: Status::Shipped }
    }

    fn summary(orders: Vec<Order>, what: What) -> Summary {
        let count = Count {
            context: "inventory",
            what,
            subject: "OrderPlaced".into(),
            written: Version::FIRST.next(),
            read: Some(Version::FIRST),
            times: 1,
        };
        Summary { orders, counts: vec![count] }
    }

    #[test]
    fn an_order_that_stands_elsewhere_or_nowhere_has_not_ended() {
        let shipped = order(Some(Status::Shipped));

        assert!(summary(vec![shipped.clone()], What::Received).every_order_ended());
        for other in [Some(Status::Paid), Some(Status::Rejected), None] {
            let orders = vec![shipped.clone(), order(other)];
            assert!(!summary(orders, What::Received).every_order_ended());
        }
    }

    #[test]
    fn a_message_that_was_lost_spoils_the_run() {
        let shipped = vec![order(Some(Status::Shipped))];

        assert!(summary(shipped.clone(), What::Retried).every_order_ended());
        assert!(!summary(shipped.clone(), What::Undelivered).every_order_ended());
        assert!(!summary(shipped, What::Refused).every_order_ended());
    }
}
