//! The text of a string: where it is plain, what its escapes say.

use std::borrow::Cow;

/// The low bit of every byte of a word.
const LOW: u64 = 0x0101_0101_0101_0101;
/// The high bit of every byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes from the start need no look: no quote, no backslash, no control character.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let rest =
        rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len());
    words.len() * 8 + rest
}

/// The high bit of the first byte that needs a look, and maybe some of later ones.
fn special(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(LOW) & !word;
    let quote = zero(word ^ (LOW * 0x22));
    let backslash = zero(word ^ (LOW * 0x5c));
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (quote | backslash | control) & HIGH
}

/// The length of the escape at the start, a surrogate pair being one; `None` if it is none.
pub(super) fn escape(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => match hex(bytes.get(2..6)?)? {
            0xD800..=0xDBFF => {
                let low = bytes.get(6..12)?;
                let is_low =
                    low.starts_with(br"\u") && (0xDC00..=0xDFFF).contains(&hex(&low[2..])?);
                is_low.then_some(12)
            }
            0xDC00..=0xDFFF => None,
            _ => Some(6),
        },
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

/// What the inside of a string says, its escapes having been checked.
pub(super) fn unescaped(inside: &str) -> Cow<'_, str> {
    let Some(first) = inside.find('\\') else { return Cow::Borrowed(inside) };
    let (before, mut rest) = inside.split_at(first);
    let mut out = String::with_capacity(inside.len());
    out.push_str(before);
    while let Some(length) = escape(rest.as_bytes()) {
        let (spelled, after) = rest.split_at(length);
        out.push(said(spelled));
        let plain = after.find('\\').unwrap_or(after.len());
        out.push_str(&after[..plain]);
        rest = &after[plain..];
    }
    Cow::Owned(out)
}

/// The character that one escape stands for.
fn said(escape: &str) -> char {
    let bytes = escape.as_bytes();
    let unit = |range| bytes.get(range).and_then(hex).unwrap_or_default();
    match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let high = unit(2..6);
            let code = match bytes.len() {
                12 => 0x10000 + ((high - 0xD800) << 10) + (unit(8..12) - 0xDC00),
                _ => high,
            };
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    }
}
