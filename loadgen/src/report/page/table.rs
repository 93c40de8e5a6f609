//! A table of a report as the templates show it.

/// Rows of text under headings; the first column names the row.
pub(super) struct TableView {
    pub(super) title: &'static str,
    /// Headings, and whether the figures under them stand to the right.
    pub(super) head: Vec<(&'static str, Column)>,
    pub(super) rows: Vec<Vec<String>>,
}

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Text,
    Figures,
}

impl Column {
    /// Class of the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Text => "what",
            Self::Figures => "n",
        }
    }
}

impl TableView {
    /// `None` without rows: a section without anything to say is absent.
    pub(super) fn of(
        title: &'static str,
        head: &[(&'static str, Column)],
        rows: Vec<Vec<String>>,
    ) -> Option<Self> {
        (!rows.is_empty()).then(|| Self { title, head: head.to_vec(), rows })
    }

    /// Cells of a row after the first, each with the class of its column.
    pub(super) fn cells<'t>(&'t self, row: &'t [String]) -> impl Iterator<Item = (&'static str, &'t str)> {
        self.head.iter().zip(row).skip(1).map(|((_, column), cell)| (column.class(), cell.as_str()))
    }
}
