//! The table of costs: what a channel, an agent and a conference slot cost, and limits of single resources.

use super::resources::Resource;
use crate::text::{At, Problem, Problems, SourceId, Table, Value, did_you_mean, read_document};

/// Dearest that anything may be, and with six decimals the cheapest.
const MAX_COST: f64 = 1e7;
const MIN_COST: f64 = 1e-6;

/// What one of each costs. Without a file everything costs 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// In what it is counted, such as `EUR`.
    pub currency: String,
    /// One channel of a trunk.
    pub channel: f64,
    /// One member of a hunt group.
    pub agent: f64,
    /// One conference slot.
    pub slot: f64,
    own: Vec<Own>,
}

/// What a file says of one resource.
#[derive(Clone, Debug, PartialEq)]
struct Own {
    name: At<String>,
    cost: Option<f64>,
    least: Option<At<u64>>,
    most: Option<At<u64>>,
}

impl Default for Costs {
    fn default() -> Self {
        Self { currency: String::new(), channel: 1.0, agent: 1.0, slot: 1.0, own: Vec::new() }
    }
}

impl Costs {
    /// Whether the table says anything of this resource.
    pub(super) fn names(&self, label: &str) -> bool {
        self.own.iter().any(|own| own.name.value == label)
    }

    /// The resource as the table wants it.
    pub(super) fn priced(&self, mut resource: Resource) -> Resource {
        let own = self.own.iter().find(|own| own.name.value == resource.label);
        if let Some(own) = own {
            resource.least = own.least.as_ref().map_or(resource.least, |at| at.value.max(resource.least));
            resource.most = own.most.as_ref().map_or(resource.most, |at| at.value.min(resource.most));
            resource.price = own.cost.unwrap_or(resource.price);
        }
        resource
    }

    /// Reports every name that is no resource, and limits that leave none.
    pub fn check(&self, resources: &[Resource], p: &mut Problems) {
        for own in &self.own {
            let Some(resource) = resources.iter().find(|r| r.label == own.name.value) else {
                let help = did_you_mean(&own.name.value, resources.iter().map(|r| r.label.as_str()));
                let message = format!("unknown resource {:?}", own.name.value);
                p.push(Problem::error(message).at(&own.name.place).maybe_help(help));
                continue;
            };
            if resource.least > resource.most {
                let message = format!(
                    "{} cannot have at least {} and at most {}",
                    resource.label, resource.least, resource.most
                );
                p.push(Problem::error(message).at(&own.name.place));
            }
        }
    }
}

/// Reads a table of costs; all that is wrong with it is in `problems`.
pub fn read_costs(source: SourceId, problems: &mut Problems) -> Costs {
    read_document(source, problems, |mut root, p| {
        let table = root.table("costs", p);
        let usual = Costs::default();
        let own = root.tables("resource", p).into_iter().filter_map(|table| read_own(table, p)).collect();
        root.finish(p);
        let Some(mut table) = table else { return usual };
        let currency = table.opt("currency", p, |v, p| v.string(p).map(str::to_owned));
        let channel = table.opt("channel", p, cost);
        let agent = table.opt("agent", p, cost);
        let slot = table.opt("slot", p, cost);
        table.finish(p);
        Costs {
            currency: currency.map_or(usual.currency, |at| at.value),
            channel: channel.map_or(usual.channel, |at| at.value),
            agent: agent.map_or(usual.agent, |at| at.value),
            slot: slot.map_or(usual.slot, |at| at.value),
            own,
        }
    })
}

fn read_own(mut t: Table<'_>, p: &mut Problems) -> Option<Own> {
    let name = t.req("name", p, |v, p| v.string(p).map(str::to_owned));
    let cost = t.opt("cost", p, cost).map(|at| at.value);
    let least = t.opt("least", p, count);
    let most = t.opt("most", p, count);
    t.finish(p);
    Some(Own { name: name?, cost, least, most })
}

fn cost(v: &Value<'_>, p: &mut Problems) -> Option<f64> {
    v.number("from 0.000001 to 10000000", |n| (MIN_COST..=MAX_COST).contains(&n), p)
}

fn count(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(1..=1_000_000, p)
}
