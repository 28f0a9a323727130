//! CloudFront's answer.
//!
//! Source of the codes, the messages and the body: *Troubleshoot signed URLs and cookies* of AWS re:Post
//! (<https://repost.aws/knowledge-center/cloudfront-troubleshoot-signed-url-cookies>), and answers that people published.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::credentials::Source;
use crate::policy::Policy;
use crate::reason::{Reason, ReasonCode};
use crate::values::Values;

/// CloudFront's answer. As JSON it is what `Verifier.verify` of the npm package returns: `allowed` and the members of [`Access`], or
/// of [`Denial`] with the status, the message and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request goes on to the content.
    Allowed(Access),
    /// The viewer gets status 403.
    Denied(Denial),
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Why a request is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Access {
    /// Where the credentials were.
    pub source: Source,
    /// The key that they were signed with.
    pub key_pair_id: String,
    /// The URL as it goes on to the content: without the signing parameters.
    pub url: String,
    /// The policy that allows it.
    pub policy: Policy,
    /// How many more seconds it is valid; at least 1.
    pub remaining: i64,
    /// What is accepted, but worth a look.
    pub warnings: Vec<String>,
    /// The same warnings for programs, in the same order. JSON leaves out an empty list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warning_details: Vec<Warning>,
}

/// Accepted, but worth a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// One sentence for people.
    pub message: String,
    /// The same for programs. Stable.
    pub code: ReasonCode,
    /// What was found, by the names of [`ReasonCode::sentence`].
    pub values: Values,
}

impl Warning {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { message: reason.message(), code: reason.code, values: reason.values }
    }
}

/// Why a request is denied: what CloudFront says, and the reason for whoever debugs it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial {
    /// CloudFront's code.
    pub code: DenialCode,
    /// What is wrong, for whoever debugs it. CloudFront does not tell the viewer; neither should you.
    pub reason: String,
    /// The same for programs: a stable code.
    pub reason_code: ReasonCode,
    /// What was found, by the names of [`ReasonCode::sentence`].
    pub values: Values,
}

impl Denial {
    pub(crate) fn new(code: DenialCode, reason: Reason) -> Self {
        Self { code, reason: reason.message(), reason_code: reason.code, values: reason.values }
    }

    /// The HTTP status of every denial.
    pub const STATUS: u16 = 403;

    /// The body that CloudFront sends with it, as `text/xml`.
    pub fn body(&self) -> String {
        self.code.body()
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Allowed<'a> {
            allowed: bool,
            #[serde(flatten)]
            access: &'a Access,
        }

        match self {
            Self::Allowed(access) => Allowed { allowed: true, access }.serialize(serializer),
            Self::Denied(denial) => {
                let mut members = serializer.serialize_struct("Denial", 8)?;
                members.serialize_field("allowed", &false)?;
                members.serialize_field("status", &Denial::STATUS)?;
                members.serialize_field("code", denial.code.as_str())?;
                members.serialize_field("message", denial.code.message())?;
                members.serialize_field("reason", &denial.reason)?;
                members.serialize_field("reasonCode", denial.reason_code.as_str())?;
                members.serialize_field("values", &denial.values)?;
                members.serialize_field("body", &denial.body())?;
                members.end()
            }
        }
    }
}

macro_rules! denial_codes {
    ($($(#[$meta:meta])* $variant:ident $message:literal,)*) => {
        /// CloudFront's own codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DenialCode {
            $($(#[$meta])* $variant,)*
        }

        impl std::fmt::Display for DenialCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl DenialCode {
            /// The code as it stands in the body.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// CloudFront's message for it.
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }

            /// The body that CloudFront sends with it, as `text/xml`.
            pub fn body(self) -> String {
                let (code, message) = (self.as_str(), self.message());
                format!(r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"#)
            }
        }
    };
}

denial_codes! {
    /// No key pair id, in the URL or in the cookies.
    MissingKey "Missing Key-Pair-Id query parameter or cookie value",
    /// The id is of no key in the group.
    InvalidKey "Unknown Key",
    /// The signature is missing or is not in CloudFront's Base64.
    MalformedSignature "Could not unencode Signature",
    /// The policy is missing, or is not one that CloudFront reads.
    MalformedPolicy "Malformed Policy",
    /// Everything else: signature, resource, time, address.
    AccessDenied "Access denied",
}
