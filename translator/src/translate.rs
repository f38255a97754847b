//! The pure core: an envelope in any version becomes one in the consumer's version, or a fault. No I/O, no clock.
//!
//! An event that is in the consumer's version already, or whose plan changes nothing, goes on unparsed, unless its producers
//! are to be checked. Any other is read strictly, validated under its own version unless somebody vouches for it, carried, and
//! validated under the consumer's unless that is proven. Nothing else leaves here.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde_json::Value;
use stele_evolution::{
    plan::{self, Class, Plan, TranslateError},
    raw::RawEvent,
    schema::{Invalid, read_value},
    version::Version,
};

use crate::{
    arrival::{Arrival, unreadable},
    convention::{self, Convention, Target, Use, write_payload},
    envelope::Envelope,
    fault::{Code, Fault},
    route::{Input, Origin, Route, Routes},
    table::{Missing, Table, Track},
};

/// A translated event, and where it goes.
#[derive(Debug)]
pub struct Translation {
    /// The route it took.
    pub route: Arc<Route>,
    /// The version it came in.
    pub from: Version,
    /// The version it leaves in.
    pub to: Version,
    /// The event.
    pub envelope: Envelope,
}

/// Translates one event, with what the table knows.
pub fn translate(
    envelope: &Envelope,
    routes: &Routes,
    table: &Table,
    registry: &str,
) -> Result<Translation, Fault> {
    let arrival = Arrival::open(envelope)?;
    let route = routes.find(&arrival, table)?;
    cross(&arrival, routes, route, table, registry).map_err(|fault| fault.of(&route.subject))
}

fn cross(
    arrival: &Arrival<'_>,
    routes: &Routes,
    route: &Arc<Route>,
    table: &Table,
    registry: &str,
) -> Result<Translation, Fault> {
    let track = table.track(&route.subject).ok_or_else(|| {
        Fault::new(Code::RegistryUnavailable, "nothing is known of the subject yet")
    })?;
    let origin = routes.version(route, arrival, track)?;
    let from = origin.version;
    let known = track.target().ok_or_else(|| {
        let detail = format!("the consumer's version `{}` is not registered", route.to);
        Fault::new(Code::UnknownVersion, detail)
    })?;
    let to = known.version;
    let admitted = admit(arrival, route, track, from).map_err(|fault| fault.between(from, to))?;
    let arrival = admitted.as_ref().unwrap_or(arrival);
    let target = Target { subject: &route.subject, known, name: &route.name, registry };
    let is_stripped = admitted.is_some();
    let crossing =
        Crossing { arrival, is_stripped, track, origin: &origin, route, target: &target };
    let envelope = if from == to { crossing.stay() } else { crossing.go() };
    let envelope = envelope.map_err(|fault| fault.between(from, to))?;
    Ok(Translation { route: Arc::clone(route), from, to, envelope })
}

/// Lets an event in as far as its producers are trusted; the event without undeclared names, where it had any and they are
/// to be removed.
fn admit<'e>(
    arrival: &Arrival<'e>,
    route: &Route,
    track: &Track,
    from: Version,
) -> Result<Option<Arrival<'e>>, Fault> {
    let history = track.history();
    let valid = |body: &Value| match history.validate(from, body) {
        None => Err(unread()),
        Some(Ok(())) => Ok(()),
        Some(Err(invalid)) => Err(refused(Code::InvalidInput, &invalid)),
    };
    match route.input {
        Input::Trust | Input::Valid => Ok(None),
        Input::Check => {
            let body = arrival.body()?;
            if let Some(place) = history.undeclared(from, body) {
                let detail = format!("`{place}` is not declared in version {from}");
                return Err(Fault::new(Code::InvalidInput, detail).at(place));
            }
            valid(body).map(|()| None)
        }
        Input::Strip => {
            let body = arrival.body()?;
            let stripped = history.strip(from, body);
            valid(&stripped)?;
            Ok((stripped != *body).then(|| arrival.with_body(stripped)))
        }
    }
}

/// One event on its way.
struct Crossing<'c, 'r> {
    arrival: &'c Arrival<'c>,
    /// Whether its data are not those that came any more.
    is_stripped: bool,
    track: &'c Track,
    origin: &'c Origin<'r>,
    route: &'r Route,
    target: &'c Target<'c>,
}

impl Crossing<'_, '_> {
    /// The event is in the consumer's version already; at most it says so in another way.
    fn stay(&self) -> Result<Envelope, Fault> {
        if self.origin.is_assumed {
            self.check(self.origin.version, self.arrival.body()?, Code::InvalidInput)?;
        }
        let mut envelope = self.arrival.envelope().clone();
        let out = self.route.out.as_ref().filter(|out| self.origin.said_by != Some(*out));
        if out.is_none() && !self.is_stripped {
            return Ok(envelope);
        }
        if self.is_stripped {
            // A signature over what has changed.
            envelope.attributes.remove("dssematerial");
        }
        let json = self.arrival.json().clone();
        let json = match out {
            Some(Convention::Payload(_)) => {
                let body = self.arrival.body()?;
                let said = self.say(body.clone())?;
                if said == *body { json } else { bytes(&said) }
            }
            _ => json,
        };
        envelope.data = json;
        self.write(&mut envelope, out);
        Ok(envelope)
    }

    /// The event crosses by its plan.
    fn go(&self) -> Result<Envelope, Fault> {
        let from = self.origin.version;
        let plan = match self.track.plan(from) {
            Some(Ok(plan)) => plan,
            Some(Err(Missing::Path(why))) => return Err(Fault::new(Code::NoPath, why)),
            Some(Err(Missing::Text)) => return Err(unread()),
            None => return Err(Fault::new(Code::NoPath, "no plan was composed")),
        };
        let (json, losses) = if plan.class() == Class::Pass && !self.is_said_in_body() {
            if self.origin.is_assumed {
                self.check(from, self.arrival.body()?, Code::InvalidInput)?;
            }
            (self.unparsed()?, 0)
        } else {
            let carried = self.carry(plan);
            carried.map_err(|fault| fault.during(plan.id()))?
        };
        let mut envelope = self.arrival.envelope().clone();
        envelope.data = json;
        // A signature over what has changed, and a pointer to data of the version left behind.
        envelope.attributes.remove("dssematerial");
        envelope.attributes.remove("dataref");
        envelope.annotate("schemafrom", from.to_string());
        envelope.annotate("translation", plan.id().to_owned());
        envelope.annotate("translationloss", losses.to_string());
        self.write(&mut envelope, self.route.out.as_ref());
        Ok(envelope)
    }

    /// Makes everything beside the body say the target's version.
    fn write(&self, envelope: &mut Envelope, out: Option<&Convention>) {
        let (frame, conventions) = (self.arrival.frame(), &self.route.conventions);
        convention::write(envelope, frame, self.target, conventions, out);
    }

    /// Carries the event as bytes: what the plan does not touch leaves as it came.
    fn carry(&self, plan: &Plan) -> Result<(Bytes, usize), Fault> {
        self.arrival.has_data()?;
        let event = RawEvent::read(self.arrival.json()).map_err(|error| unreadable(&error))?;
        let input = match self.route.input {
            // It was let in as what a producer emits; or somebody who trusts vouches for it.
            Input::Check | Input::Strip | Input::Trust => plan::Input::Emitted,
            Input::Valid => {
                plan.admit(&event).map_err(|invalid| refused(Code::InvalidInput, &invalid))?
            }
        };
        let crossed = plan.translate_raw(&event, input).map_err(|error| match error {
            TranslateError::Lens(error) => Fault::new(Code::LensError, error.to_string())
                .at(error.pointer.to_string())
                .in_op(error.name),
            TranslateError::InvalidOutput(invalid) => refused(Code::InvalidOutput, &invalid),
            TranslateError::TooDeep | TranslateError::Unreadable(_) => {
                Fault::new(Code::InvalidOutput, error.to_string())
            }
        })?;
        let losses = crossed.losses.len();
        if !self.is_said_in_body() {
            let json = match crossed.event {
                Cow::Borrowed(_) => self.arrival.json().clone(),
                Cow::Owned(text) => text.into(),
            };
            return Ok((json, losses));
        }
        let said = self.say(read_value(&crossed.event).map_err(|error| unreadable(&error))?)?;
        Ok((bytes(&said), losses))
    }

    /// The body, saying the target's version where it said one; validated again if that changed it.
    fn say(&self, mut body: Value) -> Result<Value, Fault> {
        let mut changed = false;
        let out = self.route.out.as_ref();
        for convention in self.route.conventions.iter().chain(out) {
            if let Convention::Payload(pointer) = convention {
                let used = if out == Some(convention) { Use::Always } else { Use::IfPresent };
                changed |= write_payload(&mut body, pointer, self.target, used);
            }
        }
        if changed {
            self.check(self.target.known.version, &body, Code::InvalidOutput)?;
        }
        Ok(body)
    }

    fn is_said_in_body(&self) -> bool {
        let mut conventions = self.route.conventions.iter().chain(&self.route.out);
        conventions.any(|convention| matches!(convention, Convention::Payload(_)))
    }

    /// The data as they came, if there are any.
    fn unparsed(&self) -> Result<Bytes, Fault> {
        match self.arrival.json() {
            json if json.is_empty() => self.arrival.body().map(|_| Bytes::new()),
            json => Ok(json.clone()),
        }
    }

    fn check(&self, version: Version, body: &Value, code: Code) -> Result<(), Fault> {
        match self.track.history().validate(version, body) {
            None => Err(unread()),
            Some(Ok(())) => Ok(()),
            Some(Err(invalid)) => Err(refused(code, &invalid)),
        }
    }
}

/// What is kept of the subject cannot be read: the registry is asked anew, and until then it is as good as unknown.
fn unread() -> Fault {
    Fault::new(Code::RegistryUnavailable, "what is kept of the subject cannot be read any more")
}

fn refused(code: Code, invalid: &Invalid) -> Fault {
    Fault::new(code, invalid.to_string()).at(&invalid.instance_path)
}

fn bytes(body: &Value) -> Bytes {
    body.to_string().into()
}

#[cfg(test)]
mod tests;
