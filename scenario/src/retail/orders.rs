//! The orders of one run: varied, the same for the same seed, and each with the end it should come to.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{
    amount::{Amount, AmountError},
    message::derived_id,
    order_management::{
        Status,
        messages::{Address, Customer, Delivery, Line, PlaceOrder},
    },
};

/// One order that a customer is about to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The command.
    pub order: PlaceOrder,
    /// Where the order should end.
    pub ends: Status,
}

/// An article of the shop.
#[derive(Debug, Clone, Copy)]
pub struct Article {
    /// Its number.
    pub sku: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What one piece costs.
    price: &'static str,
    /// How many pieces lie on the shelves.
    pub stock: u32,
}

/// Why a run goes the way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Ordinary,
    SoldOut,
    TooMany,
    Declined,
    Expired,
    OverTheLimit,
}

/// Articles of which there is plenty.
const PLENTY: [Article; 6] = [
    article("TS-1001-M", "T-shirt, indigo", "19.90", 900),
    article("TS-1001-XL", "T-shirt, indigo", "19.90", 900),
    article("CB-1180", "USB cable, 2 m", "12.90", 2_000),
    article("LA-3310", "Desk lamp, brass", "68.00", 400),
    article("NB-0450", "Notebook, dotted", "8.40", 5_000),
    article("BP-6120", "Backpack, 22 l", "89.00", 300),
];
/// Nothing left.
const SOLD_OUT: Article = article("MU-2040", "Enamel mug", "12.50", 0);
/// Hardly anything left.
const SCARCE: Article = article("KB-7301-DE", "Keyboard, brown switches", "129.00", 2);
/// More than an invoice may be written for.
const PRECIOUS: Article = article("BI-5200", "Cargo bicycle", "4890.00", 6);

/// First and last name, account, street, town, postal code, country.
const CUSTOMERS: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("Ada Lovelace", "ada", "Torstrasse 12", "Berlin", "10119", "DE"),
    ("Grace Brewster Murray Hopper", "grace", "Herengracht 401", "Amsterdam", "1017 BP", "NL"),
    ("Jean Jennings Bartik", "jean", "12 rue Mercière", "Lyon", "69002", "FR"),
    ("Katherine Johnson", "katherine", "Mariahilfer Strasse 3", "Wien", "1060", "AT"),
    ("Annie Easley", "annie", "Carrer de Mallorca 401", "Barcelona", "08013", "ES"),
    ("Mary Jackson", "mary", "Meir 78", "Antwerpen", "2000", "BE"),
];

const fn article(
    sku: &'static str,
    title: &'static str,
    price: &'static str,
    stock: u32,
) -> Article {
    Article { sku, title, price, stock }
}

/// Every article of the shop.
pub fn articles() -> impl Iterator<Item = Article> {
    PLENTY.into_iter().chain([SOLD_OUT, SCARCE, PRECIOUS])
}

/// The orders of the run with that seed, as customers would place them today.
pub fn todays_wishes(seed: u64) -> Result<Vec<Wish>, AmountError> {
    wishes(seed, TimeZone::UTC.to_datetime(Timestamp::now()).date())
}

/// The orders of the run with that seed, for delivery in the days after `today`.
pub fn wishes(seed: u64, today: Date) -> Result<Vec<Wish>, AmountError> {
    let mut dice = Dice(seed);
    let mut fates = vec![Fate::Ordinary; 9];
    fates.extend([Fate::SoldOut, Fate::TooMany, Fate::SoldOut]);
    fates.extend([Fate::Declined, Fate::Expired, Fate::OverTheLimit]);
    dice.shuffle(&mut fates);
    let wish = |(number, fate)| wish(&mut dice, &format!("{seed}/{number}"), fate, today);
    fates.into_iter().enumerate().map(wish).collect()
}

fn wish(dice: &mut Dice, name: &str, fate: Fate, today: Date) -> Result<Wish, AmountError> {
    let mut wanted = Vec::new();
    for _ in 0..=dice.below(3) {
        let article = *dice.one_of(&PLENTY);
        if wanted.iter().all(|(known, _): &(Article, u32)| known.sku != article.sku) {
            wanted.push((article, dice.below(3) + 1));
        }
    }
    let mut token = *dice.one_of(&["tok_visa_4242", "tok_wallet_77ab", "tok_invoice_0093"]);
    match fate {
        Fate::Ordinary => {}
        Fate::SoldOut => wanted.push((SOLD_OUT, dice.below(4) + 1)),
        Fate::TooMany => wanted.push((SCARCE, SCARCE.stock + 1 + dice.below(3))),
        Fate::Declined => token = "tok_declined_0002",
        Fate::Expired => token = "tok_expired_0069",
        Fate::OverTheLimit => {
            wanted.push((PRECIOUS, 1));
            token = "tok_invoice_0093";
        }
    }
    let lines = wanted
        .into_iter()
        .map(|(Article { sku, title, price, .. }, quantity)| {
            let unit_price: Amount = price.parse()?;
            Ok(Line { sku: sku.to_owned(), title: title.to_owned(), quantity, unit_price })
        })
        .collect::<Result<_, AmountError>>()?;
    let (customer, recipient) = customer(dice);
    let earliest = today.saturating_add((i64::from(dice.below(4)) + 1).days());
    let latest = earliest.saturating_add(i64::from(dice.below(4)).days());
    let order = PlaceOrder {
        order_id: derived_id(name, "order"),
        gift_message: dice.one_of(&[None, None, Some("Happy birthday!")]).map(str::to_owned),
        channel: (*dice.one_of(&["web", "mobile_app", "call_centre"])).to_owned(),
        customer,
        currency: "EUR".to_owned(),
        prices: if token.contains("invoice") { "net" } else { "gross" }.to_owned(),
        lines,
        shipping_address: recipient,
        delivery: Delivery { earliest: earliest.to_string(), latest: latest.to_string() },
        payment_token: token.to_owned(),
    };
    let ends = match fate {
        Fate::Ordinary => Status::Shipped,
        Fate::SoldOut | Fate::TooMany => Status::Rejected,
        Fate::Declined | Fate::Expired | Fate::OverTheLimit => Status::PaymentFailed,
    };
    Ok(Wish { order, ends })
}

fn customer(dice: &mut Dice) -> (Customer, Address) {
    let (name, account, street, city, postal_code, country) = *dice.one_of(&CUSTOMERS);
    let customer = Customer {
        id: derived_id(account, "customer"),
        name: name.to_owned(),
        email: format!("{account}@example.org"),
    };
    let address = Address {
        recipient: name.to_owned(),
        street: street.to_owned(),
        city: city.to_owned(),
        postal_code: postal_code.to_owned(),
        country: country.to_owned(),
    };
    (customer, address)
}

/// A small source of numbers (SplitMix64): the same seed, the same numbers, on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to one less than `end`.
    fn below(&mut self, end: u32) -> u32 {
        // The remainder is smaller than a number of 32 bits.
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
    }

    fn one_of<'a, T, const N: usize>(&mut self, choices: &'a [T; N]) -> &'a T {
        &choices[self.index(N)]
    }

    /// An index into so many things.
    fn index(&mut self, count: usize) -> usize {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.below(count) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use stele_evolution::schema::Schema;

    use super::*;
    use crate::retail::Catalog;

    #[test]
    fn the_same_seed_places_the_same_orders() {
        let today = date(2026, 11, 24);

        assert_eq!(wishes(7, today), wishes(7, today));
        assert_ne!(wishes(7, today), wishes(8, today));
    }

    #[test]
    fn every_seed_has_orders_of_every_end_and_every_id_once() {
        for seed in 0..50 {
            let wishes = wishes(seed, date(2026, 12, 30)).unwrap();

            let count = |ends| wishes.iter().filter(|wish| wish.ends == ends).count();
            let ids: BTreeSet<_> = wishes.iter().map(|wish| &wish.order.order_id).collect();

            assert_eq!(
                (count(Status::Shipped), count(Status::Rejected), count(Status::PaymentFailed)),
                (9, 3, 3)
            );
            assert_eq!(ids.len(), wishes.len());
        }
    }

    #[test]
    fn every_order_is_valid_under_its_schema() {
        let catalog = Catalog::embedded().unwrap();
        let place_order = &catalog.subject("PlaceOrder").unwrap().editions[0];
        let schema = Schema::read(place_order.schema).parse().unwrap();

        for wish in wishes(7, date(2026, 12, 30)).unwrap() {
            let order = serde_json::to_value(&wish.order).unwrap();

            assert_eq!(schema.validate(&order), Ok(()));
        }
    }
}
