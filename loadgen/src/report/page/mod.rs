//! The report of records: one self-contained page of HTML, or Markdown for a pull request.

mod campaign_charts;
mod campaign_view;
mod charts;
mod drawing;
mod failure_view;
mod figures;
mod filters;
mod search_charts;
mod search_view;
mod table;
mod timeline_view;
mod view;

use super::document::Document;
use super::record::RunRecord;
use crate::campaign::CampaignRecord;
use crate::each_failure::FailureRecord;
use crate::search::SearchRecord;
use askama::Template;
use campaign_view::CampaignView;
use failure_view::EachFailureView;
use search_view::SearchView;
use std::io;
use view::{FailureRow, RunView, failures, run_id};

/// The whole page.
#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage<'a> {
    title: String,
    version: &'static str,
    campaigns: Vec<CampaignView<'a>>,
    searches: Vec<SearchView<'a>>,
    each_failure: Vec<EachFailureView<'a>>,
    runs: Vec<RunView<'a>>,
    failures: Vec<FailureRow<'a>>,
}

/// The page as a section of a pull request or of a build's summary.
#[derive(Template)]
#[template(path = "report.md")]
struct MarkdownPage<'a> {
    campaigns: Vec<CampaignView<'a>>,
    searches: Vec<SearchView<'a>>,
    each_failure: Vec<EachFailureView<'a>>,
    runs: Vec<RunView<'a>>,
    failures: Vec<FailureRow<'a>>,
}

/// Records by what is shown of them. The runs without any failure come after the others.
struct Contents<'a> {
    campaigns: Vec<&'a CampaignRecord>,
    searches: Vec<&'a SearchRecord>,
    each_failure: Vec<&'a FailureRecord>,
    runs: Vec<&'a RunRecord>,
}

impl<'a> Contents<'a> {
    fn of(documents: &'a [Document]) -> Self {
        Self {
            campaigns: documents.iter().filter_map(Document::campaign).collect(),
            searches: documents.iter().filter_map(Document::search).collect(),
            each_failure: documents.iter().filter_map(Document::each_failure).collect(),
            runs: documents.iter().filter_map(Document::run).collect(),
        }
    }

    fn baseline_id(&self, n: usize) -> String {
        run_id(self.runs.len() + n)
    }
}

/// The records as one HTML page that needs no network, no script and no other file.
///
/// # Errors
/// A chart could not be drawn.
pub fn html(documents: &[Document]) -> io::Result<String> {
    let contents = Contents::of(documents);
    let campaigns = contents.campaigns.iter().enumerate();
    let searches = contents.searches.iter().enumerate();
    let singles = contents.each_failure.iter().enumerate();
    let mut runs: Vec<RunView<'_>> =
        contents.runs.iter().enumerate().map(|(n, r)| RunView::of(n, r)).collect::<io::Result<_>>()?;
    for (n, record) in singles.clone() {
        let title = format!("{}, nothing made to fail", record.profile.name);
        runs.push(RunView { title, ..RunView::of(contents.runs.len() + n, &record.baseline)? });
    }
    let page = HtmlPage {
        title: title(documents),
        version: env!("CARGO_PKG_VERSION"),
        campaigns: campaigns.map(|(n, record)| CampaignView::of(n, record)).collect::<io::Result<_>>()?,
        searches: searches.map(|(n, record)| SearchView::of(n, record)).collect::<io::Result<_>>()?,
        each_failure: singles
            .map(|(n, record)| EachFailureView::of(n, contents.baseline_id(n), record))
            .collect::<io::Result<_>>()?,
        runs,
        failures: failures(&contents.runs),
    };
    page.render().map_err(io::Error::other)
}

fn title(documents: &[Document]) -> String {
    match documents {
        [Document::Run(run)] => run.profile.name.clone(),
        [Document::Search(search)] => format!("{}: search", search.profile.name),
        [Document::Campaign(record)] => format!("{}: campaign", record.campaign.name),
        [Document::EachFailure(record)] => format!("{}: one failure at a time", record.profile.name),
        several if several.iter().all(|document| document.run().is_some()) => {
            format!("{} runs", several.len())
        }
        several => format!("{} records", several.len()),
    }
}

/// The records as Markdown: verdicts, targets, what was lost and how to reproduce.
///
/// # Errors
/// None that depends on the records.
pub fn markdown(documents: &[Document]) -> io::Result<String> {
    let contents = Contents::of(documents);
    let campaigns = contents.campaigns.iter().enumerate();
    let searches = contents.searches.iter().enumerate();
    let singles = contents.each_failure.iter().enumerate();
    let page = MarkdownPage {
        campaigns: campaigns.map(|(n, record)| CampaignView::text_of(n, record)).collect(),
        searches: searches.map(|(n, record)| SearchView::text_of(n, record)).collect(),
        each_failure: singles
            .map(|(n, record)| EachFailureView::text_of(n, contents.baseline_id(n), record))
            .collect(),
        runs: contents.runs.iter().enumerate().map(|(n, run)| RunView::text_of(n, run)).collect(),
        failures: failures(&contents.runs),
    };
    page.render().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::profile::{Comparison, Target};
    use crate::report::{Conduct, Failover, LineShape, NetworkShape, SystemShape, TimelineEntry};

    /// A run with one of everything, some of it hostile to the form it is written in.
    fn everything() -> RunRecord {
        let mut run = record();
        run.profile.name = "a|b <script>alert(1)</script>".into();
        let system = |name: &str, role: &str| SystemShape {
            name: name.into(),
            role: role.into(),
            users: 100,
            hunt_groups: 2,
            trunk_channels: 60,
        };
        run.network = Some(NetworkShape {
            name: "net".into(),
            edition: "select".into(),
            systems: vec![system("primary", "primary"), system("<b>site</b>", "expansion")],
            lines: vec![LineShape { between: ["primary".into(), "<b>site</b>".into()], channels: 20 }],
        });
        run.timeline = vec![TimelineEntry {
            at_s: 1_200.0,
            kind: "fault".into(),
            system: "primary".into(),
            text: "power lost".into(),
            about: Some("system:primary".into()),
            status: None,
            count: None,
        }];
        run.failovers = vec![Failover {
            feature: "phones".into(),
            system: "primary".into(),
            backup: Some("<b>site</b>".into()),
            detected_s: Some(180.0),
            completed_s: None,
            failed_back_s: None,
            moved: 5,
            refused: 1,
            lost_settings: 0,
            lost_history: 0,
        }];
        let limit =
            |metric: &str| Target { metric: metric.into(), comparison: Comparison::AtMost, limit: 0.05 };
        run.conclude(&[limit("blocked_pct")], Conduct::Complete);
        run
    }

    #[test]
    fn nothing_in_a_record_becomes_markup() {
        let page = html(&[everything().into()]).expect("renders");
        assert!(!page.contains("<script") && !page.contains("<b>site"), "markup came through");
        assert!(page.contains("&#60;script") || page.contains("&lt;script"), "the name is there");
    }

    #[test]
    fn a_page_asks_nobody_for_anything() {
        let page = html(&[everything().into()]).expect("renders").replace("http://www.w3.org/2000/svg", "");
        for asking in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
            assert!(!page.contains(asking), "{asking}");
        }
    }

    #[test]
    fn replications_stand_with_their_intervals() {
        let mut runs = [1.0, 3.0].map(|blocked| {
            let mut run = record();
            run.metrics.blocked_pct = Some(blocked);
            run
        });
        crate::report::replicate(&mut runs);
        let page = html(&runs.map(Document::from)).expect("renders");
        // Student's t for one degree of freedom, 12.7062: far below zero, where no share is.
        assert!(page.contains("<th scope=\"row\">blocked_pct</th><td class=\"n\">2</td><td class=\"n\">0</td><td class=\"n\">14.71</td>"));
    }

    #[test]
    fn sections_without_anything_to_say_are_absent() {
        let (bare, full) =
            (html(&[record().into()]).expect("renders"), html(&[everything().into()]).expect("renders"));
        for section in ["The network", "What happened", "Failovers"] {
            assert!(!bare.contains(&format!(">{section}</h3>")), "{section}");
            assert!(full.contains(&format!(">{section}</h3>")), "{section}");
        }
        assert!(!full.contains("One failure at a time"), "one run is no comparison");
        let both = html(&[record().into(), everything().into()]).expect("renders");
        assert!(both.contains("One failure at a time"));
    }

    #[test]
    fn markdown_of_two_runs() {
        insta::assert_snapshot!(markdown(&[record().into(), everything().into()]).expect("renders"));
    }
}
