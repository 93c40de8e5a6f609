//! Latency distributions as `.hgrm` text, for HdrHistogram's plotters.

use super::file::write_whole;
use crate::measure::LatencyHistogram;
use std::io::{self, Write};
use std::path::Path;

/// Writes every distribution of every profile, each under a comment line that names it.
///
/// # Errors
/// The file cannot be written.
pub fn write_hdr(path: &Path, histograms: &[(String, &LatencyHistogram)]) -> io::Result<()> {
    write_whole(path, |out| {
        for (profile, histogram) in histograms {
            writeln!(
                out,
                "#[Profile = {profile}, Latency = {}, Unit = {}]",
                histogram.name(),
                histogram.unit()
            )?;
            histogram.write_hgrm(out)?;
        }
        Ok(())
    })
}
