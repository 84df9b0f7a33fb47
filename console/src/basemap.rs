//! Map tiles from the archive that travels in the program: nobody outside learns which places are looked at.

use crate::{assets::Web, console::App, extract::InPath, problem::Problem};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use pmtiles::{AsyncBackend, AsyncPmTilesReader, BackendResponse, Compression, PmtResult, TileCoord};
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc};
use tokio::sync::OnceCell;

/// Where the archive lies among the page files.
const ARCHIVE: &str = "basemap/nordic.pmtiles";

/// A day: tiles change only with a new program.
const CACHING: &str = "private, max-age=86400";

/// The archive's bytes.
struct Embedded(Bytes);

impl AsyncBackend for Embedded {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let end = start.saturating_add(length).min(self.0.len());
        Ok(BackendResponse::new(self.0.slice(start..end)))
    }
}

type Archive = AsyncPmTilesReader<Embedded>;

/// The base map, opened when the first tile is asked for.
#[derive(Default)]
pub(crate) struct BaseMap(OnceCell<Option<Archive>>);

impl BaseMap {
    async fn archive(&self) -> Option<&Archive> {
        self.0.get_or_init(open).await.as_ref()
    }
}

async fn open() -> Option<Archive> {
    let Some(file) = Web::get(ARCHIVE) else {
        tracing::warn!("there is no base map in this program: maps have no background");
        return None;
    };
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    match AsyncPmTilesReader::try_from_source(Embedded(bytes)).await {
        Ok(archive) => Some(archive),
        Err(error) => {
            tracing::error!(%error, "the base map cannot be read: maps have no background");
            None
        }
    }
}

/// A tile's address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct TileAddress {
    z: u8,
    x: u32,
    y: u32,
}

/// A vector tile; 204 where there is none.
pub(crate) async fn tile(
    State(app): State<Arc<App>>,
    InPath(TileAddress { z, x, y }): InPath<TileAddress>,
) -> Result<Response, Problem> {
    let coord =
        TileCoord::new(z, x, y).map_err(|_| Problem::field("z", "there is no such tile at this zoom"))?;
    let absent = || (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, CACHING)]).into_response();
    let Some(archive) = app.basemap.archive().await else { return Ok(absent()) };
    let tile = archive.get_tile(coord).await.unwrap_or_else(|error| {
        tracing::error!(%error, z, x, y, "a tile of the base map cannot be read");
        None
    });
    let Some(tile) = tile else { return Ok(absent()) };
    let kind =
        [(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile"), (header::CACHE_CONTROL, CACHING)];
    let mut response = (kind, tile).into_response();
    if archive.get_header().tile_compression == Compression::Gzip {
        let gzip = axum::http::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}
