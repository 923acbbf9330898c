"""The words of covering lines: what is written above a notice that is passed on, and says nothing about its matter.

No word here may change what a notice asks for: no negation, nothing about arrests, custody, places, times or changes.
A covering line with any other word in it is read as news, so add one only where it can never be that.
"""

from __future__ import annotations

_WORDS = """
a above action actioning afternoon all also and as at attached attachment attention behalf below best box bureau came
can cc circulate circulated circulation colleague colleagues come comes copied copy could dear department desk
disseminate dissemination document duty email emailed evening external find following for force forward forwarded
forwarding forwards from fw fwd fya fyi good had has have hello here hi i in inbox inboxes info inform information
intel intelligence is it its kind kindly letter mail mailbox message messages mine misdirected morning my notice
notification notifications of office officer on onward onwards original our ours passed passing pdf please pls pnc
police postbox ppcs re reads receive received receiving reference referred regards relevant report rotl recall
crimestoppers official sensitive see seen sender sending sent sincerely sir spam spoc subject supplied sv team teams
thank thanks that the their them these they this those through to tr unit us via was way we were wg which with you
your yours
"""

COVERING = frozenset(_WORDS.split())
