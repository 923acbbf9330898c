"""English words that are one slip of the pen from a word that rules are likely to use, and mean something else.

`shouting` is no misspelt `shooting`, nor `massage` a `message`: these words are never put right. Add one here when a
message was read wrongly because of it.
"""

_WORDS = """
addressees afterwords airliners alliteration alternation apologias apologise apologises ascents balled ballets
banding basting bawling bellied bending bettered billets bitches blacked boarders bonding boosting boozing botches
bottles braking broached butches buttered buttery capitols carriers categorise categorises chancels chargers chocked
choppers chucked collage collages colleges collocation collusion commend compete competed compilation complaisance
compote conform conformation consolation contact contesting continuing contrast convection converge conveys
convocation convocations coppers cotters country crooner croppers currant curries dearly decades decoded decodes
decoding decryption deportment deposition deriving determine detonations distract distracts docks doorstop dosed
doses dowelling drifting dripped emergence evolution exorcise extrication factional fallowed fallowing fallows
farther fellows fictional fitfully flogged forearm forearms forking funereal grunted hamming hemming imaging
immanent interacted intersected intrusted lagging leading legging lettered libelled licensee litters loading
locution lugging mangers marital martial massage massages massing mastery mauling mentoring messing mingled minuets
misusing moaning modem mopping motoring mourning mussing mutters notional opining overdoes oversees parking parsons
patting persecuting persecutors petting pitting planing poaches podding pooches potting prediction pressing
proactive programmers promises proscription prosecutes protest protested protraction pudding pursing puttying
quoiting readying redistricted reminded requiting researches residues retracted retraction retried reverencing
reveres roaches rooting rubbery sanders sanding sandpaper sentience shafted shearing shipper shopped shoring
shorting shouting sittings spacial sportive stabbing stability staring stepped strapped stricture stringer striped
stronger stropped stubbed stubbing suction suctions summery sunders suppler swerving tacking thanking thorough
throats thrusting topical treading trucker trysted trysting vatting venerable vocation wadding warding wetness
whither witches withhold writhing
"""

ORDINARY = frozenset(_WORDS.split())
