# Lenkes konsol, dansk.

## Mærke, sider, indstillinger
brand = Lenke
title = { $page } – Lenke
title-login = Log ind – Lenke
title-alert = Alarm
nav = Hovedmenu
nav-triage = Overvågning
nav-admin = Administration
skip = Gå til hovedindholdet
page-missing = Siden findes ikke.
loading = Indlæser …
close = Luk
cancel = Annuller
dismiss = Fjern denne besked
notices = Beskeder
language = Sprog
language-en = English
language-nb = Norsk bokmål
language-nn = Norsk nynorsk
language-da = Dansk
language-se = Davvisámegiella
scheme-to-light = Skift til lyse farver
scheme-to-dark = Skift til mørke farver
sound = Lyd ved kritiske alarmer
sound-is-on = Lyden er slået til. Tryk for at slå den fra.
sound-is-off = Lyden er slået fra. Tryk for at slå den til.
sound-waits = Lyden starter ved næste klik eller tastetryk.
role-operator = Operatør
role-administrator = Administrator

## Log ind
sign-in = Log ind
signing-in = Logger ind …
sign-out = Log ud
sign-in-intro = Vagtcentral. Log ind med din egen konto.
sign-in-notice = Det du ser på, og det du gør, bliver logget.
user-name = Brugernavn
password = Adgangskode
sign-in-wrong = Forkert brugernavn eller adgangskode. Kontrollér begge, og prøv igen.
sign-in-incomplete = Udfyld både brugernavn og adgangskode.
sign-in-wait = For mange forsøg. Vent lidt, og prøv igen.
sign-in-unavailable = Centralen svarer ikke. Prøv igen om lidt.

## Fejl
error-unreachable = Centralen svarer ikke. Prøver igen …
error-network = Centralen svarer ikke, så intet er ændret. Prøv igen.
error-still-active = Forholdet står stadig på, så alarmen kan kun lukkes som undskyldt eller falsk.
error-refused = Det kan ikke lade sig gøre nu: { $detail }
error-forbidden = Din rolle har ikke lov til dette.
error-signed-out = Du er logget ud.
error-server = Noget gik galt: { $detail }
conflict = Alarmen blev ændret før dig af { $actor }. Den er nu: { $state }. Din ændring blev ikke foretaget.
conflict-retry = En anden ændrede alarmen i mellemtiden. Læs den igen, og gentag eller annuller.

## Top
figure-unacknowledged = Ikke taget
figure-overdue = Over fristen
figure-open = Åbne
figure-rate = Seneste 10 min
figure-tags = Lænker
live = Direkte
stale = Ikke direkte
stale-banner = Centralen har ikke givet lyd fra sig i { $age }. Det du ser, passer måske ikke længere. Forbinder igen …
centre-time = Centralens tid
speed = { $factor }× fart
speed-hint = Centralens tid går hurtigere end virkelig tid.

## Kø
queue = Alarmkø
queue-counts = { $raised } ikke taget, { $taken } i gang
queue-empty = Ingen åbne alarmer.
queue-waiting = { $count ->
    [one] { $count } ny venter
   *[other] { $count } nye venter
 }
column-priority = Prioritet
column-event = Alarm
column-deadline = Frist
column-owner = Taget af
acknowledge = Kvitter
overdue = over fristen
time-left = Andel af tiden, der er tilbage
taken-ago = { $time } siden
owner-me = Dig
flag-late = forsinket
flag-ended = forbi
flag-escalated = eskaleret
announce-new = Ny alarm, { $priority }: { $kind }, { $wearer }.
announce-overdue = Over fristen, { $priority }: { $kind }, { $wearer }.
incoming = Ny { $priority }: { $kind }, { $wearer }
priority-label = Prioritet
priority = { $priority ->
    [P1] Kritisk
    [P2] Høj
    [P3] Middel
   *[P4] Lav
 }
state-raised = Ikke taget
state-acknowledged = I gang
state-resolved = Løst
actor-system = systemet

## Alarm
back-to-queue = Tilbage til køen
alert-missing = Alarmen findes ikke.
open-alert = Åbn
note = Notat
resolve = Løs
next-step = Næste:
surety = Sikkerhed
last-fix = Seneste position
battery = Batteri
device = Enhed
ago = { $time } siden
after = { $time } efter hændelsen
no-open-alert = Ingen åbne alarmer for denne person.
order-number = Afgørelse { $number }
why-title = Hvorfor alarmen kom
condition-holds = Står stadig på
condition-ended = Er forbi
occurrences = Sket { $count } gange
escalation = Eskaleret, trin { $step }
fact-occurred = Skete
fact-raised = Alarm
fact-ended = Sluttede
fact-rule = Regel
fact-zone = Zone
fact-surety = Sikkerhed
zone-version = { $id }, version { $version }
zone-unnamed = zonen
evidence = Grundlag
evidence-count = { $count ->
    [one] Grundlag: { $count } position
   *[other] Grundlag: { $count } positioner
 }
evidence-none = Denne alarm bygger ikke på positioner.
evidence-time = Taget
evidence-accuracy = Nøjagtighed
evidence-distance = Grænse
evidence-probability = Indenfor
evidence-frame = Rapport
inside-by = { $distance } indenfor
outside-by = { $distance } udenfor
timeline = Hvad der er sket
change-raised = Udløst af { $actor }
change-acknowledged = Taget af { $actor }
change-noted = Notat af { $actor }
change-ended = Forholdet er forbi
change-ended-permitted = Tilladt af tilladelse { $id } ({ $reason }) indtil { $to }
change-recurred = Det skete igen
change-escalated = Ingen tog den i tide: eskaleret
change-resolved = Løst af { $actor }: { $outcome }
permission-work = arbejde
permission-school = skole
permission-health = sundhed
permission-court = domstol eller politi
permission-family = familie
permission-other = andet
resolved-line = Alarmen er løst.
outcome = Udfald
outcome-handled = Håndteret
outcome-handled-hint = Det passede, og der er taget hånd om det.
outcome-excused = Undskyldt
outcome-excused-hint = Det passede, men var tilladt eller uundgåeligt.
outcome-false_alert = Falsk alarm
outcome-false_alert-hint = Teknikken tog fejl.
outcome-police = Overladt til politiet
outcome-police-hint = Politiet har taget over.
note-title = Skriv et notat
note-text = Notat
save-note = Gem notat
resolve-title = Løs alarmen
resolve-text = Hvad blev der gjort, og hvorfor
resolve-still-active = Forholdet står stadig på. Indtil det er forbi, kan alarmen kun lukkes med »Undskyldt« eller »Falsk alarm«.
resolve-needs-outcome = Vælg et udfald.
text-needed = Skriv nogle ord; de bliver en del af journalen.

## Alarmtyper
kind-exclusion_breach = I forbudszone
kind-exclusion_approach = Nær forbudszone
kind-exclusion_transit = Gennem forbudszone
kind-curfew_absent = Ikke hjemme ved udgangsforbud
kind-curfew_left_early = Forlod hjemmet under udgangsforbud
kind-curfew_late_return = Kom for sent hjem
kind-curfew_not_returned = Er ikke kommet hjem
kind-curfew_unknown = Udgangsforbud kan ikke bekræftes
kind-victim_proximity = Nær beskyttet person
kind-victim_approach = Nærmer sig beskyttet person
kind-protection_blind = Beskyttelsen virker ikke
kind-strap_tamper = Rem åbnet
kind-case_tamper = Kabinet åbnet
kind-panic = Alarmknap
kind-battery_low = Lavt batteri
kind-battery_critical = Kritisk batteri
kind-communication_failure = Ingen kontakt med lænken
kind-location_failure = Ingen position
kind-signal_tamper = Signaler forstyrret
kind-security_event = Sikkerhedshændelse

## Hvorfor, efter begrundelsens kode
reason-inside_surely = Én position lå { $depth_m } inden for »{ $zone }«. Når nøjagtigheden regnes med, er sandsynligheden for, at personen var indenfor, { $probability }.
reason-inside_repeatedly = { $hits } af de seneste { $window } positioner lå inden for »{ $zone }«, den seneste { $depth_m } fra grænsen.
reason-in_buffer = Personen er { $distance_m } fra »{ $zone }«, inden for varslingsbæltet på { $buffer_m }, men ikke i zonen.
reason-path_crossed = Den rette linje mellem to positioner udenfor går { $chord_m } gennem »{ $zone }«. Ved jævn fart var personen indenfor fra { $entered_at } til { $left_at }.
reason-not_home = Udgangsforbuddet begyndte { $curfew_from } med { $grace_s } tolerance. { $has_distance_m ->
    [yes] Seneste position var { $distance_m } hjemmefra.
   *[no] Ingen position viser, hvor personen var.
 }
reason-came_late = Udgangsforbuddet begyndte { $curfew_from }. Personen kom { $late_s } for sent hjem.
reason-left_home = Udgangsforbuddet varer til { $curfew_to }, men personen er { $distance_m } hjemmefra.
reason-no_evidence = I { $silent_s } har intet vist, om personen er hjemme eller ej.
reason-near_victim = Personen er inden for { $within_m } af den beskyttede{ $victim }; ringen er { $ring_m }. { $has_contact_s ->
    [yes] I denne fart mødes de om { $contact_s }.
   *[no] Afstanden bliver ikke mindre.
 }
reason-blind = Den beskyttede{ $victim } kan ikke beskyttes nu. { $has_victim_age_s ->
    [yes] Seneste position fra den beskyttedes enhed er { $victim_age_s } gammel.
   *[no] Den beskyttedes enhed har ingen position.
 } { $has_wearer_age_s ->
    [yes] Seneste position fra lænken er { $wearer_age_s } gammel.
   *[no] Lænken har ingen position.
 }
reason-device_reported = Enheden meldte selv: { $kind }. Kun et menneske kan ophæve det.
reason-battery = Batteriet er på { $percent } %. { $has_empty_at ->
    [yes] Det er tomt omkring { $empty_at }.
   *[no] Det kan endnu ikke siges, hvornår det er tomt.
 }
reason-silent = { $has_last_heard ->
    [yes] Lænken blev sidst hørt { $last_heard }.
   *[no] Lænken er aldrig blevet hørt.
 } Planen tillader { $allowed_s } stilhed.
reason-no_fix = Lænken høres, men sender ingen brugbar position. { $has_last_fix ->
    [yes] Den seneste er fra { $last_fix }.
   *[no] Der har aldrig været nogen.
 } Planen tillader { $allowed_s }.
reason-refused = Centralen afviste en rapport, der ikke burde findes: { $rule }.
reason-unknown = Begrundelsen har koden »{ $code }«, som denne side ikke kender endnu.

## Hvad man plejer at gøre så
next-victim = Ring straks til personen. Uden svar: underret den beskyttede og politiet.
next-blind = Ring til den beskyttede, og sørg for, at alt er trygt; få så enheden i gang igen.
next-exclusion = Ring til personen, og bed vedkommende forlade området. Følg de næste positioner i sporet.
next-curfew = Ring til personen. Tjek tilladelser og transport, før det regnes som brud.
next-tamper = Ring til personen, og spørg, hvad der skete. Aftal eftersyn af lænken; alarmen står til da.
next-panic = Ring straks til den beskyttede, og underret politiet.
next-battery = Bed personen om at lade lænken nu.
next-contact = Ring til personen: opladning, dækning, sted. Aftal besøg, hvis der er stille længe.
next-other = Læs grundlaget, og afgør, hvem der skal have besked.

## Kort
map = Kort over positioner, zoner og åbne alarmer
zoom-in = Zoom ind
zoom-out = Zoom ud
legend = Signaturforklaring
legend-tag = Position
legend-old = Gammel position
legend-trail = Spor, seneste 2 timer
legend-gap = Hul i sporet
legend-exclusion = Forbudszone
legend-inclusion = Opholdszone
legend-evidence = Grundlag med nøjagtighed
map-tip = { $wearer } · { $age } siden · ± { $accuracy }

## Taster
keys-title = Genvejstaster
key-move = Flyt i køen
key-ends = Første og sidste alarm
key-acknowledge = Kvitter
key-note = Skriv notat
key-resolve = Løs
key-open = Åbn alarmen
key-back = Tilbage til køen
key-keys = Vis disse taster
keys-on = Brug enkelttaster
keys-on-hint = Slå fra, hvis du bruger talestyring.

## Administration
admin-title = Administration
admin-forbidden = Siden er for administratorer. Spørg en af dem, hvis du har brug for adgang.
admin-unavailable = Tallene kunne ikke læses. Prøver igen …
admin-counters = Rapporter
admin-store = Gemt
admin-queues = Køer
admin-alerts = Alarmer fundet, efter type
admin-console = Konsol
admin-rejections = Afviste rapporter
admin-rejections-intro = Efter årsag, siden centralen startede
admin-no-rejections = Intet er afvist.
admin-quarantine = Karantæne
admin-quarantine-intro = De seneste afviste rapporter, som de kom
admin-no-quarantine = Karantænen er tom.
admin-headroom = Plads tilbage
admin-headroom-intro = Hvor meget af databasens og diskens grænser der er brugt
limit-what = Grænse
limit-used = Brugt
limit-detail = Nærmere
limit-act = Gør noget nu: { $limit } er { $used } brugt op.
limit-look = Se på det: { $limit } er { $used } brugt op.
limit-transaction-ids = Transaktionsnumre
limit-multixact-ids = Multixact-numre
limit-connections = Forbindelser
limit-row-ids = Rækkenumre
limit-downlink-epochs = Epoker nedad
limit-partitions-ahead = Partitioner på forhånd
limit-background-jobs = Baggrundsjob
limit-file-size = Filstørrelse
limit-disk-of-the-data-folder = Datamappens disk
admin-audit = Revisionslog
admin-audit-intro = Hvem der har set på hvad, og hvem der har gjort hvad. Din søgning skrives også ned.
audit-subject = Om (en person som W-00042, eller all)
audit-actor = Af
audit-from = Fra
audit-to = Til (ikke medregnet)
audit-search = Søg
audit-time = Tid
audit-action = Hvad
audit-object = Om
audit-detail = Hvorfor eller hvordan
audit-none = Ingen poster passer.
audit-more = Ældre poster
counter-received = Modtaget
counter-stored = Gemt
counter-duplicate = Dubletter
counter-late = Forsinket
counter-lost = Tabt
counter-rejected = Afvist
counter-fixes = Positioner
counter-alerts = Alarmer
counter-frames = Rapporter
counter-sightings = Radioobservationer
counter-events = Enhedshændelser
counter-quarantined = I karantæne
counter-wearers = Personer
counter-devices = Enheder
counter-zones = Zoner
counter-health = Helbredsrapporter
counter-alerts-open = Åbne alarmer
counter-recovered = Hentet ind ved start
counter-unaccepted = Ikke taget imod
counter-acked = Bekræftet
counter-downlinks = Sendt til enheder
counter-downlinks-dropped = Ikke sendt til enheder
counter-quarantine-dropped = Ude af karantæne
counter-unevaluated = Ikke vurderet
counter-commits-retried = Skrivninger prøvet igen
counter-connections = Forbindelser
counter-connections-refused = Forbindelser afvist
counter-takeovers = Forbindelser overtaget
counter-broker-sessions-lost = Mæglersessioner mistet
counter-speed = Urets fart
counter-sessions = Loggede ind
counter-streams = Direkte strømme
rejection-reason = Årsag
rejection-count = Antal
rejection-meaning = Hvad det betyder
quarantine-time = Modtaget
quarantine-source = Kilde
quarantine-detail = Detaljer
quarantine-bytes = Byte
rejection-garbage = Ikke en rapport
rejection-garbage-why = Bytene er slet ikke i rapportformatet: en defekt enhed eller nogen, der prøver sig frem.
rejection-truncated = Afkortet
rejection-truncated-why = Rapporten slutter, før indholdet gør.
rejection-oversized = For stor
rejection-oversized-why = Større end nogen rapport må være.
rejection-unknown_device = Ukendt enhed
rejection-unknown_device-why = Ingen enhed med dette id er registreret.
rejection-wrong_key = Forkert nøgle
rejection-wrong_key-why = Seglet passer ikke til enhedens nøgle: forfalsket eller registreret forkert.
rejection-undecodable = Ulæseligt indhold
rejection-undecodable-why = Seglet er rigtigt, men indholdet bryder formatet: en fejl i enhedens program.
rejection-bad_checkpoint = Kontrolpunkt uden rigtig signatur
rejection-bad_checkpoint-why = Signaturen på et kontrolpunkt er ikke enhedens egen.
rejection-chain_break = Hashkæden er brudt
rejection-chain_break-why = Det, enheden signerede, er ikke kæden af de rammer, der kom, eller en ramme før andre kom aldrig.
rejection-replayed = Afspillet igen
rejection-replayed-why = En rapport, der blev gemt og bekræftet for længe siden, blev sendt igen.
rejection-conflicting_bytes = Andet indhold under kendt nummer
rejection-conflicting_bytes-why = En rapport med dette nummer er modtaget før med andet indhold. Det sker aldrig ved et uheld.
rejection-clock_ahead = Uret går foran
rejection-clock_ahead-why = Tiderne i den ligger i fremtiden.
rejection-before_enrolment = Før registrering
rejection-before_enrolment-why = Tiderne i den ligger før enheden blev registreret.
rejection-foreign_topic = En anden enheds emne
rejection-foreign_topic-why = En enhed sendte på et emne, der tilhører en anden.
rejection-no_activation = Ingen bærer den
rejection-no_activation-why = På det tidspunkt var enheden ikke tildelt nogen.
rejection-unknown-why = En årsag, som denne side ikke kender endnu.

## Overholdelse
account-title = Overholdelse, de seneste { $days } dage
account-show = Vis regnskabet
account-notice = Opslaget logføres.
account-failed = Regnskabet kan ikke læses lige nu. Prøv igen.
account-none = Ingen lænke var aktiveret i disse dage.
account-clean = Alt var i overensstemmelse med vilkårene.
account-part = { $state } { $time }
account-compliant = Overholdt
account-exempt = Undtaget
account-unknown = Ukendt
account-violating = Brudt
account-uncertain = uden bevis
account-from = Fra
account-to = Til
account-state = Tilstand
account-cause = Årsag
account-more = { $count ->
    [one] Én mere vises ikke.
   *[other] { $count } flere vises ikke.
}
account-cause-permitted = Tilladelse
account-cause-not_fitted = Ingen lænke aktiveret
account-cause-not_watched = Centralen overvågede ikke
account-cause-nothing_heard = Intet hørt siden
account-cause-silent = Lænken var tavs
account-cause-unplaced = Ingen brugbar position
account-cause-blind = Beskyttet person ikke set
account-cause-strap_open = Remmen åben
account-cause-inside = I en forbudszone
account-cause-crossed = Gennem en forbudszone
account-cause-away = Væk fra hjemmet
account-cause-near = Tæt på en beskyttet person
