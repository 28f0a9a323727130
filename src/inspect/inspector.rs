//! Collects what is found about credentials.

use crate::credentials::Credentials;
use crate::inspect::finding::{Finding, Severity};
use crate::reason::Reason;

/// The credentials that are looked at, the moment that counts as now, and what was found.
pub(super) struct Inspector {
    pub(super) given: Credentials,
    pub(super) now: i64,
    pub(super) findings: Vec<Finding>,
}

impl Inspector {
    pub(super) fn new(given: Credentials, now: i64) -> Self {
        Self { given, now, findings: Vec::new() }
    }

    /// Puts the worst first and removes duplicates.
    #[inline(never)]
    fn find(&mut self, severity: Severity, reason: Reason) {
        let finding = Finding { severity, message: reason.message(), code: reason.code, values: reason.values };
        if self.findings.iter().all(|before| before.message != finding.message) {
            let at = self.findings.partition_point(|before| before.severity as u8 <= finding.severity as u8);
            self.findings.insert(at, finding);
        }
    }

    pub(super) fn error(&mut self, reason: Reason) {
        self.find(Severity::Error, reason);
    }

    pub(super) fn warning(&mut self, reason: Reason) {
        self.find(Severity::Warning, reason);
    }

    pub(super) fn note(&mut self, reason: Reason) {
        self.find(Severity::Note, reason);
    }
}
