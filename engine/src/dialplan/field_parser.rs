//! Parses a Telephone Number field.

use super::extras::{CallingName, CallingSource, Extras, Presentation, TonesAfter};
use super::telephone_number::TelephoneNumber;
use super::telephone_number_error::TelephoneNumberError as Error;
use super::template::{Place, Template};
use crate::limits::{MAX_CALL_LIMIT, MAX_TELEPHONE_NUMBER};
use crate::number::is_number_character;
use crate::time::Duration;
use std::str::Chars;

pub(super) fn parse(text: &str) -> Result<TelephoneNumber, Error> {
    if text.len() > MAX_TELEPHONE_NUMBER {
        return Err(Error::TooLong(text.len()));
    }
    let body = text.strip_suffix(';').unwrap_or(text);
    let mut parser = Parser {
        rest: body.chars(),
        digits: Template::EMPTY,
        extras: Extras::default(),
        section: Section::Digits,
    };
    while let Some(c) = parser.rest.next() {
        parser.take(c)?;
    }
    let extras = (parser.extras != Extras::default()).then(|| Box::new(parser.extras));
    Ok(TelephoneNumber { digits: parser.digits, sending_complete: body.len() < text.len(), extras })
}

/// Where digits go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Digits,
    Calling,
    SubAddress,
    Keypad,
    Tones,
}

struct Parser<'t> {
    rest: Chars<'t>,
    digits: Template,
    extras: Extras,
    section: Section,
}

impl Parser<'_> {
    fn take(&mut self, c: char) -> Result<(), Error> {
        if let Some(place) = Place::of(c) {
            self.template().push_place(place);
            return Ok(());
        }
        match c {
            '0'..='9' | '*' | '#' | '+' => self.template().push(c as u8),
            ',' if self.section == Section::Tones => self.template().push(b','),
            ',' => return Err(Error::PauseOutsideTones),
            ';' => return Err(Error::SemicolonInside),
            '"' => self.quotation()?,
            'A' => self.extras.presentation = Presentation::Allowed,
            'W' => self.extras.presentation = Presentation::Withheld,
            'I' => self.extras.information_packet = true,
            'U' => self.extras.name = Some(CallingName::OfUser),
            'Z' => self.extras.name = Some(CallingName::Fixed(self.name()?)),
            'S' | 'C' | '@' | 'K' | 'D' | 'Y' => self.begin(c)?,
            'h' => self.extras.music = Some(self.parameter(c, 4)? as u8),
            'p' => self.extras.priority = Some(self.parameter(c, 3)? as u8),
            't' => self.extras.limit = Some(Duration::from_secs(60 * self.parameter(c, MAX_CALL_LIMIT)?)),
            'r' => self.extras.ring_plan = Some(self.parentheses(c)?.into()),
            'i' => return Err(Error::TypeWithoutCalling),
            _ => return Err(Error::BadCharacter(c)),
        }
        Ok(())
    }

    /// The template that digits go to now.
    fn template(&mut self) -> &mut Template {
        let extras = &mut self.extras;
        match (self.section, &mut extras.calling) {
            (Section::Calling, CallingSource::Replace(template)) => template,
            (Section::SubAddress, _) => extras.sub_address.get_or_insert(Template::EMPTY),
            (Section::Keypad, _) => extras.keypad.get_or_insert(Template::EMPTY),
            (Section::Tones, _) => &mut extras.tones.get_or_insert((TonesAfter::Connect, Template::EMPTY)).1,
            (Section::Digits | Section::Calling, _) => &mut self.digits,
        }
    }

    /// Begins the section of `letter`.
    fn begin(&mut self, letter: char) -> Result<(), Error> {
        let extras = &mut self.extras;
        let twice = match letter {
            'S' => extras.calling != CallingSource::Unchanged,
            '@' => extras.sub_address.is_some(),
            'K' => extras.keypad.is_some(),
            'C' => extras.called_field,
            _ => extras.tones.is_some(),
        };
        if twice {
            return Err(Error::Twice(letter));
        }
        match letter {
            'S' => self.begin_calling(),
            '@' => {
                (extras.sub_address, self.section) = (Some(Template::EMPTY), Section::SubAddress);
            }
            'K' => (extras.keypad, self.section) = (Some(Template::EMPTY), Section::Keypad),
            'C' => (extras.called_field, self.section) = (true, Section::Digits),
            _ => {
                let after = if letter == 'D' { TonesAfter::Connect } else { TonesAfter::Progress };
                (extras.tones, self.section) = (Some((after, Template::EMPTY)), Section::Tones);
            }
        }
        Ok(())
    }

    /// `S` and the digits after it, or `SS`, which takes none; either may have an `i`.
    fn begin_calling(&mut self) {
        if self.skip('S') {
            self.extras.calling = CallingSource::PassThrough;
        } else {
            self.extras.calling = CallingSource::Replace(Template::EMPTY);
            self.section = Section::Calling;
        }
        self.extras.national = self.skip('i');
    }

    /// Takes the next character if it is `c`.
    fn skip(&mut self, c: char) -> bool {
        match self.rest.as_str().strip_prefix(c) {
            Some(rest) => {
                self.rest = rest.chars();
                true
            }
            None => false,
        }
    }

    /// Text up to `end`, which is taken too.
    fn until(&mut self, end: char) -> Option<&str> {
        let (text, rest) = self.rest.as_str().split_once(end)?;
        self.rest = rest.chars();
        Some(text)
    }

    fn quotation(&mut self) -> Result<(), Error> {
        let section = self.section;
        let text = self.until('"').ok_or(Error::OpenQuote)?.to_owned();
        if let Some(host) = text.strip_prefix('@').filter(|_| section == Section::Digits) {
            if host.is_empty()
                || !host.chars().all(|c| is_number_character(c) || matches!(c, ':' | '[' | ']'))
            {
                return Err(Error::BadHost);
            }
            if self.extras.host.replace(host.into()).is_some() {
                return Err(Error::Twice('@'));
            }
            return Ok(());
        }
        if let Some(c) = text.chars().find(|&c| !is_number_character(c)) {
            return Err(Error::NotSendable(c));
        }
        text.bytes().for_each(|c| self.template().push(c));
        Ok(())
    }

    fn name(&mut self) -> Result<Box<str>, Error> {
        if !self.skip('"') {
            return Err(Error::NameWithoutQuotes);
        }
        self.until('"').map(Into::into).ok_or(Error::OpenQuote)
    }

    fn parentheses(&mut self, letter: char) -> Result<&str, Error> {
        if !self.skip('(') {
            return Err(Error::ParameterMissing(letter));
        }
        self.until(')').filter(|text| !text.is_empty()).ok_or(Error::ParameterMissing(letter))
    }

    /// A number from 1 to `most` in parentheses.
    fn parameter(&mut self, letter: char, most: u64) -> Result<u64, Error> {
        let value = self.parentheses(letter)?.parse().unwrap_or(0);
        if value == 0 || value > most { Err(Error::Parameter { letter, most }) } else { Ok(value) }
    }
}
