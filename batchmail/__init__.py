"""batchmail: a job and a sheet in; checks, previews, sent mails and a report out.

Read `pipeline.py` first: it is the whole flow on one page.
The modules beside it are what the tool is about (standard library only, no I/O);
each folder is one stage: manifest, recipients, merge, planning, providers, journal, executor, report.
"""

__version__ = "0.1.0"
