# Lenkes konsoll, bokmål.

## Merke, sider, innstillinger
brand = Lenke
title = { $page } – Lenke
title-login = Logg inn – Lenke
title-alert = Varsel
nav = Hovedmeny
nav-triage = Overvåking
nav-admin = Administrasjon
skip = Hopp til hovedinnholdet
page-missing = Siden finnes ikke.
loading = Laster …
close = Lukk
cancel = Avbryt
dismiss = Fjern denne meldingen
notices = Meldinger
language = Språk
language-en = English
language-nb = Norsk bokmål
language-nn = Norsk nynorsk
language-da = Dansk
language-se = Davvisámegiella
scheme-to-light = Bytt til lyse farger
scheme-to-dark = Bytt til mørke farger
sound = Lyd for kritiske varsler
sound-is-on = Lyden er på. Trykk for å dempe.
sound-is-off = Lyden er av. Trykk for å slå den på.
sound-waits = Lyden starter ved neste klikk eller tastetrykk.
role-operator = Operatør
role-administrator = Administrator

## Innlogging
sign-in = Logg inn
signing-in = Logger inn …
sign-out = Logg ut
sign-in-intro = Vaktsentral. Logg inn med din egen konto.
sign-in-notice = Det du ser på og det du gjør, blir loggført.
user-name = Brukernavn
password = Passord
sign-in-wrong = Feil brukernavn eller passord. Kontroller begge og prøv igjen.
sign-in-incomplete = Fyll inn både brukernavn og passord.
sign-in-wait = For mange forsøk. Vent litt og prøv igjen.
sign-in-unavailable = Sentralen svarer ikke. Prøv igjen om litt.

## Feil
error-unreachable = Sentralen svarer ikke. Prøver igjen …
error-network = Sentralen svarer ikke, så ingenting er endret. Prøv igjen.
error-still-active = Forholdet pågår fortsatt, så varselet kan bare lukkes som unnskyldt eller falskt.
error-refused = Det går ikke nå: { $detail }
error-forbidden = Rollen din har ikke lov til dette.
error-signed-out = Du er logget ut.
error-server = Noe gikk galt: { $detail }
conflict = Varselet ble endret før deg av { $actor }. Det er nå: { $state }. Endringen din ble ikke gjort.
conflict-retry = Noen andre endret varselet i mellomtiden. Les det på nytt, og gjenta eller avbryt.

## Topp
figure-unacknowledged = Ikke tatt
figure-overdue = Over frist
figure-open = Åpne
figure-rate = Siste 10 min
figure-tags = Lenker
live = Direkte
stale = Ikke direkte
stale-banner = Sentralen har ikke gitt lyd fra seg på { $age }. Det du ser, stemmer kanskje ikke lenger. Kobler til på nytt …
centre-time = Sentralens tid
speed = { $factor }× fart
speed-hint = Sentralens tid går fortere enn virkelig tid.

## Kø
queue = Varselkø
queue-counts = { $raised } ikke tatt, { $taken } under arbeid
queue-empty = Ingen åpne varsler.
queue-waiting = { $count ->
    [one] { $count } nytt venter
   *[other] { $count } nye venter
 }
column-priority = Prioritet
column-event = Varsel
column-deadline = Frist
column-owner = Tatt av
acknowledge = Kvitter
overdue = over frist
time-left = Andel av tiden som er igjen
taken-ago = { $time } siden
owner-me = Deg
flag-late = forsinket
flag-ended = over
flag-escalated = eskalert
announce-new = Nytt varsel, { $priority }: { $kind }, { $wearer }.
announce-overdue = Over frist, { $priority }: { $kind }, { $wearer }.
incoming = Ny { $priority }: { $kind }, { $wearer }
priority-label = Prioritet
priority = { $priority ->
    [P1] Kritisk
    [P2] Høy
    [P3] Middels
   *[P4] Lav
 }
state-raised = Ikke tatt
state-acknowledged = Under arbeid
state-resolved = Løst
actor-system = systemet

## Varsel
back-to-queue = Tilbake til køen
alert-missing = Varselet finnes ikke.
open-alert = Åpne
note = Notat
resolve = Løs
next-step = Neste:
surety = Sikkerhet
last-fix = Siste posisjon
battery = Batteri
device = Enhet
ago = { $time } siden
after = { $time } etter hendelsen
no-open-alert = Ingen åpne varsler for denne personen.
order-number = Vedtak { $number }
why-title = Hvorfor varselet kom
condition-holds = Pågår fortsatt
condition-ended = Pågår ikke lenger
occurrences = Skjedd { $count } ganger
escalation = Eskalert, trinn { $step }
fact-occurred = Skjedde
fact-raised = Varslet
fact-ended = Sluttet
fact-rule = Regel
fact-zone = Sone
fact-surety = Sikkerhet
zone-version = { $id }, versjon { $version }
zone-unnamed = sonen
evidence = Grunnlag
evidence-count = { $count ->
    [one] Grunnlag: { $count } posisjon
   *[other] Grunnlag: { $count } posisjoner
 }
evidence-none = Dette varselet bygger ikke på posisjoner.
evidence-time = Tatt
evidence-accuracy = Nøyaktighet
evidence-distance = Grense
evidence-probability = Innenfor
evidence-frame = Rapport
inside-by = { $distance } innenfor
outside-by = { $distance } utenfor
timeline = Hva som har skjedd
change-raised = Varslet av { $actor }
change-acknowledged = Tatt av { $actor }
change-noted = Notat av { $actor }
change-ended = Forholdet pågår ikke lenger
change-ended-permitted = Tillatt av tillatelse { $id } ({ $reason }) til { $to }
change-recurred = Det skjedde igjen
change-escalated = Ingen tok det i tide: eskalert
change-resolved = Løst av { $actor }: { $outcome }
permission-work = arbeid
permission-school = skole
permission-health = helse
permission-court = domstol eller politi
permission-family = familie
permission-other = annet
resolved-line = Varselet er løst.
outcome = Utfall
outcome-handled = Håndtert
outcome-handled-hint = Det stemte og er tatt hånd om.
outcome-excused = Unnskyldt
outcome-excused-hint = Det stemte, men var tillatt eller uunngåelig.
outcome-false_alert = Falskt varsel
outcome-false_alert-hint = Teknikken tok feil.
outcome-police = Overlatt til politiet
outcome-police-hint = Politiet har tatt over.
note-title = Skriv et notat
note-text = Notat
save-note = Lagre notat
resolve-title = Løs varselet
resolve-text = Hva ble gjort, og hvorfor
resolve-still-active = Forholdet pågår fortsatt. Til det slutter, kan varselet bare lukkes med «Unnskyldt» eller «Falskt varsel».
resolve-needs-outcome = Velg et utfall.
text-needed = Skriv noen ord; de blir en del av journalen.

## Varseltyper
kind-exclusion_breach = I forbudssone
kind-exclusion_approach = Nær forbudssone
kind-exclusion_transit = Gjennom forbudssone
kind-curfew_absent = Ikke hjemme ved portforbud
kind-curfew_left_early = Forlot hjemmet under portforbud
kind-curfew_late_return = Kom for sent hjem
kind-curfew_not_returned = Har ikke kommet hjem
kind-curfew_unknown = Portforbud kan ikke bekreftes
kind-victim_proximity = Nær beskyttet person
kind-victim_approach = Nærmer seg beskyttet person
kind-protection_blind = Beskyttelsen virker ikke
kind-strap_tamper = Reim åpnet
kind-case_tamper = Kapsling åpnet
kind-panic = Alarmknapp
kind-battery_low = Lavt batteri
kind-battery_critical = Kritisk batteri
kind-communication_failure = Ingen kontakt med lenken
kind-location_failure = Ingen posisjon
kind-signal_tamper = Signaler forstyrret
kind-security_event = Sikkerhetshendelse

## Hvorfor, etter begrunnelsens kode
reason-inside_surely = Én posisjon lå { $depth_m } innenfor «{ $zone }». Når nøyaktigheten regnes med, er sannsynligheten for at personen var innenfor, { $probability }.
reason-inside_repeatedly = { $hits } av de siste { $window } posisjonene lå innenfor «{ $zone }», den siste { $depth_m } fra grensen.
reason-in_buffer = Personen er { $distance_m } fra «{ $zone }», innenfor varselbeltet på { $buffer_m }, men ikke i sonen.
reason-path_crossed = Den rette linjen mellom to posisjoner utenfor går { $chord_m } gjennom «{ $zone }». Ved jevn fart var personen innenfor fra { $entered_at } til { $left_at }.
reason-not_home = Portforbudet begynte { $curfew_from } med { $grace_s } slingringsmonn. { $has_distance_m ->
    [yes] Siste posisjon var { $distance_m } hjemmefra.
   *[no] Ingen posisjon viser hvor personen var.
 }
reason-came_late = Portforbudet begynte { $curfew_from }. Personen kom hjem { $late_s } for sent.
reason-left_home = Portforbudet varer til { $curfew_to }, men personen er { $distance_m } hjemmefra.
reason-no_evidence = På { $silent_s } har ingenting vist om personen er hjemme eller ikke.
reason-near_victim = Personen er innenfor { $within_m } fra den beskyttede{ $victim }; ringen er { $ring_m }. { $has_contact_s ->
    [yes] I denne farten møtes de om { $contact_s }.
   *[no] Avstanden minker ikke.
 }
reason-blind = Den beskyttede{ $victim } kan ikke beskyttes nå. { $has_victim_age_s ->
    [yes] Siste posisjon fra den beskyttedes enhet er { $victim_age_s } gammel.
   *[no] Den beskyttedes enhet har ingen posisjon.
 } { $has_wearer_age_s ->
    [yes] Siste posisjon fra lenken er { $wearer_age_s } gammel.
   *[no] Lenken har ingen posisjon.
 }
reason-device_reported = Enheten meldte selv: { $kind }. Bare et menneske kan kvittere det ut.
reason-battery = Batteriet er på { $percent } %. { $has_empty_at ->
    [yes] Det blir tomt omtrent { $empty_at }.
   *[no] Det kan ennå ikke sies når det blir tomt.
 }
reason-silent = { $has_last_heard ->
    [yes] Lenken ble sist hørt { $last_heard }.
   *[no] Lenken har aldri blitt hørt.
 } Planen tillater { $allowed_s } stillhet.
reason-no_fix = Lenken høres, men sender ingen brukbar posisjon. { $has_last_fix ->
    [yes] Den siste er fra { $last_fix }.
   *[no] Det har aldri vært noen.
 } Planen tillater { $allowed_s }.
reason-refused = Sentralen avviste en rapport som ikke skulle finnes: { $rule }.
reason-unknown = Begrunnelsen har koden «{ $code }», som denne siden ikke kjenner ennå.

## Hva en vanligvis gjør så
next-victim = Ring personen straks. Uten svar: varsle den beskyttede og politiet.
next-blind = Ring den beskyttede og forsikre deg om at alt er trygt; få så enheten i gang igjen.
next-exclusion = Ring personen og be vedkommende forlate området. Følg de neste posisjonene i sporet.
next-curfew = Ring personen. Sjekk tillatelser og transport før det regnes som brudd.
next-tamper = Ring personen og spør hva som skjedde. Avtal kontroll av lenken; varselet står til da.
next-panic = Ring den beskyttede straks og varsle politiet.
next-battery = Be personen lade lenken nå.
next-contact = Ring personen: lading, dekning, sted. Avtal besøk hvis det er stille lenge.
next-other = Les grunnlaget, og avgjør hvem som må få vite det.

## Kart
map = Kart over posisjoner, soner og åpne varsler
zoom-in = Zoom inn
zoom-out = Zoom ut
legend = Tegnforklaring
legend-tag = Posisjon
legend-old = Gammel posisjon
legend-trail = Spor, siste 2 timer
legend-gap = Hull i sporet
legend-exclusion = Forbudssone
legend-inclusion = Oppholdssone
legend-evidence = Grunnlag med nøyaktighet
map-tip = { $wearer } · { $age } siden · ± { $accuracy }

## Taster
keys-title = Hurtigtaster
key-move = Flytt i køen
key-ends = Første og siste varsel
key-acknowledge = Kvitter
key-note = Skriv notat
key-resolve = Løs
key-open = Åpne varselet
key-back = Tilbake til køen
key-keys = Vis disse tastene
keys-on = Bruk enkelttaster
keys-on-hint = Slå av hvis du bruker talestyring.

## Administrasjon
admin-title = Administrasjon
admin-forbidden = Siden er for administratorer. Spør en av dem hvis du trenger tilgang.
admin-unavailable = Tallene kunne ikke leses. Prøver igjen …
admin-counters = Rapporter
admin-store = Lagret
admin-queues = Køer
admin-alerts = Varsler funnet, etter type
admin-console = Konsoll
admin-rejections = Avviste rapporter
admin-rejections-intro = Etter grunn, siden sentralen startet
admin-no-rejections = Ingenting er avvist.
admin-quarantine = Karantene
admin-quarantine-intro = De siste avviste rapportene, slik de kom
admin-no-quarantine = Karantenen er tom.
admin-headroom = Plass igjen
admin-headroom-intro = Hvor mye av grensene til databasen og disken som er brukt opp
limit-what = Grense
limit-used = Brukt
limit-detail = Nærmere
limit-act = Gjør noe nå: { $limit } er { $used } brukt opp.
limit-look = Se på det: { $limit } er { $used } brukt opp.
limit-transaction-ids = Transaksjonsnumre
limit-multixact-ids = Multixact-numre
limit-connections = Tilkoblinger
limit-row-ids = Radnumre
limit-downlink-epochs = Epoker nedover
limit-partitions-ahead = Partisjoner i forkant
limit-background-jobs = Bakgrunnsjobber
limit-file-size = Filstørrelse
limit-disk-of-the-data-folder = Disken til datamappen
admin-audit = Revisjonslogg
admin-audit-intro = Hvem som har sett på hva, og hvem som har gjort hva. Søket ditt skrives også ned.
audit-subject = Om (en person som W-00042, eller all)
audit-actor = Av
audit-from = Fra
audit-to = Til (ikke medregnet)
audit-search = Søk
audit-time = Tid
audit-action = Hva
audit-object = Om
audit-detail = Hvorfor eller hvordan
audit-none = Ingen oppføringer passer.
audit-more = Eldre oppføringer
counter-received = Mottatt
counter-stored = Lagret
counter-duplicate = Dubletter
counter-late = Forsinket
counter-lost = Tapt
counter-rejected = Avvist
counter-fixes = Posisjoner
counter-alerts = Varsler
counter-frames = Rapporter
counter-sightings = Radioobservasjoner
counter-events = Enhetshendelser
counter-quarantined = I karantene
counter-wearers = Personer
counter-devices = Enheter
counter-zones = Soner
counter-health = Helserapporter
counter-alerts-open = Åpne varsler
counter-recovered = Hentet inn ved start
counter-unaccepted = Ikke tatt imot
counter-acked = Bekreftet
counter-downlinks = Sendt til enheter
counter-downlinks-dropped = Ikke sendt til enheter
counter-quarantine-dropped = Ute av karantene
counter-unevaluated = Ikke vurdert
counter-commits-retried = Skrivinger prøvd igjen
counter-connections = Forbindelser
counter-connections-refused = Forbindelser avvist
counter-takeovers = Forbindelser overtatt
counter-broker-sessions-lost = Meglerøkter mistet
counter-speed = Klokkens fart
counter-sessions = Innloggede
counter-streams = Direktestrømmer
rejection-reason = Grunn
rejection-count = Antall
rejection-meaning = Hva det betyr
quarantine-time = Mottatt
quarantine-source = Kilde
quarantine-detail = Detaljer
quarantine-bytes = Byte
rejection-garbage = Ikke en rapport
rejection-garbage-why = Bytene er ikke i rapportformatet i det hele tatt: en ødelagt enhet eller noen som prøver seg.
rejection-truncated = Avkuttet
rejection-truncated-why = Rapporten slutter før innholdet gjør det.
rejection-oversized = For stor
rejection-oversized-why = Større enn noen rapport får være.
rejection-unknown_device = Ukjent enhet
rejection-unknown_device-why = Ingen enhet med denne ID-en er registrert.
rejection-wrong_key = Feil nøkkel
rejection-wrong_key-why = Seglet passer ikke til enhetens nøkkel: forfalsket, eller registrert feil.
rejection-undecodable = Uleselig innhold
rejection-undecodable-why = Seglet er riktig, men innholdet bryter formatet: en feil i enhetens program.
rejection-bad_checkpoint = Kontrollpunkt uten riktig signatur
rejection-bad_checkpoint-why = Signaturen på et kontrollpunkt er ikke enhetens egen.
rejection-chain_break = Hashkjeden er brutt
rejection-chain_break-why = Det enheten signerte, er ikke kjeden av rammene som kom, eller en ramme foran andre kom aldri.
rejection-replayed = Avspilt på nytt
rejection-replayed-why = En rapport som ble lagret og bekreftet for lenge siden, ble sendt igjen.
rejection-conflicting_bytes = Annet innhold under kjent nummer
rejection-conflicting_bytes-why = En rapport med dette nummeret er tatt imot før med annet innhold. Det skjer aldri ved et uhell.
rejection-clock_ahead = Klokken går foran
rejection-clock_ahead-why = Tidene i den ligger i fremtiden.
rejection-before_enrolment = Før registrering
rejection-before_enrolment-why = Tidene i den ligger før enheten ble registrert.
rejection-foreign_topic = En annen enhets emne
rejection-foreign_topic-why = En enhet sendte på et emne som tilhører en annen.
rejection-no_activation = Ingen bærer den
rejection-no_activation-why = På det tidspunktet var enheten ikke tildelt noen.
rejection-unknown-why = En grunn som denne siden ikke kjenner ennå.

## Etterlevelse
account-title = Etterlevelse, de siste { $days } dagene
account-show = Vis regnskapet
account-notice = Innsynet loggføres.
account-failed = Regnskapet kan ikke leses akkurat nå. Prøv igjen.
account-none = Ingen lenke var aktivert disse dagene.
account-clean = Alt var i samsvar med vilkårene.
account-part = { $state } { $time }
account-compliant = Etterlevd
account-exempt = Unntatt
account-unknown = Ukjent
account-violating = Brutt
account-uncertain = uten bevis
account-from = Fra
account-to = Til
account-state = Tilstand
account-cause = Årsak
account-more = { $count ->
    [one] Én til vises ikke.
   *[other] { $count } til vises ikke.
}
account-cause-permitted = Tillatelse
account-cause-not_fitted = Ingen lenke aktivert
account-cause-not_watched = Sentralen overvåket ikke
account-cause-nothing_heard = Ingenting hørt siden
account-cause-silent = Lenken var taus
account-cause-unplaced = Ingen brukbar posisjon
account-cause-blind = Beskyttet person ikke sett
account-cause-strap_open = Reimen åpen
account-cause-inside = I en forbudssone
account-cause-crossed = Gjennom en forbudssone
account-cause-away = Borte fra hjemmet
account-cause-near = Nær en beskyttet person
