// The shapes of the HTTP API that the pages use.

export type Priority = "P1" | "P2" | "P3" | "P4";
export type AlertState = "raised" | "acknowledged" | "resolved";
export type Outcome = "handled" | "excused" | "false_alert" | "police";
export type Role = "operator" | "administrator";

export interface Place { lat: number; lon: number }
export interface Frame { epoch: number; seq: number }

export type Reason =
  | { code: "inside_surely"; probability: number; depth_m: number }
  | { code: "inside_repeatedly"; hits: number; window: number; depth_m: number }
  | { code: "in_buffer"; distance_m: number; buffer_m: number }
  | { code: "path_crossed"; chord_m: number; entered_at: number; left_at: number }
  | { code: "not_home"; distance_m: number | null; curfew_from: number; grace_s: number }
  | { code: "came_late"; late_s: number; curfew_from: number }
  | { code: "left_home"; distance_m: number; curfew_to: number }
  | { code: "no_evidence"; silent_s: number }
  | { code: "near_victim"; within_m: number; ring_m: number; contact_s: number | null }
  | { code: "blind"; victim_age_s: number | null; wearer_age_s: number | null }
  | { code: "device_reported"; value: number }
  | { code: "battery"; percent: number; empty_at: number | null }
  | { code: "silent"; last_heard: number | null; allowed_s: number }
  | { code: "no_fix"; last_fix: number | null; allowed_s: number }
  | { code: "refused"; rule: string };

export interface Evidence {
  device: string;
  frame: Frame;
  at: number;
  position: Place;
  accuracy_m: number;
  signed_distance_m: number | null;
  probability: number | null;
}

export interface Explanation {
  rule: string;
  reason: Reason;
  zone: { id: string; version: number; name: string } | null;
  fixes: Evidence[];
}

export type PermissionReason = "work" | "school" | "health" | "court" | "family" | "other";
export interface PermissionRef { id: number; reason: PermissionReason; to: number }

export type Change =
  | { change: "raised" | "acknowledged" | "recurred" | "escalated" }
  | { change: "ended"; permission?: PermissionRef }
  | { change: "noted"; text: string }
  | { change: "resolved"; outcome: Outcome; text: string };

export interface TimelineEntry { at: number; actor: string; what: Change; version: number }

export interface Alert {
  id: string;
  wearer: string;
  order: number;
  kind: string;
  victim: string | null;
  priority: Priority;
  state: AlertState;
  active: boolean;
  occurrences: number;
  escalation: number;
  late: boolean;
  occurred_at: number;
  raised_at: number;
  deadline_at: number;
  ended_at: number | null;
  owner: string | null;
  position: Place | null;
  explanation: Explanation;
  version: number;
  timeline: TimelineEntry[];
}

export interface LastPosition {
  wearer: string;
  device: string;
  at: number;
  received_at: number;
  lat: number;
  lon: number;
  accuracy_m: number;
  speed_m_s: number;
  battery_percent: number | null;
}

export interface TrailFix { at: number; lat: number; lon: number; accuracy_m: number; late: boolean }

export type ComplianceState = "compliant" | "exempt" | "unknown" | "violating";
export type ComplianceTotals = Record<`${ComplianceState | "uncertain"}_ms`, number>;
export interface ComplianceStretch { from: number; to: number; state: ComplianceState; cause: string; uncertain: boolean }
export interface ComplianceDay { date: string; begins: number; ends: number; totals: ComplianceTotals; stretches: ComplianceStretch[] }
export interface ComplianceLine { clause: string; rule: string; zone_name: string | null; totals: ComplianceTotals; stretches: ComplianceStretch[] }
export interface Compliance { from: number; to: number; totals: ComplianceTotals; days: ComplianceDay[]; lines: ComplianceLine[] }

export interface ZoneProperties {
  id: string;
  version: number;
  name: string;
  kind: "exclusion" | "inclusion";
  buffer_m: number;
  shared: boolean;
  wearer: string | null;
  holds_now: boolean;
}
export interface ZoneFeature { type: "Feature"; id: number; properties: ZoneProperties; geometry: GeoJSON.Geometry }
export interface ZoneFeatures { type: "FeatureCollection"; features: ZoneFeature[] }

export interface Me { name: string; display: string; role: Role }

export interface Headroom {
  what: string;
  used: number;
  level: "good" | "warn" | "bad";
  detail: string;
}

export interface AdminStatus {
  headroom?: Headroom[];
  counters?: Record<string, unknown>;
  rejections?: Record<string, number>;
  [section: string]: unknown;
}

export interface Quarantined {
  received_at: number;
  source: string;
  device: string | null;
  reason: string;
  detail: string;
  bytes_hex: string;
}

export interface AuditEntry {
  seq: number;
  at: number;
  actor: string;
  action: string;
  object: string;
  detail: string;
  hash: string;
}

/** `[wearer number, lon, lat, accuracy_m, at, device, epoch, seq]` */
export type LiveRow = [number, number, number, number, number, string, number, number];
export interface ClockEvent { now: number; speed: number }

/** RFC 9457 */
export interface Problem { type: string; title: string; status: number; detail?: string; field?: string }
