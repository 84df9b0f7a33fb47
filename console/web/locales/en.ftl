# Lenke's console, English. Every language has the same messages; tests/browser checks it.

## Brand, pages, settings
brand = Lenke
title = { $page } – Lenke
title-login = Sign in – Lenke
title-alert = Alert
nav = Main menu
nav-triage = Monitoring
nav-admin = Administration
skip = Skip to the main content
page-missing = There is no such page.
loading = Loading …
close = Close
cancel = Cancel
dismiss = Dismiss this message
notices = Messages
language = Language
language-en = English
language-nb = Norsk bokmål
language-nn = Norsk nynorsk
language-da = Dansk
language-se = Davvisámegiella
scheme-to-light = Change to light colours
scheme-to-dark = Change to dark colours
sound = Sound for critical alerts
sound-is-on = Sound is on. Press to mute.
sound-is-off = Sound is off. Press to switch it on.
sound-waits = Sound starts with your next click or key.
role-operator = Operator
role-administrator = Administrator

## Signing in
sign-in = Sign in
signing-in = Signing in …
sign-out = Sign out
sign-in-intro = Monitoring centre. Sign in with your own account.
sign-in-notice = What you look at and what you do is logged.
user-name = User name
password = Password
sign-in-wrong = The user name or password is wrong. Check both and try again.
sign-in-incomplete = Fill in both user name and password.
sign-in-wait = Too many attempts. Wait a moment and try again.
sign-in-unavailable = The centre does not answer. Try again in a moment.

## Errors
error-unreachable = The centre does not answer. Trying again …
error-network = The centre does not answer, so nothing was changed. Try again.
error-still-active = The condition still holds, so the alert can only be closed as excused or as a false alert.
error-refused = That is not possible now: { $detail }
error-forbidden = Your role does not allow this.
error-signed-out = You have been signed out.
error-server = Something went wrong: { $detail }
conflict = This alert was changed before you by { $actor }. It is now: { $state }. Your change was not made.
conflict-retry = Somebody else changed the alert in the meantime. Read it again, then repeat or cancel.

## Header
figure-unacknowledged = Not taken
figure-overdue = Overdue
figure-open = Open
figure-rate = Last 10 min
figure-tags = Tags
live = Live
stale = Not live
stale-banner = Nothing has been heard from the centre for { $age }. What you see may no longer be true. Reconnecting …
centre-time = The centre's time
speed = { $factor }× speed
speed-hint = The centre's time runs faster than real time.

## Queue
queue = Alert queue
queue-counts = { $raised } not taken, { $taken } in progress
queue-empty = No open alerts.
queue-waiting = { $count ->
    [one] { $count } new waiting
   *[other] { $count } new waiting
 }
column-priority = Priority
column-event = Alert
column-deadline = Deadline
column-owner = Taken by
acknowledge = Acknowledge
overdue = overdue
time-left = Share of the time to respond that is left
taken-ago = { $time } ago
owner-me = You
flag-late = late data
flag-ended = ended
flag-escalated = escalated
announce-new = New alert, { $priority }: { $kind }, { $wearer }.
announce-overdue = Overdue, { $priority }: { $kind }, { $wearer }.
incoming = New { $priority }: { $kind }, { $wearer }
priority-label = Priority
priority = { $priority ->
    [P1] Critical
    [P2] High
    [P3] Medium
   *[P4] Low
 }
state-raised = Not taken
state-acknowledged = In progress
state-resolved = Resolved
actor-system = the system

## Alert
back-to-queue = Back to the queue
alert-missing = There is no such alert.
open-alert = Open
note = Note
resolve = Resolve
next-step = Next:
surety = Certainty
last-fix = Last position
battery = Battery
device = Device
ago = { $time } ago
after = { $time } after it happened
no-open-alert = No open alert for this wearer.
order-number = Order { $number }
why-title = Why this alert
condition-holds = Still going on
condition-ended = No longer going on
occurrences = Happened { $count } times
escalation = Escalated, step { $step }
fact-occurred = Happened
fact-raised = Raised
fact-ended = Ended
fact-rule = Rule
fact-zone = Zone
fact-surety = Certainty
zone-version = { $id }, version { $version }
zone-unnamed = the zone
evidence = Evidence
evidence-count = { $count ->
    [one] Evidence: { $count } position
   *[other] Evidence: { $count } positions
 }
evidence-none = This alert does not rest on positions.
evidence-time = Taken
evidence-accuracy = Accuracy
evidence-distance = Boundary
evidence-probability = Inside
evidence-frame = Report
inside-by = { $distance } inside
outside-by = { $distance } outside
timeline = What has happened
change-raised = Raised by { $actor }
change-acknowledged = Taken by { $actor }
change-noted = Note by { $actor }
change-ended = The condition no longer holds
change-ended-permitted = Permitted by permission { $id } ({ $reason }) until { $to }
change-recurred = It happened again
change-escalated = Nobody took it in time: escalated
change-resolved = Resolved by { $actor }: { $outcome }
permission-work = work
permission-school = school
permission-health = health
permission-court = court or police
permission-family = family
permission-other = other
resolved-line = This alert is resolved.
outcome = Outcome
outcome-handled = Handled
outcome-handled-hint = It was true and has been dealt with.
outcome-excused = Excused
outcome-excused-hint = It was true, but permitted or unavoidable.
outcome-false_alert = False alert
outcome-false_alert-hint = The technology was wrong.
outcome-police = Passed to the police
outcome-police-hint = The police have taken over.
note-title = Write a note
note-text = Note
save-note = Save note
resolve-title = Resolve the alert
resolve-text = What was done, and why
resolve-still-active = The condition still holds. Until it ends, only “Excused” or “False alert” can close this alert.
resolve-needs-outcome = Choose an outcome.
text-needed = Write a few words; they are part of the record.

## Kinds of alert
kind-exclusion_breach = Inside exclusion zone
kind-exclusion_approach = Near exclusion zone
kind-exclusion_transit = Passed through exclusion zone
kind-curfew_absent = Not home at curfew
kind-curfew_left_early = Left home during curfew
kind-curfew_late_return = Came home late
kind-curfew_not_returned = Has not come home
kind-curfew_unknown = Curfew cannot be confirmed
kind-victim_proximity = Close to protected person
kind-victim_approach = Approaching protected person
kind-protection_blind = Protection not working
kind-strap_tamper = Strap opened
kind-case_tamper = Case opened
kind-panic = Panic button
kind-battery_low = Battery low
kind-battery_critical = Battery critical
kind-communication_failure = No contact with tag
kind-location_failure = No position
kind-signal_tamper = Signals disturbed
kind-security_event = Security event

## Why, by the reason's code
reason-inside_surely = One position lay { $depth_m } inside “{ $zone }”. Its accuracy taken into account, the probability that the wearer was inside is { $probability }.
reason-inside_repeatedly = { $hits } of the last { $window } positions lay inside “{ $zone }”, the latest { $depth_m } from its boundary.
reason-in_buffer = The wearer is { $distance_m } from “{ $zone }”, within its { $buffer_m } warning strip, but not inside.
reason-path_crossed = The straight line between two positions outside runs for { $chord_m } through “{ $zone }”. At constant speed the wearer was inside from { $entered_at } to { $left_at }.
reason-not_home = The curfew began at { $curfew_from } with a grace of { $grace_s }. { $has_distance_m ->
    [yes] The last position was { $distance_m } from home.
   *[no] There is no position to tell where the wearer was.
 }
reason-came_late = The curfew began at { $curfew_from }. The wearer came home { $late_s } late.
reason-left_home = The curfew holds until { $curfew_to }, but the wearer is { $distance_m } from home.
reason-no_evidence = For { $silent_s } nothing has told whether the wearer is at home or not.
reason-near_victim = The wearer is within { $within_m } of the protected person{ $victim }; the ring is { $ring_m }. { $has_contact_s ->
    [yes] At this speed they meet in { $contact_s }.
   *[no] The distance is not shrinking.
 }
reason-blind = The protected person{ $victim } cannot be protected now. { $has_victim_age_s ->
    [yes] The last position of the protected person's unit is { $victim_age_s } old.
   *[no] The protected person's unit has no position.
 } { $has_wearer_age_s ->
    [yes] The last position of the tag is { $wearer_age_s } old.
   *[no] The tag has no position.
 }
reason-device_reported = The device itself reported this: { $kind }. Only a person can clear it.
reason-battery = The battery is at { $percent } %. { $has_empty_at ->
    [yes] It will be empty at about { $empty_at }.
   *[no] It cannot be told yet when it will be empty.
 }
reason-silent = { $has_last_heard ->
    [yes] The tag was last heard at { $last_heard }.
   *[no] The tag has never been heard.
 } The plan allows { $allowed_s } of silence.
reason-no_fix = The tag is heard but sends no usable position. { $has_last_fix ->
    [yes] The last one is from { $last_fix }.
   *[no] There has never been one.
 } The plan allows { $allowed_s }.
reason-refused = The centre refused a report that should not exist: { $rule }.
reason-unknown = The reason has the code “{ $code }”, which this page does not know yet.

## What is usually done next
next-victim = Call the wearer at once. If there is no answer, alert the protected person and the police.
next-blind = Call the protected person and make sure of their safety, then restore the missing device.
next-exclusion = Call the wearer and ask them to leave the area. Watch the trail for the next positions.
next-curfew = Call the wearer. Check permissions and transport before you treat it as a breach.
next-tamper = Call the wearer and ask what happened. Arrange an inspection of the tag; it stays open until then.
next-panic = Call the protected person at once and alert the police.
next-battery = Ask the wearer to charge the tag now.
next-contact = Call the wearer: charging, coverage, place. If silent for long, arrange a visit.
next-other = Read the evidence, then decide who must know.

## Map
map = Map of positions, zones and open alerts
zoom-in = Zoom in
zoom-out = Zoom out
legend = Legend
legend-tag = Position
legend-old = Old position
legend-trail = Trail, last 2 hours
legend-gap = Gap in the trail
legend-exclusion = Exclusion zone
legend-inclusion = Inclusion zone
legend-evidence = Evidence with accuracy
map-tip = { $wearer } · { $age } ago · ± { $accuracy }

## Keys
keys-title = Keyboard shortcuts
key-move = Move in the queue
key-ends = First and last alert
key-acknowledge = Acknowledge
key-note = Write a note
key-resolve = Resolve
key-open = Open the alert
key-back = Back to the queue
key-keys = Show these keys
keys-on = Use single letter keys
keys-on-hint = Switch off if you use speech input.

## Administration
admin-title = Administration
admin-forbidden = This page is for administrators. Ask one of them if you need access.
admin-unavailable = The figures could not be read. Trying again …
admin-counters = Reports
admin-store = Stored
admin-queues = Queues
admin-alerts = Alerts found, by kind
admin-console = Console
admin-rejections = Refused reports
admin-rejections-intro = By reason, since the centre started
admin-no-rejections = Nothing has been refused.
admin-quarantine = Quarantine
admin-quarantine-intro = The latest refused reports, as they came
admin-no-quarantine = Quarantine is empty.
admin-headroom = Room left
admin-headroom-intro = How far the limits of the database and the disk are used up
limit-what = Limit
limit-used = Used
limit-detail = In detail
limit-act = Act now: { $limit } is { $used } used up.
limit-look = Look at it: { $limit } is { $used } used up.
limit-transaction-ids = Transaction ids
limit-multixact-ids = Multixact ids
limit-connections = Connections
limit-row-ids = Row ids
limit-downlink-epochs = Downlink epochs
limit-partitions-ahead = Partitions ahead
limit-background-jobs = Background jobs
limit-file-size = File size
limit-disk-of-the-data-folder = Disk of the data folder
admin-audit = Audit log
admin-audit-intro = Who looked at what, and who did what. Your search is written down too.
audit-subject = About (a wearer such as W-00042, or all)
audit-actor = By
audit-from = From
audit-to = To (not included)
audit-search = Search
audit-time = Time
audit-action = What
audit-object = About
audit-detail = Why, or how
audit-none = No entries fit.
audit-more = Older entries
counter-received = Received
counter-stored = Stored
counter-duplicate = Duplicates
counter-late = Late
counter-lost = Lost
counter-rejected = Refused
counter-fixes = Positions
counter-alerts = Alerts
counter-frames = Reports
counter-sightings = Radio sightings
counter-events = Device events
counter-quarantined = In quarantine
counter-wearers = Wearers
counter-devices = Devices
counter-zones = Zones
counter-health = Health reports
counter-alerts-open = Open alerts
counter-recovered = Recovered at start
counter-unaccepted = Not accepted
counter-acked = Confirmed
counter-downlinks = Sent to devices
counter-downlinks-dropped = Not sent to devices
counter-quarantine-dropped = Dropped from quarantine
counter-unevaluated = Not evaluated
counter-commits-retried = Writes tried again
counter-connections = Connections
counter-connections-refused = Connections refused
counter-takeovers = Connections taken over
counter-broker-sessions-lost = Broker sessions lost
counter-speed = Speed of the clock
counter-sessions = People signed in
counter-streams = Live streams
rejection-reason = Reason
rejection-count = Number
rejection-meaning = What it means
quarantine-time = Received
quarantine-source = Source
quarantine-detail = Details
quarantine-bytes = Bytes
rejection-garbage = Not a report
rejection-garbage-why = The bytes are not in the report format at all: a broken device or somebody trying.
rejection-truncated = Cut short
rejection-truncated-why = The report ends before its content does.
rejection-oversized = Too large
rejection-oversized-why = Larger than any report may be.
rejection-unknown_device = Unknown device
rejection-unknown_device-why = No device with this id is enrolled.
rejection-wrong_key = Wrong key
rejection-wrong_key-why = The seal does not fit the device's key: forged, or enrolled wrongly.
rejection-undecodable = Unreadable content
rejection-undecodable-why = The seal is right, but the content breaks the format: a fault in the device's program.
rejection-bad_checkpoint = Checkpoint not signed
rejection-bad_checkpoint-why = A checkpoint's signature is not the device's own.
rejection-chain_break = Hash chain broken
rejection-chain_break-why = What the device signed is not the chain of the frames that came, or a frame before others never came.
rejection-replayed = Replayed
rejection-replayed-why = A report that was stored and confirmed long ago was sent again.
rejection-conflicting_bytes = Other content under a known number
rejection-conflicting_bytes-why = A report with this number was taken before with other content. It never happens by accident.
rejection-clock_ahead = Clock ahead
rejection-clock_ahead-why = The times in it lie in the future.
rejection-before_enrolment = Before enrolment
rejection-before_enrolment-why = The times in it lie before the device was enrolled.
rejection-foreign_topic = Another device's topic
rejection-foreign_topic-why = A device sent on a topic that belongs to another one.
rejection-no_activation = Nobody wears it
rejection-no_activation-why = At that time the device was not assigned to anybody.
rejection-unknown-why = A reason that this page does not know yet.

## Compliance account
account-title = Compliance, the last { $days } days
account-show = Show the account
account-notice = Looking at it is logged.
account-failed = The account cannot be read at the moment. Try again.
account-none = No tag was activated in these days.
account-clean = All of it was compliant.
account-part = { $state } { $time }
account-compliant = Compliant
account-exempt = Exempt
account-unknown = Unknown
account-violating = Violating
account-uncertain = without evidence
account-from = From
account-to = To
account-state = State
account-cause = Cause
account-more = { $count ->
    [one] One more is not shown.
   *[other] { $count } more are not shown.
}
account-cause-permitted = Permission
account-cause-not_fitted = No tag activated
account-cause-not_watched = The centre did not watch
account-cause-nothing_heard = Nothing heard since
account-cause-silent = The tag was silent
account-cause-unplaced = No usable position
account-cause-blind = Protected person not seen
account-cause-strap_open = Strap open
account-cause-inside = Inside an exclusion zone
account-cause-crossed = Through an exclusion zone
account-cause-away = Away from home
account-cause-near = Close to a protected person
