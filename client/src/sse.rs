//! Server-sent events, read from whatever pieces the network delivers them in.

/// The longest event taken, in bytes: twice the largest that a registry writes.
const MAX_EVENT: usize = 32 * 1024 * 1024;

/// One event of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its name; empty for the usual kind.
    pub name: String,
    /// Its data, lines joined.
    pub data: String,
}

/// Takes pieces, gives events.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What has come and is not a whole line yet.
    rest: Vec<u8>,
    /// How much of `rest` is known to hold no end of a line.
    seen: usize,
    event: Event,
    has_data: bool,
}

/// Why a stream is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StreamError {
    /// An event without end.
    #[error("an event has more than {MAX_EVENT} bytes")]
    TooLarge,
    /// Something else than text.
    #[error("an event is not UTF-8")]
    NotText,
}

impl Reader {
    /// Takes a piece.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), StreamError> {
        if self.rest.len() + piece.len() + self.event.data.len() > MAX_EVENT {
            return Err(StreamError::TooLarge);
        }
        self.rest.extend_from_slice(piece);
        Ok(())
    }

    /// The next event that is whole. A registry ends its lines with LF; the CR of a CRLF is taken off.
    pub fn next(&mut self) -> Result<Option<Event>, StreamError> {
        while let Some(length) = self.rest[self.seen..].iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=self.seen + length).collect();
            self.seen = 0;
            let line = std::str::from_utf8(&line).map_err(|_| StreamError::NotText)?;
            let line = line.trim_end_matches('\n').trim_end_matches('\r');
            if let Some(event) = self.line(line) {
                return Ok(Some(event));
            }
        }
        self.seen = self.rest.len();
        Ok(None)
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event.name),
            // A comment, the id, which the data says as well, and what is still to be invented.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = ": hello\nretry: 1000\n\nid: 1\ndata: {\"a\":\"ü\"}\n\n: alive\n\nevent: problem\ndata: one\r\ndata:two\r\n\r\nid: 9\n\ndata\n\n";

    fn read(pieces: &[&[u8]]) -> Vec<Event> {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for piece in pieces {
            reader.push(piece).unwrap();
            while let Some(event) = reader.next().unwrap() {
                events.push(event);
            }
        }
        events
    }

    #[test]
    fn comments_and_ids_are_no_events() {
        let event = |name: &str, data: &str| Event { name: name.into(), data: data.into() };

        assert_eq!(
            read(&[STREAM.as_bytes()]),
            [event("", r#"{"a":"ü"}"#), event("problem", "one\ntwo"), event("", "")]
        );
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let mut reader = Reader::default();

        let piece = vec![b'x'; 1024 * 1024];
        let refused = (0..40).find_map(|_| reader.push(&piece).err());

        assert_eq!(refused, Some(StreamError::TooLarge));
    }

    proptest! {
        #[test]
        fn the_pieces_do_not_matter(cuts in proptest::collection::vec(0..STREAM.len(), 0..20)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut start = 0;
            for cut in cuts {
                pieces.push(&STREAM.as_bytes()[start..cut]);
                start = cut;
            }
            pieces.push(&STREAM.as_bytes()[start..]);

            prop_assert_eq!(read(&pieces), read(&[STREAM.as_bytes()]));
        }
    }
}
