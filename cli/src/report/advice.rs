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
        "property_renamed" | "property_removed" => {
            "keep the property, add the new one beside it as optional, and stop sending the old one once nobody reads it; or ship a lens and ask for TRANSLATABLE"
        }
        "property_reused" | "opaque_property_added" => {
            "choose a name that no event can have used before"
        }
        rule if rule.starts_with("required") => {
            "leave `required` as it is: a new property has to be optional, and a reader can fall back to a value of its own"
        }
        rule if rule.starts_with("type") => {
            "add a new optional property with the new type beside this one, and keep this one as it is"
        }
        rule if rule.starts_with("enum") => {
            "keep the values as they are; if readers must expect new ones, say `x-open-enum: true` in the first version, or add a new property beside it"
        }
        rule if rule.starts_with("default") => {
            "keep the default: the translator fills it in, so that another one changes old events"
        }
        rule if rule.starts_with("dialect") => "keep `$schema` as it is within a major version",
        rule if rule.contains("additional_properties") || rule.contains("content_model") => {
            "keep the object open or closed as it was: that is fixed within a major version"
        }
        rule if rule.contains("tightened") || rule.ends_with("_added") => {
            "put the constraint on a new optional property, or leave it to the readers that want it"
        }
        rule if rule.contains("loosened") || rule.ends_with("_removed") => {
            "keep the constraint: readers of the old version rely on it"
        }
        _ => {
            "add a new optional property instead of changing this place; or ship a lens with the new version and ask for TRANSLATABLE"
        }
    }
}
