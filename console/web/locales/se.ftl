# Lenke konsolla, davvisámegiella.

## Mearka, siiddut, heivehusat
brand = Lenke
title = { $page } – Lenke
title-login = Logge sisa – Lenke
title-alert = Várrehus
nav = Váldofállu
nav-triage = Gozihepmi
nav-admin = Hálddašeapmi
skip = Njuike váldosisdollui
page-missing = Siidu ii gávdno.
loading = Viežžamin …
close = Gidde
cancel = Gaskkalduhte
dismiss = Váldde dieđu eret
notices = Dieđut
language = Giella
language-en = English
language-nb = Norsk bokmål
language-nn = Norsk nynorsk
language-da = Dansk
language-se = Davvisámegiella
scheme-to-light = Molsso čuvges ivnniide
scheme-to-dark = Molsso seavdnjes ivnniide
sound = Jietna kritihkalaš várrehusaide
sound-is-on = Jietna lea alde. Deaddil jaskkodahttit.
sound-is-off = Jietna ii leat alde. Deaddil bidjat dan ala.
sound-waits = Jietna álgá boahtte coahkkaleamis dahje boaluin.
role-operator = Operatevra
role-administrator = Hálddašeaddji

## Sisaloggen
sign-in = Logge sisa
signing-in = Loggemin sisa …
sign-out = Logge olggos
sign-in-intro = Fáktaguovddáš. Logge sisa iežat kontoin.
sign-in-notice = Buot maid geahčat ja dagat, čállojuvvo loggii.
user-name = Geavaheaddjinamma
password = Beassansátni
sign-in-wrong = Boastto geavaheaddjinamma dahje beassansátni. Dárkkis goappašagaid ja geahččal fas.
sign-in-incomplete = Deavdde sihke geavaheaddjinama ja beassansáni.
sign-in-wait = Menddo ollu geahččaleamit. Vuordde veaháš ja geahččal fas.
sign-in-unavailable = Guovddáš ii vástit. Geahččal fas dađistaga.

## Meattáhusat
error-unreachable = Guovddáš ii vástit. Geahččaleamen fas …
error-network = Guovddáš ii vástit, nu ahte mihkkege ii leat rievdaduvvon. Geahččal fas.
error-still-active = Dilli bistá ain, danne várrehusa sáhttá giddet dušše dohkkehuvvon dahje boasttu várrehussan.
error-refused = Dat ii lihkostuva dál: { $detail }
error-forbidden = Du rollas ii leat lohpi dása.
error-signed-out = Don leat loggejuvvon olggos.
error-server = Juoga manai boastut: { $detail }
conflict = Várrehusa lea rievdadan ovdal du: { $actor }. Dál dat lea: { $state }. Du rievdadus ii dahkkojuvvon.
conflict-retry = Soames eará rievdadii várrehusa dán gaskka. Loga dan ođđasit, ja geardut dahje gaskkalduhte.

## Bajimus
figure-unacknowledged = Ii váldojuvvon
figure-overdue = Badjel áigemeari
figure-open = Rabas
figure-rate = Maŋimus 10 min
figure-tags = Leaŋkkat
live = Njuolga
stale = Ii njuolga
stale-banner = Guovddáš lea leamaš jaska { $age }. Dat maid oainnát, ii dáidde šat doallat deaivása. Čatnamin fas …
centre-time = Guovddáža áigi
speed = { $factor }× leahttu
speed-hint = Guovddáža áigi manná johtileappot go duohta áigi.

## Gárgádas
queue = Várrehusat
queue-counts = { $raised } ii váldojuvvon, { $taken } barggus
queue-empty = Eai leat rabas várrehusat.
queue-waiting = { $count ->
    [one] { $count } ođđa vuordá
   *[other] { $count } ođđa vurdet
 }
column-priority = Vuoruheapmi
column-event = Várrehus
column-deadline = Áigemearri
column-owner = Váldán
acknowledge = Duođaš
overdue = badjel áigemeari
time-left = Oassi áiggis mii lea báhcán
taken-ago = { $time } áigi
owner-me = Don
flag-late = maŋŋonan
flag-ended = nohkan
flag-escalated = loktejuvvon
announce-new = Ođđa várrehus, { $priority }: { $kind }, { $wearer }.
announce-overdue = Badjel áigemeari, { $priority }: { $kind }, { $wearer }.
incoming = Ođđa { $priority }: { $kind }, { $wearer }
priority-label = Vuoruheapmi
priority = { $priority ->
    [P1] Kritihkalaš
    [P2] Alla
    [P3] Gaskageardán
   *[P4] Vuollegis
 }
state-raised = Ii váldojuvvon
state-acknowledged = Barggus
state-resolved = Čovdojuvvon
actor-system = vuogádat

## Várrehus
back-to-queue = Ruovttoluotta várrehusaide
alert-missing = Várrehus ii gávdno.
open-alert = Raba
note = Mearkkašupmi
resolve = Čoavdde
next-step = Boahtte:
surety = Sihkarvuohta
last-fix = Maŋimus sajádat
battery = Báhtter
device = Ovttadat
ago = { $time } áigi
after = { $time } dáhpáhusa maŋŋá
no-open-alert = Dán olbmos eai leat rabas várrehusat.
order-number = Mearrádus { $number }
why-title = Manne várrehus bođii
condition-holds = Bistá ain
condition-ended = Lea nohkan
occurrences = Dáhpáhuvvan { $count } geardde
escalation = Loktejuvvon, ceahkki { $step }
fact-occurred = Dáhpáhuvai
fact-raised = Várrehuvvon
fact-ended = Nogai
fact-rule = Njuolggadus
fact-zone = Guovlu
fact-surety = Sihkarvuohta
zone-version = { $id }, veršuvdna { $version }
zone-unnamed = guovlu
evidence = Vuođđu
evidence-count = { $count ->
    [one] Vuođđu: { $count } sajádat
   *[other] Vuođđu: { $count } sajádaga
 }
evidence-none = Dát várrehus ii vuođđuduva sajádagaide.
evidence-time = Mihtiduvvon
evidence-accuracy = Dárkilvuohta
evidence-distance = Rádji
evidence-probability = Siskkobealde
evidence-frame = Raporta
inside-by = { $distance } siskkobealde
outside-by = { $distance } olggobealde
timeline = Mii lea dáhpáhuvvan
change-raised = Várrehan: { $actor }
change-acknowledged = Váldán: { $actor }
change-noted = Mearkkašan: { $actor }
change-ended = Dilli lea nohkan
change-ended-permitted = Lohpi { $id } ({ $reason }) addá lobi gitta { $to }
change-recurred = Dat dáhpáhuvai fas
change-escalated = Ii oktage váldán áigges: loktejuvvon
change-resolved = Čoavdán: { $actor }: { $outcome }
permission-work = bargu
permission-school = skuvla
permission-health = dearvvašvuohta
permission-court = duopmostuollu dahje politiijat
permission-family = bearaš
permission-other = eará
resolved-line = Várrehus lea čovdojuvvon.
outcome = Boađus
outcome-handled = Meannuduvvon
outcome-handled-hint = Dat lei duohta ja lea meannuduvvon.
outcome-excused = Dohkkehuvvon
outcome-excused-hint = Dat lei duohta, muhto lobálaš dahje eahpeeastadeami.
outcome-false_alert = Boasttu várrehus
outcome-false_alert-hint = Teknihkka válddii boastut.
outcome-police = Addojuvvon politiijai
outcome-police-hint = Politiija lea váldán badjelasas.
note-title = Čále mearkkašumi
note-text = Mearkkašupmi
save-note = Vurke mearkkašumi
resolve-title = Čoavdde várrehusa
resolve-text = Mii dahkkojuvvui, ja manne
resolve-still-active = Dilli bistá ain. Dassá go nohká, sáhttá várrehusa giddet dušše «Dohkkehuvvon» dahje «Boasttu várrehus» bokte.
resolve-needs-outcome = Vállje bohtosa.
text-needed = Čále moadde sáni; dat šaddet oassin journálas.

## Várrehusšlájat
kind-exclusion_breach = Gielddus guovllus
kind-exclusion_approach = Lahka gielddus guovllu
kind-exclusion_transit = Gielddus guovllu čađa
kind-curfew_absent = Ii ruovttus go galggašii
kind-curfew_left_early = Guđii ruovttu gildojuvvon áiggis
kind-curfew_late_return = Bođii maŋŋit ruoktot
kind-curfew_not_returned = Ii leat boahtán ruoktot
kind-curfew_unknown = Ruovttus orrun ii sáhte duođaštuvvot
kind-victim_proximity = Lahka suodjaluvvon olbmo
kind-victim_approach = Lahkona suodjaluvvon olbmo
kind-protection_blind = Suodjaleapmi ii doaimma
kind-strap_tamper = Lávži rahppojuvvon
kind-case_tamper = Goahtu rahppojuvvon
kind-panic = Heahteboallu
kind-battery_low = Báhtter vuollin
kind-battery_critical = Báhtter measta guorus
kind-communication_failure = Ii oktavuohta leaŋkkain
kind-location_failure = Ii sajádat
kind-signal_tamper = Signálat headjuvvon
kind-security_event = Sihkarvuođadáhpáhus

## Manne, sivvakoda mielde
reason-inside_surely = Okta sajádat lei { $depth_m } siskkobealde «{ $zone }» ráji. Go dárkilvuohta váldojuvvo vuhtii, de lea jáhkehahttivuohta ahte olmmoš lei siskkobealde { $probability }.
reason-inside_repeatedly = { $hits } dain maŋimus { $window } sajádagain ledje siskkobealde «{ $zone }» ráji, maŋimus { $depth_m } rájis.
reason-in_buffer = Olmmoš lea { $distance_m } eret «{ $zone }» rájis, { $buffer_m } várrehusavádaga siste, muhto ii guovllus.
reason-path_crossed = Njuolga linnjá guovtti olggobeali sajádaga gaskkas manná { $chord_m } «{ $zone }» čađa. Dássedis leavttuin lei olmmoš siskkobealde { $entered_at } rájes { $left_at } rádjai.
reason-not_home = Ruovttus orrun álggii { $curfew_from }, ja { $grace_s } lea gierdevašvuohta. { $has_distance_m ->
    [yes] Maŋimus sajádat lei { $distance_m } eret ruovttus.
   *[no] Ii oktage sajádat čájet gos olmmoš lei.
 }
reason-came_late = Ruovttus orrun álggii { $curfew_from }. Olmmoš bođii ruoktot { $late_s } maŋŋit.
reason-left_home = Ruovttus orrun bistá { $curfew_to } rádjai, muhto olmmoš lea { $distance_m } eret ruovttus.
reason-no_evidence = { $silent_s } ii leat mihkkege čájehan lea go olmmoš ruovttus vai ii.
reason-near_victim = Olmmoš lea { $within_m } siste suodjaluvvon olbmos{ $victim }; riekkis lea { $ring_m }. { $has_contact_s ->
    [yes] Dáinna leavttuin deaivvadeaba { $contact_s } geahčen.
   *[no] Gaska ii uhccu.
 }
reason-blind = Suodjaluvvon olbmo{ $victim } ii sáhte dál suodjalit. { $has_victim_age_s ->
    [yes] Suodjaluvvon olbmo ovttadaga maŋimus sajádat lea { $victim_age_s } boaris.
   *[no] Suodjaluvvon olbmo ovttadagas ii leat sajádat.
 } { $has_wearer_age_s ->
    [yes] Leaŋkka maŋimus sajádat lea { $wearer_age_s } boaris.
   *[no] Leaŋkkas ii leat sajádat.
 }
reason-device_reported = Ovttadat ieš dieđihii: { $kind }. Dušše olmmoš sáhttá dan loahpahit.
reason-battery = Báhtteris lea { $percent } % báhcán. { $has_empty_at ->
    [yes] Dat guorrana sullii { $empty_at }.
   *[no] Ii vel sáhte dadjat goas dat guorrana.
 }
reason-silent = { $has_last_heard ->
    [yes] Leaŋkka gullui maŋimuš { $last_heard }.
   *[no] Leaŋkka ii leat goassige gullon.
 } Plána suovvá { $allowed_s } jaskatvuođa.
reason-no_fix = Leaŋkka gullo, muhto ii sádde dohkálaš sajádaga. { $has_last_fix ->
    [yes] Maŋimus lea { $last_fix }.
   *[no] Goassige ii leat leamaš.
 } Plána suovvá { $allowed_s }.
reason-refused = Guovddáš hilggui raportta mii ii galggašii gávdnot: { $rule }.
reason-unknown = Sivas lea koda «{ $code }», maid dát siidu ii vel dovdda.

## Mii dábálaččat dahkko de
next-victim = Riŋge olbmui dalán. Jos ii vástit: várre suodjaluvvon olbmo ja politiija.
next-blind = Riŋge suodjaluvvon olbmui ja sihkkarastte ahte buot lea bures; oaččo de ovttadaga fas doaibmat.
next-exclusion = Riŋge olbmui ja bivdde su vuolgit guovllus. Čuovo boahtte sajádagaid.
next-curfew = Riŋge olbmui. Dárkkis lobiid ja sáhtu ovdal go adnojuvvo rihkkumin.
next-tamper = Riŋge olbmui ja jeara mii dáhpáhuvai. Šiehta leaŋkka dárkkisteami; várrehus bistá dassá.
next-panic = Riŋge suodjaluvvon olbmui dalán ja várre politiija.
next-battery = Bivdde olbmo láddet leaŋkka dál.
next-contact = Riŋge olbmui: láddehat, gokčan, báiki. Šiehta guossástallama jos lea guhká jaska.
next-other = Loga vuođu, ja mearrit gii galgá diehtit.

## Kárta
map = Kárta: sajádagat, guovllut ja rabas várrehusat
zoom-in = Stuorit
zoom-out = Smávit
legend = Mearkkat
legend-tag = Sajádat
legend-old = Boares sajádat
legend-trail = Luodda, maŋimus 2 diimmu
legend-gap = Ráigi luottas
legend-exclusion = Gielddus guovlu
legend-inclusion = Orrunguovlu
legend-evidence = Vuođđu dárkilvuođain
map-tip = { $wearer } · { $age } áigi · ± { $accuracy }

## Boalut
keys-title = Jođánisboalut
key-move = Lihkat várrehusain
key-ends = Vuosttaš ja maŋimus várrehus
key-acknowledge = Duođaš
key-note = Čále mearkkašumi
key-resolve = Čoavdde
key-open = Raba várrehusa
key-back = Ruovttoluotta várrehusaide
key-keys = Čájet dáid boaluid
keys-on = Geavat ovttaskas boaluid
keys-on-hint = Jaddat jos geavahat hállanstivrema.

## Hálddašeapmi
admin-title = Hálddašeapmi
admin-forbidden = Siidu lea hálddašeddjiide. Jeara sis jos dárbbašat beassat deike.
admin-unavailable = Loguid ii sáhttán lohkat. Geahččaleamen fas …
admin-counters = Raporttat
admin-store = Vurkejuvvon
admin-queues = Gárgádasat
admin-alerts = Gávdnon várrehusat, šlája mielde
admin-console = Konsolla
admin-rejections = Hilgojuvvon raporttat
admin-rejections-intro = Siva mielde, dan rájes go guovddáš álggii
admin-no-rejections = Mihkkege ii leat hilgojuvvon.
admin-quarantine = Karantena
admin-quarantine-intro = Maŋimus hilgojuvvon raporttat, nu movt bohte
admin-no-quarantine = Karantena lea guorus.
admin-headroom = Sadji vel
admin-headroom-intro = Man ollu diehtovuođu ja skearru rájiin lea geavahuvvon
limit-what = Rádji
limit-used = Geavahuvvon
limit-detail = Dárkileappot
limit-act = Daga juoidá dál: { $limit } lea { $used } geavahuvvon.
limit-look = Geahča dán: { $limit } lea { $used } geavahuvvon.
limit-transaction-ids = Transakšuvdnanummirat
limit-multixact-ids = Multixact-nummirat
limit-connections = Oktavuođat
limit-row-ids = Ráidonummirat
limit-downlink-epochs = Epohkat vulos
limit-partitions-ahead = Partišuvnnat ovddalgihtii
limit-background-jobs = Duogášbarggut
limit-file-size = Fiilla sturrodat
limit-disk-of-the-data-folder = Dáhtamáhpa skearru
admin-audit = Dárkkástanloggá
admin-audit-intro = Gii lea geahččan maid, ja gii lea dahkan maid. Du ohcan maid čállojuvvo.
audit-subject = Gean birra (olmmoš nu go W-00042, dahje all)
audit-actor = Gii
audit-from = Rájes
audit-to = Rádjai (ii lohkko mielde)
audit-search = Oza
audit-time = Áigi
audit-action = Mii
audit-object = Gean birra
audit-detail = Manne dahje mo
audit-none = Eai gávdno heivvolaš merkošat.
audit-more = Boarrásit merkošat
counter-received = Vuostáiváldon
counter-stored = Vurkejuvvon
counter-duplicate = Guovttegeardánat
counter-late = Maŋŋonan
counter-lost = Láhppon
counter-rejected = Hilgojuvvon
counter-fixes = Sajádagat
counter-alerts = Várrehusat
counter-frames = Raporttat
counter-sightings = Radioáicamat
counter-events = Ovttadatdáhpáhusat
counter-quarantined = Karantenas
counter-wearers = Olbmot
counter-devices = Ovttadagat
counter-zones = Guovllut
counter-health = Dilleraporttat
counter-alerts-open = Rabas várrehusat
counter-recovered = Vižžon álggus
counter-unaccepted = Ii váldon vuostá
counter-acked = Duođaštuvvon
counter-downlinks = Sáddejuvvon ovttadagaide
counter-downlinks-dropped = Ii sáddejuvvon ovttadagaide
counter-quarantine-dropped = Eret karantenas
counter-unevaluated = Ii árvvoštallojuvvon
counter-commits-retried = Čállimat fas geahččaluvvon
counter-connections = Oktavuođat
counter-connections-refused = Hilgojuvvon oktavuođat
counter-takeovers = Badjelváldon oktavuođat
counter-broker-sessions-lost = Láhppon gaskkusteaddji oktavuođat
counter-speed = Diimmu leahttu
counter-sessions = Sisaloggejuvvon
counter-streams = Njuolggorávnnjit
rejection-reason = Sivva
rejection-count = Lohku
rejection-meaning = Maid dat mearkkaša
quarantine-time = Vuostáiváldon
quarantine-source = Gáldu
quarantine-detail = Bienat
quarantine-bytes = Byte
rejection-garbage = Ii leat raporta
rejection-garbage-why = Byttat eai leat raportahámis ollenge: billašuvvan ovttadat dahje soames geahččaleame.
rejection-truncated = Botkejuvvon
rejection-truncated-why = Raporta nohká ovdal sisdoalu.
rejection-oversized = Menddo stuoris
rejection-oversized-why = Stuorát go raporta oažžu leat.
rejection-unknown_device = Amas ovttadat
rejection-unknown_device-why = Ii oktage ovttadat dáinna ID:in leat registrerejuvvon.
rejection-wrong_key = Boasttu čoavdda
rejection-wrong_key-why = Seaila ii heive ovttadaga čoavdagii: vearrun, dahje boastut registrerejuvvon.
rejection-undecodable = Sisdoallu ii loga
rejection-undecodable-why = Seaila lea riekta, muhto sisdoallu rihkku hámi: meattáhus ovttadaga prográmmas.
rejection-bad_checkpoint = Dárkkistanbáiki almmá rievttes vuolláičállosa
rejection-bad_checkpoint-why = Dárkkistanbáikki vuolláičálus ii leat ovttadaga iežas.
rejection-chain_break = Hash-viđji lea boatkanan
rejection-chain_break-why = Dat maid ovttadat vuolláičálii ii leat daid rámmaid viđji mat bohte, dahje muhtun rámma ii goassege boahtán.
rejection-replayed = Čuojahuvvon fas
rejection-replayed-why = Raporta mii vurkejuvvui ja duođaštuvvui áigá, sáddejuvvui fas.
rejection-conflicting_bytes = Eará sisdoallu dovddus nummira vuolde
rejection-conflicting_bytes-why = Raporta dáinna nummiriin lea ovdal váldon vuostá eará sisdoaluin. Dat ii goassige dáhpáhuva vahágis.
rejection-clock_ahead = Diibmu lea ovddabealde
rejection-clock_ahead-why = Áiggit das leat boahtteáiggis.
rejection-before_enrolment = Ovdal registrerema
rejection-before_enrolment-why = Áiggit das leat ovdal go ovttadat registrerejuvvui.
rejection-foreign_topic = Eará ovttadaga fáddá
rejection-foreign_topic-why = Ovttadat sáddii fáttás mii gullá nubbái.
rejection-no_activation = Ii oktage guotte dan
rejection-no_activation-why = Dalle ii lean ovttadat addojuvvon geasage.
rejection-unknown-why = Sivva maid dát siidu ii vel dovdda.

## Čuovvun
account-title = Čuovvun, maŋimuš { $days } beaivvi
account-show = Čájet rehketdoalu
account-notice = Geahččan merkejuvvo loggii.
account-failed = Rehketdoalu ii sáhte lohkat dál. Geahččal ođđasit.
account-none = Ii oktage leaŋka lean doaimmas dáid beivviid.
account-clean = Buot lei eavttuid mielde.
account-part = { $state } { $time }
account-compliant = Čuvvojuvvon
account-exempt = Luvvejuvvon
account-unknown = Dovdameahttun
account-violating = Rihkkojuvvon
account-uncertain = duođaštusa haga
account-from = Álgu
account-to = Loahppa
account-state = Dilli
account-cause = Sivva
account-more = { $count ->
    [one] Okta vel ii čájehuvvo.
   *[other] { $count } vel eai čájehuvvo.
}
account-cause-permitted = Lohpi
account-cause-not_fitted = Ii leaŋka doaimmas
account-cause-not_watched = Guovddáš ii gozihan
account-cause-nothing_heard = Ii mihkkege gullojuvvon dan rájes
account-cause-silent = Leaŋka lei jaska
account-cause-unplaced = Ii dohkálaš sajádat
account-cause-blind = Suodjaluvvon olmmoš ii oidnon
account-cause-strap_open = Lávži rabas
account-cause-inside = Gielddus guovllus
account-cause-crossed = Gielddus guovllu čađa
account-cause-away = Eret ruovttus
account-cause-near = Lahka suodjaluvvon olbmo
