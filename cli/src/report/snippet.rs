//! The source of both versions, with the same place underlined in each.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::excerpt::{Excerpt, Places};

/// How wide a line of source is at most; the rest of the page's width is for numbers and indent.
const NARROWEST: usize = 40;

/// Both places as text with styles; nothing where neither is known.
pub fn render(places: &Places, width: usize) -> Option<String> {
    let (old, new) = (places.old.as_ref(), places.new.as_ref());
    let label =
        |exact: bool, there: &'static str, gone: &'static str| if exact { there } else { gone };
    let mut group = Group::with_level(Level::NOTE);
    let mut has_some = false;
    if let Some(new) = new {
        let kind = AnnotationKind::Primary;
        // Alone it is not compared with anything.
        let told = old.map(|_| label(new.exact, "now", "not in here now"));
        group = group.element(snippet(new, kind, told));
        has_some = true;
    }
    if let Some(old) = old {
        let kind = if has_some { AnnotationKind::Context } else { AnnotationKind::Primary };
        group = group.element(snippet(
            old,
            kind,
            Some(label(old.exact, "before", "not in here before")),
        ));
        has_some = true;
    }
    let renderer = Renderer::styled().term_width(width.max(NARROWEST));
    has_some.then(|| renderer.render(&[group]))
}

fn snippet<'e>(
    excerpt: &'e Excerpt,
    kind: AnnotationKind,
    label: Option<&'static str>,
) -> Snippet<'e, annotate_snippets::Annotation<'e>> {
    Snippet::source(&*excerpt.text)
        .path(crate::terminal::printable(&excerpt.origin))
        .annotation(kind.span(excerpt.range.clone()).label(label))
}
