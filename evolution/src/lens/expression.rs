//! An expression of a lens: a small, exact part of CEL, behind a type of our own.
//!
//! What is taken is checked when it is read: its size, its nesting, the functions and names it uses. There are no
//! loops and no floating point. So what a run can cost is bounded by the sizes of the expression and of its inputs,
//! and a number is the number that was written or the expression fails.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

use cel::{
    Context, Env, IdedExpr, Value as Cel,
    common::ast::{Expr, LiteralValue, operators},
    extensions,
    objects::Key,
    parser::Parser,
};
use serde_json::{Map, Number, Value};

use super::number::Decimal;

/// The longest source, in bytes.
const MAX_BYTES: usize = 2_000;
/// The deepest nesting, of the source and of what it means.
const MAX_DEPTH: u16 = 24;
/// The most signs that can nest.
const MAX_NESTING: usize = 64;
/// The stack that the parser gets, enough for that many signs.
const PARSER_STACK: usize = 32 * 1024 * 1024;
/// The most parts.
const MAX_PARTS: usize = 200;
/// The most a run may cost: the square of the number of parts, times the size of the inputs in bytes.
const MAX_COST: usize = 64 * 1024 * 1024;
/// The longest message taken over.
const MAX_MESSAGE: usize = 200;

/// Operators and functions that are taken. None makes a value larger than its arguments together, and none makes a
/// floating-point number.
const FUNCTIONS: [&str; 31] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
    operators::IN,
    "size",
    "string",
    "int",
    "bool",
    "contains",
    "startsWith",
    "endsWith",
    "lowerAscii",
    "upperAscii",
    "trim",
    "substring",
    "indexOf",
    "charAt",
];

/// An expression that was read.
pub(super) struct Expression {
    tree: IdedExpr,
    parts: usize,
    names: BTreeSet<String>,
}

impl Expression {
    /// Reads an expression over these inputs; what is wrong with it, in a sentence, where it cannot be taken.
    pub(super) fn read(source: &str, inputs: &[&str]) -> Result<Self, String> {
        if source.len() > MAX_BYTES {
            return Err(format!(
                "{} bytes of expression; at most {MAX_BYTES} are taken",
                source.len()
            ));
        }
        // Counted wherever they stand: the parser must not be asked how deep it is once it is too deep.
        let nesting = source.matches(['(', '[', '{', '?', '!', '-']).count();
        if nesting > MAX_NESTING {
            let message =
                format!("{nesting} brackets, `?`, `!` and `-`; at most {MAX_NESTING} are taken");
            return Err(message);
        }
        let tree = stacker::grow(PARSER_STACK, || {
            guarded(|| {
                Parser::new()
                    .max_recursion_depth(MAX_DEPTH)
                    .enable_optional_syntax(false)
                    .parse(source)
                    .map_err(|errors| shortened(errors.to_string()))
            })
        })?;
        let mut reading = Reading { inputs, parts: 0, names: BTreeSet::new() };
        reading.part(&tree, 0)?;
        let Reading { parts, names, .. } = reading;
        Ok(Expression { tree, parts, names })
    }

    /// The inputs it uses.
    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// What it makes of these inputs; why it makes nothing, in a sentence.
    pub(super) fn run(&self, inputs: &[(&str, Value)]) -> Result<Value, String> {
        let size: usize = inputs.iter().map(|(_, value)| weight(value)).sum();
        if self.parts.saturating_mul(self.parts).saturating_mul(size) > MAX_COST {
            return Err("the inputs are too large for this expression".to_owned());
        }
        let mut context = Context::with_env(environment());
        for (name, value) in inputs {
            context.add_variable_from_value(*name, to_cel(value)?);
        }
        let made = guarded(|| {
            Cel::resolve(&self.tree, &context).map_err(|error| shortened(error.to_string()))
        })?;
        from_cel(&made)
    }
}

/// The names and functions there are, made once.
fn environment() -> Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    let made = ENVIRONMENT.get_or_init(|| {
        let mut env = Env::stdlib();
        // Without them an expression that uses them fails when it runs.
        let _ = env.add_extension(extensions::strings);
        Arc::new(env)
    });
    Arc::clone(made)
}

/// Runs foreign code; that it panics is an error like any other.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    stacker::maybe_grow(512 * 1024, 4 * 1024 * 1024, || catch_unwind(AssertUnwindSafe(act)))
        .unwrap_or_else(|_| Err("the expression cannot be evaluated".to_owned()))
}

fn shortened(message: String) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None if line.len() == message.len() => message,
        None => line.to_owned(),
    }
}

/// An expression while it is read.
struct Reading<'r> {
    inputs: &'r [&'r str],
    parts: usize,
    names: BTreeSet<String>,
}

impl Reading<'_> {
    fn part(&mut self, part: &IdedExpr, depth: u16) -> Result<(), String> {
        self.parts += 1;
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        if self.parts > MAX_PARTS {
            return Err(format!("more than {MAX_PARTS} parts"));
        }
        let depth = depth + 1;
        match &part.expr {
            Expr::Literal(LiteralValue::Double(_)) => {
                Err("a number with a point is not exact here; `convert` has a `scale`".to_owned())
            }
            Expr::Literal(LiteralValue::Bytes(_)) => Err("JSON has no bytes".to_owned()),
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) if self.inputs.contains(&name.as_str()) => {
                self.names.insert(name.clone());
                Ok(())
            }
            Expr::Ident(name) => Err(format!("`{name}` is no declared input")),
            Expr::Call(call) => {
                if !FUNCTIONS.contains(&call.func_name.as_str()) {
                    return Err(format!("`{}` is not taken here", call.func_name));
                }
                let target = call.target.as_deref();
                target.into_iter().chain(&call.args).try_for_each(|part| self.part(part, depth))
            }
            Expr::Select(select) => self.part(&select.operand, depth),
            Expr::List(list) if list.optional_indices.is_empty() => {
                list.elements.iter().try_for_each(|part| self.part(part, depth))
            }
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                cel::common::ast::EntryExpr::MapEntry(entry) if !entry.optional => {
                    self.part(&entry.key, depth)?;
                    self.part(&entry.value, depth)
                }
                _ => Err("this kind of entry is not taken here".to_owned()),
            }),
            Expr::Comprehension(_) => {
                Err("loops are not taken here: `each` is for lists".to_owned())
            }
            Expr::List(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err("this kind of expression is not taken here".to_owned())
            }
        }
    }
}

/// How large a value is, about as many bytes as its text has.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 8 + text.len(),
        Value::Array(items) => 8 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            8 + members.iter().map(|(name, value)| 8 + name.len() + weight(value)).sum::<usize>()
        }
        _ => 8,
    }
}

fn to_cel(value: &Value) -> Result<Cel, String> {
    Ok(match value {
        Value::Null => Cel::Null,
        Value::Bool(flag) => Cel::Bool(*flag),
        Value::Number(number) => Cel::Int(whole(number)?),
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => {
            Cel::List(Arc::new(items.iter().map(to_cel).collect::<Result<_, _>>()?))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Ok((Key::String(Arc::new(name.clone())), to_cel(value)?)));
            let members: std::collections::HashMap<Key, Cel> =
                members.collect::<Result<_, String>>()?;
            Cel::Map(members.into())
        }
    })
}

/// A number as an expression holds it: a whole one of 64 bits, or none.
fn whole(number: &Number) -> Result<i64, String> {
    let decimal = Decimal::of(number).filter(Decimal::is_integer);
    let plain = decimal.and_then(|decimal| decimal.plain(0));
    plain.and_then(|plain| plain.parse().ok()).ok_or_else(|| {
        let text = shortened(number.as_str().to_owned());
        format!("{text} cannot be held exactly: an expression takes whole numbers of 64 bits")
    })
}

fn from_cel(value: &Cel) -> Result<Value, String> {
    Ok(match value {
        Cel::Null => Value::Null,
        Cel::Bool(flag) => Value::Bool(*flag),
        Cel::Int(number) => Value::from(*number),
        Cel::UInt(number) => Value::from(*number),
        Cel::String(text) => Value::String(text.to_string()),
        Cel::List(items) => Value::Array(items.iter().map(from_cel).collect::<Result<_, _>>()?),
        Cel::Map(members) => {
            let mut object = Map::new();
            for (key, value) in members.map.iter() {
                let Key::String(name) = key else {
                    return Err("a name in an object is a text".to_owned());
                };
                object.insert(name.to_string(), from_cel(value)?);
            }
            Value::Object(object)
        }
        other => return Err(format!("the result is {}, which JSON has not", other.type_of())),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn run(source: &str, input: &Value) -> Result<Value, String> {
        Expression::read(source, &["x"])?.run(&[("x", input.clone())])
    }

    #[test]
    fn what_it_makes_is_exact() {
        assert_eq!(run("x * 100 + 5", &json!(3)), Ok(json!(305)));
        assert_eq!(run("x / 100", &json!(350)), Ok(json!(3)));
        assert_eq!(run("x == 1 ? 'one' : string(x)", &json!(2)), Ok(json!("2")));
        assert_eq!(run("x.a + x['b']", &json!({"a": "1", "b": "2"})), Ok(json!("12")));
        assert_eq!(run("has(x.a) ? x.a : null", &json!({})), Ok(json!(null)));
        assert_eq!(run("{'v': [x, size(x)]}", &json!("ab")), Ok(json!({"v": ["ab", 2]})));
        assert_eq!(run("x.lowerAscii().substring(1)", &json!("ABC")), Ok(json!("bc")));
        let large: Value = serde_json::from_str("3.0e2").unwrap();
        assert_eq!(run("x", &large), Ok(json!(300)));
    }

    #[test]
    fn what_would_not_be_exact_fails() {
        for text in ["1.5", "9223372036854775808", "1e400"] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert!(run("x", &number).unwrap_err().contains("cannot be held exactly"), "{text}");
        }
        assert!(run("x * x", &json!(i64::MAX)).is_err());
        assert!(run("x / 0", &json!(1)).is_err());
        assert!(run("x + 1", &json!("1")).is_err());
    }

    #[test]
    fn what_is_not_taken_is_refused_when_it_is_read() {
        let refused = |source: &str| Expression::read(source, &["x"]).map(|_| ()).unwrap_err();

        insta::assert_snapshot!(refused("y + 1"), @"`y` is no declared input");
        insta::assert_snapshot!(refused("x * 1.1"), @"a number with a point is not exact here; `convert` has a `scale`");
        insta::assert_snapshot!(refused("x.map(i, i)"), @"loops are not taken here: `each` is for lists");
        insta::assert_snapshot!(refused("x.matches('a+')"), @"`matches` is not taken here");
        insta::assert_snapshot!(refused("double(x)"), @"`double` is not taken here");
        insta::assert_snapshot!(refused("x +"), @"ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}");
        insta::assert_snapshot!(refused(&format!("x{}", " + x".repeat(100))), @"nested deeper than 24 levels");
        insta::assert_snapshot!(refused(&format!("{}x{}", "(".repeat(100), ")".repeat(100))), @"100 brackets, `?`, `!` and `-`; at most 64 are taken");
        insta::assert_snapshot!(refused(&"x".repeat(3000)), @"3000 bytes of expression; at most 2000 are taken");
        for source in [
            "b'x'",
            "x.?a",
            "x[?0]",
            "type(x)",
            "google.protobuf.Value{}",
            "dyn(x)",
            "x.replace('', x)",
        ] {
            assert!(Expression::read(source, &["x"]).is_err(), "{source}");
        }
    }

    #[test]
    fn the_deepest_nesting_that_is_read_does_not_overflow() {
        for sign in ["(", "[", "!", "-", "x?", "{x:"] {
            let deep = sign.repeat(MAX_NESTING);
            let closing = match sign {
                "(" => ")",
                "[" => "]",
                "x?" => ":x",
                "{x:" => "}",
                _ => "",
            };
            let _ = Expression::read(&format!("{deep}x{}", closing.repeat(MAX_NESTING)), &["x"]);
            let _ = Expression::read(&deep, &["x"]);
        }
    }

    #[test]
    fn what_would_cost_too_much_does_not_run() {
        let doubling = vec!["x"; 20].join(" + ");
        let large = json!("y".repeat(200_000));

        assert_eq!(
            run(&doubling, &large),
            Err("the inputs are too large for this expression".into())
        );
        assert!(run("x + x", &large).is_ok());
    }

    proptest! {
        #[test]
        fn any_source_is_read_or_refused(source in "[x0-9a-c()\\[\\]{}?:.,'\"+*/%!<>=&| -]{0,60}") {
            if let Ok(expression) = Expression::read(&source, &["x"]) {
                for input in [json!(1), json!("a"), json!([1, {"a": null}])] {
                    let _ = expression.run(&[("x", input)]);
                }
            }
        }
    }
}
