"""Findings about HTML and what mail programs make of it."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

HTML_DROPPED = Rule(
    "html-dropped",
    _W,
    "HTML that mail programs drop",
    "Scripts, forms, films, frames, stylesheets of other servers and pictures written out are taken from a mail before "
    "its reader sees it. What they show, or do, is lost.",
)
HTML_UNSAFE_LINK = Rule(
    "html-unsafe-link",
    _W,
    "a link that runs something",
    "Mail programs drop links that begin with javascript: or data:, and filters take the mail for an attack.",
)
HTML_UNPROTECTED = Rule(
    "html-unprotected",
    _W,
    "a cell printed where escaping does not protect",
    "`<` and `&` in a cell are escaped. That is no protection in an attribute without quotes, in a script or a style, "
    "or behind `| safe`: there, what somebody wrote into a cell becomes part of the mail's HTML.",
)
HTML_DEAD_ADDRESS = Rule(
    "html-dead-address",
    _W,
    "an address that leads nowhere from a mail",
    'A mail is on no web server: `src="logo.png"` and `href="/help"` find nothing. An image is attached with a `cid`; '
    "a link is written in full.",
)
HTML_INSECURE_IMAGE = Rule(
    "html-insecure-image",
    _W,
    "an image over http://",
    "Web mail is read over https, and browsers block images over http within it.",
)
HTML_REMOTE_IMAGE = Rule(
    "html-remote-image",
    _I,
    "an image on a web server",
    "Many mail programs show it only when their reader asks for it: to load it tells the sender who reads.",
)
HTML_IMAGE_WITHOUT_ALT = Rule(
    "html-image-without-alt",
    _I,
    "an image without `alt`",
    "Readers who see no images, or whose program hides them, get its text instead.",
)
HTML_STYLE = Rule(
    "html-style",
    _I,
    "styles that some mail programs pass over",
    "Outlook for Windows knows no position, flex or background pictures; Gmail drops <style> for some accounts. The "
    "mail should be readable without.",
)
HTML_WITHOUT_TEXT = Rule(
    "html-without-text",
    _I,
    "an HTML mail without a plain text beside it",
    "Readers who see no HTML get an empty mail, and filters for spam count it against the sender. Write `text`, or let "
    "it be made of the body: `textFromHtml: true`.",
)
HTML_WITHOUT_TAGS = Rule(
    "html-without-tags",
    _W,
    "a text of several lines that is sent as HTML",
    "A body is HTML unless `contentType` says otherwise, and HTML shows no line breaks: without a tag in it, all "
    "of the text stands on one line.",
)
CSS_INLINED_PER_MAIL = Rule(
    "css-inlined-per-mail",
    _I,
    "CSS that is written into the elements of every mail anew",
    "Where it depends on a row which rules fit, they cannot be written into the template once. The mails are right all "
    "the same; each costs some 50 microseconds more.",
)
ROW_UNSAFE_LINK = Rule(
    "row-unsafe-link",
    _E,
    "a cell that makes a link of another kind than http, https, mailto, tel or sms",
    "A link that begins with javascript: runs what the cell says; others lead nowhere. The template lets the cell "
    "choose the whole address.",
)
