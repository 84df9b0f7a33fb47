//! Errors as RFC 9457 problem documents: what went wrong, in words, and which field of the request it was.
//!
//! Invariant: nothing internal (SQL, paths, other people's data) stands in a problem; it is logged where it happened.

use axum::{
    extract::rejection::{PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lenke_store::StoreError;
use serde::Serialize;
use std::{borrow::Cow, time::Duration};
use utoipa::ToSchema;

/// What can go wrong, with the status and the words that never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No session, or an ended one.
    NotSignedIn,
    /// Name or password are wrong.
    WrongCredentials,
    /// The role does not allow it.
    Forbidden,
    /// A change without our header, or from another site.
    ForeignRequest,
    /// No such thing.
    NotFound,
    /// The path exists, the method does not.
    Method,
    /// A parameter or body field does not hold what it should.
    InvalidField,
    /// The body is not JSON.
    InvalidBody,
    /// The body is not declared as JSON.
    MediaType,
    /// The body is too long.
    TooLarge,
    /// The alert's life does not allow the action.
    Refused,
    /// Too many failed logins, or too many streams.
    TooMany,
    /// Something the answer needs does not work at the moment.
    Unavailable,
}

impl Fault {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not-signed-in", "Sign in first"),
            Self::WrongCredentials => {
                (StatusCode::UNAUTHORIZED, "wrong-credentials", "Name or password are wrong")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this"),
            Self::ForeignRequest => {
                (StatusCode::FORBIDDEN, "foreign-request", "The request does not come from the console")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This path does not take this method")
            }
            Self::InvalidField => (StatusCode::BAD_REQUEST, "invalid-field", "A field is not valid"),
            Self::InvalidBody => (StatusCode::BAD_REQUEST, "invalid-body", "The body is not valid JSON"),
            Self::MediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::Refused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "refused", "The alert does not allow this now")
            }
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many attempts"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "This does not work at the moment")
            }
        }
    }
}

/// An error as every endpoint answers it, `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:lenke:problem:invalid-field")]
    kind: String,
    /// The kind of problem in words.
    title: &'static str,
    /// HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// This occurrence in words.
    detail: Cow<'static, str>,
    /// The field, parameter or header at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "expected_version")]
    field: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of this kind, with this occurrence in words.
    pub(crate) fn new(fault: Fault, detail: impl Into<Cow<'static, str>>) -> Self {
        let (status, slug, title) = fault.parts();
        Self {
            kind: format!("urn:lenke:problem:{slug}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            retry_after: None,
        }
    }

    /// A parameter or body field that does not hold what it should.
    pub(crate) fn field(name: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Fault::InvalidField, detail).at(name)
    }

    /// Names the field, parameter or header at fault.
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when it is worth trying again.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The kind's name, as metrics count it.
    pub(crate) fn slug(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        metrics::counter!("console_problems_total", "problem" => self.slug().to_owned()).increment(1);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        Self::new(Fault::Unavailable, "the database does not answer; try again in a moment")
            .retry_after(Duration::from_secs(2))
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        use axum::extract::path::ErrorKind;
        let PathRejection::FailedToDeserializePathParams(failure) = &rejection else {
            return Self::new(Fault::NotFound, "the path has no such parameter");
        };
        let kind = failure.kind();
        if let ErrorKind::DeserializeError { key, message, .. } = kind {
            return Self::field(key.clone(), message.clone());
        }
        if let ErrorKind::ParseErrorAtKey { key, expected_type, .. } = kind {
            return Self::field(key.clone(), format!("expected {expected_type}"));
        }
        if let ErrorKind::InvalidUtf8InPathParam { key } = kind {
            return Self::field(key.clone(), "not UTF-8");
        }
        Self::field("path", kind.to_string())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        // The rejection keeps its cause only as text: `<what failed>: <parameter>: <why>`.
        let cause =
            std::error::Error::source(&rejection).map_or_else(|| rejection.body_text(), ToString::to_string);
        match cause.split_once(": ") {
            Some((name, why)) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                Self::field(name, why.to_owned())
            }
            _ => match quoted(&cause) {
                Some(name) => Self::field(name.to_owned(), cause),
                None => Self::field("query", cause),
            },
        }
    }
}

/// What stands between the first two back quotes, as in ``missing field `text` ``.
pub(crate) fn quoted(message: &str) -> Option<&str> {
    message.split('`').nth(1).filter(|name| !name.is_empty())
}
