//! The charts, drawn as SVG by plotters. Colours are placeholders that the page's style sheet replaces, so that one
//! drawing serves light, dark and paper.

use super::figures::{clock_time, rounded, seconds_of, thousands, time};
use crate::measure::distribution;
use crate::report::{RunRecord, SeriesColumns};
use plotters::prelude::*;
use std::io;

const SIZE: (u32, u32) = (520, 280);
const FONT: (&str, u32) = ("sans-serif", 14);
/// Colours of the first four lines, of faults, text and grid: `report.css` names the same.
const COLOURS: [RGBColor; 4] =
    [RGBColor(29, 78, 216), RGBColor(4, 120, 87), RGBColor(180, 35, 24), RGBColor(126, 34, 206)];
const FAULT: RGBColor = RGBColor(146, 64, 14);
const INK: RGBColor = RGBColor(31, 41, 55);
const GRID: RGBColor = RGBColor(209, 213, 219);
/// Rows of the table under a chart, at most.
const MOST_ROWS: usize = 40;
/// Bars of a chart, at most.
const MOST_BARS: usize = 12;
const MINUTE: f64 = 60.0;

/// A chart and the same in figures.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) svg: String,
    /// Name and place in [`COLOURS`] of each line, for charts over time.
    pub(super) legend: Vec<(String, usize)>,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// One line of a chart.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// What a chart over two continuous axes needs.
pub(super) struct Axes<'a> {
    pub(super) x: std::ops::Range<f64>,
    pub(super) x_labels: usize,
    pub(super) x_text: &'a dyn Fn(f64) -> String,
    pub(super) y_text: &'a dyn Fn(f64) -> String,
    /// Upright lines: things that happened.
    pub(super) marks: &'a [f64],
    pub(super) filled: Filled,
}

/// Whether the area below the first line is filled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    Yes,
    No,
}

/// All charts that the record has the figures for.
pub(super) fn all(record: &RunRecord) -> io::Result<Vec<Chart>> {
    let mut charts = Vec::new();
    if let Some(series) = record.series.as_ref().filter(|s| s.started.len() > 1 && s.step_s > 0.0) {
        let is_mark = |kind: &str| matches!(kind, "event" | "fault" | "repair" | "failover" | "failback");
        let marked = record.timeline.iter().filter(|entry| is_mark(&entry.kind));
        let mut marks: Vec<f64> = marked.map(|entry| entry.at_s).collect();
        marks.dedup();
        marks.iter_mut().for_each(|at| *at /= MINUTE);
        charts.push(load(series, &marks)?);
        charts.push(concurrency(series, &marks)?);
        charts.extend(lost(series, &marks)?);
    }
    charts.extend(resources(record, "Calls blocked, by resource", "calls", |r| r.blocked as f64)?);
    charts.extend(resources(record, "Resources nearest to their limit", "% of capacity at the peak", |r| {
        let share = r.capacity.zip(r.peak).filter(|(capacity, _)| *capacity > 0);
        share.map_or(0.0, |(capacity, peak)| peak as f64 * 100.0 / capacity as f64)
    })?);
    for (name, latency) in &record.latency {
        let points = latency.hdr.as_deref().and_then(distribution).unwrap_or_default();
        // A distribution of one value is said in the table.
        if points.iter().any(|&(_, value)| value != points[0].1) {
            charts.push(percentiles(name, &latency.unit, &points)?);
        }
    }
    Ok(charts)
}

fn load(series: &SeriesColumns, marks: &[f64]) -> io::Result<Chart> {
    let an_hour = 3_600.0 / series.step_s;
    let lines = vec![
        column(series, "offered", &series.started, an_hour),
        column(series, "completed", &series.completed, an_hour),
    ];
    over_time(series, "Load over time", "calls an hour", &lines, marks, Filled::No)
}

fn concurrency(series: &SeriesColumns, marks: &[f64]) -> io::Result<Chart> {
    let lines = vec![column(series, "in progress", &series.active_peak, 1.0)];
    over_time(series, "Calls in progress over time", "calls, most in each step", &lines, marks, Filled::Yes)
}

fn lost(series: &SeriesColumns, marks: &[f64]) -> io::Result<Option<Chart>> {
    let columns = [
        ("blocked", &series.blocked),
        ("abandoned", &series.abandoned),
        ("failed", &series.failed),
        ("dropped", &series.dropped),
    ];
    let some = columns.into_iter().filter(|(_, counts)| counts.iter().any(|&n| n > 0));
    let lines: Vec<Line> = some.map(|(name, counts)| column(series, name, counts, 1.0)).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let label = format!("calls in {} s", rounded(series.step_s));
    over_time(series, "Calls lost over time", &label, &lines, marks, Filled::No).map(Some)
}

fn column(series: &SeriesColumns, name: &str, counts: &[u64], scale: f64) -> Line {
    // The last step is cut off by the end of the run, so a rate in it would be too low.
    let whole = counts.len().saturating_sub(usize::from(scale != 1.0)).max(1);
    let at = |n: usize| (series.begins_s + n as f64 * series.step_s) / MINUTE;
    let points =
        counts.iter().take(whole).enumerate().map(|(n, &count)| (at(n), count as f64 * scale)).collect();
    Line { name: name.to_owned(), points }
}

fn over_time(
    series: &SeriesColumns,
    title: &str,
    label: &str,
    lines: &[Line],
    marks: &[f64],
    filled: Filled,
) -> io::Result<Chart> {
    let ends = series.begins_s + series.started.len() as f64 * series.step_s;
    let axes = Axes {
        x: series.begins_s / MINUTE..ends / MINUTE,
        x_labels: 7,
        x_text: &rounded,
        y_text: &rounded,
        marks,
        filled,
    };
    let mut chart = Chart {
        title: title.to_owned(),
        note: format!("{label}, against minutes of the measured part; steps of {} s", rounded(series.step_s)),
        svg: draw(title, lines, &axes)?,
        legend: lines.iter().enumerate().map(|(n, l)| (l.name.clone(), n)).collect(),
        head: std::iter::once("from".to_owned()).chain(lines.iter().map(|l| l.name.clone())).collect(),
        rows: Vec::new(),
    };
    let steps = lines.first().map_or(0, |l| l.points.len());
    for n in (0..steps).step_by(steps.div_ceil(MOST_ROWS).max(1)) {
        let values = lines.iter().map(|l| rounded(l.points[n].1));
        chart.rows.push(std::iter::once(clock_time(lines[0].points[n].0 * MINUTE)).chain(values).collect());
    }
    Ok(chart)
}

/// How many nines a quantile has: 0.999 is 3.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).max(1e-9).log10()
}

fn percentiles(name: &str, unit: &str, distribution: &[(f64, f64)]) -> io::Result<Chart> {
    let scale = seconds_of(unit);
    let below_all = |(quantile, _): &&(f64, f64)| *quantile < 1.0;
    let mut points: Vec<(f64, f64)> =
        distribution.iter().filter(below_all).map(|&(q, v)| (nines(q), v * scale)).collect();
    let most = distribution.last().map_or(0.0, |&(_, v)| v * scale);
    let end = points.last().map_or(1.0, |&(x, _)| x.ceil().max(1.0));
    points.push((end, most));
    let x_text = |x: f64| match x.round() as i32 {
        n if (x - f64::from(n)).abs() > 0.01 => String::new(),
        0 => "0 %".to_owned(),
        n => format!("{} %", rounded_share(n)),
    };
    let y_text = |y: f64| time(y, "s");
    let axes = Axes {
        x: 0.0..end,
        x_labels: end as usize + 1,
        x_text: &x_text,
        y_text: &y_text,
        marks: &[],
        filled: Filled::No,
    };
    let title = format!("Latency: {}", name.replace('_', " "));
    let svg = draw(&title, &[Line { name: name.to_owned(), points }], &axes)?;
    let row = |&(q, v): &(f64, f64)| vec![format!("{:.4} %", q * 100.0), time(v, unit)];
    let every = distribution.len().div_ceil(MOST_ROWS).max(1);
    let mut rows: Vec<_> = distribution.iter().step_by(every).map(row).collect();
    rows.extend(distribution.last().map(row).filter(|last| rows.last() != Some(last)));
    let note = "share of calls that were not slower; each mark to the right has one nine more".to_owned();
    Ok(Chart { title, note, svg, legend: Vec::new(), head: vec!["share".into(), "at most".into()], rows })
}

/// 1 is 90, 2 is 99, 3 is 99.9.
fn rounded_share(nines: i32) -> String {
    let decimals = usize::try_from(nines - 2).unwrap_or(0);
    format!("{:.decimals$}", 100.0 - 100.0 * 10_f64.powi(-nines))
}

pub(super) fn draw(title: &str, lines: &[Line], axes: &Axes<'_>) -> io::Result<String> {
    let mut svg = String::new();
    plot(&mut svg, lines, axes).map_err(|error| io::Error::other(format!("{title}: {error}")))?;
    Ok(accessible(&svg, title))
}

fn plot(svg: &mut String, lines: &[Line], axes: &Axes<'_>) -> Result<(), String> {
    let most = lines.iter().flat_map(|l| &l.points).map(|p| p.1).fold(0.0, f64::max);
    let y = 0.0..if most > 0.0 { most * 1.08 } else { 1.0 };
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let text = FONT.into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d(axes.x.clone(), y.clone())
        .map_err(|e| e.to_string())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_labels(axes.x_labels)
        .y_labels(6)
        .x_label_formatter(&|x| (axes.x_text)(*x))
        .y_label_formatter(&|y| (axes.y_text)(*y))
        .label_style(text)
        .draw()
        .map_err(|e| e.to_string())?;
    for &at in axes.marks.iter().filter(|at| axes.x.contains(at)) {
        let mark = [(at, y.start), (at, y.end)];
        chart
            .draw_series(DashedLineSeries::new(mark, 4, 4, FAULT.stroke_width(1)))
            .map_err(|e| e.to_string())?;
    }
    for (n, line) in lines.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        if axes.filled == Filled::Yes {
            let filled = AreaSeries::new(line.points.iter().copied(), 0.0, colour.mix(0.15));
            chart.draw_series(filled).map_err(|e| e.to_string())?;
        }
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)))
            .map_err(|e| e.to_string())?;
    }
    area.present().map_err(|e| e.to_string())
}

/// Bars of the resources with the largest `figure`; `None` if all are nothing.
fn resources(
    record: &RunRecord,
    title: &str,
    unit: &str,
    figure: impl Fn(&crate::report::ResourceUse) -> f64,
) -> io::Result<Option<Chart>> {
    let named = |r: &crate::report::ResourceUse| {
        (format!("{} {} {}", r.system, r.kind.replace('_', " "), r.name), figure(r))
    };
    bars(title, unit, record.resources.iter().map(named))
}

/// The longest of these bars; `None` if all are nothing.
pub(super) fn bars(
    title: &str,
    unit: &str,
    all: impl Iterator<Item = (String, f64)>,
) -> io::Result<Option<Chart>> {
    let mut bars: Vec<(String, f64)> = all.filter(|bar| bar.1 > 0.0).collect();
    bars.sort_by(|a, b| b.1.total_cmp(&a.1));
    if bars.is_empty() {
        return Ok(None);
    }
    let found = bars.len();
    bars.truncate(MOST_BARS);
    let mut svg = String::new();
    bar_chart(&mut svg, &bars).map_err(|error| io::Error::other(format!("{title}: {error}")))?;
    Ok(Some(Chart {
        title: title.to_owned(),
        note: format!("{unit}; the first {} of {}", bars.len(), thousands(found as u64)),
        svg: accessible(&svg, title),
        legend: Vec::new(),
        head: vec!["which".into(), unit.into()],
        rows: bars.into_iter().map(|(name, value)| vec![name, rounded(value)]).collect(),
    }))
}

/// A bar each, its name above it: names are long and phones narrow.
pub(super) fn bar_chart(svg: &mut String, bars: &[(String, f64)]) -> Result<(), String> {
    let (row, left, width) = (38, 8, SIZE.0 as i32 - 100);
    let most = bars.iter().map(|bar| bar.1).fold(f64::MIN_POSITIVE, f64::max);
    let area =
        SVGBackend::with_string(svg, (SIZE.0, (row * bars.len() as i32 + 8) as u32)).into_drawing_area();
    let text = FONT.into_font().color(&INK);
    for (n, (name, value)) in bars.iter().enumerate() {
        let top = row * n as i32 + 4;
        let end = left + ((value / most) * f64::from(width)).round().max(1.0) as i32;
        area.draw(&Text::new(name.clone(), (left, top), text.clone())).map_err(|e| e.to_string())?;
        let bar = Rectangle::new([(left, top + 18), (end, top + 30)], COLOURS[0].filled());
        area.draw(&bar).map_err(|e| e.to_string())?;
        let figure = Text::new(rounded(*value), (end + 6, top + 17), text.clone());
        area.draw(&figure).map_err(|e| e.to_string())?;
    }
    area.present().map_err(|e| e.to_string())
}

/// Lets the drawing take the room it is given, and says what it shows to those who do not see it.
pub(super) fn accessible(svg: &str, title: &str) -> String {
    let Some((head, rest)) = svg.split_once('>') else { return String::new() };
    let view = head.find("viewBox=").map_or("", |at| &head[at..]);
    let view = view.split('"').nth(1).unwrap_or_default();
    let title = title.replace(['&', '<', '>', '"'], " ");
    format!(
        "<svg class=\"chart\" role=\"img\" aria-label=\"{title}\" viewBox=\"{view}\" xmlns=\"http://www.w3.org/2000/svg\">{rest}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nine_more_is_a_step_to_the_right() {
        assert_eq!([1, 2, 3, 5].map(rounded_share), ["90", "99", "99.9", "99.999"]);
        for n in 1..6 {
            let quantile = 1.0 - 10_f64.powi(-n);
            assert!((nines(quantile) - f64::from(n)).abs() < 1e-6);
        }
    }

    #[test]
    fn a_drawing_scales_and_has_a_name() {
        let line = Line { name: "a".into(), points: vec![(0.0, 1.0), (1.0, 3.0)] };
        let axes = Axes {
            x: 0.0..1.0,
            x_labels: 2,
            x_text: &rounded,
            y_text: &rounded,
            marks: &[0.5],
            filled: Filled::Yes,
        };
        let svg = draw("A <title>", &[line], &axes).expect("draws");
        assert!(
            svg.starts_with(
                "<svg class=\"chart\" role=\"img\" aria-label=\"A  title \" viewBox=\"0 0 520 280\""
            ),
            "{svg}"
        );
        assert!(!svg.contains("width=\"520\" height=\"280\" viewBox"), "it must not have a size of its own");
        assert!(svg.contains("#1D4ED8") && svg.contains("#92400E"), "line and mark are there");
    }
}
