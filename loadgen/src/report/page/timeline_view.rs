//! The failure timeline drawn: a lane for each fault, each feature that moved, each line whose status changed, and the calls.

use super::figures::clock_time;
use crate::report::{RunRecord, TimelineEntry};

/// Lanes of one kind that are drawn, at most; the table below has the rest.
const MOST_LANES: usize = 16;
/// Stretches of time between two labels of the axis.
const TICKS: u32 = 4;

/// The drawing: everything in shares of its width, so that it fits any.
pub(super) struct TimelineDrawing {
    pub(super) title: String,
    pub(super) lanes: Vec<Lane>,
    /// Labels of the axis and where they stand, in percent.
    pub(super) ticks: Vec<(String, u32)>,
    pub(super) note: String,
}

/// One thing over time.
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) segments: Vec<Segment>,
}

/// A stretch of a lane.
pub(super) struct Segment {
    /// Class of the style sheet.
    pub(super) class: String,
    pub(super) left: String,
    pub(super) width: String,
    pub(super) tooltip: String,
}

/// The time that is drawn, in seconds.
#[derive(Clone, Copy)]
struct Span {
    begins: f64,
    ends: f64,
}

impl Span {
    fn share(self, at_s: f64) -> f64 {
        ((at_s - self.begins) / (self.ends - self.begins) * 100.0).clamp(0.0, 100.0)
    }

    fn segment(self, class: impl Into<String>, from: f64, to: f64, what: &str) -> Segment {
        let (left, right) = (self.share(from), self.share(to));
        let until = if to >= self.ends { String::new() } else { format!(" to {}", clock_time(to)) };
        Segment {
            class: class.into(),
            left: format!("{left:.2}"),
            // What takes no time is to be seen all the same.
            width: format!("{:.2}", (right - left).max(0.4)),
            tooltip: format!("{}{until}: {what}", clock_time(from)),
        }
    }
}

/// The drawing of a run in which something happened that lasts.
pub(super) fn draw(record: &RunRecord) -> Option<TimelineDrawing> {
    let last = record.timeline.iter().map(|entry| entry.at_s).fold(0.0, f64::max);
    let ends = record.load.duration_s.unwrap_or(0.0).max(last);
    let faults = record.timeline.iter().any(|entry| entry.kind == "fault");
    if !faults || ends <= 0.0 {
        return None;
    }
    let span = Span { begins: 0.0, ends };
    let kinds = [
        spans(record, span, ("fault", "repair"), "fault"),
        spans(record, span, ("failover", "failback"), "failover"),
        lines(record, span),
        points(record, span),
    ];
    let left_out: usize = kinds.iter().map(|lanes| lanes.len().saturating_sub(MOST_LANES)).sum();
    let lanes: Vec<Lane> = kinds.into_iter().flat_map(|lanes| lanes.into_iter().take(MOST_LANES)).collect();
    let ticks = (0..=TICKS).map(|n| {
        let at = span.begins + (span.ends - span.begins) * f64::from(n) / f64::from(TICKS);
        (clock_time(at), n * 100 / TICKS)
    });
    Some(TimelineDrawing {
        title: format!("{}: {} lanes over {}", record.profile.name, lanes.len(), clock_time(ends)),
        ticks: ticks.collect(),
        lanes,
        note: if left_out > 0 {
            format!("{left_out} more lanes are in the table only.")
        } else {
            String::new()
        },
    })
}

/// A lane for each thing that begins with one kind of entry and ends with another.
fn spans(record: &RunRecord, span: Span, (begin, end): (&str, &str), class: &str) -> Vec<Lane> {
    let mut lanes: Vec<(String, Lane)> = Vec::new();
    let mut open: Vec<(String, &TimelineEntry)> = Vec::new();
    let close = |lanes: &mut Vec<(String, Lane)>, key: &str, began: &TimelineEntry, to: f64| {
        let segment = span.segment(class, began.at_s, to, &format!("{} {}", began.system, began.text));
        match lanes.iter_mut().find(|(known, _)| known == key) {
            Some((_, lane)) => lane.segments.push(segment),
            None => lanes.push((key.to_owned(), Lane { name: key.to_owned(), segments: vec![segment] })),
        }
    };
    for entry in &record.timeline {
        let about = entry.about.clone().unwrap_or_else(|| entry.text.clone());
        let key = if class == "failover" { format!("{about} at {}", entry.system) } else { about };
        let is_open = open.iter().position(|(known, _)| *known == key);
        if entry.kind == begin && is_open.is_none() {
            open.push((key, entry));
        } else if let (true, Some(n)) = (entry.kind == end, is_open) {
            let (key, began) = open.remove(n);
            close(&mut lanes, &key, began, entry.at_s);
        }
    }
    for (key, began) in open {
        close(&mut lanes, &key, began, span.ends);
    }
    lanes.sort_by(|a, b| a.0.cmp(&b.0));
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

/// A lane for each end of a line whose status changed, in its colours.
fn lines(record: &RunRecord, span: Span) -> Vec<Lane> {
    let mut lanes: Vec<(String, Vec<&TimelineEntry>)> = Vec::new();
    for entry in record.timeline.iter().filter(|entry| entry.kind == "line_status") {
        let name = format!("{}, line to {}", entry.system, entry.about.as_deref().unwrap_or_default());
        match lanes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, entries)) => entries.push(entry),
            None => lanes.push((name, vec![entry])),
        }
    }
    let lane = |(name, entries): (String, Vec<&TimelineEntry>)| {
        // A system that stops sees nothing any more.
        let stop = entries.first().map(|entry| format!("system:{}", entry.system));
        let stops = || record.timeline.iter().filter(|entry| entry.kind == "fault" && entry.about == stop);
        let next = entries.iter().skip(1).map(|entry| entry.at_s).chain([span.ends]);
        let ends = entries.iter().zip(next).map(|(entry, next)| {
            let stop = stops().map(|stop| stop.at_s).find(|at| *at >= entry.at_s);
            stop.map_or(next, |stop| stop.min(next))
        });
        let segments = entries.iter().zip(ends).map(|(entry, to)| {
            let class = format!("line-{}", entry.status.as_deref().unwrap_or_default());
            span.segment(class, entry.at_s, to, &entry.text)
        });
        Lane { segments: segments.collect(), name }
    };
    lanes.into_iter().map(lane).collect()
}

/// Lanes of what takes no time: alarms, phones that move, calls that are preserved or dropped.
fn points(record: &RunRecord, span: Span) -> Vec<Lane> {
    let kinds = [
        ("alarm", "alarms"),
        ("moved", "phones that come to a backup"),
        ("returned", "phones that go home"),
        ("refused", "phones that are refused"),
        ("settings_missing", "phones that show !"),
        ("forgotten", "users who lose what they changed"),
        ("preserved", "calls preserved"),
        ("dropped", "calls dropped"),
    ];
    let lanes = kinds.into_iter().map(|(kind, name)| {
        let of_kind = record.timeline.iter().filter(|entry| entry.kind == kind);
        let segment = |entry: &TimelineEntry| {
            span.segment(kind, entry.at_s, entry.at_s, &format!("{} {}", entry.system, entry.text))
        };
        Lane { name: name.to_owned(), segments: of_kind.map(segment).collect() }
    });
    lanes.filter(|lane| !lane.segments.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::record;

    fn entry(at_s: f64, kind: &str, about: &str, status: Option<&str>) -> TimelineEntry {
        TimelineEntry {
            at_s,
            kind: kind.into(),
            system: "secondary".into(),
            text: "text".into(),
            about: Some(about.into()),
            status: status.map(str::to_owned),
            count: None,
        }
    }

    #[test]
    fn a_lane_for_each_thing_and_each_in_its_place() {
        let mut run = record();
        run.timeline = vec![
            entry(900.0, "fault", "system:primary", None),
            entry(918.0, "line_status", "primary", Some("orange")),
            entry(1_080.0, "line_status", "primary", Some("yellow")),
            entry(1_080.0, "failover", "phones of primary", None),
            entry(1_800.0, "repair", "system:primary", None),
            entry(1_801.0, "line_status", "primary", Some("white")),
            entry(2_400.0, "failback", "phones of primary", None),
            entry(2_700.0, "fault", "trunk:primary/1", None),
        ];
        let drawing = draw(&run).expect("there are faults");
        let lanes: Vec<_> = drawing
            .lanes
            .iter()
            .map(|lane| {
                let of = |s: &Segment| format!("{} {}+{}", s.class, s.left, s.width);
                (lane.name.as_str(), lane.segments.iter().map(of).collect::<Vec<_>>().join(", "))
            })
            .collect();
        assert_eq!(
            lanes,
            [
                ("system:primary", "fault 25.00+25.00".to_owned()),
                ("trunk:primary/1", "fault 75.00+25.00".to_owned()),
                ("phones of primary at secondary", "failover 30.00+36.67".to_owned()),
                (
                    "secondary, line to primary",
                    "line-orange 25.50+4.50, line-yellow 30.00+20.03, line-white 50.03+49.97".to_owned()
                ),
            ]
        );
        assert_eq!(drawing.ticks.last(), Some(&("1:00:00".to_owned(), 100)));
    }

    #[test]
    fn a_run_without_faults_has_no_timeline_to_draw() {
        let mut run = record();
        run.timeline = vec![entry(900.0, "event", "x", None)];
        assert!(draw(&run).is_none());
    }
}
