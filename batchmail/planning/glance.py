"""What shows at a glance that a mail has nothing to object to, as most have."""

from batchmail.message import Message
from batchmail.providers.base import Capabilities, Feature


def is_simple(message: Message) -> bool:
    """Whether a mail goes to one address without a name beside it, in `to`, and has no files and images."""
    to = message.to
    if len(to) != 1 or to[0].name or message.cc or message.bcc or message.attachments:
        return False
    return "cid:" not in message.body


def fits(message: Message, capabilities: Capabilities) -> bool:
    """Whether a simple mail is one that the provider takes; False where that is to be looked at closely.

    Looking at it closely takes 2.5 microseconds more, of the 30 that a row has.
    """
    length, most = capabilities.subject_characters, capabilities.recipients_per_request
    if (length is not None and len(message.subject) > length) or (most is not None and most < 1):
        return False
    if message.sender is None and Feature.FROM in capabilities.required:
        return False
    return message.security_level not in capabilities.inside_levels
