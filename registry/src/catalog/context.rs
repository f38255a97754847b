//! The schemas of one context: by id and by content, with every place where each is used.

use std::sync::Arc;

use rpds::RedBlackTreeMapSync as Map;
use stele_api::{dialect::SubjectVersion, id::SchemaId};

use super::{Content, ContentKey};
use crate::event::SchemaRegistered;

/// What is known of one context. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Schemas {
    by_id: Map<SchemaId, Used>,
    by_content: Map<ContentKey, SchemaId>,
    /// The ids whose schemas are gone, with what they were: nothing else may ever have them.
    gone: Map<SchemaId, ContentKey>,
    newest_id: Option<SchemaId>,
    hidden: bool,
}

/// A schema and where it is used.
#[derive(Clone)]
struct Used {
    content: Arc<Content>,
    places: Vec<SubjectVersion>,
}

impl Schemas {
    pub(super) fn content(&self, id: SchemaId) -> Option<&Arc<Content>> {
        Some(&self.by_id.get(&id)?.content)
    }

    pub(super) fn places(&self, id: SchemaId) -> Option<&[SubjectVersion]> {
        Some(&self.by_id.get(&id)?.places)
    }

    pub(super) fn id_of(&self, key: &ContentKey) -> Option<SchemaId> {
        self.by_content.get(key).copied()
    }

    pub(super) fn newest_id(&self) -> Option<SchemaId> {
        self.newest_id
    }

    /// Whether this content, and no other, may have an id.
    pub(super) fn is_free(&self, id: SchemaId, key: &ContentKey) -> bool {
        self.by_id.get(&id).is_none_or(|used| used.content.key == *key)
            && self.gone.get(&id).is_none_or(|gone| gone == key)
    }

    /// Whether it is shown: from the first schema on, until it is erased.
    pub(super) fn is_listed(&self) -> bool {
        !self.hidden
    }

    pub(super) fn hide(&mut self) {
        self.hidden = true;
    }

    /// The content of a version that was registered, and whether it is new here.
    pub(super) fn registered(
        &mut self,
        event: &SchemaRegistered,
        depth: usize,
        place: SubjectVersion,
    ) -> (Arc<Content>, bool) {
        self.hidden = false;
        self.newest_id = self.newest_id.max(Some(event.id));
        if let Some(used) = self.by_id.get_mut(&event.id) {
            used.places.push(place);
            return (Arc::clone(&used.content), false);
        }
        let content = Arc::new(Content::new(event, depth));
        self.by_content.insert_mut(content.key.clone(), event.id);
        let used = Used { content: Arc::clone(&content), places: vec![place] };
        self.by_id.insert_mut(event.id, used);
        self.gone.remove_mut(&event.id);
        (content, true)
    }

    /// Forgets one place; answers whether it was the last, and the schema is gone with it.
    pub(super) fn erased(&mut self, content: &Content, place: &SubjectVersion) -> bool {
        let Some(used) = self.by_id.get_mut(&content.id) else { return false };
        used.places.retain(|known| known != place);
        if !used.places.is_empty() {
            return false;
        }
        self.by_id.remove_mut(&content.id);
        self.by_content.remove_mut(&content.key);
        self.gone.insert_mut(content.id, content.key.clone());
        true
    }
}
