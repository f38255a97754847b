//! The terminal: the one door through which anything is printed. Results go to stdout, messages to stderr.

use std::{
    fmt::Display,
    io::{self, ErrorKind, IsTerminal, Write},
};

use anstream::{AutoStream, ColorChoice};
use owo_colors::OwoColorize;

use crate::error::{Explain, Failure};

/// The width text is laid out for where there is no terminal to ask.
pub const DEFAULT_WIDTH: usize = 100;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where results and messages go.
pub struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    width: usize,
    loudness: Loudness,
}

/// How much is said beside the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loudness {
    /// Only why the command fails.
    Quiet,
    /// What a person wants to know.
    #[default]
    Normal,
    /// All there is.
    Verbose,
}

/// Why a result could not be printed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct Unwritable(#[source] io::Error);

impl Explain for Unwritable {}

impl Terminal {
    /// The process's own terminal.
    pub fn new(color: Color, loudness: Loudness) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        let width = terminal_size::terminal_size()
            .filter(|_| io::stdout().is_terminal())
            .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        Terminal {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            width: width.clamp(40, 120),
            loudness,
        }
    }

    /// How many columns there are for text.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Prints a part of the result, as it is: whoever reads stdout gets this and nothing else.
    pub fn result(&mut self, text: impl Display) -> Result<(), Unwritable> {
        match write!(self.out, "{text}").and_then(|()| self.out.flush()) {
            // Whoever read has seen enough (`| head`): the verdict stays what it is.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Unwritable),
        }
    }

    /// Whether only failures are told.
    pub fn is_quiet(&self) -> bool {
        self.loudness == Loudness::Quiet
    }

    /// Whether everything is told.
    pub fn is_verbose(&self) -> bool {
        self.loudness == Loudness::Verbose
    }

    /// Says something beside the result.
    pub fn message(&mut self, text: impl Display) {
        if !self.is_quiet() {
            self.say(text);
        }
    }

    /// Says something that only those want to know who ask for more.
    pub fn detail(&mut self, text: impl Display) {
        if self.is_verbose() {
            self.say(text);
        }
    }

    fn say(&mut self, text: impl Display) {
        // Where stderr is closed there is nobody to tell.
        let _ = writeln!(self.err, "{text}");
    }

    /// Says something beside the result that the reader should look into.
    pub fn warning(&mut self, text: impl Display) {
        self.message(format_args!("{} {text}", "warning:".yellow().bold()));
    }

    /// Says why the command ends early, and what to do.
    pub fn failure(&mut self, failure: &Failure) {
        self.say(describe(failure).trim_end());
    }
}

/// A failure as people read it.
fn describe(failure: &Failure) -> String {
    let mut text = String::new();
    let mut line = |label: &str, rest: &str| {
        text.push_str(label);
        text.push(' ');
        text.push_str(&printable(rest));
        text.push('\n');
    };
    for (depth, sentence) in failure.sentences().iter().enumerate() {
        match depth {
            0 => line(&"error:".red().bold().to_string(), sentence),
            _ => line(&format!("  {}", "because:".dimmed()), sentence),
        }
    }
    if let Some(hint) = failure.hint() {
        line(&"hint:".cyan().bold().to_string(), &hint.to_string());
    }
    text
}

/// Foreign text without what a terminal would obey: control characters are shown, not sent.
pub fn printable(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && c != '\n';
    if !text.contains(obeyed) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 8), |mut shown, c| {
        if obeyed(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        shown
    })
}

/// Lets the parts that log (`dev` runs servers) do so on stderr; what is logged is asked for by `STELE_LOG`.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("STELE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .finish();
    // Only the first one counts; a second call changes nothing.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read `orders/OrderPlaced/2.json`")]
    struct Unread(#[source] io::Error);

    impl Explain for Unread {
        fn hint(&self) -> Option<crate::error::Hint> {
            Some(crate::error::Hint::new("say where it is"))
        }
    }

    #[test]
    fn a_failure_is_a_sentence_its_causes_and_a_hint() {
        let failure = Failure::from(Unread(io::Error::other("the disk is on fire")));

        let text = anstream::adapter::strip_str(&describe(&failure)).to_string();

        insta::assert_snapshot!(text, @r"
        error: cannot read `orders/OrderPlaced/2.json`
          because: the disk is on fire
        hint: say where it is
        ");
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(printable("a\u{1b}[31mb"), "a\\u{1b}[31mb");
    }
}
