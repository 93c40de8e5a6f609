//! Puts a value into the text of a TOML file, wherever the key stands or would stand; everything else stays as it is.

use super::key_path::{Chosen, KeyPath, Segment};
use std::ops::Range;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// Why a value cannot be put where a path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The part of the path that does not fit the file.
    pub(super) span: Range<usize>,
    /// In words.
    pub(super) message: String,
    /// What stands there instead.
    pub(super) known: Vec<String>,
}

/// Sets the key that `path` means, in every element that it chooses. Tables on the way that are not there are made, elements
/// of lists are not.
pub(super) fn set(document: &mut DocumentMut, path: &KeyPath, value: &Value) -> Result<(), Misfit> {
    set_in(document.as_table_mut(), &path.segments, value)
}

fn set_in(table: &mut dyn TableLike, path: &[Segment], value: &Value) -> Result<(), Misfit> {
    let Some((segment, rest)) = path.split_first() else { return Ok(()) };
    let Some(chosen) = &segment.chosen else {
        if rest.is_empty() {
            put(table, &segment.key, value);
            return Ok(());
        }
        let is_new = !table.contains_key(&segment.key);
        if is_new {
            table.insert(&segment.key, Item::Table(toml_edit::Table::new()));
        }
        let inner = table.get_mut(&segment.key).and_then(Item::as_table_like_mut);
        let inner =
            inner.ok_or_else(|| misfit(segment, format!("{:?} is no table", segment.key), Vec::new()))?;
        return set_in(inner, rest, value);
    };
    let known: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    let no_list = || misfit(segment, format!("there is no list {:?}", segment.key), known);
    let found = match table.get_mut(&segment.key).ok_or_else(no_list)? {
        Item::ArrayOfTables(tables) => {
            let elements = tables.iter_mut().map(|table| table as &mut dyn TableLike);
            set_in_chosen(elements, chosen, rest, value)?
        }
        Item::Value(Value::Array(array)) if rest.is_empty() => set_elements(array, chosen, value),
        Item::Value(Value::Array(array)) => {
            let elements = array.iter_mut().filter_map(Value::as_inline_table_mut);
            set_in_chosen(elements.map(|table| table as &mut dyn TableLike), chosen, rest, value)?
        }
        Item::None | Item::Value(_) | Item::Table(_) => 0,
    };
    if found > 0 { Ok(()) } else { Err(misfit(segment, format!("there is no {segment}"), Vec::new())) }
}

/// Keeps the blanks and the comment around a value that was there.
fn put(table: &mut dyn TableLike, key: &str, value: &Value) {
    let mut value = value.clone();
    if let Some(Item::Value(before)) = table.get(key) {
        *value.decor_mut() = before.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// How many elements there were.
fn set_in_chosen<'t>(
    elements: impl Iterator<Item = &'t mut dyn TableLike>,
    chosen: &Chosen,
    rest: &[Segment],
    value: &Value,
) -> Result<usize, Misfit> {
    let mut found = 0;
    for (place, element) in elements.enumerate() {
        if is_chosen(place, Some(element), chosen) {
            found += 1;
            set_in(element, rest, value)?;
        }
    }
    Ok(found)
}

fn set_elements(array: &mut toml_edit::Array, chosen: &Chosen, value: &Value) -> usize {
    let places: Vec<usize> = (0..array.len()).filter(|place| is_chosen(*place, None, chosen)).collect();
    for &place in &places {
        array.replace(place, value.clone());
    }
    places.len()
}

fn is_chosen(place: usize, element: Option<&dyn TableLike>, chosen: &Chosen) -> bool {
    match chosen {
        Chosen::Every => true,
        Chosen::Place(wanted) => place == *wanted,
        Chosen::Where(pairs) => element.is_some_and(|table| {
            pairs.iter().all(|(key, wanted)| {
                table.get(key).and_then(Item::as_value).is_some_and(|value| says(value, wanted))
            })
        }),
    }
}

/// Whether a value is this text, or is written so.
fn says(value: &Value, wanted: &str) -> bool {
    match value.as_str() {
        Some(text) => text == wanted,
        None => value.to_string().trim() == wanted,
    }
}

fn misfit(segment: &Segment, message: String, known: Vec<String>) -> Misfit {
    Misfit { span: segment.span.clone(), message, known }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# ours
[load]
bhcc = 100 # as measured
talk = { distribution = "exponential", mean = "2m" }

[[load.stream]]
name = "in" # first
weight = 1

[[load.stream]]
name = "out"

[targets]
"calls.dropped" = "== 0"
list = [1, 2]
line = [{ number = 1, channels = 5 }, { number = 2 }]
"#;

    fn set_text(path: &str, value: &str) -> Result<String, String> {
        let mut document: DocumentMut = TEXT.parse().expect("it is TOML");
        let path = KeyPath::parse(path).expect("it is a path");
        let value: Value = value.parse().expect("it is a value");
        set(&mut document, &path, &value).map_err(|misfit| misfit.message)?;
        Ok(document.to_string())
    }

    fn check(path: &str, value: &str, was: &str, becomes: &str) {
        assert!(TEXT.contains(was), "{was}");
        assert_eq!(set_text(path, value), Ok(TEXT.replacen(was, becomes, 1)), "{path}");
    }

    #[test]
    fn a_value_changes_where_it_stands_and_nothing_else_does() {
        check("load.bhcc", "250", "bhcc = 100 #", "bhcc = 250 #");
        check("load.talk.mean", "\"3m\"", "mean = \"2m\"", "mean = \"3m\"");
        check("load.talk", "\"3m\"", "{ distribution = \"exponential\", mean = \"2m\" }", "\"3m\"");
        check("load.stream[name=in].weight", "7", "weight = 1", "weight = 7");
        check("load.stream[0].weight", "7", "weight = 1", "weight = 7");
        check("targets.\"calls.dropped\"", "\"== 1\"", "== 0", "== 1");
        check("targets.list[1]", "9", "[1, 2]", "[1, 9]");
        check("targets.line[number=1].channels", "6", "channels = 5", "channels = 6");
    }

    #[test]
    fn a_key_that_is_not_there_is_added() {
        check("load.stream[name=out].weight", "2", "name = \"out\"\n", "name = \"out\"\nweight = 2\n");
        check("load.seed", "5", "mean = \"2m\" }\n", "mean = \"2m\" }\nseed = 5\n");
        check("targets.line[number=2].channels", "6", "{ number = 2 }", "{ number = 2 , channels = 6 }");
        let both = set_text("load.stream[*].pick", "\"random\"").expect("there are two");
        assert_eq!(both.matches("pick = \"random\"").count(), 2, "{both}");
        let table = set_text("profile.name", "\"x\"").expect("a table can be made");
        assert!(table.contains("[profile]\nname = \"x\""), "{table}");
        let root = set_text("event", "[{ at = \"1m\" }]").expect("a key can be made");
        assert!(root.parse::<DocumentMut>().is_ok_and(|document| document["event"].is_array()), "{root}");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(set_text("load.stream[name=x].weight", "1"), Err("there is no stream[name=x]".into()));
        assert_eq!(set_text("load.stream[2].weight", "1"), Err("there is no stream[2]".into()));
        assert_eq!(set_text("load.bhcc.x", "1"), Err("\"bhcc\" is no table".into()));
        assert_eq!(set_text("line[0].channels", "1"), Err("there is no list \"line\"".into()));
        assert_eq!(set_text("load[0].bhcc", "1"), Err("there is no load[0]".into()));
    }
}
