"""English words that are one slip of the pen from a word that rules are likely to use, and mean something else.

`shouting` is no misspelt `shooting`, nor `massage` a `message`: these words are never put right. Add one here when a
message was read wrongly because of it.
"""

_WORDS = """
abasing accomplices addictions additions addressees addresses administrates administrators advertisers advertises
afterwards afterwords airliners airlines alteration alterations altercations alternation alternations anchorman
anchormen anchorwoman anchorwomen annals anneals annuls anther apologias apologies apologise apologises appals
arrangers arranges ascents auctioned auctions automation automaton averted ballets banding basting bathes battered
battering batters bawling bedsides behoving bellied bellies bending bettered bettering betters bettors biding
billets billies bitched bitches bitters blacked boarders bonded bonding boosting boozing botched botches bother
bothers bottled bottles bouncier braking breeches broached broaches broaching burghers burglaries burglarise
burglarises butches buttered butteries buttering butters buttery cancel cancels capitol capitols carriers carries
casing categories categorise categorises cation cations cellars chancels chargers charges chocked chocking choosy
choppers chucked chucking churchman churchmen closet closets coarser collage collages collectable collectables
collectible collectibles collective collectives collectivises collectivists collusion command commandants commanded
commandeer commandeers commander commanders commanding commandos commands commend commended commending commends
commenting communicants communicates compete competed competes competing competitions compilations compiled compiles
complaint complement complementary complemented complementing complements compliment complimentary complimented
complimenting compliments comportment compote compotes concertos concerts concreted concreting confidant confident
conform conformation conformations conformed conforming conforms conifers consolation consolations constrictions
constructions contact contract contracted contracting contraction contractions contracts contraries contrast
contrasted contrasting contrasts convection converge converter converters convertor conveyed conveyer conveyers
conveying conveyor conveyors conveys convoyed convoying convoys coping copper coppers corner corners cornet cornets
corning correcter corrector cotters councilman councilmen councilwoman councilwomen counteractions countersank
countersigning countersink countersinking countersunk country county crapped crasser crassest crated crates
crematories crooner crooners croppers currant currants curried curries cursed curses daggers decades decoded decodes
decoding decried decries deferential deigns dependent dependents deported deporting deportment deports depositions
deputations deriving determiners determines detonations directer director directories discreet discrete distract
distracts distributes disuses divers doorstep doorsteps doorstop doorstops dowelling dressers dresses dressier
drifting dripped drives drovers duffers emergence endorsers endorses enforcers enforces escape escapees escapes
exorcise exorcised exorcises exorcising extendable extendible extremist factories factorise fallowed fallowing
fallows farther farthest feathered feathering feathers fellows finises flogged foragers forearm forearmed forearming
forearms forges forking framers freighted freighting freights friendless friendlies funereal grater grunges grunted
guaranteed guarantees guarantied guaranties guarantying hallowed hallowing hallows hamming hemming herons hosing
hostler hostlers hotels hysterically illustrates immanence immanent imparted imparting imparts industrialises
industrialists ineligibility interment interne internee internees internes interneship interneships internship
internships inters interviewees interviewers interviews investigate lading lagging lander laundryman laundrymen
leading legging legislators libelled libelling licensed licensee licensees licensing littered littering litters
loading locution locutions lugging makers manged manger mangers manufacturers manufactures marital martial massage
massages massing mastery materialises materialists mauling mediates menages messing meting milers mingled mingles
minted minuets minuteman minutemen misters misusing moaning mopping mourning mussing mustered mustering musters
muttered muttering mutters mystery nationalises nationalists naturalisation naturalising necessities nether
neutralisers neutralises noting notional notionally notions notwork notworks observers observes opining ordinaries
ordnance organisers organises overdoes overdose overdoses overly overlying overrode overseas overseers oversees
parentheses parenthesis parking parole parolees paroles parsonage parsonages parsons participates participators
patent patently patents patrolman patrolmen patrolwoman patrolwomen pattering patterning patting pellets persecuted
persecution persecutions petting pistils pitting poached poaches podding policeman policemen policewoman policewomen
politicos politics pooched pooches posting postmen pottered pottering potters potting premises preposition
prepositional prepositions pressuring preventable preventible preventive preventives priorities prioritise
prioritises privateer privater producers produces programmers programmes promise promised promises promising
proscribe proscribed proscribes proscribing proscription proscriptions protest protested protesting protestor
protestors protests providers provides psyches psychoses psychosis psychs pudding pullets pursing puttered puttering
putters puttying quoiting radials readying realest refuge refugees refuges reminded reminder reminders reminding
reminds reorders repairman repairmen reparations researchers researches resending resends resented residues
restatement restrains restraints retire retirees retires retractions retrains retried retries revels reveres
revokable reworded rewording rewords rewrote roached roaches rooting rubbers rubbery salvers sanders sanding
sandpaper sandpapers scouted searchers searches secretaries selectman selectmen sentience serous serves serviceman
servicemen servicewoman servicewomen severs shafted shearing shingled shingles shipped shipper shippers shopped
shopper shoppers shoring shorting shouting sifted simmered simmering simmers simpler sipped sitting sittings sleeper
slivered slivering slivers solvers sopped spacial sportsman sportsmen sportswoman sportswomen stabbing staring
statesman statesmen stationary stationery statues stepped sterilisation stinger stingers stingier stores straightens
straitening straitjacketing stranger strangers strangest stranglers strangles strapped strapping stricture
strictures strikers strikes string stringer stringers stringier strokes stronger strongest stropped stropping
structure structures stubbed stubbing suction suctioned suctioning suctions summaries summarise summarises summary
summery sunders supplant supplants suppler suppliants supplicants swatches swerving tablespoonful tacking taking
tempered tempering tempers thanking thickets thorough throats thrusting topical topically torturers tortures traced
tracer tracers trades transnational transpiration transportation treading treads treating treatment treats tricked
trilled trough trucked trucker truckers trustees trusties trysted trysting uncleanest undershirts undershoot
undershorts undershot undertakers undertakes unformed uninformed vatting vectors versification versifies vocation
vocations wadding warding warranting warrantying wavers wetness wheres whither widowing wintrier wintriest wintry
witched witches withdraw withdrew withhold workingman workingmen writes writhing
"""

ORDINARY = frozenset(_WORDS.split())
