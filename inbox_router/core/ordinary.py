"""English words that are one slip of the pen from a word that rules are likely to use, and mean something else.

`shouting` is no misspelt `shooting`, nor `massage` a `message`: these words are never put right. Add one here when a
message was read wrongly because of it.
"""

_WORDS = """
abdications accenting accomplices accomplishes activates addictions additions addressees addresses administrates
administrators advertisers advertises afterwards afterwords airliners airlines alcohols alliances alliteration
alliterations alteration alterations altercations alternates alternation alternations alternators anchorman
anchormen anchorwoman anchorwomen anneals apologias apologies apologise apologises appoints arrangers arranges
ascents auctions automates automation automaton averted balled ballets banding basting battered battering batters
bawling bedsides befitting behoving bellied bellies bending bettered bettering betters bettors billets billies
bitched bitches bitters blacked boarders bonding boosting boozing botched botches bothers bottled bottles bouncier
braking breeches broached broaches broaching burghers burglaries burglarise burglarises butches buttered butteries
buttering butters buttery cancels cantering capitalises capitalists capitol capitols captivates captives captivities
carriers carries categories categorise categorises cations cellars cementing chancels chargers charges chocked
choppers chucked churchman churchmen classiest closets coarser collage collages collations collectable collectables
collectible collectibles collective collectives collectivise collectivises collectivists colleges collocating
collocation collocations collusion command commandant commandants commanded commandeer commandeers commander
commanders commanding commandment commandments commandos commands commend commended commending commends commentating
commented commenting communicants communicates commuting companies compete competed competes competing competition
competitions compilation compilations compiled compiles complaint complaisance complected complement complementary
complemented complementing complements compliant complicated compliment complimentary complimented complimenting
compliments comportment compote compotes concertos concerts concreted concreting confidant confident conform
conformation conformations conformed conforming conforms conifers consolation consolations consorting constricted
constricting constriction constrictions constrictor constrictors constructed constructing construction constructions
constructor constructors consults contact containing contentions contentious contents contesting continence
continuance continues continuing contract contracted contracting contraction contractions contracts contradicted
contraries contrariness contrast contrasted contrasting contrasts convection converge converter converters convertor
converts conveyed conveyer conveyers conveying conveyor conveyors conveys convocation convocations convoyed
convoying convoys coppers corners cornets correcter corrector cotters councilman councilmen councilwoman
councilwomen counsellor counsellors counteracted counteracting counteraction counteractions countersank
countersigning countersink countersinking countersunk country covering crapped crasser crassest crematories
crematoriums crooner crooners croppers currant currants curried curries daggers dearly decades deceleration decoded
decodes decoding decried decries decryption deference deferential deleting dependent dependents deported deporting
deportment deports deposition depositions deputations deriving desalination despondency destinations detention
detentions determine determiners determines detonations directer director directorates directories disassembled
disassembles disassembling discreet discrete displacing displaying displeasing distentions distract distracts
distributes distributors disuses disusing docks donating donation donations doorstep doorsteps doorstop doorstops
dosed doses dowelling dressers dresses dressier drifting dripped drovers duffers electrons emergence endorsers
endorses enforcers enforces escapees escapes evolution exorcise exorcised exorcises exorcising expulsions extendable
extendible extracts extremist extricating extrication facilitates facilities factional factories factoring factorise
faculties fallowed fallowing fallows fanciers farther farthest fathering feathered feathering feathers fellows
fictional finises fitfully flogged foragers forearm forearms foretells forking framers freighted freighting freights
friendless friendlies friendliness frighting funereal generates grenades grunges grunted guaranteed guaranteeing
guarantees guarantied guaranties guarantying hallowed hallowing hallows hammered hamming handiness hemming hostler
hostlers hysterical hysterically illustrates illustrators imaging immanence immanent imparted imparting imparts
importing importune industrialises industrialists industries industrious ineligibility ingrates injunctions
instructs interacted interacting interests interment interne internee internees internes interneship interneships
internship internships intersected intersecting interviewees interviewers interviews intimated intonations intrusted
intrusting investigate investigative iterating lagging laundryman laundrymen leading legging legislators
legislatures lettered libelled libelling licensee licensees littered littering litters loading locution locutions
lugging maidenhead maidenhood mangers manufacturers manufactures marital martial massage massages massing mastery
materialises materialists mauling mediates meditations menages mentoring messing mingled mingles minuets minuteman
minutemen misters misusing moaning modem mopping motioning motoring mourning mussing mustered mustering musters
muteness muttered muttering mutters mysteries mystery nationalises nationalists naturalisation naturalise
naturalised naturalises naturalising necessitates necessities neutralisers neutralises notional notionally notions
notwork notworks observers observes opining ordinaries ordinariness ordnance organisers organises originates
originators overdoes overdose overdoses overlying overrates overrating overrode overseas overseers oversees
parentheses parenthesis parenthesise parenthesises parking parolees paroles parsonage parsonages parsons
participates participators patently patents patrolman patrolmen patrolwoman patrolwomen pattering patterning patting
pellets periphrases permuting persecuted persecutes persecuting persecution persecutions persecutor persecutors
petroleum petting picturing pistils pitting planing poached poaches podding poetically policeman policemen
policewoman policewomen politicise politicises politicoes politicos politics polities pooched pooches posting
postmen pottered pottering potters potting preceding prediction predictions predictive premises preposition
prepositional prepositions presetting presidents pressing pressure pressured pressures pressuring pressurising
preventable preventative preventatives preventible preventive preventives priorities prioritise prioritises
privateer privater privates proactive processes proctors producers produces programmers programmes promise promised
promises promising proscribe proscribed proscribes proscribing proscription proscriptions prosecutes prosecutors
protects protest protested protesters protesting protestor protestors protests protracting protraction protractors
providers provides psyches psychoses psychosis pudding pullets pursing puttered puttering putters puttying quartets
quoiting radials rational readying realest redistricted refugees refuges registers reinstatement relating reminded
reminder reminders reminding reminds reorders repairman repairmen reprising reprocessing reputable reputably
reputedly requiting researchers researches residing residues restatement restating restrains restraints retirees
retires retracted retracting retraction retractions retrains retried retries revellings reverenced reverences
reverencing reverential reveres reveries revokable reworded rewording rewords rewrote roached roaches roistering
rooting routines rubbers rubbery salvers sanctioning sanders sanding sandpaper sandpapers sanitised sanitises
sanitising schismatics schoolbooks schoolboys scouted searchers searches secession secretariats secretaries
selectman selectmen sensitising sentience separates serviceman servicemen servicewoman servicewomen shafted shearing
shingled shingles shipped shipper shippers shopped shopper shoppers shoring shorting shouting signatories signatures
simmered simmering simmers simpler sitting sittings sleeper slivered slivering slivers soldered soldering solicited
solicits solvers spacial spenders sporting sportive sportsman sportsmen sportswoman sportswomen stabbing stability
staining staring statesman statesmen stationary stationery statues stepped sterilisation stinger stingers stingier
stoically straggling straightens straightness straitening straitjacketing stranger strangers strangest stranglers
strangles strapped strapping stricture strictures strikers strikes stringer stringers stringier striped strokes
stronger strongest stropped stropping structure structures stubbed stubbing suction suctioned suctioning suctions
summaries summarise summarises summary summery sunders supervises supervisors supplant supplants suppler suppliants
supplicants suppurating swatches swerving systemic tablespoonful tacking tempered tempering tempers terminates
terminators thanking thickets thorough throats thrusting topical topically torturers tortures tracers transacting
transaction transactions transits transnational transpiration transportation treading tricked trilled trucked
trucker truckers trustees trusties trysted trysting uncleaner uncleanest undershirt undershirts undershoot
undershoots undershorts undershot underside underskirt underskirts undertakers undertakes unformed uninformed
vatting vectors venerable versification versifies victories vocation vocations wadding warding warranting
warrantying wetness whither whorehouses widowing wintrier wintriest witched witches withdraw withdrew withhold
workingman workingmen writhing
"""

ORDINARY = frozenset(_WORDS.split())
