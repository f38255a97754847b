//! The one pass over the text: the grammar of RFC 8259, checked to the last byte, and the tape that it leaves.

use super::{
    MAX_DEPTH, TextError,
    tape::{Entry, Kind, Tape},
    text,
};

/// Keys that `serde_json` gives a meaning of its own: an object with one of them would be read as something else.
const RESERVED: [&str; 2] = ["$serde_json::private::Number", "$serde_json::private::RawValue"];

/// Up to this many keys of one object are told apart while they are read; more are sorted at its end.
const FEW_KEYS: u32 = 48;

/// Where the text stops being what is taken, and why.
enum Flaw {
    Syntax,
    Deep,
    Duplicate(String),
    Reserved(&'static str),
}

/// Reads the whole text.
pub(super) fn scan(text: &str) -> Result<Tape<'_>, TextError> {
    if u32::try_from(text.len()).is_err() {
        return Err(not_json(&[], "more than 4 GiB of text"));
    }
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        entries: Vec::with_capacity(text.len() / 12 + 4),
        depth: 0,
        deepest: 0,
    };
    match scanner.whole() {
        Ok(()) => Ok(Tape::new(text, scanner.entries, scanner.deepest)),
        Err(flaw) => Err(scanner.told(flaw)),
    }
}

/// The error for a text whose flaw comes right after `before`.
pub(super) fn not_json(before: &[u8], message: &str) -> TextError {
    let lines = before.split(|byte| *byte == b'\n');
    let (line, last) =
        lines.enumerate().last().map_or((1, 0), |(line, last)| (line + 1, last.len()));
    TextError::NotJson { line, column: last + 1, message: message.to_owned() }
}

struct Scanner<'e> {
    text: &'e str,
    bytes: &'e [u8],
    at: usize,
    entries: Vec<Entry>,
    depth: usize,
    deepest: usize,
}

/// Which keys one object has had so far, roughly: a bit that is not set says "not this one".
#[derive(Default)]
struct Seen {
    bits: [u64; 4],
    count: u32,
    /// Some key has escapes, so that its bytes do not tell.
    escaped: bool,
}

impl Scanner<'_> {
    fn whole(&mut self) -> Result<(), Flaw> {
        self.space();
        self.value()?;
        self.space();
        if self.at == self.bytes.len() { Ok(()) } else { Err(Flaw::Syntax) }
    }

    /// The cold path: what exactly is wrong is said in the words of the parser that people know.
    #[cold]
    fn told(&self, flaw: Flaw) -> TextError {
        match flaw {
            Flaw::Deep => TextError::TooDeep,
            Flaw::Duplicate(key) => TextError::DuplicateKey(key),
            Flaw::Reserved(key) => not_json(
                self.bytes.get(..self.at).unwrap_or_default(),
                &format!("the key `{key}` is reserved"),
            ),
            Flaw::Syntax => match serde_json::from_str::<serde_json::Value>(self.text) {
                Err(error) => error.into(),
                Ok(_) => not_json(self.bytes.get(..self.at).unwrap_or_default(), "not JSON"),
            },
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte must be this one.
    fn expect(&mut self, byte: u8) -> Result<(), Flaw> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Flaw::Syntax)
        }
    }

    /// Leaves an entry whose end is not known yet; answers its place.
    fn begin(&mut self, kind: Kind) -> usize {
        self.entries.push(Entry::starting(kind, self.at));
        self.entries.len() - 1
    }

    fn end(&mut self, entry: usize, count: u32) {
        let next = self.entries.len();
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.finish(self.at, next, count);
        }
    }

    fn value(&mut self) -> Result<(), Flaw> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.nested(Kind::Object, Self::object),
            Some(b'[') => self.nested(Kind::List, Self::list),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(Kind::True, b"true"),
            Some(b'f') => self.literal(Kind::False, b"false"),
            Some(b'n') => self.literal(Kind::Null, b"null"),
            _ => Err(Flaw::Syntax),
        }
    }

    fn literal(&mut self, kind: Kind, spelled: &[u8]) -> Result<(), Flaw> {
        let entry = self.begin(kind);
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(spelled)) {
            return Err(Flaw::Syntax);
        }
        self.at += spelled.len();
        self.end(entry, 0);
        Ok(())
    }

    fn nested(
        &mut self,
        kind: Kind,
        inside: fn(&mut Self, usize) -> Result<u32, Flaw>,
    ) -> Result<(), Flaw> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flaw::Deep);
        }
        self.deepest = self.deepest.max(self.depth);
        let entry = self.begin(kind);
        self.at += 1;
        self.space();
        let count = inside(self, entry)?;
        self.end(entry, count);
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, _: usize) -> Result<u32, Flaw> {
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(0);
        }
        let mut count = 0;
        loop {
            self.value()?;
            count += 1;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(count);
                }
                _ => return Err(Flaw::Syntax),
            }
            self.space();
        }
    }

    fn object(&mut self, entry: usize) -> Result<u32, Flaw> {
        let mut seen = Seen::default();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(0);
        }
        loop {
            self.key(entry, &mut seen)?;
            self.space();
            self.expect(b':')?;
            self.space();
            self.value()?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                _ => return Err(Flaw::Syntax),
            }
            self.space();
        }
        if seen.escaped || seen.count > FEW_KEYS {
            self.distinct(entry)?;
        }
        Ok(seen.count)
    }

    /// One key of the object at `object`, which must not have had it.
    fn key(&mut self, object: usize, seen: &mut Seen) -> Result<(), Flaw> {
        if self.peek() != Some(b'"') {
            return Err(Flaw::Syntax);
        }
        let start = self.at;
        let escaped = self.string()?;
        let key = self.text.get(start + 1..self.at - 1).unwrap_or_default();
        if escaped {
            let key = text::unescaped(key);
            if let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == key) {
                return Err(Flaw::Reserved(reserved));
            }
            seen.escaped = true;
        } else if key.starts_with('$')
            && let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == key)
        {
            return Err(Flaw::Reserved(reserved));
        }
        seen.count += 1;
        if seen.count <= FEW_KEYS && seen.may_have(key.as_bytes()) && self.has(object, start, key) {
            return Err(Flaw::Duplicate(text::unescaped(key).into_owned()));
        }
        Ok(())
    }

    /// Whether the object has this key, spelled like this, before `start`.
    fn has(&self, object: usize, start: usize, key: &str) -> bool {
        let mut at = object + 1;
        while let Some(entry) = self.entries.get(at) {
            let span = entry.span();
            if span.start >= start {
                return false;
            }
            if self.text.get(span.start + 1..span.end - 1) == Some(key) {
                return true;
            }
            let Some(value) = self.entries.get(at + 1) else { return false };
            at = value.next();
        }
        false
    }

    /// Tells all keys of an object apart, by what they say and not by how they are spelled.
    #[cold]
    fn distinct(&self, object: usize) -> Result<(), Flaw> {
        let mut keys = Vec::new();
        let mut at = object + 1;
        while let (Some(entry), Some(value)) = (self.entries.get(at), self.entries.get(at + 1)) {
            let span = entry.span();
            keys.push(text::unescaped(
                self.text.get(span.start + 1..span.end - 1).unwrap_or_default(),
            ));
            at = value.next();
        }
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Flaw::Duplicate(pair[0].clone().into_owned())),
            None => Ok(()),
        }
    }

    /// A string, quotes included; answers whether it has escapes.
    fn string(&mut self) -> Result<bool, Flaw> {
        let entry = self.begin(Kind::Text);
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += text::plain(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    self.at += text::escape(rest).ok_or(Flaw::Syntax)?;
                }
                _ => return Err(Flaw::Syntax),
            }
        }
        self.at += 1;
        self.end(entry, u32::from(escaped));
        Ok(escaped)
    }

    fn digits(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(Flaw::Syntax) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), Flaw> {
        let entry = self.begin(Kind::Number);
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.end(entry, 0);
        Ok(())
    }
}

impl Seen {
    /// Notes a key; whether it may have been noted before.
    fn may_have(&mut self, key: &[u8]) -> bool {
        let fold =
            |bytes: &[u8]| bytes.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        let word = match (key.first_chunk::<8>(), key.last_chunk::<8>()) {
            (Some(first), Some(last)) => {
                u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23)
            }
            _ => fold(key),
        };
        let hash = (word ^ key.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let (slot, bit) = ((hash >> 6) as usize & 3, 1u64 << (hash & 63));
        let seen = self.bits[slot] & bit != 0;
        self.bits[slot] |= bit;
        seen
    }
}
