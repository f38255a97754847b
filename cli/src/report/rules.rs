//! The rules: every kind of difference and every other reason to refuse, with an example and what to do instead.

/// A kind of difference, or another rule, that a report may name.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What to do instead.
    pub instead: &'static str,
    /// A schema and its next version between which it is found; none where two schemas are not enough to show it.
    pub example: Option<(&'static str, &'static str)>,
}

/// What kinds of rules there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A difference between two schemas.
    Difference,
    /// Why a property may not stand where it was added.
    Placement,
    /// What an event shows, or nobody knows.
    Direction,
    /// What happened to the versions of a subject.
    Versions,
}

/// The rule with an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// What to do instead of what a rule refuses.
pub fn instead(id: &str) -> &'static str {
    find(id).map_or(
        "add a new optional property instead of changing this place; or ship a lens with the new version and ask for TRANSLATABLE",
        |rule| rule.instead,
    )
}

const fn difference(
    id: &'static str,
    meaning: &'static str,
    instead: &'static str,
    old: &'static str,
    new: &'static str,
) -> Rule {
    Rule { id, group: Group::Difference, meaning, instead, example: Some((old, new)) }
}

const fn other(
    id: &'static str,
    group: Group,
    meaning: &'static str,
    instead: &'static str,
    example: Option<(&'static str, &'static str)>,
) -> Rule {
    Rule { id, group, meaning, instead, example }
}

const NOTHING: &str = "nothing: it is free";
const BESIDE: &str = "keep this place as it is, and add a new optional property beside it";
const KEEP_CONSTRAINT: &str = "keep the constraint: readers of the old version rely on it";
const NO_CONSTRAINT: &str =
    "leave it to the readers that want it, or put it on a new optional property";
const KEEP_CONTENT: &str =
    "keep the object as open or as closed as it was: that is fixed within a major version";
const KEEP_DEFAULT: &str =
    "keep the default: the translator fills it in, so that another one would change old events";
const KEEP_OPEN: &str = "decide in the first version whether an enum is open, and leave it so";
const KEEP_BRANCHES: &str =
    "keep the branches as they are, and add a new optional property beside them";
const KEEP_POSITIONS: &str =
    "keep the positions as they are, and add a new optional property beside the list";
const OTHER_NAME: &str = "choose a name that no event can have used before";
const KEEP_TYPE: &str = "keep this type, and add a new optional property of the new type beside it";
const SIMPLER: &str = "simplify that place, or let it pass knowingly with `--fail-on breaking`";

/// Every rule, in the order in which it is documented.
pub const RULES: &[Rule] = &[
    difference(
        "property_added",
        "an optional property was added",
        NOTHING,
        r#"{"properties": {"id": {"type": "string"}}}"#,
        r#"{"properties": {"id": {"type": "string"}, "note": {"type": "string"}}}"#,
    ),
    difference(
        "annotation_changed",
        "a keyword changed that says nothing about which events are valid: a title, a description, an example",
        NOTHING,
        r#"{"properties": {"id": {"type": "string"}}}"#,
        r#"{"properties": {"id": {"type": "string", "description": "a UUID"}}}"#,
    ),
    difference(
        "required_property_added",
        "a property was added that every event must have; old events do not have it",
        "let it be optional: a reader that misses it can fall back to a value of its own",
        r#"{"properties": {"id": {"type": "string"}}}"#,
        r#"{"properties": {"id": {"type": "string"}, "note": {"type": "string"}}, "required": ["note"]}"#,
    ),
    difference(
        "property_removed",
        "a property is gone, or has another name",
        "keep the property, even if nothing sends it any more; a new name goes beside it, as optional",
        r#"{"properties": {"id": {"type": "string"}, "note": {"type": "string"}}}"#,
        r#"{"properties": {"id": {"type": "string"}}}"#,
    ),
    difference(
        "required_added",
        "a property that was there has to be in every event now",
        "let it be optional: a reader that misses it can fall back to a value of its own",
        r#"{"properties": {"id": {"type": "string"}}}"#,
        r#"{"properties": {"id": {"type": "string"}}, "required": ["id"]}"#,
    ),
    difference(
        "required_removed",
        "a property need no longer be in every event",
        "keep it required: readers of the old version rely on it",
        r#"{"properties": {"id": {"type": "string"}}, "required": ["id"]}"#,
        r#"{"properties": {"id": {"type": "string"}}}"#,
    ),
    difference(
        "type_changed",
        "a value has another type now",
        KEEP_TYPE,
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "integer"}}}"#,
    ),
    difference(
        "type_widened",
        "a value may have more types than before",
        KEEP_TYPE,
        r#"{"properties": {"a": {"type": "integer"}}}"#,
        r#"{"properties": {"a": {"type": ["integer", "null"]}}}"#,
    ),
    difference(
        "type_narrowed",
        "a value may have fewer types than before",
        KEEP_TYPE,
        r#"{"properties": {"a": {"type": "number"}}}"#,
        r#"{"properties": {"a": {"type": "integer"}}}"#,
    ),
    difference(
        "enum_value_added",
        "an enum takes a value that readers of the old version do not know",
        "say the new value in a new optional property; an enum that is to grow says `x-open-enum: true` from its first version on",
        r#"{"properties": {"a": {"enum": ["x"]}}}"#,
        r#"{"properties": {"a": {"enum": ["x", "y"]}}}"#,
    ),
    difference(
        "enum_value_removed",
        "an enum does not take a value any more that old events may have",
        "keep the value, even if nothing sends it any more",
        r#"{"properties": {"a": {"enum": ["x", "y"]}}}"#,
        r#"{"properties": {"a": {"enum": ["x"]}}}"#,
    ),
    difference(
        "constraint_added",
        "a keyword was added that refuses values which were taken before",
        NO_CONSTRAINT,
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string", "maxLength": 9}}}"#,
    ),
    difference(
        "constraint_removed",
        "a keyword is gone that refused values",
        KEEP_CONSTRAINT,
        r#"{"properties": {"a": {"type": "string", "pattern": "^x"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}}"#,
    ),
    difference(
        "constraint_tightened",
        "a bound refuses more values than before",
        NO_CONSTRAINT,
        r#"{"properties": {"a": {"type": "integer", "minimum": 0}}}"#,
        r#"{"properties": {"a": {"type": "integer", "minimum": 1}}}"#,
    ),
    difference(
        "constraint_loosened",
        "a bound refuses fewer values than before",
        KEEP_CONSTRAINT,
        r#"{"properties": {"a": {"type": "integer", "maximum": 9}}}"#,
        r#"{"properties": {"a": {"type": "integer", "maximum": 99}}}"#,
    ),
    difference(
        "constraint_changed",
        "a keyword that refuses values is neither tighter nor looser, but another",
        NO_CONSTRAINT,
        r#"{"properties": {"a": {"type": "string", "pattern": "^x"}}}"#,
        r#"{"properties": {"a": {"type": "string", "pattern": "^y"}}}"#,
    ),
    difference(
        "content_opened",
        "an object that took declared names only takes any now",
        KEEP_CONTENT,
        r#"{"properties": {"a": {"type": "string"}}, "additionalProperties": false}"#,
        r#"{"properties": {"a": {"type": "string"}}}"#,
    ),
    difference(
        "content_closed",
        "an object that took any name takes declared names only now",
        KEEP_CONTENT,
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}, "additionalProperties": false}"#,
    ),
    difference(
        "rest_changed",
        "the schema of names that are not declared changed",
        KEEP_CONTENT,
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}"#,
    ),
    difference(
        "pattern_added",
        "an entry of `patternProperties` was added",
        "name the properties instead, each as optional",
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}, "patternProperties": {"^x-": {"type": "string"}}}"#,
    ),
    difference(
        "pattern_removed",
        "an entry of `patternProperties` is gone",
        KEEP_CONSTRAINT,
        r#"{"properties": {"a": {"type": "string"}}, "patternProperties": {"^x-": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}}"#,
    ),
    difference(
        "prefix_item_added",
        "a position was added to a list of fixed positions",
        KEEP_POSITIONS,
        r#"{"properties": {"a": {"prefixItems": [{"type": "string"}]}}}"#,
        r#"{"properties": {"a": {"prefixItems": [{"type": "string"}, {"type": "integer"}]}}}"#,
    ),
    difference(
        "prefix_item_removed",
        "a position of a list of fixed positions is gone",
        KEEP_POSITIONS,
        r#"{"properties": {"a": {"prefixItems": [{"type": "string"}, {"type": "integer"}]}}}"#,
        r#"{"properties": {"a": {"prefixItems": [{"type": "string"}]}}}"#,
    ),
    difference(
        "branch_added",
        "`anyOf`, `oneOf` or `allOf` has a branch more",
        KEEP_BRANCHES,
        r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}"#,
        r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}}}"#,
    ),
    difference(
        "branch_removed",
        "`anyOf`, `oneOf` or `allOf` has a branch less",
        KEEP_BRANCHES,
        r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}}}"#,
        r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}"#,
    ),
    difference(
        "schema_changed",
        "a whole schema was `true` and is `false`, or the other way round",
        BESIDE,
        r#"{"properties": {"a": true}}"#,
        r#"{"properties": {"a": false}}"#,
    ),
    difference(
        "default_added",
        "a property that was there has a `default` now",
        KEEP_DEFAULT,
        r#"{"properties": {"a": {"type": "string"}}}"#,
        r#"{"properties": {"a": {"type": "string", "default": "x"}}}"#,
    ),
    difference(
        "default_removed",
        "a `default` is gone",
        KEEP_DEFAULT,
        r#"{"properties": {"a": {"type": "string", "default": "x"}}}"#,
        r#"{"properties": {"a": {"type": "string"}}}"#,
    ),
    difference(
        "default_changed",
        "a `default` is another",
        KEEP_DEFAULT,
        r#"{"properties": {"a": {"type": "string", "default": "x"}}}"#,
        r#"{"properties": {"a": {"type": "string", "default": "y"}}}"#,
    ),
    difference(
        "dialect_changed",
        "`$schema` names another dialect; taken where both schemas say the same all the same",
        "keep `$schema` as it is within a major version",
        r#"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"type": "string"}}}"#,
        r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"type": "string"}, "b": {}}}"#,
    ),
    difference(
        "open_enum_added",
        "an enum says now that it will grow",
        KEEP_OPEN,
        r#"{"properties": {"a": {"enum": ["x"]}}}"#,
        r#"{"properties": {"a": {"enum": ["x"], "x-open-enum": true}}}"#,
    ),
    difference(
        "open_enum_removed",
        "an enum does not say any more that it will grow",
        KEEP_OPEN,
        r#"{"properties": {"a": {"enum": ["x"], "x-open-enum": true}}}"#,
        r#"{"properties": {"a": {"enum": ["x"]}}}"#,
    ),
    difference(
        "open_enum_changed",
        "an enum says otherwise than before whether it will grow",
        KEEP_OPEN,
        r#"{"properties": {"a": {"enum": ["x"], "x-open-enum": false}}}"#,
        r#"{"properties": {"a": {"enum": ["x"], "x-open-enum": true}}}"#,
    ),
    other(
        "differences_cut",
        Group::Difference,
        "there are more than 2,000 differences, or they are deeper than 200 schemas: not all are listed",
        "change less at a time",
        None,
    ),
    other(
        "name_reused",
        Group::Placement,
        "a property was added whose name the old schema mentions already, so that events may have used it",
        OTHER_NAME,
        Some((
            r#"{"properties": {"a": {}}, "anyOf": [{"required": ["b"]}, {"required": ["a"]}]}"#,
            r#"{"properties": {"a": {}, "b": {"type": "string"}}, "anyOf": [{"required": ["b"]}, {"required": ["a"]}]}"#,
        )),
    ),
    other(
        "property_added_to_opaque",
        Group::Placement,
        "a property was added to an object that names none, so that producers may have sent any",
        OTHER_NAME,
        Some((
            r#"{"properties": {"meta": {"type": "object"}}}"#,
            r#"{"properties": {"meta": {"type": "object", "properties": {"b": {"type": "string"}}}}}"#,
        )),
    ),
    other(
        "property_governed",
        Group::Placement,
        "a property was added whose name a pattern, or the schema of undeclared names, has governed so far, with another schema",
        OTHER_NAME,
        Some((
            r#"{"patternProperties": {"^x-": {"type": "string"}}}"#,
            r#"{"properties": {"x-n": {"type": "integer"}}, "patternProperties": {"^x-": {"type": "string"}}}"#,
        )),
    ),
    other(
        "backward_breaking",
        Group::Direction,
        "an event of the old version cannot be read by the new one; the report shows it",
        "let the new schema take every event of the old one: widen that place again, or make it optional",
        Some((
            r#"{"properties": {"id": {}}}"#,
            r#"{"properties": {"id": {}}, "required": ["id"]}"#,
        )),
    ),
    other(
        "forward_breaking",
        Group::Direction,
        "an event of the new version cannot be read by the old one; the report shows it",
        "let readers of the old schema take every new event: keep what was there, and add beside it",
        Some((
            r#"{"type": "object", "properties": {"id": {}}, "minProperties": 1}"#,
            r#"{"type": "object", "properties": {"id": {}, "note": {"type": "string"}}, "minProperties": 1}"#,
        )),
    ),
    other(
        "backward_undecided",
        Group::Direction,
        "whether the new version can read every event of the old one is neither proved nor refuted",
        SIMPLER,
        Some((
            r#"{"type": "string", "pattern": "^(a+)b\\1$"}"#,
            r#"{"type": "string", "pattern": "^(a+)b\\1{1}$"}"#,
        )),
    ),
    other(
        "forward_undecided",
        Group::Direction,
        "whether the old version can read every event of the new one is neither proved nor refuted",
        SIMPLER,
        Some((
            r#"{"type": "string", "pattern": "^(a+)b\\1$"}"#,
            r#"{"type": "string", "pattern": "^(a+)b\\1{1}$"}"#,
        )),
    ),
    other(
        "version_rewritten",
        Group::Versions,
        "a version that is there already says something else now",
        "leave the old file as it is, and write the change as a new version beside it",
        None,
    ),
    other(
        "version_out_of_order",
        Group::Versions,
        "a new version has a number below one that is there already",
        "give it the number after the newest version",
        None,
    ),
    other(
        "version_removed",
        Group::Versions,
        "a version is gone",
        "bring the file back: events in that version may still be in a stream",
        None,
    ),
    other(
        "subject_removed",
        Group::Versions,
        "a subject is gone with all its versions",
        "bring it back, or compare with `--compatibility NONE` where nothing reads it any more",
        None,
    ),
    other(
        "lens_required",
        Group::Versions,
        "the version breaks, and under TRANSLATABLE it ships with a lens or not at all",
        "write the lens from the newest version beside the schema, or only add",
        None,
    ),
    other(
        "lens_rejected",
        Group::Versions,
        "the lens does not carry every event over, or not back",
        "change the lens as its hint says, and try it with `stele lens check`",
        None,
    ),
    other(
        "release_too_small",
        Group::Versions,
        "the release that was declared says less than what changed",
        "declare a greater release, or none to have it worked out",
        None,
    ),
];

/// Why a direction may be undecided: the code, and what it means.
pub const REASONS: &[(&str, &str)] = &[
    (
        "REGEX_UNSUPPORTED",
        "a pattern with look-around or back-references, or too large to be followed",
    ),
    (
        "RECURSION",
        "a reference that leads back to itself without passing through a property or an item",
    ),
    ("BUDGET", "the time or the steps for one question ran out"),
    (
        "UNEVALUATED_DYNAMIC",
        "`unevaluatedProperties` or `unevaluatedItems` whose scope cannot be followed",
    ),
    ("DIALECT_MIX", "two dialects whose difference matters here"),
    ("NO_PRODUCER", "in the event model, producers on the writer's schema can emit nothing"),
    ("UNWITNESSED", "there is no proof, and no event was found either"),
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use stele_evolution::{containment::ContentModel, policy::Level, schema::Schema};

    use super::*;
    use crate::judging::judge;

    #[test]
    fn every_example_shows_its_rule() {
        for rule in RULES {
            let Some((old, new)) = rule.example else { continue };
            let (old, new) =
                (Schema::read(old).parse().unwrap(), Schema::read(new).parse().unwrap());

            let answer = judge(&old, &new, Level::AdditionsOnly, ContentModel::Event);

            let is_named = match rule.group {
                Group::Difference => answer.differences.iter().any(|told| told.kind == rule.id),
                _ => answer.refusals.iter().any(|refused| refused.rule == rule.id),
            };
            assert!(is_named, "{}: {answer:#?}", rule.id);
        }
    }

    #[test]
    fn every_id_is_documented_once() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();

        assert_eq!(ids.len(), RULES.len());
    }

    /// Reads the sources of the engine: a kind that nobody wrote down here would be missing from the documents.
    #[test]
    fn every_kind_that_the_engine_notes_is_documented() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../evolution/src/difference");
        let mut sources = String::new();
        for file in [
            "compare/mod.rs",
            "compare/members.rs",
            "compare/parts.rs",
            "compare/values.rs",
            "constraint.rs",
        ] {
            sources.push_str(&fs::read_to_string(folder.join(file)).unwrap());
        }
        let noted = sources
            .split("note(")
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        let unknown: Vec<&str> = noted.filter(|kind| find(kind).is_none()).collect();

        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
