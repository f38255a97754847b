//! What changed, as a tree: places nested as they are in the schema, old and new value at each.

use std::collections::BTreeMap;

use owo_colors::{OwoColorize, Style};
use serde_json::Value;
use stele_evolution::{difference::Difference, policy::Bump};

use super::{model::Changes, page::Page};
use crate::terminal::printable;

/// Every change of every subject.
pub fn render(changes: &[Changes], width: usize) -> String {
    let mut page = Page::new(width);
    for change in changes {
        page.gap();
        let title = match (&change.old, &change.new) {
            (Some(old), Some(new)) => {
                format!("{} {} -> {}", change.subject.bold(), old.label(), new.label())
            }
            (None, Some(new)) => format!("{} {}", change.subject.bold(), new.label()),
            (Some(old), None) => format!("{} {}", change.subject.bold(), old.label()),
            (None, None) => change.subject.bold().to_string(),
        };
        let told = match (&change.old, &change.new, change.release) {
            (None, ..) => "new".green().to_string(),
            (_, None, _) => "removed".red().to_string(),
            (.., Some(Bump::Patch)) => "patch".green().to_string(),
            (.., Some(Bump::Minor)) => "minor".green().to_string(),
            (.., Some(Bump::Major)) => "major".red().to_string(),
            (.., None) => String::new(),
        };
        page.line(0, &format!("{title}  {told}"));
        if change.release.is_some() && change.differences.is_empty() {
            page.line(2, &"no difference".dimmed().to_string());
        }
        Node::of(&change.differences).show(&mut page, 2);
    }
    page.into_text()
}

/// A place, what changed there, and the places in it.
#[derive(Default)]
struct Node<'d> {
    here: Vec<&'d Difference>,
    /// In the order in which they were met.
    inside: Vec<&'d str>,
    nodes: BTreeMap<&'d str, Node<'d>>,
}

impl<'d> Node<'d> {
    fn of(differences: &'d [Difference]) -> Self {
        let mut root = Node::default();
        for difference in differences {
            let mut node = &mut root;
            for token in difference.at.tokens() {
                if !node.nodes.contains_key(token.as_str()) {
                    node.inside.push(token);
                }
                node = node.nodes.entry(token).or_default();
            }
            node.here.push(difference);
        }
        root
    }

    fn show(&self, page: &mut Page, indent: usize) {
        for difference in &self.here {
            leaf(page, indent, difference);
        }
        for token in &self.inside {
            let Some(mut node) = self.nodes.get(token) else { continue };
            let mut path = vec![*token];
            // Places where nothing changed but one thing inside share a line.
            while let (true, [only]) = (node.here.is_empty(), node.inside.as_slice()) {
                let Some(next) = node.nodes.get(only) else { break };
                path.push(only);
                node = next;
            }
            let path: stele_evolution::pointer::Pointer = path.into_iter().collect();
            page.line(indent, &printable(&path.to_string()).bold().to_string());
            node.show(page, indent + 2);
        }
    }
}

fn leaf(page: &mut Page, indent: usize, difference: &Difference) {
    let style = match (difference.addition, &difference.old, &difference.new) {
        (true, ..) => Style::new().green(),
        (_, _, None) => Style::new().red(),
        _ => Style::new().yellow(),
    };
    page.paragraph(indent, &difference.kind, style, &difference.why);
    let mut value = |sign, style, value: &Option<Value>| {
        if let Some(value) = value {
            page.value(indent, sign, style, value);
        }
    };
    value("-", Style::new().red(), &difference.old);
    value("+", Style::new().green(), &difference.new);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(kind: &str, at: &str, old: Option<Value>, new: Option<Value>) -> Difference {
        Difference {
            kind: kind.into(),
            at: at.parse().unwrap(),
            addition: old.is_none(),
            old,
            new,
            why: "it is so".into(),
        }
    }

    #[test]
    fn places_nest_and_lone_ones_share_a_line() {
        let side = |number: u32| {
            Some(crate::report::model::Side {
                version: stele_evolution::version::Version::try_from(number).ok(),
                origin: format!("{number}.json"),
            })
        };
        let changes = Changes {
            subject: "OrderPlaced".into(),
            old: side(1),
            new: side(2),
            release: Some(Bump::Major),
            places: Vec::new(),
            differences: vec![
                difference(
                    "property_added",
                    "/properties/gift",
                    None,
                    Some(json!({"type": "string"})),
                ),
                difference(
                    "type_changed",
                    "/properties/total/type",
                    Some(json!("number")),
                    Some(json!("string")),
                ),
            ],
        };

        let text = render(&[changes], 80);

        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @r#"
        OrderPlaced 1 -> 2  major
          /properties
            /gift
              property_added it is so
              + {"type":"string"}
            /total/type
              type_changed it is so
              - "number"
              + "string"
        "#);
    }
}
