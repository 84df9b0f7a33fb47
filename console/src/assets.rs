//! The pages: embedded in a release, read from `web/` in a debug build. Everything is revalidated by ETag, except
//! vendored files whose path names their version.

use crate::problem::{Fault, Problem};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::{borrow::Cow, fmt::Write as _};

/// Page files.
#[derive(rust_embed::RustEmbed)]
#[folder = "web/"]
pub(crate) struct Web;

/// What every path of the single page shows.
const INDEX: &str = "index.html";

/// Under these lies nothing that a browser needs.
const HIDDEN: [&str; 2] = ["basemap/", "node_modules/"];

const REVALIDATE: &str = "no-cache";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Answers any path that nobody else takes: a file, or the page itself for paths without a file's ending.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::new(Fault::Method, "pages are only read").at("method").into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let path = if is_page { INDEX } else { path };
    let hidden =
        path.split('/').any(|part| part.starts_with('.')) || HIDDEN.iter().any(|h| path.starts_with(h));
    match Web::get(path).filter(|_| !hidden) {
        Some(file) => answer(path, file, &headers),
        None => Problem::new(Fault::NotFound, "there is no such page").at("path").into_response(),
    }
}

fn answer(path: &str, file: rust_embed::EmbeddedFile, request: &HeaderMap) -> Response {
    let etag = etag(&file.metadata.sha256_hash());
    let caching = if names_its_version(path) { IMMUTABLE } else { REVALIDATE };
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.trim_start_matches("W/") == etag
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.data {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        ([(header::CONTENT_TYPE, content_type(path, file.metadata.mimetype()))], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// 128 bits of the content's hash, quoted.
fn etag(hash: &[u8; 32]) -> String {
    let mut tag = hash.iter().take(16).fold(String::from("\""), |mut tag, byte| {
        // Writing into a `String` cannot fail.
        let _written = write!(tag, "{byte:02x}");
        tag
    });
    tag.push('"');
    tag
}

/// Text with its encoding; endings that the table of types does not know.
fn content_type(path: &str, guessed: &str) -> String {
    match path.rsplit('.').next().unwrap_or_default() {
        "ftl" => "text/plain; charset=utf-8".to_owned(),
        "js" | "mjs" => "text/javascript; charset=utf-8".to_owned(),
        "webmanifest" => "application/manifest+json".to_owned(),
        _ if guessed.starts_with("text/") => format!("{guessed}; charset=utf-8"),
        _ => guessed.to_owned(),
    }
}

/// A vendored file with a version or a hash in its path, such as `vendor/lit-3.3.3.js` or `vendor/lit.3f2a91bc.js`:
/// another content has another path.
fn names_its_version(path: &str) -> bool {
    let Some(vendored) = path.strip_prefix("vendor/") else { return false };
    vendored.split('/').any(|part| {
        let mut pieces = part.split(['-', '@', '.']);
        let hashed = pieces.any(|piece| {
            let is_hex = piece.bytes().all(|b| b.is_ascii_hexdigit());
            piece.len() >= 8 && is_hex && piece.bytes().any(|b| b.is_ascii_digit())
        });
        hashed || part.split(['-', '@']).skip(1).any(is_version)
    })
}

/// Begins with three numbers: `3.3.3` or `3.3.3.js`.
fn is_version(text: &str) -> bool {
    let mut numbers = text.split('.');
    (0..3).all(|_| numbers.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vendored_paths_with_a_version_or_a_hash_are_kept_for_ever() {
        for path in
            ["vendor/lit-3.3.3.js", "vendor/maplibre-gl@6.17.0/maplibre-gl.js", "vendor/lit.3f2a91bc.js"]
        {
            assert!(names_its_version(path), "{path}");
        }
        for path in
            ["index.html", "js/lit-3.3.3.js", "vendor/lit.js", "vendor/3/lit.js", "vendor/deadbeef.js"]
        {
            assert!(!names_its_version(path), "{path}");
        }
    }

    #[test]
    fn types_of_text_name_their_encoding() {
        assert_eq!(content_type("a/main.js", "application/javascript"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("index.html", "text/html"), "text/html; charset=utf-8");
        assert_eq!(content_type("locales/nb.ftl", "application/octet-stream"), "text/plain; charset=utf-8");
        assert_eq!(content_type("fonts/inter.woff2", "font/woff2"), "font/woff2");
    }
}
