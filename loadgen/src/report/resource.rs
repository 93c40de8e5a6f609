//! Which resource the design hits first.

use super::record::ResourceUse;

/// The resource that blocked most calls; if none did, the one that came nearest to its capacity; `None` if nothing with
/// a capacity was used. The first of equals. Written `SYSTEM:KIND:NAME`.
#[must_use]
pub fn binding_resource(resources: &[ResourceUse]) -> Option<String> {
    let blocking = best(resources, |r| (r.blocked > 0).then_some(r.blocked as f64));
    let nearest = || best(resources, occupancy);
    blocking.or_else(nearest).map(|r| format!("{}:{}:{}", r.system, r.kind, r.name))
}

/// Peak over capacity; `None` if unlimited, unused or not measured.
fn occupancy(resource: &ResourceUse) -> Option<f64> {
    let (capacity, peak) = (resource.capacity?, resource.peak?);
    (capacity > 0 && peak > 0).then(|| peak as f64 / capacity as f64)
}

fn best(resources: &[ResourceUse], score: impl Fn(&ResourceUse) -> Option<f64>) -> Option<&ResourceUse> {
    let scored = resources.iter().filter_map(|r| Some((score(r)?, r)));
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, r)| r)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(name: &str, capacity: Option<u64>, peak: u64, blocked: u64) -> ResourceUse {
        ResourceUse {
            system: "primary".into(),
            kind: "line_group".into(),
            name: name.into(),
            capacity,
            peak: Some(peak),
            mean: None,
            blocked,
        }
    }

    #[test]
    fn blocked_calls_outweigh_occupancy() {
        let full = resource("0", Some(10), 10, 1);
        let worse = resource("1", Some(100), 90, 7);
        let unlimited = resource("2", None, 5_000, 0);
        let name = |list: &[ResourceUse]| binding_resource(list);
        assert_eq!(name(&[full.clone(), worse, unlimited.clone()]).as_deref(), Some("primary:line_group:1"));
        let (half, third) = (resource("3", Some(10), 5, 0), resource("4", Some(9), 3, 0));
        assert_eq!(name(&[third, half, unlimited.clone()]).as_deref(), Some("primary:line_group:3"));
        assert_eq!(name(&[unlimited, resource("5", Some(4), 0, 0)]), None);
    }
}
