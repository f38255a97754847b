//! The order list: what people see of all orders, a read model built from the events of order management.

use std::collections::BTreeMap;

use serde::Serialize;
use stele_evolution::version::Version;

use super::{Event, Status};
use crate::retail::amount::Amount;

/// Every order, by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderList {
    rows: BTreeMap<String, Row>,
    numbers: BTreeMap<String, String>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The order.
    pub order: String,
    /// The number the customer sees.
    pub number: String,
    /// When it was taken.
    pub placed_at: String,
    /// Who ordered.
    pub customer: String,
    /// The sum over all lines.
    pub total: Amount,
    /// In which currency.
    pub currency: String,
    /// Where it stands.
    pub status: Status,
    /// The version its `OrderPlaced` is stored in.
    pub stored_in: Version,
}

impl OrderList {
    /// The list after one more event, which is stored in version `stored_in`.
    #[must_use]
    pub fn after(mut self, event: &Event, stored_in: Version) -> OrderList {
        match event {
            Event::Placed(placed) => {
                self.numbers.insert(placed.id.clone(), placed.order_number.clone());
                let row = Row {
                    order: placed.id.clone(),
                    number: placed.order_number.clone(),
                    placed_at: placed.placed_at.clone(),
                    customer: placed.customer.name.clone(),
                    total: placed.total,
                    currency: placed.currency.clone(),
                    status: Status::Pending,
                    stored_in,
                };
                self.rows.insert(placed.order_number.clone(), row);
            }
            Event::Moved(outcome, order) => {
                let row = self.numbers.get(order).and_then(|number| self.rows.get_mut(number));
                if let Some(row) = row {
                    row.status = outcome.moves_to();
                }
            }
        }
        self
    }

    /// The orders, oldest number first.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// One order.
    pub fn row(&self, order: &str) -> Option<&Row> {
        self.rows.get(self.numbers.get(order)?)
    }
}
