//! What reports are made of: runs, searches, busy hours with one failure after the other, and campaigns.

use super::record::{RunRecord, SCHEMA};
use crate::campaign::{self, CampaignRecord};
use crate::each_failure::{self, FailureRecord};
use crate::search::{self, SearchRecord};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A record that a report can be made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// What `run --json` writes.
    Run(Box<RunRecord>),
    /// What `search --json` writes.
    Search(Box<SearchRecord>),
    /// What `run --each-failure --json` writes.
    EachFailure(Box<FailureRecord>),
    /// What `campaign --json` writes.
    Campaign(Box<CampaignRecord>),
}

impl Document {
    /// The run, if it is one.
    #[must_use]
    pub fn run(&self) -> Option<&RunRecord> {
        match self {
            Self::Run(run) => Some(run),
            Self::Search(_) | Self::EachFailure(_) | Self::Campaign(_) => None,
        }
    }

    /// The search, if it is one.
    #[must_use]
    pub fn search(&self) -> Option<&SearchRecord> {
        match self {
            Self::Search(search) => Some(search),
            Self::Run(_) | Self::EachFailure(_) | Self::Campaign(_) => None,
        }
    }

    /// The busy hour with one failure after the other, if it is one.
    #[must_use]
    pub fn each_failure(&self) -> Option<&FailureRecord> {
        match self {
            Self::EachFailure(failures) => Some(failures),
            Self::Run(_) | Self::Search(_) | Self::Campaign(_) => None,
        }
    }

    /// The campaign, if it is one.
    #[must_use]
    pub fn campaign(&self) -> Option<&CampaignRecord> {
        match self {
            Self::Campaign(campaign) => Some(campaign),
            Self::Run(_) | Self::Search(_) | Self::EachFailure(_) => None,
        }
    }
}

impl From<RunRecord> for Document {
    fn from(run: RunRecord) -> Self {
        Self::Run(Box::new(run))
    }
}

/// Reads one record or an array of them.
///
/// # Errors
/// It is not JSON, holds nothing, or something in it is no whole record of a kind and version that is known; in words.
pub fn read_documents(text: &str) -> Result<Vec<Document>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let records = match json {
        Value::Array(records) if records.is_empty() => return Err("holds no run".to_owned()),
        Value::Array(records) => records,
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![one]
        }
    };
    let several = records.len() > 1;
    let of = |(n, record): (usize, Value)| {
        let which = if several { format!("run {}: ", n + 1) } else { String::new() };
        document(record).map_err(|error| format!("{which}{error}"))
    };
    records.into_iter().enumerate().map(of).collect()
}

fn document(record: Value) -> Result<Document, String> {
    match record.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => whole(record, "run").map(|run| Document::Run(Box::new(run))),
        Some(search::SCHEMA) => whole(record, "search").map(|search| Document::Search(Box::new(search))),
        Some(each_failure::SCHEMA) => {
            whole(record, "each-failure").map(|failures| Document::EachFailure(Box::new(failures)))
        }
        Some(campaign::SCHEMA) => {
            whole(record, "campaign").map(|campaign| Document::Campaign(Box::new(campaign)))
        }
        Some(other) => {
            let known = [SCHEMA, search::SCHEMA, each_failure::SCHEMA, campaign::SCHEMA]
                .map(|name| format!("{name:?}"));
            Err(format!("its schema is {other:?}, this version reads {}", known.join(", ")))
        }
        None => Err("is no run record: it has no \"schema\"".to_owned()),
    }
}

fn whole<R: DeserializeOwned>(record: Value, kind: &str) -> Result<R, String> {
    serde_json::from_value(record).map_err(|error| format!("is no whole {kind} record: {error}"))
}
