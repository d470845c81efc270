//! The published form of `report.json`, made from the types that write it.

use super::Document;

/// The JSON Schema of `report.json`, as it lies in docs/report.schema.json.
///
/// # Errors
/// Never.
pub fn report_schema() -> Result<String, String> {
    let schema = schemars::schema_for!(Document<'static>);
    let text = serde_json::to_string_pretty(&schema).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::super::example::{example, not_started};
    use super::super::render;
    use super::report_schema;

    const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let schema = report_schema().unwrap();
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            std::fs::write(PUBLISHED, &schema).unwrap();
        }
        let published = std::fs::read_to_string(PUBLISHED).unwrap_or_default();
        assert!(
            published == schema,
            "docs/report.schema.json is old; write it anew with INSTA_UPDATE=always"
        );
    }

    #[test]
    fn a_report_has_the_published_form_and_a_broken_one_has_not() {
        let schema: Value = serde_json::from_str(&report_schema().unwrap()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let mut report: Value = serde_json::from_slice(&render(&example()).unwrap()).unwrap();
        let problems: Vec<_> = schema.iter_errors(&report).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}");
        report["totals"]["users"] = Value::from("seven");
        assert!(!schema.is_valid(&report));
        let absent = super::super::not_started(&not_started()).unwrap();
        let mut absent: Value = serde_json::from_slice(&absent).unwrap();
        assert!(schema.is_valid(&absent), "{absent:#}");
        absent["verdict"] = Value::from("passed");
        assert!(!schema.is_valid(&absent));
    }
}
