//! Exit codes: a contract with the scripts that call busyhour.

use crate::report::Verdict;

/// What the process says to its caller, from best to worst: of several runs the worst one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// 0: every target met, every check held, every planned call started.
    Pass,
    /// 4: void; the generator or the clock was the limit, or the runs are not comparable.
    Void,
    /// 3: a regression against the baseline.
    Regression,
    /// 1: a target missed or a check failed. It outranks void: what was found stays found.
    Missed,
    /// 2: usage, or a file that does not validate.
    Usage,
    /// 130: interrupted, with a partial result.
    Interrupted,
}

impl ExitCode {
    /// The number for the operating system.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Missed => 1,
            Self::Usage => 2,
            Self::Regression => 3,
            Self::Void => 4,
            Self::Interrupted => 130,
        }
    }

    /// The worst of `codes`; [`ExitCode::Pass`] if there are none.
    #[must_use]
    pub fn worst(codes: impl IntoIterator<Item = Self>) -> Self {
        codes.into_iter().max().unwrap_or(Self::Pass)
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Missed,
            Verdict::Void => Self::Void,
            Verdict::Partial => Self::Interrupted,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_run_decides() {
        let code = |verdicts: &[Verdict]| ExitCode::worst(verdicts.iter().map(|&v| v.into())).number();
        assert_eq!(code(&[]), 0);
        assert_eq!(code(&[Verdict::Pass, Verdict::Pass]), 0);
        assert_eq!(code(&[Verdict::Pass, Verdict::Void]), 4);
        assert_eq!(code(&[Verdict::Fail, Verdict::Void]), 1);
        assert_eq!(code(&[Verdict::Fail, Verdict::Partial]), 130);
    }
}
