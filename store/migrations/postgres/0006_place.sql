-- Place and time: cells of a hundredth of a degree, each in the order of time. A search of an area then reads what lies there
-- and not what everybody did meanwhile, however long the time. The program reckons the same cells (postgres/place.rs).
CREATE INDEX fix_place ON fix ((lat_e7 / 100000 * 4096 + lon_e7 / 100000), at);
