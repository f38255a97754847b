//! A pattern of ECMA-262, as an automaton where it is regular and small.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use regex_automata::{
    Anchored,
    dfa::{Automaton, dense},
    meta,
    nfa::thompson,
    util::syntax,
};
use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};
use serde_json::{Value, json};

/// The most memory one automaton may take while it is built, in bytes.
const AUTOMATON_BYTES: usize = 2 * 1024 * 1024;

/// A regular expression as a schema writes it. A match anywhere in the string counts.
#[derive(Clone)]
pub(crate) struct Pattern(Arc<Inner>);

struct Inner {
    text: String,
    search: OnceLock<Search>,
    automaton: OnceLock<Option<dense::DFA<Vec<u32>>>>,
}

impl Pattern {
    pub fn new(text: &str) -> Self {
        Pattern(Arc::new(Inner {
            text: text.to_owned(),
            search: OnceLock::new(),
            automaton: OnceLock::new(),
        }))
    }

    /// As the schema writes it.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether it matches somewhere in `string`.
    pub fn matches(&self, string: &str) -> bool {
        match self.0.search.get_or_init(|| Search::of(&self.0.text)) {
            Search::Regular(regex) => regex.is_match(string),
            Search::Validator(validator) => validator.is_valid(&Value::String(string.to_owned())),
            Search::Nothing => false,
        }
    }

    /// A short string that the expression, as written, is likely to match: a guess, to be verified by [`Self::matches`].
    pub fn example(&self) -> Option<String> {
        let translated = jsonschema_regex::to_rust_regex(&self.0.text).ok()?;
        let expression = regex_syntax::parse(&translated).ok()?;
        let mut text = String::new();
        spell(&expression, &mut text).then_some(text)
    }

    /// The automaton that accepts exactly the strings in which it matches somewhere, read from the first byte;
    /// `None` where the pattern is beyond regular languages or too large.
    pub fn automaton(&self) -> Option<&dense::DFA<Vec<u32>>> {
        self.0
            .automaton
            .get_or_init(|| {
                let translated = jsonschema_regex::to_rust_regex(&self.0.text).ok()?;
                let anywhere = format!(r"\A(?s:.)*(?:{translated})(?s:.)*\z");
                compile(&anywhere)
            })
            .as_ref()
    }
}

/// The longest string that is spelled from an expression, in bytes.
const LONGEST_SPELLED: usize = 512;

/// Appends what an expression matches, taking the first way wherever there are several; false where it gives up.
fn spell(expression: &Hir, text: &mut String) -> bool {
    if text.len() > LONGEST_SPELLED {
        return false;
    }
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(literal) => {
                text.push_str(literal);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let holds = |letter: &char| {
                ranges.iter().any(|range| (range.start()..=range.end()).contains(letter))
            };
            let friendly = ['a', '0', 'A', ' '].into_iter().find(holds);
            let letter = friendly.or_else(|| ranges.first().map(ClassUnicodeRange::start));
            text.extend(letter);
            letter.is_some()
        }
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Repetition(repetition) => {
            (0..repetition.min).all(|_| spell(&repetition.sub, text))
        }
        HirKind::Capture(capture) => spell(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().all(|part| spell(part, text)),
        HirKind::Alternation(parts) => parts.first().is_some_and(|part| spell(part, text)),
    }
}

/// How one string is searched.
enum Search {
    Regular(meta::Regex),
    /// Look-around and back-references: left to the validator's own engine.
    Validator(Box<jsonschema::Validator>),
    /// No pattern at all; schemas with such a one are refused when they are read.
    Nothing,
}

impl Search {
    fn of(text: &str) -> Search {
        // Few and short strings are searched: what is cheap to build is the faster way.
        let config = meta::Config::new()
            .nfa_size_limit(Some(AUTOMATON_BYTES))
            .auto_prefilter(false)
            .onepass(false)
            .dfa(false);
        let regular = jsonschema_regex::to_rust_regex(text).ok().and_then(|translated| {
            meta::Regex::builder().configure(config).build(&translated).ok()
        });
        if let Some(regex) = regular {
            return Search::Regular(regex);
        }
        match jsonschema::options().offline().build(&json!({"pattern": text})) {
            Ok(validator) => Search::Validator(Box::new(validator)),
            Err(_) => Search::Nothing,
        }
    }
}

/// The automaton of a whole-string expression in Rust's syntax.
fn compile(whole: &str) -> Option<dense::DFA<Vec<u32>>> {
    dense::Builder::new()
        .syntax(syntax::Config::new().unicode(true).utf8(true))
        .thompson(thompson::Config::new().nfa_size_limit(Some(AUTOMATON_BYTES)))
        .configure(
            dense::Config::new()
                .minimize(false)
                .start_kind(regex_automata::dfa::StartKind::Anchored)
                .dfa_size_limit(Some(AUTOMATON_BYTES))
                .determinize_size_limit(Some(AUTOMATON_BYTES)),
        )
        .build(whole)
        .ok()
}

/// The automaton of all well-formed UTF-8.
pub(crate) fn every_string() -> Option<&'static dense::DFA<Vec<u32>>> {
    static EVERY: OnceLock<Option<dense::DFA<Vec<u32>>>> = OnceLock::new();
    EVERY.get_or_init(|| compile(r"\A(?s:.)*\z")).as_ref()
}

/// Where an automaton starts on a whole string.
pub(crate) fn start(
    automaton: &dense::DFA<Vec<u32>>,
) -> Option<regex_automata::util::primitives::StateID> {
    let config = regex_automata::util::start::Config::new().anchored(Anchored::Yes);
    automaton.start_state(&config).ok()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.text.cmp(&other.0.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_words_are_ascii_as_in_ecma_262() {
        assert!(!Pattern::new(r"^\d$").matches("٣"));
        assert!(!Pattern::new(r"^\w$").matches("é"));
        assert!(Pattern::new("b").matches("abc"));
    }

    #[test]
    fn an_example_is_spelled_from_the_expression() {
        let spelled = |text: &str| Pattern::new(text).example();

        assert_eq!(spelled("^[0-9]{2}(-x|y)+$").as_deref(), Some("00-x"));
        assert_eq!(spelled("^\\d{3}\\w?$").as_deref(), Some("000"));
        assert_eq!(spelled("^(?=a)"), None);
        assert_eq!(spelled("a{1000}"), None);
    }

    #[test]
    fn what_is_not_regular_is_searched_but_has_no_automaton() {
        assert!(Pattern::new(r"^(?=a)").matches("a"));
        assert!(!Pattern::new(r"^(?=a)").matches("b"));
        assert!(Pattern::new(r"^(?=a)").automaton().is_none());
        assert!(Pattern::new(r"\d{1,10000}\w{1,10000}").automaton().is_none());
    }
}
