//! The version in the event itself, at a place such as `/version` or `/meta/schema`.

use serde_json::Value;
use stele_evolution::pointer::Pointer;

use super::{Claim, Said, Target, Use, data_schema::RegistryUri};
use crate::fault::{Code, Fault};

/// How the version is written at its place.
enum Form {
    Number(Said),
    Text(Said),
    /// Such as `v2`.
    Prefixed(Said),
    Uri(RegistryUri),
}

/// The version at `pointer`.
pub fn read(body: &Value, pointer: &Pointer) -> Result<Option<Claim>, Fault> {
    let Some(value) = pointer.find(body).filter(|value| !value.is_null()) else { return Ok(None) };
    Ok(Some(match form(value, pointer)? {
        Form::Number(said) | Form::Text(said) | Form::Prefixed(said) => {
            Claim { subject: None, said }
        }
        Form::Uri(uri) => uri.claim(),
    }))
}

/// Writes the target's version at `pointer`, in the form that stands there; where nothing stands, as a number, if it is
/// to be used in any case and there is an object to hold it. Answers whether the body changed.
pub fn write(body: &mut Value, pointer: &Pointer, target: &Target<'_>, used: Use) -> bool {
    let form = pointer.find(body).and_then(|value| form(value, pointer).ok());
    let written: Value = match form {
        Some(Form::Number(_)) => target.known.version.number().into(),
        Some(Form::Text(said)) => said.spell(target.known).into(),
        Some(Form::Prefixed(said)) => format!("v{}", said.spell(target.known)).into(),
        Some(Form::Uri(uri)) => uri.spell(target.known).into(),
        None if used == Use::Always => target.known.version.number().into(),
        None => return false,
    };
    let Some((parent, name)) = pointer.split_last() else { return false };
    let parent = parent.tokens().iter().try_fold(body, |value, token| match value {
        Value::Object(members) => members.get_mut(token),
        Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    });
    let Some(Value::Object(members)) = parent else { return false };
    let before = members.insert(name.to_owned(), written);
    before.as_ref() != members.get(name)
}

fn form(value: &Value, pointer: &Pointer) -> Result<Form, Fault> {
    let read = match value {
        Value::Number(number) => match Said::parse(&number.to_string()) {
            Some(said @ Said::Number(_)) => Some(Form::Number(said)),
            _ => None,
        },
        Value::String(text) => match RegistryUri::parse(text)? {
            Some(uri) => Some(Form::Uri(uri)),
            None => Said::parse(text)
                .map(Form::Text)
                .or_else(|| text.strip_prefix('v').and_then(Said::parse).map(Form::Prefixed)),
        },
        _ => None,
    };
    read.ok_or_else(|| {
        let detail = format!("`{pointer}` holds neither a version, a release nor a registry URI");
        Fault::new(Code::VersionUnreadable, detail).at(pointer.to_string())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stele_client::history::Known;

    use super::*;
    use crate::convention::NamePattern;

    fn rewritten(mut body: Value, used: Use) -> (Value, bool) {
        let known = Known {
            version: "1".parse().unwrap(),
            release: "1.0.0".parse().unwrap(),
            id: "7".parse().unwrap(),
            fingerprint: "0".repeat(64).parse().unwrap(),
        };
        let target = Target {
            subject: &"OrderPlaced".parse().unwrap(),
            known: &known,
            name: &NamePattern::default().of("OrderPlaced"),
            registry: "http://registry",
        };
        let changed = write(&mut body, &"/meta/version".parse().unwrap(), &target, used);
        (body, changed)
    }

    #[test]
    fn every_form_is_kept() {
        let cases = [
            (json!(3), json!(1)),
            (json!("3"), json!("1")),
            (json!("v3"), json!("v1")),
            (json!("2.0.1"), json!("1.0.0")),
            (
                json!("https://schemas.shop/subjects/OrderPlaced/versions/3"),
                json!("https://schemas.shop/subjects/OrderPlaced/versions/1"),
            ),
        ];
        for (before, after) in cases {
            let (body, changed) = rewritten(json!({"meta": {"version": before}}), Use::IfPresent);

            assert_eq!(body["meta"]["version"], after);
            assert!(changed);
        }
    }

    #[test]
    fn nothing_is_written_where_nothing_stands_unless_the_consumer_reads_it() {
        let empty = json!({"meta": {}});

        assert_eq!(rewritten(empty.clone(), Use::IfPresent), (empty.clone(), false));
        assert_eq!(rewritten(empty, Use::Always), (json!({"meta": {"version": 1}}), true));
        assert_eq!(rewritten(json!({}), Use::Always), (json!({}), false));
    }

    #[test]
    fn what_is_no_version_is_a_fault() {
        let pointer = "/version".parse().unwrap();
        for value in [json!("newest"), json!(1.5), json!(0), json!([2]), json!(true)] {
            let fault = read(&json!({"version": value}), &pointer).unwrap_err();

            assert_eq!(fault.code, Code::VersionUnreadable);
        }
        assert_eq!(read(&json!({}), &pointer), Ok(None));
    }
}
