# Konsollen til Lenke, nynorsk.

## Merke, sider, innstillingar
brand = Lenke
title = { $page } – Lenke
title-login = Logg inn – Lenke
title-alert = Varsel
nav = Hovudmeny
nav-triage = Overvaking
nav-admin = Administrasjon
skip = Hopp til hovudinnhaldet
page-missing = Sida finst ikkje.
loading = Lastar …
close = Lukk
cancel = Avbryt
dismiss = Fjern denne meldinga
notices = Meldingar
language = Språk
language-en = English
language-nb = Norsk bokmål
language-nn = Norsk nynorsk
language-da = Dansk
language-se = Davvisámegiella
scheme-to-light = Byt til lyse fargar
scheme-to-dark = Byt til mørke fargar
sound = Lyd for kritiske varsel
sound-is-on = Lyden er på. Trykk for å dempe.
sound-is-off = Lyden er av. Trykk for å slå han på.
sound-waits = Lyden startar ved neste klikk eller tastetrykk.
role-operator = Operatør
role-administrator = Administrator

## Innlogging
sign-in = Logg inn
signing-in = Loggar inn …
sign-out = Logg ut
sign-in-intro = Vaktsentral. Logg inn med din eigen konto.
sign-in-notice = Det du ser på og det du gjer, blir loggført.
user-name = Brukarnamn
password = Passord
sign-in-wrong = Feil brukarnamn eller passord. Kontroller begge og prøv igjen.
sign-in-incomplete = Fyll inn både brukarnamn og passord.
sign-in-wait = For mange forsøk. Vent litt og prøv igjen.
sign-in-unavailable = Sentralen svarar ikkje. Prøv igjen om litt.

## Feil
error-unreachable = Sentralen svarar ikkje. Prøver igjen …
error-network = Sentralen svarar ikkje, så ingenting er endra. Prøv igjen.
error-still-active = Tilhøvet held fram, så varselet kan berre lukkast som orsaka eller falskt.
error-refused = Det går ikkje no: { $detail }
error-forbidden = Rolla di har ikkje lov til dette.
error-signed-out = Du er logga ut.
error-server = Noko gjekk gale: { $detail }
conflict = Varselet vart endra før deg av { $actor }. Det er no: { $state }. Endringa di vart ikkje gjord.
conflict-retry = Nokon andre endra varselet i mellomtida. Les det på nytt, og gjenta eller avbryt.

## Topp
figure-unacknowledged = Ikkje teke
figure-overdue = Over frist
figure-open = Opne
figure-rate = Siste 10 min
figure-tags = Lenkjer
live = Direkte
stale = Ikkje direkte
stale-banner = Sentralen har ikkje gjeve lyd frå seg på { $age }. Det du ser, stemmer kanskje ikkje lenger. Koplar til på nytt …
centre-time = Tida til sentralen
speed = { $factor }× fart
speed-hint = Tida til sentralen går fortare enn verkeleg tid.

## Kø
queue = Varselkø
queue-counts = { $raised } ikkje tekne, { $taken } under arbeid
queue-empty = Ingen opne varsel.
queue-waiting = { $count ->
    [one] { $count } nytt ventar
   *[other] { $count } nye ventar
 }
column-priority = Prioritet
column-event = Varsel
column-deadline = Frist
column-owner = Teke av
acknowledge = Kvitter
overdue = over frist
time-left = Del av tida som er att
taken-ago = { $time } sidan
owner-me = Deg
flag-late = forseinka
flag-ended = over
flag-escalated = eskalert
announce-new = Nytt varsel, { $priority }: { $kind }, { $wearer }.
announce-overdue = Over frist, { $priority }: { $kind }, { $wearer }.
incoming = Ny { $priority }: { $kind }, { $wearer }
priority-label = Prioritet
priority = { $priority ->
    [P1] Kritisk
    [P2] Høg
    [P3] Middels
   *[P4] Låg
 }
state-raised = Ikkje teke
state-acknowledged = Under arbeid
state-resolved = Løyst
actor-system = systemet

## Varsel
back-to-queue = Tilbake til køen
alert-missing = Varselet finst ikkje.
open-alert = Opne
note = Notat
resolve = Løys
next-step = Neste:
surety = Visse
last-fix = Siste posisjon
battery = Batteri
device = Eining
ago = { $time } sidan
after = { $time } etter hendinga
no-open-alert = Ingen opne varsel for denne personen.
order-number = Vedtak { $number }
why-title = Kvifor varselet kom
condition-holds = Held fram
condition-ended = Er over
occurrences = Hende { $count } gonger
escalation = Eskalert, steg { $step }
fact-occurred = Hende
fact-raised = Varsla
fact-ended = Slutta
fact-rule = Regel
fact-zone = Sone
fact-surety = Visse
zone-version = { $id }, versjon { $version }
zone-unnamed = sona
evidence = Grunnlag
evidence-count = { $count ->
    [one] Grunnlag: { $count } posisjon
   *[other] Grunnlag: { $count } posisjonar
 }
evidence-none = Dette varselet byggjer ikkje på posisjonar.
evidence-time = Teken
evidence-accuracy = Nøyaktigheit
evidence-distance = Grense
evidence-probability = Innanfor
evidence-frame = Rapport
inside-by = { $distance } innanfor
outside-by = { $distance } utanfor
timeline = Kva som har hendt
change-raised = Varsla av { $actor }
change-acknowledged = Teke av { $actor }
change-noted = Notat av { $actor }
change-ended = Tilhøvet er over
change-ended-permitted = Lovleg med løyve { $id } ({ $reason }) til { $to }
change-recurred = Det hende igjen
change-escalated = Ingen tok det i tide: eskalert
change-resolved = Løyst av { $actor }: { $outcome }
permission-work = arbeid
permission-school = skule
permission-health = helse
permission-court = domstol eller politi
permission-family = familie
permission-other = anna
resolved-line = Varselet er løyst.
outcome = Utfall
outcome-handled = Handtert
outcome-handled-hint = Det stemde og er teke hand om.
outcome-excused = Orsaka
outcome-excused-hint = Det stemde, men var tillate eller uunngåeleg.
outcome-false_alert = Falskt varsel
outcome-false_alert-hint = Teknikken tok feil.
outcome-police = Overlate til politiet
outcome-police-hint = Politiet har teke over.
note-title = Skriv eit notat
note-text = Notat
save-note = Lagre notat
resolve-title = Løys varselet
resolve-text = Kva vart gjort, og kvifor
resolve-still-active = Tilhøvet held fram. Til det er over, kan varselet berre lukkast med «Orsaka» eller «Falskt varsel».
resolve-needs-outcome = Vel eit utfall.
text-needed = Skriv nokre ord; dei blir ein del av journalen.

## Varseltypar
kind-exclusion_breach = I forbodssone
kind-exclusion_approach = Nær forbodssone
kind-exclusion_transit = Gjennom forbodssone
kind-curfew_absent = Ikkje heime ved portforbod
kind-curfew_left_early = Forlét heimen under portforbod
kind-curfew_late_return = Kom for seint heim
kind-curfew_not_returned = Har ikkje kome heim
kind-curfew_unknown = Portforbod kan ikkje stadfestast
kind-victim_proximity = Nær verna person
kind-victim_approach = Nærmar seg verna person
kind-protection_blind = Vernet verkar ikkje
kind-strap_tamper = Reim opna
kind-case_tamper = Kapsling opna
kind-panic = Alarmknapp
kind-battery_low = Lågt batteri
kind-battery_critical = Kritisk batteri
kind-communication_failure = Ingen kontakt med lenkja
kind-location_failure = Ingen posisjon
kind-signal_tamper = Signal forstyrra
kind-security_event = Tryggleikshending

## Kvifor, etter koden til grunngjevinga
reason-inside_surely = Éin posisjon låg { $depth_m } innanfor «{ $zone }». Når nøyaktigheita blir rekna med, er sannsynet for at personen var innanfor, { $probability }.
reason-inside_repeatedly = { $hits } av dei siste { $window } posisjonane låg innanfor «{ $zone }», den siste { $depth_m } frå grensa.
reason-in_buffer = Personen er { $distance_m } frå «{ $zone }», innanfor varselbeltet på { $buffer_m }, men ikkje i sona.
reason-path_crossed = Den rette lina mellom to posisjonar utanfor går { $chord_m } gjennom «{ $zone }». Ved jamn fart var personen innanfor frå { $entered_at } til { $left_at }.
reason-not_home = Portforbodet byrja { $curfew_from } med { $grace_s } slingringsmonn. { $has_distance_m ->
    [yes] Siste posisjon var { $distance_m } heimanfrå.
   *[no] Ingen posisjon viser kvar personen var.
 }
reason-came_late = Portforbodet byrja { $curfew_from }. Personen kom heim { $late_s } for seint.
reason-left_home = Portforbodet varer til { $curfew_to }, men personen er { $distance_m } heimanfrå.
reason-no_evidence = På { $silent_s } har ingenting vist om personen er heime eller ikkje.
reason-near_victim = Personen er innanfor { $within_m } frå den verna{ $victim }; ringen er { $ring_m }. { $has_contact_s ->
    [yes] I denne farten møtest dei om { $contact_s }.
   *[no] Avstanden minkar ikkje.
 }
reason-blind = Den verna{ $victim } kan ikkje vernast no. { $has_victim_age_s ->
    [yes] Siste posisjon frå eininga til den verna er { $victim_age_s } gammal.
   *[no] Eininga til den verna har ingen posisjon.
 } { $has_wearer_age_s ->
    [yes] Siste posisjon frå lenkja er { $wearer_age_s } gammal.
   *[no] Lenkja har ingen posisjon.
 }
reason-device_reported = Eininga melde sjølv: { $kind }. Berre eit menneske kan kvittere det ut.
reason-battery = Batteriet er på { $percent } %. { $has_empty_at ->
    [yes] Det blir tomt om lag { $empty_at }.
   *[no] Det kan enno ikkje seiast når det blir tomt.
 }
reason-silent = { $has_last_heard ->
    [yes] Lenkja vart sist høyrd { $last_heard }.
   *[no] Lenkja har aldri vorte høyrd.
 } Planen tillèt { $allowed_s } stille.
reason-no_fix = Lenkja blir høyrd, men sender ingen brukande posisjon. { $has_last_fix ->
    [yes] Den siste er frå { $last_fix }.
   *[no] Det har aldri vore nokon.
 } Planen tillèt { $allowed_s }.
reason-refused = Sentralen avviste ein rapport som ikkje skulle finnast: { $rule }.
reason-unknown = Grunngjevinga har koden «{ $code }», som denne sida ikkje kjenner enno.

## Kva ein vanlegvis gjer så
next-victim = Ring personen straks. Utan svar: varsle den verna og politiet.
next-blind = Ring den verna og forsikre deg om at alt er trygt; få så eininga i gang igjen.
next-exclusion = Ring personen og be vedkomande forlate området. Følg dei neste posisjonane i sporet.
next-curfew = Ring personen. Sjekk løyve og transport før det blir rekna som brot.
next-tamper = Ring personen og spør kva som hende. Avtal kontroll av lenkja; varselet står til då.
next-panic = Ring den verna straks og varsle politiet.
next-battery = Be personen lade lenkja no.
next-contact = Ring personen: lading, dekning, stad. Avtal besøk om det er stille lenge.
next-other = Les grunnlaget, og avgjer kven som må få vite det.

## Kart
map = Kart over posisjonar, soner og opne varsel
zoom-in = Zoom inn
zoom-out = Zoom ut
legend = Teiknforklaring
legend-tag = Posisjon
legend-old = Gammal posisjon
legend-trail = Spor, siste 2 timar
legend-gap = Hol i sporet
legend-exclusion = Forbodssone
legend-inclusion = Opphaldssone
legend-evidence = Grunnlag med nøyaktigheit
map-tip = { $wearer } · { $age } sidan · ± { $accuracy }

## Tastar
keys-title = Hurtigtastar
key-move = Flytt i køen
key-ends = Første og siste varsel
key-acknowledge = Kvitter
key-note = Skriv notat
key-resolve = Løys
key-open = Opne varselet
key-back = Tilbake til køen
key-keys = Vis desse tastane
keys-on = Bruk enkelttastar
keys-on-hint = Slå av om du brukar talestyring.

## Administrasjon
admin-title = Administrasjon
admin-forbidden = Sida er for administratorar. Spør ein av dei om du treng tilgang.
admin-unavailable = Tala kunne ikkje lesast. Prøver igjen …
admin-counters = Rapportar
admin-store = Lagra
admin-queues = Køar
admin-alerts = Varsel funne, etter type
admin-console = Konsoll
admin-rejections = Avviste rapportar
admin-rejections-intro = Etter grunn, sidan sentralen starta
admin-no-rejections = Ingenting er avvist.
admin-quarantine = Karantene
admin-quarantine-intro = Dei siste avviste rapportane, slik dei kom
admin-no-quarantine = Karantenen er tom.
admin-headroom = Plass att
admin-headroom-intro = Kor mykje av grensene til databasen og disken som er brukt opp
limit-what = Grense
limit-used = Brukt
limit-detail = Nærare
limit-act = Gjer noko no: { $limit } er { $used } brukt opp.
limit-look = Sjå på det: { $limit } er { $used } brukt opp.
limit-transaction-ids = Transaksjonsnummer
limit-multixact-ids = Multixact-nummer
limit-connections = Tilkoplingar
limit-row-ids = Radnummer
limit-downlink-epochs = Epokar nedover
limit-partitions-ahead = Partisjonar i forkant
limit-background-jobs = Bakgrunnsjobbar
limit-file-size = Filstorleik
limit-disk-of-the-data-folder = Disken til datamappa
admin-audit = Revisjonslogg
admin-audit-intro = Kven som har sett på kva, og kven som har gjort kva. Søket ditt blir òg skrive ned.
audit-subject = Om (ein person som W-00042, eller all)
audit-actor = Av
audit-from = Frå
audit-to = Til (ikkje medrekna)
audit-search = Søk
audit-time = Tid
audit-action = Kva
audit-object = Om
audit-detail = Kvifor eller korleis
audit-none = Ingen oppføringar passar.
audit-more = Eldre oppføringar
counter-received = Mottekne
counter-stored = Lagra
counter-duplicate = Dublettar
counter-late = Forseinka
counter-lost = Tapte
counter-rejected = Avviste
counter-fixes = Posisjonar
counter-alerts = Varsel
counter-frames = Rapportar
counter-sightings = Radioobservasjonar
counter-events = Einingshendingar
counter-quarantined = I karantene
counter-wearers = Personar
counter-devices = Einingar
counter-zones = Soner
counter-health = Helserapportar
counter-alerts-open = Opne varsel
counter-recovered = Henta inn ved start
counter-unaccepted = Ikkje tekne imot
counter-acked = Stadfesta
counter-downlinks = Sende til einingar
counter-downlinks-dropped = Ikkje sende til einingar
counter-quarantine-dropped = Ute av karantene
counter-unevaluated = Ikkje vurderte
counter-commits-retried = Skrivingar prøvde igjen
counter-connections = Samband
counter-connections-refused = Samband avviste
counter-takeovers = Samband overtekne
counter-broker-sessions-lost = Meklarøkter mista
counter-speed = Farten til klokka
counter-sessions = Innlogga
counter-streams = Direktestraumar
rejection-reason = Grunn
rejection-count = Tal
rejection-meaning = Kva det tyder
quarantine-time = Motteken
quarantine-source = Kjelde
quarantine-detail = Detaljar
quarantine-bytes = Byte
rejection-garbage = Ikkje ein rapport
rejection-garbage-why = Bytane er ikkje i rapportformatet i det heile: ei øydelagd eining eller nokon som prøver seg.
rejection-truncated = Avkutta
rejection-truncated-why = Rapporten sluttar før innhaldet gjer det.
rejection-oversized = For stor
rejection-oversized-why = Større enn nokon rapport får vere.
rejection-unknown_device = Ukjend eining
rejection-unknown_device-why = Inga eining med denne ID-en er registrert.
rejection-wrong_key = Feil nøkkel
rejection-wrong_key-why = Seglet passar ikkje til nøkkelen til eininga: forfalska, eller registrert feil.
rejection-undecodable = Uleseleg innhald
rejection-undecodable-why = Seglet er rett, men innhaldet bryt formatet: ein feil i programmet til eininga.
rejection-bad_checkpoint = Kontrollpunkt utan rett signatur
rejection-bad_checkpoint-why = Signaturen på eit kontrollpunkt er ikkje eininga sin eigen.
rejection-chain_break = Hashkjeda er broten
rejection-chain_break-why = Det eininga signerte, er ikkje kjeda av rammene som kom, eller ei ramme framfor andre kom aldri.
rejection-replayed = Spelt av på nytt
rejection-replayed-why = Ein rapport som vart lagra og stadfesta for lenge sidan, vart send igjen.
rejection-conflicting_bytes = Anna innhald under kjent nummer
rejection-conflicting_bytes-why = Ein rapport med dette nummeret er teken imot før med anna innhald. Det hender aldri ved eit uhell.
rejection-clock_ahead = Klokka går føre
rejection-clock_ahead-why = Tidene i han ligg i framtida.
rejection-before_enrolment = Før registrering
rejection-before_enrolment-why = Tidene i han ligg før eininga vart registrert.
rejection-foreign_topic = Emnet til ei anna eining
rejection-foreign_topic-why = Ei eining sende på eit emne som høyrer til ei anna.
rejection-no_activation = Ingen ber ho
rejection-no_activation-why = På det tidspunktet var eininga ikkje tildelt nokon.
rejection-unknown-why = Ein grunn som denne sida ikkje kjenner enno.

## Etterleving
account-title = Etterleving, dei siste { $days } dagane
account-show = Vis rekneskapen
account-notice = Innsynet blir loggført.
account-failed = Rekneskapen kan ikkje lesast akkurat no. Prøv igjen.
account-none = Inga lenkje var aktivert desse dagane.
account-clean = Alt var i samsvar med vilkåra.
account-part = { $state } { $time }
account-compliant = Etterlevd
account-exempt = Unnateke
account-unknown = Ukjent
account-violating = Brote
account-uncertain = utan prov
account-from = Frå
account-to = Til
account-state = Tilstand
account-cause = Årsak
account-more = { $count ->
    [one] Éin til er ikkje vist.
   *[other] { $count } til er ikkje viste.
}
account-cause-permitted = Løyve
account-cause-not_fitted = Inga lenkje aktivert
account-cause-not_watched = Sentralen overvaka ikkje
account-cause-nothing_heard = Ingenting høyrt sidan
account-cause-silent = Lenkja var taus
account-cause-unplaced = Ingen brukbar posisjon
account-cause-blind = Verna person ikkje sedd
account-cause-strap_open = Reima open
account-cause-inside = I ei forbodssone
account-cause-crossed = Gjennom ei forbodssone
account-cause-away = Borte frå heimen
account-cause-near = Nær ein verna person
