//! Reads CloudFront's standard access logs, decides each request as CloudFront should have, and summarises.
//!
//! Source: AWS, *Standard logging reference*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>). Columns are found by name:
//! older logs have fewer of them, and version 2 lets you choose them.
//!
//! ```
//! use countersign::access_log::{Chunks, Judge, Summary};
//!
//! let log = "#Version: 1.0\n#Fields: date time c-ip cs-method cs(Host) cs-uri-stem sc-status cs-uri-query time-taken cs-protocol\n\
//!            2030-01-01\t00:10:00\t192.0.2.1\tGET\td111111abcdef8.cloudfront.net\t/film.mp4\t403\t\
//!            Expires=1893456000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F\t0.001\thttps\n";
//! let judge = Judge::without_keys();
//! let mut summary = Summary::default();
//! for chunk in Chunks::new(log.as_bytes())? {
//!     for (line, record) in chunk?.records() {
//!         summary.add(0, line, record.map(|record| (judge.judge(&record), record)));
//!     }
//! }
//! assert_eq!(summary.refused_because()[0].0.reason_code, "expired");
//! # Ok::<(), std::io::Error>(())
//! ```

mod address;
mod chunks;
mod columns;
mod escapes;
mod judge;
mod record;
mod seen;
mod summary;

pub use address::shortened;
pub use chunks::{Chunk, Chunks};
pub use columns::{Column, Columns, LEGACY_COLUMNS};
pub use escapes::escaped;
pub use judge::{Edge, Judge, Judged, Verdict};
pub use record::{Record, Unreadable};
pub use summary::{Because, Count, Example, KeyPair, Link, Summary, Tally};
