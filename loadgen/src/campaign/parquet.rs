//! One row a shard, as Parquet: for notebooks.

use super::model::Campaign;
use super::shard::ShardRecord;
use crate::history::Shards;
use crate::report::{Calls, LoadFigures, Metrics, Sink};
use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Rows that are written at a time.
const ROWS: usize = 16_384;
/// Fields of a latency.
const LATENCY: [&str; 7] = ["count", "p50", "p90", "p99", "p999", "max", "mean"];
/// Latencies that every run in virtual time has, with their unit.
const LATENCIES: [&str; 3] = ["setup_delay", "answer_delay", "talk_time"];

/// Writes the shards that are kept, in order of the grid: their keys, the values of everything that varies (as numbers where
/// all of them are), verdicts, and the figures of their runs.
///
/// # Errors
/// The shards cannot be read, or the file cannot be written.
pub fn write_parquet(path: &Path, campaign: &Campaign, shards: &Shards) -> Result<(), String> {
    let mut columns = columns(campaign);
    let fields = columns.iter().map(Column::field).collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("shard").with_fields(fields).build().map_err(said)?;
    let sink = Sink::create(path).map_err(said)?;
    let properties = Arc::new(WriterProperties::builder().build());
    let mut file = SerializedFileWriter::new(sink, Arc::new(schema), properties).map_err(said)?;
    let mut rows = 0;
    shards.each(|number, text| {
        let record: ShardRecord =
            serde_json::from_str(text).map_err(|error| format!("shard {number}: {error}"))?;
        let row = row(&record);
        columns.iter_mut().for_each(|column| column.push(&row));
        rows += 1;
        if rows == ROWS {
            rows = 0;
            write_rows(&mut file, &mut columns)?;
        }
        Ok(())
    })?;
    if rows > 0 {
        write_rows(&mut file, &mut columns)?;
    }
    file.into_inner().map_err(said)?.commit().map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// One column: where its values are in a row, and those that wait to be written.
struct Column {
    name: String,
    pointer: String,
    values: Values,
    /// 1 where there is a value, 0 for null.
    levels: Vec<i16>,
}

enum Values {
    Whole(Vec<i64>),
    Number(Vec<f64>),
    Text(Vec<ByteArray>),
}

/// A row, in which each column finds its value.
fn row(record: &ShardRecord) -> Value {
    json!({
        "key": record.key, "profile": record.profile, "seed": record.seed.to_string(),
        "value": record.parameters, "verdict": super::collect::word(record.verdict), "why": record.why.join("; "),
        "digest": record.digest, "outcome": record.outcome, "ran": record.ran,
    })
}

fn columns(campaign: &Campaign) -> Vec<Column> {
    let text = |name: &str| Column::new(name, &format!("/{name}"), Values::Text(Vec::new()));
    let mut columns = vec![text("key"), text("profile"), text("seed")];
    for parameter in &campaign.parameters {
        let is_number = parameter.values.iter().all(|value| value.label.parse::<f64>().is_ok());
        let values = if is_number { Values::Number(Vec::new()) } else { Values::Text(Vec::new()) };
        let pointer = format!("/value/{}", parameter.name.replace('~', "~0").replace('/', "~1"));
        columns.push(Column::new(&parameter.name, &pointer, values));
    }
    let has_failures = campaign.profiles.iter().any(|profile| !profile.failures.is_empty());
    columns.extend(has_failures.then(|| Column::new("failure", "/value/failure", Values::Text(Vec::new()))));
    columns.extend(["verdict", "why", "digest"].map(text));
    let number = |name: &str, pointer: &str| Column::new(name, pointer, Values::Number(Vec::new()));
    columns.extend(
        fields(&LoadFigures::default()).iter().map(|name| number(name, &format!("/outcome/load/{name}"))),
    );
    let calls = fields(&Calls::default());
    columns.extend(calls.iter().map(|name| {
        let pointer = format!("/outcome/calls/{name}");
        Column::new(&format!("calls_{name}"), &pointer, Values::Whole(Vec::new()))
    }));
    columns.extend(
        fields(&Metrics::default()).iter().map(|name| number(name, &format!("/outcome/metrics/{name}"))),
    );
    for latency in LATENCIES {
        let of = |field: &str| {
            let unit = if field == "count" { "" } else { "us_" };
            number(&format!("{latency}_{unit}{field}"), &format!("/outcome/latency/{latency}/{field}"))
        };
        columns.extend(LATENCY.map(of));
    }
    columns.push(text("binding_resource"));
    if let Some(binding) = columns.last_mut() {
        binding.pointer = "/outcome/binding_resource".to_owned();
    }
    columns.extend([number("ran_ms", "/ran/ms"), number("cluster_ms", "/ran/cluster_ms")]);
    columns
}

/// Names of the fields of a struct.
fn fields(of: &impl serde::Serialize) -> Vec<String> {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => {
            Vec::new()
        }
    }
}

impl Column {
    fn new(name: &str, pointer: &str, values: Values) -> Self {
        Self { name: name.to_owned(), pointer: pointer.to_owned(), values, levels: Vec::new() }
    }

    fn field(&self) -> Result<Arc<Type>, String> {
        let (physical, logical) = match self.values {
            Values::Whole(_) => (Physical::INT64, None),
            Values::Number(_) => (Physical::DOUBLE, None),
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(&self.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new).map_err(said)
    }

    fn push(&mut self, row: &Value) {
        let value = row.pointer(&self.pointer);
        let before = self.len();
        match &mut self.values {
            Values::Whole(all) => all.extend(value.and_then(Value::as_i64)),
            // A number that varies is kept as it was written.
            Values::Number(all) => all.extend(value.and_then(|value| {
                value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
            })),
            Values::Text(all) => all.extend(value.and_then(Value::as_str).map(ByteArray::from)),
        }
        self.levels.push(i16::from(self.len() > before));
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Whole(all) => all.len(),
            Values::Number(all) => all.len(),
            Values::Text(all) => all.len(),
        }
    }
}

fn write_rows(file: &mut SerializedFileWriter<Sink>, columns: &mut [Column]) -> Result<(), String> {
    let mut group = file.next_row_group().map_err(said)?;
    for column in columns {
        let Some(mut writer) = group.next_column().map_err(said)? else { break };
        let levels = std::mem::take(&mut column.levels);
        let levels = Some(levels.as_slice());
        match &mut column.values {
            Values::Whole(all) => {
                writer.typed::<Int64Type>().write_batch(&std::mem::take(all), levels, None).map_err(said)?
            }
            Values::Number(all) => {
                writer.typed::<DoubleType>().write_batch(&std::mem::take(all), levels, None).map_err(said)?
            }
            Values::Text(all) => writer
                .typed::<ByteArrayType>()
                .write_batch(&std::mem::take(all), levels, None)
                .map_err(said)?,
        };
        writer.close().map_err(said)?;
    }
    group.close().map_err(said)?;
    Ok(())
}
