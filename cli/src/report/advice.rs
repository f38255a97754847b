//! Advice says what to do instead of a change that was refused, rule by rule.

/// What to do instead, in a sentence.
pub fn instead(rule: &str) -> &'static str {
    match rule {
        "version_rewritten" => {
            "leave the old file as it is, and write the change as a new version beside it"
        }
        "version_out_of_order" => "give it the number after the newest version",
        "version_removed" => "bring the file back: events in that version may still be in a stream",
        "subject_removed" => {
            "bring it back, or compare with `--compatibility NONE` where nothing reads it any more"
        }
        "lens_required" => "write the lens from the newest version beside the schema, or only add",
        "lens_rejected" => "change the lens as its hint says, and try it with `stele lens check`",
        "release_too_small" => "declare a greater release, or none to have it worked out",
        "backward_undecided" | "forward_undecided" => {
            "simplify that place, or let it pass knowingly with `--fail-on breaking`"
        }
        "backward_breaking" => {
            "let the new schema take every event of the old one: widen that place again, or make it optional"
        }
        "forward_breaking" => {
            "let readers of the old schema take every new event: keep what was there, and add beside it"
        }
        "property_removed" => {
            "keep the property, even if nothing sends it any more; a new name goes beside it, as optional"
        }
        "required_added" | "required_property_added" => {
            "let it be optional: a reader that misses it can fall back to a value of its own"
        }
        "required_removed" => "keep it required: readers of the old version rely on it",
        "name_reused" | "property_added_to_opaque" | "property_governed" => {
            "choose a name that no event can have used before"
        }
        "type_changed" | "type_narrowed" | "type_widened" => {
            "keep this type, and add a new optional property of the new type beside it"
        }
        "enum_value_added" => {
            "say the new value in a new optional property; an enum that is to grow says `x-open-enum: true` from its first version on"
        }
        "enum_value_removed" => "keep the value, even if nothing sends it any more",
        "branch_added" | "branch_removed" => {
            "keep the branches as they are, and add a new optional property beside them"
        }
        "constraint_added" | "constraint_tightened" => {
            "leave it to the readers that want it, or put it on a new optional property"
        }
        "constraint_loosened" | "constraint_removed" | "pattern_removed" => {
            "keep the constraint: readers of the old version rely on it"
        }
        "content_closed" | "content_opened" | "rest_changed" => {
            "keep the object as open or as closed as it was: that is fixed within a major version"
        }
        "prefix_item_added" | "prefix_item_removed" => {
            "keep the positions as they are, and add a new optional property beside the list"
        }
        "dialect_changed" => "keep `$schema` as it is within a major version",
        rule if rule.starts_with("default_") => {
            "keep the default: the translator fills it in, so that another one would change old events"
        }
        rule if rule.starts_with("open_enum") => {
            "decide in the first version whether an enum is open, and leave it so"
        }
        _ => {
            "add a new optional property instead of changing this place; or ship a lens with the new version and ask for TRANSLATABLE"
        }
    }
}
