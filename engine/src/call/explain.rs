//! Why digits mean what they do, for a copy of a system that explains itself.

use super::route::Dialler;
use crate::dialplan::{Pattern, PatternKind};
use crate::number::Number;
use crate::plan::{Code, CodeTable, Entry, Local};
use crate::system::System;
use crate::trace::{Lost, Owner, Step, Table, losers};

impl System {
    /// Whose number the digits are, and which codes match them too.
    pub(super) fn explain_number(&self, dialler: Dialler, number: Number, entry: Entry) -> Step {
        let owner = match entry.local {
            Local::User(_) => Owner::User,
            Local::HuntGroup(_) => Owner::HuntGroup,
            Local::Room(_) => Owner::Conference,
        };
        let mut others = Vec::new();
        for (kind, table) in self.tables(dialler) {
            for (code, lost) in losers(&table.table, &number, None) {
                // `?` matches everything and says nothing.
                if lost != Lost::Default {
                    others.push((kind, code));
                }
            }
        }
        Step::Directory { number, system: entry.system, owner, others }
    }

    /// The tables that digits are looked up in, in their order.
    fn tables(&self, dialler: Dialler) -> Vec<(Table, &CodeTable)> {
        let mut tables = Vec::new();
        match dialler {
            Dialler::User(user) => {
                let settings = self.settings(user);
                tables.extend(settings.short_codes.as_deref().map(|t| (Table::User, t)));
                tables.extend(settings.rights_short_codes.as_deref().map(|t| (Table::UserRights, t)));
            }
            Dialler::Line(line) => {
                let table = self.plan.line_short_codes.get(line.index()).and_then(Option::as_ref);
                tables.extend(table.map(|t| (Table::Line, t)));
            }
            Dialler::System => {}
        }
        tables.push((Table::System, &self.plan.short_codes));
        tables
    }

    /// Which table the code that counts stands in, and what else matches the digits.
    pub(super) fn explain_code(
        &self,
        dialler: Dialler,
        digits: &Number,
        code: &Code,
        pattern: &Pattern,
    ) -> Step {
        let tables = self.tables(dialler);
        let stands_in = |table: &CodeTable| table.codes.iter().any(|c| std::ptr::eq(c, code));
        let place = tables.iter().position(|(_, table)| stands_in(table)).unwrap_or(0);
        let mut others = Vec::new();
        for (n, (kind, table)) in tables.iter().enumerate() {
            let winner = (n == place).then_some(pattern);
            for (code, lost) in losers(&table.table, digits, winner) {
                // A second `?` loses to the first one only.
                let is_default = pattern.kind() == PatternKind::Default;
                others.push((*kind, code, if is_default { Lost::LaterTable } else { lost }));
            }
        }
        let (table, code_text) = (tables[place].0, pattern.to_string());
        Step::ShortCode { table, digits: *digits, code: code_text, feature: code.feature, others }
    }
}
