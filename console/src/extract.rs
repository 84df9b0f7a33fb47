//! Our own extractors: like axum's, but a rejection is a [`Problem`] that names the field.

use crate::problem::{Fault, Problem, quoted};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
    response::IntoResponse as _,
};
use serde::de::DeserializeOwned;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// Parameters of the path, as a struct.
pub(crate) struct InPath<T>(pub(crate) T);

/// Parameters of the query, as a struct.
pub(crate) struct InQuery<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = declared
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Problem::new(Fault::MediaType, "send `application/json`").at("content-type"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        parse(&bytes).map(Self)
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    // The status is the only part of the rejection's type that axum makes public.
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Fault::TooLarge, format!("at most {} bytes", crate::limits::BODY_BYTES_MAX))
        }
        _ => Problem::new(Fault::InvalidBody, "the body could not be read"),
    }
}

/// Reads JSON; an error in a field is told with the field's path, such as `position.lat`.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if !cause.is_data() {
            return Problem::new(Fault::InvalidBody, cause.to_string());
        }
        let message = cause.to_string();
        // A missing field is not on the path yet, but serde quotes it.
        let missing = quoted(&message).filter(|_| message.starts_with("missing field"));
        let field = match (missing, path.as_str()) {
            (Some(name), ".") => name.to_owned(),
            (Some(name), _) => format!("{path}.{name}"),
            (None, ".") => return Problem::new(Fault::InvalidBody, message),
            (None, _) => path,
        };
        Problem::field(field, message)
    })?;
    reader.end().map_err(|error| Problem::new(Fault::InvalidBody, error.to_string()))?;
    Ok(value)
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(Path::from_request_parts(parts, state).await?.0))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(Query::from_request_parts(parts, state).await?.0))
    }
}

/// Answer to a path under `/api` that nobody serves.
pub(crate) async fn unknown_path() -> Problem {
    Problem::new(Fault::NotFound, "the API has no such path; see /api/v1/openapi.json").at("path")
}

/// Answer to a method that a path does not take.
pub(crate) async fn unknown_method() -> axum::response::Response {
    Problem::new(Fault::Method, "see /api/v1/openapi.json").at("method").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the errors matter here")]
    struct Inner {
        depth: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the errors matter here")]
    struct Outer {
        version: u32,
        inner: Inner,
    }

    fn problem(body: &str) -> serde_json::Value {
        serde_json::to_value(parse::<Outer>(body.as_bytes()).unwrap_err()).unwrap()
    }

    #[test]
    fn body_errors_name_the_field_with_its_path() {
        for (body, field) in [
            (r#"{"version": "one", "inner": {"depth": 1}}"#, json!("version")),
            (r#"{"version": 1, "inner": {"depth": -1}}"#, json!("inner.depth")),
            (r#"{"version": 1, "inner": {}}"#, json!("inner.depth")),
            (r#"{"version": 1}"#, json!("inner")),
            (r#"{"version": 1, "inner": {"depth": 1}, "more": 2}"#, json!("more")),
            (r#"{"version": 1, "inner": {"depth": 1}"#, json!(null)),
            ("[]x", json!(null)),
            ("", json!(null)),
        ] {
            assert_eq!(problem(body)["field"], field, "{body}: {}", problem(body));
        }
    }
}
