"""Every kind of finding: the only place where their ids are born, a file for each group.

An error blocks the job. A warning is a risk: `plan` shows it, `send` wants it allowed by name. The manifest may weigh
warnings and notes otherwise (`findings:`), errors never. What a rule looks like in practice is in `pages/`.
"""

from batchmail.finding import Rule
from batchmail.rules.address import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.attachment import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.cell import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.html import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.mailing import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.manifest import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.provider import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.row import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.sheet import *  # noqa: F403  the rules of all groups are one namespace
from batchmail.rules.template import *  # noqa: F403  the rules of all groups are one namespace

RULES: dict[str, Rule] = {value.id: value for value in list(globals().values()) if isinstance(value, Rule)}
