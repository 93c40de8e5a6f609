//! The Telephone Number field of a short code: what it sends.

use super::extras::{CallingNumber, CallingSource, Extras, Sections, Tone};
use super::field_parser;
use super::telephone_number_error::TelephoneNumberError;
use super::template::{Source, Template};
use crate::number::Number;

/// A parsed Telephone Number field (DOMAIN 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelephoneNumber {
    pub(super) digits: Template,
    pub(super) sending_complete: bool,
    pub(super) extras: Option<Box<Extras>>,
}

/// What a match sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produced<'t> {
    /// The called number.
    pub digits: Number,
    /// The calling number.
    pub calling: CallingNumber,
    /// `;`: no digits will follow.
    pub sending_complete: bool,
    /// What else the field says.
    pub extras: Option<&'t Extras>,
    /// Digits for elsewhere, in the rare code that has any.
    pub sections: Option<Box<Sections>>,
}

impl TelephoneNumber {
    /// Parses a Telephone Number field; empty is allowed and produces no digits.
    ///
    /// # Errors
    /// See [`TelephoneNumberError`].
    pub fn parse(text: &str) -> Result<Self, TelephoneNumberError> {
        field_parser::parse(text)
    }

    /// Whether it depends on what the user has dialled last, or was called from last.
    #[must_use]
    pub fn asks_for_last_numbers(&self) -> bool {
        let extras = self.extras.iter().flat_map(|extras| {
            let calling = match &extras.calling {
                CallingSource::Replace(template) => Some(template),
                CallingSource::Unchanged | CallingSource::PassThrough => None,
            };
            let tones = extras.tones.as_ref().map(|(_, template)| template);
            [calling, extras.sub_address.as_ref(), extras.keypad.as_ref(), tones].into_iter().flatten()
        });
        std::iter::once(&self.digits).chain(extras).any(Template::asks_for_last_numbers)
    }

    /// What the field says besides digits that any match has.
    #[must_use]
    pub fn extras(&self) -> Option<&Extras> {
        self.extras.as_deref()
    }

    /// What a match sends; `None` if one of its numbers has more than [`MAX_DIGITS`](crate::limits::MAX_DIGITS). Plain
    /// fields allocate nothing.
    #[must_use]
    pub fn produce(&self, source: &Source<'_>) -> Option<Produced<'_>> {
        let digits = self.digits.fill(source)?;
        let sending_complete = self.sending_complete;
        let Some(extras) = &self.extras else {
            let calling = CallingNumber::Unchanged;
            return Some(Produced { digits, calling, sending_complete, extras: None, sections: None });
        };
        let calling = match &extras.calling {
            CallingSource::Unchanged => CallingNumber::Unchanged,
            CallingSource::Replace(template) => CallingNumber::Replaced(template.fill(source)?),
            CallingSource::PassThrough => CallingNumber::PassThrough,
        };
        let sections = sections(extras, source)?;
        Some(Produced { digits, calling, sending_complete, extras: Some(extras), sections })
    }
}

/// `Some(None)` if there are none, `None` if one is too long.
fn sections(extras: &Extras, source: &Source<'_>) -> Option<Option<Box<Sections>>> {
    if extras.sub_address.is_none() && extras.keypad.is_none() && extras.tones.is_none() {
        return Some(None);
    }
    let fill = |template: &Option<Template>| match template {
        Some(template) => template.fill(source).map(Some),
        None => Some(None),
    };
    let tones = match &extras.tones {
        Some((after, template)) => Some((*after, tones(&template.fill(source)?))),
        None => None,
    };
    Some(Some(Box::new(Sections {
        sub_address: fill(&extras.sub_address)?,
        keypad: fill(&extras.keypad)?,
        tones,
    })))
}

fn tones(text: &Number) -> Box<[Tone]> {
    text.as_bytes().iter().map(|&c| if c == b',' { Tone::Pause } else { Tone::Digit(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{CallingName, Pattern, Presentation, TonesAfter};
    use super::*;
    use crate::time::Duration;

    /// Calls `check` with what `dialled` sends by `code`.
    fn with(code: &str, field: &str, dialled: &str, check: impl FnOnce(Option<Produced<'_>>)) {
        let pattern = Pattern::parse(code).expect("test code");
        let field = TelephoneNumber::parse(field).expect("test telephone number");
        let number = |text| Number::new(text).expect("test digits");
        let (dialled, extension) = (number(dialled), number("201"));
        let (last_dialled, last_received) = (number("5551"), number("5552"));
        let source = Source {
            last_dialled: &last_dialled,
            last_received: &last_received,
            ..Source::new(&pattern, &dialled, &extension)
        };
        check(field.produce(&source));
    }

    fn digits(code: &str, field: &str, dialled: &str) -> Option<String> {
        let mut digits = None;
        with(code, field, dialled, |p| digits = p.map(|p| p.digits.as_str().to_owned()));
        digits
    }

    #[test]
    fn substitutes_what_the_code_matched() {
        for (code, field, dialled, sent) in [
            ("9N", "N", "95551234", "5551234"),
            ("9N", ".", "95551234", "95551234"),
            ("0N;", "0N", "0044", "0044"),
            ("XN;", "N", "5551234", "5551234"),
            ("*14*N#", "N;", "*14*201#", "201"),
            ("60X", "7N7", "605", "757"),
            ("6X1X", "N", "6415", "45"),
            ("6X1N2", "N", "6419992", "4999"),
            ("8", "123\"N\"E", "8", "123N201"),
            ("8", "l*L", "8", "5551*5552"),
            ("8", "", "8", ""),
            ("9N", "N\"@example.com\"", "9555", "555"),
            ("9N", "NSE", "9555", "555"),
            ("9N", "K12C.", "9555", "9555"),
            ("9N", "WNp(2)t(5)h(1)r(3)", "9555", "555"),
        ] {
            assert_eq!(digits(code, field, dialled).as_deref(), Some(sent), "{code} {field}");
        }
    }

    #[test]
    fn too_many_digits_are_no_number() {
        assert_eq!(digits("9N", "N0", &"9".repeat(31)).map(|n| n.len()), Some(31));
        assert_eq!(digits("9N", "NN", &"9".repeat(31)), None);
        assert_eq!(digits("9N", "NS..", &"9".repeat(31)), None);
        assert_eq!(digits("9N", "N@..", &"9".repeat(31)), None);
    }

    #[test]
    fn a_plain_field_has_nothing_else() {
        with("9N;", "0N;", "9555", |p| {
            let expected = Produced {
                digits: Number::new("0555").expect("digits"),
                calling: CallingNumber::Unchanged,
                sending_complete: true,
                extras: None,
                sections: None,
            };
            assert_eq!(p, Some(expected));
        });
    }

    #[test]
    fn calling_number() {
        let number = |text| CallingNumber::Replaced(Number::new(text).expect("digits"));
        for (field, calling, national, presentation) in [
            ("NS4420E", number("4420201"), false, Presentation::Unchanged),
            ("NSi4420E", number("4420201"), true, Presentation::Unchanged),
            ("SSN", CallingNumber::PassThrough, false, Presentation::Unchanged),
            ("NSSi", CallingNumber::PassThrough, true, Presentation::Unchanged),
            ("WN", CallingNumber::Unchanged, false, Presentation::Withheld),
            ("NS12A", number("12"), false, Presentation::Allowed),
        ] {
            with("9N", field, "9555", |p| {
                let p = p.expect("short enough");
                let extras = p.extras.expect("it says more");
                assert_eq!((p.calling, extras.national), (calling, national), "{field}");
                assert_eq!((extras.presentation, p.digits.as_str()), (presentation, "555"), "{field}");
            });
        }
    }

    #[test]
    fn everything_else_that_a_field_says() {
        with("9N", "NIh(4)p(3)t(90)r(2)Z\"A b\"", "9555", |p| {
            let expected = Extras {
                name: Some(CallingName::Fixed("A b".into())),
                priority: Some(3),
                limit: Some(Duration::from_secs(5_400)),
                music: Some(4),
                ring_plan: Some("2".into()),
                information_packet: true,
                ..Extras::default()
            };
            assert_eq!(p.and_then(|p| p.extras), Some(&expected));
        });
        with("9N", "UCN\"@a.example\"", "9555", |p| {
            let expected = Extras {
                name: Some(CallingName::OfUser),
                host: Some("a.example".into()),
                called_field: true,
                ..Extras::default()
            };
            assert_eq!(p.and_then(|p| p.extras), Some(&expected));
            assert_eq!(expected.name.as_ref().map(|n| n.resolve("Ann")), Some("Ann"));
        });
    }

    #[test]
    fn digits_for_elsewhere() {
        with("9N", "N@12K*3DE,,#", "9555", |p| {
            let expected = Sections {
                sub_address: Number::new("12").ok(),
                keypad: Number::new("*3").ok(),
                tones: Some((TonesAfter::Connect, tones(&Number::from_bytes(b"201,,#").expect("short")))),
            };
            let p = p.expect("short enough");
            assert_eq!(p.digits.as_str(), "555");
            assert_eq!(p.sections.as_deref(), Some(&expected));
        });
        with("9N", "1YN,", "9555", |p| {
            let tones = [b"555".map(Tone::Digit).as_slice(), &[Tone::Pause]].concat();
            let expected = Sections {
                tones: Some((TonesAfter::Progress, tones.into_boxed_slice())),
                ..Sections::default()
            };
            assert_eq!(p.and_then(|p| p.sections).as_deref(), Some(&expected));
        });
    }
}
