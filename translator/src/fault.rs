//! A fault is why an event was not delivered: an event is delivered in its consumer's version, or it is a fault.

use std::fmt;

use serde_json::{Value, json};
use stele_api::subject::Subject;
use stele_evolution::version::Version;

/// The eight kinds of fault an operator tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The registry does not know the version, or not yet: held and tried again.
    UnknownVersion,
    /// The event cannot be read, or does not say which subject and version it is.
    Unparseable,
    /// The event is not valid under the version it says it is.
    InvalidInput,
    /// No way leads from the event's version to the consumer's.
    NoPath,
    /// A lens could not carry this event.
    LensError,
    /// What the lenses made of it is not valid under the consumer's version.
    InvalidOutput,
    /// More bytes than are taken.
    TooLarge,
    /// The event was translated, but the consumer did not get it.
    Delivery,
}

impl Class {
    /// The name in answers, dead letters and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::UnknownVersion => "unknown_version",
            Class::Unparseable => "unparseable",
            Class::InvalidInput => "invalid_input",
            Class::NoPath => "no_path",
            Class::LensError => "lens_error",
            Class::InvalidOutput => "invalid_output",
            Class::TooLarge => "too_large",
            Class::Delivery => "delivery",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares every code once: its name, its class, the HTTP status it is answered with, and what to do about it.
macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $name:literal, $class:ident, $status:literal, $hint:literal;)+) => {
        /// The stable code of a fault: scripts and alerts may rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])+ $code,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$code),+];

            /// The code as answers spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => $name,)+ }
            }

            /// The kind of fault.
            pub fn class(self) -> Class {
                match self { $(Code::$code => Class::$class,)+ }
            }

            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 {
                match self { $(Code::$code => $status,)+ }
            }

            /// What to do about it, in one sentence.
            pub fn hint(self) -> &'static str {
                match self { $(Code::$code => $hint,)+ }
            }
        }
    };
}

codes! {
    /// The version or schema id is not registered, or not yet.
    UnknownVersion = "unknown_version", UnknownVersion, 503,
        "register the version, then send the event again";
    /// The registry could not be asked and nothing is known of the subject yet.
    RegistryUnavailable = "registry_unavailable", UnknownVersion, 503,
        "send the event again once the registry can be reached";
    /// The body of the request ended before it was whole.
    BodyUnread = "body_unread", Unparseable, 422, "send the event again";
    /// The event is not JSON.
    NotJson = "not_json", Unparseable, 422, "send one JSON document in UTF-8";
    /// One object of the event has the same key twice.
    DuplicateKey = "duplicate_key", Unparseable, 422, "write every key of an object once";
    /// The event is nested deeper than any reader here takes.
    TooDeep = "too_deep", Unparseable, 422, "send a flatter event";
    /// An envelope that says it is a CloudEvent lacks what makes it one.
    NotACloudEvent = "not_a_cloudevent", Unparseable, 422,
        "send specversion 1.0, id, source and type, none of them empty";
    /// An attribute is not a string, a number or a boolean, or its text cannot be decoded.
    AttributeInvalid = "attribute_invalid", Unparseable, 422,
        "percent-encode header values as UTF-8; attributes are strings, numbers or booleans";
    /// The event only refers to its payload, so there is nothing to translate.
    DatarefAlone = "dataref_alone", Unparseable, 422, "send the payload itself in `data`";
    /// No convention tells the version.
    VersionNotSaid = "version_not_said", Unparseable, 422,
        "name the version in the type, the dataschema or a schema id";
    /// A convention is used, but what it says cannot be read.
    VersionUnreadable = "version_unreadable", Unparseable, 422,
        "compare the value with the convention's form";
    /// Two conventions tell different versions.
    ConventionsDisagree = "conventions_disagree", Unparseable, 422,
        "say the same version everywhere, or list fewer conventions";
    /// Nothing tells which subject the event belongs to.
    SubjectNotSaid = "subject_not_said", Unparseable, 422,
        "name the subject in the type or the dataschema";
    /// The content type is none that is read here.
    UnsupportedMediaType = "unsupported_media_type", Unparseable, 415,
        "send application/json or application/cloudevents+json, in UTF-8";
    /// The event is not valid under the version it says it is.
    InvalidInput = "invalid_input", InvalidInput, 422,
        "the producer sends what its own schema forbids: mend the producer";
    /// No way leads from the event's version to the consumer's.
    NoPath = "no_path", NoPath, 422, "register a lens for the step that has none";
    /// The subject is not one this translator serves.
    SubjectNotRouted = "subject_not_routed", NoPath, 422, "add the subject to the configuration";
    /// An operation of a lens could not carry this event.
    LensError = "lens_error", LensError, 422, "the lens does not cover this event: mend the lens";
    /// The translated event is not valid under the consumer's version.
    InvalidOutput = "invalid_output", InvalidOutput, 422,
        "the lens makes an event its target forbids: mend the lens";
    /// The event has more bytes than are taken.
    TooLarge = "too_large", TooLarge, 413, "send a smaller event, or raise the limit";
    /// As many events as may be in flight are.
    TooBusy = "too_busy", Delivery, 429, "send the event again after Retry-After seconds";
    /// The subject has no consumer configured.
    NoConsumer = "no_consumer", Delivery, 422, "configure a consumer, or ask POST /translate";
    /// The consumer could not be reached.
    ConsumerUnreachable = "consumer_unreachable", Delivery, 502,
        "see that the consumer listens, then send the event again";
    /// The consumer did not answer in time.
    ConsumerTimeout = "consumer_timeout", Delivery, 504,
        "the consumer may or may not have the event: send it again";
    /// The consumer does not take events at this moment.
    ConsumerFailing = "consumer_failing", Delivery, 502,
        "see why the consumer fails, then redrive";
    /// The consumer has turned the event down for good.
    ConsumerRefused = "consumer_refused", Delivery, 502,
        "mend the event's producer or its consumer, then redrive";
    /// The consumer has said that it is gone, and for good.
    ConsumerGone = "consumer_gone", Delivery, 502,
        "point the subscription to its new consumer, then resume it";
    /// The event was given out as often as it may be, and never acknowledged.
    NeverAcknowledged = "never_acknowledged", Delivery, 502,
        "see why the consumer does not acknowledge it, then redrive";
    /// As many events, or bytes, wait in the subscription as may.
    QueueFull = "queue_full", Delivery, 429, "send the event again after Retry-After seconds";
    /// The queue cannot be written.
    QueueUnavailable = "queue_unavailable", Delivery, 503,
        "see that the disk of the queue has room, then send the event again";
    /// The sidecar is stopping.
    Stopping = "stopping", Delivery, 503, "send the event again, to another sidecar or to the next";
}

/// Why an event was not delivered, and where it stood then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// What is wrong, in one sentence. May quote the event, so it belongs in answers and dead letters, never in logs.
    pub detail: String,
    /// Where the event stood.
    pub place: Box<Place>,
}

/// Where an event stood when it failed, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The subject.
    pub subject: Option<String>,
    /// The version the event says it is.
    pub from: Option<Version>,
    /// The consumer's version.
    pub to: Option<Version>,
    /// The id of the plan that was running.
    pub plan: Option<String>,
    /// Where in the event, as a JSON pointer.
    pub pointer: Option<String>,
    /// The lens operation that failed, such as `rename`.
    pub op: Option<String>,
}

impl Fault {
    /// A fault of which nothing more is known yet.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Fault { code, detail: detail.into(), place: Box::default() }
    }

    /// The kind of fault.
    pub fn class(&self) -> Class {
        self.code.class()
    }

    /// The same fault, of an event of `subject`.
    #[must_use]
    pub fn of(mut self, subject: &Subject) -> Self {
        self.place.subject = Some(subject.to_string());
        self
    }

    /// The same fault, between two versions.
    #[must_use]
    pub fn between(mut self, from: Version, to: Version) -> Self {
        self.place.from = Some(from);
        self.place.to = Some(to);
        self
    }

    /// The same fault, while a plan was running.
    #[must_use]
    pub fn during(mut self, plan: &str) -> Self {
        self.place.plan = Some(plan.to_owned());
        self
    }

    /// The same fault, at a place in the event.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.place.pointer = Some(pointer.into());
        self
    }

    /// The same fault, in an operation of a lens.
    #[must_use]
    pub fn in_op(mut self, op: &str) -> Self {
        self.place.op = Some(op.to_owned());
        self
    }

    /// What a dead letter keeps of it; without what is not known.
    pub fn to_value(&self) -> Value {
        let mut members = serde_json::Map::new();
        members.insert("class".into(), json!(self.class().as_str()));
        members.insert("code".into(), json!(self.code.as_str()));
        members.insert("detail".into(), json!(self.detail));
        let Place { subject, from, to, plan, pointer, op } = &*self.place;
        let texts = [("subject", subject), ("plan", plan), ("pointer", pointer), ("op", op)];
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name.into(), json!(text));
            }
        }
        for (name, version) in [("from", from), ("to", to)] {
            if let Some(version) = version {
                members.insert(name.into(), json!(version));
            }
        }
        Value::Object(members)
    }

    /// The body of an `application/problem+json` answer (RFC 9457).
    pub fn to_problem(&self) -> Value {
        let mut problem = self.to_value();
        problem["type"] = json!("about:blank");
        problem["title"] = json!(self.class().as_str().replace('_', " "));
        problem["status"] = json!(self.code.status());
        problem["hint"] = json!(self.code.hint());
        problem
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let names: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();

        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_problem_says_class_code_place_and_what_to_do() {
        let version = |number| Version::try_from(number).unwrap();
        let fault = Fault::new(Code::LensError, "`/id` is taken already")
            .of(&"OrderPlaced".parse().unwrap())
            .between(version(3), version(1))
            .at("/id")
            .in_op("rename");

        insta::assert_snapshot!(fault.to_problem(), @r#"{"class":"lens_error","code":"lens_error","detail":"`/id` is taken already","from":3,"hint":"the lens does not cover this event: mend the lens","op":"rename","pointer":"/id","status":422,"subject":"OrderPlaced","title":"lens error","to":1,"type":"about:blank"}"#);
    }
}
