//! Where the systems of a network stand in its drawing: hubs in the middle, the rest in a circle around them.

use crate::report::{NetworkShape, RunRecord, SystemShape};
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

/// The drawing's width and height; room for names all around.
const SIZE: f64 = 560.0;
const RADIUS: f64 = 170.0;
/// Letters of a name that are shown; all of them stand in its tooltip.
const MOST_LETTERS: usize = 16;
/// Systems on the circle whose names have room to stand level, beside them.
const FEW: usize = 8;

/// A network to be drawn.
pub(super) struct Drawing {
    pub(super) title: String,
    /// The part of the plane that is drawn on.
    pub(super) view_box: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// A system.
pub(super) struct Node {
    pub(super) label: String,
    pub(super) tooltip: String,
    /// What it is and how it fared, as classes of the style sheet.
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    /// Where its name stands and how it is turned.
    pub(super) text: TextPlace,
}

/// Where a name stands.
pub(super) struct TextPlace {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) anchor: &'static str,
    pub(super) turn: String,
}

/// Lines between two systems.
pub(super) struct Edge {
    pub(super) from: (String, String),
    pub(super) to: (String, String),
    pub(super) tooltip: String,
}

/// The place of a system: in the middle, or at an angle on the circle.
#[derive(Clone, Copy)]
enum Place {
    Hub(f64, f64),
    Rim(f64),
}

impl Place {
    fn point(self) -> (f64, f64) {
        let middle = SIZE / 2.0;
        match self {
            Self::Hub(x, y) => (x, y),
            Self::Rim(angle) => (middle + RADIUS * libm::cos(angle), middle + RADIUS * libm::sin(angle)),
        }
    }
}

/// How the names of systems on the circle stand.
#[derive(Clone, Copy)]
enum Names {
    Level,
    Outwards,
}

/// Draws the network as it was run: a system that was lost, and one that refused calls, look so.
pub(super) fn draw(shape: &NetworkShape, record: &RunRecord) -> Drawing {
    let lost: BTreeSet<&str> = record.failovers.iter().map(|f| f.system.as_str()).collect();
    let blocking: BTreeSet<&str> =
        record.resources.iter().filter(|r| r.blocked > 0).map(|r| r.system.as_str()).collect();
    let places = places(&shape.systems);
    let on_rim = places.iter().filter(|place| matches!(place, Place::Rim(_))).count();
    let names = if on_rim <= FEW { Names::Level } else { Names::Outwards };
    let view_box = view_box(&places, names);
    let mut nodes = Vec::with_capacity(places.len());
    let mut by_name = BTreeMap::new();
    for (system, place) in shape.systems.iter().zip(places) {
        let (state, words) = match system.name.as_str() {
            name if lost.contains(name) => (State::Lost, ", lost during the run"),
            name if blocking.contains(name) => (State::Blocking, ", calls were blocked here"),
            _ => (State::Well, ""),
        };
        by_name.insert(system.name.as_str(), place);
        nodes.push(node(system, (place, names), state, words));
    }
    let edge = |line: &crate::report::LineShape| {
        let at = |n: usize| by_name.get(line.between[n].as_str()).map(|place: &Place| pair(place.point()));
        let tooltip = format!("{} – {}: {} channels", line.between[0], line.between[1], line.channels);
        Some(Edge { from: at(0)?, to: at(1)?, tooltip })
    };
    Drawing {
        title: format!(
            "{}: {} systems, {} pairs with lines",
            shape.name,
            shape.systems.len(),
            shape.lines.len()
        ),
        view_box,
        edges: shape.lines.iter().filter_map(edge).collect(),
        nodes,
    }
}

#[derive(Clone, Copy)]
enum State {
    Well,
    Blocking,
    Lost,
}

fn node(system: &SystemShape, (place, names): (Place, Names), state: State, words: &str) -> Node {
    let (x, y) = place.point();
    let class = match (place, state) {
        (_, State::Lost) => "node lost",
        (_, State::Blocking) => "node blocking",
        (Place::Hub(..), State::Well) => "node hub",
        (Place::Rim(_), State::Well) => "node",
    };
    let letters = system.name.chars().count();
    let label = if letters > MOST_LETTERS {
        system.name.chars().take(MOST_LETTERS - 1).chain(['…']).collect()
    } else {
        system.name.clone()
    };
    let tooltip = format!(
        "{} ({}): {} users, {} trunk channels{words}",
        system.name, system.role, system.users, system.trunk_channels
    );
    Node { label, tooltip, class, x: tenth(x), y: tenth(y), text: text_place(place, names) }
}

/// Everything, but no empty space above and below a network of few systems.
fn view_box(places: &[Place], names: Names) -> String {
    let (top, bottom) = match names {
        Names::Outwards => (0.0, SIZE),
        Names::Level => {
            let heights = || places.iter().map(|place| place.point().1);
            (heights().fold(SIZE, f64::min) - 30.0, heights().fold(0.0, f64::max) + 45.0)
        }
    };
    format!("0 {} {SIZE} {}", tenth(top), tenth(bottom - top))
}

/// Names of hubs stand below them; those on the circle beside it, or pointing outwards, never upside down.
fn text_place(place: Place, names: Names) -> TextPlace {
    let (x, y) = place.point();
    match place {
        Place::Hub(..) => TextPlace { x: tenth(x), y: tenth(y + 30.0), anchor: "middle", turn: "0".into() },
        Place::Rim(angle) => {
            let middle = SIZE / 2.0;
            let (cos, sin) = (libm::cos(angle), libm::sin(angle));
            if let Names::Level = names {
                let (anchor, x) = if cos < -1e-9 { ("end", x - 14.0) } else { ("start", x + 14.0) };
                return TextPlace { x: tenth(x), y: tenth(y), anchor, turn: "0".into() };
            }
            let degrees = angle * 360.0 / TAU;
            let (anchor, turn) = if cos < -1e-9 { ("end", degrees - 180.0) } else { ("start", degrees) };
            let out = RADIUS + 16.0;
            TextPlace {
                x: tenth(middle + out * cos),
                y: tenth(middle + out * sin),
                anchor,
                turn: tenth(turn),
            }
        }
    }
}

fn places(systems: &[SystemShape]) -> Vec<Place> {
    let is_hub = |s: &SystemShape| s.role == "primary" || s.role == "secondary" || systems.len() == 1;
    let (hubs, rim) =
        (systems.iter().filter(|s| is_hub(s)).count(), systems.iter().filter(|s| !is_hub(s)).count());
    let middle = SIZE / 2.0;
    let (mut hub, mut spoke) = (0, 0);
    let mut next = |system: &SystemShape| {
        if is_hub(system) {
            hub += 1;
            let offset = f64::from(2 * hub - 1 - hubs as i32) * 60.0;
            Place::Hub(middle + offset, middle)
        } else {
            spoke += 1;
            // From the top, clockwise; half a step on, so that no name stands straight up where two would meet.
            Place::Rim((f64::from(spoke) - 0.5) / rim as f64 * TAU - TAU / 4.0)
        }
    };
    systems.iter().map(&mut next).collect()
}

fn pair((x, y): (f64, f64)) -> (String, String) {
    (tenth(x), tenth(y))
}

fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_systems_are_drawn_without_empty_space_and_with_level_names() {
        let rim = |n: i32| Place::Rim((f64::from(n) + 0.5) / 3.0 * TAU - TAU / 4.0);
        let places = [Place::Hub(280.0, 280.0), rim(0), rim(1), rim(2)];
        // The highest stand half a radius above the middle, the lowest one a radius below it.
        assert_eq!(view_box(&places, Names::Level), "0 165.0 560 330.0");
        assert_eq!(view_box(&places, Names::Outwards), "0 0.0 560 560.0");
        assert!(places.iter().all(|&place| text_place(place, Names::Level).turn == "0"));
    }

    #[test]
    fn no_two_of_150_systems_stand_in_the_same_place() {
        let system = |n: usize| SystemShape {
            name: format!("s{n}"),
            role: ["primary", "secondary"].get(n).copied().unwrap_or("expansion").into(),
            users: 1,
            hunt_groups: 0,
            trunk_channels: 0,
        };
        let systems: Vec<_> = (0..150).map(system).collect();
        let points: BTreeSet<_> = places(&systems).into_iter().map(|p| pair(p.point())).collect();
        assert_eq!(points.len(), 150);
    }
}
