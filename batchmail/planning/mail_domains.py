"""Domains of mailbox providers that have people everywhere, real ones that are taken for them, and slips of endings."""

#: So many people have a mailbox there that another domain one letter away is a slip of the pen, or a trap.
KNOWN = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp", "live.com"),
        *("live.jp", "msn.com", "icloud.com", "me.com", "mac.com", "yahoo.com", "yahoo.co.jp", "yahoo.co.kr"),
        *("aol.com", "gmx.net"),
        *("protonmail.com", "proton.me", "fastmail.com", "yandex.com", "mail.ru", "yandex.ru", "gmx.de", "web.de"),
        *("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp", "disney.ne.jp"),
        *("uqmobile.jp", "rakumail.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "plala.or.jp", "so-net.ne.jp"),
        *("excite.co.jp", "infoseek.jp", "goo.jp", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com"),
        *("korea.com", "dreamwiz.com", "empas.com", "paran.com", "chol.com", "hanmir.com", "qq.com", "foxmail.com"),
        *("sina.com", "sohu.com", "aliyun.com"),
    }
)

#: Real domains that differ from one of the above by a letter.
REAL = frozenset({"mail.com", "ymail.com", "email.com", "cloud.com"})

#: Endings that are no top-level domain, and what was meant.
SLIPS = {
    **dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "cim", "coom", "comm", "cpm", "c0m", "copm", "comn"), "com"),
    **dict.fromkeys(("nte", "ent", "ner", "nett", "met"), "net"),
    **dict.fromkeys(("ne.jo", "en.jp", "ne.p", "nejp", "ne.jpp"), "ne.jp"),
    **dict.fromkeys(("co.jo", "oc.jp", "cojp", "co.jpp"), "co.jp"),
    **dict.fromkeys(("co.ke", "co.rk", "cokr"), "co.kr"),
}
#: Top-level domains of countries, where none of the known providers has mailboxes under its own name.
FOREIGN = {"co": "com", "cm": "com", "om": "com"}
