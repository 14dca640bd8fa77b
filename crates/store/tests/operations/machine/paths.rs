//! How often the rare paths were gone: a run that never went one shows nothing of it.

/// What has to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    Duplicate,
    LaneTakenOver,
    ClaimLost,
    Reaped,
    ReapedAndBuried,
    SuspectAlone,
    SuspectsTogether,
    RetryClaimed,
    LastAttempt,
    Released,
    ReleasedRetry,
    Effect,
}

impl Path {
    const ALL: [Self; 12] = [
        Self::Duplicate,
        Self::LaneTakenOver,
        Self::ClaimLost,
        Self::Reaped,
        Self::ReapedAndBuried,
        Self::SuspectAlone,
        Self::SuspectsTogether,
        Self::RetryClaimed,
        Self::LastAttempt,
        Self::Released,
        Self::ReleasedRetry,
        Self::Effect,
    ];
}

/// How often each was gone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Paths([u64; Path::ALL.len()]);

impl Paths {
    pub(super) const fn note(&mut self, path: Path, times: u64) {
        self.0[path as usize] += times;
    }

    pub(super) fn add(&mut self, others: &Self) {
        for (count, more) in self.0.iter_mut().zip(others.0) {
            *count += more;
        }
    }

    /// Tells how often each was gone.
    ///
    /// # Panics
    /// When one never was.
    pub(super) fn assert_all_gone(&self) {
        for (path, times) in Path::ALL.iter().zip(self.0) {
            eprintln!("{path:?}: {times}");
            assert!(times > 0, "no history went there: {path:?}");
        }
    }
}
