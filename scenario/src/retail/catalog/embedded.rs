//! The files of `schemas/retail`, one line a version; a test holds the list against the folder.

/// The files of one subject.
pub(super) struct SubjectFiles {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) versions: &'static [VersionFiles],
}

/// The files of one version.
pub(super) struct VersionFiles {
    pub(super) number: u32,
    pub(super) schema: &'static str,
    /// One lens, or none.
    pub(super) lens: &'static [&'static str],
    pub(super) examples: &'static [(&'static str, &'static str)],
}

macro_rules! text {
    ($($part:expr),*) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/retail/", $($part),*))
    };
}

macro_rules! subject {
    ($context:literal / $name:literal { $($number:literal $(via $lens:literal)? : [$($example:literal),*]),* }) => {
        SubjectFiles {
            name: $name,
            about: text!($context, "/", $name, "/subject.yaml"),
            versions: &[$(subject!(@version $context, $name, $number, [$($lens)?], [$($example),*])),*],
        }
    };
    (@version $context:literal, $name:literal, $number:literal, [$($lens:literal)?], [$($example:literal),*]) => {
        VersionFiles {
            number: $number,
            schema: text!($context, "/", $name, "/", $number, ".json"),
            lens: &[$(text!($context, "/", $name, "/", $lens, ".lens.yaml"))?],
            examples: &[$((
                $example,
                text!($context, "/", $name, "/examples/", $number, "/", $example, ".json"),
            )),*],
        }
    };
}

pub(super) const SUBJECTS: &[SubjectFiles] = &[
    subject!("order-management" / "PlaceOrder" {
        1: ["business-by-telephone", "consumer-with-a-gift"]
    }),
    subject!("order-management" / "OrderPlaced" {
        1: ["by-telephone", "consumer"],
        2: ["with-a-gift-message", "without-a-gift-message"],
        3 via "2-3": ["business-at-net-prices", "consumer-with-a-gift"]
    }),
    subject!("inventory" / "ReserveStock" {
        1: ["in-a-hurry", "one-order"],
        2 via "1-2": ["in-a-hurry", "one-order"]
    }),
    subject!("inventory" / "StockReserved" {
        1: ["one-article", "two-articles"],
        2: ["from-a-named-warehouse", "warehouse-not-said"]
    }),
    subject!("inventory" / "StockNotAvailable" {
        1: ["not-enough-and-nothing-coming", "sold-out"]
    }),
    subject!("payment" / "ProcessPayment" {
        1: ["card", "invoice"]
    }),
    subject!("payment" / "PaymentConfirmed" {
        1: ["card-settled", "invoice-still-open"],
        2 via "1-2": ["card", "wallet"]
    }),
    subject!("payment" / "PaymentFailed" {
        1: ["declined", "over-the-limit"]
    }),
    subject!("shipping" / "CreateShipment" {
        1: ["express", "standard-with-a-card"]
    }),
    subject!("shipping" / "ShipmentCreated" {
        1: ["domestic", "two-parcels"]
    }),
];
