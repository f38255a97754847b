//! `stele dead-letters`: what a translator could not deliver, and what is to become of it.

pub mod args;
mod sidecar;

use owo_colors::{OwoColorize as _, Style};
use serde_json::Value;

use self::{
    args::{DeadLetters, DeadLettersChosen, DeadLettersList, DeadLettersShow},
    sidecar::Sidecar,
};
use crate::{
    error::Failure,
    exit::Exit,
    report::{Format, json, table},
    terminal::{Terminal, printable},
};

/// Runs one of its commands.
pub async fn run(args: &DeadLetters, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match args {
        DeadLetters::List(args) => list(args, terminal).await,
        DeadLetters::Show(args) => show(args, terminal).await,
        DeadLetters::Redrive(args) => {
            each(args, terminal, "redriven", async |sidecar, id| sidecar.redrive(id).await).await
        }
        DeadLetters::Drop(args) => {
            each(args, terminal, "dropped", async |sidecar, id| sidecar.drop_letter(id).await).await
        }
    }
}

async fn list(args: &DeadLettersList, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let sidecar = Sidecar::at(&args.translator.translator)?;
    let letters = sidecar.dead_letters(args.subscription.as_deref()).await?;
    match args.format {
        Format::Json => terminal.result(json::render(&letters)?)?,
        _ if letters.is_empty() => terminal.message("no dead letters"),
        Format::Human => {
            let rows: Vec<_> = letters.iter().map(row).collect();
            let plain = Style::new();
            terminal.result(table::render(
                ["id", "subscription", "subject", "code", "since", "what"],
                [plain.bold(), plain, plain.bold(), plain, plain.dimmed(), plain],
                &rows,
            ))?;
        }
    }
    Ok(Exit::Compatible)
}

async fn show(args: &DeadLettersShow, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let letter = Sidecar::at(&args.translator.translator)?.dead_letter(args.id).await?;
    match args.format {
        Format::Json => terminal.result(json::render(&letter)?)?,
        Format::Human => terminal.result(page(&letter))?,
    }
    Ok(Exit::Compatible)
}

/// Does something with every letter that was chosen; the first that cannot be done ends it.
async fn each(
    args: &DeadLettersChosen,
    terminal: &mut Terminal,
    done: &str,
    work: impl AsyncFn(&Sidecar, u64) -> Result<(), sidecar::SidecarError>,
) -> Result<Exit, Failure> {
    let sidecar = Sidecar::at(&args.translator.translator)?;
    let mut ids = args.ids.clone();
    if args.all {
        // All that there are now: what dies again while it is redriven is not redriven for ever.
        let letters = sidecar.dead_letters(args.subscription.as_deref()).await?;
        ids = letters.iter().filter_map(|letter| letter["id"].as_u64()).collect();
    }
    for id in &ids {
        work(&sidecar, *id).await?;
    }
    let letters = if ids.len() == 1 { "dead letter" } else { "dead letters" };
    terminal.result(format!("{} {letters} {done}\n", ids.len()))?;
    Ok(Exit::Compatible)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => printable(text),
        other => printable(&other.to_string()),
    }
}

fn row(letter: &Value) -> [String; 6] {
    let fault = &letter["fault"];
    [
        text(&letter["id"]),
        text(&letter["subscription"]),
        text(&fault["subject"]),
        text(&fault["code"]),
        text(&letter["died_at"]),
        text(&fault["detail"]),
    ]
}

/// Everything about one letter, its event last.
fn page(letter: &Value) -> String {
    let mut page = String::new();
    let mut line = |name: &str, value: &Value| {
        if !value.is_null() {
            let name = format!("{name:<12}");
            page.extend([name.dimmed().to_string(), " ".to_owned(), text(value), "\n".to_owned()]);
        }
    };
    line("dead letter", &letter["id"]);
    for name in ["subscription", "key", "died_at"] {
        line(name, &letter[name]);
    }
    for name in [
        "class",
        "code",
        "detail",
        "subject",
        "from",
        "to",
        "pointer",
        "op",
        "plan",
        "attempt",
        "first_seen",
    ] {
        line(name, &letter["fault"][name]);
    }
    for (name, value) in letter["headers"].as_object().into_iter().flatten() {
        line(name, value);
    }
    page.push('\n');
    let original = letter.get("original").or_else(|| letter.get("original_base64"));
    page.push_str(&original.map(text).unwrap_or_default());
    page.push('\n');
    page
}
