//! The charts of a search: what was observed at each load, and the limit.

use super::charts::{Axes, Chart, Filled, Line, draw};
use super::figures::{rounded, time};
use crate::search::{Headroom, SearchRecord, Step};
use std::io;

/// Loads from this share of the limit to as much above it are drawn, where there are enough.
const AROUND: f64 = 0.2;
/// A rate whose decisions took this many times the limit says no more than that it is too high.
const FAR_ABOVE: f64 = 4.0;

/// A point at a load: what was observed, and the ends of its interval.
struct Point {
    at: f64,
    values: [f64; 3],
}

/// All charts that the record has the figures for.
pub(super) fn all(record: &SearchRecord) -> io::Result<Vec<Chart>> {
    let of_targets = target(record).map(|(name, limit)| by_target(record, &name, limit));
    let of_doc = record.doc.as_ref().map(|doc| by_share(record, doc.threshold_pct));
    let of_headroom = record.headroom.as_ref().map(by_rate);
    let mut charts = Vec::new();
    for chart in [of_targets, of_doc, of_headroom].into_iter().flatten() {
        charts.extend(chart?);
    }
    Ok(charts)
}

/// The target that is missed first above the limit, or the first there is, with its limit.
fn target(record: &SearchRecord) -> Option<(String, f64)> {
    let fails_at = record.limit.as_ref().and_then(|limit| limit.fails_at_bhcc);
    let failing = record.steps.iter().find(|step| Some(step.bhcc) == fails_at);
    let missed = failing.and_then(|step| step.targets.iter().find(|target| !target.pass));
    let target = missed.or(record.steps.first()?.targets.first())?;
    let limit = target.limit.rsplit(' ').next()?.parse().ok()?;
    Some((target.name.clone(), limit))
}

fn by_target(record: &SearchRecord, name: &str, limit: f64) -> io::Result<Option<Chart>> {
    let of = |step: &Step| {
        let target = step.targets.iter().find(|target| target.name == name)?;
        let mean = target.mean?;
        let values = [mean, target.low.unwrap_or(mean).max(0.0), target.high.unwrap_or(mean)];
        Some(Point { at: step.bhcc as f64, values })
    };
    let points = near_limit(record, record.steps.iter().filter_map(of).collect());
    let names = ["observed", "interval from", "interval to"];
    over_load(&format!("{name} at each load"), name, &points, names, limit)
}

fn by_share(record: &SearchRecord, limit: f64) -> io::Result<Option<Chart>> {
    let of = |step: &Step| {
        let share = step.ihs_pct?;
        Some(Point { at: step.bhcc as f64, values: [share, share, step.ihs_pct_upper95?] })
    };
    let points: Vec<Point> = record.steps.iter().filter_map(of).collect();
    let names = ["observed", "", "upper 95 % limit"];
    over_load("Inadequately handled calls at each load", "ihs_pct", &points, names, limit)
}

/// Those around the limit; all of them where these are few.
fn near_limit(record: &SearchRecord, mut points: Vec<Point>) -> Vec<Point> {
    let Some(limit) = record.limit.as_ref().and_then(|limit| limit.bhcc) else { return points };
    let near = |point: &Point| (point.at / limit as f64 - 1.0).abs() <= AROUND;
    if points.iter().filter(|point| near(point)).count() > 2 {
        points.retain(near);
    }
    points
}

fn over_load(
    title: &str,
    unit: &str,
    points: &[Point],
    names: [&str; 3],
    limit: f64,
) -> io::Result<Option<Chart>> {
    let label = |value: f64| rounded(value);
    let note = format!("{unit}, against calls an hour");
    chart(title, &note, points, names, limit, &label)
}

fn by_rate(headroom: &Headroom) -> io::Result<Option<Chart>> {
    let near = headroom.steps.iter().filter_map(|step| {
        let delay = step.route_delay_us_p999.filter(|us| *us <= headroom.limit_us * FAR_ABOVE)?;
        Some(Point { at: step.times_rated, values: [delay / 1e6; 3] })
    });
    let points: Vec<Point> = near.collect();
    let label = |value: f64| time(value, "s");
    let note = "99.9th percentile of the route decision, against multiples of the rated load";
    chart("Route decision at each rate", note, &points, ["observed", "", ""], headroom.limit_us / 1e6, &label)
}

/// Lines with a name over the points, and the limit across. Two points make a line.
fn chart(
    title: &str,
    note: &str,
    points: &[Point],
    names: [&str; 3],
    limit: f64,
    y_text: &dyn Fn(f64) -> String,
) -> io::Result<Option<Chart>> {
    let mut order: Vec<&Point> = points.iter().collect();
    order.sort_by(|a, b| a.at.total_cmp(&b.at));
    let (Some(first), Some(last)) = (order.first(), order.last()) else { return Ok(None) };
    if first.at >= last.at {
        return Ok(None);
    }
    let named = || names.iter().enumerate().filter(|(_, name)| !name.is_empty());
    let mut lines: Vec<Line> = named()
        .map(|(n, name)| {
            let points = order.iter().map(|point| (point.at, point.values[n])).collect();
            Line { name: (*name).to_owned(), points }
        })
        .collect();
    lines.push(Line { name: "limit".to_owned(), points: vec![(first.at, limit), (last.at, limit)] });
    let axes =
        Axes { x: first.at..last.at, x_labels: 5, x_text: &rounded, y_text, marks: &[], filled: Filled::No };
    let head = std::iter::once("load").chain(named().map(|(_, name)| *name)).map(str::to_owned).collect();
    let row = |point: &&Point| {
        let values = named().map(|(n, _)| y_text(point.values[n]));
        std::iter::once(rounded(point.at)).chain(values).collect()
    };
    Ok(Some(Chart {
        title: title.to_owned(),
        note: note.to_owned(),
        svg: draw(title, &lines, &axes)?,
        legend: lines.iter().enumerate().map(|(n, line)| (line.name.clone(), n)).collect(),
        head,
        rows: order.iter().map(row).collect(),
    }))
}
