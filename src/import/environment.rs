//! Files with the variables of an environment.

use serde_json::Value;

use super::found::ImportError;

const HINT: &str = "expected an environment of Postman, or a JSON file with environments by name";

pub(super) fn read(text: &str, name: Option<&str>) -> Result<Vec<(String, String)>, ImportError> {
    let fail = |place: String, message: String| ImportError {
        place,
        message,
        hint: HINT,
    };
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        fail(place, "this is no environment: it is no JSON".into())
    })?;
    if let Some(values) = root.get("values").and_then(Value::as_array) {
        return Ok(of_postman(values));
    }
    let environments = root.as_object().into_iter().flatten();
    let mut environments =
        environments.filter(|(known, value)| value.is_object() && *known != "$shared");
    let wanted = match name {
        Some(name) => environments.find(|(known, _)| *known == name),
        None => environments
            .next()
            .filter(|_| environments.next().is_none()),
    };
    let Some((_, wanted)) = wanted else {
        let message = "there are several environments, or not this one: say `FILE#NAME`";
        return Err(fail("the whole of it".into(), message.into()));
    };
    let all = [Some(wanted), root.get("$shared")];
    let entries = all
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flatten();
    Ok(entries
        .filter_map(|(name, value)| Some((name.clone(), plain(value)?)))
        .collect())
}

fn of_postman(values: &[Value]) -> Vec<(String, String)> {
    let plain_of = |entry: &Value, key: &str| entry.get(key).and_then(plain);
    let kept = values.iter().filter(|entry| {
        entry.get("enabled") != Some(&Value::Bool(false))
            && plain_of(entry, "type").as_deref() != Some("secret")
    });
    kept.filter_map(|entry| Some((plain_of(entry, "key")?, plain_of(entry, "value")?)))
        .collect()
}

/// The text of a single value.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(super::text::without_expressions(text)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
