//! The charts of a campaign: each figure that matters against each axis that varies.

use super::charts::{Axes, Chart, Filled, Line, accessible, bar_chart, draw};
use super::figures::rounded;
use crate::campaign::{Axis, CampaignRecord, Point};
use std::io;

/// Figures that are drawn, at most.
const MOST_FIGURES: usize = 3;
/// Lines of a chart besides the limit, at most: as many as there are colours.
const MOST_LINES: usize = 3;
/// Values of an axis without numbers that are drawn, at most.
const MOST_BARS: usize = 20;

/// A chart of every figure for every axis with more than one value.
pub(super) fn all(record: &CampaignRecord) -> io::Result<Vec<Chart>> {
    let mut charts = Vec::new();
    for axis in record.varied() {
        for (name, limit) in figures(record) {
            charts.extend(match numbers(axis) {
                Some(numbers) => lines(record, axis, &numbers, &name, limit)?,
                None => bars(record, axis, &name)?,
            });
        }
    }
    Ok(charts)
}

/// What is drawn: blocked calls, and the targets that were missed, with their limits.
fn figures(record: &CampaignRecord) -> Vec<(String, Option<f64>)> {
    let mut figures: Vec<(String, Option<f64>)> = Vec::new();
    for target in record.points.iter().flat_map(|point| point.missed.keys()) {
        let (Some((name, rest)), Some(limit)) = (target.split_once(' '), target.rsplit(' ').next()) else {
            continue;
        };
        let is_new = !figures.iter().any(|(known, _)| known == name);
        let is_figure = record.points.iter().any(|point| point.figures.contains_key(name));
        if is_new && is_figure && !rest.is_empty() {
            figures.push((name.to_owned(), limit.parse().ok()));
        }
    }
    if !figures.iter().any(|(name, _)| name == "blocked_pct") {
        figures.push(("blocked_pct".to_owned(), None));
    }
    figures.truncate(MOST_FIGURES);
    figures
}

/// The values of an axis as numbers, if all of them are; a load may be a percentage.
fn numbers(axis: &Axis) -> Option<Vec<f64>> {
    axis.values.iter().map(|value| value.strip_suffix('%').unwrap_or(value).parse().ok()).collect()
}

/// Mean, least and most of a figure over points.
fn over<'p>(points: impl Iterator<Item = &'p Point>, name: &str) -> Option<[f64; 3]> {
    let figures: Vec<_> = points.filter_map(|point| point.figures.get(name)).collect();
    let mean = figures.iter().map(|figure| figure.mean).sum::<f64>() / figures.len() as f64;
    let least = figures.iter().map(|figure| figure.least).reduce(f64::min)?;
    let most = figures.iter().map(|figure| figure.most).reduce(f64::max)?;
    Some([mean, least, most])
}

fn at<'p>(record: &'p CampaignRecord, axis: &'p Axis, value: &'p str) -> impl Iterator<Item = &'p Point> {
    record.points.iter().filter(move |point| point.values.get(&axis.name).is_some_and(|own| own == value))
}

fn lines(
    record: &CampaignRecord,
    axis: &Axis,
    numbers: &[f64],
    name: &str,
    limit: Option<f64>,
) -> io::Result<Option<Chart>> {
    let others: Vec<&Axis> = record.varied().filter(|other| other.name != axis.name).collect();
    let (mut lines, of) = match others.as_slice() {
        [other] if other.values.len() <= MOST_LINES => {
            (each(record, axis, numbers, name, other), format!("a line for each {}", other.name))
        }
        others => {
            let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
            let over = if names.is_empty() {
                "over all seeds".to_owned()
            } else {
                format!("over all of {}", names.join(", "))
            };
            (spread(record, axis, numbers, name), over)
        }
    };
    let (low, high) = range(numbers);
    if lines.iter().all(|line| line.points.len() < 2) || low >= high {
        return Ok(None);
    }
    let title = format!("{name} by {}", axis.name);
    let mut head = vec![axis.name.clone()];
    head.extend(lines.iter().map(|line| line.name.clone()));
    let rows = numbers.iter().zip(&axis.values).map(|(number, value)| {
        let of = |line: &Line| {
            let found = line.points.iter().find(|(x, _)| x == number);
            found.map_or_else(|| "–".to_owned(), |(_, y)| rounded(*y))
        };
        std::iter::once(value.clone()).chain(lines.iter().map(of)).collect()
    });
    let rows = rows.collect();
    if let Some(limit) = limit {
        lines.push(Line { name: "limit".to_owned(), points: vec![(low, limit), (high, limit)] });
    }
    let axes = Axes {
        x: low..high,
        x_labels: 5,
        x_text: &rounded,
        y_text: &rounded,
        marks: &[],
        filled: Filled::No,
    };
    Ok(Some(Chart {
        svg: draw(&title, &lines, &axes)?,
        title,
        note: format!("{name}, against {}; {of}", axis.name),
        legend: lines.iter().enumerate().map(|(n, line)| (line.name.clone(), n)).collect(),
        head,
        rows,
    }))
}

/// A line for each value of another axis.
fn each(record: &CampaignRecord, axis: &Axis, numbers: &[f64], name: &str, other: &Axis) -> Vec<Line> {
    let of = |wanted: &String| {
        let is_it = |point: &&Point| point.values.get(&other.name) == Some(wanted);
        let at = |(number, value): (&f64, &String)| {
            Some((*number, over(at(record, axis, value).filter(is_it), name)?[0]))
        };
        Line {
            name: wanted.clone(),
            points: sorted(numbers.iter().zip(&axis.values).filter_map(at).collect()),
        }
    };
    other.values.iter().map(of).collect()
}

/// The mean over everything else, and how far apart single shards are.
fn spread(record: &CampaignRecord, axis: &Axis, numbers: &[f64], name: &str) -> Vec<Line> {
    let of = |(place, title): (usize, &str)| {
        let at =
            |(number, value): (&f64, &String)| Some((*number, over(at(record, axis, value), name)?[place]));
        let points = sorted(numbers.iter().zip(&axis.values).filter_map(at).collect());
        Line { name: title.to_owned(), points }
    };
    ["mean", "lowest shard", "highest shard"].into_iter().enumerate().map(of).collect()
}

fn sorted(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

fn range(numbers: &[f64]) -> (f64, f64) {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    (low, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// A bar for each value that is no number: profiles, failures. The largest come first.
fn bars(record: &CampaignRecord, axis: &Axis, name: &str) -> io::Result<Option<Chart>> {
    let of = |value: &String| Some((value.clone(), over(at(record, axis, value), name)?[0]));
    let mut bars: Vec<(String, f64)> = axis.values.iter().filter_map(of).collect();
    bars.sort_by(|a, b| b.1.total_cmp(&a.1));
    let found = bars.len();
    bars.truncate(MOST_BARS);
    if bars.iter().all(|(_, value)| *value == 0.0) {
        return Ok(None);
    }
    let title = format!("{name} by {}", axis.name);
    let mut svg = String::new();
    bar_chart(&mut svg, &bars).map_err(|error| io::Error::other(format!("{title}: {error}")))?;
    Ok(Some(Chart {
        svg: accessible(&svg, &title),
        title,
        note: format!("{name}, mean over everything else; the first {} of {found}", bars.len()),
        legend: Vec::new(),
        head: vec![axis.name.clone(), name.to_owned()],
        rows: bars.into_iter().map(|(value, figure)| vec![value, rounded(figure)]).collect(),
    }))
}
