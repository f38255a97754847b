//! Who listens to what, in which version: the sidecars the shop needs.

use std::fmt::Write as _;

use stele_evolution::version::Version;

use super::{
    bounded_context::{BoundedContext, Shape},
    convention::Convention,
    inventory::Inventory,
    order_management::OrderManagement,
    payment::Payment,
    shipping::Shipping,
};

/// How messages get through a sidecar to its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// At once: the sender waits for the context's own answer.
    Inline,
    /// By a durable queue, from which the sidecar pushes.
    Push,
    /// By a durable queue, from which the context pulls.
    Poll,
}

impl Way {
    /// The way of a context: every house has its own.
    pub fn of(context: &str) -> Way {
        match context {
            OrderManagement::NAME => Way::Push,
            Inventory::NAME => Way::Poll,
            _ => Way::Inline,
        }
    }
}

/// One translator that is to stand before one bounded context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    /// Its name, which is the name of the context.
    pub name: &'static str,
    /// How messages get through it.
    pub way: Way,
    /// Where translated messages go: the context's own address.
    pub consumer: String,
    /// What it is to translate.
    pub routes: Vec<Route>,
}

/// One subject that a sidecar lets through, in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The subject.
    pub subject: &'static str,
    /// The version the consumer reads.
    pub target: Version,
    /// How the messages say their version, before and after.
    pub convention: Convention,
}

impl Sidecar {
    /// The configuration of the translator, as its `--config` takes it.
    pub fn configuration(&self) -> String {
        let mut text = format!("consumer: {}\nsubjects:\n", self.consumer);
        for Route { subject, target, convention } in &self.routes {
            let convention = convention.configuration();
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "  - {{ subject: {subject}, to: {target}, conventions: [{convention}] }}"
            );
        }
        let name = self.name;
        match self.way {
            Way::Inline => {}
            Way::Push => {
                let _ = write!(text, "subscriptions:\n  - {{ name: {name}, mode: push }}\n");
            }
            Way::Poll => {
                let _ = write!(text, "subscriptions:\n  - {{ name: {name}, mode: poll }}\n");
            }
        }
        text
    }

    /// Where messages for the context go, on a sidecar at `url`.
    pub fn door(&self, url: &str) -> String {
        match self.way {
            Way::Inline => format!("{url}/"),
            Way::Push | Way::Poll => format!("{url}/queue/{}", self.name),
        }
    }

    /// Where the context pulls from, if it does.
    pub fn hatch(&self, url: &str) -> Option<String> {
        (self.way == Way::Poll).then(|| format!("{url}/subscriptions/{}", self.name))
    }
}

/// Every bounded context, and what it reads.
pub(super) const READERS: [(&str, &[Shape]); 4] = [
    (OrderManagement::NAME, OrderManagement::READS),
    (Inventory::NAME, Inventory::READS),
    (Payment::NAME, Payment::READS),
    (Shipping::NAME, Shipping::READS),
];

/// The contexts that read a subject.
pub(super) fn readers(subject: &str) -> Vec<&'static str> {
    READERS
        .into_iter()
        .filter(|(_, reads)| reads.iter().any(|shape| shape.subject == subject))
        .map(|(name, _)| name)
        .collect()
}

/// What the sidecar of a context is to translate.
pub(super) fn routes(reads: &[Shape]) -> Vec<Route> {
    reads
        .iter()
        .map(|shape| Route {
            subject: shape.subject,
            target: shape.version(),
            convention: Convention::of(shape.subject),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_reads_at_their_own_pace() {
        let said: Vec<String> = READERS
            .into_iter()
            .flat_map(|(name, reads)| routes(reads).into_iter().map(move |route| (name, route)))
            .map(|(name, Route { subject, target, convention })| {
                let convention = convention.configuration();
                format!("{name} reads {subject} in version {target} by {convention}")
            })
            .collect();

        assert_eq!(
            said,
            [
                "order-management reads PlaceOrder in version 1 by name",
                "order-management reads StockReserved in version 2 by schema_id",
                "order-management reads StockNotAvailable in version 1 by data_schema",
                "order-management reads PaymentConfirmed in version 2 by data_schema",
                "order-management reads PaymentFailed in version 1 by name",
                "order-management reads ShipmentCreated in version 1 by { payload: /schemaVersion }",
                "inventory reads OrderPlaced in version 1 by name",
                "inventory reads ReserveStock in version 1 by { stream: 'reserve-stock.v{version}' }",
                "inventory reads PaymentFailed in version 1 by name",
                "payment reads StockReserved in version 1 by schema_id",
                "payment reads ProcessPayment in version 1 by name",
                "shipping reads PaymentConfirmed in version 1 by data_schema",
                "shipping reads CreateShipment in version 1 by schema_id",
            ]
        );
    }

    #[test]
    fn a_sidecar_is_configured_in_a_few_lines() {
        let sidecar = Sidecar {
            name: Payment::NAME,
            way: Way::Push,
            consumer: "http://127.0.0.1:9000/".to_owned(),
            routes: routes(Payment::READS),
        };

        assert_eq!(
            sidecar.configuration(),
            "consumer: http://127.0.0.1:9000/
subjects:
  - { subject: StockReserved, to: 1, conventions: [schema_id] }
  - { subject: ProcessPayment, to: 1, conventions: [name] }
subscriptions:
  - { name: payment, mode: push }
"
        );
    }

    #[test]
    fn one_message_can_have_several_readers() {
        assert_eq!(readers("StockReserved"), ["order-management", "payment"]);
        assert_eq!(readers("PaymentFailed"), ["order-management", "inventory"]);
    }
}
